//! A statement that is not public, for whoever may read it: where it stands, what it says, what happened.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres};

use crate::App;
use crate::mail::{self, fate::Fate};
use crate::people::Viewer;
use crate::permissions::{Deed, may, may_begin_recording};
use crate::statements::body;
use crate::statements::letter::shown_title;
use crate::statements::pages::asked_rows::{self, AskedRow};
use crate::statements::pages::draft::{self, FileRow, Row};
use crate::statements::pages::share::{ShareBox, share_box};
use crate::statements::reading;
use crate::statements::store::draft::newest;
use crate::statements::store::{Found, history};
use crate::statements::{Direction, State as Life};
use crate::urls;
use crate::web::error::Error;
use crate::web::layout::{Layout, Page};

#[derive(Template)]
#[template(path = "statements/show_draft.html")]
struct DraftPage {
    layout: Layout,
    kicker: String,
    title: String,
    tone: &'static str,
    state: &'static str,
    sentence: String,
    review_url: String,
    draft_url: String,
    rows: Vec<Row>,
    body_html: String,
    files: Vec<FileRow>,
    asked: Vec<AskedRow>,
    held: String,
    history: Vec<Line>,
    fates: Vec<Fate>,
    mail_base: String,
    versions_url: String,
    may_send_again: bool,
    may_decide: bool,
    may_see: bool,
    may_take_back: bool,
    may_abandon: bool,
    may_restore: bool,
    who_may: String,
    alike_url: String,
    share: Option<ShareBox>,
    letter_url: String,
}

/// A line of history, in words.
pub struct Line {
    machine_time: String,
    time: String,
    sentence: String,
}

async fn history_lines(connection: &mut PgConnection, found: &Found) -> sqlx::Result<Vec<Line>> {
    let audiences = ["public".to_owned(), "concerned".to_owned()];
    let mut lines = history::history(connection, found.statement_id, &audiences, None, None).await?;
    lines.reverse();
    Ok(lines
        .into_iter()
        .map(|line| Line {
            machine_time: line.at.format("%Y-%m-%dT%H:%MZ").to_string(),
            time: line.at.format("%-d %b %Y %H:%M UTC").to_string(),
            sentence: if line.role.is_empty() {
                format!("{} {}", line.actor, line.words)
            } else {
                format!("{} ({}) {}", line.actor, line.role, line.words)
            },
        })
        .collect())
}

/// Renders it.
///
/// # Errors
/// The database's.
pub async fn page(
    app: &App,
    mut held: PoolConnection<Postgres>,
    layout: Layout,
    found: &Found,
    viewer: &Viewer,
    kept_link: &str,
) -> Result<Response, Error> {
    let connection = &mut *held;
    let saved = newest(connection, found.statement_id).await?;
    let reading = reading::read(app, connection, found.case.direction, Some(found.statement_id), &saved.form).await?;
    let may_do = |deed| may(Some(viewer), deed, &found.case);
    let asked = asked_rows::rows(app, connection, found).await?;
    let mine = asked_rows::mine(app, connection, viewer, found).await?;
    let is_outgoing = found.case.direction == Direction::Outgoing;
    let waits: Vec<String> = asked.iter().filter(|one| one.waits).map(|one| one.who.clone()).filter(|who| !who.is_empty()).collect();
    let (tone, state, sentence) = match found.case.state {
        Life::InReview if is_outgoing && waits.is_empty() => {
            ("in-review", "In review", "Everything is given; it is posted once it is released.".to_owned())
        }
        Life::InReview if is_outgoing => ("in-review", "In review", format!("It waits for {}. The last sign-off posts it.", waits.join("; "))),
        Life::InReview => {
            ("in-review", "In review", format!("It waits for the check before posting by {}. Once checked it is posted at once.", waits.join(", ")))
        }
        Life::Abandoned => ("plain", "Given up", "It is not public, and nothing is asked of anybody.".to_owned()),
        _ => match crate::statements::store::draft::waits(connection, found.statement_id).await? {
            Some((since, asked)) => ("plain", "Waiting for the sender", format!("Since {}, they were asked: {asked}", since.format("%-d %b %Y"))),
            None => ("plain", "Draft", "It is not public yet.".to_owned()),
        },
    };
    let mut page = DraftPage {
        kicker: format!("{} · not public", found.case.direction.words()),
        title: shown_title(&found.title),
        tone,
        state,
        sentence,
        review_url: urls::review(&found.draft_id),
        draft_url: urls::draft(&found.draft_id),
        rows: draft::rows_of(reading.checked.letter.as_ref(), &saved.form, app),
        body_html: body::to_html(&saved.form.body),
        files: draft::file_rows(connection, found.statement_id, &found.draft_id).await?,
        history: history_lines(connection, found).await?,
        fates: Vec::new(),
        mail_base: format!("{}/mail", urls::draft(&found.draft_id)),
        versions_url: urls::versions(&urls::draft(&found.draft_id)),
        may_send_again: may_do(Deed::SendAgain).is_ok(),
        may_decide: found.case.state == Life::InReview && mine.why_not.is_empty(),
        may_see: found.case.state == Life::InReview && is_outgoing,
        may_take_back: found.case.state == Life::InReview && may_do(Deed::Edit).is_ok(),
        may_abandon: matches!(found.case.state, Life::InReview | Life::Draft) && may_do(Deed::Abandon).is_ok(),
        may_restore: found.case.state == Life::Abandoned && may_do(Deed::Abandon).is_ok(),
        who_may: may_do(Deed::Edit).err().map(|why| why.0.replace("can do this", "can edit it")).unwrap_or_default(),
        alike_url: if found.case.direction == Direction::Incoming && may_begin_recording(Some(viewer)) {
            urls::record_like_draft(&found.draft_id)
        } else {
            String::new()
        },
        share: share_box(app, connection, found, viewer, kept_link).await?,
        letter_url: if is_outgoing { urls::letter(&urls::draft(&found.draft_id)) } else { String::new() },
        asked,
        held: asked_rows::held(connection, found).await?,
        layout,
    };
    // the next read takes a connection of its own
    drop(held);
    page.fates = mail::store::fates(&app.pool, found.statement_id, app.clock.now()).await?;
    Ok(Page(StatusCode::OK, page).into_response())
}
