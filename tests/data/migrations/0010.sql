INSERT INTO reminder_days (last_day) VALUES ('2026-02-01');
INSERT INTO reminders (deadline_id, counted_to, step, recipient, person_id, address, why, made_on) VALUES (2, 'day', -14, 'person 1', 1, 'carol@people.example', 'chair of WIRE', '2026-02-01');
