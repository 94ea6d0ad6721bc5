-- Letters that are not recorded yet: reports of them, drafts that wait for their sender, receipts by default (domain.md 2, 3, 7).

-- What somebody reported; whoever may record it takes it, records from it, or sets it aside.
CREATE TABLE unrecorded_statements (
    unrecorded_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    report_id     text NOT NULL CONSTRAINT unrecorded_report_id_is_unique UNIQUE CONSTRAINT unrecorded_report_id_is_long CHECK (length(report_id) >= 22),
    creation_key  text NOT NULL,                         -- of the form: sent twice, it is one report
    reported_at   timestamptz NOT NULL,
    reported_by   bigint NOT NULL REFERENCES people,
    reported_as   text NOT NULL DEFAULT '',              -- empty: without a role
    group_id      bigint REFERENCES groups,              -- the peer that was named
    title         text NOT NULL,
    form          jsonb NOT NULL,                        -- all that was typed, as a draft keeps it
    state         text NOT NULL DEFAULT 'open' CONSTRAINT unrecorded_state_is_known CHECK (state IN ('open', 'taken', 'set-aside', 'recorded')),
    open_since    timestamptz NOT NULL,
    version       integer NOT NULL DEFAULT 1,
    taken_by      bigint REFERENCES people,
    reason        text NOT NULL DEFAULT '',              -- why it was set aside
    statement_id  bigint CONSTRAINT unrecorded_is_one_statement UNIQUE REFERENCES statements,  -- what was begun from it
    CONSTRAINT unrecorded_is_reported_once UNIQUE (reported_by, creation_key),
    CONSTRAINT unrecorded_taken_says_by_whom CHECK ((state IN ('taken', 'recorded')) = (taken_by IS NOT NULL)),
    CONSTRAINT unrecorded_set_aside_says_why CHECK ((state = 'set-aside') = (reason <> '')),
    CONSTRAINT unrecorded_recorded_says_as_what CHECK (state <> 'recorded' OR statement_id IS NOT NULL)
);
CREATE INDEX unrecorded_in_hand ON unrecorded_statements (group_id) WHERE state IN ('open', 'taken');

-- Files and links belong to the form, and with it to the report: a form that comes back with a problem keeps them.
CREATE TABLE unrecorded_files (
    person_id     bigint NOT NULL REFERENCES people,
    creation_key  text NOT NULL,
    n             integer NOT NULL,                      -- in the URL
    file_name     text NOT NULL DEFAULT '',
    file_id       bigint REFERENCES files,
    url           text,
    is_original_mail boolean NOT NULL DEFAULT false,     -- said of it in the draft it comes from
    added_at      timestamptz NOT NULL,
    PRIMARY KEY (person_id, creation_key, n),
    CONSTRAINT unrecorded_file_is_a_file_or_a_link CHECK (num_nonnulls(file_id, url) = 1)
);
CREATE INDEX unrecorded_files_of_file ON unrecorded_files (file_id);

CREATE TABLE unrecorded_steps (
    unrecorded_step_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unrecorded_id bigint NOT NULL REFERENCES unrecorded_statements,
    at            timestamptz NOT NULL,
    person_id     bigint REFERENCES people,              -- none: the system
    actor_name    text NOT NULL,
    actor_role    text NOT NULL DEFAULT '',
    words         text NOT NULL
);
CREATE INDEX unrecorded_steps_of_report ON unrecorded_steps (unrecorded_id, unrecorded_step_id);
CREATE TRIGGER unrecorded_step_never_changes BEFORE UPDATE OR DELETE ON unrecorded_steps FOR EACH ROW EXECUTE FUNCTION history_is_append_only();

-- A report is in hand until it is set aside or recorded; while a draft of it stands, nothing more is asked of anybody.
CREATE FUNCTION unrecorded_is_open(report unrecorded_statements) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT report.state IN ('open', 'taken')
       AND NOT EXISTS (SELECT 1
                         FROM statements
                        WHERE statements.statement_id = report.statement_id
                          AND statements.state NOT IN ('abandoned', 'deleted'))
$$;

-- Whether whoever took it may still see to it.
CREATE FUNCTION unrecorded_has_taker(report unrecorded_statements, today date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT report.state = 'taken'
       AND EXISTS (SELECT 1
                     FROM roles
                    WHERE roles.person_id = report.taken_by
                      AND roles.starts_on <= today
                      AND (roles.ends_on IS NULL OR roles.ends_on > today)
                      AND (roles.kind IN ('coordinator', 'secretariat')
                        OR roles.kind = 'liaison-manager'
                           AND EXISTS (SELECT 1
                                         FROM group_ancestors
                                        WHERE group_ancestors.group_id = report.group_id
                                          AND group_ancestors.ancestor_id = roles.group_id)))
$$;

-- What somebody took who may not see to it any more is nobody's.
CREATE FUNCTION unrecorded_is_untaken(report unrecorded_statements, today date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT unrecorded_is_open(report) AND NOT unrecorded_has_taker(report, today)
$$;

-- What waits for a person: untaken reports about peers they manage, for a coordinator those about others, and what they took.
CREATE FUNCTION unrecorded_waiting(managed bigint[], is_coordinator boolean, today date, person bigint)
RETURNS SETOF unrecorded_statements LANGUAGE sql STABLE AS $$
    SELECT report.*
      FROM unrecorded_statements AS report
     WHERE report.state IN ('open', 'taken')
       AND (report.taken_by = person AND unrecorded_is_open(report) AND unrecorded_has_taker(report, today)
         OR unrecorded_is_untaken(report, today)
            AND (EXISTS (SELECT 1
                           FROM group_ancestors
                          WHERE group_ancestors.group_id = report.group_id
                            AND group_ancestors.ancestor_id = ANY (managed))
              OR is_coordinator AND NOT EXISTS (
                 SELECT 1
                   FROM group_ancestors
                   JOIN roles ON roles.group_id = group_ancestors.ancestor_id
                  WHERE group_ancestors.group_id = report.group_id
                    AND roles.kind = 'liaison-manager'
                    AND roles.starts_on <= today
                    AND (roles.ends_on IS NULL OR roles.ends_on > today))))
$$;

-- *Waiting for the sender* pauses a draft; submitted, it waits for nobody. Whether posting sends a receipt is settled at submission.
ALTER TABLE statements
    ADD COLUMN waits_since   timestamptz,
    ADD COLUMN waits_for     text NOT NULL DEFAULT '',   -- what the sender was asked
    ADD COLUMN waits         integer NOT NULL DEFAULT 0, -- how often it was paused: each pause is reminded of once
    ADD COLUMN sends_receipt boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT statement_waits_says_for_what CHECK ((waits_since IS NULL) = (waits_for = '')),
    ADD CONSTRAINT statement_waits_as_a_draft CHECK (waits_since IS NULL OR state = 'draft');
CREATE INDEX statements_waiting_for_sender ON statements (waits_since) WHERE waits_since IS NOT NULL;

-- For which purposes a receipt goes to an organization's senders by default.
ALTER TABLE groups ADD COLUMN receipt_for text[] NOT NULL DEFAULT '{}'
    CONSTRAINT group_receipt_for_is_known CHECK (receipt_for <@ ARRAY['for-information', 'for-action', 'in-response']);

-- Reminders of both: once, like all others.
ALTER TABLE reminders
    ADD COLUMN unrecorded_id bigint REFERENCES unrecorded_statements,
    DROP CONSTRAINT reminder_count_is_known,
    ADD CONSTRAINT reminder_count_is_known CHECK (counted_to IN ('day', 'submit-by', 'asked', 'version', 'waits', 'reported')),
    DROP CONSTRAINT reminder_is_of_one_thing,
    ADD CONSTRAINT reminder_is_of_one_thing CHECK (num_nonnulls(deadline_id, sign_off_id, statement_id, unrecorded_id) = 1),
    DROP CONSTRAINT reminder_goes_once,
    ADD CONSTRAINT reminder_goes_once
        UNIQUE NULLS NOT DISTINCT (deadline_id, sign_off_id, statement_id, unrecorded_id, counted_to, step, recipient);

CREATE OR REPLACE FUNCTION reminder_holds(reminder reminders) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN reminder.deadline_id IS NOT NULL THEN EXISTS (
            SELECT 1
              FROM running_actions
             WHERE running_actions.deadline_id = reminder.deadline_id
               AND (reminder.why <> 'who sees to it' OR running_actions.assignee_id = reminder.person_id)
               AND (NOT running_actions.is_refused OR reminder.why LIKE 'liaison %'))
        WHEN reminder.sign_off_id IS NOT NULL THEN EXISTS (
            SELECT 1
              FROM sign_offs
              JOIN statements USING (statement_id)
             WHERE sign_offs.sign_off_id = reminder.sign_off_id AND sign_offs.state = 'waiting' AND statements.state = 'in-review')
        WHEN reminder.unrecorded_id IS NOT NULL THEN EXISTS (
            SELECT 1
              FROM unrecorded_statements AS report
             WHERE report.unrecorded_id = reminder.unrecorded_id AND unrecorded_is_untaken(report, reminder.made_on))
        ELSE EXISTS (
            SELECT 1
              FROM statements
             WHERE statements.statement_id = reminder.statement_id
               AND state = 'draft'
               AND CASE WHEN reminder.counted_to = 'waits' THEN waits_since IS NOT NULL AND waits = reminder.step
                        ELSE waits_since IS NULL AND version = reminder.step END)
    END
$$;

CREATE OR REPLACE FUNCTION desk_count(managed bigint[], is_coordinator boolean, today date, person bigint, of_groups bigint[], leads_home boolean,
                                      leads_iab boolean, author bigint, is_secretariat boolean)
RETURNS bigint LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT count(*) FROM checks_asked(managed, is_coordinator, today))
         + (SELECT count(*) FROM actions_of(person, of_groups, leads_home, leads_iab))
         + (SELECT count(*) FROM peers_to_tell(managed, is_coordinator, today))
         + (SELECT count(*) FROM refusals_to_decide(managed, is_coordinator, today))
         + (SELECT count(*) FROM unrecorded_waiting(managed, is_coordinator, today, person))
         + (SELECT count(*) FROM statements_with_failed_mail(author, is_coordinator))
         + (SELECT count(*) FROM failed_account_mail(is_secretariat));
END $$;
