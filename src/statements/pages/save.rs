//! Saving the form of an incoming statement: text and files are one save; whatever is wrong, the form comes back filled.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::App;
use crate::people::{Role, Viewer};
use crate::permissions::{Deed, begins_recording};
use crate::problems::Problems;
use crate::statements::attachments;
use crate::statements::drafting::{self, Begun, Described, FileChanges, Saved};
use crate::statements::form::StatementForm;
use crate::statements::lifecycle::Acting;
use crate::statements::pages::draft;
use crate::statements::pages::edit::{Shown, form_page, show_again};
use crate::statements::pages::edit_outgoing;
use crate::statements::pages::upload::FormWithFiles;
use crate::statements::store::Found;
use crate::statements::store::draft::newest;
use crate::statements::{AttachmentKind, Direction, State as Life, reading};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, SignedIn};
use crate::web::layout::{Layout, redirect_with};

/// `POST /statements/incoming/new`
pub async fn create(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, request: Request) -> Result<Response, Error> {
    let role = viewer.roles.iter().find(|role| begins_recording(role)).map(Role::words);
    let Some(role) = role else {
        let mut sent = FormWithFiles::read(&app, request).await?;
        let form = StatementForm::from_fields(&sent.fields);
        sent.discard(&app).await;
        return crate::unrecorded::pages::new::instead_of_recording(&app, layout, &viewer, form, sent.text("link")).await;
    };
    begin(app, viewer, layout, request, Direction::Incoming, role).await
}

/// `POST /statements/outgoing/new`
pub async fn create_outgoing(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, request: Request) -> Result<Response, Error> {
    let role = edit_outgoing::drafting_role(&viewer)?;
    begin(app, viewer, layout, request, Direction::Outgoing, role).await
}

async fn begin(app: App, viewer: Viewer, layout: Layout, request: Request, direction: Direction, role: String) -> Result<Response, Error> {
    let mut sent = FormWithFiles::read(&app, request).await?;
    let form = with_set(&sent);
    let creation_key: String = sent.text("creation-key").chars().take(64).collect();
    let creation_key = if creation_key.is_empty() { crate::random_text(12)? } else { creation_key };
    if !sent.is_complete {
        sent.discard(&app).await;
        return new_again(
            &app,
            layout,
            &viewer,
            direction,
            StatusCode::PAYLOAD_TOO_LARGE,
            Shown { form, creation_key, problems: sent.problems, conflict: None },
        )
        .await;
    }
    let acting = Acting { viewer: &viewer, role: &role };
    let changes = file_changes(&mut sent);
    let (draft_id, begun) = drafting::begin(&app, acting, direction, form.clone(), &creation_key, &changes).await?;
    let mut connection = app.pool.acquire().await?;
    let (found, _) = draft::open_sent(&mut connection, Some(&viewer), &draft_id).await?;
    drop(connection);
    match begun {
        Begun::New | Begun::Before if found.case.state == Life::Draft => go_on(&app, layout, &viewer, &found, &sent).await,
        Begun::New | Begun::Before => Ok(Redirect::to(&urls::draft(&draft_id)).into_response()),
        // back in the browser, changed, sent again: saved like any other change of the first version
        Begun::BeforeWithOtherText => save_as(&app, layout, acting, &found, 1, form, sent, &changes).await,
    }
}

/// `POST /statements/drafts/{draft_id}`
pub async fn save(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    request: Request,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, viewer) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
    let role = draft::first_role(&viewer, Deed::Edit, &found)?;
    drop(connection);
    let mut sent = FormWithFiles::read(&app, request).await?;
    let form = with_set(&sent);
    let version = sent.text("version").parse().unwrap_or(0);
    if !sent.is_complete {
        sent.discard(&app).await;
        let shown = Shown { form, problems: sent.problems, ..Shown::default() };
        return show_again(&app, layout, &viewer, &draft_id, StatusCode::PAYLOAD_TOO_LARGE, shown).await;
    }
    let changes = file_changes(&mut sent);
    save_as(&app, layout, Acting { viewer: &viewer, role: &role }, &found, version, form, sent, &changes).await
}

#[expect(clippy::too_many_arguments, reason = "what was sent and by whom; its two callers stand above")]
async fn save_as(
    app: &App,
    layout: Layout,
    acting: Acting<'_>,
    found: &Found,
    version: i32,
    form: StatementForm,
    mut sent: FormWithFiles,
    changes: &FileChanges,
) -> Result<Response, Error> {
    match drafting::save(app, acting, &found.draft_id, version, form.clone(), changes).await? {
        Saved::Done => go_on(app, layout, acting.viewer, found, &sent).await,
        Saved::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
        Saved::Stale(theirs) => {
            let mut problems = std::mem::take(&mut sent.problems);
            let words =
                format!("{} saved this draft while you were editing. Your text is not saved yet: it is below, theirs beside it", theirs.saved_by);
            problems.add("conflict", words);
            let shown = Shown { form, problems, conflict: Some(theirs), ..Shown::default() };
            show_again(app, layout, acting.viewer, &found.draft_id, StatusCode::CONFLICT, shown).await
        }
        Saved::NotADraft(_, true) => draft::already(app, &mut *app.pool.acquire().await?, found).await,
        Saved::NotADraft(state, false) => {
            let happened = match state {
                Life::Deleted => "This draft was deleted",
                Life::Abandoned => "This draft was given up",
                Life::InReview => "This draft was submitted",
                _ => "This statement was posted",
            };
            let mut problems = Problems::default();
            problems.add("title", format!("{happened} while you were editing. Your text is below: saving it begins a new draft"));
            let shown = Shown { form, creation_key: crate::random_text(12)?, problems, conflict: None };
            new_again(app, layout, acting.viewer, found.case.direction, StatusCode::CONFLICT, shown).await
        }
    }
}

async fn new_again(app: &App, layout: Layout, viewer: &Viewer, direction: Direction, status: StatusCode, shown: Shown) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    form_page(app, &mut connection, layout, direction, None, viewer, status, shown).await
}

/// The form as typed, with what a button beside a field sets.
fn with_set(sent: &FormWithFiles) -> StatementForm {
    let mut form = StatementForm::from_fields(&sent.fields);
    if let Some((field, value)) = sent.text("do").strip_prefix("set:").and_then(|set| set.split_once(':')) {
        let value = value.to_owned();
        if field == "deadline-words" {
            form.deadline.clear();
        }
        if let Some(field) = form.field(field) {
            *field = value;
        }
    }
    form
}

/// What the form does to the draft's files; what is wrong with a link is noted as a problem.
fn file_changes(sent: &mut FormWithFiles) -> FileChanges {
    let added = std::mem::take(&mut sent.files).into_iter().map(|(_, stored)| stored).collect();
    let typed = sent.text("link").trim().to_owned();
    let link = match attachments::link(&typed) {
        _ if typed.is_empty() => None,
        Ok(link) => Some(link),
        Err(words) => {
            sent.problems.add("link", words);
            None
        }
    };
    let described = sent.fields.iter().filter_map(|(name, kind)| {
        let n = name.strip_prefix("file-kind-")?.parse().ok()?;
        let title: String = sent.text(&format!("file-title-{n}")).chars().filter(|letter| !letter.is_control()).take(255).collect();
        let alternative_of = sent.text(&format!("file-of-{n}")).parse().ok();
        Some(Described { n, kind: AttachmentKind::parse(kind)?, alternative_of, title: title.trim().to_owned() })
    });
    FileChanges { added, link, described: described.collect(), removed: sent.text("do").strip_prefix("remove-file:").and_then(|n| n.parse().ok()) }
}

/// After saving: on to the check, or back to the form.
async fn go_on(app: &App, layout: Layout, viewer: &Viewer, found: &Found, sent: &FormWithFiles) -> Result<Response, Error> {
    let to_check = sent.text("do") == "check";
    let mut connection = app.pool.acquire().await?;
    let saved = newest(&mut connection, found.statement_id).await?;
    let mut problems = sent.problems.clone();
    if to_check {
        let reading = reading::read(app, &mut connection, found.case.direction, Some(found.statement_id), &saved.form).await?;
        problems.0.extend(reading.checked.problems.0);
    }
    drop(connection);
    if !problems.is_empty() {
        let shown = Shown { form: saved.form, problems, ..Shown::default() };
        return show_again(app, layout, viewer, &found.draft_id, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
    }
    match sent.text("do") {
        "check" => Ok(Redirect::to(&urls::submit(&found.draft_id)).into_response()),
        "" | "save" => {
            Ok(redirect_with(app, &urls::draft(&found.draft_id), "done", &format!("Draft saved at {}.", app.clock.now().format("%H:%M UTC"))))
        }
        other => {
            let field = other.split(':').nth(1).filter(|_| other.starts_with("set:")).unwrap_or("files");
            Ok(Redirect::to(&format!("{}#{}", urls::draft(&found.draft_id), urls::encode(field))).into_response())
        }
    }
}
