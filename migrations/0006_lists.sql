-- What lists filter and sort by: one narrow row a posted statement, and one for each place where it is listed.
--
-- A change marks the statement's row as stale, once; at commit it is worked out anew, once, whatever was written in
-- between: an import writes a statement with its groups, actions and contacts row by row. What is meant to stand there
-- is said by views, for the functions that write it and for `check` alike.

-- A text as lists sort it: case, accents and signs in front make no difference, whatever the database's language.
CREATE FUNCTION sort_text(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(btrim(regexp_replace(
               regexp_replace(lower(regexp_replace(normalize(left(words, 300), NFKD), '[\u0300-\u036f]', '', 'g')), '[\s\u0001-\u001f\u007f-\u009f\u2028\u2029\ufffd]+', ' ', 'g'),
               '^[][ !-/:-@\\^-`{-~\u00a1\u00ab\u00bb\u2010-\u201f\u2039\u203a]+', '')), 100)
$$;

CREATE TABLE statement_listing (
    statement_id bigint PRIMARY KEY REFERENCES statements,
    number       integer NOT NULL,
    age          integer NOT NULL GENERATED ALWAYS AS (-number) STORED,  -- the newest first where a list runs upward
    direction    text NOT NULL,
    purpose      text NOT NULL,                          -- empty: not recorded
    sort_date    date NOT NULL,
    deadline     date,                                   -- the earliest of its open actions, else the latest of the closed
    deadline_first date NOT NULL GENERATED ALWAYS AS (coalesce(deadline, DATE '9999-12-31')) STORED,  -- those without come last
    deadline_last date NOT NULL GENERATED ALWAYS AS (coalesce(deadline, DATE '0001-01-01')) STORED,   -- in both orders
    title_key    text COLLATE "C" NOT NULL,
    from_key     text COLLATE "C" NOT NULL,
    to_key       text COLLATE "C" NOT NULL,
    is_stale     boolean NOT NULL DEFAULT false          -- until the commit of what changed it
);

ALTER TABLE statement_places
    ADD COLUMN is_from boolean NOT NULL DEFAULT false,
    ADD COLUMN is_to   boolean NOT NULL DEFAULT false,
    ADD COLUMN is_copy boolean NOT NULL DEFAULT false,
    ADD COLUMN purpose text NOT NULL DEFAULT '';

-- What a statement is to one addressee: under the group, under all above it, and under 0, whoever it is.
CREATE TABLE statement_addressees (
    statement_id bigint NOT NULL REFERENCES statements,
    statement_group_id bigint NOT NULL REFERENCES statement_groups,
    group_id     bigint NOT NULL,
    direction    text NOT NULL,
    sort_date    date NOT NULL,
    number       integer NOT NULL,
    purpose      text NOT NULL,                          -- the addressee's own, else the statement's; under 0 the statement's
    handling     text NOT NULL,                          -- of its action; empty: it has nothing to do
    is_open      boolean NOT NULL,
    due_on       date,
    assignee     text NOT NULL,                          -- the name in lower case; empty: nobody
    PRIMARY KEY (statement_id, statement_group_id, group_id)
);

CREATE VIEW statement_listing_meant AS
    SELECT statement_id, number, direction, coalesce(purpose, '') AS purpose, sort_date,
           (SELECT coalesce(min(due_on) FILTER (WHERE actions.state IN ('open', 'in-progress', 'waiting', 'awaited')), max(due_on))
              FROM actions
              JOIN deadlines USING (action_id)
             WHERE actions.statement_id = statements.statement_id AND superseded_at IS NULL) AS deadline,
           sort_text(title) AS title_key, sort_text(from_text) AS from_key, sort_text(to_text) AS to_key
      FROM statements
     WHERE state = 'posted';

CREATE VIEW statement_places_meant AS
    SELECT statements.statement_id, ancestor_id AS group_id, direction, sort_date, number,
           bool_or(side = 'from') AS is_from, bool_or(side = 'to') AS is_to, bool_or(side = 'copy') AS is_copy,
           coalesce(statements.purpose, '') AS purpose
      FROM statements
      JOIN statement_groups USING (statement_id)
      JOIN group_ancestors USING (group_id)
     WHERE state = 'posted'
     GROUP BY statements.statement_id, ancestor_id;

CREATE VIEW statement_addressees_meant AS
    SELECT statements.statement_id, statement_groups.statement_group_id, place.group_id, direction, sort_date, number,
           CASE WHEN place.group_id = 0 THEN coalesce(statements.purpose, '')
                ELSE coalesce(statement_groups.purpose, statements.purpose, '') END AS purpose,
           coalesce(actions.state, '') AS handling,
           coalesce(actions.state IN ('open', 'in-progress', 'waiting', 'awaited'), false) AS is_open,
           due_on,
           coalesce(lower(coalesce(people.name, actions.assignee_name)), '') AS assignee
      FROM statements
      JOIN statement_groups ON statement_groups.statement_id = statements.statement_id AND side = 'to'
      LEFT JOIN actions ON actions.statement_group_id = statement_groups.statement_group_id
      LEFT JOIN people ON people.person_id = actions.assignee_id
      LEFT JOIN deadlines ON deadlines.action_id = actions.action_id AND superseded_at IS NULL
     CROSS JOIN LATERAL (SELECT 0 AS group_id
                         UNION ALL
                         SELECT ancestor_id FROM group_ancestors WHERE group_ancestors.group_id = statement_groups.group_id) AS place
     WHERE statements.state = 'posted';

-- for those that stand there before the rows are made by triggers
INSERT INTO statement_listing (statement_id, number, direction, purpose, sort_date, deadline, title_key, from_key, to_key)
SELECT * FROM statement_listing_meant;
UPDATE statement_places
   SET is_from = meant.is_from, is_to = meant.is_to, is_copy = meant.is_copy, purpose = meant.purpose
  FROM statement_places_meant AS meant
 WHERE meant.statement_id = statement_places.statement_id AND meant.group_id = statement_places.group_id;
INSERT INTO statement_addressees (statement_id, statement_group_id, group_id, direction, sort_date, number, purpose, handling, is_open, due_on, assignee)
SELECT * FROM statement_addressees_meant;

-- One index for each sort, walked both ways.
CREATE INDEX statement_listing_by_date ON statement_listing (sort_date, number) INCLUDE (statement_id, direction, purpose);
CREATE INDEX statement_listing_by_deadline ON statement_listing (deadline_first, age);
CREATE INDEX statement_listing_by_deadline_down ON statement_listing (deadline_last, number);
CREATE INDEX statement_listing_by_title ON statement_listing (title_key, age);
CREATE INDEX statement_listing_by_from ON statement_listing (from_key, age);
CREATE INDEX statement_listing_by_to ON statement_listing (to_key, age);
-- One for each filter, in the order of dates: what it holds beside the key lets other filters be tested without the row.
CREATE INDEX statement_listing_of_direction ON statement_listing (direction, sort_date, number) INCLUDE (statement_id, purpose);
CREATE INDEX statement_listing_of_purpose ON statement_listing (purpose, sort_date, number) INCLUDE (statement_id, direction);
CREATE INDEX statement_listing_without_deadline ON statement_listing (sort_date, number) INCLUDE (statement_id, direction, purpose) WHERE deadline IS NULL;
DROP INDEX statements_newest, statements_newest_by_direction, statement_places_newest, statement_places_newest_by_direction;
CREATE INDEX statement_places_by_date ON statement_places (group_id, sort_date, number) INCLUDE (statement_id, direction, purpose, is_from, is_to, is_copy);
CREATE INDEX statement_places_of_direction ON statement_places (group_id, direction, sort_date, number) INCLUDE (statement_id, purpose);
CREATE INDEX statement_places_of_purpose ON statement_places (group_id, purpose, sort_date, number) INCLUDE (statement_id, direction, is_from, is_to, is_copy);
CREATE INDEX statement_places_from ON statement_places (group_id, sort_date, number) INCLUDE (statement_id, direction, purpose) WHERE is_from;
CREATE INDEX statement_places_to ON statement_places (group_id, sort_date, number) INCLUDE (statement_id, direction, purpose) WHERE is_to;
CREATE INDEX statement_places_copy ON statement_places (group_id, sort_date, number) INCLUDE (statement_id, direction, purpose) WHERE is_copy;
CREATE INDEX statement_addressees_of_purpose ON statement_addressees (group_id, purpose, sort_date, number) INCLUDE (statement_id, direction, handling, due_on);
CREATE INDEX statement_addressees_of_handling ON statement_addressees (group_id, handling, sort_date, number) INCLUDE (statement_id, direction, purpose, due_on);
CREATE INDEX statement_addressees_of_assignee ON statement_addressees (group_id, assignee, sort_date, number) INCLUDE (statement_id, direction, handling) WHERE assignee <> '';
CREATE INDEX statement_addressees_open ON statement_addressees (group_id, sort_date, number) INCLUDE (statement_id, direction, handling, due_on) WHERE is_open;
CREATE INDEX statement_addressees_due ON statement_addressees (group_id, due_on) INCLUDE (statement_id, direction, handling, sort_date, number) WHERE is_open;
CREATE INDEX statement_addressees_without_deadline ON statement_addressees (group_id, sort_date, number) INCLUDE (statement_id, direction, handling) WHERE due_on IS NULL;

-- Its row, and where it is listed, as they are meant to be; of what is not posted nothing stays. In plpgsql, which keeps
-- its plans: an import calls it for each statement.
CREATE OR REPLACE FUNCTION place_statement(which bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM statement_places WHERE statement_id = which;
    INSERT INTO statement_places (statement_id, group_id, direction, sort_date, number, is_from, is_to, is_copy, purpose)
    SELECT * FROM statement_places_meant WHERE statement_id = which;
    DELETE FROM statement_addressees WHERE statement_id = which;
    INSERT INTO statement_addressees (statement_id, statement_group_id, group_id, direction, sort_date, number, purpose, handling, is_open, due_on, assignee)
    SELECT * FROM statement_addressees_meant WHERE statement_id = which;
    DELETE FROM statement_listing
     WHERE statement_id = which AND NOT EXISTS (SELECT 1 FROM statements WHERE statement_id = which AND state = 'posted');
    INSERT INTO statement_listing (statement_id, number, direction, purpose, sort_date, deadline, title_key, from_key, to_key)
    SELECT * FROM statement_listing_meant WHERE statement_id = which
    ON CONFLICT (statement_id) DO UPDATE
       SET number = EXCLUDED.number, direction = EXCLUDED.direction, purpose = EXCLUDED.purpose, sort_date = EXCLUDED.sort_date,
           deadline = EXCLUDED.deadline, title_key = EXCLUDED.title_key, from_key = EXCLUDED.from_key, to_key = EXCLUDED.to_key, is_stale = false;
END $$;

ALTER TABLE statement_search ADD COLUMN is_stale boolean NOT NULL DEFAULT false;  -- until the commit of what changed it

-- Names of contacts are public, addresses of persons are not, also where somebody wrote one as a name.
DROP FUNCTION search_words(text, text, text);
CREATE FUNCTION search_words(title text, reference_text text, other_text text, body text) RETURNS tsvector LANGUAGE plpgsql AS $$
DECLARE body_length integer := 300000;
BEGIN
    LOOP
        BEGIN
            RETURN setweight(to_tsvector('english', replace(left(title, 10000), '/', ' ')), 'A')
                || setweight(to_tsvector('simple', replace(left(reference_text, 20000), '/', ' ')), 'A')
                || setweight(to_tsvector('english', regexp_replace(replace(left(other_text, 20000), '/', ' '), '\S*@\S*', ' ', 'g')), 'B')
                || setweight(to_tsvector('english', replace(left(body, body_length), '/', ' ')), 'C');
        EXCEPTION WHEN program_limit_exceeded THEN
            IF body_length = 0 THEN RAISE; END IF;
            body_length := body_length / 2;
        END;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION index_statement(which bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statement_search (statement_id, direction, sort_date, number, words)
    SELECT statement_id, direction, sort_date, number,
           search_words(title,
               coalesce((SELECT string_agg(as_written || ' ' || normal, ' ' ORDER BY position)
                           FROM statement_references
                          WHERE statement_references.statement_id = which), ''),
               concat_ws(' ',
                   (SELECT string_agg(name, ' ' ORDER BY contact_id) FROM contacts WHERE contacts.statement_id = which AND name <> ''),
                   (SELECT string_agg(concat_ws(' ', attachments.title, peer_number), ' ' ORDER BY n)
                      FROM attachments
                     WHERE attachments.statement_id = which AND visibility = 'public' AND kind <> 'original-mail')),
               body)
      FROM statements
     WHERE statement_id = which AND state = 'posted'
    ON CONFLICT (statement_id) DO UPDATE
       SET direction = EXCLUDED.direction, sort_date = EXCLUDED.sort_date, number = EXCLUDED.number, words = EXCLUDED.words, is_stale = false;
    DELETE FROM statement_search
     USING statements
     WHERE statement_search.statement_id = which AND statements.statement_id = which AND state <> 'posted';
END $$;
SELECT index_statement(statement_id) FROM statement_search;

CREATE FUNCTION stale_listing_is_made_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM statement_listing WHERE statement_id = NEW.statement_id AND is_stale) THEN
        PERFORM place_statement(NEW.statement_id);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER stale_listing_is_made_anew AFTER INSERT OR UPDATE ON statement_listing DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.is_stale) EXECUTE FUNCTION stale_listing_is_made_anew();

CREATE FUNCTION stale_words_are_made_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM statement_search WHERE statement_id = NEW.statement_id AND is_stale) THEN
        PERFORM index_statement(NEW.statement_id);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER stale_words_are_made_anew AFTER INSERT OR UPDATE ON statement_search DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.is_stale) EXECUTE FUNCTION stale_words_are_made_anew();

CREATE OR REPLACE FUNCTION statement_is_findable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'posted' THEN
        PERFORM place_statement(NEW.statement_id), index_statement(NEW.statement_id);
        RETURN NULL;
    END IF;
    INSERT INTO statement_listing (statement_id, number, direction, purpose, sort_date, title_key, from_key, to_key, is_stale)
    VALUES (NEW.statement_id, NEW.number, NEW.direction, '', NEW.sort_date, '', '', '', true)
    ON CONFLICT (statement_id) DO UPDATE SET is_stale = true;
    IF TG_OP = 'INSERT' OR (NEW.state, NEW.sort_date, NEW.direction, NEW.number, NEW.title, NEW.body)
                           IS DISTINCT FROM (OLD.state, OLD.sort_date, OLD.direction, OLD.number, OLD.title, OLD.body) THEN
        INSERT INTO statement_search (statement_id, direction, sort_date, number, words, is_stale)
        VALUES (NEW.statement_id, NEW.direction, NEW.sort_date, NEW.number, '', true)
        ON CONFLICT (statement_id) DO UPDATE SET is_stale = true;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER statement_changed_is_findable ON statements;
CREATE TRIGGER statement_changed_is_findable AFTER UPDATE ON statements FOR EACH ROW
    WHEN ((OLD.state = 'posted' OR NEW.state = 'posted')
          AND (NEW.state, NEW.sort_date, NEW.direction, NEW.number, NEW.purpose, NEW.title, NEW.from_text, NEW.to_text, NEW.body)
              IS DISTINCT FROM (OLD.state, OLD.sort_date, OLD.direction, OLD.number, OLD.purpose, OLD.title, OLD.from_text, OLD.to_text, OLD.body))
    EXECUTE FUNCTION statement_is_findable();

-- Of what is not posted there is no row to be marked.
CREATE FUNCTION listing_becomes_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE statement_listing SET is_stale = true WHERE statement_id = OLD.statement_id AND NOT is_stale;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE statement_listing SET is_stale = true WHERE statement_id = NEW.statement_id AND NOT is_stale;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER statement_group_is_findable ON statement_groups;
DROP FUNCTION statement_group_is_findable();
CREATE TRIGGER statement_group_is_findable AFTER INSERT OR DELETE OR UPDATE ON statement_groups
    FOR EACH ROW EXECUTE FUNCTION listing_becomes_stale();
CREATE TRIGGER action_is_findable AFTER INSERT OR DELETE OR UPDATE ON actions
    FOR EACH ROW EXECUTE FUNCTION listing_becomes_stale();

CREATE FUNCTION deadline_makes_listing_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE statement_listing SET is_stale = true
      FROM actions
     WHERE actions.action_id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.action_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.action_id END)
       AND statement_listing.statement_id = actions.statement_id
       AND NOT is_stale;
    RETURN NULL;
END $$;
CREATE TRIGGER deadline_is_findable AFTER INSERT OR DELETE OR UPDATE ON deadlines
    FOR EACH ROW EXECUTE FUNCTION deadline_makes_listing_stale();

CREATE FUNCTION name_makes_listing_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE statement_listing SET is_stale = true
      FROM actions
     WHERE actions.assignee_id = NEW.person_id
       AND statement_listing.statement_id = actions.statement_id
       AND NOT is_stale;
    RETURN NULL;
END $$;
CREATE INDEX actions_of_assignee ON actions (assignee_id) WHERE assignee_id IS NOT NULL;
CREATE TRIGGER name_is_findable AFTER UPDATE OF name ON people FOR EACH ROW
    WHEN (NEW.name IS DISTINCT FROM OLD.name) EXECUTE FUNCTION name_makes_listing_stale();

CREATE FUNCTION words_become_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE statement_search SET is_stale = true WHERE statement_id = OLD.statement_id AND NOT is_stale;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE statement_search SET is_stale = true WHERE statement_id = NEW.statement_id AND NOT is_stale;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER statement_reference_is_findable ON statement_references;
DROP FUNCTION statement_reference_is_findable();
CREATE TRIGGER statement_reference_is_findable AFTER INSERT OR DELETE OR UPDATE ON statement_references
    FOR EACH ROW EXECUTE FUNCTION words_become_stale();
CREATE TRIGGER contact_is_findable AFTER INSERT OR DELETE OR UPDATE ON contacts
    FOR EACH ROW EXECUTE FUNCTION words_become_stale();
CREATE TRIGGER attachment_is_findable AFTER INSERT OR DELETE OR UPDATE ON attachments
    FOR EACH ROW EXECUTE FUNCTION words_become_stale();

-- Set by set: an organization that moves may have tens of thousands.
CREATE OR REPLACE FUNCTION group_moved_takes_statements_along() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved bigint[];
BEGIN
    SELECT array_agg(DISTINCT statement_id) INTO moved
      FROM statement_listing
      JOIN statement_groups USING (statement_id)
      JOIN group_ancestors USING (group_id)
     WHERE ancestor_id = NEW.group_id;
    DELETE FROM statement_places WHERE statement_id = ANY (moved);
    INSERT INTO statement_places (statement_id, group_id, direction, sort_date, number, is_from, is_to, is_copy, purpose)
    SELECT * FROM statement_places_meant WHERE statement_id = ANY (moved);
    DELETE FROM statement_addressees WHERE statement_id = ANY (moved);
    INSERT INTO statement_addressees (statement_id, statement_group_id, group_id, direction, sort_date, number, purpose, handling, is_open, due_on, assignee)
    SELECT * FROM statement_addressees_meant WHERE statement_id = ANY (moved);
    RETURN NULL;
END $$;
