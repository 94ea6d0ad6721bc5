UPDATE statements SET consensus = 'group', informed_on = '2026-02-01' WHERE statement_id = 1;
UPDATE sign_offs SET entered_by = 1, entered_as = 'secretariat', evidence = 'https://mail.example/1' WHERE state = 'given';
