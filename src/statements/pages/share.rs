//! The link that shows a draft to its group: made, revoked, and opened by whoever has it.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use sqlx::PgConnection;

use crate::App;
use crate::dates;
use crate::people::Viewer;
use crate::people::secrets::Secret;
use crate::permissions::{Deed, may};
use crate::statements::attachments::{Attachment, Visibility, size_words};
use crate::statements::letter::shown_title;
use crate::statements::lifecycle::Acting;
use crate::statements::pages::attachment::{self, Asked};
use crate::statements::pages::draft;
use crate::statements::sharing::{self, Shared};
use crate::statements::store::draft::newest;
use crate::statements::store::sharing as links;
use crate::statements::store::{self, Found, Key, files};
use crate::statements::{Purpose, State as Life, body};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn};
use crate::web::layout::{Layout, Page, redirect_with};

/// The cookie in which the browser that made a link keeps it: here only its hash is kept.
const COOKIE: &str = "share-link";

/// What a draft's page says of its links.
pub(super) struct ShareBox {
    pub(super) draft_url: String,
    /// The link, in the browser that made it; empty elsewhere.
    pub(super) link: String,
    /// When each was made and by whom.
    pub(super) links: Vec<String>,
    /// Whether the page can have one more.
    pub(super) may_make: bool,
}

/// What a draft's page says of its links; none: it has none, or they are not for this person.
///
/// # Errors
/// The database's.
pub(super) async fn share_box(
    app: &App,
    connection: &mut PgConnection,
    found: &Found,
    viewer: &Viewer,
    kept: &str,
) -> sqlx::Result<Option<ShareBox>> {
    if !sharing::is_shareable(found) || may(Some(viewer), Deed::Edit, &found.case).is_err() {
        return Ok(None);
    }
    let there = links::links(connection, found.statement_id).await?;
    let hash = Secret::hash_of(kept);
    let said = |link: &links::Link| {
        let who = if link.made_as.is_empty() { link.made_by.clone() } else { format!("{} ({})", link.made_by, link.made_as) };
        let made = format!("Made on {} by {who}", link.made_at.format("%-d %b %Y at %H:%M UTC"));
        match link.comments_by {
            Some(day) => format!("{made}; mailed to {}, comments by {}", link.mailed_to, dates::short_date(day)),
            None => made,
        }
    };
    Ok(Some(ShareBox {
        draft_url: urls::draft(&found.draft_id),
        link: if there.iter().any(|link| link.secret_hash == hash) { app.config.absolute(&urls::shared(kept)) } else { String::new() },
        links: there.iter().map(said).collect(),
        may_make: there.iter().all(|link| !link.mailed_to.is_empty()),
    }))
}

/// The secret of the link that this browser made for the draft of this address.
pub(super) fn kept(headers: &HeaderMap) -> String {
    CookieJar::from_headers(headers).get(COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default()
}

/// Who may edit the draft, in the role in which they do; for everybody else what other pages of it answer.
pub(super) async fn editor(app: &App, viewer: Option<&Viewer>, draft_id: &str) -> Result<(Found, Viewer, String), Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer, draft_id).await?;
    let role = draft::first_role(&viewer, Deed::Edit, &found)?;
    Ok((found, viewer, role))
}

/// `POST /statements/drafts/{draft_id}/share`
pub async fn share(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, At(draft_id): At<String>) -> Result<Response, Error> {
    let (_, viewer, role) = editor(&app, viewer.as_ref(), &draft_id).await?;
    let url = urls::draft(&draft_id);
    let secret = Secret::new()?;
    match sharing::share(&app, Acting { viewer: &viewer, role: &role }, &draft_id, &secret).await? {
        Shared::Done => {
            let cookie =
                Cookie::build((COOKIE, secret.text)).path(url.clone()).http_only(true).same_site(SameSite::Lax).secure(app.config.is_https()).build();
            let words = "There is a link now. It is below; copy it.";
            Ok((CookieJar::new().add(cookie), redirect_with(&app, &format!("{url}#share"), "done", words)).into_response())
        }
        Shared::Already => Ok(redirect_with(&app, &format!("{url}#share"), "notice", "Nothing was changed: it has a link, or can't be shared.")),
        Shared::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
    }
}

/// `POST /statements/drafts/{draft_id}/share/revoke`
pub async fn revoke(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, At(draft_id): At<String>) -> Result<Response, Error> {
    let (_, viewer, role) = editor(&app, viewer.as_ref(), &draft_id).await?;
    let url = urls::draft(&draft_id);
    match sharing::revoke(&app, Acting { viewer: &viewer, role: &role }, &draft_id).await? {
        Shared::Done => Ok(redirect_with(&app, &url, "done", "Revoked: whoever has the link finds nothing there any more.")),
        Shared::Already => Ok(redirect_with(&app, &url, "notice", "It has no link.")),
        Shared::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
    }
}

/// A file of a shared draft.
struct SharedFile {
    name: String,
    detail: String,
    url: String,
}

#[derive(Template)]
#[template(path = "statements/shared.html")]
struct SharedPage {
    layout: Layout,
    title: String,
    from: String,
    to: String,
    purpose: &'static str,
    deadline: String,
    comments_by: String,
    body_html: String,
    files: Vec<SharedFile>,
}

/// The draft that a link shows; where it is posted by now, the way there.
async fn opened(connection: &mut PgConnection, secret: &str) -> Result<(Found, Option<chrono::NaiveDate>), Error> {
    let (id, comments_by) = links::opened(connection, &Secret::hash_of(secret)).await?.ok_or(Error::NotFound)?;
    let found = store::find(connection, Key::Id(id)).await?.ok_or(Error::NotFound)?;
    match (found.case.state, found.number) {
        (Life::Draft | Life::InReview, _) => Ok((found, comments_by)),
        (Life::Posted | Life::Removed, Some(number)) => Err(Error::Elsewhere(urls::statement(number))),
        _ => Err(Error::NotFound),
    }
}

/// Whether the group sees a file of a draft.
fn is_shown(file: &Attachment) -> bool {
    file.visibility == Visibility::Public && !file.is_for_those_concerned()
}

/// No robot keeps it, no site that it links to learns its address, no cache holds it.
fn unlisted(response: Response) -> Response {
    let headers = [
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, response).into_response()
}

/// `GET /shared-drafts/{secret}`
pub async fn show(State(app): State<App>, At(secret): At<String>, layout: Layout) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, comments_by) = opened(&mut connection, &secret).await?;
    let saved = newest(&mut connection, found.statement_id).await?;
    let attachments = files::list(&mut connection, found.statement_id).await?;
    drop(connection);
    let shown = attachments.iter().filter(|file| is_shown(file)).map(|file| SharedFile {
        name: file.shown().to_owned(),
        detail: if file.url.is_some() { "Link".to_owned() } else { format!("{}, {}", file.format_name, size_words(file.size)) },
        url: file.url.clone().unwrap_or_else(|| urls::shared_file(&secret, file.n, &file.file_name)),
    });
    let title = saved.form.title_line();
    let page = SharedPage {
        // the page is the same for everybody, and leads nowhere with its secret
        layout: Layout { viewer: None, sign_in_url: "/sign-in".to_owned(), ..layout },
        title: shown_title(&title),
        from: saved.form.from.trim().to_owned(),
        to: saved.form.to.trim().to_owned(),
        purpose: Purpose::parse(&saved.form.purpose).map_or("", Purpose::words),
        deadline: saved.form.deadline.trim().to_owned(),
        comments_by: comments_by.map(dates::weekday_date).unwrap_or_default(),
        body_html: body::to_html(&saved.form.body),
        files: shown.collect(),
    };
    Ok(unlisted(Page(StatusCode::OK, page).into_response()))
}

/// `GET /shared-drafts/{secret}/files/{n}/{name}`
pub async fn file(State(app): State<App>, At((secret, n, name)): At<(String, i32, String)>, asked: Asked) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, _) = opened(&mut connection, &secret).await?;
    let file = files::one(&mut connection, found.statement_id, n).await?.filter(is_shown).ok_or(Error::NotFound)?;
    drop(connection);
    let url = urls::shared_file(&secret, n, &file.file_name);
    Ok(unlisted(attachment::serve(&app.pool, &file, &name, &url, &asked).await?))
}
