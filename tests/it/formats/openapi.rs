//! The description of the interface for programs says what is so: no more, no less.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{begin, opened, text};
use crate::support::TestService;
use crate::support::letters;
use crate::support::posted::{NewAction, NewStatement, act, incoming, put};

async fn description(service: &TestService) -> Value {
    serde_json::from_str(&text(service, "/api/v1/openapi.json").await).expect("JSON")
}

/// Objects have no field that is not described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            if fields.contains_key("properties") {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Panics where an answer is not as described.
fn fits(description: &Value, response: &Value, answer: &Value, what: &str) {
    let mut schema = response["content"]["application/json"]["schema"].clone();
    assert!(schema.is_object(), "{what}: no schema");
    let mut components = description["components"].clone();
    close(&mut components);
    schema["components"] = components;
    let validator = jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{what}: {error}"));
    let errors: Vec<String> = validator.iter_errors(answer).map(|error| format!("{} {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{answer:#}");
}

/// Statements with everything that can be told.
async fn filled(service: &TestService) {
    let pool = &service.app.pool;
    put(&service.app, &NewStatement { direction: "outgoing", from: &["wire"], to: &["itu-t-sg11"], letter_date: Some("2026"), ..incoming(1) }).await;
    let new = NewStatement { purpose: Some("for-action"), letter_date: Some("2026-10"), references: &["SG11-LS45"], copy: &["keys"], ..incoming(2) };
    let id = put(&service.app, &new).await;
    let action =
        NewAction { group: "wire", purpose: "for-action", state: "open", assignee: "Carol Chair", due_on: Some("2026-12-05"), closed_on: None };
    act(&service.app, id, action).await;
    sqlx::query("INSERT INTO relations (statement_id, kind, earlier_id, reply_kind) SELECT $1, 'in-response-to', statement_id, 'final' FROM statements WHERE number = 1")
        .bind(id)
        .execute(pool)
        .await
        .expect("a relation");
    letters::contact(&service.app, liaison_tracker::ids::StatementId(id), "to", "WIRE", "wire@ietf.example", "list").await;
    letters::file(&service.app, liaison_tracker::ids::StatementId(id), "a.txt", b"text").await;
    for number in 3..60 {
        put(&service.app, &incoming(number)).await;
    }
    put(&service.app, &NewStatement { purpose: None, origin: "imported", ..incoming(60) }).await;
}

#[tokio::test]
async fn every_address_answers_as_described_whatever_it_is_asked_by() {
    let (service, _) = begin().await;
    filled(&service).await;
    let description = description(&service).await;
    assert!(description["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", description["openapi"]);

    let mut asked = 0;
    for (path, item) in description["paths"].as_object().expect("paths") {
        let operation = &item["get"];
        assert_eq!(item.as_object().expect("a path").len(), 1, "{path}");
        let mut queries = vec![String::new()];
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name");
            assert!(parameter["description"].as_str().is_some_and(|words| !words.is_empty()), "{path} {name}");
            if parameter["in"] == "query" {
                let example = parameter["example"].as_str().unwrap_or_else(|| panic!("{path} {name} has no example"));
                queries.push(format!("?{name}={}", liaison_tracker::urls::encode(example)));
            }
        }
        for number in if path.contains("{number}") { vec!["1", "2", "60"] } else { vec![""] } {
            for query in &queries {
                let address = format!("{}{query}", path.replace("{number}", number));
                let page = opened(&service, &address).await.page;
                asked += 1;
                let kinds = operation["responses"]["200"]["content"].as_object().unwrap_or_else(|| panic!("{path}"));
                let kind = page.header("content-type");
                let kind = kind.split(';').next().unwrap_or_default();
                assert_eq!(kinds.keys().collect::<Vec<_>>(), [kind], "{address}");
                if kind == "application/json" {
                    let answer: Value = serde_json::from_slice(&page.bytes).expect("JSON");
                    fits(&description, &operation["responses"]["200"], &answer, &address);
                    // what is described is understood
                    assert!(answer.get("notices").is_none_or(|notices| *notices == json!([])), "{address}: {answer}");
                }
            }
        }
    }
    assert!(asked > 25, "{asked}");

    let mut visitor = service.visitor();
    visitor.get("/api/v1/statements/77").await;
    visitor.assert_status(404);
    let answer: Value = serde_json::from_slice(&visitor.page.bytes).expect("JSON");
    fits(&description, &description["paths"]["/api/v1/statements/{number}"]["get"]["responses"]["404"], &answer, "404");
}

#[tokio::test]
async fn what_the_page_filters_by_is_described_for_programs() {
    let (service, _) = begin().await;
    let page = opened(&service, "/statements").await.page;
    let fields = scraper::Selector::parse("form.filter [name]").expect("a selector");
    let asked: BTreeSet<String> = page.html.select(&fields).filter_map(|field| field.attr("name")).map(str::to_owned).collect();
    assert!(asked.len() >= 3, "{asked:?}");

    let description = description(&service).await;

    for path in ["/api/v1/statements", "/statements.csv", "/statements.json", "/statements.atom"] {
        let parameters = description["paths"][path]["get"]["parameters"].as_array().expect("parameters");
        let described: BTreeSet<String> = parameters.iter().map(|parameter| parameter["name"].as_str().expect("a name").to_owned()).collect();
        assert_eq!(asked.difference(&described).collect::<Vec<_>>(), [""; 0], "{path}");
    }
}

#[tokio::test]
async fn the_description_is_the_one_that_was_published() {
    let (service, _) = begin().await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let published = fs::read_to_string(root.join("docs/openapi.json")).unwrap_or_default();

    let answered = text(&service, "/api/v1/openapi.json").await;

    if serde_json::from_str::<Value>(&published).ok() != serde_json::from_str(&answered).ok() {
        let kept = root.join("target/openapi.json");
        fs::write(&kept, answered + "\n").expect("it is written");
        panic!("docs/openapi.json says something else; if the change is meant, and takes nothing from programs, copy {} over it", kept.display());
    }
}

#[tokio::test]
async fn the_page_about_the_interface_names_the_description_and_the_other_forms() {
    let (service, _) = begin().await;
    let mut visitor = opened(&service, "/api").await;

    let links = scraper::Selector::parse("main dt a").expect("a selector");
    let named: Vec<String> = visitor.page.html.select(&links).filter_map(|link| link.attr("href")).map(str::to_owned).collect();

    assert!(named.contains(&"/api/v1/openapi.json".to_owned()), "{named:?}");
    for path in description(&service).await["paths"].as_object().expect("paths").keys().filter(|path| !path.contains('{')) {
        assert!(named.contains(path), "{path} is not named");
    }
    for path in named {
        visitor.get(&path).await;
        visitor.assert_status(200);
    }
}
