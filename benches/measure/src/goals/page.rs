//! P06: the page of a statement that much has happened to.

use sqlx::Executor;

use crate::bench::{Bench, SCRATCH};
use crate::figures::{Goal, Outcome};
use crate::http;
use crate::load::{self, Variant};
use crate::servers::{self, Server};

/// Two threads of eight; the first of each has 5 attachments, and 20 or 2,000 events.
const FILL: &str = "
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE TEMPORARY TABLE chosen ON COMMIT DROP AS
SELECT statement_id, posted_at, row_number() OVER (ORDER BY number DESC) - 1 AS n
  FROM statements
 WHERE draft_id LIKE 'many-%' AND direction = 'incoming' AND purpose = 'for-action'
   AND NOT EXISTS (SELECT FROM relations WHERE relations.statement_id = statements.statement_id OR earlier_id = statements.statement_id)
   AND NOT EXISTS (SELECT FROM attachments WHERE attachments.statement_id = statements.statement_id)
 LIMIT 16;
INSERT INTO relations (statement_id, kind, earlier_id)
SELECT later.statement_id, 'follows-up', earlier.statement_id FROM chosen AS later JOIN chosen AS earlier ON earlier.n = later.n + 1 WHERE later.n % 8 <> 7;
INSERT INTO attachments (statement_id, n, kind, title, url, visibility, added_at)
SELECT statement_id, file, 'enclosure', 'Annex ' || file, 'https://example.com/' || file, 'public', posted_at
  FROM chosen, generate_series(1, 5) AS file WHERE chosen.n % 8 = 0;
INSERT INTO history (at, statement_id, actor_name, actor_role, event, words, audience)
SELECT posted_at + event * INTERVAL '1 second', statement_id, 'Some Chair', 'chair of WG', 'changed', 'changed the assignee for the ' || event || 'th time', 'public'
  FROM chosen, generate_series(1, 2000) AS event WHERE chosen.n = 8 OR chosen.n = 0 AND event <= 20;
CREATE TABLE measured_pages AS SELECT number FROM statements JOIN chosen USING (statement_id) WHERE n % 8 = 0 ORDER BY n;
COMMIT";

/// P06.
pub async fn statement(bench: &Bench, out: &mut Vec<Outcome>) -> anyhow::Result<()> {
    let mut connection = bench.place.connect(SCRATCH).await?;
    connection.execute(FILL).await?;
    connection.execute("VACUUM ANALYZE").await?;
    let numbers: Vec<i32> = sqlx::query_scalar("SELECT number FROM measured_pages ORDER BY number DESC").fetch_all(&mut connection).await?;
    let paths: Vec<String> = numbers.iter().map(|number| format!("/statements/{number}")).collect();
    let product = Server::product(&bench.place, SCRATCH, &[]).await?;
    let queries = servers::capture(&bench.place, &product, &paths[0]).await?;
    let bare = Server::bare(&bench.place, SCRATCH, &queries).await?;
    let variant = |name: &str, server, path: &str| Variant { name: name.to_owned(), server, request: http::get(path, &[]) };
    let variants = vec![variant("queries", &bare, "/"), variant("20", &product, &paths[0]), variant("2,000", &product, &paths[1])];
    let (samples, is_quiet, control) = bench.rounds(variants, 1).await?;
    let words = format!("statement, 20 events, 5 attachments, thread of 8: cost ÷ bare with its {} queries", queries.len());
    for (words, one, other, most) in [(words.as_str(), "20", "queries", 2.0), ("statement: cost with 2,000 events ÷ with 20", "2,000", "20", 1.3)] {
        let ratio = load::ratio(&samples, one, other, |sample| sample.cpu);
        out.push(Outcome::new("P06", words, ratio, "", Goal::AtMost(most)).unless_noisy(is_quiet));
    }
    out.push(Outcome { id: "P06", ..control });
    Ok(())
}
