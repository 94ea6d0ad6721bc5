//! The form of an incoming statement: one page; every button saves the draft and keeps the files.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use crate::App;
use crate::ids::GroupId;
use crate::people::Viewer;
use crate::permissions::{Deed, may, may_begin_recording};
use crate::problems::{Choice, Problems};
use crate::statements::attachments;
use crate::statements::checks::Suggestion;
use crate::statements::form::StatementForm;
use crate::statements::pages::draft::{self, FileRow};
use crate::statements::pages::{asked_rows, edit_outgoing, open, share, show_draft};
use crate::statements::reading::{self, Reading};
use crate::statements::reply;
use crate::statements::store::draft::SavedForm;
use crate::statements::store::{self, Found, Key, metadata};
use crate::statements::{Direction, Purpose, State as Life};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{Asked, At, MaybeSignedIn, SignedIn};
use crate::web::layout::{Layout, Page, redirect_with};

/// One addressee's own purpose and ask.
pub(super) struct AddresseeFields {
    pub(super) acronym: String,
    pub(super) label: String,
    pub(super) purposes: Vec<Choice>,
    pub(super) asked: String,
    pub(super) asked_problem: String,
}

#[derive(Template)]
#[template(path = "statements/edit.html")]
pub(super) struct EditPage {
    layout: Layout,
    problems: Problems,
    form: StatementForm,
    action: String,
    draft_id: String,
    version: i32,
    creation_key: String,
    saved: String,
    purpose: String,
    read_from: String,
    read_to: String,
    read_copy: String,
    suggestions: Vec<Suggestion>,
    addressees: Vec<AddresseeFields>,
    kept: Vec<(String, String)>,
    leads: Vec<Choice>,
    assignees: Vec<Choice>,
    files: Vec<FileRow>,
    file_limit: String,
    is_more_open: bool,
    link: String,
    files_of: String,
    open_url: String,
    others: String,
    may_consult: bool,
    may_delete: bool,
    waits: Option<Waits>,
    sent_back: Vec<String>,
}

/// The sender was asked something.
struct Waits {
    since: String,
    asked: String,
}

impl EditPage {
    fn suggested(&self, field: &str) -> Vec<&Suggestion> {
        self.suggestions.iter().filter(|suggestion| suggestion.field == field).collect()
    }
}

/// What the form shows, and what is said of it.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) form: StatementForm,
    /// Of the page: a form that begins a draft and is sent twice begins one. Empty: a new one.
    pub(super) creation_key: String,
    pub(super) problems: Problems,
    /// The version that was edited; none: the newest.
    pub(super) version: Option<i32>,
    /// A link that was not taken.
    pub(super) link: String,
    /// The draft that is gone, whose files come along.
    pub(super) files_of: String,
    /// The secret of the link that this browser made for the draft.
    pub(super) kept_link: String,
}

/// Fields under "Filled in for you"; open when a problem is in one.
const MORE: [&str; 11] = [
    "replaces",
    "copy",
    "references",
    "letter-date",
    "received-on",
    "received-from",
    "received-at",
    "from-contacts",
    "to-contacts",
    "cc-contacts",
    "lead",
];

/// What the pages of both directions show beside the form.
pub(super) struct Read {
    pub(super) reading: Reading,
    pub(super) files: Vec<draft::FileRow>,
    pub(super) others: String,
    /// Who asked for changes, and for which.
    pub(super) sent_back: Vec<String>,
}

/// Reads the form, and what belongs to its draft, if there is one already.
pub(super) async fn read(
    app: &App,
    connection: &mut PgConnection,
    direction: Direction,
    found: Option<&Found>,
    form: &StatementForm,
    viewer: &Viewer,
) -> anyhow::Result<Read> {
    let reading = reading::read(app, connection, direction, found.map(|found| found.statement_id), form).await?;
    let Some(found) = found else { return Ok(Read { reading, files: Vec::new(), others: String::new(), sent_back: Vec::new() }) };
    Ok(Read {
        reading,
        files: draft::file_rows(connection, found.statement_id, &found.draft_id).await?,
        others: open::others(app, connection, found, viewer).await?,
        sent_back: asked_rows::sent_back(connection, found).await?,
    })
}

/// The page, for a draft or for a form that begins one.
pub(super) async fn page(
    app: &App,
    connection: &mut PgConnection,
    mut layout: Layout,
    found: Option<(&Found, &SavedForm)>,
    viewer: &Viewer,
    shown: Shown,
) -> anyhow::Result<EditPage> {
    let form = shown.form;
    let Read { reading, files, others, sent_back } = read(app, connection, Direction::Incoming, found.map(|(found, _)| found), &form, viewer).await?;
    let waits = match found {
        Some((found, _)) => crate::statements::store::draft::waits(connection, found.statement_id).await?,
        None => None,
    };
    layout.error_title = !shown.problems.is_empty();
    // a draft that was only begun is not told off for what is still missing
    let suggestions = reading
        .checked
        .suggestions
        .iter()
        .filter(|one| {
            !shown.problems.of(one.field).is_empty() || matches!(one.field, "from" | "to" | "copy" | "deadline-words") || one.field == "deadline"
        })
        .cloned()
        .collect();
    let addressees = addressees(&reading, &form, &shown.problems);
    Ok(EditPage {
        purpose: form.purpose.clone(),
        read_from: read_as(&reading, &reading.named.from),
        read_to: read_as(&reading, &reading.named.to),
        read_copy: read_as(&reading, &reading.named.copy),
        suggestions,
        kept: kept(&addressees, &form),
        addressees,
        leads: leads(&reading, &form),
        assignees: vec![
            Choice::new("", "As usual", &form.assignee).with_hint("You, if you are a chair or secretary of the group; else its chairs together"),
            Choice::new("me", &format!("Me ({})", viewer.name), &form.assignee),
            Choice::new("chairs", "The group's chairs", &form.assignee),
        ],
        is_more_open: !form.replaces.is_empty() || MORE.iter().any(|field| !shown.problems.of(field).is_empty()),
        file_limit: attachments::size_words(app.config.max_file_bytes),
        action: found.map_or_else(|| "/statements/incoming/new".to_owned(), |(found, _)| urls::draft(&found.draft_id)),
        draft_id: found.map(|(found, _)| found.draft_id.clone()).unwrap_or_default(),
        version: shown.version.or(found.map(|(found, _)| found.version)).unwrap_or(0),
        saved: found.map(|(_, saved)| format!("Saved {} by {}", saved.saved_at.format("%-d %b %Y %H:%M UTC"), saved.saved_by)).unwrap_or_default(),
        may_consult: found.is_some_and(|(found, _)| draft::first_role(viewer, Deed::Consult, found).is_ok()),
        may_delete: found.is_some_and(|(found, _)| draft::first_role(viewer, Deed::Abandon, found).is_ok()),
        sent_back,
        waits: waits.map(|(since, asked)| Waits { since: since.format("%-d %b %Y").to_string(), asked }),
        layout,
        problems: shown.problems,
        form,
        creation_key: if shown.creation_key.is_empty() { crate::random_text(12)? } else { shown.creation_key },
        open_url: found.map(|(found, _)| urls::open(&found.draft_id)).unwrap_or_default(),
        others,
        link: shown.link,
        files_of: shown.files_of,
        files,
    })
}

pub(super) fn read_as(reading: &Reading, recognized: &crate::organizations::recognize::Recognized) -> String {
    let labels = recognized.groups.iter().map(|(id, _)| reading.directory.label(*id));
    let copies = recognized.copies.iter().map(|(id, _)| format!("{} (in copy)", reading.directory.label(*id)));
    labels.chain(copies).collect::<Vec<_>>().join(", ")
}

pub(super) fn addressees(reading: &Reading, form: &StatementForm, problems: &Problems) -> Vec<AddresseeFields> {
    let groups: Vec<_> = reading.named.to.groups.iter().filter_map(|(id, _)| reading.groups.get(&GroupId(*id))).collect();
    if groups.len() < 2 {
        return Vec::new();
    }
    groups
        .into_iter()
        .map(|group| {
            let own = form.purpose_for.get(&group.acronym).cloned().unwrap_or_default();
            let mut purposes = vec![Choice::new("", "As for the whole statement", &own)];
            purposes.extend(Purpose::MADE_HERE.iter().map(|purpose| Choice::new(purpose.as_str(), purpose.words(), &own)));
            AddresseeFields {
                acronym: group.acronym.clone(),
                label: group.label.clone(),
                purposes,
                asked: form.asked_of.get(&group.acronym).cloned().unwrap_or_default(),
                asked_problem: problems.of(&format!("asked-of-{}", group.acronym)).to_owned(),
            }
        })
        .collect()
}

/// Names and values of what was said of groups that To does not name at the moment: a typing error there loses nothing.
pub(super) fn kept(shown: &[AddresseeFields], form: &StatementForm) -> Vec<(String, String)> {
    let said = [("purpose-for", &form.purpose_for), ("asked-of", &form.asked_of)];
    said.into_iter()
        .flat_map(|(name, values)| values.iter().map(move |(acronym, value)| (name, acronym, value)))
        .filter(|(_, acronym, _)| shown.iter().all(|one| one.acronym != **acronym))
        .map(|(name, acronym, value)| (format!("{name}-{acronym}"), value.clone()))
        .collect()
}

fn leads(reading: &Reading, form: &StatementForm) -> Vec<Choice> {
    let groups: Vec<_> =
        reading.named.to.groups.iter().filter_map(|(id, _)| reading.groups.get(&GroupId(*id))).filter(|group| group.is_home).collect();
    if groups.len() < 2 {
        return Vec::new();
    }
    let mut leads = vec![Choice::new("", "The first with the strongest purpose", &form.lead)];
    leads.extend(groups.into_iter().map(|group| Choice::new(&group.acronym, &group.label, &form.lead)));
    leads
}

/// What a new draft takes over from another statement.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Wish {
    /// A posted one's number.
    like: Option<i32>,
    /// A draft's id.
    like_draft: Option<String>,
    /// The number of a posted one that the new one corrects.
    replaces: Option<i32>,
}

/// Groups and contacts of a statement like which another is recorded; what the viewer may not read or record is none.
async fn like(connection: &mut PgConnection, viewer: &Viewer, wish: &Wish) -> Result<StatementForm, Error> {
    if let Some(number) = wish.replaces {
        let found = store::find(&mut *connection, Key::Number(number)).await?;
        let found = found.filter(|found| found.case.direction == Direction::Incoming && found.case.state == Life::Posted).ok_or(Error::NotFound)?;
        may(Some(viewer), Deed::Record, &found.case).map_err(|why| Error::NotAllowed(why.0))?;
        return Ok(reply::correct(connection, &found).await?);
    }
    let key = match (wish.like, &wish.like_draft) {
        (Some(number), _) => Key::Number(number),
        (None, Some(draft_id)) => Key::Draft(draft_id),
        (None, None) => return Ok(StatementForm::default()),
    };
    let found = store::find(&mut *connection, key).await?.filter(|found| found.case.direction == Direction::Incoming);
    let found = found.ok_or(Error::NotFound)?;
    match found.case.state {
        Life::Posted => {
            may(Some(viewer), Deed::Record, &found.case).map_err(|why| Error::NotAllowed(why.0))?;
            Ok(StatementForm::like(&found.case, &metadata::read(connection, found.statement_id).await?.contacts))
        }
        Life::Draft | Life::InReview | Life::Abandoned if may(Some(viewer), Deed::ReadDraft, &found.case).is_ok() => {
            Ok(store::draft::newest(connection, found.statement_id).await?.form.groups_and_contacts())
        }
        _ => Err(Error::NotFound),
    }
}

/// `GET /statements/incoming/new`
pub async fn new(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, Asked(wish): Asked<Wish>) -> Result<Response, Error> {
    if !may_begin_recording(Some(&viewer)) {
        let words =
            "Only chairs, secretaries, Area Directors, liaison managers, coordinators and the secretariat record statements. You can report one.";
        return Ok(redirect_with(&app, urls::REPORT, "notice", words));
    }
    let mut connection = app.pool.acquire().await?;
    let form = like(&mut connection, &viewer, &wish).await?;
    let page = page(&app, &mut connection, layout, None, &viewer, Shown { form, ..Shown::default() }).await?;
    Ok(Page(StatusCode::OK, page).into_response())
}

/// `GET /statements/drafts/{draft_id}`
pub async fn edit(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let kept_link = share::kept(&headers);
    let mut connection = app.pool.acquire().await?;
    let found = draft::open(&mut connection, viewer.as_ref(), &draft_id).await?;
    let viewer = viewer.ok_or(Error::NotFound)?;
    if found.case.state != Life::Draft || draft::first_role(&viewer, Deed::Edit, &found).is_err() {
        return show_draft::page(&app, connection, layout, &found, &viewer, &kept_link).await;
    }
    let saved = crate::statements::store::draft::newest(&mut connection, found.statement_id).await?;
    let shown = Shown { form: saved.form.clone(), kept_link, ..Shown::default() };
    form_page(&app, &mut connection, layout, found.case.direction, Some((&found, &saved)), &viewer, StatusCode::OK, shown).await
}

/// The form, incoming or outgoing.
#[expect(clippy::too_many_arguments, reason = "whose form, of what, and what it says")]
pub(super) async fn form_page(
    app: &App,
    connection: &mut PgConnection,
    layout: Layout,
    direction: Direction,
    found: Option<(&Found, &SavedForm)>,
    viewer: &Viewer,
    status: StatusCode,
    shown: Shown,
) -> Result<Response, Error> {
    if direction == Direction::Outgoing {
        let page = edit_outgoing::page(app, connection, layout, found, viewer, shown).await?;
        return Ok(Page(status, page).into_response());
    }
    let page = page(app, connection, layout, found, viewer, shown).await?;
    Ok(Page(status, page).into_response())
}

/// The form of a draft again, with what is wrong.
pub(super) async fn show_again(
    app: &App,
    layout: Layout,
    viewer: &Viewer,
    draft_id: &str,
    status: StatusCode,
    shown: Shown,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let found = draft::open(&mut connection, Some(viewer), draft_id).await?;
    let saved = crate::statements::store::draft::newest(&mut connection, found.statement_id).await?;
    form_page(app, &mut connection, layout, found.case.direction, Some((&found, &saved)), viewer, status, shown).await
}
