-- Whom an outgoing statement waits for, found from the person: the desk lists it, and every page's header counts it (domain.md 4, 8).

-- The roles in which a waiting sign-off may be given: kept for as long as it waits, so that a desk looks at its own alone.
CREATE TABLE sign_off_places (
    role         text NOT NULL,
    group_id     bigint NOT NULL,                        -- 0: a role of the tracker
    sign_off_id  bigint NOT NULL REFERENCES sign_offs ON DELETE CASCADE,
    PRIMARY KEY (role, group_id, sign_off_id)
);
CREATE INDEX sign_off_places_of_sign_off ON sign_off_places (sign_off_id);

-- As `recipients::outgoing::signers` reads it.
CREATE FUNCTION place_sign_off(asked sign_offs) RETURNS void LANGUAGE sql AS $$
    DELETE FROM sign_off_places WHERE sign_off_id = asked.sign_off_id;
    INSERT INTO sign_off_places (role, group_id, sign_off_id)
    SELECT DISTINCT role, place, asked.sign_off_id
      FROM (SELECT unnest(CASE WHEN groups.kind = 'area' THEN ARRAY['area-director'] ELSE ARRAY['chair', 'secretary'] END) AS role, groups.group_id AS place
              FROM groups
             WHERE asked.kind = 'agreement' AND groups.group_id = asked.group_id
            UNION ALL
            SELECT unnest(CASE WHEN distance = 0 THEN ARRAY['responsible-area-director', 'area-director'] ELSE ARRAY['area-director'] END), ancestor_id
              FROM statement_groups
              JOIN groups USING (group_id)
              JOIN group_ancestors USING (group_id)
             WHERE asked.kind = 'approval' AND statement_id = asked.statement_id AND side = 'from' AND groups.kind IN ('wg', 'area')
               AND (asked.group_id IS NULL OR groups.group_id = asked.group_id
                 OR EXISTS (SELECT 1 FROM group_ancestors AS area
                             WHERE area.group_id = groups.group_id AND area.distance = 1 AND area.ancestor_id = asked.group_id AND groups.kind = 'wg'))
            UNION ALL
            SELECT CASE WHEN groups.kind = 'iab' THEN 'iab-chair' ELSE 'ietf-chair' END, 0
              FROM groups
             WHERE asked.kind = 'approval' AND groups.group_id = asked.group_id AND groups.kind NOT IN ('wg', 'area')
            UNION ALL
            SELECT 'liaison-manager', line.ancestor_id
              FROM statement_groups
              JOIN group_ancestors AS under USING (group_id)
              JOIN group_ancestors AS line USING (group_id)
             WHERE asked.kind = 'manager' AND statement_id = asked.statement_id AND side = 'to' AND under.ancestor_id = asked.group_id
            UNION ALL
            SELECT 'coordinator', 0
             WHERE asked.kind = 'coordinator') AS places
     WHERE asked.state = 'waiting' AND asked.kind <> 'check'
$$;

CREATE FUNCTION sign_off_is_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM place_sign_off(NEW);
    RETURN NULL;
END $$;
CREATE TRIGGER sign_off_asked_is_placed AFTER INSERT ON sign_offs FOR EACH ROW
    WHEN (NEW.state = 'waiting') EXECUTE FUNCTION sign_off_is_placed();
CREATE TRIGGER sign_off_changed_is_placed AFTER UPDATE OF state ON sign_offs FOR EACH ROW
    WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION sign_off_is_placed();

-- A group that moves comes under others. Named so as to run after `group_ancestry_moved`.
CREATE FUNCTION group_moved_takes_sign_offs_along() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM place_sign_off(sign_offs) FROM sign_offs WHERE state = 'waiting';
    RETURN NULL;
END $$;
CREATE TRIGGER group_moved_takes_sign_offs_along AFTER UPDATE OF parent_id ON groups FOR EACH ROW
    WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id) EXECUTE FUNCTION group_moved_takes_sign_offs_along();

SELECT place_sign_off(sign_offs) FROM sign_offs WHERE state = 'waiting';

CREATE INDEX roles_of_stand_in ON roles (stand_in_id) WHERE stand_in_id IS NOT NULL;
CREATE INDEX statements_held ON statements (held_by) WHERE held_at IS NOT NULL;
CREATE INDEX actions_awaited ON actions (group_id) WHERE state = 'awaited';

-- What peers owe us, by the groups that asked and by who wrote it; kept for as long as it is awaited.
CREATE TABLE awaited_places (
    action_id    bigint NOT NULL REFERENCES actions ON DELETE CASCADE,
    group_id     bigint REFERENCES groups,
    person_id    bigint REFERENCES people,
    CONSTRAINT awaited_place_is_one CHECK (num_nonnulls(group_id, person_id) = 1)
);
CREATE INDEX awaited_places_of_action ON awaited_places (action_id);
CREATE INDEX awaited_places_of_group ON awaited_places (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX awaited_places_of_person ON awaited_places (person_id) WHERE person_id IS NOT NULL;

CREATE FUNCTION place_awaited(awaited actions) RETURNS void LANGUAGE sql AS $$
    DELETE FROM awaited_places WHERE action_id = awaited.action_id;
    INSERT INTO awaited_places (action_id, group_id, person_id)
    SELECT awaited.action_id, statement_groups.group_id, NULL
      FROM statement_groups
     WHERE awaited.state = 'awaited' AND statement_id = awaited.statement_id AND side = 'from' AND statement_groups.group_id IS NOT NULL
    UNION ALL
    SELECT awaited.action_id, NULL, author_id
      FROM statements
     WHERE awaited.state = 'awaited' AND statement_id = awaited.statement_id AND author_id IS NOT NULL
$$;
CREATE FUNCTION action_is_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM place_awaited(NEW);
    RETURN NULL;
END $$;
CREATE TRIGGER action_awaited_is_placed AFTER INSERT ON actions FOR EACH ROW
    WHEN (NEW.state = 'awaited') EXECUTE FUNCTION action_is_placed();
CREATE TRIGGER action_changed_is_placed AFTER UPDATE OF state ON actions FOR EACH ROW
    WHEN (NEW.state IS DISTINCT FROM OLD.state AND 'awaited' IN (NEW.state, OLD.state)) EXECUTE FUNCTION action_is_placed();
SELECT place_awaited(actions) FROM actions WHERE state = 'awaited';

-- Whether somebody holds a role in which the sign-off may be given; who is away counts unless only those here are asked for.
CREATE FUNCTION sign_off_has_holder(asked bigint, today date, is_here boolean) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1
                     FROM sign_off_places
                     JOIN roles ON roles.kind = role AND coalesce(roles.group_id, 0) = sign_off_places.group_id
                    WHERE sign_off_places.sign_off_id = asked
                      AND roles.starts_on <= today
                      AND (roles.ends_on IS NULL OR roles.ends_on > today)
                      AND (NOT is_here OR roles.away_until IS NULL OR roles.away_until <= today))
$$;

-- The sign-offs of outgoing statements that wait for a person: of their own roles, of who named them while away, of nobody else
-- while all holders are away or the row waited (`waited`: asked before then). What left without approval waits after posting too.
CREATE FUNCTION sign_offs_asked(person bigint, is_coordinator boolean, leads_home boolean, today date, waited timestamptz)
RETURNS TABLE (sign_off_id bigint, is_standing_in boolean) LANGUAGE sql STABLE AS $$
    SELECT sign_offs.sign_off_id, bool_and(mine.is_standing_in)
      FROM (SELECT places.sign_off_id, false AS is_standing_in
              FROM roles
              JOIN sign_off_places AS places ON places.role = roles.kind AND places.group_id = coalesce(roles.group_id, 0)
             WHERE roles.person_id = person
               AND roles.starts_on <= today
               AND (roles.ends_on IS NULL OR roles.ends_on > today)
            UNION ALL
            SELECT places.sign_off_id, true
              FROM roles
              JOIN sign_off_places AS places ON places.role = roles.kind AND places.group_id = coalesce(roles.group_id, 0)
             WHERE roles.stand_in_id = person
               AND roles.kind IN ('area-director', 'responsible-area-director', 'ietf-chair', 'iab-chair')
               AND roles.starts_on <= today
               AND (roles.ends_on IS NULL OR roles.ends_on > today)
               AND roles.away_until > today
            UNION ALL
            SELECT waiting.sign_off_id, waiting.kind <> 'manager' OR sign_off_has_holder(waiting.sign_off_id, today, false)
              FROM sign_offs AS waiting
             WHERE waiting.state = 'waiting'
               AND (is_coordinator AND waiting.kind IN ('agreement', 'manager')
                 OR leads_home AND waiting.kind = 'approval'
                    AND NOT EXISTS (SELECT 1 FROM sign_off_places AS places WHERE places.sign_off_id = waiting.sign_off_id AND places.role = 'iab-chair'))
               AND (waiting.asked_at < waited OR NOT sign_off_has_holder(waiting.sign_off_id, today, true))) AS mine
      JOIN sign_offs USING (sign_off_id)
      JOIN statements USING (statement_id)
     WHERE sign_offs.state = 'waiting'
       AND sign_offs.round = statements.round
       AND statements.direction = 'outgoing'
       AND (statements.state = 'in-review'
            AND NOT (statements.without_approval AND sign_offs.kind = 'approval')
         OR statements.state IN ('in-review', 'posted') AND statements.without_approval AND sign_offs.kind = 'approval')
       -- who drafted it on behalf of a group does not agree in its place
       AND NOT (mine.is_standing_in AND sign_offs.kind = 'agreement' AND statements.author_id IS NOT DISTINCT FROM person)
       -- nobody of the peer signs
       AND NOT EXISTS (SELECT 1
                         FROM statement_groups
                         JOIN group_ancestors USING (group_id)
                         JOIN roles ON roles.group_id = group_ancestors.ancestor_id
                        WHERE statement_groups.statement_id = statements.statement_id
                          AND statement_groups.side = 'to'
                          AND roles.person_id = person
                          AND roles.kind <> 'liaison-manager'
                          AND roles.starts_on <= today
                          AND (roles.ends_on IS NULL OR roles.ends_on > today))
     GROUP BY sign_offs.sign_off_id
$$;

-- What a person holds, and for coordinators what nobody who may release it holds any more.
CREATE FUNCTION held_by_person(person bigint, is_coordinator boolean, today date) RETURNS SETOF statements LANGUAGE sql STABLE AS $$
    SELECT statements.*
      FROM statements
     WHERE held_at IS NOT NULL
       AND is_coordinator
       AND (held_by = person
         OR NOT EXISTS (SELECT 1
                          FROM roles
                         WHERE roles.person_id = held_by
                           AND roles.kind = 'coordinator'
                           AND roles.starts_on <= today
                           AND (roles.ends_on IS NULL OR roles.ends_on > today)))
$$;

DROP FUNCTION desk_count(bigint[], boolean, date, bigint, bigint[], boolean, boolean, bigint, boolean);
CREATE FUNCTION desk_count(managed bigint[], is_coordinator boolean, today date, person bigint, of_groups bigint[], leads_home boolean,
                           leads_iab boolean, author bigint, is_secretariat boolean, waited timestamptz)
RETURNS bigint LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT count(*) FROM checks_asked(managed, is_coordinator, today))
         + (SELECT count(*) FROM sign_offs_asked(person, is_coordinator, leads_home, today, waited))
         + (SELECT count(*) FROM held_by_person(person, is_coordinator, today))
         + (SELECT count(*) FROM actions_of(person, of_groups, leads_home, leads_iab))
         + (SELECT count(*) FROM peers_to_tell(managed, is_coordinator, today))
         + (SELECT count(*) FROM refusals_to_decide(managed, is_coordinator, today))
         + (SELECT count(*) FROM unrecorded_waiting(managed, is_coordinator, today, person))
         + (SELECT count(*) FROM statements_with_failed_mail(author, is_coordinator))
         + (SELECT count(*) FROM failed_account_mail(is_secretariat));
END $$;

-- What an outgoing draft answers, as far as numbers of posted statements are typed: its author is reminded of their days.
CREATE TABLE drafted_answers (
    statement_id bigint NOT NULL REFERENCES statements,
    earlier_id   bigint NOT NULL REFERENCES statements,
    is_final     boolean NOT NULL,
    PRIMARY KEY (statement_id, earlier_id)
);
CREATE INDEX drafted_answers_of_earlier ON drafted_answers (earlier_id);

-- The day by which a reply is asked for: the earliest of the open actions that it is to close.
CREATE FUNCTION reply_due_on(reply bigint) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT min(due_on)
      FROM drafted_answers
      JOIN actions ON actions.statement_id = drafted_answers.earlier_id AND actions.state IN ('open', 'in-progress')
      JOIN deadlines ON deadlines.action_id = actions.action_id AND deadlines.superseded_at IS NULL
     WHERE drafted_answers.statement_id = reply
$$;

-- The IRTF Chair, who was consulted, may read what they were asked about.
CREATE TABLE consultations (
    consultation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_id bigint NOT NULL REFERENCES statements,
    person_id    bigint NOT NULL REFERENCES people,
    at           timestamptz NOT NULL,
    CONSTRAINT consulted_once UNIQUE (statement_id, person_id)
);

-- Who may read a statement that is not public, beside those whose roles say so: who was consulted, who stands in for one who signs it
-- (named, or the IETF Chair).
CREATE FUNCTION statement_readers(reader_of bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT person_id), '{}')
      FROM (SELECT consultations.person_id
              FROM consultations
              JOIN roles ON roles.person_id = consultations.person_id AND roles.kind = 'irtf-chair'
                         AND (roles.ends_on IS NULL OR roles.ends_on > (now() AT TIME ZONE 'UTC')::date)
             WHERE consultations.statement_id = reader_of
            UNION ALL
            SELECT stand_in_id
              FROM sign_offs
              JOIN sign_off_places AS places USING (sign_off_id)
              JOIN roles ON roles.kind = places.role AND coalesce(roles.group_id, 0) = places.group_id
             WHERE sign_offs.statement_id = reader_of
               AND sign_offs.state = 'waiting'
               AND sign_offs.kind = 'approval'
               AND roles.stand_in_id IS NOT NULL
            UNION ALL
            SELECT roles.person_id
              FROM sign_offs
              JOIN roles ON roles.kind = 'ietf-chair' AND (roles.ends_on IS NULL OR roles.ends_on > (now() AT TIME ZONE 'UTC')::date)
             WHERE sign_offs.statement_id = reader_of
               AND sign_offs.state = 'waiting'
               AND sign_offs.kind = 'approval'
               AND NOT EXISTS (SELECT 1 FROM sign_off_places AS places
                                WHERE places.sign_off_id = sign_offs.sign_off_id AND places.role = 'iab-chair')) AS readers
$$;

-- A reminder of a deadline may be about a reply to it: a draft, counted to the day by which it is to be submitted, or one in
-- review, to whoever has to sign it.
ALTER TABLE reminders
    ADD COLUMN reply_id bigint REFERENCES statements,
    DROP CONSTRAINT reminder_count_is_known,
    ADD CONSTRAINT reminder_count_is_known CHECK (counted_to IN ('day', 'submit-by', 'asked', 'held', 'version', 'waits', 'reported'));

CREATE OR REPLACE FUNCTION reminder_holds(reminder reminders) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN reminder.deadline_id IS NOT NULL THEN EXISTS (
            SELECT 1
              FROM running_actions
             WHERE running_actions.deadline_id = reminder.deadline_id
               AND (reminder.why <> 'who sees to it' OR running_actions.assignee_id = reminder.person_id)
               AND (NOT running_actions.is_refused OR reminder.why LIKE 'liaison %'))
           AND (reminder.reply_id IS NULL OR EXISTS (
            SELECT 1
              FROM statements
             WHERE statements.statement_id = reminder.reply_id
               AND statements.state = CASE WHEN reminder.counted_to = 'submit-by' THEN 'draft' ELSE 'in-review' END))
        WHEN reminder.sign_off_id IS NOT NULL THEN EXISTS (
            SELECT 1
              FROM sign_offs
              JOIN statements USING (statement_id)
             WHERE sign_offs.sign_off_id = reminder.sign_off_id AND sign_offs.state = 'waiting'
               AND (statements.state = 'in-review' OR statements.state = 'posted' AND statements.without_approval))
        WHEN reminder.unrecorded_id IS NOT NULL THEN EXISTS (
            SELECT 1
              FROM unrecorded_statements AS report
             WHERE report.unrecorded_id = reminder.unrecorded_id AND unrecorded_is_untaken(report, reminder.made_on))
        ELSE EXISTS (
            SELECT 1
              FROM statements
             WHERE statements.statement_id = reminder.statement_id
               AND CASE reminder.counted_to
                        WHEN 'held' THEN state = 'in-review' AND held_at IS NOT NULL
                        WHEN 'waits' THEN state = 'draft' AND waits_since IS NOT NULL AND waits = reminder.step
                        ELSE state = 'draft' AND waits_since IS NULL AND version = reminder.step END)
    END
$$;

-- The kind of the role that ended last, of somebody who holds none any more in which they could draft, record or see to something.
CREATE FUNCTION last_role_ended(person bigint, today date) RETURNS TABLE (kind text) LANGUAGE sql STABLE AS $$
    SELECT roles.kind
      FROM roles
     WHERE roles.person_id = person
       AND roles.ends_on <= today
       AND roles.kind NOT IN ('iab-member', 'irtf-chair')
       AND NOT EXISTS (SELECT 1
                         FROM roles AS held
                        WHERE held.person_id = person
                          AND held.kind NOT IN ('iab-member', 'irtf-chair')
                          AND held.starts_on <= today
                          AND (held.ends_on IS NULL OR held.ends_on > today))
     ORDER BY roles.ends_on DESC, roles.role_id DESC
     LIMIT 1
$$;

-- A stand-in, and the leave to read, end with the day (the worker takes them back).
CREATE INDEX roles_with_stand_in ON roles (away_until) WHERE stand_in_id IS NOT NULL;
