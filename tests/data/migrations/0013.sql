SELECT desk_count('{}', false, '2026-01-01', 1, '{}', false, false, 1, false);
