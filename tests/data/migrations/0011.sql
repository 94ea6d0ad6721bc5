INSERT INTO comments (statement_id, made_at, person_id, made_as, words, audience) VALUES (2, '2026-02-02', 1, 'chair of WIRE', 'We discuss it on Monday.', 'concerned');
