-- What is written again and again while a letter is drafted, signed and posted costs no more than it must: whoever posts meanwhile
-- waits for the number (performance.md P16).

-- Groups of a statement are taken away by each save of a draft: without it each reads where all statements are listed.
CREATE INDEX statement_addressees_of_statement_group ON statement_addressees (statement_group_id);

-- What nobody took is looked for many times a day.
DROP INDEX actions_open_for_information;
CREATE INDEX actions_untouched ON actions (made_at)
    WHERE state = 'open' AND purpose = 'for-information' AND assignee_id IS NULL AND refused_at IS NULL;

-- Planned once: planning them costs more than they do. This one as `recipients::outgoing::signers` reads it.
CREATE OR REPLACE FUNCTION place_sign_off(asked sign_offs) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
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
     WHERE asked.state = 'waiting' AND asked.kind <> 'check';
END $$;

CREATE OR REPLACE FUNCTION statement_readers(reader_of bigint) RETURNS bigint[] LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT person_id), '{}')
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
                                WHERE places.sign_off_id = sign_offs.sign_off_id AND places.role = 'iab-chair')) AS readers);
END $$;

CREATE OR REPLACE FUNCTION reply_due_on(reply bigint) RETURNS date LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
    SELECT min(due_on)
      FROM drafted_answers
      JOIN actions ON actions.statement_id = drafted_answers.earlier_id AND actions.state IN ('open', 'in-progress')
      JOIN deadlines ON deadlines.action_id = actions.action_id AND deadlines.superseded_at IS NULL
     WHERE drafted_answers.statement_id = reply);
END $$;

ALTER FUNCTION place_statement(bigint) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION index_statement(bigint) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION statement_posted_is_signed() SET plan_cache_mode = force_generic_plan;

CREATE OR REPLACE FUNCTION statement_is_findable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- what leaves review is whole: nothing of it is left to be made at the commit
    IF NEW.state <> 'posted' OR (TG_OP = 'UPDATE' AND OLD.state = 'in-review') THEN
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

CREATE OR REPLACE FUNCTION statement_cites_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- `steps::post` keeps what it cites in the same statement; whoever posts it otherwise puts it into documents_to_find
    IF TG_OP = 'UPDATE' AND NEW.state = 'posted' AND OLD.state = 'in-review' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state = 'posted' AND OLD.state = 'posted'
       AND (NEW.title, NEW.body) IS NOT DISTINCT FROM (OLD.title, OLD.body) THEN
        UPDATE statement_documents SET sort_date = NEW.sort_date, number = NEW.number WHERE statement_id = NEW.statement_id;
        RETURN NULL;
    END IF;
    DELETE FROM statement_documents WHERE statement_id = NEW.statement_id;
    IF NEW.state = 'posted' THEN
        INSERT INTO documents_to_find (statement_id) VALUES (NEW.statement_id) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
