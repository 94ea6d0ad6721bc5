-- Makes $many$ posted statements between a home tree of 120 groups and peers' trees of 400, set by set.
-- Words in every 4th, 33rd and 1,000th body: "synchronization", "interconnection", "heliograph". Dates of 30 years, many equal.
-- Purposes, ways to handle, deadlines, assignees, contacts and titles of files are common, seldom and rare.
SELECT setseed(0.5);

INSERT INTO groups (parent_id, root_id, acronym, name, label, kind, is_home) VALUES (NULL, 0, 'manyhome', 'Home', 'MANYHOME', 'organization', NOT EXISTS (SELECT 1 FROM groups WHERE is_home));
INSERT INTO groups (parent_id, root_id, acronym, name, label, kind)
SELECT group_id, 0, 'area' || n, 'Area ' || n, 'AREA' || n, 'area' FROM groups, generate_series(1, 7) AS n WHERE acronym = 'manyhome';
INSERT INTO groups (parent_id, root_id, acronym, name, label, kind)
SELECT group_id, 0, 'wg' || n, 'Working group ' || n, 'WG' || n, 'wg' FROM generate_series(1, 112) AS n JOIN groups ON acronym = 'area' || (n % 7 + 1);
INSERT INTO groups (parent_id, root_id, acronym, name, label, kind)
SELECT NULL, 0, 'peer' || n, 'Peer ' || n, 'PEER' || n, 'organization' FROM generate_series(1, 25) AS n;
INSERT INTO groups (parent_id, root_id, acronym, name, label, kind)
SELECT group_id, 0, 'sg' || n, 'Study group ' || n, 'PEER' || (n % 25 + 1) || ' SG' || n, 'group' FROM generate_series(1, 375) AS n JOIN groups ON acronym = 'peer' || (n % 25 + 1);

CREATE TEMPORARY TABLE many_home ON COMMIT DROP AS SELECT group_id, label, row_number() OVER (ORDER BY group_id) - 1 AS n FROM groups WHERE acronym ~ '^wg[0-9]+$';
CREATE TEMPORARY TABLE many_peer ON COMMIT DROP AS SELECT group_id, label, row_number() OVER (ORDER BY group_id) - 1 AS n FROM groups WHERE acronym ~ '^sg[0-9]+$';
CREATE TEMPORARY TABLE many_words ON COMMIT DROP AS
SELECT paragraph AS n, string_agg('w' || (random() * random() * 20000)::int, ' ') || ' ' AS words
  FROM generate_series(0, 409) AS paragraph, generate_series(1, 100)
 GROUP BY paragraph;
ALTER TABLE many_words ADD COLUMN vector tsvector;
UPDATE many_words SET vector = setweight(to_tsvector('english', words), 'C');
CREATE UNIQUE INDEX ON many_home (n);
CREATE UNIQUE INDEX ON many_peer (n);

-- the triggers would do the same row by row
SET LOCAL session_replication_role = replica;

CREATE TEMPORARY TABLE many ON COMMIT DROP AS
SELECT n,
       (random() * random() * 374)::int AS peer,         -- few peers write much, many little
       (random() * 111)::int AS home,
       random() < 0.6 AS is_incoming,
       CASE WHEN n % 2000 = 3 THEN 'other' WHEN n % 50 = 9 THEN 'for-comment'
            WHEN random() < 0.4 THEN 'for-action' WHEN random() < 0.5 THEN 'in-response' ELSE 'for-information' END AS purpose,
       random() AS chance,
       DATE '1996-01-01' + (n::bigint * 10900 / $many$)::int AS day
  FROM generate_series(1, $many$) AS n;

INSERT INTO statements (draft_id, number, origin, direction, state, title, body, purpose, letter_date, letter_date_precision,
                        from_text, to_text, made_at, changed_at, posted_at)
SELECT 'many-' || lpad(many.n::text, 20, '0'), first + many.n, 'imported',
       CASE WHEN many.n % 1000 = 5 THEN 'between-others' WHEN is_incoming THEN 'incoming' ELSE 'outgoing' END, 'posted',
       (ARRAY['Liaison on', 'Reply to', 'LS on', 'New', 'Question about', 'Status of'])[many.n % 6 + 1] || ' work item ' || many.n || ' of ' || many_peer.label,
       'Dear colleagues,' || chr(13) || chr(10)
           || one.words || two.words || three.words
           || CASE WHEN many.n % 4 = 0 THEN ' synchronization' ELSE '' END
           || CASE WHEN many.n % 33 = 0 THEN ' interconnection' ELSE '' END
           || CASE WHEN many.n % 1000 = 0 THEN ' heliograph' ELSE '' END,
       purpose, day, 'day',
       CASE WHEN is_incoming THEN many_peer.label ELSE many_home.label END,
       CASE WHEN is_incoming THEN many_home.label ELSE many_peer.label END,
       day, day, day
  FROM many
  JOIN many_home ON many_home.n = many.home
  JOIN many_peer ON many_peer.n = many.peer
  JOIN many_words AS one ON one.n = many.n % 397
  JOIN many_words AS two ON two.n = many.n * 7 % 401
  JOIN many_words AS three ON three.n = many.n * 13 % 409
 CROSS JOIN (SELECT coalesce(max(number), 0) AS first FROM statements) AS before;

INSERT INTO people (name) SELECT 'Many Person ' || n FROM generate_series(1, 200) AS n;
CREATE TEMPORARY TABLE many_people ON COMMIT DROP AS
SELECT person_id, row_number() OVER (ORDER BY person_id) - 1 AS n FROM people WHERE name LIKE 'Many Person %';

CREATE TEMPORARY TABLE many_made ON COMMIT DROP AS
SELECT statement_id, many.* FROM many JOIN statements ON draft_id = 'many-' || lpad(many.n::text, 20, '0');

INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label, purpose)
SELECT statement_id, CASE WHEN is_incoming THEN 'from' ELSE 'to' END, 1, group_id, label, label, NULL FROM many_made JOIN many_peer ON many_peer.n = peer
UNION ALL
SELECT statement_id, CASE WHEN is_incoming THEN 'to' ELSE 'from' END, 1, group_id, label, label, NULL FROM many_made JOIN many_home ON many_home.n = home
UNION ALL
SELECT statement_id, 'to', 2, group_id, label, label, 'for-information' FROM many_made JOIN many_home ON many_home.n = (home + 3) % 112
 WHERE many_made.n % 9 = 0 AND is_incoming
UNION ALL
SELECT statement_id, 'copy', 1, group_id, label, label, NULL FROM many_made JOIN many_home ON many_home.n = (home + 7) % 112 WHERE many_made.n % 5 = 0;

INSERT INTO actions (statement_id, statement_group_id, group_id, purpose, state, assignee_id, made_at, closed_at, words, paused_on, told_at)
SELECT statement_id, statement_group_id, group_id, its.purpose, state, person_id, day,
       CASE WHEN state NOT IN ('open', 'in-progress', 'waiting', 'awaited', 'unknown') THEN day + 30 END,
       CASE WHEN state IN ('closed-without-reply', 'no-longer-awaited') THEN 'told at the meeting' ELSE '' END, CASE WHEN state = 'waiting' THEN day END,
       CASE WHEN state = 'closed-without-reply' THEN day + 31 END
  FROM (SELECT many_made.*, statement_group_id, group_id, coalesce(statement_groups.purpose, many_made.purpose) AS asked,
               CASE WHEN many_made.n > $many$ * 0.95 THEN
                         CASE WHEN NOT is_incoming THEN 'awaited'
                              WHEN coalesce(statement_groups.purpose, many_made.purpose) = 'for-information' THEN 'noted' WHEN chance < 0.7 THEN 'open' WHEN chance < 0.95 THEN 'in-progress' ELSE 'waiting' END
                    WHEN NOT is_incoming THEN CASE WHEN chance < 0.9 THEN 'answered' ELSE 'no-longer-awaited' END
                    WHEN coalesce(statement_groups.purpose, many_made.purpose) = 'for-information' THEN CASE WHEN chance < 0.5 THEN 'noted' ELSE 'no-action-recorded' END
                    WHEN chance < 0.001 THEN 'recorded-twice' WHEN chance < 0.005 THEN 'redirected' WHEN chance < 0.05 THEN 'answered-informally'
                    WHEN chance < 0.15 THEN 'closed-without-reply' WHEN chance < 0.4 THEN 'unknown' ELSE 'responded' END AS state
          FROM many_made JOIN statement_groups USING (statement_id)
         WHERE side = 'to') AS asked
 CROSS JOIN LATERAL (SELECT asked.asked AS purpose) AS its
  LEFT JOIN many_people ON many_people.n = (chance * chance * 250)::int
 WHERE its.purpose IN ('for-action', 'for-information') AND (is_incoming OR its.purpose = 'for-action');

INSERT INTO awaited_places (action_id, group_id)
SELECT action_id, statement_groups.group_id FROM actions JOIN many_made USING (statement_id) JOIN statement_groups USING (statement_id)
 WHERE state = 'awaited' AND side = 'from';

INSERT INTO deadlines (action_id, due_on, kind, made_at)
SELECT action_id, day + 20 + n % 100, 'as-written', day FROM actions JOIN many_made USING (statement_id) WHERE actions.purpose = 'for-action';

INSERT INTO statement_references (statement_id, position, as_written, normal)
SELECT statement_id, 1, 'MANY-LS' || n, 'manyls' || n FROM many_made WHERE is_incoming;

INSERT INTO contacts (statement_id, use, position, name, address, address_key, sort)
SELECT statement_id, 'from', 1, 'Contact Number' || n % 300, 'contact' || n % 300 || '@example.com', 'contact' || n % 300 || '@example.com', 'person'
  FROM many_made WHERE n % 2 = 0;

INSERT INTO attachments (statement_id, n, kind, title, url, visibility, added_at)
SELECT statement_id, 1, 'enclosure', 'Annex ' || n % 40, 'https://example.com/' || n, 'public', day FROM many_made WHERE n % 3 = 0;

INSERT INTO relations (statement_id, kind, earlier_id, reply_kind)
SELECT later.statement_id, 'in-response-to', earlier.statement_id, 'final'
  FROM many_made AS later JOIN many_made AS earlier ON earlier.n = later.n - 10 WHERE later.purpose = 'in-response';

INSERT INTO statement_listing (statement_id, number, direction, purpose, sort_date, deadline, title_key, from_key, to_key)
SELECT meant.* FROM statement_listing_meant AS meant JOIN many_made USING (statement_id);

INSERT INTO statement_places (statement_id, group_id, direction, sort_date, number, is_from, is_to, is_copy, purpose)
SELECT meant.* FROM statement_places_meant AS meant JOIN many_made USING (statement_id);

INSERT INTO statement_addressees (statement_id, statement_group_id, group_id, direction, sort_date, number, purpose, handling, is_open, due_on, assignee)
SELECT meant.* FROM statement_addressees_meant AS meant JOIN many_made USING (statement_id);

-- what index_statement makes of it, from paragraphs whose words are known
INSERT INTO statement_search (statement_id, direction, sort_date, number, words)
SELECT statement_id, direction, sort_date, number,
       setweight(to_tsvector('english', statements.title), 'A') || setweight(to_tsvector('simple', coalesce(as_written || ' ' || normal, '')), 'A')
           || setweight(to_tsvector('english', concat_ws(' ', contacts.name, attachments.title)), 'B')
           || setweight(to_tsvector('english', 'Dear colleagues,'), 'C') || one.vector || two.vector || three.vector
           || setweight(to_tsvector('english', right(body, 60)), 'C')
  FROM many_made
  JOIN statements USING (statement_id)
  JOIN many_words AS one ON one.n = many_made.n % 397
  JOIN many_words AS two ON two.n = many_made.n * 7 % 401
  JOIN many_words AS three ON three.n = many_made.n * 13 % 409
  LEFT JOIN statement_references USING (statement_id)
  LEFT JOIN contacts USING (statement_id)
  LEFT JOIN attachments USING (statement_id);
