//! What stands beside a posted statement's text: one form, whose every change is kept with what stood there before.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqlx::PgConnection;

use super::action::words;
use super::draft::{acting_choices, acting_role};
use super::remarks::{first_role, open};
use crate::App;
use crate::people::Viewer;
use crate::permissions::Deed;
use crate::problems::{Choice, Problems};
use crate::statements::lifecycle::Acting;
use crate::statements::metadata::fields::{Field, Section};
use crate::statements::metadata::{self, Outcome};
use crate::statements::store::Found;
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};
use crate::web::urls;

/// A field as somebody else left it meanwhile.
struct Differing {
    label: String,
    theirs: String,
    yours: String,
}

#[derive(Template)]
#[template(path = "statements/edit_posted.html")]
struct EditPostedPage {
    layout: Layout,
    problems: Problems,
    label: String,
    title: String,
    url: String,
    edition: i32,
    sections: Vec<(&'static str, Vec<Field>)>,
    acting: Vec<Choice>,
    reason: String,
    conflict: Vec<Differing>,
}

/// The value that was typed for a field; of one sent twice the first.
fn typed<'a>(sent: &'a [(String, String)], name: &str) -> Option<&'a str> {
    sent.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}

async fn page(
    app: &App,
    connection: &mut PgConnection,
    layout: Layout,
    (found, number, viewer): (&Found, i32, &Viewer),
    sent: &[(String, String)],
    (status, problems): (StatusCode, Problems),
) -> Result<Response, Error> {
    let (_, mut fields) = metadata::current(connection, found).await?;
    let mut conflict = Vec::new();
    for field in &mut fields {
        let Some(yours) = typed(sent, &field.name) else { continue };
        if status == StatusCode::CONFLICT && yours.lines().map(str::trim).ne(field.value.lines().map(str::trim)) {
            conflict.push(Differing { label: field.label.clone(), theirs: field.value.clone(), yours: yours.to_owned() });
        }
        field.value = yours.to_owned();
    }
    let of = |section| fields.iter().filter(|field| field.section == section).cloned().collect::<Vec<_>>();
    let sections = [
        ("Reference and dates", of(Section::Facts)),
        ("Other statements", of(Section::Relations)),
        ("Contacts", of(Section::Contacts)),
        ("Files", of(Section::Files)),
    ];
    let page = EditPostedPage {
        layout: Layout { error_title: !problems.is_empty(), ..layout },
        label: format!("{} {number}", app.config.statement_label),
        title: found.title.clone(),
        url: urls::statement(number),
        edition: found.edition,
        sections: sections.into_iter().filter(|(_, fields)| !fields.is_empty()).collect(),
        acting: acting_choices(viewer, Deed::EditPosted, found, typed(sent, "acting").unwrap_or_default()),
        reason: typed(sent, "reason").unwrap_or_default().to_owned(),
        conflict,
        problems,
    };
    Ok(Page(status, page).into_response())
}

/// `GET /statements/{number}/edit`
pub async fn show(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, At(number): At<String>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number) = open(&mut connection, &number).await?;
    first_role(&viewer, Deed::EditPosted, &found)?;
    page(&app, &mut connection, layout, (&found, number, &viewer), &[], (StatusCode::OK, Problems::default())).await
}

/// `POST /statements/{number}/edit`
pub async fn save(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    layout: Layout,
    At(number): At<String>,
    TypedForm(sent): TypedForm<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, number) = open(&mut connection, &number).await?;
    let mut problems = Problems::default();
    let role = acting_role(&viewer, Deed::EditPosted, &found, typed(&sent, "acting").unwrap_or_default())?;
    if role.is_none() {
        problems.add("acting", "Select in which role you act");
    }
    let reason = words(typed(&sent, "reason").unwrap_or_default(), "reason", "The reason", &mut problems);
    let (Some(role), true) = (role, problems.is_empty()) else {
        return page(&app, &mut connection, layout, (&found, number, &viewer), &sent, (StatusCode::UNPROCESSABLE_ENTITY, problems)).await;
    };
    drop(connection);
    let edition = typed(&sent, "edition").and_then(|edition| edition.parse().ok()).unwrap_or(0);
    let acting = Acting { viewer: &viewer, role: &role };
    let status = match metadata::change(&app, acting, number, edition, &sent, &reason).await? {
        Outcome::Changed(count) => {
            let words = if count == 1 { "Changed.".to_owned() } else { format!("Changed: {count} fields.") };
            return Ok(redirect_with(&app, &urls::statement(number), "done", &words));
        }
        Outcome::Nothing => return Ok(redirect_with(&app, &urls::statement(number), "notice", "It stands like that already.")),
        Outcome::NotAllowed(why) => return Err(Error::NotAllowed(why.0)),
        Outcome::Gone => return Err(Error::NotFound),
        Outcome::Problems(found) => {
            problems = found;
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Outcome::Stale => {
            problems.add("conflict", "Somebody else changed it while you were editing. Your changes are not saved yet: they are below");
            StatusCode::CONFLICT
        }
    };
    let mut connection = app.pool.acquire().await?;
    let (found, _) = open(&mut connection, &number.to_string()).await?;
    page(&app, &mut connection, layout, (&found, number, &viewer), &sent, (status, problems)).await
}
