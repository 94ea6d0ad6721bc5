-- What waits for whom, once: the desk lists it, and every page's header counts it.

-- Statements in review whose check is asked of the manager of these nodes, or of a coordinator: where the sender has
-- no manager who is there, or the coordinators were asked as well after the wait (domain.md 4).
CREATE FUNCTION checks_asked(managed bigint[], is_coordinator boolean, today date)
RETURNS TABLE (statement_id bigint, asked_at timestamptz) LANGUAGE sql STABLE AS $$
    SELECT sign_offs.statement_id, sign_offs.asked_at
      FROM sign_offs
      JOIN statements USING (statement_id)
     WHERE sign_offs.state = 'waiting'
       AND sign_offs.kind = 'check'
       AND statements.state = 'in-review'
       AND sign_offs.round = statements.round
       AND (EXISTS (SELECT 1
                      FROM statement_groups
                      JOIN group_ancestors USING (group_id)
                     WHERE statement_groups.statement_id = sign_offs.statement_id
                       AND statement_groups.side = 'from'
                       AND group_ancestors.ancestor_id = ANY (managed))
         OR is_coordinator AND (sign_offs.coordinators_asked_at IS NOT NULL OR NOT EXISTS (
                    SELECT 1
                      FROM statement_groups
                      JOIN group_ancestors USING (group_id)
                      JOIN roles ON roles.group_id = group_ancestors.ancestor_id
                     WHERE statement_groups.statement_id = sign_offs.statement_id
                       AND statement_groups.side = 'from'
                       AND roles.kind = 'liaison-manager'
                       AND roles.starts_on <= today
                       AND (roles.ends_on IS NULL OR roles.ends_on > today)
                       AND (roles.away_until IS NULL OR roles.away_until <= today))))
$$;

-- Open actions that are a person's, or of groups they speak for.
CREATE FUNCTION actions_of(person bigint, of_groups bigint[], leads_home boolean, leads_iab boolean)
RETURNS SETOF actions LANGUAGE sql STABLE AS $$
    SELECT actions.*
      FROM actions
     WHERE actions.state IN ('open', 'in-progress', 'waiting')
       AND (actions.assignee_id = person
         OR actions.group_id = ANY (of_groups)
         OR leads_home AND actions.group_id IN (SELECT group_id FROM groups WHERE is_home AND kind IN ('organization', 'iesg'))
         OR leads_iab AND actions.group_id IN (SELECT group_id FROM groups WHERE is_home AND kind = 'iab'))
$$;
