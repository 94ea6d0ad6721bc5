UPDATE actions SET state = 'waiting', words = 'clarify clause 7', paused_on = '2026-02-01', resumes_on = '2026-03-01' WHERE action_id = 1;
INSERT INTO action_steps (action_id, kind, at, person_id, version, was_state, was_assignee_name, was_words, was_link) VALUES (1, 'wait', '2026-02-01', 1, 2, 'open', '', '', '');
INSERT INTO peer_notes (action_id, told_on, channel, words, proposed_on, made_at, made_by, made_as) VALUES (1, '2026-02-01', 'by mail', 'it will be late', '2026-04-01', '2026-02-01', 1, 'chair of WIRE');
