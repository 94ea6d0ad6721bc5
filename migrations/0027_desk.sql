-- A desk is asked for in two answers, each with its lists as JSON. They are planned once: planning them costs more than they do.

-- By the index of whoever sees to it, and by that of the group, one after the other (OFFSET 0 keeps it so); a condition of both
-- would read what is open of everybody.
CREATE OR REPLACE FUNCTION actions_of(person bigint, of_groups bigint[], leads_home boolean, leads_iab boolean)
RETURNS SETOF actions LANGUAGE sql STABLE AS $$
    SELECT actions.*
      FROM actions
     WHERE actions.action_id IN (
           SELECT action_id FROM actions WHERE assignee_id = person AND state IN ('open', 'in-progress', 'waiting')
            UNION
           SELECT action_id
             FROM unnest(of_groups) AS mine (group_id)
            CROSS JOIN LATERAL (SELECT action_id
                                  FROM actions
                                 WHERE actions.group_id = mine.group_id AND state IN ('open', 'in-progress', 'waiting')
                                OFFSET 0) AS theirs
            UNION
           SELECT action_id
             FROM groups
             JOIN actions USING (group_id)
            WHERE (leads_home OR leads_iab)
              AND is_home
              AND (leads_home AND kind IN ('organization', 'iesg') OR leads_iab AND kind = 'iab')
              AND actions.state IN ('open', 'in-progress', 'waiting'))
$$;

-- What waits for a person: as many rows as desk_count counts.
CREATE FUNCTION desk_waits(managed bigint[], is_coordinator boolean, today date, person bigint, of_groups bigint[], leads_home boolean,
                           leads_iab boolean, author bigint, is_secretariat boolean, waited timestamptz)
RETURNS json LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT json_build_object(
        'actions', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT statements.number, statements.title, statements.from_text, groups.label AS group_label, mine.purpose,
                   mine.assignee_name, coalesce(mine.assignee_id = person, false) AS is_mine, deadlines.due_on, deadlines.kind AS deadline_kind
              FROM actions_of(person, of_groups, leads_home, leads_iab) AS mine
              JOIN statements ON statements.statement_id = mine.statement_id
              JOIN groups ON groups.group_id = mine.group_id
              LEFT JOIN LATERAL (SELECT due_on, kind
                                   FROM deadlines
                                  WHERE action_id = mine.action_id AND superseded_at IS NULL
                                  LIMIT 1) AS deadlines ON true
             ORDER BY deadlines.due_on NULLS LAST, statements.number
             LIMIT 100) AS listed),
        'sign_offs', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT draft_id, number, title, to_text, sign_offs.kind, coalesce(groups.label, from_text) AS for_label, asked_at, mine.is_standing_in,
                   (SELECT coalesce(string_agg(name, ' or ' ORDER BY name), '')
                      FROM (SELECT DISTINCT people.name
                              FROM sign_off_places AS places
                              JOIN roles ON roles.kind = places.role AND coalesce(roles.group_id, 0) = places.group_id
                              JOIN people USING (person_id)
                             WHERE places.sign_off_id = sign_offs.sign_off_id
                               AND roles.person_id <> person
                               AND roles.starts_on <= today
                               AND (roles.ends_on IS NULL OR roles.ends_on > today)) AS holders) AS others,
                   reply_due_on(sign_offs.statement_id) AS due_on, statements.state = 'posted' AS is_sent
              FROM sign_offs_asked(person, is_coordinator, leads_home, today, waited) AS mine
              JOIN sign_offs USING (sign_off_id)
              JOIN statements USING (statement_id)
              LEFT JOIN groups ON groups.group_id = sign_offs.group_id
             ORDER BY due_on NULLS LAST, asked_at, sign_offs.sign_off_id
             LIMIT 100) AS listed),
        'failed_mail', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT draft_id, number, coalesce(title, subject) AS title, mail_id, recipient, server_words, failed
              FROM (SELECT newest_id AS mail_delivery_id, failed FROM statements_with_failed_mail(author, is_coordinator)
                    UNION ALL SELECT mail_delivery_id, 1 FROM failed_account_mail(is_secretariat)) AS failures
              JOIN mail_deliveries USING (mail_delivery_id)
              JOIN mails USING (mail_id)
              LEFT JOIN statements USING (statement_id)
             ORDER BY mail_deliveries.ended_at DESC, mail_delivery_id DESC
             LIMIT 50) AS listed),
        'checks', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT draft_id, title, from_text, to_text, asked_at
              FROM checks_asked(managed, is_coordinator, today) AS asked
              JOIN statements USING (statement_id)
             WHERE is_coordinator OR cardinality(managed) > 0
             ORDER BY asked_at
             LIMIT 50) AS listed),
        'reports', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT report_id, title, coalesce(groups.label, '') AS group_label, people.name AS reporter, reported_at,
                   coalesce(taken_by = person, false) AS is_mine
              FROM unrecorded_waiting(managed, is_coordinator, today, person) AS report
              JOIN people ON people.person_id = reported_by
              LEFT JOIN groups ON groups.group_id = report.group_id
             ORDER BY reported_at
             LIMIT 50) AS listed),
        'for_managers', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT statements.number, statements.title, statements.from_text, groups.label AS group_label, groups.acronym, waiting.words,
                   waiting.at, is_refusal
              FROM (SELECT statement_id, group_id, words, closed_at AS at, false AS is_refusal FROM peers_to_tell(managed, is_coordinator, today)
                    UNION ALL
                    SELECT statement_id, group_id, refused_words, refused_at, true FROM refusals_to_decide(managed, is_coordinator, today)) AS waiting
              JOIN statements USING (statement_id)
              JOIN groups USING (group_id)
             WHERE is_coordinator OR cardinality(managed) > 0
             ORDER BY is_refusal DESC, waiting.at
             LIMIT 50) AS listed),
        'held', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT draft_id, title, to_text, held_at, held_why AS why, coalesce(held_by = person, false) AS is_mine
              FROM held_by_person(person, is_coordinator, today)
             ORDER BY held_at
             LIMIT 50) AS listed)));
END $$;

-- What a person began, and what they wait for.
CREATE FUNCTION desk_begun(managed bigint[], is_coordinator boolean, today date, person bigint, of_groups bigint[], leads_home boolean,
                           leads_iab boolean, author bigint)
RETURNS json LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT json_build_object(
        'drafts', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT draft_id, title, state, changed_at, direction = 'outgoing' AS is_outgoing, form,
                   EXISTS (SELECT 1 FROM attachments WHERE attachments.statement_id = statements.statement_id) AS has_files
              FROM statements
              JOIN statement_versions USING (statement_id, version)
             WHERE author_id = person
               AND state IN ('draft', 'in-review', 'abandoned')
             ORDER BY changed_at DESC
             LIMIT 50) AS listed),
        'waiting', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT draft_id, title, waits_since AS since, waits_for AS asked
              FROM statements
             WHERE waits_since IS NOT NULL
               AND (author_id = author OR is_for_manager(statement_id, managed, is_coordinator, today))
             ORDER BY waits_since
             LIMIT 50) AS listed),
        'peer_drafts', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT draft_id, title, coalesce(people.name, '') AS author, changed_at, reply_due_on(statement_id) AS due_on,
                   (SELECT coalesce(string_agg(groups.label, ', ' ORDER BY position), '')
                      FROM statement_groups
                      JOIN groups USING (group_id)
                     WHERE statement_groups.statement_id = statements.statement_id AND side = 'from') AS from_text
              FROM statements
              LEFT JOIN people ON people.person_id = author_id
             WHERE cardinality(managed) > 0
               AND statements.state = 'draft'
               AND direction = 'outgoing'
               AND author_id IS DISTINCT FROM person
               AND EXISTS (SELECT 1
                             FROM statement_groups
                             JOIN group_ancestors USING (group_id)
                            WHERE statement_groups.statement_id = statements.statement_id AND side = 'to' AND ancestor_id = ANY (managed))
             ORDER BY changed_at DESC
             LIMIT 50) AS listed),
        'awaited', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT statements.number, statements.title, groups.label AS group_label, deadlines.due_on
              FROM (SELECT action_id FROM awaited_places WHERE person_id = person
                    UNION
                    SELECT action_id FROM awaited_places WHERE group_id = ANY (of_groups)
                    UNION
                    SELECT action_id
                      FROM awaited_places
                      JOIN groups USING (group_id)
                     WHERE (leads_home OR leads_iab) AND is_home AND (leads_home AND kind IN ('organization', 'iesg') OR leads_iab AND kind = 'iab')
                    UNION
                    SELECT action_id
                      FROM group_ancestors
                      JOIN actions USING (group_id)
                     WHERE ancestor_id = ANY (managed) AND actions.state = 'awaited') AS mine
              JOIN actions USING (action_id)
              JOIN statements USING (statement_id)
              JOIN groups ON groups.group_id = actions.group_id
              LEFT JOIN deadlines ON deadlines.action_id = actions.action_id AND deadlines.superseded_at IS NULL
             WHERE statements.state = 'posted'
             ORDER BY deadlines.due_on NULLS LAST, statements.number
             LIMIT 50) AS listed),
        'reports', (SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT report_id, report.title, report.state, number, reported_at
              FROM unrecorded_statements AS report
              LEFT JOIN statements USING (statement_id)
             WHERE reported_by = person
             ORDER BY unrecorded_id DESC
             LIMIT 20) AS listed)));
END $$;
