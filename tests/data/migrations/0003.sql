-- Rows as they are after step 3: an imported statement, a posted one, one in review, a draft and an abandoned one.
INSERT INTO statements (draft_id, number, origin, source_key, direction, state, title, body, purpose, letter_date, letter_date_precision, from_text, to_text, made_at, changed_at)
VALUES ('imported-draft-of-step-3', 17, 'imported', 'old-17', 'between-others', 'posted', 'An old letter', 'Dear all,', 'for-comment', '1998-12-31', 'year', 'ITU-T', 'somebody', '1998-12-31', '1998-12-31');
INSERT INTO statements (draft_id, origin, direction, state, version, title, body, purpose, made_at, changed_at, author_id, author_role, creation_key, round, submitted_at, submitted_by) VALUES
    ('posted-draft-of-step-3--', 'native', 'incoming', 'in-review', 1, 'LS on wires', 'Dear colleagues,', 'for-action', '2026-01-01', '2026-01-01', 1, 'chair of WIRE', 'key-1', 1, '2026-01-01', 1),
    ('review-draft-of-step-3--', 'native', 'incoming', 'in-review', 1, 'In review', '', 'for-action', '2026-01-02', '2026-01-02', 1, 'chair of WIRE', 'key-2', 1, '2026-01-02', 1),
    ('draft-draft-of-step-3---', 'native', 'incoming', 'draft', 1, '', '', NULL, '2026-01-03', '2026-01-03', 1, '', 'key-3', 0, NULL, NULL),
    ('abandoned-draft-of-step3', 'native', 'incoming', 'abandoned', 1, 'Given up', '', NULL, '2026-01-04', '2026-01-04', 1, '', NULL, 0, NULL, NULL);
INSERT INTO statement_versions (statement_id, version, form, saved_at, saved_by) SELECT statement_id, 1, '{"title": "LS on wires"}', made_at, author_id FROM statements WHERE origin = 'native';
INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label, purpose, is_lead) VALUES
    (1, 'from', 1, NULL, 'somebody', '', NULL, false),
    (2, 'from', 1, 4, 'SG11', 'ITU-T SG11', NULL, false),
    (2, 'to', 1, 5, 'wire', 'WIRE', 'for-action', true),
    (3, 'from', 1, 4, 'SG11', 'ITU-T SG11', NULL, false),
    (3, 'to', 1, 5, 'wire', 'WIRE', NULL, false);
INSERT INTO files (size, sha256, media_type, format_name, is_whole) VALUES (4, sha256('%PDF'), 'application/pdf', 'PDF', true), (0, NULL, 'application/octet-stream', '', false);
INSERT INTO file_chunks (file_id, n, bytes) VALUES (1, 0, '%PDF');
INSERT INTO attachments (statement_id, n, kind, title, file_name, file_id, added_at) VALUES (2, 1, 'statement', 'The letter', 'letter.pdf', 1, '2026-01-01');
INSERT INTO attachments (statement_id, n, kind, title, url, is_not_held, added_at) VALUES (1, 1, 'enclosure', 'Somewhere else', 'https://example.org/x', true, '1998-12-31');
INSERT INTO sign_offs (statement_id, round, kind, group_id, state, asked_at, decided_at, decided_by, decided_as, version) VALUES
    (2, 1, 'check', NULL, 'given', '2026-01-01', '2026-01-02', 2, 'coordinator', 1),
    (3, 1, 'check', NULL, 'waiting', '2026-01-02', NULL, NULL, '', 1);
INSERT INTO statement_references (statement_id, position, as_written, normal, given_by) VALUES (2, 1, 'SG11-LS45', 'sg11ls45', 'ITU-T SG11');
INSERT INTO contacts (statement_id, use, position, name, address, address_key, sort) VALUES (2, 'to', 1, 'WIRE', 'wire@ietf.example', 'wire@ietf.example', 'list');
UPDATE number_counter SET last_number = 18;
UPDATE statements SET state = 'posted', number = 18, posted_at = '2026-01-02' WHERE statement_id = 2;
INSERT INTO actions (statement_id, statement_group_id, group_id, purpose, state, assignee_id, assignee_name, made_at) VALUES (2, 3, 5, 'for-action', 'open', 1, 'Carol Chair', '2026-01-02');
INSERT INTO deadlines (action_id, due_on, words, kind, made_at, superseded_at) VALUES (1, '2026-03-01', 'by March', 'as-written', '2026-01-02', '2026-01-03'), (1, '2026-04-01', '', 'agreed', '2026-01-03', NULL);
INSERT INTO relations (statement_id, kind, earlier_id, words, reply_kind) VALUES (2, 'in-response-to', 1, '', 'final'), (2, 'related', NULL, 'our call of May', NULL);
INSERT INTO history (at, statement_id, actor_id, actor_name, actor_role, event, words, audience) VALUES
    ('2026-01-01', 2, 1, 'Carol Chair', 'chair of WIRE', 'submitted', 'submitted it', 'concerned'),
    ('2026-01-02', 2, NULL, 'Liaison Tracker', '', 'posted', 'posted it', 'public');
