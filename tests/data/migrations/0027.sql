SELECT desk_waits('{}', false, '2026-01-01', 1, '{}', false, false, 1, false, '2026-01-01'), desk_begun('{}', false, '2026-01-01', 1, '{}', false, false, 1);
