INSERT INTO draft_openings (statement_id, person_id, opened_at, seen_at) VALUES (3, 1, '2026-02-03 14:01+00', '2026-02-03 14:05+00');
INSERT INTO statement_versions (statement_id, version, form, saved_at, saved_by, saved_as, kind, page) VALUES (3, 9, '{"title": "typed beside"}', '2026-02-03', 1, 'chair of WIRE', 'beside', '');
