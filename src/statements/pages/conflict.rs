//! Somebody else saved first: field by field what differs, theirs and yours, and a box for what shall stand (409).

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::people::Viewer;
use crate::problems::{Choice, Problems};
use crate::statements::AttachmentKind;
use crate::statements::attachments::Attachment;
use crate::statements::differences::{Field, Merged, Sort, merge, words_of};
use crate::statements::drafting::Conflict;
use crate::statements::form::StatementForm;
use crate::statements::pages::upload::FormWithFiles;
use crate::statements::store::Found;
use crate::statements::store::draft::newest;
use crate::statements::store::files;
use crate::urls;
use crate::web::error::Error;
use crate::web::layout::{Layout, Page, redirect_with};

/// A field that differs.
struct Row {
    name: String,
    label: String,
    theirs: String,
    yours: String,
    merged: String,
    is_text: bool,
    choices: Vec<Choice>,
}

impl Row {
    fn of(merged: Merged) -> Self {
        let words = |value: &str| words_of_any(&merged.theirs.name, value);
        let choice = |value: &str| Choice::new(value, &if value.is_empty() { "Nothing chosen".to_owned() } else { words(value) }, &merged.merged);
        Self {
            choices: if merged.theirs.sort == Sort::Choice { vec![choice(&merged.theirs.value), choice(&merged.yours)] } else { Vec::new() },
            is_text: merged.theirs.sort == Sort::Text,
            theirs: words(&merged.theirs.value),
            yours: words(&merged.yours),
            name: merged.theirs.name,
            label: merged.theirs.label,
            merged: merged.merged,
        }
    }
}

#[derive(Template)]
#[template(path = "statements/conflict.html")]
struct ConflictPage {
    layout: Layout,
    heading: String,
    their_time: String,
    not_added: Problems,
    rows: Vec<Row>,
    /// Fields that do not differ, name and value.
    same: Vec<(String, String)>,
    action: String,
    versions_url: String,
    version: i32,
    creation_key: String,
}

fn words_of_any(name: &str, value: &str) -> String {
    match AttachmentKind::parse(value).filter(|_| name.starts_with("file-kind-")) {
        Some(kind) => kind.words().to_owned(),
        None => words_of(name, value),
    }
}

/// Files whose title or kind both said otherwise: there is no knowing which was there before, so theirs stands unless it is empty.
fn merged_files(there: &[Attachment], sent: &FormWithFiles) -> Vec<Merged> {
    let mut merged = Vec::new();
    for file in there {
        let said = |what: &str| sent.fields.iter().find(|(name, _)| *name == format!("file-{what}-{}", file.n)).map(|(_, value)| value.clone());
        let other = file.alternative_of.map(|n| n.to_string()).unwrap_or_default();
        for (what, label, theirs) in
            [("title", "Title", file.title.as_str()), ("kind", "Kind", file.kind.as_str()), ("of", "Other format", other.as_str())]
        {
            let yours = said(what).unwrap_or_else(|| theirs.to_owned());
            let kept = if theirs.is_empty() { yours.clone() } else { theirs.to_owned() };
            let (name, label) = (format!("file-{what}-{}", file.n), format!("{label} of {}", file.url.as_deref().unwrap_or(&file.file_name)));
            let sort = if what == "title" { Sort::Line } else { Sort::Choice };
            merged.push(Merged { theirs: Field { name, label, sort, value: theirs.to_owned() }, yours, merged: kept });
        }
    }
    merged
}

/// The page; where the person had changed nothing, the way back to the draft as it is.
///
/// # Errors
/// The database's.
pub(super) async fn page(
    app: &App,
    layout: Layout,
    viewer: &Viewer,
    found: &Found,
    form: &StatementForm,
    sent: &FormWithFiles,
    conflict: &Conflict,
) -> Result<Response, Error> {
    let theirs = &conflict.theirs;
    let heading = if theirs.person_id == Some(viewer.person_id) {
        "You saved this draft elsewhere while you were editing".to_owned()
    } else {
        format!("{} saved this draft while you were editing", theirs.saved_by)
    };
    let mut connection = app.pool.acquire().await?;
    let now = newest(&mut connection, found.statement_id).await?;
    let there = files::list(&mut connection, found.statement_id).await?;
    drop(connection);
    let mut fields = merge(conflict.base.as_ref(), &theirs.form, form);
    if sent.problems.is_empty() && fields.iter().all(|field| field.merged == field.theirs.value) {
        let words = format!("{heading}. You had changed nothing that is not in it.");
        return Ok(redirect_with(app, &urls::draft(&found.draft_id), "notice", &words));
    }
    fields.extend(merged_files(&there, sent));
    let (same, differing): (Vec<Merged>, Vec<Merged>) = fields.into_iter().partition(|field| field.theirs.value == field.yours);
    let mut same: Vec<(String, String)> = same.into_iter().map(|field| (field.theirs.name, field.theirs.value)).collect();
    if !sent.problems.of("link").is_empty() {
        same.push(("link".to_owned(), sent.text("link").to_owned()));
    }
    let page = ConflictPage {
        layout,
        heading,
        their_time: theirs.saved_at.format("%H:%M UTC").to_string(),
        not_added: sent.problems.clone(),
        rows: differing.into_iter().map(Row::of).collect(),
        same,
        action: urls::draft(&found.draft_id),
        versions_url: urls::versions(&urls::draft(&found.draft_id)),
        version: now.version,
        creation_key: crate::random_text(12)?,
    };
    Ok(Page(StatusCode::CONFLICT, page).into_response())
}
