//! The page that asks before bytes of a file, or words of a text, that were not ours to publish are taken away for good.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::action::words;
use super::remarks::{answer, first_role, open};
use crate::App;
use crate::people::Viewer;
use crate::permissions::Deed;
use crate::problems::{Choice, Problems};
use crate::statements::attachments::Attachment;
use crate::statements::erasures;
use crate::statements::lifecycle::Acting;
use crate::statements::store::erasures::{self as store, What};
use crate::statements::store::files;
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};
use crate::web::urls;

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    what: String,
    words: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "statements/take_away.html")]
struct TakeAwayPage {
    layout: Layout,
    problems: Problems,
    label: String,
    title: String,
    url: String,
    choices: Vec<Choice>,
    also: Vec<String>,
    sent: Sent,
}

/// The file that was chosen, if it is one that has bytes.
fn chosen<'a>(sent: &Sent, files: &'a [Attachment]) -> Option<&'a Attachment> {
    let n: i32 = sent.what.strip_prefix("file-")?.parse().ok()?;
    files.iter().find(|file| file.n == n && file.file_id.is_some())
}

async fn page(app: &App, layout: Layout, viewer: &Viewer, number: &str, sent: Option<Sent>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number) = open(&mut connection, number).await?;
    let role = first_role(viewer, Deed::Remove, &found)?;
    let there = files::list(&mut connection, found.statement_id).await?;
    let also = store::also_held(&mut connection, found.statement_id).await?;
    drop(connection);
    let mut problems = Problems::default();
    if let Some(sent) = &sent {
        let file = chosen(sent, &there);
        if file.is_some_and(|file| file.taken_away.is_some()) {
            return Ok(redirect_with(app, &urls::statement(number), "notice", "It is taken away already."));
        }
        // of words only blanks at the ends make no difference
        let said = if sent.what == "words" { words(&sent.words, "words", "The words", &mut problems) } else { String::new() };
        let what = match (file, sent.what.as_str()) {
            (Some(file), _) => Some(What::Bytes(file.n)),
            (None, "words") if said.is_empty() && problems.is_empty() => {
                problems.add("words", "Enter the words that are taken away, as they stand in the text");
                None
            }
            (None, "words") => Some(What::Words(&said)),
            _ => {
                problems.add("what", "Select what is taken away");
                None
            }
        };
        let reason = words(&sent.reason.replace(['\r', '\n'], " "), "reason", "The reason", &mut problems);
        if reason.is_empty() && problems.of("reason").is_empty() {
            problems.add("reason", "Enter why it is taken away");
        }
        if let Some(what) = what.filter(|_| problems.is_empty()) {
            match erasures::take_away(app, Acting { viewer, role: &role }, number, what, &reason).await? {
                Some(done) => return answer(app, number, done, "#attachments"),
                None => problems.add("words", "These words do not stand in the text"),
            }
        }
    }
    let sent = sent.unwrap_or_default();
    let mut choices = vec![Choice::new("words", "Words of the text", &sent.what)];
    let with_bytes = there.iter().filter(|file| file.file_id.is_some() && file.taken_away.is_none());
    choices.extend(with_bytes.map(|file| Choice::new(&format!("file-{}", file.n), &format!("The bytes of {}", file.shown()), &sent.what)));
    let named = |n: i32| there.iter().find(|file| file.n == n).map_or_else(String::new, |file| file.shown().to_owned());
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = TakeAwayPage {
        layout: Layout { error_title: !problems.is_empty(), ..layout },
        label: format!("{} {number}", app.config.statement_label),
        title: found.title,
        url: urls::statement(number),
        choices,
        also: also
            .into_iter()
            .map(|(n, other, name)| format!("{} is also at {} {other}, as {name}.", named(n), app.config.statement_label))
            .collect(),
        sent,
        problems,
    };
    Ok(Page(status, page).into_response())
}

/// `GET /statements/{number}/take-away`
pub async fn show(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, At(number): At<String>) -> Result<Response, Error> {
    page(&app, layout, &viewer, &number, None).await
}

/// `POST /statements/{number}/take-away`
pub async fn take(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    layout: Layout,
    At(number): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    page(&app, layout, &viewer, &number, Some(sent)).await
}
