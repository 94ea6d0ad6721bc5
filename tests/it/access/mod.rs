//! Who may do what, from outside: every route, every role, every way around (robustness.md AZ, WB, LC).

mod changes;
mod crossing;
mod headers;
mod outgoing;
mod races;
pub mod routes;
mod twice;

use liaison_tracker::urls;
use sqlx::{AssertSqlSafe, Row};

use crate::support::people::{Person, World, world};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service_with};

const NOW: &str = "2026-03-02T09:00:00Z";

/// A letter as the form's fields have it.
const LETTER: [(&str, &str); 6] = [
    ("from", "ITU-T SG11"),
    ("to", "wire"),
    ("title", "LS on wire formats"),
    ("purpose", "for-action"),
    ("deadline", "1 May 2026"),
    ("body", "Dear colleagues,\r\nplease comment."),
];

/// One tracker with one of everything that can be asked for.
struct Stage {
    service: TestService,
    world: World,
    /// Number of a posted statement of the chair's.
    posted: i32,
    /// The unguessable id it had as a draft.
    posted_draft: String,
    /// A draft of the chair's, ready to be submitted.
    draft: String,
    /// The same, in review.
    review: String,
    mail: i64,
    delivery: i64,
    /// A delivery about what is in review.
    review_delivery: i64,
    /// A session of the chair's.
    session: i64,
    /// A report of the chair's, about ITU-T.
    report: String,
    /// A stored contact of ITU-T SG11.
    contact: i64,
    /// The role of the manager for ITU-T.
    role: i64,
}

async fn stage() -> Stage {
    stage_with(&[]).await
}

async fn stage_with(variables: &[(&str, &str)]) -> Stage {
    let service = service_with(clock(NOW), variables).await;
    let world = world(&service).await;
    let mut chair = service.as_person(&world.chair).await;

    let posted_draft = begin(&mut chair, &[("Files", "public.pdf"), ("Files", "secret.pdf"), ("Files", "note.txt")]).await;
    submit(&mut chair, &posted_draft).await;
    let mut manager = service.as_person(&world.manager_itu_t).await;
    manager.get(&urls::review(&posted_draft)).await;
    manager.submit("Send decision", &[("Decision", "Approve")]).await;
    manager.assert_at("/statements/1");
    let pool = &service.app.pool;
    sqlx::query("UPDATE attachments SET visibility = 'concerned' WHERE file_name = 'secret.pdf'").execute(pool).await.expect("an attachment");

    let draft = begin(&mut chair, &[("Files", "draft.pdf"), ("Files", "note.txt")]).await;
    let review = begin(&mut chair, &[("Files", "review.pdf")]).await;
    submit(&mut chair, &review).await;

    let report = report(&mut chair).await;

    let delivery = sqlx::query(
        "SELECT mail_id, min(mail_delivery_id) FROM mails JOIN mail_deliveries USING (mail_id) WHERE event = 'incoming-posted' GROUP BY mail_id",
    );
    let delivery = delivery.fetch_one(pool).await.expect("a mail");
    let review_delivery =
        "SELECT min(mail_delivery_id) FROM mail_deliveries JOIN mails USING (mail_id) JOIN statements USING (statement_id) WHERE draft_id = $1";
    let review_delivery = sqlx::query_scalar(review_delivery).bind(&review).fetch_one(pool).await.expect("a delivery");
    let session = sqlx::query_scalar("SELECT session_id FROM sessions WHERE person_id = $1").bind(world.chair.id.0).fetch_one(pool).await;
    let contact = sqlx::query_scalar("SELECT group_contact_id FROM group_contacts WHERE mailbox = 'sg11@itu-t.example'").fetch_one(pool).await;
    let role = sqlx::query_scalar("SELECT role_id FROM roles WHERE person_id = $1").bind(world.manager_itu_t.id.0).fetch_one(pool).await;
    Stage {
        posted: 1,
        posted_draft,
        draft,
        review,
        mail: delivery.get(0),
        delivery: delivery.get(1),
        review_delivery,
        session: session.expect("a session"),
        report,
        contact: contact.expect("a contact"),
        role: role.expect("a role"),
        service,
        world,
    }
}

/// Begins a draft by the real form; its unguessable id.
async fn begin(visitor: &mut Visitor, files: &[(&str, &str)]) -> String {
    visitor.get("/statements/incoming/new").await;
    for (field, name) in files {
        visitor.attach(field, name, if name.ends_with(".txt") { b"a note".as_slice() } else { b"%PDF-1.4 a letter" });
    }
    let fields = [
        ("From", "ITU-T SG11"),
        ("To", "wire"),
        ("Title", "LS on wire formats"),
        ("Purpose", "For Action"),
        ("Deadline", "1 May 2026"),
        ("Text", "Dear colleagues,\nplease comment."),
    ];
    visitor.submit("Continue to check", &fields).await;
    visitor.assert_status(200).assert_says("Check and submit");
    visitor.page.path.trim_start_matches("/statements/drafts/").trim_end_matches("/submit").to_owned()
}

/// Reports an unrecorded statement of ITU-T by the real form; the report's id.
async fn report(visitor: &mut Visitor) -> String {
    visitor.get(urls::REPORT).await;
    visitor.attach("Files", "letter.pdf", b"%PDF-1.4 an unrecorded letter");
    let fields = [("What is it about?", "A letter of SG11"), ("From which organization?", "ITU-T SG11"), ("Its text, or the whole mail", "Dear all")];
    visitor.submit("Report it", &fields).await;
    visitor.assert_status(200).assert_says("Reported. Mailed: the liaison manager for ITU-T.");
    visitor.page.path.trim_start_matches("/statements/unrecorded/").to_owned()
}

async fn submit(visitor: &mut Visitor, draft: &str) {
    visitor.get(&urls::submit(draft)).await;
    // the stage's letters are alike
    let is_asked = visitor.page.text.contains("Same statement?");
    visitor.submit("Submit for review", if is_asked { &[("Record anyway", "yes")] } else { &[] }).await;
    visitor.assert_at(&urls::draft(draft)).assert_says("Submitted.");
}

impl Stage {
    /// The roles, in the order of the tables' columns. None: nobody is signed in.
    fn roles(&self) -> [(&'static str, Option<&Person>); 9] {
        let world = &self.world;
        [
            ("anonymous", None),
            ("outsider", Some(&world.outsider)),
            ("other chair", Some(&world.chair_bench)),
            ("chair", Some(&world.chair)),
            ("area director", Some(&world.ad_net)),
            ("manager", Some(&world.manager_itu_t)),
            ("IAB member", Some(&world.iab_member)),
            ("coordinator", Some(&world.coordinator)),
            ("secretariat", Some(&world.secretariat)),
        ]
    }

    /// A browser that follows no redirect.
    async fn visitor(&self, person: Option<&Person>) -> Visitor {
        let mut visitor = self.service.visitor();
        if let Some(person) = person {
            visitor.be(&self.service.app, person).await;
        }
        visitor.follows = false;
        visitor
    }

    /// A twin of a statement that is not posted: another draft id, everything else the same.
    async fn twin(&self, draft: &str) -> String {
        twin(&self.service.app.pool, draft).await
    }

    /// The address that a row of a table stands for; drafts may be twins.
    fn path(&self, path: &str, draft: &str, review: &str) -> String {
        let session = self.session.to_string();
        let known = [
            ("<posted>", self.posted.to_string()),
            ("<was-draft>", self.posted_draft.clone()),
            ("<draft>", draft.to_owned()),
            ("<review>", review.to_owned()),
            ("<mail>", self.mail.to_string()),
            ("<delivery>", self.delivery.to_string()),
            ("<review-delivery>", self.review_delivery.to_string()),
            ("<session>", session),
            ("<report>", self.report.clone()),
            ("<contact>", self.contact.to_string()),
            ("<role>", self.role.to_string()),
            ("<secret>", "x".repeat(43)),
            ("<no-draft>", "A".repeat(22)),
            ("<no-number>", "999999".to_owned()),
        ];
        let mut path = path.to_owned();
        for (name, value) in known {
            path = path.replace(name, &value);
        }
        assert!(!path.contains('<'), "{path}");
        path
    }

    /// What a database holds, table by table: rows and a hash of all that stands in them.
    async fn fingerprint(&self) -> Vec<(String, i64, String)> {
        fingerprint(&self.service.app.pool).await
    }
}

pub(crate) async fn twin(pool: &sqlx::PgPool, draft: &str) -> String {
    let mut transaction = pool.begin().await.expect("a transaction");
    let columns = |table: &'static str, without: &'static [&'static str]| {
        sqlx::query_scalar::<_, String>(
            "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns
              WHERE table_name = $1 AND NOT column_name = ANY ($2) AND is_generated = 'NEVER' AND is_identity = 'NO'",
        )
        .bind(table)
        .bind(without)
    };
    let all = columns("statements", &["draft_id", "creation_key"]).fetch_one(&mut *transaction).await.expect("columns");
    let insert = format!(
        "INSERT INTO statements (draft_id, {all}) SELECT md5(random()::text), {all} FROM statements WHERE draft_id = $1 RETURNING statement_id, draft_id"
    );
    let made = sqlx::query(AssertSqlSafe(insert)).bind(draft).fetch_one(&mut *transaction).await.expect("a twin");
    let (id, twin): (i64, String) = (made.get(0), made.get(1));
    for table in ["statement_versions", "statement_groups", "sign_offs", "contacts", "statement_references", "attachments"] {
        let all = columns(table, &["statement_id"]).fetch_one(&mut *transaction).await.expect("columns");
        let copy = format!(
            "INSERT INTO {table} (statement_id, {all}) SELECT $2, {all} FROM {table} WHERE statement_id = (SELECT statement_id FROM statements WHERE draft_id = $1)"
        );
        sqlx::query(AssertSqlSafe(copy)).bind(draft).bind(id).execute(&mut *transaction).await.unwrap_or_else(|error| panic!("{table}: {error}"));
    }
    transaction.commit().await.expect("a twin");
    twin
}

pub(crate) async fn fingerprint(pool: &sqlx::PgPool) -> Vec<(String, i64, String)> {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetch_all(pool).await.expect("tables");
    let mut prints = Vec::new();
    for table in tables {
        let sql = format!("SELECT count(*), coalesce(md5(string_agg(row::text, '' ORDER BY row::text)), '') FROM {table} AS row");
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(pool).await.expect("a table");
        prints.push((table, row.get(0), row.get(1)));
    }
    prints
}

/// The tables that differ between two fingerprints.
pub(crate) fn differing(before: &[(String, i64, String)], after: &[(String, i64, String)]) -> Vec<String> {
    before.iter().zip(after).filter(|(one, other)| one != other).map(|(one, other)| format!("{}: {} rows, then {}", one.0, one.1, other.1)).collect()
}
