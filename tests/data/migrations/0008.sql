-- Step 10 makes an index only: no rows of its own.
SELECT count(*) FROM deadlines;
