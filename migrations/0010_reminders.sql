-- Reminders (domain.md 8): each step once to a person, whatever restarts and however many servers run.

-- The last day whose reminders were written.
CREATE TABLE reminder_days (
    is_only  boolean PRIMARY KEY DEFAULT true CONSTRAINT reminder_day_is_only CHECK (is_only),
    last_day date NOT NULL
);

CREATE TABLE reminders (
    reminder_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    deadline_id  bigint REFERENCES deadlines,
    sign_off_id  bigint REFERENCES sign_offs,
    statement_id bigint REFERENCES statements,           -- a draft that waits
    counted_to   text NOT NULL CONSTRAINT reminder_count_is_known CHECK (counted_to IN ('day', 'submit-by', 'asked', 'version')),
    step         integer NOT NULL,                       -- days from the day counted to; of a draft its version
    recipient    text NOT NULL,                          -- the person, or an address that is nobody's own
    person_id    bigint REFERENCES people,
    address      text NOT NULL,
    why          text NOT NULL,
    assignee_id  bigint REFERENCES people,               -- as it was when it was written
    is_refused   boolean NOT NULL DEFAULT false,
    made_on      date NOT NULL,
    mail_id      bigint REFERENCES mails ON DELETE CASCADE,  -- none: to be written yet
    CONSTRAINT reminder_is_of_one_thing CHECK (num_nonnulls(deadline_id, sign_off_id, statement_id) = 1),
    CONSTRAINT reminder_goes_once UNIQUE NULLS NOT DISTINCT (deadline_id, sign_off_id, statement_id, counted_to, step, recipient)
);
CREATE INDEX reminders_of_mail ON reminders (mail_id);
CREATE INDEX reminders_unwritten ON reminders (reminder_id) WHERE mail_id IS NULL;

-- Running actions with the day they are counted to; a reminder speaks of these.
CREATE VIEW running_actions AS
SELECT actions.action_id, actions.statement_id, actions.group_id, actions.state, actions.assignee_id, actions.assignee_name, actions.open_since,
       actions.refused_at IS NOT NULL AS is_refused,
       deadlines.deadline_id, deadlines.due_on, deadlines.kind = 'ours' AS is_ours, deadlines.made_at AS set_at,
       groups.label AS group_label, groups.acronym,
       statements.number, statements.title, statements.from_text, statements.author_id,
       (SELECT array_agg(statement_groups.group_id ORDER BY position)
          FROM statement_groups
         WHERE statement_groups.statement_id = actions.statement_id AND side = 'from' AND statement_groups.group_id IS NOT NULL) AS from_groups
  FROM deadlines
  JOIN actions USING (action_id)
  JOIN groups ON groups.group_id = actions.group_id
  JOIN statements ON statements.statement_id = actions.statement_id
 WHERE deadlines.superseded_at IS NULL
   AND actions.state IN ('open', 'in-progress', 'awaited')
   AND statements.state = 'posted';

-- Whether what a reminder speaks of still waits.
CREATE FUNCTION reminder_holds(reminder reminders) RETURNS boolean LANGUAGE sql STABLE AS $$
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
        ELSE EXISTS (SELECT 1 FROM statements WHERE statements.statement_id = reminder.statement_id AND state = 'draft' AND version = reminder.step)
    END
$$;

-- Whether it would say something else by now.
CREATE FUNCTION reminder_changed(reminder reminders) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT reminder.deadline_id IS NOT NULL AND EXISTS (
        SELECT 1
          FROM running_actions
         WHERE running_actions.deadline_id = reminder.deadline_id
           AND (running_actions.assignee_id, running_actions.is_refused) IS DISTINCT FROM (reminder.assignee_id, reminder.is_refused))
$$;
