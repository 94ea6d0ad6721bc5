//! House rules that a machine can hold: where a line may stand, and what may not stand anywhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The tree's text files below a folder, with the path from the root of the project.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| path.extension().is_some_and(|extension| extension == *ending)) {
                let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).expect("text")));
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    files("src", &["rs"])
}

/// The lines of a source file that are program: without comments, and without what stands after `#[cfg(test)]`.
fn program(path: &str, text: &str) -> Vec<(usize, String)> {
    if path.ends_with("/tests.rs") || path.ends_with("/acceptance.rs") {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut rest = text.lines().enumerate().peekable();
    while let Some((at, line)) = rest.next() {
        // `mod tests;` is a file of its own; a block ends the file
        if line.trim() == "#[cfg(test)]" {
            if rest.peek().is_some_and(|(_, next)| next.trim_end().ends_with('{')) {
                break;
            }
            continue;
        }
        if !line.trim_start().starts_with("//") {
            lines.push((at + 1, line.to_owned()));
        }
    }
    lines
}

/// Every line of the program that breaks a rule, as `file:line: text`.
fn breaking(applies: impl Fn(&str) -> bool, breaks: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources() {
        if applies(&path) {
            for (at, line) in program(&path, &text) {
                if breaks(&line) {
                    found.push(format!("{path}:{at}: {}", line.trim()));
                }
            }
        }
    }
    found
}

const NONE: [&str; 0] = [];

#[test]
fn sql_stands_in_stores_only() {
    let is_store = |path: &str| {
        path.contains("/store/")
            || path.starts_with("src/database/")
            || ["/store.rs", "/outbox.rs", "/sessions.rs", "/history.rs"].iter().any(|ending| path.ends_with(ending))
    };
    const QUERIES: [&str; 8] = ["query!(", "query_as!(", "query_scalar!(", "query(", "query_as(", "query_scalar(", "raw_sql(", "QueryBuilder"];

    let found = breaking(|path| !is_store(path), |line| line.contains("sqlx") && QUERIES.iter().any(|query| line.contains(query)));

    assert_eq!(found, NONE);
}

#[test]
fn only_pages_use_the_web() {
    let may = |path: &str| {
        path.contains("/pages/")
            || path.ends_with("/pages.rs")
            || ["src/web/", "src/api/", "src/feeds/", "src/home/"].iter().any(|folder| path.starts_with(folder))
            // they start the service, and print its routes
            || matches!(path, "src/commands/serve.rs" | "src/commands/routes.rs")
            // it reads addresses of proxies
            || path == "src/config.rs"
    };

    assert_eq!(breaking(|path| !may(path), |line| line.contains("crate::web")), NONE);
}

#[test]
fn stores_know_nothing_of_pages() {
    let found = breaking(
        |path| path.contains("/store/") || path.ends_with("/store.rs"),
        |line| ["::pages", "::lifecycle", "axum", "askama"].iter().any(|other| line.contains(other)),
    );

    assert_eq!(found, NONE);
}

#[test]
fn rules_are_pure() {
    const PURE: [&str; 27] = [
        "src/permissions.rs",
        "src/problems.rs",
        "src/urls.rs",
        "src/dates.rs",
        "src/dates/partial.rs",
        "src/dates/typed.rs",
        "src/mail/address.rs",
        "src/mail/address_list.rs",
        "src/mail/text.rs",
        "src/organizations/recognize.rs",
        "src/organizations/segments.rs",
        "src/organizations/words.rs",
        "src/people/mails.rs",
        "src/statements/checks.rs",
        "src/statements/citations.rs",
        "src/statements/citations/recognize.rs",
        "src/statements/citations/status.rs",
        "src/statements/sign_offs.rs",
        "src/statements/contacts.rs",
        "src/statements/differences.rs",
        "src/statements/mails.rs",
        "src/statements/status.rs",
        "src/statements/body.rs",
        "src/statements/references.rs",
        "src/reminders/schedule.rs",
        "src/unrecorded/letter.rs",
        "src/unrecorded/mails.rs",
    ];
    for file in PURE {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(file).exists(), "{file} is gone: name where it went");
    }
    const IMPURE: [&str; 12] = [
        "async ",
        ".await?",
        ".await;",
        ".await)",
        ".await.",
        "sqlx",
        "PgConnection",
        "Utc::now",
        "Local::now",
        "Instant::now",
        "SystemTime",
        "crate::clock",
    ];

    let found = breaking(|path| PURE.contains(&path), |line| IMPURE.iter().any(|word| line.contains(word)));

    assert_eq!(found, NONE);
}

#[test]
fn the_time_comes_from_the_clock() {
    let found = breaking(|path| path != "src/clock.rs", |line| ["Utc::now", "Local::now", "SystemTime::now"].iter().any(|now| line.contains(now)));

    assert_eq!(found, NONE);
}

#[test]
fn files_are_short() {
    let long = |folder: &str, most: usize| {
        files(folder, &["rs"])
            .into_iter()
            .filter(|(_, text)| text.lines().count() > most)
            .map(|(path, text)| format!("{path}: {} lines", text.lines().count()))
            .collect::<Vec<_>>()
    };

    assert_eq!(long("src", 500), NONE);
    assert_eq!(long("tests", 700), NONE);
}

#[test]
fn lints_are_expected_with_a_reason_never_allowed() {
    let found: Vec<String> = sources()
        .into_iter()
        .chain(files("tests", &["rs"]))
        .filter(|(path, _)| path != "tests/it/house.rs")
        .filter(|(_, text)| text.contains("#[allow(") || text.contains("#![allow("))
        .map(|(path, _)| path)
        .collect();

    assert_eq!(found, NONE);
}

#[test]
fn the_program_never_gives_up_midway() {
    const GIVING_UP: [&str; 7] = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!(", "dbg!("];
    // `.expect(` of what is no Result
    let found = breaking(|_| true, |line| GIVING_UP.iter().any(|word| line.contains(word)));

    assert_eq!(found, NONE);
}

#[test]
fn nothing_is_left_for_later() {
    let found: Vec<String> =
        [files("src", &["rs"]), files("templates", &["html", "txt"]), files("static", &["css", "js"]), files("migrations", &["sql"])]
            .concat()
            .into_iter()
            .flat_map(|(path, text)| {
                let lines = text.lines().map(str::to_owned).collect::<Vec<_>>();
                lines
                    .into_iter()
                    .filter(|line| {
                        ["TODO", "FIXME", "XXX", "HACK"].iter().any(|mark| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == *mark))
                    })
                    .map(move |line| format!("{path}: {line}"))
            })
            .collect();

    assert_eq!(found, NONE);
}

#[test]
fn every_template_is_used() {
    let templates = files("templates", &["html", "txt", "xml"]);
    let named = |text: &str, name: &str| text.contains(&format!("\"{name}\""));
    let sources = sources();

    let unused: Vec<&str> = templates
        .iter()
        .map(|(path, _)| path.trim_start_matches("templates/"))
        .filter(|name| !sources.iter().chain(&templates).any(|(_, text)| named(text, name)))
        .collect();

    assert_eq!(unused, NONE);
}

/// A template's markup without what askama computes and without comments.
fn markup(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some(at) = rest.find("{%").into_iter().chain(rest.find("{{")).chain(rest.find("{#")).min() {
        kept.push_str(&rest[..at]);
        let end = match &rest[at..at + 2] {
            "{%" => "%}",
            "{{" => "}}",
            _ => "#}",
        };
        // a mark for "something computed", which is no class
        kept.push_str(if end == "}}" { "\u{0}" } else { " " });
        rest = rest[at..].find(end).map_or("", |length| &rest[at + length + 2..]);
    }
    kept + rest
}

fn classes_in_templates() -> BTreeSet<String> {
    let mut classes = BTreeSet::new();
    for (_, text) in files("templates", &["html"]) {
        for value in markup(&text).split("class=\"").skip(1) {
            let value = value.split('"').next().unwrap_or_default();
            classes.extend(value.split_whitespace().filter(|class| !class.contains('\u{0}')).map(str::to_owned));
        }
    }
    classes
}

fn classes_in_style_sheet() -> BTreeSet<String> {
    let css = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("static/app.css")).expect("the style sheet");
    let mut classes = BTreeSet::new();
    let mut rest = css.as_str();
    // selectors stand before `{`, declarations between `{` and `}`
    while let Some(open) = rest.find('{') {
        let selector = rest[..open].rsplit(['}', ';']).next().unwrap_or_default();
        let selector = selector.rsplit("*/").next().unwrap_or_default();
        if !selector.trim_start().starts_with('@') {
            for piece in selector.split('.').skip(1) {
                let class: String = piece.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-' || *letter == '_').collect();
                if class.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
                    classes.insert(class);
                }
            }
        }
        rest = &rest[open + 1..];
    }
    classes
}

#[test]
fn every_class_of_a_template_is_in_the_style_sheet() {
    let known = classes_in_style_sheet();

    let unknown: Vec<String> = classes_in_templates().into_iter().filter(|class| !known.contains(class)).collect();

    assert_eq!(unknown, NONE);
}

#[test]
fn every_class_of_the_style_sheet_is_used() {
    let used: String =
        [files("templates", &["html"]), files("src", &["rs"]), files("static", &["js"])].concat().into_iter().map(|(_, text)| text + "\n").collect();
    let is_used = |class: &String| {
        used.match_indices(class.as_str()).any(|(at, _)| {
            let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
            !is_part(used[..at].chars().next_back()) && !is_part(used[at + class.len()..].chars().next())
        })
    };
    // `banner-{{ kind }}`: kinds are those of `layout::Banner`
    let unused: Vec<String> =
        classes_in_style_sheet().into_iter().filter(|class| !class.starts_with("banner-")).filter(|class| !is_used(class)).collect();

    assert_eq!(unused, NONE);
}

#[test]
fn pages_hold_no_style_and_no_script_of_their_own() {
    let mut found = Vec::new();
    for (path, text) in files("templates", &["html"]) {
        let markup = markup(&text);
        let lower = markup.to_lowercase();
        if lower.contains("<style") || lower.contains(" style=") || lower.contains("javascript:") {
            found.push(format!("{path}: a style or a script address"));
        }
        for script in lower.split("<script").skip(1) {
            if !script.split('>').next().unwrap_or_default().contains("src=") {
                found.push(format!("{path}: an inline script"));
            }
        }
        for attribute in lower.split_whitespace().filter(|word| word.starts_with("on") && word.contains("=\"")) {
            found.push(format!("{path}: {attribute}"));
        }
        // markup that `body::to_html` or a template of ours made
        for unescaped in text.match_indices("|safe").map(|(at, _)| &text[..at]) {
            if !["{{ body_html", "{{ node"].iter().any(|made| unescaped.ends_with(made)) {
                found.push(format!("{path}: text that is not escaped"));
            }
        }
    }

    assert_eq!(found, NONE);
}

#[test]
fn every_form_says_where_it_goes() {
    let mut found = Vec::new();
    for (path, text) in files("templates", &["html"]) {
        for form in text.split("<form").skip(1) {
            let tag = form.split('>').next().unwrap_or_default();
            if !tag.contains("action=\"") {
                found.push(format!("{path}: <form{tag}>"));
            }
        }
    }

    assert_eq!(found, NONE);
}

#[test]
fn every_migration_says_what_it_is_for() {
    let silent: Vec<String> = files("migrations", &["sql"]).into_iter().filter(|(_, text)| !text.starts_with("-- ")).map(|(path, _)| path).collect();

    assert_eq!(silent, NONE);
}

#[test]
fn migrations_are_numbered_without_a_gap() {
    let numbers: Vec<String> = files("migrations", &["sql"]).into_iter().map(|(path, _)| path["migrations/".len()..][..4].to_owned()).collect();
    let expected: Vec<String> = (1..=numbers.len()).map(|number| format!("{number:04}")).collect();

    assert_eq!(numbers, expected);
}
