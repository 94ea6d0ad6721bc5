-- Drafting an outgoing statement together: links that show a draft to its group, and other formats confirmed in review (domain.md 3).

-- A link shows a draft to whoever has it. Of its secret only the hash is kept; one that was mailed to the group says so.
CREATE TABLE share_links (
    share_link_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_id bigint NOT NULL REFERENCES statements,
    secret_hash  bytea NOT NULL CONSTRAINT share_link_secret_is_unique UNIQUE
                 CONSTRAINT share_link_secret_is_hashed CHECK (length(secret_hash) = 32),
    made_at      timestamptz NOT NULL,
    made_by      bigint NOT NULL REFERENCES people,
    made_as      text NOT NULL,
    mailed_to    text NOT NULL DEFAULT '',               -- the lists that were told, comma-separated; empty: it was not mailed
    comments_by  date,                                   -- the day by which the group is asked to comment
    revoked_at   timestamptz,
    CONSTRAINT share_link_mailed_asks_for_comments CHECK ((mailed_to = '') = (comments_by IS NULL))
);
CREATE INDEX share_links_of_statement ON share_links (statement_id);
CREATE UNIQUE INDEX share_link_of_page_is_one ON share_links (statement_id) WHERE revoked_at IS NULL AND mailed_to = '';

-- Another format of a file, added in review: who confirmed that it is the same content. It makes no new version, so what
-- was signed stays signed.
ALTER TABLE attachments
    ADD COLUMN confirmed_by bigint REFERENCES people,
    ADD CONSTRAINT attachment_confirmed_is_another_format CHECK (confirmed_by IS NULL OR (kind = 'alternative' AND alternative_of IS NOT NULL));
