-- What is said and done about a statement after posting (domain.md 2).

CREATE TABLE comments (
    comment_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_id bigint NOT NULL REFERENCES statements,
    made_at      timestamptz NOT NULL,
    person_id    bigint NOT NULL REFERENCES people,
    made_as      text NOT NULL,
    words        text NOT NULL CONSTRAINT comment_says_something CHECK (words <> ''),
    audience     text NOT NULL CONSTRAINT comment_audience_is_known CHECK (audience IN ('public', 'concerned'))
);
CREATE INDEX comments_of_statement ON comments (statement_id, comment_id);
CREATE TRIGGER comment_never_changes BEFORE UPDATE OR DELETE ON comments FOR EACH ROW EXECUTE FUNCTION history_is_append_only();
