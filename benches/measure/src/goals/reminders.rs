//! P15: the reminders of a day, beside SQL that writes the same rows.

use std::process::Stdio;
use std::time::Instant;

use anyhow::ensure;
use sqlx::{Connection, Executor, PgConnection};
use tokio::process::Command;

use crate::bench::{Bench, SCRATCH};
use crate::figures::{Goal, Outcome, Spread};

/// 10,000 open actions of 2,500 statements, one in four due on the day whose reminders are written; four people each: two chairs of
/// the group, an assignee of its own, the manager of the peer. All others are due in three years, and no sign-off waits.
const FILL: &str = "
SET LOCAL session_replication_role = replica;
CREATE TABLE reminded (n integer, statement_id bigint, wg bigint, sg bigint, assignee bigint);
CREATE TABLE their_day AS SELECT least((now() AT TIME ZONE 'UTC')::date, (now() AT TIME ZONE 'UTC' - INTERVAL '6 hours')::date) AS day;
WITH new AS (INSERT INTO people (name) SELECT 'Reminded ' || n FROM generate_series(1, 2749) AS n RETURNING person_id)
INSERT INTO addresses (address_key, address, person_id, is_primary)
SELECT 'reminded-' || person_id || '@demo.example', 'reminded-' || person_id || '@demo.example', person_id, true FROM new;
CREATE TEMPORARY TABLE who ON COMMIT DROP AS
SELECT person_id, row_number() OVER (ORDER BY person_id) - 1 AS n FROM people WHERE name LIKE 'Reminded %';
CREATE TEMPORARY TABLE wgs ON COMMIT DROP AS SELECT group_id, row_number() OVER (ORDER BY group_id) - 1 AS n FROM groups WHERE acronym ~ '^wg[0-9]+$';
CREATE TEMPORARY TABLE sgs ON COMMIT DROP AS SELECT group_id, row_number() OVER (ORDER BY group_id) - 1 AS n FROM groups WHERE acronym ~ '^sg[0-9]+$';
INSERT INTO roles (person_id, kind, group_id, starts_on)
SELECT person_id, 'chair', group_id, DATE '2020-01-01' FROM wgs JOIN who ON who.n IN (wgs.n * 2, wgs.n * 2 + 1)
UNION ALL
SELECT person_id, 'liaison-manager', group_id, DATE '2020-01-01'
  FROM (SELECT group_id, row_number() OVER (ORDER BY group_id) - 1 AS n FROM groups WHERE acronym ~ '^peer[0-9]+$') AS peers JOIN who ON who.n = 224 + peers.n;
WITH new AS (
    INSERT INTO statements (draft_id, number, origin, direction, state, title, purpose, from_text, to_text, made_at, changed_at, posted_at)
    SELECT 'reminded-' || lpad(n::text, 20, '0'), 5000000 + n, 'native', 'incoming', 'posted', 'What is due ' || n, 'for-action', 'a peer', 'a group',
           now() - INTERVAL '90 days', now() - INTERVAL '90 days', now() - INTERVAL '90 days'
      FROM generate_series(1, 10000) AS n
    RETURNING statement_id, number - 5000000 AS n)
INSERT INTO reminded
SELECT new.n, statement_id, wgs.group_id, sgs.group_id, who.person_id
  FROM new JOIN wgs ON wgs.n = new.n % 112 JOIN sgs ON sgs.n = new.n % 375 JOIN who ON who.n = 249 + new.n / 4 % 2500;
INSERT INTO statement_groups (statement_id, side, position, group_id, as_written, label)
SELECT statement_id, 'from', 1, sg, 'a peer', 'a peer' FROM reminded UNION ALL SELECT statement_id, 'to', 1, wg, 'a group', 'a group' FROM reminded;
INSERT INTO actions (statement_id, statement_group_id, group_id, purpose, state, assignee_id, assignee_name, made_at, open_since)
SELECT statement_id, statement_group_id, wg, 'for-action', 'in-progress', assignee, 'Reminded', now() - INTERVAL '90 days', now() - INTERVAL '90 days'
  FROM reminded JOIN statement_groups USING (statement_id) WHERE side = 'to';
INSERT INTO deadlines (action_id, due_on, kind, made_at)
SELECT action_id, CASE WHEN n % 4 = 0 THEN day ELSE day + 1000 + n % 100 END, 'as-written', now() - INTERVAL '90 days'
  FROM actions JOIN reminded USING (statement_id), their_day;
UPDATE deadlines SET due_on = day + 2000 FROM their_day WHERE action_id NOT IN (SELECT action_id FROM actions JOIN reminded USING (statement_id));
UPDATE sign_offs SET state = 'void' WHERE state = 'waiting';
DELETE FROM reminders;
DELETE FROM reminder_days";

/// As before that day: nothing of it is written.
const UNDO: &str = "
SET LOCAL session_replication_role = replica;
TRUNCATE reminders, reminder_days;
DELETE FROM mail_deliveries WHERE mail_id IN (SELECT mail_id FROM mails WHERE event = 'reminder');
DELETE FROM mails WHERE event = 'reminder';
DELETE FROM history WHERE event = 'reminded';
INSERT INTO reminder_days (last_day) SELECT day - 1 FROM their_day";

const KEEP: &str = "
CREATE TABLE kept_mails AS SELECT * FROM mails WHERE event = 'reminder';
CREATE TABLE kept_deliveries AS SELECT mail_deliveries.* FROM mail_deliveries JOIN kept_mails USING (mail_id);
CREATE TABLE kept_reminders AS SELECT * FROM reminders;
CREATE TABLE kept_history AS SELECT * FROM history WHERE event = 'reminded'";

/// The same rows, by SQL alone.
const INSERT: &str = "
INSERT INTO mails OVERRIDING SYSTEM VALUE SELECT * FROM kept_mails ORDER BY mail_id;
INSERT INTO mail_deliveries OVERRIDING SYSTEM VALUE SELECT * FROM kept_deliveries ORDER BY mail_delivery_id;
INSERT INTO reminders OVERRIDING SYSTEM VALUE SELECT * FROM kept_reminders ORDER BY reminder_id;
INSERT INTO history OVERRIDING SYSTEM VALUE SELECT * FROM kept_history ORDER BY history_id";

/// Deadlines with a step on that day, by the index that the run uses.
const DUE: &str = "
SELECT count(deadline_id) FROM deadlines
 WHERE superseded_at IS NULL
   AND due_on = ANY (ARRAY(SELECT day + step FROM their_day, unnest(ARRAY[14, 7, 1, 0, -1, -7, -28, 19, 12, 6, 5, 4, -2, -23]) AS step))";

/// Time in the database, in ms, and statements sent since the last reset, without what every start asks.
const SPENT: &str = "
SELECT coalesce(sum(total_exec_time), 0)::float8, coalesce(sum(calls), 0)::float8
  FROM pg_stat_statements
 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND query NOT LIKE '%pg_stat_statements%' AND query NOT LIKE '%_sqlx_migrations%' AND query NOT LIKE '%is_demonstration%'";

/// P15.
pub async fn reminders(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let mut connection = bench.place.connect(SCRATCH).await?;
    all(&mut connection, FILL).await?;
    connection.execute("VACUUM ANALYZE").await?;
    let (mut ratios, mut seconds, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = 0;
    for round in 0..if bench.is_quick { 3 } else { 7 } {
        all(&mut connection, UNDO).await?;
        connection.execute("CHECKPOINT").await?;
        let of_product = run(bench).await?;
        if round == 0 {
            all(&mut connection, KEEP).await?;
            rows = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM kept_reminders").fetch_one(&mut connection).await?;
            ensure!(rows == 10_000, "{rows} reminders instead of 10,000");
        }
        all(&mut connection, UNDO).await?;
        connection.execute("CHECKPOINT").await?;
        let begun = Instant::now();
        all(&mut connection, INSERT).await?;
        let of_sql = begun.elapsed().as_secs_f64();
        ratios.push(of_product / of_sql);
        seconds.push(of_product);
        alone.push(of_sql);
    }
    let mails: i64 = sqlx::query_scalar("SELECT count(*) FROM kept_mails").fetch_one(&mut connection).await?;
    let words = format!("remind --once, 2,500 of 10,000 due, {rows} reminders in {mails} mails");
    out.push(Outcome::new("P15", format!("{words} ÷ INSERT … SELECT"), Spread::of(&ratios), "", Goal::AtMost(12.0)));
    // a machine that does nothing else writes these rows in less than half a second
    let is_quiet = Spread::of(&alone).median < 0.5;
    out.push(Outcome::new("P15", words, Spread::of(&seconds), "s", Goal::AtMost(3.0)).unless_noisy(is_quiet));
    out.push(Outcome::new("P15", "the same rows by SQL alone", Spread::of(&alone), "s", Goal::None));

    all(&mut connection, "UPDATE deadlines SET due_on = day + 1000 FROM their_day WHERE due_on < day + 1000").await?;
    connection.execute("VACUUM ANALYZE").await?;
    for (what, undo, goal) in [("a day on which nothing is due", UNDO, Goal::AtMost(5.0)), ("a day that is done", "", Goal::None)] {
        let (mut ratios, mut calls) = (Vec::new(), 0.0);
        for _ in 0..if bench.is_quick { 3 } else { 11 } {
            if !undo.is_empty() {
                all(&mut connection, undo).await?;
            }
            connection.execute("SELECT pg_stat_statements_reset()").await?;
            run(bench).await?;
            let of_product = spent(&mut connection).await?;
            connection.execute("SELECT pg_stat_statements_reset()").await?;
            // on a connection of its own, as the run has one
            let mut fresh = bench.place.connect(SCRATCH).await?;
            let due: i64 = sqlx::query_scalar(DUE).fetch_one(&mut fresh).await?;
            fresh.close().await?;
            ensure!(due == 0, "{due} are due");
            ratios.push(of_product.0 / spent(&mut connection).await?.0);
            calls = of_product.1;
        }
        let words = format!("remind --once on {what}, {calls} statements: time in the database ÷ SELECT by the same index");
        out.push(Outcome::new("P15", words, Spread::of(&ratios), "", goal));
    }
    Ok(())
}

/// Several statements, in one transaction.
async fn all(connection: &mut PgConnection, statements: &'static str) -> anyhow::Result<()> {
    let mut transaction = connection.begin().await?;
    transaction.execute(statements).await?;
    Ok(transaction.commit().await?)
}

/// Runs it; seconds from its start to its end.
async fn run(bench: &Bench) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut program = Command::new(&bench.place.program);
    program.args(["remind", "--once"]).env("DATABASE_URL", bench.place.url(SCRATCH)).env("LIAISON_LOG", "warn");
    let status = program.stdin(Stdio::null()).stdout(Stdio::null()).status().await?;
    ensure!(status.success(), "remind --once failed");
    Ok(begun.elapsed().as_secs_f64())
}

async fn spent(connection: &mut PgConnection) -> anyhow::Result<(f64, f64)> {
    Ok(sqlx::query_as(SPENT).fetch_one(connection).await?)
}
