-- Step 5 makes functions only: no rows of its own.
SELECT count(*) FROM checks_asked('{2}', true, '2026-01-05');
