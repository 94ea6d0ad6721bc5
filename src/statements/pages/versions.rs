//! The versions of a statement: the list, one as it was saved, and what differs between two.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

use super::remarks;
use crate::App;
use crate::ids::StatementId;
use crate::people::Viewer;
use crate::permissions::Deed;
use crate::problems::Choice;
use crate::statements::body;
use crate::statements::differences::{self, Change, Difference};
use crate::statements::letter::shown_title;
use crate::statements::pages::draft::{self, Row};
use crate::statements::store::draft as store;
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{Asked, At, MaybeSignedIn, SignedIn};
use crate::web::layout::{Layout, Page};

/// A statement whose versions somebody may see.
struct Versioned {
    id: StatementId,
    title: String,
    /// "Draft · not public", or the number.
    kicker: String,
    /// Its page.
    url: String,
}

impl Versioned {
    async fn draft(connection: &mut PgConnection, viewer: Option<&Viewer>, draft_id: &str) -> Result<Self, Error> {
        let found = draft::open(connection, viewer, draft_id).await?;
        let kicker = "Draft · not public".to_owned();
        Ok(Self { id: found.statement_id, title: found.title, kicker, url: urls::draft(draft_id) })
    }

    /// Those concerned see how a posted one came to be (domain.md 2).
    async fn posted(app: &App, connection: &mut PgConnection, viewer: &Viewer, number: &str) -> Result<Self, Error> {
        let (found, number) = remarks::open(connection, number).await?;
        remarks::first_role(viewer, Deed::ReadConcerned, &found)?;
        let kicker = format!("{} {number} · Only those concerned see this", app.config.statement_label);
        Ok(Self { id: found.statement_id, title: found.title, kicker, url: urls::statement(number) })
    }

    fn url_of(&self, version: i32) -> String {
        format!("{}/{version}", urls::versions(&self.url))
    }
}

/// A version, as the list names it.
struct Listed {
    version: i32,
    url: String,
    is_this: bool,
    /// Never the draft itself.
    is_beside: bool,
    saved: String,
}

/// How, by whom, in which role and when a version was saved.
fn saved(kind: &str, by: &str, role: &str, at: DateTime<Utc>) -> String {
    let how = match kind {
        "automatic" => "saved by the page while typing, by",
        "beside" => "kept beside the draft, because another save came first, by",
        _ => "saved by",
    };
    let role = if role.is_empty() { String::new() } else { format!(" ({role})") };
    format!("{how} {by}{role} on {}", at.format("%-d %b %Y at %H:%M UTC"))
}

async fn listed(connection: &mut PgConnection, of: &Versioned, this: Option<i32>) -> sqlx::Result<Vec<Listed>> {
    let versions = store::versions(connection, of.id).await?;
    let listed = versions.into_iter().map(|one| Listed {
        version: one.version,
        url: of.url_of(one.version),
        is_this: this == Some(one.version),
        is_beside: one.kind == "beside",
        saved: saved(&one.kind, &one.saved_by, &one.saved_as, one.saved_at),
    });
    Ok(listed.collect())
}

/// The questions between which two to compare: two that are chosen, else the newest and the one before it.
fn choices(listed: &[Listed], asked: &Pair) -> (Vec<Choice>, Vec<Choice>) {
    let number = |at: usize| listed.get(at).or(listed.last()).map(|one| one.version.to_string()).unwrap_or_default();
    let chosen = |asked: &str, at: usize| if asked.is_empty() { number(at) } else { asked.to_owned() };
    let of = |chosen: &str| {
        listed.iter().map(|one| Choice::new(&one.version.to_string(), &format!("Version {}, {}", one.version, one.saved), chosen)).collect()
    };
    (of(&chosen(&asked.older, 1)), of(&chosen(&asked.newer, 0)))
}

#[derive(Template)]
#[template(path = "statements/versions.html")]
struct ListPage {
    layout: Layout,
    kicker: String,
    title: String,
    url: String,
    versions: Vec<Listed>,
    older: Vec<Choice>,
    newer: Vec<Choice>,
}

async fn list(mut connection: PooledConnection, layout: Layout, of: Versioned) -> Result<Response, Error> {
    let versions = listed(&mut connection, &of, None).await?;
    let (older, newer) = choices(&versions, &Pair::default());
    let page = ListPage { layout, title: shown_title(&of.title), kicker: of.kicker, url: of.url, versions, older, newer };
    Ok(Page(StatusCode::OK, page).into_response())
}

type PooledConnection = sqlx::pool::PoolConnection<sqlx::Postgres>;

#[derive(Template)]
#[template(path = "statements/version.html")]
struct VersionPage {
    layout: Layout,
    kicker: String,
    title: String,
    version: i32,
    saved: String,
    url: String,
    since_url: String,
    rows: Vec<Row>,
    body_html: String,
    versions: Vec<Listed>,
}

async fn one(app: &App, mut connection: PooledConnection, layout: Layout, of: Versioned, version: i32) -> Result<Response, Error> {
    let shown = store::version(&mut connection, of.id, version).await?.ok_or(Error::NotFound)?;
    let versions = listed(&mut connection, &of, Some(version)).await?;
    let this = versions.iter().find(|one| one.is_this).map(|one| one.saved.clone());
    let newest = versions.iter().find(|one| !one.is_beside).map_or(version, |one| one.version);
    let page = VersionPage {
        layout,
        title: shown_title(&shown.form.title_line()),
        version,
        saved: this.unwrap_or_else(|| saved("", &shown.saved_by, &shown.saved_as, shown.saved_at)),
        since_url: if newest == version { String::new() } else { format!("{}/differences?older={version}&newer={newest}", of.url) },
        rows: draft::rows_of(None, &shown.form, app),
        body_html: body::to_html(&shown.form.body),
        kicker: of.kicker,
        url: of.url,
        versions,
    };
    Ok(Page(StatusCode::OK, page).into_response())
}

/// Which two to compare.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Pair {
    older: String,
    newer: String,
}

#[derive(Template)]
#[template(path = "statements/differences.html")]
struct DifferencesPage {
    layout: Layout,
    kicker: String,
    title: String,
    url: String,
    pair: Pair,
    saved_older: String,
    saved_newer: String,
    differences: Vec<Difference>,
    older: Vec<Choice>,
    newer: Vec<Choice>,
}

async fn between(mut connection: PooledConnection, layout: Layout, of: Versioned, mut pair: Pair) -> Result<Response, Error> {
    let versions = listed(&mut connection, &of, None).await?;
    let read = |text: &str| text.parse::<i32>().map_err(|_| Error::NotFound);
    if read(&pair.older)? > read(&pair.newer)? {
        std::mem::swap(&mut pair.older, &mut pair.newer);
    }
    let older = store::version(&mut connection, of.id, read(&pair.older)?).await?.ok_or(Error::NotFound)?;
    let newer = store::version(&mut connection, of.id, read(&pair.newer)?).await?.ok_or(Error::NotFound)?;
    drop(connection);
    let how = |version: i32| versions.iter().find(|one| one.version == version).map(|one| one.saved.clone()).unwrap_or_default();
    let (saved_older, saved_newer) = (how(older.version), how(newer.version));
    let (older_choices, newer_choices) = choices(&versions, &pair);
    // a long text takes a while
    let differences = tokio::task::spawn_blocking(move || differences::differences(&older.form, &newer.form)).await.map_err(anyhow::Error::from)?;
    let page = DifferencesPage {
        layout,
        kicker: of.kicker,
        title: shown_title(&of.title),
        url: of.url,
        pair,
        saved_older,
        saved_newer,
        differences,
        older: older_choices,
        newer: newer_choices,
    };
    Ok(Page(StatusCode::OK, page).into_response())
}

/// `GET /statements/drafts/{draft_id}/versions`
pub async fn of_draft(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let of = Versioned::draft(&mut connection, viewer.as_ref(), &draft_id).await?;
    list(connection, layout, of).await
}

/// `GET /statements/drafts/{draft_id}/versions/{version}`
pub async fn one_of_draft(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At((draft_id, version)): At<(String, i32)>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let of = Versioned::draft(&mut connection, viewer.as_ref(), &draft_id).await?;
    one(&app, connection, layout, of, version).await
}

/// `GET /statements/drafts/{draft_id}/differences`
pub async fn between_of_draft(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    Asked(pair): Asked<Pair>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let of = Versioned::draft(&mut connection, viewer.as_ref(), &draft_id).await?;
    between(connection, layout, of, pair).await
}

/// `GET /statements/{number}/versions`
pub async fn of_posted(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, At(number): At<String>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let of = Versioned::posted(&app, &mut connection, &viewer, &number).await?;
    list(connection, layout, of).await
}

/// `GET /statements/{number}/versions/{version}`
pub async fn one_of_posted(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    layout: Layout,
    At((number, version)): At<(String, i32)>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let of = Versioned::posted(&app, &mut connection, &viewer, &number).await?;
    one(&app, connection, layout, of, version).await
}

/// `GET /statements/{number}/differences`
pub async fn between_of_posted(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    layout: Layout,
    At(number): At<String>,
    Asked(pair): Asked<Pair>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let of = Versioned::posted(&app, &mut connection, &viewer, &number).await?;
    between(connection, layout, of, pair).await
}
