SELECT 1 FROM pg_indexes WHERE indexname = 'statement_addressees_of_statement_group';
