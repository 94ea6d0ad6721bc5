//! *Tell the group*: the mail that shows a draft to the lists of its groups, shown before it goes.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::App;
use crate::dates;
use crate::mail::Message;
use crate::people::secrets::Secret;
use crate::problems::Problems;
use crate::statements::letter::shown_title;
use crate::statements::lifecycle::Acting;
use crate::statements::pages::share::editor;
use crate::statements::pages::submit::MailShown;
use crate::statements::recipients::outgoing;
use crate::statements::sharing::{self, Shared, Telling};
use crate::statements::store::Found;
use crate::statements::store::draft::newest;
use crate::statements::{Side, attachments, body, reading};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};

#[derive(Template)]
#[template(path = "statements/tell_group.html")]
struct TellPage {
    layout: Layout,
    problems: Problems,
    title: String,
    draft_url: String,
    action: String,
    /// Whom it reaches; empty: nobody.
    lists: String,
    /// Why nobody can be told yet; empty: nothing stands in the way.
    not_yet: String,
    sent: Sent,
    /// The mail, once it was asked for.
    mail: Option<MailShown>,
}

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Sent {
    comments_by: String,
    words: String,
    /// Of the link in the mail that was shown.
    secret: String,
    /// Which mail was shown.
    shown: String,
    #[serde(rename = "do")]
    button: String,
}

/// Why the group can't be told yet; empty: it can.
async fn not_yet(app: &App, connection: &mut PgConnection, found: &Found) -> Result<String, Error> {
    if !sharing::is_shareable(found) {
        return Err(Error::Elsewhere(urls::draft(&found.draft_id)));
    }
    let saved = newest(&mut *connection, found.statement_id).await?;
    let reading = reading::read(app, connection, found.case.direction, Some(found.statement_id), &saved.form).await?;
    let is_missing = |side: Side| found.case.parties.iter().all(|party| party.side != side);
    let problem = ["from", "to", "copy"].into_iter().find(|field| !reading.checked.problems.of(field).is_empty());
    Ok(match problem {
        Some(field) => format!("First say whom it is from and to: {}.", reading.checked.problems.of(field)),
        None if is_missing(Side::From) || is_missing(Side::To) => "First say whom it is from and to.".to_owned(),
        None => String::new(),
    })
}

async fn page(app: &App, mut layout: Layout, found: &Found, sent: Sent, problems: Problems, mail: Option<&Message>) -> Result<TellPage, Error> {
    let mut connection = app.pool.acquire().await?;
    layout.error_title = !problems.is_empty();
    let lists = outgoing::lists(&mut connection, &found.case).await?;
    Ok(TellPage {
        title: shown_title(&found.title),
        draft_url: urls::draft(&found.draft_id),
        action: urls::tell_group(&found.draft_id),
        not_yet: not_yet(app, &mut connection, found).await?,
        lists: lists.iter().map(|list| format!("{} ({})", list.address, list.why)).collect::<Vec<_>>().join(", "),
        mail: mail.map(MailShown::of),
        layout,
        problems,
        sent,
    })
}

/// `GET /statements/drafts/{draft_id}/tell-group`
pub async fn show(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, layout: Layout, At(draft_id): At<String>) -> Result<Response, Error> {
    let (found, _, _) = editor(&app, viewer.as_ref(), &draft_id).await?;
    let page = page(&app, layout, &found, Sent::default(), Problems::default(), None).await?;
    Ok(Page(StatusCode::OK, page).into_response())
}

/// The day and the words, if both hold.
fn read(app: &App, sent: &Sent, problems: &mut Problems) -> Option<(NaiveDate, String)> {
    let day = match dates::parse_typed(sent.comments_by.trim()) {
        _ if sent.comments_by.trim().is_empty() => {
            problems.add("comments-by", "Enter the day by which the group may comment");
            None
        }
        Err(problem) => {
            problems.add("comments-by", problem.words("Comments by"));
            None
        }
        Ok(day) if day < app.today() => {
            problems.add("comments-by", "Comments by must be today or later");
            None
        }
        Ok(day) => Some(day),
    };
    match body::clean(sent.words.trim()) {
        Ok(words) => day.map(|day| (day, words)),
        Err(problem) => {
            problems.add("words", problem.words("Words to the group"));
            None
        }
    }
}

/// `POST /statements/drafts/{draft_id}/tell-group`
pub async fn tell(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let (found, viewer, role) = editor(&app, viewer.as_ref(), &draft_id).await?;
    let acting = Acting { viewer: &viewer, role: &role };
    let mut connection = app.pool.acquire().await?;
    let is_ready = not_yet(&app, &mut connection, &found).await?.is_empty();
    let mut problems = Problems::default();
    let read = read(&app, &sent, &mut problems);
    let Some((comments_by, words)) = read.filter(|_| is_ready) else {
        drop(connection);
        let page = page(&app, layout, &found, sent, problems, None).await?;
        return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let given = sharing::secret_of(&sent.secret);
    let secret = match given {
        Some(secret) => secret,
        None => Secret::new()?,
    };
    let telling = Telling { secret: &secret, comments_by, words: &words };
    let message = sharing::mail(&app, &mut connection, &found, acting, telling).await?;
    drop(connection);
    let Some(message) = message else {
        let page = page(&app, layout, &found, sent, problems, None).await?;
        return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let shown = attachments::hex(&Sha256::digest(format!("{}\n{}\n{}", message.to, message.subject, message.body)));
    if sent.button != "send" || sent.shown != shown {
        let sent = Sent { secret: secret.text.clone(), shown, ..sent };
        let page = page(&app, layout, &found, sent, problems, Some(&message)).await?;
        return Ok(Page(StatusCode::OK, page).into_response());
    }
    let url = urls::draft(&draft_id);
    match sharing::tell(&app, acting, &draft_id, telling).await? {
        Shared::Done => Ok(redirect_with(&app, &url, "done", &format!("Told: {}. It stands in the history.", message.to))),
        Shared::Already => Ok(redirect_with(&app, &url, "notice", "The group was told of it already.")),
        Shared::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
    }
}
