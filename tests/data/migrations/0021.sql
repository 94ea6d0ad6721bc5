INSERT INTO consultations (statement_id, person_id, at) SELECT statement_id, 1, '2026-02-01' FROM statements LIMIT 1;
INSERT INTO drafted_answers (statement_id, earlier_id, is_final)
SELECT later.statement_id, earlier.statement_id, true FROM statements AS later, statements AS earlier WHERE later.statement_id <> earlier.statement_id LIMIT 1;
