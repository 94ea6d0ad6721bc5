-- Statements: what was said, to whom, by when, who has it, what became of it.
CREATE TABLE number_counter (
    only_row    boolean PRIMARY KEY DEFAULT true CONSTRAINT number_counter_is_one_row CHECK (only_row),
    last_number integer NOT NULL DEFAULT 0
);
INSERT INTO number_counter DEFAULT VALUES;

CREATE TABLE statements (
    statement_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    draft_id     text NOT NULL CONSTRAINT statement_draft_id_is_long CHECK (length(draft_id) >= 22),
    number       integer CONSTRAINT statement_number_is_positive CHECK (number > 0),
    origin       text NOT NULL CONSTRAINT statement_origin_is_known CHECK (origin IN ('native', 'imported')),
    source_key   text,
    creation_key text,                                   -- of the form that began it: a form sent twice makes one draft
    direction    text NOT NULL CONSTRAINT statement_direction_is_known
                 CHECK (direction IN ('incoming', 'outgoing', 'between-others')),
    state        text NOT NULL CONSTRAINT statement_state_is_known
                 CHECK (state IN ('draft', 'in-review', 'posted', 'abandoned', 'deleted', 'removed')),
    version      integer NOT NULL DEFAULT 1,
    round        integer NOT NULL DEFAULT 0,             -- of sign-offs; each submission begins one
    title        text NOT NULL,
    body         text NOT NULL DEFAULT '',
    purpose      text CONSTRAINT statement_purpose_is_known
                 CHECK (purpose IN ('for-information', 'for-action', 'in-response', 'for-comment', 'other')),
    letter_date  date,                                   -- of a partial date its last day
    letter_date_precision text CONSTRAINT statement_letter_date_precision_is_known
                 CHECK (letter_date_precision IN ('day', 'month', 'year')),
    received_on  date,
    from_text    text NOT NULL DEFAULT '',               -- as pages name the groups; kept at posting
    to_text      text NOT NULL DEFAULT '',
    manager_text text NOT NULL DEFAULT '',               -- the liaison manager of that day
    made_at      timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL,
    author_id    bigint REFERENCES people,
    author_role  text NOT NULL DEFAULT '',
    submitted_at timestamptz,
    submitted_by bigint REFERENCES people,
    posted_at    timestamptz,
    next_attachment integer NOT NULL DEFAULT 1,
    source_url   text,
    source_note  text NOT NULL DEFAULT '',
    sort_date    date NOT NULL GENERATED ALWAYS AS (
                 coalesce(letter_date, (posted_at AT TIME ZONE 'UTC')::date, DATE '0001-01-01')) STORED,
    CONSTRAINT statement_draft_id_is_unique UNIQUE (draft_id),
    CONSTRAINT statement_number_is_unique UNIQUE (number),
    CONSTRAINT statement_source_key_is_unique UNIQUE (source_key),
    CONSTRAINT statement_creation_key_is_unique UNIQUE (author_id, creation_key),
    CONSTRAINT statement_posted_has_a_number CHECK ((state IN ('posted', 'removed')) = (number IS NOT NULL)),
    CONSTRAINT statement_posted_has_its_time CHECK (origin = 'imported' OR (state IN ('posted', 'removed')) = (posted_at IS NOT NULL)),
    CONSTRAINT statement_title_is_one_line CHECK (title !~ '[\x01-\x1f]'),
    CONSTRAINT statement_title_is_short CHECK (origin = 'imported' OR length(title) <= 255 OR state IN ('draft', 'abandoned', 'deleted')),
    CONSTRAINT statement_posted_has_a_title CHECK (title <> '' OR state IN ('draft', 'abandoned', 'deleted')),
    CONSTRAINT statement_posted_has_a_purpose CHECK (origin = 'imported' OR state IN ('draft', 'abandoned', 'deleted')
                 OR purpose IN ('for-information', 'for-action', 'in-response')),
    CONSTRAINT statement_made_here_has_a_home_side CHECK (origin = 'imported' OR direction <> 'between-others'),
    CONSTRAINT statement_letter_date_says_how_exact CHECK ((letter_date IS NULL) = (letter_date_precision IS NULL))
);
CREATE INDEX statements_newest ON statements (sort_date DESC, number DESC) INCLUDE (statement_id) WHERE state = 'posted';
CREATE INDEX statements_newest_by_direction ON statements (direction, sort_date DESC, number DESC) INCLUDE (statement_id) WHERE state = 'posted';
CREATE INDEX statements_latest_posted ON statements (posted_at DESC, number DESC) WHERE state = 'posted' AND posted_at IS NOT NULL;
CREATE INDEX statements_in_hand ON statements (state, changed_at) WHERE state IN ('draft', 'in-review');
CREATE INDEX statements_drafts_of_author ON statements (author_id, changed_at DESC) WHERE state IN ('draft', 'in-review', 'abandoned');

-- Every save of a draft, as typed. The newest is the draft.
CREATE TABLE statement_versions (
    statement_id bigint NOT NULL REFERENCES statements,
    version      integer NOT NULL,
    form         jsonb NOT NULL,
    saved_at     timestamptz NOT NULL,
    saved_by     bigint REFERENCES people,
    saved_as     text NOT NULL DEFAULT '',
    PRIMARY KEY (statement_id, version)
);

CREATE TABLE statement_groups (
    statement_group_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_id bigint NOT NULL REFERENCES statements,
    side         text NOT NULL CONSTRAINT statement_group_side_is_known CHECK (side IN ('from', 'to', 'copy', 'also')),
    position     integer NOT NULL,
    group_id     bigint REFERENCES groups,
    as_written   text NOT NULL,
    label        text NOT NULL DEFAULT '',               -- the group's label of that day
    purpose      text CONSTRAINT statement_group_purpose_is_known
                 CHECK (purpose IN ('for-information', 'for-action', 'in-response', 'for-comment', 'other')),
    asked        text NOT NULL DEFAULT '',
    is_lead      boolean NOT NULL DEFAULT false,
    CONSTRAINT statement_group_stands_once UNIQUE (statement_id, side, position)
);
CREATE UNIQUE INDEX statement_group_is_named_once ON statement_groups (statement_id, side, group_id) WHERE group_id IS NOT NULL;
CREATE UNIQUE INDEX statement_group_lead_is_one ON statement_groups (statement_id) WHERE is_lead;
CREATE INDEX statement_groups_of_group ON statement_groups (group_id, side, statement_id);

CREATE TABLE actions (
    action_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_id bigint NOT NULL REFERENCES statements,
    statement_group_id bigint NOT NULL REFERENCES statement_groups,
    group_id     bigint NOT NULL REFERENCES groups,
    purpose      text NOT NULL CONSTRAINT action_purpose_is_known CHECK (purpose IN ('for-information', 'for-action')),
    state        text NOT NULL CONSTRAINT action_state_is_known
                 CHECK (state IN ('open', 'in-progress', 'waiting', 'noted', 'no-action-recorded', 'responded', 'answered-informally',
                                  'redirected', 'closed-without-reply', 'replaced', 'recorded-twice', 'unknown',
                                  'awaited', 'answered', 'no-longer-awaited', 'removed')),
    assignee_id  bigint REFERENCES people,
    assignee_name text NOT NULL DEFAULT '',
    made_at      timestamptz NOT NULL,
    closed_at    timestamptz,
    CONSTRAINT action_is_one_for_each_addressee UNIQUE (statement_group_id),
    CONSTRAINT action_ended_has_its_time CHECK (state = 'unknown' OR (state IN ('open', 'in-progress', 'waiting', 'awaited')) = (closed_at IS NULL))
);
CREATE INDEX actions_of_statement ON actions (statement_id);
CREATE INDEX actions_open_of_group ON actions (group_id) WHERE state IN ('open', 'in-progress', 'waiting');
CREATE INDEX actions_open_of_assignee ON actions (assignee_id) WHERE state IN ('open', 'in-progress', 'waiting');

CREATE TABLE deadlines (
    deadline_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action_id     bigint NOT NULL REFERENCES actions,
    due_on        date NOT NULL,
    words         text NOT NULL DEFAULT '',
    kind          text NOT NULL CONSTRAINT deadline_kind_is_known CHECK (kind IN ('as-written', 'ours', 'corrected', 'agreed')),
    agreed_with   text NOT NULL DEFAULT '',
    link          text NOT NULL DEFAULT '',
    made_at       timestamptz NOT NULL,
    superseded_at timestamptz
);
CREATE UNIQUE INDEX deadline_current_is_one ON deadlines (action_id) WHERE superseded_at IS NULL;
CREATE INDEX deadlines_current_by_day ON deadlines (due_on) WHERE superseded_at IS NULL;

CREATE TABLE contacts (
    contact_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_id bigint NOT NULL REFERENCES statements,
    use          text NOT NULL CONSTRAINT contact_use_is_known
                 CHECK (use IN ('from', 'to', 'cc', 'received-from', 'received-at', 'send-to', 'send-reply-to')),
    position     integer NOT NULL,
    name         text NOT NULL DEFAULT '',
    address      text NOT NULL,
    address_key  text NOT NULL,
    sort         text NOT NULL CONSTRAINT contact_sort_is_known CHECK (sort IN ('role', 'list', 'person')),
    CONSTRAINT contact_stands_once UNIQUE (statement_id, use, address_key)
);

CREATE TABLE statement_references (
    statement_id bigint NOT NULL REFERENCES statements,
    position     integer NOT NULL,
    as_written   text NOT NULL,
    normal       text NOT NULL,
    given_by     text NOT NULL DEFAULT '',
    PRIMARY KEY (statement_id, position)
);
-- by hash: a btree takes no text of more than some 2,700 bytes, and only whole references are sought
CREATE INDEX statement_references_by_normal ON statement_references USING hash (normal);

-- later → earlier; the earlier one may be known in words only
CREATE TABLE relations (
    relation_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_id bigint NOT NULL REFERENCES statements,
    kind         text NOT NULL CONSTRAINT relation_kind_is_known
                 CHECK (kind IN ('in-response-to', 'follows-up', 'replaces', 'same-statement-as', 'related')),
    earlier_id   bigint REFERENCES statements,
    words        text NOT NULL DEFAULT '',
    reply_kind   text CONSTRAINT relation_reply_kind_is_known CHECK (reply_kind IN ('final', 'preliminary', 'status-update')),
    CONSTRAINT relation_says_what_it_means CHECK (earlier_id IS NOT NULL OR words <> ''),
    CONSTRAINT relation_is_not_to_itself CHECK (earlier_id <> statement_id)
);
CREATE UNIQUE INDEX relation_stands_once ON relations (statement_id, kind, earlier_id) WHERE earlier_id IS NOT NULL;
CREATE INDEX relations_of_later ON relations (statement_id);
CREATE INDEX relations_of_earlier ON relations (earlier_id);

-- Bytes, in chunks. A file is whole when is_whole is set, in the transaction of its last chunk.
CREATE TABLE files (
    file_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size      bigint NOT NULL DEFAULT 0,                 -- bytes
    sha256    bytea,
    media_type text NOT NULL DEFAULT 'application/octet-stream',
    format_name text NOT NULL DEFAULT '',                -- for people: "PDF", "Word"
    stored_at timestamptz NOT NULL DEFAULT now(),
    is_whole  boolean NOT NULL DEFAULT false,
    CONSTRAINT file_whole_has_its_hash CHECK (NOT is_whole OR length(sha256) = 32)
);
CREATE TABLE file_chunks (
    file_id bigint NOT NULL REFERENCES files ON DELETE CASCADE,
    n       integer NOT NULL,                            -- from 0; all but the last of one size
    bytes   bytea NOT NULL,
    PRIMARY KEY (file_id, n)
);
ALTER TABLE file_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE attachments (
    attachment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_id bigint NOT NULL REFERENCES statements,
    n            integer NOT NULL,                       -- in the URL; never used again
    kind         text NOT NULL CONSTRAINT attachment_kind_is_known
                 CHECK (kind IN ('statement', 'enclosure', 'alternative', 'original-mail')),
    alternative_of integer,                              -- the n of the other form of the same content
    title        text NOT NULL DEFAULT '',
    file_name    text NOT NULL DEFAULT '',
    peer_number  text NOT NULL DEFAULT '',
    visibility   text NOT NULL DEFAULT 'public' CONSTRAINT attachment_visibility_is_known
                 CHECK (visibility IN ('public', 'concerned', 'withheld')),
    withheld_why text NOT NULL DEFAULT '',
    file_id      bigint REFERENCES files,
    url          text,
    is_not_held  boolean NOT NULL DEFAULT false,         -- imported without its bytes
    added_at     timestamptz NOT NULL,
    added_by     bigint REFERENCES people,
    CONSTRAINT attachment_n_is_used_once UNIQUE (statement_id, n),
    CONSTRAINT attachment_is_a_file_or_a_link CHECK (
        (file_id IS NOT NULL)::int + (is_not_held OR url IS NOT NULL)::int = 1)
);
CREATE INDEX attachments_of_file ON attachments (file_id);

CREATE TABLE sign_offs (
    sign_off_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_id bigint NOT NULL REFERENCES statements,
    round        integer NOT NULL,
    kind         text NOT NULL CONSTRAINT sign_off_kind_is_known
                 CHECK (kind IN ('agreement', 'approval', 'manager', 'coordinator', 'check')),
    group_id     bigint REFERENCES groups,
    state        text NOT NULL CONSTRAINT sign_off_state_is_known CHECK (state IN ('waiting', 'given', 'changes-requested', 'void')),
    asked_at     timestamptz NOT NULL,
    coordinators_asked_at timestamptz,                   -- asked as well, after the wait
    decided_at   timestamptz,
    decided_by   bigint REFERENCES people,
    decided_as   text NOT NULL DEFAULT '',
    words        text NOT NULL DEFAULT '',
    version      integer NOT NULL,
    CONSTRAINT sign_off_stands_once UNIQUE NULLS NOT DISTINCT (statement_id, round, kind, group_id),
    CONSTRAINT sign_off_given_says_by_whom CHECK (state NOT IN ('given', 'changes-requested') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT sign_off_changes_say_what CHECK (state <> 'changes-requested' OR words <> '')
);
CREATE INDEX sign_offs_waiting ON sign_offs (group_id) WHERE state = 'waiting';

CREATE TABLE history (
    history_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL,
    statement_id bigint REFERENCES statements,
    person_id    bigint REFERENCES people,               -- whom it is about, of accounts and roles
    group_id     bigint REFERENCES groups,
    actor_id     bigint REFERENCES people,               -- none: the system
    actor_name   text NOT NULL,
    actor_role   text NOT NULL DEFAULT '',
    event        text NOT NULL,
    words        text NOT NULL,
    changes      jsonb NOT NULL DEFAULT '{}',
    audience     text NOT NULL CONSTRAINT history_audience_is_known CHECK (audience IN ('public', 'concerned', 'staff'))
);
CREATE INDEX history_of_statement ON history (statement_id, history_id);
CREATE INDEX history_of_person ON history (person_id, history_id);

CREATE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'history_is_append_only';
END $$;
CREATE TRIGGER history_is_append_only BEFORE UPDATE OR DELETE ON history FOR EACH ROW EXECUTE FUNCTION history_is_append_only();
CREATE TRIGGER history_is_never_emptied BEFORE TRUNCATE ON history FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only();

-- Body, number and files of what was posted never change.
CREATE FUNCTION statement_posted_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('posted', 'removed') AND (
           NEW.number IS DISTINCT FROM OLD.number OR NEW.body IS DISTINCT FROM OLD.body
        OR NEW.title IS DISTINCT FROM OLD.title OR NEW.posted_at IS DISTINCT FROM OLD.posted_at
        OR NEW.draft_id IS DISTINCT FROM OLD.draft_id OR NEW.direction IS DISTINCT FROM OLD.direction
        OR NEW.state NOT IN ('posted', 'removed')) THEN
        RAISE EXCEPTION 'statement % is posted and never changes', OLD.number
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statement_posted_never_changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_posted_never_changes BEFORE UPDATE ON statements
    FOR EACH ROW EXECUTE FUNCTION statement_posted_never_changes();

CREATE FUNCTION statement_is_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'statements are never deleted' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statement_is_never_deleted';
END $$;
CREATE TRIGGER statement_is_never_deleted BEFORE DELETE ON statements FOR EACH ROW EXECUTE FUNCTION statement_is_never_deleted();

CREATE FUNCTION attachment_posted_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE statement_state text;
BEGIN
    SELECT state INTO statement_state FROM statements WHERE statement_id = OLD.statement_id;
    IF statement_state IN ('posted', 'removed') THEN
        IF TG_OP = 'DELETE' OR NEW.file_id IS DISTINCT FROM OLD.file_id OR NEW.n <> OLD.n OR NEW.statement_id <> OLD.statement_id
           OR NEW.url IS DISTINCT FROM OLD.url OR NEW.file_name <> OLD.file_name OR NEW.is_not_held <> OLD.is_not_held THEN
            RAISE EXCEPTION 'attachment % of a posted statement never changes', OLD.n
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'attachment_posted_never_changes';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attachment_posted_never_changes BEFORE UPDATE OR DELETE ON attachments
    FOR EACH ROW EXECUTE FUNCTION attachment_posted_never_changes();

CREATE FUNCTION file_attached_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM attachments JOIN statements USING (statement_id)
                WHERE attachments.file_id = OLD.file_id AND statements.state IN ('posted', 'removed')) THEN
        RAISE EXCEPTION 'file % belongs to a posted statement', OLD.file_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'file_attached_never_changes';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER file_attached_never_changes BEFORE UPDATE OR DELETE ON files FOR EACH ROW EXECUTE FUNCTION file_attached_never_changes();
CREATE TRIGGER file_chunk_attached_never_changes BEFORE UPDATE OR DELETE ON file_chunks FOR EACH ROW EXECUTE FUNCTION file_attached_never_changes();

CREATE FUNCTION file_posted_grows_no_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM attachments JOIN statements USING (statement_id)
                WHERE attachments.file_id = NEW.file_id AND statements.state IN ('posted', 'removed')) THEN
        RAISE EXCEPTION 'file % belongs to a posted statement', NEW.file_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'file_attached_never_changes';
    END IF;
    RETURN NEW;
END $$;
-- an update too: a chunk of another file could become one of it
CREATE TRIGGER file_posted_grows_no_more BEFORE INSERT OR UPDATE ON file_chunks FOR EACH ROW EXECUTE FUNCTION file_posted_grows_no_more();

-- From whom, to whom and in copy to whom a posted one went. Who sees to the answer may change, and others may be added.
CREATE FUNCTION statement_group_posted_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.side IN ('from', 'to', 'copy')
       AND EXISTS (SELECT 1 FROM statements WHERE statement_id = OLD.statement_id AND state IN ('posted', 'removed'))
       AND (TG_OP = 'DELETE'
            OR (NEW.statement_id, NEW.side, NEW.position, NEW.group_id, NEW.as_written, NEW.label, NEW.purpose, NEW.asked)
               IS DISTINCT FROM (OLD.statement_id, OLD.side, OLD.position, OLD.group_id, OLD.as_written, OLD.label, OLD.purpose, OLD.asked)) THEN
        RAISE EXCEPTION 'the groups of a posted statement never change'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statement_group_posted_never_changes';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_group_posted_never_changes BEFORE UPDATE OR DELETE ON statement_groups
    FOR EACH ROW EXECUTE FUNCTION statement_group_posted_never_changes();

-- What was typed, save by save, is how a posted one came to be.
CREATE FUNCTION statement_version_posted_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM statements WHERE statement_id = OLD.statement_id AND state IN ('posted', 'removed')) THEN
        RAISE EXCEPTION 'version % belongs to a posted statement', OLD.version
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statement_version_posted_never_changes';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_version_posted_never_changes BEFORE UPDATE OR DELETE ON statement_versions
    FOR EACH ROW EXECUTE FUNCTION statement_version_posted_never_changes();

-- Emptying a table asks no row's trigger.
CREATE FUNCTION statements_are_never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'statements are never deleted' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statements_are_never_emptied';
END $$;
CREATE TRIGGER statements_are_never_emptied BEFORE TRUNCATE ON statements FOR EACH STATEMENT EXECUTE FUNCTION statements_are_never_emptied();
CREATE TRIGGER statements_are_never_emptied BEFORE TRUNCATE ON statement_versions FOR EACH STATEMENT EXECUTE FUNCTION statements_are_never_emptied();
CREATE TRIGGER statements_are_never_emptied BEFORE TRUNCATE ON statement_groups FOR EACH STATEMENT EXECUTE FUNCTION statements_are_never_emptied();
CREATE TRIGGER statements_are_never_emptied BEFORE TRUNCATE ON attachments FOR EACH STATEMENT EXECUTE FUNCTION statements_are_never_emptied();
CREATE TRIGGER statements_are_never_emptied BEFORE TRUNCATE ON files FOR EACH STATEMENT EXECUTE FUNCTION statements_are_never_emptied();
CREATE TRIGGER statements_are_never_emptied BEFORE TRUNCATE ON file_chunks FOR EACH STATEMENT EXECUTE FUNCTION statements_are_never_emptied();

-- At commit: a posted statement made here has a from- and a to-group, exactly one side of it home.
CREATE FUNCTION statement_has_exactly_one_side_home() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE home_from boolean; peer_from boolean; home_to boolean; peer_to boolean;
BEGIN
    SELECT coalesce(bool_or(side = 'from' AND is_home), false), coalesce(bool_or(side = 'from' AND NOT is_home), false),
           coalesce(bool_or(side = 'to' AND is_home), false), coalesce(bool_or(side = 'to' AND NOT is_home), false)
      INTO home_from, peer_from, home_to, peer_to
      FROM statement_groups JOIN groups USING (group_id)
     WHERE statement_id = NEW.statement_id;
    IF NOT ((NEW.direction = 'incoming' AND peer_from AND NOT home_from AND home_to AND NOT peer_to)
         OR (NEW.direction = 'outgoing' AND home_from AND NOT peer_from AND peer_to AND NOT home_to)) THEN
        RAISE EXCEPTION 'statement % has not exactly one side home', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_has_exactly_one_side_home';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER statement_has_exactly_one_side_home AFTER INSERT OR UPDATE OF state ON statements
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.origin = 'native' AND NEW.state = 'posted') EXECUTE FUNCTION statement_has_exactly_one_side_home();

-- Where a posted statement is listed: under each of its groups and all above them, whichever side they are on.
-- Kept by triggers, so that a list by organization costs the same for a group with 3 statements and one with 30,000.
CREATE TABLE statement_places (
    statement_id bigint NOT NULL REFERENCES statements,
    group_id     bigint NOT NULL REFERENCES groups,
    direction    text NOT NULL,
    sort_date    date NOT NULL,
    number       integer NOT NULL,
    PRIMARY KEY (statement_id, group_id)
);
CREATE INDEX statement_places_newest ON statement_places (group_id, sort_date DESC, number DESC) INCLUDE (statement_id);
CREATE INDEX statement_places_newest_by_direction ON statement_places (group_id, direction, sort_date DESC, number DESC) INCLUDE (statement_id);

-- Narrow, so that a search reads little; only of posted ones. Kept by triggers.
CREATE TABLE statement_search (
    statement_id bigint PRIMARY KEY REFERENCES statements,
    direction    text NOT NULL,
    sort_date    date NOT NULL,
    number       integer NOT NULL,
    words        tsvector NOT NULL
);
CREATE INDEX statement_search_words ON statement_search USING gin (words);

CREATE FUNCTION place_statement(which bigint) RETURNS void LANGUAGE sql AS $$
    DELETE FROM statement_places WHERE statement_id = which;
    INSERT INTO statement_places (statement_id, group_id, direction, sort_date, number)
    SELECT DISTINCT statement_id, ancestor_id, direction, sort_date, number
      FROM statements
      JOIN statement_groups USING (statement_id)
      JOIN group_ancestors USING (group_id)
     WHERE statement_id = which AND state = 'posted';
$$;

-- A tsvector holds 1 MB: of a text with more different words than that only the beginning can be found.
CREATE FUNCTION search_words(title text, reference_text text, body text) RETURNS tsvector LANGUAGE plpgsql AS $$
DECLARE body_length integer := 300000;
BEGIN
    LOOP
        BEGIN
            RETURN setweight(to_tsvector('english', replace(left(title, 10000), '/', ' ')), 'A')
                || setweight(to_tsvector('simple', replace(left(reference_text, 20000), '/', ' ')), 'A')
                || setweight(to_tsvector('english', replace(left(body, body_length), '/', ' ')), 'C');
        EXCEPTION WHEN program_limit_exceeded THEN
            IF body_length = 0 THEN RAISE; END IF;
            body_length := body_length / 2;
        END;
    END LOOP;
END $$;

CREATE FUNCTION index_statement(which bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO statement_search (statement_id, direction, sort_date, number, words)
    SELECT statement_id, direction, sort_date, number,
           search_words(title, coalesce((
               SELECT string_agg(as_written || ' ' || normal, ' ' ORDER BY position)
                 FROM statement_references
                WHERE statement_references.statement_id = which), ''), body)
      FROM statements
     WHERE statement_id = which AND state = 'posted'
    ON CONFLICT (statement_id) DO UPDATE
       SET direction = EXCLUDED.direction, sort_date = EXCLUDED.sort_date, number = EXCLUDED.number, words = EXCLUDED.words;
    DELETE FROM statement_search
     USING statements
     WHERE statement_search.statement_id = which AND statements.statement_id = which AND state <> 'posted';
$$;

CREATE FUNCTION statement_is_findable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM place_statement(NEW.statement_id);
    PERFORM index_statement(NEW.statement_id);
    RETURN NULL;
END $$;
CREATE TRIGGER statement_made_is_findable AFTER INSERT ON statements FOR EACH ROW
    WHEN (NEW.state = 'posted') EXECUTE FUNCTION statement_is_findable();
CREATE TRIGGER statement_changed_is_findable AFTER UPDATE ON statements FOR EACH ROW
    WHEN ((OLD.state = 'posted' OR NEW.state = 'posted')
          AND (NEW.state, NEW.sort_date, NEW.direction) IS DISTINCT FROM (OLD.state, OLD.sort_date, OLD.direction))
    EXECUTE FUNCTION statement_is_findable();

CREATE FUNCTION statement_group_is_findable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM place_statement(statement_id) FROM statements
      WHERE statement_id = CASE WHEN TG_OP = 'DELETE' THEN OLD.statement_id ELSE NEW.statement_id END AND state = 'posted';
    RETURN NULL;
END $$;
CREATE TRIGGER statement_group_is_findable AFTER INSERT OR DELETE OR UPDATE OF group_id ON statement_groups
    FOR EACH ROW EXECUTE FUNCTION statement_group_is_findable();

CREATE FUNCTION statement_reference_is_findable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM index_statement(statement_id) FROM statements
      WHERE statement_id = CASE WHEN TG_OP = 'DELETE' THEN OLD.statement_id ELSE NEW.statement_id END AND state = 'posted';
    RETURN NULL;
END $$;
CREATE TRIGGER statement_reference_is_findable AFTER INSERT OR DELETE OR UPDATE ON statement_references
    FOR EACH ROW EXECUTE FUNCTION statement_reference_is_findable();

-- A group that moves takes its statements along. Named so as to run after `group_ancestry_moved`.
CREATE FUNCTION group_moved_takes_statements_along() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM place_statement(statement_id)
       FROM (SELECT DISTINCT statement_id
               FROM statement_groups
               JOIN group_ancestors USING (group_id)
              WHERE ancestor_id = NEW.group_id) AS moved;
    RETURN NULL;
END $$;
CREATE TRIGGER group_moved_takes_statements_along AFTER UPDATE OF parent_id ON groups FOR EACH ROW
    WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id) EXECUTE FUNCTION group_moved_takes_statements_along();
