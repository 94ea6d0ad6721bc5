-- Step 6 fills its tables from what stands; a change later follows by triggers, at commit.
UPDATE actions SET state = 'in-progress' WHERE action_id = 1;
INSERT INTO contacts (statement_id, use, position, name, address, address_key, sort) VALUES (2, 'from', 1, 'Vera', 'vera@itu-t.example', 'vera@itu-t.example', 'person');
