-- Two at once: how a version came to be, and who has a draft open.
ALTER TABLE statement_versions
    ADD COLUMN kind text NOT NULL DEFAULT 'saved' CONSTRAINT statement_version_kind_is_known
        -- by its button; by the page itself while somebody typed; beside the draft, because somebody else's save came first
        CHECK (kind IN ('saved', 'automatic', 'beside')),
    -- of an automatic one: the form it was typed into, so that the button there does not meet it as somebody else's
    ADD COLUMN page text NOT NULL DEFAULT '';

CREATE TABLE draft_openings (
    statement_id bigint NOT NULL REFERENCES statements,
    person_id    bigint NOT NULL REFERENCES people,
    opened_at    timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,
    PRIMARY KEY (statement_id, person_id)
);
