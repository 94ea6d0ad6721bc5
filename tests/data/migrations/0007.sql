-- Step 7 makes functions only: no rows of its own.
SELECT count(*) FROM statements_with_failed_mail(1, true), failed_account_mail(true);
