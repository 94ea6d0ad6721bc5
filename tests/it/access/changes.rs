//! Fields that no form has (AZ05), steps that were left out, and the past (AZ06).

use liaison_tracker::urls;
use sqlx::AssertSqlSafe;

use super::{LETTER, stage};
use crate::support::letters;

/// What somebody might add to a form, hoping that it reaches the tables.
pub(super) const EXTRA: [(&str, &str); 23] = [
    ("state", "posted"),
    ("number", "1"),
    ("author_id", "1"),
    ("author-id", "1"),
    ("author", "Stella Secretariat"),
    ("approved_by", "1"),
    ("decided_by", "1"),
    ("decided_as", "coordinator"),
    ("role", "secretariat"),
    ("posted_at", "2020-01-01"),
    ("posted-at", "2020-01-01"),
    ("submitted_by", "1"),
    ("draft_id", "AAAAAAAAAAAAAAAAAAAAAAAA"),
    ("statement_id", "1"),
    ("origin", "imported"),
    ("direction", "outgoing"),
    ("kind", "approval"),
    ("group", "mesh"),
    ("group_id", "1"),
    ("person_id", "1"),
    ("is_staff", "true"),
    ("at_once", "yes"),
    ("visibility", "withheld"),
];

/// What stands in the tables about statements, without keys, times and random ids.
pub(super) async fn effect(stage: &super::Stage) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT concat_ws('|', state, number, origin, direction, version, round, title, body, purpose, author.name, author_role, submitter.name,
                          posted_at, from_text, to_text,
                          (SELECT string_agg(concat_ws(',', side, label, purpose, asked, is_lead), ';' ORDER BY side, position) FROM statement_groups WHERE statement_groups.statement_id = statements.statement_id),
                          (SELECT string_agg(concat_ws(',', kind, sign_offs.state, decider.name, decided_as, words), ';' ORDER BY sign_off_id) FROM sign_offs LEFT JOIN people AS decider ON decider.person_id = decided_by WHERE sign_offs.statement_id = statements.statement_id),
                          (SELECT string_agg(concat_ws(',', actor_name, actor_role, event, audience), ';' ORDER BY history_id) FROM history WHERE history.statement_id = statements.statement_id),
                          (SELECT string_agg(concat_ws(',', event, recipient, why), ';' ORDER BY mail_delivery_id) FROM mails JOIN mail_deliveries USING (mail_id) WHERE mails.statement_id = statements.statement_id),
                          (SELECT string_agg(concat_ws(',', attachments.n, kind, visibility), ';' ORDER BY n) FROM attachments WHERE attachments.statement_id = statements.statement_id))
           FROM statements
           LEFT JOIN people AS author ON author.person_id = author_id
           LEFT JOIN people AS submitter ON submitter.person_id = submitted_by
          ORDER BY statement_id",
    )
    .fetch_all(&stage.service.app.pool)
    .await
    .expect("statements")
}

/// Records a letter by every step there is, with these fields added to each form.
async fn all_steps(extra: &[(&str, &str)]) -> Vec<String> {
    let stage = stage().await;
    let with = |fields: &[(&'static str, &'static str)]| [fields, extra].concat();
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;
    let mut manager = stage.visitor(Some(&stage.world.manager_itu_t)).await;

    let created = chair.post("/statements/incoming/new", &with(&[&LETTER[..], &[("do", "save"), ("creation-key", "0123456789")]].concat())).await;
    assert_eq!(created.status.as_u16(), 303, "{}", created.text);
    let draft = created.header("location").trim_start_matches("/statements/drafts/").to_owned();
    chair.post(&urls::draft(&draft), &with(&[&LETTER[..], &[("do", "save"), ("version", "1"), ("copy", "mesh")]].concat())).await;
    chair.assert_status(303);
    chair.post(&urls::submit(&draft), &with(&[("version", "2"), ("overrule", "same-statement-1")])).await;
    chair.assert_status(303);
    chair.post(&format!("{}/take-back", urls::draft(&draft)), &with(&[])).await;
    chair.assert_status(303);
    chair.post(&format!("{}/abandon", urls::draft(&draft)), &with(&[("reason", "not ours")])).await;
    chair.assert_status(303);
    chair.post(&format!("{}/restore", urls::draft(&draft)), &with(&[])).await;
    chair.assert_status(303);
    chair.post(&urls::submit(&draft), &with(&[("version", "2"), ("overrule", "same-statement-1")])).await;
    chair.assert_status(303);
    manager.post(&urls::review(&draft), &with(&[("version", "2"), ("round", "2"), ("decision", "request-changes"), ("reason", "which one?")])).await;
    manager.assert_status(303);
    chair.post(&urls::submit(&draft), &with(&[("version", "2"), ("overrule", "same-statement-1")])).await;
    chair.assert_status(303);
    manager.post(&urls::review(&draft), &with(&[("version", "2"), ("round", "3"), ("decision", "approve")])).await;
    manager.assert_status(303);
    assert_eq!(manager.page.header("location"), "/statements/2");
    chair.post(&format!("{}/delete", urls::draft(&stage.draft)), &with(&[])).await;
    chair.assert_status(303);
    effect(&stage).await
}

#[tokio::test]
async fn fields_that_no_form_has_do_nothing() {
    let plain = all_steps(&[]).await;
    let with_extra = all_steps(&EXTRA).await;

    assert_eq!(with_extra, plain);
}

#[tokio::test]
async fn a_field_sent_twice_counts_once() {
    let stage = stage().await;
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;

    chair.post("/statements/incoming/new", &[&LETTER[..], &[("title", "Another"), ("to", "mesh"), ("do", "save")]].concat()).await;
    chair.assert_status(303);
    let draft = chair.page.header("location");
    chair.get(&draft).await;

    assert_eq!(chair.page.value("Title"), "LS on wire formats");
    assert_eq!(chair.page.value("To"), "wire");
}

#[tokio::test]
async fn a_step_that_others_take_is_refused_with_the_reason() {
    let stage = stage().await;
    let before = stage.fingerprint().await;

    // the author does not check it; nor does an Area Director of the group
    for person in [&stage.world.chair, &stage.world.ad_net] {
        let mut visitor = stage.visitor(Some(person)).await;
        visitor.post(&urls::review(&stage.review), &[("version", "1"), ("round", "1"), ("decision", "approve"), ("acting", "coordinator")]).await;
        visitor.assert_status(403).assert_says("Only the sender's liaison manager and the coordinators can do this.");
    }
    // another organization's manager does not even see it
    let mut other = stage.visitor(Some(&stage.world.manager_3gpp)).await;
    other.post(&urls::review(&stage.review), &[("version", "1"), ("round", "1"), ("decision", "approve")]).await;
    other.assert_status(404);

    let unlike = super::differing(&before, &stage.fingerprint().await);
    assert!(unlike.iter().all(|table| table.starts_with("sessions")), "{unlike:?}");
}

#[tokio::test]
async fn a_role_that_ended_gives_nothing() {
    let stage = stage().await;
    let app = &stage.service.app;
    let mut manager = stage.service.as_person(&stage.world.manager_itu_t).await;
    manager.get(&urls::review(&stage.review)).await;
    manager.assert_status(200);

    sqlx::query("UPDATE roles SET ends_on = $1 WHERE person_id = $2")
        .bind(app.today())
        .bind(stage.world.manager_itu_t.id.0)
        .execute(&app.pool)
        .await
        .expect("a role");
    manager.submit("Send decision", &[("Decision", "Approve")]).await;

    manager.assert_status(404);
    let states: Vec<String> =
        sqlx::query_scalar("SELECT state FROM statements WHERE draft_id = $1").bind(&stage.review).fetch_all(&app.pool).await.expect("it");
    assert_eq!(states, ["in-review"]);
}

#[tokio::test]
async fn no_step_can_be_left_out_or_taken_again() {
    let stage = stage().await;
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;
    let mut manager = stage.visitor(Some(&stage.world.manager_itu_t)).await;
    let (draft, review, posted) = (&stage.draft, &stage.review, &stage.posted_draft);
    let before = stage.fingerprint().await;

    // a draft is not approved, nor taken back, nor restored
    for (path, fields) in
        [(urls::review(draft), &[("version", "1"), ("round", "1"), ("decision", "approve")][..]), (format!("{}/take-back", urls::draft(draft)), &[])]
    {
        manager.post(&path, fields).await;
        manager.assert_status(303);
        assert_eq!(manager.page.header("location"), urls::draft(draft), "{path}");
    }
    chair.post(&format!("{}/restore", urls::draft(draft)), &[]).await;
    chair.assert_status(303);
    assert_eq!(chair.page.header("location"), urls::draft(draft));
    // what is in review is neither submitted again, nor edited, nor deleted
    chair.post(&urls::submit(review), &[("version", "1")]).await;
    chair.assert_status(303);
    assert_eq!(chair.page.header("location"), urls::draft(review));
    chair.post(&urls::draft(review), &[&LETTER[..4], &[("version", "1"), ("body", "other words"), ("do", "save")]].concat()).await;
    chair.assert_status(409).assert_says("This draft was submitted while you were editing").assert_says("saving it begins a new draft");
    chair.post(&format!("{}/delete", urls::draft(review)), &[]).await;
    chair.assert_status(303);
    // with an older page nothing is signed
    manager.post(&urls::review(review), &[("version", "0"), ("decision", "approve")]).await;
    manager.assert_status(409).assert_says("The text changed while you read it. Nothing was recorded");
    // and what is posted leads to its page, whatever is sent
    for path in ["", "/submit", "/review", "/take-back", "/abandon", "/restore", "/delete"] {
        let fields = [&LETTER[..4], &[("version", "1"), ("body", "other words"), ("decision", "approve"), ("reason", "x"), ("do", "save")]].concat();
        chair.post(&format!("{}{path}", urls::draft(posted)), &fields).await;
        if path.is_empty() {
            // words that were never saved are given back
            chair.assert_status(409).assert_says("This statement was posted while you were editing");
            assert_eq!(chair.page.value("Text"), "other words");
            continue;
        }
        chair.assert_status(303);
        assert_eq!(chair.page.header("location"), "/statements/1", "{path}");
    }

    assert_eq!(super::differing(&before, &stage.fingerprint().await), Vec::<String>::new());
}

#[tokio::test]
async fn the_database_itself_keeps_the_past() {
    let stage = stage().await;
    let pool = &stage.service.app.pool;
    let removed = letters::posted(&stage.service.app, letters::Posted::INCOMING).await;
    sqlx::query("UPDATE statements SET state = 'removed' WHERE statement_id = $1").bind(removed).execute(pool).await.expect("removed");
    let before = stage.fingerprint().await;

    for sql in [
        "UPDATE history SET words = 'nothing happened'",
        "UPDATE history SET at = now() WHERE history_id = 1",
        "DELETE FROM history",
        "TRUNCATE history",
        "TRUNCATE history CASCADE",
        "UPDATE statements SET body = 'other words' WHERE number = 1",
        "UPDATE statements SET title = 'another' WHERE number = 1",
        "UPDATE statements SET number = 77 WHERE number = 1",
        "UPDATE statements SET posted_at = now() WHERE number = 1",
        "UPDATE statements SET state = 'draft', number = NULL, posted_at = NULL WHERE number = 1",
        "UPDATE statements SET direction = 'outgoing' WHERE number = 1",
        "UPDATE statements SET draft_id = md5('x') WHERE number = 1",
        "UPDATE statements SET body = 'other words' WHERE state = 'removed'",
        "DELETE FROM statements WHERE number = 1",
        "DELETE FROM statements",
        "TRUNCATE statements CASCADE",
        "UPDATE attachments SET file_id = (SELECT max(file_id) FROM files) WHERE file_name = 'public.pdf'",
        "UPDATE attachments SET n = 9 WHERE file_name = 'public.pdf'",
        "DELETE FROM attachments WHERE file_name = 'public.pdf'",
        "TRUNCATE attachments CASCADE",
        "UPDATE files SET sha256 = decode(repeat('00', 32), 'hex') WHERE file_id = (SELECT file_id FROM attachments WHERE file_name = 'public.pdf')",
        "DELETE FROM files WHERE file_id = (SELECT file_id FROM attachments WHERE file_name = 'public.pdf')",
        "UPDATE file_chunks SET bytes = 'other' WHERE file_id = (SELECT file_id FROM attachments WHERE file_name = 'public.pdf')",
        "DELETE FROM file_chunks WHERE file_id = (SELECT file_id FROM attachments WHERE file_name = 'public.pdf')",
        "INSERT INTO file_chunks SELECT file_id, 1, 'more' FROM attachments WHERE file_name = 'public.pdf'",
        "TRUNCATE file_chunks",
        "TRUNCATE files CASCADE",
    ] {
        let refused = sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await;
        assert!(refused.is_err(), "this was done: {sql}");
    }

    assert_eq!(super::differing(&before, &stage.fingerprint().await), Vec::<String>::new());
}

#[tokio::test]
async fn a_letter_to_anothers_group_stays_its_authors_draft_and_is_not_submitted() {
    let stage = stage().await;
    let mut other = stage.service.as_person(&stage.world.chair_bench).await;

    other.post("/statements/incoming/new", &[&LETTER[..], &[("do", "check")]].concat()).await;

    // nothing that was typed is out of reach, and the page says who may
    other.assert_status(200).assert_says("LS on wire formats").assert_says("chairs, secretaries and Area Directors of an addressed group");
    let draft = other.page.path.trim_start_matches("/statements/drafts/").trim_end_matches("/submit").to_owned();
    other.post(&urls::submit(&draft), &[("version", "1")]).await;
    other.assert_status(403);
    other.get(&urls::draft(&draft)).await;
    assert_eq!(other.page.value("Title"), "LS on wire formats");
    // and the group's own chair does not see it
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;
    chair.get(&urls::draft(&draft)).await;
    chair.assert_status(404);
}
