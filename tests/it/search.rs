//! Words, references and numbers find posted statements (story 11); nothing that is typed breaks it (WB04).

use crate::support::many::many;
use crate::support::people::world;
use crate::support::posted::{NewStatement, incoming, put};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

async fn begin() -> TestService {
    let service = service(clock("2026-11-25T10:00:00Z")).await;
    world(&service).await;
    for (number, title, body, references) in [
        (1, "Reply on key agreement", "We refer to S3-990417 and to draft-ietf-wire-framing.", &["S3-990417"][..]),
        (2, "Newer letter that cites S3-990417", "", &[]),
        (3, "Question 14", "Q14/15 asks for the status of the work item on quantum networks.", &["SG15-LS124"]),
        (4, "Synchronisation of clocks", "Quantum clocks, and networks of them.", &[]),
    ] {
        let posted = format!("2026-10-{:02}", number + 1);
        put(&service.app, &NewStatement { title, body, references, posted: &posted, ..incoming(number) }).await;
    }
    service
}

fn numbers(visitor: &Visitor) -> Vec<String> {
    visitor.page.texts("td.register-number").iter().map(|text| text.replace("Statement ", "")).collect()
}

/// Searches by the field in the header.
async fn found(service: &TestService, q: &str) -> Vec<String> {
    let mut visitor = service.visitor();
    visitor.get(&format!("/statements?q={}", liaison_tracker::web::urls::encode(q))).await;
    visitor.assert_status(200);
    numbers(&visitor)
}

#[tokio::test]
async fn a_reference_is_found_however_it_is_spelled() {
    let service = begin().await;

    for q in ["S3-990417", "s3 990417", "S3\u{2011}990417", "s3990417", "Ｓ３－９９０４１７", "S3/990417"] {
        assert_eq!(found(&service, q).await.first().map(String::as_str), Some("1"), "{q}");
    }
    assert_eq!(found(&service, "S3-990417").await, ["1", "2"]);
    assert_eq!(found(&service, "SG15-LS124").await, ["3"]);
}

#[tokio::test]
async fn words_are_found_in_title_and_text() {
    let service = begin().await;

    for (q, expected) in [
        ("quantum", vec!["4", "3"]),
        ("QUANTUM network", vec!["4", "3"]),
        ("\"quantum networks\"", vec!["3"]),
        ("\"quantum clocks\"", vec!["4"]),
        ("quantum -clocks", vec!["3"]),
        ("clocks or agreement", vec!["4", "1"]),
        ("draft-ietf-wire-framing", vec!["1"]),
        ("Q14", vec!["3"]),
        ("Q14/15", vec!["3"]),
        ("clock", vec!["4"]),
        ("zebra", vec![]),
        ("the", vec![]),
    ] {
        assert_eq!(found(&service, q).await, expected, "{q}");
    }
}

#[tokio::test]
async fn a_number_goes_to_its_statement() {
    let service = begin().await;
    put(&service.app, &NewStatement { title: "On block 99", state: "removed", ..incoming(9) }).await;
    put(&service.app, &NewStatement { title: "On the 99 and the 3", posted: "2026-01-01", ..incoming(10) }).await;
    let mut visitor = service.visitor();

    for q in ["3", "#3", "LS 3", "Statement 3"] {
        visitor.get("/").await;
        visitor.submit("Search", &[("Search or number", q)]).await;
        assert_eq!(visitor.page.path, "/statements/3", "{q}");
    }
    // what is not posted, what is a word, and what else was asked for stay in the list
    for (query, shown) in
        [("q=9", vec![]), ("q=99", vec!["10"]), ("q=%223%22", vec!["10"]), ("q=3&direction=incoming", vec!["10"]), ("q=3&sort=title", vec!["10"])]
    {
        visitor.get(&format!("/statements?{query}")).await;
        visitor.assert_status(200);
        assert_eq!(visitor.page.path.split('?').next(), Some("/statements"), "{query}");
        assert_eq!(numbers(&visitor), shown, "{query}");
    }
    visitor.get("/statements?q=3&direction=incoming").await;
    visitor.click("Statement 3").await;
    assert_eq!(visitor.page.path, "/statements/3");
    visitor.get("/api/v1/statements?q=3").await;
    visitor.assert_status(200);
}

#[tokio::test]
async fn a_search_with_filters_narrows() {
    let service = begin().await;
    let mut visitor = service.visitor();

    visitor.get("/statements?q=quantum&organization=3gpp").await;
    assert_eq!(numbers(&visitor), [""; 0]);
    visitor.get("/statements?q=S3-990417&direction=outgoing").await;
    assert_eq!(numbers(&visitor), [""; 0]);
    visitor.get("/statements?q=S3-990417&direction=incoming&organization=wire").await;
    assert_eq!(numbers(&visitor), ["1", "2"]);
}

#[tokio::test]
async fn nothing_that_is_typed_breaks_a_search() {
    let service = begin().await;
    let long = "a".repeat(10_000);
    let many = "word ".repeat(2_000);
    let quotes = "\"".repeat(999);
    let mut visitor = service.visitor();

    for q in [
        "'",
        "\"",
        "\"open phrase",
        "%_\\",
        "\\",
        ":*&!()",
        "a:*",
        "a & b | !c",
        "<->",
        "a <2> b",
        "((((",
        "!!!",
        "- -",
        "or",
        "or or",
        "-",
        "\u{0}",
        "a\u{0}b",
        "\u{202e}abc",
        "\u{feff}",
        "😀",
        "a\u{301}",
        "'; DROP TABLE statements; --",
        "99999999999",
        "-1",
        "0x10",
        "²",
        "№5",
        "\t\r\n",
        "\u{fffd}",
        &long,
        &many,
        &quotes,
    ] {
        let encoded = liaison_tracker::web::urls::encode(q);
        if q.len() < 500 {
            let names = "from to copy purpose handling date-from date-to year due assignee sort order before after";
            let query: Vec<String> = names.split(' ').map(|name| format!("{name}={encoded}")).collect();
            visitor.get(&format!("/statements?{}", query.join("&"))).await;
            visitor.assert_status(200);
            visitor.get(&format!("/statements?sort=title&{encoded}=x&before={encoded}.1")).await;
            visitor.assert_status(200);
        }
        for path in ["/statements", "/api/v1/statements"] {
            if q.len() < 500 {
                visitor.get(&format!("{path}?q={encoded}&organization={encoded}&direction={encoded}&before={encoded}&after={encoded}")).await;
                visitor.assert_status(200);
            }
            visitor.get(&format!("{path}?organization={encoded}")).await;
            visitor.assert_status(200);
            visitor.get(&format!("{path}?q={encoded}")).await;
            visitor.assert_status(200);
        }
    }
    // what no text can hold: half a surrogate pair, broken and cut encodings
    for query in [
        "q=%ED%A0%80",
        "q=%ff%fe",
        "q=%",
        "q=%0",
        "q=a&q=b",
        "q",
        "&&&",
        "=",
        "q=%00",
        "before=2026-13-01.5",
        "before=-9999-01-01.1",
        "before=-1",
        "before=.1&sort=title",
        "after=a%00b.1&sort=title",
        "before=%ED%A0%80.1&sort=from",
        "before=9999-12-31.2147483647&sort=deadline",
        "before=0001-01-01.1&sort=deadline&order=descending",
        "year=99999999999",
        "year=-1",
        "year=0000",
        "date-from=9999-12-31&date-to=0000-00-00",
        "sort=title&order=descending&sort=x&order=y",
    ] {
        for path in ["/statements", "/api/v1/statements"] {
            visitor.get(&format!("{path}?{query}")).await;
            visitor.assert_status(200);
        }
    }
}

#[tokio::test]
async fn a_phrase_is_looked_for_in_the_newest_texts_only_and_that_is_said() {
    let service = service(clock("2026-11-25T10:00:00Z")).await;
    many(&service.app.pool, 1200).await;
    let mut visitor = service.visitor();

    visitor.get("/statements?q=%22dear+colleagues%22").await;
    assert_eq!(numbers(&visitor).len(), 50);
    visitor.assert_silent("exact phrase");
    visitor.get("/statements?q=%22colleagues+dear%22").await;
    visitor.assert_status(200).assert_says("Only the newest 1000 statements with these words were read for the exact phrase.");
}

/// A text in which hardly a word stands twice, each long in bytes.
fn full_of_words(characters: usize, seed: u32) -> String {
    let mut text = String::new();
    let mut n = seed;
    while text.len() < characters * 4 {
        n = n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // CJK extension B: four bytes a letter
        text.extend((0..4).filter_map(|place| char::from_u32(0x2_0000 + ((n >> (8 * place)) & 0xff) + 0x100 * place)));
        text.push(' ');
    }
    text
}

#[tokio::test]
async fn whatever_a_statement_holds_it_can_be_posted_and_found() {
    let service = begin().await;
    let body = format!("heliotrope {}", full_of_words(400_000, 1));
    let long = full_of_words(20_000, 7).replace(' ', "");
    let many: Vec<String> = (0..30).map(|n| format!("{}-{n}", &long[..320])).collect();
    let references: Vec<&str> = ["ZZ-77", &long].into_iter().chain(many.iter().map(String::as_str)).collect();

    let id = put(&service.app, &NewStatement { title: &full_of_words(60, 3), body: &body, references: &references, ..incoming(9) }).await;

    assert_eq!(found(&service, "heliotrope").await, ["9"]);
    assert_eq!(found(&service, "zz77").await, ["9"]);
    let is_found: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM statement_references WHERE normal = $1 AND statement_id = $2)")
        .bind(liaison_tracker::statements::references::normal(&long))
        .bind(id)
        .fetch_one(&service.app.pool)
        .await
        .expect("references");
    assert!(is_found);
}

#[tokio::test]
async fn a_reference_is_looked_up_by_its_index() {
    let service = begin().await;
    let mut connection = service.app.pool.acquire().await.expect("a connection");
    sqlx::query("SET enable_seqscan = off").execute(&mut *connection).await.expect("a setting");

    for condition in ["normal = 's3990417'", "normal = ANY('{s3990417,sg15ls124}')"] {
        let explain = format!("EXPLAIN SELECT * FROM statement_references WHERE {condition}");
        let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(explain)).fetch_all(&mut *connection).await.expect("a plan");
        assert!(plan.iter().any(|line| line.contains("statement_references_by_normal")), "{plan:?}");
    }
}

#[tokio::test]
async fn contacts_and_files_are_found_by_what_is_public_of_them() {
    let service = begin().await;
    let pool = &service.app.pool;
    let id = put(&service.app, &incoming(20)).await;
    let contact =
        "INSERT INTO contacts (statement_id, use, position, name, address, address_key, sort) VALUES ($1, 'from', $2, $3, $4, $4, 'person')";
    for (position, name, address) in [(1, "Jäger Ottilie", "otti@people.example"), (2, "marjoram@secret.example", "x@people.example")] {
        sqlx::query(contact).bind(id).bind(position).bind(name).bind(address).execute(pool).await.expect("a contact");
    }
    let file = "INSERT INTO attachments (statement_id, n, kind, title, peer_number, visibility, url, added_at)
                VALUES ($1, $2, $3, $4, 'TD-' || $2, $5, 'https://example.com/', '2026-01-01')";
    for (n, kind, title, visibility) in [
        (1, "enclosure", "Tarragon", "public"),
        (2, "enclosure", "Lovage", "concerned"),
        (3, "enclosure", "Chervil", "withheld"),
        (4, "original-mail", "Hyssop", "public"),
    ] {
        sqlx::query(file).bind(id).bind(n).bind(kind).bind(title).bind(visibility).execute(pool).await.expect("a file");
    }

    for q in ["Ottilie", "jäger", "tarragon", "TD-1", "ottilie tarragon framing"] {
        assert_eq!(found(&service, q).await, ["20"], "{q}");
    }
    for q in ["otti@people.example", "people.example", "marjoram", "secret.example", "lovage", "chervil", "hyssop", "TD-3"] {
        assert_eq!(found(&service, q).await, [""; 0], "{q}");
    }

    sqlx::query("UPDATE attachments SET title = 'Sorrel' WHERE n = 1").execute(pool).await.expect("a title");
    assert_eq!((found(&service, "sorrel").await, found(&service, "tarragon sorrel").await), (vec!["20".to_owned()], vec![]));
    sqlx::query("UPDATE attachments SET visibility = 'withheld' WHERE n = 1").execute(pool).await.expect("a file");
    assert_eq!(found(&service, "sorrel").await, [""; 0]);
    sqlx::query("DELETE FROM contacts").execute(pool).await.expect("no contacts");
    assert_eq!(found(&service, "ottilie").await, [""; 0]);
}

#[tokio::test]
async fn exact_references_lead_where_the_newest_do_and_keep_their_place_elsewhere() {
    let service = begin().await;
    let mut visitor = service.visitor();

    for (sort, expected) in [
        ("", ["1", "2"]),
        ("&sort=date", ["1", "2"]),
        ("&order=ascending", ["1", "2"]),
        ("&sort=title", ["2", "1"]),
        ("&sort=title&order=descending", ["1", "2"]),
    ] {
        visitor.get(&format!("/statements?q=S3-990417{sort}")).await;
        assert_eq!(numbers(&visitor), expected, "{sort}");
    }
    visitor.get("/statements?q=s3+990417&sort=title").await;
    assert_eq!(numbers(&visitor), ["1"]);
}
