UPDATE sign_offs SET evidence = 'https://iab.example/minutes/1' WHERE kind = 'approval' AND entered_by IS NULL;
