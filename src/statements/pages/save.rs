//! Saving the form of an incoming statement: text and files are one save; whatever is wrong, the form comes back filled.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use crate::App;
use crate::people::{Role, Viewer};
use crate::permissions::{Deed, begins_recording};
use crate::problems::Problems;
use crate::statements::attachments;
use crate::statements::drafting::{self, Begun, Described, FileChanges, Saved};
use crate::statements::form::StatementForm;
use crate::statements::lifecycle::Acting;
use crate::statements::pages::conflict;
use crate::statements::pages::draft;
use crate::statements::pages::edit::{Shown, form_page, show_again};
use crate::statements::pages::edit_outgoing;
use crate::statements::pages::upload::FormWithFiles;
use crate::statements::store::Found;
use crate::statements::store::draft::{Manner, newest};
use crate::statements::{AttachmentKind, Direction, State as Life, explaining, reading};
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
    let form = with_set(&sent, &app.installation().home_name);
    let creation_key: String = sent.text("creation-key").chars().take(64).collect();
    let creation_key = if creation_key.is_empty() { crate::random_text(12)? } else { creation_key };
    let files_of: String = sent.text("files-of").chars().take(64).collect();
    if !sent.is_complete {
        sent.discard(&app).await;
        let shown = Shown { form, creation_key, link: sent.text("link").to_owned(), files_of, problems: sent.problems, ..Shown::default() };
        return new_again(&app, layout, &viewer, direction, StatusCode::PAYLOAD_TOO_LARGE, shown).await;
    }
    let acting = Acting { viewer: &viewer, role: &role };
    let mut changes = file_changes(&app, &mut sent).await;
    changes.files_of = Some(files_of).filter(|id| !id.is_empty());
    let manner = Manner { is_automatic: is_automatic(&sent), page: &creation_key };
    let (draft_id, begun) = drafting::begin(&app, acting, direction, form.clone(), manner, &changes).await?;
    let mut connection = app.pool.acquire().await?;
    let (found, _) = draft::open_sent(&mut connection, Some(&viewer), &draft_id).await?;
    drop(connection);
    match begun {
        Begun::New | Begun::Before if manner.is_automatic => by_itself(&app, &found).await,
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
    let form = with_set(&sent, &app.installation().home_name);
    let version = sent.text("version").parse().unwrap_or(0);
    if !sent.is_complete {
        sent.discard(&app).await;
        let (link, creation_key) = (sent.text("link").to_owned(), sent.text("creation-key").chars().take(64).collect());
        let shown = Shown { form, link, creation_key, version: Some(version), problems: sent.problems, ..Shown::default() };
        return show_again(&app, layout, &viewer, &draft_id, StatusCode::PAYLOAD_TOO_LARGE, shown).await;
    }
    let changes = file_changes(&app, &mut sent).await;
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
    sent: FormWithFiles,
    changes: &FileChanges,
) -> Result<Response, Error> {
    let page: String = sent.text("creation-key").chars().take(64).collect();
    let manner = Manner { is_automatic: is_automatic(&sent), page: &page };
    match drafting::save(app, acting, &found.draft_id, (version, manner), form.clone(), changes).await? {
        Saved::Done if manner.is_automatic => by_itself(app, found).await,
        Saved::Done => go_on(app, layout, acting.viewer, found, &sent).await,
        Saved::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
        Saved::Stale(conflict) if manner.is_automatic => {
            let theirs = &conflict.theirs;
            let who = if theirs.person_id == Some(acting.viewer.person_id) { "You" } else { &theirs.saved_by };
            let at = theirs.saved_at.format("%H:%M");
            Ok(not_by_itself(format!("{who} saved this draft elsewhere at {at}. Yours is not saved: save it, and you see both")))
        }
        Saved::Stale(conflict) => conflict::page(app, layout, acting.viewer, found, &form, &sent, &conflict).await,
        Saved::NotADraft(state, _) if manner.is_automatic => {
            Ok(not_by_itself(format!("{} while you were editing. Save your text to keep it as a new draft", happened(state))))
        }
        Saved::NotADraft(_, true) => draft::already(app, &mut *app.pool.acquire().await?, found, Some(acting.viewer)).await,
        Saved::NotADraft(state, false) => {
            let files = match state {
                Life::Deleted | Life::Abandoned if changes.added.is_empty() || state == Life::Deleted => ", with its files",
                _ if changes.added.is_empty() => "",
                _ => ". Add your files there once more",
            };
            let mut problems = Problems::default();
            problems.add("title", format!("{} while you were editing. Your text is below: saving it begins a new draft{files}", happened(state)));
            problems.0.extend(sent.problems.0.iter().cloned());
            let link = if sent.problems.of("link").is_empty() && state == Life::Deleted { String::new() } else { sent.text("link").to_owned() };
            let files_of = if matches!(state, Life::Deleted | Life::Abandoned) { found.draft_id.clone() } else { String::new() };
            let shown = Shown { form, problems, link, files_of, ..Shown::default() };
            new_again(app, layout, acting.viewer, found.case.direction, StatusCode::CONFLICT, shown).await
        }
    }
}

/// What became of a draft, in words.
pub(super) fn happened(state: Life) -> &'static str {
    match state {
        Life::Deleted => "This draft was deleted",
        Life::Abandoned => "This draft was given up",
        Life::InReview => "This draft was submitted",
        _ => "This statement was posted",
    }
}

/// Whether the page's script sent it, while somebody types.
fn is_automatic(sent: &FormWithFiles) -> bool {
    sent.text("do") == "autosave"
}

/// Tells the script that it is saved, and as which version.
async fn by_itself(app: &App, found: &Found) -> Result<Response, Error> {
    let saved = newest(&mut *app.pool.acquire().await?, found.statement_id).await?;
    let said = format!("Saved {}", saved.saved_at.format("%H:%M"));
    Ok(Json(json!({ "said": said, "version": saved.version, "draft": urls::draft(&found.draft_id) })).into_response())
}

/// Tells the script that it is not saved, and why.
fn not_by_itself(said: String) -> Response {
    (StatusCode::CONFLICT, Json(json!({ "said": said }))).into_response()
}

async fn new_again(app: &App, layout: Layout, viewer: &Viewer, direction: Direction, status: StatusCode, shown: Shown) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    form_page(app, &mut connection, layout, direction, None, viewer, status, shown).await
}

/// The form as typed, with what a button beside a field sets.
fn with_set(sent: &FormWithFiles, home: &str) -> StatementForm {
    let mut form = StatementForm::from_fields(&sent.fields);
    if let Some(key) = sent.text("do").strip_prefix("explain:") {
        explaining::explain(&mut form, key, home);
    }
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

/// What the form does to the draft's files; what is wrong with a link is noted as a problem. Nothing, while somebody types.
async fn file_changes(app: &App, sent: &mut FormWithFiles) -> FileChanges {
    if is_automatic(sent) {
        sent.discard(app).await;
        return FileChanges::default();
    }
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
    let removed = sent.text("do").strip_prefix("remove-file:").and_then(|n| n.parse().ok());
    FileChanges { added, link, described: described.collect(), removed, files_of: None }
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
        let link = if sent.problems.of("link").is_empty() { String::new() } else { sent.text("link").to_owned() };
        let shown = Shown { form: saved.form, problems, link, ..Shown::default() };
        return show_again(app, layout, viewer, &found.draft_id, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
    }
    match sent.text("do") {
        "check" => Ok(Redirect::to(&urls::submit(&found.draft_id)).into_response()),
        "" | "save" => {
            Ok(redirect_with(app, &urls::draft(&found.draft_id), "done", &format!("Draft saved at {}.", app.clock.now().format("%H:%M UTC"))))
        }
        other => {
            let set = other.split(':').nth(1).filter(|_| other.starts_with("set:"));
            let field = set.unwrap_or(if other.starts_with("explain:") { "body" } else { "files" });
            Ok(Redirect::to(&format!("{}#{}", urls::draft(&found.draft_id), urls::encode(field))).into_response())
        }
    }
}
