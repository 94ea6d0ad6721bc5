//! `liaison-tracker user …`.

use std::time::Duration;

use crate::support::program::{run_user, try_user};
use crate::support::{clock, people, service};

const NEW_PASSWORD: &str = "copper violin 42 meadow";

#[tokio::test]
async fn the_command_line_makes_the_first_secretariat() {
    let service = service(clock("2026-11-04T10:00:00Z")).await;
    run_user(&service, &["add", "Stella Secretariat", "stella@people.example"], "");
    run_user(&service, &["role", "add", "stella@people.example", "secretariat", "--from", "2026-01-01"], "");
    let link = run_user(&service, &["link", "stella@people.example"], "");
    service.app.clock.set(chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::UNIX_EPOCH + unix_time()));

    let mut visitor = service.visitor();
    visitor.get(link.trim().trim_start_matches("http://127.0.0.1:8080")).await;
    visitor.submit_in("main", "Sign in", &[]).await;
    visitor.get("/account").await;
    visitor.assert_status(200).assert_says("Stella Secretariat").assert_says("no password is set");
    assert_eq!(visitor.page.texts(".line-list li"), ["secretariat"]);

    run_user(&service, &["password", "stella@people.example"], "copper violin 42 meadow\n");
    visitor.get("/account").await;
    visitor.assert_at("/sign-in");
    visitor.get("/sign-in").await;
    visitor.submit("Sign in", &[("E-mail address", "stella@people.example"), ("Password", NEW_PASSWORD)]).await;
    visitor.get("/account").await;
    visitor.assert_at("/account");
    assert_eq!(run_user(&service, &["list"], ""), "stella@people.example\tStella Secretariat\tpassword set\n");

    let words: Vec<String> =
        sqlx::query_scalar("SELECT actor_name || ' ' || words FROM history ORDER BY history_id").fetch_all(&service.app.pool).await.expect("history");
    assert_eq!(
        words,
        [
            "Command line added Stella Secretariat",
            "Command line invited them to set a password",
            "Command line made them secretariat from 2026-01-01",
            "Command line made a link that signs them in once",
            "Command line set a password for them",
        ]
    );
}

fn unix_time() -> Duration {
    // the program has the system's clock
    let now = std::process::Command::new("date").arg("+%s").output().expect("date");
    Duration::from_secs(String::from_utf8(now.stdout).expect("text").trim().parse().expect("seconds"))
}

#[tokio::test]
async fn the_command_line_gives_and_ends_roles_and_says_what_is_wrong() {
    let service = service(clock("2026-11-04T10:00:00Z")).await;
    people::world(&service).await;
    let otto = "otto@people.example";

    run_user(&service, &["role", "add", otto, "chair", "--group", "WIRE", "--from", "2026-03-01", "--until", "2027-03-01"], "");
    for (arguments, words) in [
        (vec!["role", "add", otto, "chair"], "chair is held at a group: name it with --group"),
        (vec!["role", "add", otto, "chair", "--group", "nowhere"], "there is no group with the acronym nowhere"),
        (vec!["role", "add", otto, "coordinator", "--group", "wire"], "coordinator is not held at a group: leave --group out"),
        (
            vec!["role", "add", otto, "chair", "--group", "wire", "--from", "2026-06-01"],
            "this person holds that role already on some of these days; `user roles` lists them",
        ),
        (
            vec!["role", "add", otto, "secretary", "--group", "wire", "--from", "2026-06-01", "--until", "2026-06-01"],
            "the role would end before it begins: --until is the first day without it",
        ),
        (
            vec!["role", "end", otto, "secretary", "--group", "wire", "--on", "2026-06-01"],
            "this person does not hold that role on 2026-06-01; `user roles` lists them",
        ),
        (vec!["role", "add", "nobody@people.example", "coordinator"], "nobody has the address nobody@people.example; `user list` shows everybody"),
        (
            vec!["add", "Otto Again", "OTTO@people.example"],
            "OTTO@people.example belongs to a person already; `user invite OTTO@people.example` invites them",
        ),
        (vec!["add", "Otto Again", "otto"], "otto is no e-mail address"),
    ] {
        let (is_done, said) = try_user(&service, &arguments, "");
        assert!(!is_done, "{arguments:?}");
        assert_eq!(said.trim(), words);
    }
    let (is_done, said) = try_user(&service, &["password", otto], "password1234\n");
    assert!(!is_done && said.starts_with("This password is easily guessed"), "{said}");

    run_user(&service, &["role", "end", otto, "chair", "--group", "wire", "--on", "2026-11-01"], "");
    assert_eq!(run_user(&service, &["roles", otto], ""), "chair WIRE from 2026-03-01 until 2026-11-01\n");
}
