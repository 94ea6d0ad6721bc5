SELECT statement_id FROM thread_of(1);
