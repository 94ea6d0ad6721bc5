-- Rows as they are after step 4: a mail about a statement and one with a link, in every state of delivery.
INSERT INTO mails (message_id, event, statement_id, made_at, from_header, to_header, subject, body, is_secret) VALUES
    ('1@liaison.example', 'incoming-posted', 2, '2026-01-02', 'Liaison Tracker <l@example.org>', 'wire@ietf.example', 'LS on wires', 'Posted.', false),
    ('2@liaison.example', 'sign-in-link', NULL, '2026-01-02', 'Liaison Tracker <l@example.org>', 'carol@people.example', 'Sign in', '(erased)', true);
INSERT INTO mail_deliveries (mail_id, recipient, person_id, why, state, attempts, next_attempt_at, leased_until, lease_holder, server_words, ended_at) VALUES
    (1, 'wire@ietf.example', NULL, 'contact', 'accepted', 1, '2026-01-02', NULL, NULL, '250 ok', '2026-01-02'),
    (1, 'sg11@itu-t.example', NULL, 'contact', 'failed', 3, '2026-01-02', NULL, NULL, '550 no', '2026-01-03'),
    (1, 'carol@people.example', 1, 'author', 'queued', 1, '2026-01-02', '2026-01-02', 'server-1', '', NULL),
    (1, 'ivo@people.example', 2, 'manager', 'cancelled', 0, '2026-01-02', NULL, NULL, '', '2026-01-03'),
    (2, 'carol@people.example', 1, '', 'recorded', 0, '2026-01-02', NULL, NULL, '', NULL);
