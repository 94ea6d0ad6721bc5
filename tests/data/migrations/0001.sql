-- Rows as they are after step 1; the steps after it run on them.
INSERT INTO people (name) VALUES ('Carol Chair'), ('Ivo Manager'), ('Zoë Ünïcode');
INSERT INTO addresses (address_key, address, person_id, is_primary) VALUES
    ('carol@people.example', 'Carol@people.example', 1, true),
    ('c.chair@work.example', 'c.chair@work.example', 1, false),
    ('ivo@people.example', 'ivo@people.example', 2, true);
INSERT INTO accounts (person_id, password_hash, is_disabled) VALUES (1, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA', false), (2, NULL, true);
INSERT INTO sessions (secret_hash, person_id, made_at, last_seen_at, expires_at, browser)
VALUES (decode(repeat('01', 32), 'hex'), 1, '2026-01-01', '2026-01-02', '2026-04-01', 'Firefox');
INSERT INTO one_time_links (secret_hash, person_id, purpose, address, return_to, made_at, expires_at, used_at) VALUES
    (decode(repeat('02', 32), 'hex'), 1, 'sign-in', NULL, '/desk', '2026-01-01', '2026-01-01', '2026-01-01'),
    (decode(repeat('03', 32), 'hex'), 1, 'address-change', 'new@people.example', NULL, '2026-01-01', '2026-01-02', NULL);
INSERT INTO sign_in_tries (account_hash, client, paid_at) VALUES (decode(repeat('04', 32), 'hex'), '192.0.2.1', '2026-01-01');
