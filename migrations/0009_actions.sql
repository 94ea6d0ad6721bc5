-- What is done about a statement by its addressees (domain.md 3).

ALTER TABLE actions
    ADD COLUMN words      text NOT NULL DEFAULT '',          -- of an outcome or a pause, public
    ADD COLUMN link       text NOT NULL DEFAULT '',          -- evidence, public
    ADD COLUMN paused_on  date,
    ADD COLUMN resumes_on date,
    ADD COLUMN told_at    timestamptz,                       -- when it was noted that the peer knows how it ended
    ADD COLUMN version    integer NOT NULL DEFAULT 1,        -- grows with each step: who decides on an old page is told
    ADD CONSTRAINT action_closed_without_reply_says_why CHECK (state <> 'closed-without-reply' OR words <> ''),
    ADD CONSTRAINT action_waiting_says_since_when CHECK (state <> 'waiting' OR paused_on IS NOT NULL) NOT VALID,
    ADD CONSTRAINT action_resumes_after_its_pause CHECK (resumes_on > paused_on);
CREATE INDEX actions_open_for_information ON actions (made_at) WHERE state = 'open' AND purpose = 'for-information';
CREATE INDEX actions_paused ON actions (resumes_on) WHERE state = 'waiting';
CREATE INDEX actions_peer_not_told ON actions (closed_at) WHERE state = 'closed-without-reply' AND told_at IS NULL;

-- Each step with the action as it was before, so that the last one can be undone.
CREATE TABLE action_steps (
    action_step_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action_id         bigint NOT NULL REFERENCES actions,
    kind              text NOT NULL CONSTRAINT action_step_kind_is_known
                      CHECK (kind IN ('take', 'assign', 'begin', 'wait', 'resume', 'note', 'answer-informally', 'close', 'reopen')),
    at                timestamptz NOT NULL,
    person_id         bigint NOT NULL REFERENCES people,
    version           integer NOT NULL,                      -- the action's, after it: only the last change can be undone
    undone_at         timestamptz,
    was_state         text NOT NULL,
    was_assignee_id   bigint REFERENCES people,
    was_assignee_name text NOT NULL,
    was_words         text NOT NULL,
    was_link          text NOT NULL,
    was_paused_on     date,
    was_resumes_on    date,
    was_closed_at     timestamptz,
    was_told_at       timestamptz
);
CREATE INDEX action_steps_of_action ON action_steps (action_id, action_step_id DESC);

-- What the peer was told, without a statement (domain.md 3, *peer told*).
CREATE TABLE peer_notes (
    peer_note_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action_id    bigint NOT NULL REFERENCES actions,
    told_on      date NOT NULL,
    channel      text NOT NULL,
    words        text NOT NULL CONSTRAINT peer_note_says_what CHECK (words <> ''),
    proposed_on  date,
    made_at      timestamptz NOT NULL,
    made_by      bigint NOT NULL REFERENCES people,
    made_as      text NOT NULL
);
CREATE INDEX peer_notes_of_action ON peer_notes (action_id, peer_note_id);

-- What the manager of its sender sees to; a coordinator, where the sender has none.
CREATE FUNCTION is_for_manager(which bigint, managed bigint[], is_coordinator boolean, today date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1
                     FROM statement_groups
                     JOIN group_ancestors USING (group_id)
                    WHERE statement_groups.statement_id = which
                      AND statement_groups.side = 'from'
                      AND group_ancestors.ancestor_id = ANY (managed))
        OR is_coordinator AND NOT EXISTS (
           SELECT 1
             FROM statement_groups
             JOIN group_ancestors USING (group_id)
             JOIN roles ON roles.group_id = group_ancestors.ancestor_id
            WHERE statement_groups.statement_id = which
              AND statement_groups.side = 'from'
              AND roles.kind = 'liaison-manager'
              AND roles.starts_on <= today
              AND (roles.ends_on IS NULL OR roles.ends_on > today))
$$;

-- Actions that ended without a reply, of which nobody noted that the peer knows: of peers managed by the person, or for a
-- coordinator of peers without a manager.
CREATE FUNCTION peers_to_tell(managed bigint[], is_coordinator boolean, today date)
RETURNS SETOF actions LANGUAGE sql STABLE AS $$
    SELECT actions.*
      FROM actions
     WHERE actions.state = 'closed-without-reply'
       AND actions.told_at IS NULL
       AND EXISTS (SELECT 1 FROM statements WHERE statements.statement_id = actions.statement_id AND state = 'posted')
       AND is_for_manager(actions.statement_id, managed, is_coordinator, today)
$$;

-- Since when an action runs: open and not paused. Reminders of days before it do not go (domain.md 8).
ALTER TABLE actions ADD COLUMN open_since timestamptz;
UPDATE actions SET open_since = made_at;
ALTER TABLE actions ALTER COLUMN open_since SET NOT NULL, ALTER COLUMN open_since SET DEFAULT now();
CREATE FUNCTION action_runs_since() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.open_since := NEW.made_at;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER action_runs_since BEFORE INSERT ON actions FOR EACH ROW EXECUTE FUNCTION action_runs_since();

-- *Not for us*, and where it went instead. Groups that are added after posting say when; those the letter names stay as they are.
ALTER TABLE statement_groups ADD COLUMN added_at timestamptz;
ALTER TABLE actions
    ADD COLUMN refused_at    timestamptz,
    ADD COLUMN refused_by    bigint REFERENCES people,
    ADD COLUMN refused_words text NOT NULL DEFAULT '',
    ADD COLUMN redirected_to bigint REFERENCES groups,
    ADD CONSTRAINT action_refused_says_why_and_by_whom
        CHECK ((refused_at IS NULL) = (refused_by IS NULL) AND (refused_at IS NULL OR refused_words <> '')),
    ADD CONSTRAINT action_redirected_says_why CHECK (redirected_to IS NULL OR (state = 'redirected' AND words <> ''));
CREATE INDEX actions_refused ON actions (refused_at) WHERE refused_at IS NOT NULL AND state IN ('open', 'in-progress', 'waiting');

-- Open actions that their group refused: for the peer's manager to decide, or for a coordinator where there is none.
CREATE FUNCTION refusals_to_decide(managed bigint[], is_coordinator boolean, today date)
RETURNS SETOF actions LANGUAGE sql STABLE AS $$
    SELECT actions.*
      FROM actions
     WHERE actions.refused_at IS NOT NULL
       AND EXISTS (SELECT 1 FROM statements WHERE statements.statement_id = actions.statement_id AND statements.state = 'posted')
       AND actions.state IN ('open', 'in-progress', 'waiting')
       AND is_for_manager(actions.statement_id, managed, is_coordinator, today)
$$;
