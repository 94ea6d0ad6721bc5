//! The log: one record a line, nobody's secret in it, and what has to be in it (robustness.md OP02).

use std::process::Command;
use std::time::Duration;

use liaison_tracker::clock::Clock;

use crate::support::people::{self, PASSWORD};
use crate::support::server::Server;
use crate::support::{TestService, service};

fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The path of the link in the newest mail of that event.
async fn mailed_link(service: &TestService, event: &str) -> String {
    let newest = "SELECT body FROM mails WHERE event = $1 ORDER BY mail_id DESC LIMIT 1";
    let body: String = sqlx::query_scalar(newest).bind(event).fetch_one(&service.app.pool).await.expect("a mail");
    let url = body.lines().find(|line| line.starts_with("http://")).expect("a link");
    url::Url::parse(url).expect("an address").path().to_owned()
}

#[tokio::test]
async fn op02_the_log_tells_what_happened_and_no_secret() {
    let service = service(Clock::system()).await;
    let world = people::world(&service).await;
    let chair = &world.chair;
    let text = Server::start(&[("DATABASE_URL", &service.database.url)]);
    let json = Server::start(&[("DATABASE_URL", &service.database.url), ("LIAISON_LOG_FORMAT", "json"), ("LIAISON_LOG", "debug,sqlx=info")]);
    let mut secrets = vec![PASSWORD.to_owned(), "surely not this one".to_owned(), "a-body-of-some-length".to_owned(), "Typed title".to_owned()];
    let forged = "2026-01-01T00:00:00Z INFO forged";

    for mut server in [text, json] {
        server.wait_for(200, Duration::from_secs(60)).await;
        let post = async |path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]| {
            server.ask("POST", path, headers, &encoded(fields)).await.expect("an answer")
        };
        // in by password, out again, in by a mailed link, a new password
        let refused = post("/sign-in", &[], &[("email", PASSWORD), ("password", "surely not this one"), ("by", "password")]).await;
        assert_eq!(refused.status, 422);
        let signed_in = post("/sign-in", &[], &[("email", &chair.address), ("password", PASSWORD), ("by", "password")]).await;
        assert_eq!(signed_in.status, 303);
        let session = signed_in.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        secrets.push(session.trim_start_matches("session=").to_owned());
        let cookie = [("Cookie", session.as_str())];
        for event in ["sign-in-link", "password-reset"] {
            let asked = if event == "sign-in-link" {
                post("/sign-in", &[], &[("email", &chair.address), ("by", "link")]).await
            } else {
                post("/password/forgotten", &[], &[("email", &chair.address)]).await
            };
            assert!(asked.status < 400, "{}", asked.text());
            let link = mailed_link(&service, event).await;
            secrets.push(link.rsplit('/').next().expect("a secret").to_owned());
            assert_eq!(server.get(&link).await.expect("an answer").status, 200);
        }
        // a draft, and one that fails
        let fields =
            [("creation-key", session.as_str()), ("from", "ITU-T SG11"), ("to", "wire"), ("title", "Typed title"), ("body", "a-body-of-some-length")];
        assert_eq!(post("/statements/incoming/new", &cookie, &fields).await.status, 303);
        sqlx::raw_sql("ALTER TABLE statement_versions ADD CONSTRAINT none CHECK (false) NOT VALID")
            .execute(&service.app.pool)
            .await
            .expect("a fault");
        let failed = post("/statements/incoming/new", &cookie, &[&[("creation-key", "another")], &fields[1..]].concat()).await;
        sqlx::raw_sql("ALTER TABLE statement_versions DROP CONSTRAINT none").execute(&service.app.pool).await.expect("mended");
        assert_eq!(failed.status, 500);
        let reference = failed.header("x-request-id").to_owned();
        assert!(!reference.is_empty() && failed.text().contains(&reference), "{}", failed.text());
        // lines of one's own, wherever one can write
        let forging = format!("x%0d%0a{}", forged.replace(' ', "%20"));
        for path in [format!("/{forging}"), format!("/statements/{forging}"), format!("/statements?q={forging}"), format!("/password/{forging}")] {
            server.get(&path).await.expect("an answer");
        }
        let line = format!("x\r\n{forged}");
        post(
            "/sign-in",
            &[("User-Agent", forged), ("X-Forwarded-For", forged), ("X-Request-Id", forged)],
            &[("email", &line), ("password", &line), ("by", "password")],
        )
        .await;
        post("/sign-in", &[], &[("email", &line), ("by", "link")]).await;
        assert_eq!(post("/sign-out", &cookie, &[]).await.status, 303);

        let log = server.log();
        for secret in &secrets {
            assert!(!log.contains(secret.as_str()), "{secret} stands in the log:\n{log}");
        }
        assert!(!log.contains("forged"), "{log}");
        let is_json = log.starts_with('{');
        for line in log.lines() {
            let time = if is_json {
                let record: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                record["timestamp"].as_str().unwrap_or_default().to_owned()
            } else {
                line.split(' ').next().unwrap_or_default().to_owned()
            };
            assert!(time.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(&time).is_ok(), "no time in UTC: {line}");
        }
        for words in ["signed in", "a sign-in was refused"] {
            let line = log.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{words} is missing:\n{log}"));
            assert!(line.contains("127.0.0.1") && line.contains("id"), "{line}");
        }
        let of_failure: Vec<_> = log.lines().filter(|line| line.contains(&reference)).collect();
        assert!(of_failure.iter().any(|line| line.contains("a request failed")), "{of_failure:#?}");
        assert!(of_failure.iter().any(|line| line.contains("answered") && line.contains("500")), "{of_failure:#?}");
    }

    // roles are given on the command line
    let given = Command::new(env!("CARGO_BIN_EXE_liaison-tracker"))
        .args(["user", "role", "add", &chair.address, "coordinator"])
        .env("DATABASE_URL", &service.database.url)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&given.stderr).into_owned();
    assert!(given.status.success(), "{said}");
    assert!(said.lines().any(|line| line.contains("recorded") && line.contains("role")), "{said}");
}
