-- What hangs together, for the page of a statement and for its thread as a table. A function, since both would repeat it;
-- PostgreSQL puts it into the asking query.

CREATE FUNCTION thread_of(start bigint) RETURNS TABLE (statement_id bigint) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE thread (statement_id) AS (
        SELECT start
         UNION
        SELECT statements.statement_id
          FROM thread
         CROSS JOIN LATERAL (
               SELECT earlier_id AS statement_id
                 FROM relations
                WHERE relations.statement_id = thread.statement_id AND kind <> 'related'
                UNION ALL
               SELECT relations.statement_id
                 FROM relations
                WHERE earlier_id = thread.statement_id AND kind <> 'related') AS beside
          JOIN statements ON statements.statement_id = beside.statement_id AND statements.state = 'posted'
    )
    SELECT thread.statement_id FROM thread
$$;
