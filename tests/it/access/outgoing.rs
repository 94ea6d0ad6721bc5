//! The same of outgoing statements, where it differs: every role (AZ01, AZ02), foreign fields (AZ05), skipped steps (AZ06).

use axum::http::Method;
use liaison_tracker::urls;

use super::changes::{EXTRA, effect};
use super::{Stage, differing, stage};
use crate::outgoing::{drafted, in_review, rows, state};

/// As in `routes`: nobody, somebody without a role, a chair of another group, the chair whose statements they are, an Area
/// Director of the chair's area, the addressed peer's liaison manager, an IAB member, a coordinator, the secretariat.
const TABLE: &str = "
GET  /statements/drafts/<sending>                      404 404 404 200 200 200 200 200 200
GET  /statements/drafts/<signing>                      404 404 404 200 200 200 200 200 200
POST /statements/drafts/<sending>                      404 404 404 409 409 409 403 409 409
POST /statements/drafts/<signing>                      404 404 404 303 303 303 403 303 303
POST /statements/drafts/<sending>/open                 404 404 404 200 200 200 403 200 200
POST /statements/drafts/<signing>/open                 404 404 404 200 200 200 403 200 200
GET  /statements/drafts/<sending>/versions             404 404 404 200 200 200 200 200 200
GET  /statements/drafts/<signing>/versions/1           404 404 404 200 200 200 200 200 200
GET  /statements/drafts/<sending>/submit               404 404 404 200 200 200 403 200 200
GET  /statements/drafts/<signing>/submit               404 404 404 303 303 303 403 303 303
POST /statements/drafts/<sending>/submit               404 404 404 303 303 303 403 303 303
POST /statements/drafts/<signing>/submit               404 404 404 303 303 303 303 303 303
GET  /statements/drafts/<sending>/review               404 404 404 303 303 303 303 303 303
GET  /statements/drafts/<signing>/review               404 404 404 200 200 200 200 200 200
POST /statements/drafts/<sending>/review               404 404 404 303 303 303 303 303 303
POST /statements/drafts/<signing>/review               404 404 404 403 422 422 403 403 403
POST /statements/drafts/<sending>/hold                 404 404 404 403 403 403 403 303 403
POST /statements/drafts/<signing>/hold                 404 404 404 403 403 403 403 422 403
POST /statements/drafts/<sending>/release              404 404 404 403 403 403 403 303 403
POST /statements/drafts/<signing>/release              404 404 404 403 403 403 403 303 403
GET  /statements/drafts/<sending>/enter                404 404 404 403 403 403 403 303 303
GET  /statements/drafts/<signing>/enter                404 404 404 403 403 403 403 200 200
POST /statements/drafts/<sending>/enter                404 404 404 403 403 403 403 303 303
POST /statements/drafts/<signing>/enter                404 404 404 403 403 403 403 422 422
POST /statements/drafts/<sending>/take-back            404 404 404 303 303 303 403 303 303
POST /statements/drafts/<signing>/take-back            404 404 404 303 303 303 403 303 303
POST /statements/drafts/<sending>/abandon              404 404 404 422 403 403 403 422 422
POST /statements/drafts/<signing>/abandon              404 404 404 422 403 403 403 422 422
POST /statements/drafts/<signing>/restore              404 404 404 303 403 403 403 303 303
POST /statements/drafts/<sending>/delete               404 404 404 303 403 403 403 303 303
POST /statements/drafts/<signing>/delete               404 404 404 303 403 403 403 303 303
GET  /statements/outgoing/new?in-response-to=1         303 403 200 200 200 200 403 200 200
GET  /statements/outgoing/new?in-response-to=999999    303 403 404 404 404 404 403 404 404
";

/// A draft of the chair's to ITU-T SG11, and one in review.
async fn two(stage: &Stage) -> (String, String) {
    let id_of = |path: String| path.trim_start_matches("/statements/drafts/").to_owned();
    let (_, sending) = drafted(&stage.service, &stage.world.chair, "WIRE", &[]).await;
    let signing = in_review(&stage.service, &stage.world.chair, "WIRE", &[("Title", "Another word")]).await;
    (id_of(sending), id_of(signing))
}

#[tokio::test]
async fn every_route_of_an_outgoing_statement_answers_every_role_as_the_table_says() {
    let stage = stage().await;
    let (sending, signing) = two(&stage).await;
    let mut wrong = Vec::new();
    for line in TABLE.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let (method, row) = (words.next().expect("a method"), words.next().expect("a path"));
        let expected: Vec<&str> = words.collect();
        let is_change = method == "POST";
        let mut statuses = Vec::new();
        for (_, person) in stage.roles() {
            let (sending, signing) =
                if is_change { (stage.twin(&sending).await, stage.twin(&signing).await) } else { (sending.clone(), signing.clone()) };
            let path = row.replace("<sending>", &sending).replace("<signing>", &signing);
            let mut visitor = stage.visitor(person).await;
            let body = is_change.then(|| ("application/x-www-form-urlencoded".to_owned(), Vec::new()));
            let page = visitor.go(method.parse::<Method>().expect("a method"), &path, body).await;
            statuses.push(page.status.as_str().to_owned());
        }
        if statuses != expected {
            wrong.push(format!("{method:<4} {row:<50} {}", statuses.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "these answer otherwise:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn an_outgoing_draft_that_one_may_not_read_looks_like_none() {
    let stage = stage().await;
    let (sending, signing) = two(&stage).await;
    let nothing = "B".repeat(sending.len());
    let people = stage.roles().into_iter().filter(|(who, _)| matches!(*who, "anonymous" | "outsider" | "other chair"));
    for (who, person) in people.chain([("manager of another peer", Some(&stage.world.manager_3gpp)), ("another AD", Some(&stage.world.ad_ops))]) {
        let mut visitor = stage.visitor(person).await;
        for (method, step) in [
            ("GET", ""),
            ("GET", "/submit"),
            ("GET", "/review"),
            ("GET", "/enter"),
            ("GET", "/versions"),
            ("POST", ""),
            ("POST", "/submit"),
            ("POST", "/review"),
            ("POST", "/hold"),
            ("POST", "/release"),
            ("POST", "/enter"),
            ("POST", "/take-back"),
        ] {
            let mut answers = Vec::new();
            for id in [&sending, &signing, &nothing] {
                let path = format!("{}{step}", urls::draft(id));
                let form = (method == "POST")
                    .then(|| ("application/x-www-form-urlencoded".to_owned(), b"decision=approve&version=1&round=1&hold-why=x".to_vec()));
                visitor.go(method.parse().expect("a method"), &path, form).await;
                answers.push((visitor.page.status.as_u16(), super::routes::body(&visitor, &path)));
            }
            assert_eq!(answers[0].0, 404, "{who} {method} {step}");
            assert!(answers.iter().all(|answer| *answer == answers[2]), "{who} {method} {step}: unlike");
        }
    }
}

/// An outgoing letter by every step there is, with these fields added to each form.
async fn all_steps(extra: &[(&str, &str)]) -> Vec<String> {
    let stage = stage().await;
    let with = |fields: &[(&'static str, &'static str)]| [fields, extra].concat();
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;
    let mut manager = stage.visitor(Some(&stage.world.manager_itu_t)).await;
    let mut director = stage.visitor(Some(&stage.world.ad_net)).await;
    let mut coordinator = stage.visitor(Some(&stage.world.coordinator)).await;

    chair.post(urls::OUTGOING_NEW, &with(&[&super::twice::OUTGOING[..], &[("creation-key", "0123456789")]].concat())).await;
    chair.assert_status(303);
    let draft = chair.page.header("location").trim_start_matches("/statements/drafts/").to_owned();
    let at = |name: &str| format!("{}/{name}", urls::draft(&draft));
    chair.post(&urls::submit(&draft), &with(&[("version", "1")])).await;
    chair.assert_status(303);
    coordinator.post(&at("hold"), &with(&[("hold-why", "wait")])).await;
    coordinator.assert_status(303);
    director.post(&urls::review(&draft), &with(&[("version", "1"), ("round", "1"), ("decision", "approve")])).await;
    director.assert_status(303);
    coordinator.post(&at("release"), &with(&[])).await;
    coordinator.assert_status(303);
    manager.post(&urls::review(&draft), &with(&[("version", "1"), ("round", "1"), ("decision", "approve")])).await;
    manager.assert_status(303);
    assert_eq!(manager.page.header("location"), "/statements/2");
    effect(&stage).await
}

#[tokio::test]
async fn fields_that_no_form_of_an_outgoing_statement_has_do_nothing() {
    let further = [
        ("without_approval", "true"),
        ("without-approval", "true"),
        ("was_own", "true"),
        ("entered_by", "1"),
        ("is_standing_in", "false"),
        ("held_at", "2020-01-01"),
        ("sign_off_id", "1"),
        ("acting", "Area Director of NET"),
        ("informed", "1 January 2020"),
    ];
    let plain = all_steps(&[]).await;
    assert_eq!(all_steps(&[&EXTRA[..], &further].concat()).await, plain);
}

#[tokio::test]
async fn steps_that_were_left_out_are_refused_and_the_past_stays() {
    let stage = stage().await;
    let (sending, signing) = two(&stage).await;
    let pool = &stage.service.app.pool;
    let approve = [("version", "1"), ("round", "1"), ("decision", "approve")];
    let [mut director, mut manager] = [stage.visitor(Some(&stage.world.ad_net)).await, stage.visitor(Some(&stage.world.manager_itu_t)).await];
    let [mut coordinator, mut chair] = [stage.visitor(Some(&stage.world.coordinator)).await, stage.visitor(Some(&stage.world.chair)).await];

    // what is not submitted is not approved, held, released or entered
    let before = stage.fingerprint().await;
    for (who, step, fields) in [
        ("director", "review", &approve[..]),
        ("coordinator", "hold", &[("hold-why", "wait")]),
        ("coordinator", "release", &[]),
        ("coordinator", "enter", &[("version", "1"), ("round", "0"), ("row", "1"), ("whose", "without"), ("evidence", "x")]),
    ] {
        let visitor = match who {
            "director" => &mut director,
            "chair" => &mut chair,
            _ => &mut coordinator,
        };
        visitor.post(&format!("{}/{step}", urls::draft(&sending)), fields).await;
        visitor.assert_status(303);
    }
    // nor is another version or round than was read; another's row is entered in nobody's name
    for (version, round) in [("0", "1"), ("1", "0"), ("2", "1"), ("1", "2")] {
        director.post(&urls::review(&signing), &[("version", version), ("round", round), ("decision", "approve")]).await;
        director.assert_status(409).assert_says("Nothing was recorded");
    }
    let foreign: i64 =
        sqlx::query_scalar("SELECT sign_off_id FROM sign_offs WHERE kind = 'check' ORDER BY 1 LIMIT 1").fetch_one(pool).await.expect("a row");
    let foreign = foreign.to_string();
    let fields = [("version", "1"), ("round", "1"), ("row", foreign.as_str()), ("whose", "without"), ("evidence", "x")];
    coordinator.post(&format!("{}/enter", urls::draft(&signing)), &fields).await;
    coordinator.assert_status(303);
    // an unchecked box is no decision
    director.post(&urls::review(&signing), &[("version", "1"), ("round", "1")]).await;
    director.assert_status(422).assert_says("Select what you decide");
    let unlike = differing(&before, &stage.fingerprint().await);
    assert!(unlike.iter().all(|table| table.starts_with("sessions")), "{unlike:?}");
    let path = urls::draft(&signing);
    assert_eq!(rows(&stage.service, &path).await, ["approval waiting", "manager:itu-t waiting"]);

    director.post(&urls::review(&signing), &approve).await;
    manager.post(&urls::review(&signing), &approve).await;
    assert_eq!(state(&stage.service, &path).await, ("posted".to_owned(), Some(2)));
    let before = stage.fingerprint().await;
    let text = [&super::twice::OUTGOING[..], &[("version", "1"), ("body", "other words")]].concat();
    for (who, step, fields) in [
        ("chair", "", &text[..]),
        ("chair", "/submit", &[("version", "1")]),
        ("chair", "/take-back", &[]),
        ("director", "/review", &[("version", "1"), ("round", "1"), ("decision", "request-changes"), ("reason", "no")]),
        ("coordinator", "/hold", &[("hold-why", "wait")]),
        ("coordinator", "/release", &[]),
        ("coordinator", "/enter", &[("version", "1"), ("round", "1"), ("row", "1"), ("whose", "without"), ("evidence", "x")]),
        ("coordinator", "/abandon", &[("reason", "no")]),
        ("coordinator", "/delete", &[]),
    ] {
        let visitor = match who {
            "director" => &mut director,
            "chair" => &mut chair,
            _ => &mut coordinator,
        };
        visitor.post(&format!("{path}{step}"), fields).await;
        assert!(matches!(visitor.page.status.as_u16(), 303 | 409), "{step}: {}", visitor.page.text);
    }
    let unlike = differing(&before, &stage.fingerprint().await);
    assert!(unlike.iter().all(|table| table.starts_with("sessions")), "{unlike:?}");
}
