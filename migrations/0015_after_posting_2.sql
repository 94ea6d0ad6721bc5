-- What changes of a posted statement after posting: its metadata, and what was not ours to publish (domain.md 2, 5).

ALTER TABLE statements ADD COLUMN edition integer NOT NULL DEFAULT 1;  -- grows with each change of what stands beside the text

-- What was taken away: bytes of a file, or words of the text. Only take_away() writes here.
CREATE TABLE erasures (
    erasure_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_id bigint NOT NULL REFERENCES statements,
    n            integer,                                -- of the attachment; none: words of the text
    at           timestamptz NOT NULL,
    reason       text NOT NULL CONSTRAINT erasure_says_why CHECK (reason <> ''),
    person_id    bigint NOT NULL REFERENCES people,
    made_as      text NOT NULL,
    places       bigint NOT NULL                         -- pieces of a file, or texts in which the words stood
);
CREATE UNIQUE INDEX erasure_of_an_attachment_is_one ON erasures (statement_id, n) WHERE n IS NOT NULL;
CREATE INDEX erasures_of_statement ON erasures (statement_id, erasure_id);

-- Whether it is take_away() that causes a change: its name stands among the callers, which no setting can feign.
CREATE FUNCTION is_taken_away(callers text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    -- what a statement inside a function says of itself is left out
    SELECT regexp_replace(callers, 'SQL statement ".*?"(?=\n|$)', '', 'g')
           ~ '(^|\n)PL/pgSQL function take_away\(bigint,integer,text,text,timestamp with time zone,bigint,text\) line \d+ at '
$$;

CREATE FUNCTION erasure_is_made_by_take_away() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE callers text;
BEGIN
    GET DIAGNOSTICS callers = PG_CONTEXT;
    IF TG_OP = 'INSERT' AND is_taken_away(callers) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'what was taken away is noted by take_away() alone'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'erasure_is_made_by_take_away';
END $$;
CREATE TRIGGER erasure_is_made_by_take_away BEFORE INSERT OR UPDATE OR DELETE ON erasures
    FOR EACH ROW EXECUTE FUNCTION erasure_is_made_by_take_away();
CREATE TRIGGER erasures_are_never_emptied BEFORE TRUNCATE ON erasures
    FOR EACH STATEMENT EXECUTE FUNCTION erasure_is_made_by_take_away();

-- Of comments too.
CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE callers text;
BEGIN
    GET DIAGNOSTICS callers = PG_CONTEXT;
    IF TG_OP = 'UPDATE' AND is_taken_away(callers) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'history is append-only' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'history_is_append_only';
END $$;
CREATE TRIGGER comments_are_never_emptied BEFORE TRUNCATE ON comments FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only();

CREATE OR REPLACE FUNCTION statement_posted_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE callers text;
BEGIN
    IF OLD.state IN ('posted', 'removed') AND (
           NEW.number IS DISTINCT FROM OLD.number
        OR NEW.title IS DISTINCT FROM OLD.title OR NEW.posted_at IS DISTINCT FROM OLD.posted_at
        OR NEW.draft_id IS DISTINCT FROM OLD.draft_id OR NEW.direction IS DISTINCT FROM OLD.direction
        OR NEW.state NOT IN ('posted', 'removed')) THEN
        RAISE EXCEPTION 'statement % is posted and never changes', OLD.number
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statement_posted_never_changes';
    END IF;
    IF OLD.state IN ('posted', 'removed') AND NEW.body IS DISTINCT FROM OLD.body THEN
        GET DIAGNOSTICS callers = PG_CONTEXT;
        IF NOT is_taken_away(callers) THEN
            RAISE EXCEPTION 'the text of statement % is posted and never changes', OLD.number
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statement_posted_never_changes';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION attachment_posted_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE statement_state text;
BEGIN
    SELECT state INTO statement_state FROM statements WHERE statement_id = OLD.statement_id;
    IF statement_state IN ('posted', 'removed') THEN
        IF TG_OP = 'DELETE' OR NEW.file_id IS DISTINCT FROM OLD.file_id OR NEW.n <> OLD.n OR NEW.statement_id <> OLD.statement_id
           OR NEW.url IS DISTINCT FROM OLD.url OR NEW.file_name <> OLD.file_name OR NEW.is_not_held <> OLD.is_not_held
           OR NEW.added_at <> OLD.added_at OR NEW.added_by IS DISTINCT FROM OLD.added_by THEN
            RAISE EXCEPTION 'attachment % of a posted statement never changes', OLD.n
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'attachment_posted_never_changes';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

-- Of files, and of their pieces, which alone can be taken away: size and hash still say what it was.
CREATE OR REPLACE FUNCTION file_attached_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE callers text;
BEGIN
    IF EXISTS (SELECT 1 FROM attachments JOIN statements USING (statement_id)
                WHERE attachments.file_id = OLD.file_id AND statements.state IN ('posted', 'removed')) THEN
        GET DIAGNOSTICS callers = PG_CONTEXT;
        IF NOT (TG_OP = 'DELETE' AND TG_TABLE_NAME = 'file_chunks' AND is_taken_away(callers)) THEN
            RAISE EXCEPTION 'file % belongs to a posted statement', OLD.file_id
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'file_attached_never_changes';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION statement_version_posted_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE callers text;
BEGIN
    IF EXISTS (SELECT 1 FROM statements WHERE statement_id = OLD.statement_id AND state IN ('posted', 'removed')) THEN
        GET DIAGNOSTICS callers = PG_CONTEXT;
        IF NOT (TG_OP = 'UPDATE' AND is_taken_away(callers)) THEN
            RAISE EXCEPTION 'version % belongs to a posted statement', OLD.version
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statement_version_posted_never_changes';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

-- Words as a pattern: blanks and line ends may be others in mails and versions than in the text.
CREATE FUNCTION pattern_of_words(said text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(regexp_replace(btrim(said, E' \t\r\n\f'), '[^[:alnum:][:space:]]', '\\\&', 'g'), '\s+', '\\s+', 'g')
$$;

CREATE FUNCTION without_words(said text, pattern text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(said, pattern, '[taken away]', 'g')
$$;

-- The same for every text inside a value.
CREATE FUNCTION value_without_words(said jsonb, pattern text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE jsonb_typeof(said)
        WHEN 'string' THEN to_jsonb(without_words(said #>> '{}', pattern))
        WHEN 'array' THEN (SELECT coalesce(jsonb_agg(value_without_words(item, pattern) ORDER BY place), '[]')
                             FROM jsonb_array_elements(said) WITH ORDINALITY AS items (item, place))
        WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(key, value_without_words(value, pattern)), '{}') FROM jsonb_each(said))
        ELSE said
    END;
END $$;

-- Takes away what was not ours to publish: the bytes of an attachment, or, where `attachment` is none, words of the text,
-- wherever they stand: the text, its versions, history, comments, kept mails; search follows the text. Says how many pieces
-- or texts it took; 0: there was nothing, and nothing is noted.
CREATE FUNCTION take_away(which bigint, attachment integer, said text, why text, moment timestamptz, person bigint, person_as text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    file bigint;
    pattern text;
    places bigint := 0;
    more bigint;
BEGIN
    PERFORM 1 FROM statements WHERE statement_id = which AND state IN ('posted', 'removed') FOR NO KEY UPDATE;
    IF NOT FOUND OR why = '' THEN RETURN 0; END IF;
    IF attachment IS NOT NULL THEN
        SELECT file_id INTO file FROM attachments WHERE statement_id = which AND n = attachment;
        -- another statement may hold the same file
        IF file IS NULL OR EXISTS (SELECT 1 FROM erasures WHERE statement_id = which AND n = attachment) THEN RETURN 0; END IF;
        INSERT INTO erasures (statement_id, n, at, reason, person_id, made_as, places)
        SELECT which, attachment, moment, why, person, person_as, count(*) FROM file_chunks WHERE file_id = file
        RETURNING erasures.places INTO places;
        DELETE FROM file_chunks
         WHERE file_id = file
           AND NOT EXISTS (SELECT 1
                             FROM attachments
                             JOIN statements AS others USING (statement_id)
                            WHERE attachments.file_id = file
                              AND others.state IN ('draft', 'in-review', 'posted')
                              AND NOT EXISTS (SELECT 1 FROM erasures
                                               WHERE erasures.statement_id = attachments.statement_id AND erasures.n = attachments.n));
        RETURN places;
    END IF;
    pattern := pattern_of_words(said);
    IF coalesce(pattern, '') = '' THEN RETURN 0; END IF;
    UPDATE statements SET body = without_words(body, pattern) WHERE statement_id = which AND body ~ pattern;
    GET DIAGNOSTICS places = ROW_COUNT;
    UPDATE statement_versions SET form = value_without_words(form, pattern)
     WHERE statement_id = which AND value_without_words(form, pattern) <> form;
    GET DIAGNOSTICS more = ROW_COUNT;
    places := places + more;
    IF to_regclass('unrecorded_statements') IS NOT NULL THEN
        -- the report from which it was recorded
        UPDATE unrecorded_statements SET form = value_without_words(form, pattern), title = without_words(title, pattern)
         WHERE statement_id = which AND (title ~ pattern OR value_without_words(form, pattern) <> form);
        GET DIAGNOSTICS more = ROW_COUNT;
        places := places + more;
    END IF;
    UPDATE history SET words = without_words(words, pattern), changes = value_without_words(changes, pattern)
     WHERE statement_id = which AND (words ~ pattern OR value_without_words(changes, pattern) <> changes);
    GET DIAGNOSTICS more = ROW_COUNT;
    places := places + more;
    UPDATE comments SET words = without_words(words, pattern) WHERE statement_id = which AND words ~ pattern;
    GET DIAGNOSTICS more = ROW_COUNT;
    places := places + more;
    UPDATE mails SET body = without_words(body, pattern) WHERE statement_id = which AND body ~ pattern;
    GET DIAGNOSTICS more = ROW_COUNT;
    places := places + more;
    IF places > 0 THEN
        INSERT INTO erasures (statement_id, at, reason, person_id, made_as, places) VALUES (which, moment, why, person, person_as, places);
    END IF;
    RETURN places;
END $$;
