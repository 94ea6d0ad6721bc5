INSERT INTO share_links (statement_id, secret_hash, made_at, made_by, made_as)
SELECT 1, sha256('a secret'), '2026-02-01 09:00+00', 1, 'chair of WIRE';
