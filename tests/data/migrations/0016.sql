INSERT INTO unrecorded_statements (report_id, creation_key, reported_at, reported_by, title, form, open_since) VALUES ('report-of-step-sixteen-1', 'key-1', '2026-02-03', 1, 'A mail of theirs', '{"body": "Dear all,"}', '2026-02-03');
INSERT INTO unrecorded_files (person_id, creation_key, n, url, added_at) VALUES (1, 'key-1', 1, 'https://example.org/letter.pdf', '2026-02-03');
INSERT INTO unrecorded_steps (unrecorded_id, at, person_id, actor_name, words) VALUES (1, '2026-02-03', 1, 'Carol Chair', 'reported it');
INSERT INTO reminders (unrecorded_id, counted_to, step, recipient, address, why, made_on) VALUES (1, 'reported', 7, 'desk@example.org', 'desk@example.org', 'secretariat', '2026-02-10');
UPDATE statements SET waits_since = '2026-02-03', waits_for = 'which clause?', waits = 1 WHERE draft_id = 'draft-draft-of-step-3---';
UPDATE groups SET receipt_for = '{for-action}' WHERE group_id = 4;
