INSERT INTO consultations (statement_id, person_id, at) SELECT statement_id, 1, '2026-02-01' FROM statements LIMIT 1;
INSERT INTO drafted_answers (statement_id, earlier_id, is_final)
SELECT later.statement_id, earlier.statement_id, true FROM statements AS later, statements AS earlier LIMIT 1;
INSERT INTO sign_off_places (role, group_id, sign_off_id) SELECT 'coordinator', 0, sign_off_id FROM sign_offs LIMIT 1;
INSERT INTO awaited_places (action_id, person_id) SELECT action_id, 1 FROM actions LIMIT 1;
