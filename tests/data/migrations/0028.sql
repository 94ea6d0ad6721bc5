SELECT place_sign_off(sign_offs) FROM sign_offs;
SELECT statement_readers(statement_id), reply_due_on(statement_id), place_statement(statement_id), index_statement(statement_id) FROM statements;
INSERT INTO sign_off_places (role, group_id, sign_off_id) SELECT 'coordinator', 0, sign_off_id FROM sign_offs LIMIT 1;
