INSERT INTO statement_documents (statement_id, document, sort_date, number)
SELECT statement_id, 'rfc4052', sort_date, number FROM statements WHERE state = 'posted' LIMIT 1;
