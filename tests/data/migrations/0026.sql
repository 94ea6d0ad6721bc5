UPDATE statements SET consensus = 'iesg' WHERE statement_id = 1;
