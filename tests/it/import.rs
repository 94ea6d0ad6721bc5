//! Another tracker's dump is taken over (stories.md 13, inputs.md 12 and 13).

use std::time::Duration;

use liaison_tracker::import::reader::Source;
use liaison_tracker::import::{self, Options};
use serde_json::json;
use sqlx::PgPool;

use crate::support::{TestService, clock, service};

const NOW: &str = "2026-11-04T10:00:00Z";

fn demonstration() -> Source {
    liaison_tracker::demo::source().expect("the demonstration's data")
}

fn source(organizations: &serde_json::Value, statements: &serde_json::Value) -> Source {
    let mut source = Source::default();
    source.read_organizations(organizations.to_string().as_bytes()).expect("organizations");
    source.read_statements(json!({ "statements": statements }).to_string().as_bytes()).expect("statements");
    source
}

fn small_world() -> serde_json::Value {
    json!({
        "organizations": [
            { "acronym": "ietf", "name": "Internet Engineering Task Force", "home": true, "groups": [
                { "acronym": "rtg", "name": "Routing Area", "kind": "area", "state": "active", "groups": [
                    { "acronym": "ccamp", "name": "Common Control", "kind": "wg", "state": "active" },
                    { "acronym": "old", "name": "An Old Group", "kind": "wg", "state": "concluded", "concluded": "2013-05" }] },
                { "acronym": "irtf", "name": "IRTF", "kind": "irtf", "state": "active", "may_send": false, "groups": [
                    { "acronym": "nmrg", "name": "Network Management Research Group", "kind": "rg", "state": "active",
                      "may_send": false, "may_receive": false }] }] },
            { "acronym": "itu-t", "name": "ITU-T", "groups": [{ "acronym": "itu-t-sg15", "name": "Study Group 15" }] },
        ],
        "relationships": [{ "organization": "itu-t", "kind": "formal", "documents": ["RFC 6756"], "facts": "" }],
        "renamed": [{ "was": "ITU-T-SG-15", "now": "itu-t-sg15", "when": "2015-10" }, { "was": "DSL Forum", "now": "Broadband Forum" }],
    })
}

async fn run(service: &TestService, source: &Source) -> import::report::Report {
    import::run(&service.app.pool, &service.app.clock, source, Options::default()).await.expect("an import")
}

/// Every row that an import writes, but for what is random or of the clock.
async fn digest(pool: &PgPool) -> Vec<(String, i64, String)> {
    let tables = [
        ("groups", "group_id::text || acronym || label || state || coalesce(parent_id, 0) || root_id || coalesce(concluded_on::text, '')"),
        ("group_ancestors", "group_id::text || '/' || ancestor_id || '/' || distance"),
        ("group_names", "coalesce(acronym, '') || coalesce(until, '')"),
        ("relationships", "group_id::text || kind || state || documents::text || facts"),
        (
            "statements",
            "number::text || source_key || direction || title || body || coalesce(purpose, '') || coalesce(letter_date::text, '') || from_text || to_text || source_note || draft_id",
        ),
        ("statement_groups", "statement_id::text || side || position || coalesce(group_id, 0) || as_written || label || is_lead"),
        ("actions", "statement_id::text || group_id || purpose || state"),
        ("deadlines", "action_id::text || due_on || kind"),
        ("attachments", "statement_id::text || n || title || file_name || coalesce(url, '') || is_not_held"),
        ("statement_references", "statement_id::text || position || as_written || normal || given_by"),
        ("relations", "statement_id::text || kind || coalesce(earlier_id, 0) || words"),
        ("statement_search", "statement_id::text || words::text"),
        ("history", "coalesce(statement_id, 0)::text || event || words"),
        ("number_counter", "last_number::text"),
    ];
    let mut digests = Vec::new();
    for (table, words) in tables {
        let query = format!("SELECT count(*), coalesce(md5(string_agg(md5({words}), '' ORDER BY md5({words}))), '') FROM {table}");
        let (count, hash): (i64, String) = sqlx::query_as(sqlx::AssertSqlSafe(query)).fetch_one(pool).await.expect(table);
        digests.push((table.to_owned(), count, hash));
    }
    digests
}

async fn one<T>(pool: &PgPool, query: &'static str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    sqlx::query_scalar(query).fetch_one(pool).await.expect(query)
}

#[tokio::test]
async fn twice_is_the_same_as_once_and_no_mail_is_written() {
    let service = service(clock(NOW)).await;

    let first = run(&service, &demonstration()).await;
    let once = digest(&service.app.pool).await;
    let second = run(&service, &demonstration()).await;

    assert_eq!((first.groups, first.statements, first.relationships, first.former_acronyms), (1051, 294, 16, 11));
    assert_eq!((second.groups, second.statements, second.relationships, second.former_acronyms), (0, 0, 0, 0));
    assert_eq!((second.groups_known, second.statements_known), (1051, 294));
    assert_eq!(digest(&service.app.pool).await, once);
    assert_eq!(one::<i64>(&service.app.pool, "SELECT count(*) FROM mails").await, 0);
}

#[tokio::test]
async fn a_killed_import_is_completed_by_the_next() {
    let whole = service(clock(NOW)).await;
    let killed = service(clock(NOW)).await;
    run(&whole, &demonstration()).await;

    // aborted again and again, somewhere between the first group and the last statement
    let mut runs = 0;
    loop {
        runs += 1;
        let (pool, clock) = (killed.app.pool.clone(), killed.app.clock.clone());
        let task = tokio::spawn(async move { import::run(&pool, &clock, &demonstration(), Options::default()).await });
        let begun: i64 = one(&killed.app.pool, "SELECT count(*) FROM statements").await;
        while !task.is_finished() && one::<i64>(&killed.app.pool, "SELECT count(*) FROM statements").await < begun + 60 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        task.abort();
        if task.await.is_ok() || runs > 20 {
            break;
        }
    }
    run(&killed, &demonstration()).await;

    assert!(runs > 1, "no run was killed midway");
    let numbers = "SELECT string_agg(number || source_key || title || from_text || to_text || source_note, ' ' ORDER BY number) FROM statements";
    assert_eq!(one::<String>(&killed.app.pool, numbers).await, one::<String>(&whole.app.pool, numbers).await);
    let relations = "SELECT string_agg(words || coalesce(number, 0), ' ' ORDER BY words, number)
                       FROM relations LEFT JOIN statements ON statements.statement_id = relations.earlier_id";
    assert_eq!(one::<String>(&killed.app.pool, relations).await, one::<String>(&whole.app.pool, relations).await);
    for table in ["SELECT count(*) FROM actions", "SELECT count(*) FROM attachments", "SELECT count(*) FROM history"] {
        assert_eq!(one::<i64>(&killed.app.pool, table).await, one::<i64>(&whole.app.pool, table).await, "{table}");
    }
    assert_eq!(one::<i32>(&killed.app.pool, "SELECT last_number FROM number_counter").await, 2391);
}

#[tokio::test]
async fn numbers_are_kept_and_old_addresses_lead_to_them() {
    let service = service(clock(NOW)).await;
    run(&service, &demonstration()).await;
    let mut visitor = service.visitor();
    visitor.follows = false;

    for old in ["/liaison/1914/", "/liaison/1914"] {
        visitor.get(old).await;
        visitor.assert_status(301);
        assert_eq!(visitor.page.header("location"), "/statements/1914");
    }
    visitor.get("/liaison/none").await;
    visitor.assert_status(404);
    assert_eq!(one::<i64>(&service.app.pool, "SELECT count(*) FROM statements WHERE source_key = 'datatracker-' || number").await, 188);
    // those without a number come after the highest
    assert_eq!(one::<i32>(&service.app.pool, "SELECT min(number) FROM statements WHERE source_key LIKE 'public-%'").await, 2286);
    assert_eq!(one::<i32>(&service.app.pool, "SELECT last_number FROM number_counter").await, 2391);
}

#[tokio::test]
async fn an_addressee_that_is_no_group_is_kept_as_written_and_reported() {
    let service = service(clock(NOW)).await;
    let statements = json!([
        { "key": "a", "datatracker_number": 816, "title": "One", "from_groups": ["itu-t-sg15"], "to_groups": [], "to_text": "DONE", "date": "2001" },
        { "key": "b", "datatracker_number": 806, "title": "Two", "from_groups": ["nowhere"], "to_groups": ["ccamp"], "date": "2001-02" },
        { "key": 7, "title": "not a statement" },
    ]);

    let report = run(&service, &source(&small_world(), &statements)).await;

    let texts: Vec<(&str, &str)> = report.unmapped.iter().map(|unmapped| (unmapped.at.as_str(), unmapped.text.as_str())).collect();
    assert!(texts.contains(&("a", "DONE")), "{texts:?}");
    assert!(texts.contains(&("b", "nowhere")), "{texts:?}");
    assert!(texts.contains(&("a former name", "DSL Forum")), "{texts:?}");
    assert!(report.to_string().contains("not a statement"), "{report}");
    assert_eq!(report.statements, 2);
    let written: String = one(&service.app.pool, "SELECT as_written FROM statement_groups WHERE side = 'to' AND group_id IS NULL").await;
    assert_eq!(written, "DONE");
}

#[tokio::test]
async fn a_research_group_may_be_the_addressee_of_an_imported_one() {
    let service = service(clock(NOW)).await;
    let statements = json!([{ "key": "a", "datatracker_number": 5, "title": "To a research group", "from_groups": ["itu-t-sg15"],
        "to_groups": ["nmrg"], "purpose": "for_action", "deadline": "2012-04-01", "state": "action_needed", "date": "2012-01-08" }]);

    let report = run(&service, &source(&small_world(), &statements)).await;

    assert_eq!((report.incoming, report.actions), (1, 1));
    let state: String = one(&service.app.pool, "SELECT state || ' ' || due_on FROM actions JOIN deadlines USING (action_id)").await;
    assert_eq!(state, "unknown 2012-04-01");
}

#[tokio::test]
async fn dates_stay_as_exact_as_they_were() {
    let service = service(clock(NOW)).await;
    let dated = |key: &str, date: &str| json!({ "key": key, "title": key, "from_groups": ["itu-t"], "to_groups": ["ccamp"], "date": date });
    let statements = json!([dated("year", "1995"), dated("month", "1996-02"), dated("day", "1997-03-04"), dated("none", "mid-May")]);

    let report = run(&service, &source(&small_world(), &statements)).await;

    let dates: String = one(
        &service.app.pool,
        "SELECT string_agg(title || ' ' || coalesce(letter_date || ' ' || letter_date_precision, '-'), ', ' ORDER BY number) FROM statements",
    )
    .await;
    assert_eq!(dates, "year 1995-12-31 year, month 1996-02-29 month, day 1997-03-04 day, none -");
    assert!(report.unmapped.iter().any(|unmapped| unmapped.text == "mid-May"));
    assert_eq!(one::<String>(&service.app.pool, "SELECT concluded_on::text FROM groups WHERE acronym = 'old'").await, "2013-05-31");
}

#[tokio::test]
async fn an_answer_finds_what_it_answers_even_if_that_comes_later() {
    let service = service(clock(NOW)).await;
    let statement = |key: &str, number: i32, reference: Option<&str>, answers: serde_json::Value| {
        json!({ "key": key, "datatracker_number": number, "title": key, "from_groups": ["itu-t"], "to_groups": ["ccamp"],
                "reference": reference, "in_response_to": answers })
    };
    let statements = json!([
        statement("by number", 3, None, json!(9)),
        statement("by reference", 4, None, json!("sg15 ls 204 / XX-990011")),
        statement("in words", 5, None, json!("COM 16 – LS 124 – E (November 2009)")),
        statement("earlier", 9, Some("SG15-LS204"), json!(null)),
    ]);

    run(&service, &source(&small_world(), &statements)).await;

    let answers: String = one(
        &service.app.pool,
        "SELECT string_agg(later.title || ' → ' || coalesce(earlier.title, relations.words), '; ' ORDER BY later.number)
           FROM relations
           JOIN statements AS later ON later.statement_id = relations.statement_id
           LEFT JOIN statements AS earlier ON earlier.statement_id = relations.earlier_id",
    )
    .await;
    assert_eq!(answers, "by number → earlier; by reference → sg15 ls 204 / XX-990011; in words → COM 16 – LS 124 – E (November 2009)");

    // recorded under the number that was cited, it is found by the next run
    let more = json!([statement("late", 10, Some("XX-990011"), json!(null))]);
    run(&service, &source(&small_world(), &more)).await;
    let found: String = one(
        &service.app.pool,
        "SELECT earlier.title FROM relations JOIN statements AS earlier ON earlier.statement_id = relations.earlier_id
           JOIN statements AS later ON later.statement_id = relations.statement_id WHERE later.title = 'by reference'",
    )
    .await;
    assert_eq!(found, "late");
}

#[tokio::test]
async fn a_trial_writes_nothing_and_reports_the_same() {
    let service = service(clock(NOW)).await;
    let options = Options { dry_run: true, ..Options::default() };

    let trial = import::run(&service.app.pool, &service.app.clock, &demonstration(), options).await.expect("a trial");

    assert_eq!(one::<i64>(&service.app.pool, "SELECT (SELECT count(*) FROM groups) + (SELECT count(*) FROM statements)").await, 0);
    let real = run(&service, &demonstration()).await;
    assert_eq!(trial.unmapped, real.unmapped);
    assert_eq!((trial.groups, trial.statements, trial.actions), (real.groups, real.statements, real.actions));
}

#[tokio::test]
async fn the_demonstration_is_made_once_and_only_for_itself() {
    let service = service(clock(NOW)).await;

    let first = liaison_tracker::demo::make(&service.app).await.expect("a demonstration");
    let once = digest(&service.app.pool).await;
    let second = liaison_tracker::demo::make(&service.app).await.expect("a demonstration");

    assert_eq!(first.people, 20);
    assert_eq!(first.report.left_out, 66);
    assert!(second.was_there());
    assert_eq!(digest(&service.app.pool).await, once);
    assert!(service.app.installation().is_demonstration);
    service.visitor().get("/organizations").await;

    let other = crate::support::service(clock(NOW)).await;
    crate::support::people::person(&other.app, "Somebody Real", "somebody@example.org").await;
    let refused = liaison_tracker::demo::make(&other.app).await.expect_err("a refusal");
    assert!(refused.to_string().contains("not the demonstration's"), "{refused}");
    assert_eq!(one::<i64>(&other.app.pool, "SELECT count(*) FROM groups").await, 0);
}
