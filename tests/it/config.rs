//! Configuration: one table, in the program and in README; all that is wrong is said at once; secrets are not.

use std::fs;
use std::path::Path;
use std::process::Command;

use liaison_tracker::config::{Config, VARIABLES};

fn read(variables: &[(&str, &str)]) -> Result<Config, String> {
    Config::read(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
}

/// README's table, as the program's own says it has to be.
fn table() -> String {
    let mut lines = vec!["| variable | default | what it sets |".to_owned(), "| --- | --- | --- |".to_owned()];
    for variable in VARIABLES {
        let default = if variable.default.is_empty() { String::new() } else { format!("`{}`", variable.default) };
        let secret = if variable.is_secret { format!(" Or the name of a file that holds it, in `{}_FILE`.", variable.name) } else { String::new() };
        lines.push(format!("| `{}` | {default} | {}{secret} |", variable.name, variable.meaning).replace("  |", " |"));
    }
    lines.join("\n")
}

#[test]
fn the_readme_has_every_variable_as_the_program_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(path).expect("README");
    let (_, after) = readme.split_once("<!-- configuration -->").expect("a mark where the table begins");
    let (between, _) = after.split_once("<!-- /configuration -->").expect("a mark where the table ends");

    assert_eq!(between.trim(), table());
}

#[test]
fn the_defaults_hold() {
    let config = Config::defaults().expect("defaults");

    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.base_url.as_str(), "http://127.0.0.1:8080/");
    assert_eq!(config.absolute("/statements/1"), "http://127.0.0.1:8080/statements/1");
    assert!(!config.is_https());
    assert_eq!(config.smtp_url, None);
    assert_eq!(config.max_file_bytes, 25_000_000);
}

#[test]
fn an_empty_variable_is_an_absent_one() {
    let config = read(&[("LIAISON_LISTEN", ""), ("LIAISON_MAX_FILE_BYTES", " "), ("LIAISON_SMTP_URL", "")]).expect("a configuration");

    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.max_file_bytes, 25_000_000);
    assert_eq!(config.smtp_url, None);
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let wrong = [
        ("LIAISON_LISTEN", "8080"),
        ("LIAISON_BASE_URL", "liaison.example.org"),
        ("LIAISON_TRUSTED_PROXIES", "proxy"),
        ("LIAISON_SMTP_URL", "mail.example.org"),
        ("LIAISON_MAIL_FROM", "nobody"),
        ("LIAISON_TIME_ZONE", "Mars/Olympus"),
        ("LIAISON_MAX_FILE_BYTES", "-1"),
        ("LIAISON_ANSWER_WITHIN_DAYS", "soon"),
        ("LIAISON_LOG_FORMAT", "xml"),
    ];

    let said = read(&wrong).expect_err("nothing of it holds");

    for (name, _) in wrong {
        assert_eq!(said.lines().filter(|line| line.starts_with(&format!("{name}="))).count(), 1, "{name} in\n{said}");
    }
    assert_eq!(said.lines().count(), wrong.len(), "{said}");
}

#[test]
fn secrets_are_never_printed() {
    let said = read(&[("LIAISON_SMTP_URL", "smtp://liaison:open-sesame@host:nonsense")]).expect_err("no address");

    assert!(said.contains("LIAISON_SMTP_URL"), "{said}");
    assert!(!said.contains("sesame"), "{said}");
}

#[test]
fn the_program_says_all_that_is_wrong_and_no_secret() {
    let output = Command::new(env!("CARGO_BIN_EXE_liaison-tracker"))
        .arg("routes")
        .env("LIAISON_LISTEN", "nowhere")
        .env("LIAISON_SMTP_URL", "smtp://liaison:open-sesame@host:nonsense")
        .output()
        .expect("the program ends");
    let said = String::from_utf8(output.stderr).expect("text");

    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("LIAISON_LISTEN=\"nowhere\"") && said.contains("LIAISON_SMTP_URL=(secret)"), "{said}");
    assert!(!said.contains("sesame"), "{said}");
}

#[test]
fn a_secret_may_stand_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("database");
    fs::write(&file, "postgres://tracker:open-sesame@localhost/liaison\n").expect("a file");

    let config = read(&[("DATABASE_URL_FILE", file.to_str().expect("a name"))]).expect("a configuration");
    assert_eq!(config.database_url.as_deref(), Some("postgres://tracker:open-sesame@localhost/liaison"));

    let said = read(&[("DATABASE_URL_FILE", "/nowhere/at/all")]).expect_err("no such file");
    assert!(said.starts_with("DATABASE_URL_FILE="), "{said}");

    // only secrets: nothing else is read from files
    let config = read(&[("LIAISON_LISTEN_FILE", file.to_str().expect("a name"))]).expect("a configuration");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
}

#[test]
fn help_names_every_command() {
    let output = Command::new(env!("CARGO_BIN_EXE_liaison-tracker")).arg("--help").output().expect("the program ends");
    let said = String::from_utf8(output.stdout).expect("text");

    for command in ["serve", "migrate", "mail", "import", "group", "demo", "routes", "user", "check"] {
        let line = said.lines().find(|line| line.split_whitespace().next() == Some(command));
        let line = line.unwrap_or_else(|| panic!("{command} is missing in\n{said}"));
        assert!(line.split_whitespace().count() > 3, "{command} is not explained: {line}");
    }
    assert!(output.status.success());
}
