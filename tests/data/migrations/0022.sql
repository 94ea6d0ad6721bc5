UPDATE statements SET answers_in_part = '{1:sg15}' WHERE statement_id = 1;
UPDATE actions SET ended_from = 'open' WHERE action_id = 1;
