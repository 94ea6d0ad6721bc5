//! Check and submit: everything once more, the very mails that will go, and what has to be looked at twice.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use crate::App;
use crate::mail::Message;
use crate::people::Viewer;
use crate::permissions::Deed;
use crate::problems::{Choice, Problems};
use crate::statements::State as Life;
use crate::statements::body;
use crate::statements::lifecycle::{self, Acting, Outcome, Overruled};
use crate::statements::pages::draft::{self, FileRow, Row};
use crate::statements::reading;
use crate::statements::receipt;
use crate::statements::store::Found;
use crate::statements::store::draft::newest;
use crate::statements::warnings::Warning;
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};

/// A mail as it will go.
pub struct MailShown {
    /// "To nmop@…, 2 in copy and 4 more".
    pub summary: String,
    /// Header lines and text, exactly.
    pub text: String,
    /// Who gets it, and as whom.
    pub recipients: Vec<String>,
}

impl MailShown {
    /// How pages show a mail before it goes.
    pub fn of(message: &Message) -> Self {
        let mut text = String::new();
        for (name, value) in [("To", &message.to), ("Cc", &message.cc), ("Reply-To", &message.reply_to), ("Subject", &message.subject)] {
            if !value.is_empty() {
                text.push_str(&format!("{name}: {value}\n"));
            }
        }
        text.push('\n');
        text.push_str(&message.body);
        let first = message.recipients.first().map(|recipient| recipient.address.as_str()).unwrap_or_default();
        let summary = match message.recipients.len() {
            0 | 1 => format!("To {first}"),
            count => format!("To {first} and {} more", count - 1),
        };
        let recipients = message.recipients.iter().map(|recipient| format!("{} ({})", recipient.address, recipient.why)).collect();
        Self { summary: format!("{summary}: {}", message.subject), text, recipients }
    }
}

struct WarningShown {
    name: String,
    words: String,
    overruled: bool,
    twin: i32,
    twin_url: String,
}

#[derive(Template)]
#[template(path = "statements/submit.html")]
struct SubmitPage {
    layout: Layout,
    problems: Problems,
    edit_url: String,
    link_url: String,
    action: String,
    version: i32,
    rows: Vec<Row>,
    body_html: String,
    files: Vec<FileRow>,
    to_do: Problems,
    warnings: Vec<WarningShown>,
    acting: Vec<Choice>,
    may_record: String,
    report_url: String,
    posts_at_once: bool,
    asked: String,
    now: Vec<MailShown>,
    posted: Option<MailShown>,
    receipt: Option<MailShown>,
    receipt_to: String,
    leaves_receipt_out: bool,
    button: &'static str,
}

async fn page(
    app: &App,
    connection: &mut PgConnection,
    mut layout: Layout,
    viewer: &Viewer,
    found: &Found,
    sent: &Sent,
    problems: Problems,
) -> Result<SubmitPage, Error> {
    let saved = newest(connection, found.statement_id).await?;
    let reading = reading::read(app, connection, found.case.direction, Some(found.statement_id), &saved.form).await?;
    let may_record = draft::first_role(viewer, Deed::Record, found);
    let role = if sent.acting.is_empty() { may_record.as_ref().ok().cloned().unwrap_or_default() } else { sent.acting.clone() };
    let acting = Acting { viewer, role: &role };
    let posts_at_once = lifecycle::posts_at_once(acting, found);
    let (now, posted, receipt) = match &reading.checked.letter {
        Some(letter) => {
            let mails = lifecycle::preview(app, connection, found, letter, acting, posts_at_once).await?;
            let is_sent = receipt::is_default(connection, letter).await?;
            (mails.now, Some(mails.posted), mails.receipt.filter(|_| is_sent))
        }
        None => (Vec::new(), None, None),
    };
    layout.error_title = !problems.is_empty();
    Ok(SubmitPage {
        edit_url: urls::draft(&found.draft_id),
        link_url: format!("{}/link-instead", urls::draft(&found.draft_id)),
        action: urls::submit(&found.draft_id),
        version: found.version,
        rows: reading.checked.letter.as_ref().map_or_else(|| draft::rows(&saved.form), draft::rows_of_letter),
        body_html: body::to_html(&saved.form.body),
        files: draft::file_rows(connection, found.statement_id, &found.draft_id).await?,
        to_do: reading.checked.problems,
        warnings: shown(&reading.warnings, &sent.overrule),
        acting: draft::acting_choices(viewer, Deed::Record, found, &sent.acting),
        may_record: may_record
            .err()
            .map(|why| match why {
                Error::NotAllowed(why) => why,
                other => other.to_string(),
            })
            .unwrap_or_default(),
        report_url: draft::first_role(viewer, Deed::Abandon, found).map(|_| urls::report_draft(&found.draft_id)).unwrap_or_default(),
        posts_at_once,
        asked: lifecycle::mailed(&now),
        button: if posts_at_once { "Record and post" } else { "Submit for review" },
        now: now.iter().map(MailShown::of).collect(),
        posted: posted.as_ref().map(MailShown::of),
        receipt_to: receipt.as_ref().map(|message| message.to.clone()).unwrap_or_default(),
        receipt: receipt.as_ref().map(MailShown::of),
        leaves_receipt_out: sent.receipt == "no",
        layout,
        problems,
    })
}

fn shown(warnings: &[Warning], overruled: &[String]) -> Vec<WarningShown> {
    warnings
        .iter()
        .map(|warning| WarningShown {
            name: warning.name.clone(),
            words: warning.words.clone(),
            overruled: overruled.contains(&warning.name),
            twin: warning.twin.unwrap_or_default(),
            twin_url: warning.twin.map(urls::statement).unwrap_or_default(),
        })
        .collect()
}

/// What the page sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    version: String,
    acting: String,
    overrule: Vec<String>,
    receipt: String,
}

/// `GET /statements/drafts/{draft_id}/submit`
pub async fn show(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, layout: Layout, At(draft_id): At<String>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let found = draft::open(&mut connection, viewer.as_ref(), &draft_id).await?;
    let viewer = viewer.ok_or(Error::NotFound)?;
    draft::first_role(&viewer, Deed::Edit, &found)?;
    if found.case.state != Life::Draft {
        return Err(Error::Elsewhere(urls::draft(&draft_id)));
    }
    let page = page(&app, &mut connection, layout, &viewer, &found, &Sent::default(), Problems::default()).await?;
    Ok(Page(StatusCode::OK, page).into_response())
}

/// `POST /statements/drafts/{draft_id}/submit`
pub async fn submit(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
    if found.case.state != Life::Draft {
        return draft::already(&app, &mut connection, &found).await;
    }
    draft::first_role(&viewer, Deed::Edit, &found)?;
    let role = draft::acting_role(&viewer, Deed::Record, &found, &sent.acting)?;
    let Some(role) = role else {
        let mut problems = Problems::default();
        problems.add("acting", "Select in which role you record it");
        let page = page(&app, &mut connection, layout, &viewer, &found, &sent, problems).await?;
        return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    drop(connection);
    let version = sent.version.parse().unwrap_or(0);
    let outcome = lifecycle::submit(
        &app,
        Acting { viewer: &viewer, role: &role },
        &draft_id,
        version,
        Overruled { warnings: &sent.overrule, no_receipt: sent.receipt == "no" },
    )
    .await?;
    if let Some(response) = draft::after(&app, &found, &outcome, "", "") {
        return Ok(response);
    }
    let mut problems = Problems::default();
    match outcome {
        Outcome::NotAllowed(why) => return Err(Error::NotAllowed(why.0)),
        Outcome::Stale => {
            return Ok(redirect_with(
                &app,
                &urls::submit(&draft_id),
                "notice",
                "The draft was changed meanwhile. This is what it says now; nothing was submitted.",
            ));
        }
        Outcome::Problems(found_problems) => problems.add("to-do", format!("It can't be submitted yet: {} to do", found_problems.0.len())),
        Outcome::Warnings(warnings) => {
            for warning in warnings.iter().filter(|warning| !sent.overrule.contains(&warning.name)) {
                problems
                    .add(&format!("overrule-{}", warning.name), format!("Tick that you want to record it anyway, or change it: {}", warning.words));
            }
        }
        _ => {}
    }
    let mut connection = app.pool.acquire().await?;
    let page = page(&app, &mut connection, layout, &viewer, &found, &sent, problems).await?;
    Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
