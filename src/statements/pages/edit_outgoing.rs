//! The form of an outgoing statement: a checklist, the sections below it; every button saves the draft and keeps the files.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use crate::App;
use crate::dates;
use crate::ids::GroupId;
use crate::people::Viewer;
use crate::permissions::{Deed, begins_drafting, may, may_begin_drafting};
use crate::problems::{Choice, Problems};
use crate::statements::attachments;
use crate::statements::checks::Suggestion;
use crate::statements::form::StatementForm;
use crate::statements::pages::being_drafted::{self, BeingDrafted};
use crate::statements::pages::beside::{self, CitedShown, PeerShown};
use crate::statements::pages::draft::{self, FileRow};
use crate::statements::pages::edit::{self, AddresseeFields, Read, Shown, addressees, kept, read_as};
use crate::statements::pages::share::{ShareBox, share_box};
use crate::statements::reading::{self, Reading};
use crate::statements::reply;
use crate::statements::store::answers;
use crate::statements::store::draft::SavedForm;
use crate::statements::store::replies::{self, AnsweredLetter};
use crate::statements::store::{Found, Key, find};
use crate::statements::{Consensus, Delivery, Direction, ReplyKind, checks};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{Asked, SignedIn};
use crate::web::layout::{Layout, Page};

/// A row of the checklist.
struct Item {
    label: &'static str,
    section: &'static str,
    state: String,
    is_problem: bool,
}

/// The question what the reply is to one statement.
struct KindOfReply {
    name: String,
    legend: String,
    choices: Vec<Choice>,
}

/// A letter that is answered.
struct AnsweredShown {
    url: String,
    name: String,
    title: String,
    from: String,
    body: String,
    due: String,
}

#[derive(Template)]
#[template(path = "statements/edit_outgoing.html")]
pub(super) struct OutgoingPage {
    layout: Layout,
    problems: Problems,
    form: StatementForm,
    heading: String,
    action: String,
    draft_id: String,
    version: i32,
    creation_key: String,
    saved: String,
    status: String,
    behalf: String,
    sent_back: Vec<String>,
    checklist: Vec<Item>,
    purpose: String,
    read_from: String,
    read_to: String,
    read_copy: String,
    suggestions: Vec<Suggestion>,
    addressees: Vec<AddresseeFields>,
    kept: Vec<(String, String)>,
    answered: Vec<AnsweredShown>,
    already: Vec<BeingDrafted>,
    peers: Vec<PeerShown>,
    cited: Vec<CitedShown>,
    reply_kinds: Vec<KindOfReply>,
    consensus: Vec<Choice>,
    deliveries: Vec<Choice>,
    files: Vec<FileRow>,
    file_limit: String,
    link: String,
    files_of: String,
    open_url: String,
    others: String,
    may_consult: bool,
    may_delete: bool,
    share: Option<ShareBox>,
    letter_url: String,
}

impl OutgoingPage {
    fn suggested(&self, field: &str) -> Vec<&Suggestion> {
        self.suggestions.iter().filter(|suggestion| suggestion.field == field).collect()
    }
}

/// The page, for a draft or for a form that begins one.
pub(super) async fn page(
    app: &App,
    connection: &mut PgConnection,
    mut layout: Layout,
    found: Option<(&Found, &SavedForm)>,
    viewer: &Viewer,
    shown: Shown,
) -> anyhow::Result<OutgoingPage> {
    let form = shown.form;
    let Read { reading, files, others, sent_back } =
        edit::read(app, connection, Direction::Outgoing, found.map(|(found, _)| found), &form, viewer).await?;
    layout.error_title = !shown.problems.is_empty();
    let home = app.installation().home_name.clone();
    let answers = answered(app, connection, &form).await?;
    let due = answers.iter().find(|letter| !letter.due.is_empty()).map(|letter| letter.due.clone()).unwrap_or_default();
    let already = already(app, connection, &form, found.map(|(found, _)| found), viewer).await?;
    let share = match found {
        Some((found, _)) => share_box(app, connection, found, viewer, &shown.kept_link).await?,
        None => None,
    };
    let is_shown = |one: &&Suggestion| matches!(one.field, "from" | "to" | "copy" | "deadline") || !shown.problems.of(one.field).is_empty();
    let addressees = addressees(&reading, &form, &shown.problems);
    Ok(OutgoingPage {
        heading: match answers.first() {
            Some(letter) => format!("Reply to {} {}", letter.name, letter.title),
            None => "Draft a statement".to_owned(),
        },
        status: format!("With you. {due}").trim().to_owned(),
        behalf: on_behalf(viewer, found.map(|(found, _)| found)),
        sent_back,
        checklist: checklist(&form, &reading, !files.is_empty(), found.is_some() && !shown.problems.is_empty()),
        purpose: form.purpose.clone(),
        read_from: read_as(&reading, &reading.named.from),
        read_to: read_as(&reading, &reading.named.to),
        read_copy: read_as(&reading, &reading.named.copy),
        suggestions: reading.checked.suggestions.iter().filter(is_shown).cloned().collect(),
        kept: kept(&addressees, &form),
        addressees,
        reply_kinds: reply_kinds(&form, &app.config.statement_label),
        consensus: consensus(&form, &reading, &home),
        deliveries: vec![
            Choice::new(Delivery::Mail.as_str(), "E-mail it when posted", if form.delivery.is_empty() { "mail" } else { &form.delivery }),
            Choice::new(Delivery::Otherwise.as_str(), "It is delivered in another way", &form.delivery)
                .with_hint("Such as through their portal; no mail goes to them"),
        ],
        file_limit: attachments::size_words(app.config.max_file_bytes),
        action: found.map_or_else(|| urls::OUTGOING_NEW.to_owned(), |(found, _)| urls::draft(&found.draft_id)),
        draft_id: found.map(|(found, _)| found.draft_id.clone()).unwrap_or_default(),
        version: shown.version.or(found.map(|(found, _)| found.version)).unwrap_or(0),
        saved: found.map(|(_, saved)| format!("Saved {} by {}", saved.saved_at.format("%-d %b %Y %H:%M UTC"), saved.saved_by)).unwrap_or_default(),
        may_consult: found.is_some_and(|(found, _)| draft::first_role(viewer, Deed::Consult, found).is_ok()),
        may_delete: found.is_some_and(|(found, _)| draft::first_role(viewer, Deed::Abandon, found).is_ok()),
        answered: answers,
        already,
        peers: beside::peers(app, connection, &reading).await?,
        cited: beside::documents(&form, &home),
        layout,
        problems: shown.problems,
        form,
        creation_key: if shown.creation_key.is_empty() { crate::random_text(12)? } else { shown.creation_key },
        open_url: found.map(|(found, _)| urls::open(&found.draft_id)).unwrap_or_default(),
        others,
        share,
        letter_url: found.map(|(found, _)| urls::letter(&urls::draft(&found.draft_id))).unwrap_or_default(),
        link: shown.link,
        files_of: shown.files_of,
        files,
    })
}

/// Whose statement it is, where who drafts it speaks for none of its groups.
fn on_behalf(viewer: &Viewer, found: Option<&Found>) -> String {
    use crate::people::RoleKind::{Coordinator, LiaisonManager, Secretariat};
    let Some(found) = found else { return String::new() };
    let Ok(roles) = may(Some(viewer), Deed::Edit, &found.case) else { return String::new() };
    if roles.iter().any(|role| !matches!(role.kind, LiaisonManager | Coordinator | Secretariat)) {
        return String::new();
    }
    let senders = found.case.parties.iter().filter(|party| party.side == crate::statements::Side::From);
    let groups: Vec<&str> = senders.map(|party| party.label.as_str()).collect();
    let Some(role) = roles.first().filter(|_| !groups.is_empty()) else { return String::new() };
    format!("On behalf of {}: you draft it as {}. A chair or secretary agrees to it before it is posted.", groups.join(", "), role.words())
}

/// Other replies that are being written to what it answers.
async fn already(
    app: &App,
    connection: &mut PgConnection,
    form: &StatementForm,
    found: Option<&Found>,
    viewer: &Viewer,
) -> sqlx::Result<Vec<BeingDrafted>> {
    let known = crate::statements::store::draft::posted_numbers(&mut *connection, &checks::answers_numbers(form)).await?;
    let own = found.map(|found| urls::draft(&found.draft_id));
    let mut already: Vec<BeingDrafted> = Vec::new();
    for id in known.values() {
        let drafts = answers::drafts_answering(&mut *connection, *id).await?;
        for other in being_drafted::replies(app, &mut *connection, viewer, &drafts).await? {
            if Some(&other.url) != own.as_ref() && !already.contains(&other) {
                already.push(other);
            }
        }
    }
    Ok(already)
}

async fn answered(app: &App, connection: &mut PgConnection, form: &StatementForm) -> sqlx::Result<Vec<AnsweredShown>> {
    let numbers = checks::answered_numbers(form);
    let known = crate::statements::store::draft::posted_numbers(&mut *connection, &numbers).await?;
    let ids: Vec<i64> = known.iter().filter(|(number, _)| !form.replaces.contains(&number.to_string())).map(|(_, id)| id.0).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let letters: Vec<AnsweredLetter> = replies::answered_letters(connection, &ids).await?;
    let today = app.today();
    Ok(letters
        .into_iter()
        .map(|letter| AnsweredShown {
            url: urls::statement(letter.number),
            name: format!("{} {}", app.config.statement_label, letter.number),
            title: letter.title,
            from: letter.from_text,
            body: letter.body,
            due: letter.due_on.map(|day| due_words(day, today)).unwrap_or_default(),
        })
        .collect())
}

/// "Reply due Saturday 14 March 2026 (in 16 days) – submit by Monday 9 March" (domain.md 8, *submit by*).
fn due_words(day: chrono::NaiveDate, today: chrono::NaiveDate) -> String {
    let submit_by = day - chrono::Days::new(5);
    let due = format!("Reply due {} ({})", dates::weekday_date(day), dates::distance(today, day));
    if submit_by < today { format!("{due}.") } else { format!("{due} – submit by {}.", dates::weekday_date(submit_by)) }
}

fn reply_kinds(form: &StatementForm, label: &str) -> Vec<KindOfReply> {
    checks::answers_numbers(form)
        .into_iter()
        .map(|number| {
            let chosen = form.reply_kind.get(&number.to_string()).map_or("final", String::as_str);
            let hints = ["Closes what it answers", "It stays open; you may propose a new date in the text", "Changes nothing"];
            KindOfReply {
                name: format!("reply-kind-{number}"),
                legend: format!("Kind of reply to {label} {number}"),
                choices: ReplyKind::ALL
                    .iter()
                    .zip(hints)
                    .map(|(kind, hint)| Choice::new(kind.as_str(), kind.words(), chosen).with_hint(hint))
                    .collect(),
            }
        })
        .collect()
}

/// Levels to choose from; the IESG's where it is from the IESG.
fn consensus(form: &StatementForm, reading: &Reading, home: &str) -> Vec<Choice> {
    let mut senders = reading.named.from.groups.iter().filter_map(|(id, _)| reading.groups.get(&GroupId(*id)));
    let is_from_the_iesg = senders.any(|group| group.kind == "iesg");
    let is_offered = |one: &Consensus| *one != Consensus::Iesg || is_from_the_iesg || form.consensus == one.as_str();
    let choice = |one: Consensus| Choice::new(one.as_str(), &one.words(home), &form.consensus).with_hint(hint(one));
    Consensus::ALL.iter().copied().filter(is_offered).map(choice).collect()
}

fn hint(consensus: Consensus) -> &'static str {
    match consensus {
        Consensus::Existing => "Documents hold it; name them below",
        Consensus::Group => "The group was called; link to the call below",
        Consensus::Collected => "What participants said, as such",
        Consensus::NoneReached => "The group found none on a reply",
        Consensus::NoneSought => "It asks for documents, or gives information",
        Consensus::Wide => "After a last call of the whole organization",
        Consensus::Iesg => "The IESG agreed on it",
    }
}

fn checklist(form: &StatementForm, reading: &Reading, has_files: bool, was_sent: bool) -> Vec<Item> {
    let problems = &reading.checked.problems;
    let item = |label: &'static str, section: &'static str, is_begun: bool, fields: &[&str], not_yet: &str| {
        let problem = fields.iter().map(|field| problems.of(field)).find(|words| !words.is_empty());
        let is_problem = problem.is_some() && (is_begun || was_sent);
        let state = match problem {
            Some(words) if is_problem => format!("There is a problem: {}", words.to_owned()),
            _ if is_begun && problem.is_none() => "Completed".to_owned(),
            _ => not_yet.to_owned(),
        };
        Item { label, section, state, is_problem }
    };
    // the title of a reply is filled in: alone it is no beginning
    let has_text = !form.title.trim().is_empty() && (!form.body.trim().is_empty() || has_files);
    vec![
        item("To and from", "groups", !form.from.trim().is_empty() && !form.to.trim().is_empty(), &["from", "to", "copy"], "Not yet started"),
        item("Purpose and deadline", "purpose", !form.purpose.is_empty(), &["purpose", "deadline", "answers", "replaces"], "Not yet started"),
        item("Title and text", "text", has_text, &["title", "body"], if form.title.trim().is_empty() { "Not yet started" } else { "No text yet" }),
        item("Attachments", "files", has_files, &[], "Not yet started (optional)"),
        item("Consensus", "consensus-section", !form.consensus.is_empty(), &["consensus", "consensus-link", "informed-on"], "Not yet chosen"),
        item(
            "Contacts and delivery",
            "contacts",
            !form.send_to.is_empty() || !form.to_contacts.is_empty(),
            &["send-to", "send-reply-to", "from-contacts", "to-contacts", "cc-contacts", "delivered-how", "delivered-on"],
            "Nobody at the peer is named yet",
        ),
    ]
}

/// What leads to the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Query {
    /// The statement that is answered.
    #[serde(rename = "in-response-to", alias = "reply-to")]
    answers: String,
    /// The statement that is corrected.
    replaces: String,
    /// Whether the question *Would a mail do?* was answered.
    form: String,
}

#[derive(Template)]
#[template(path = "statements/would_a_mail_do.html")]
struct WouldAMailDo {
    layout: Layout,
    form_url: String,
    coordinators: String,
}

const WHO: &str =
    "Only chairs, secretaries, Area Directors, the IETF and IAB Chair, liaison managers, coordinators and the secretariat draft statements.";

/// `GET /statements/outgoing/new`
pub async fn new(State(app): State<App>, SignedIn(viewer): SignedIn, layout: Layout, Asked(query): Asked<Query>) -> Result<Response, Error> {
    if !may_begin_drafting(Some(&viewer)) {
        return Err(Error::NotAllowed(WHO.to_owned()));
    }
    let answers = super::number(&query.answers);
    let replaces = super::number(&query.replaces);
    if answers.is_none() && replaces.is_none() && query.form.is_empty() {
        let page =
            WouldAMailDo { layout, form_url: format!("{}?form=yes", urls::OUTGOING_NEW), coordinators: app.config.coordinators_address.clone() };
        return Ok(Page(StatusCode::OK, page).into_response());
    }
    let mut connection = app.pool.acquire().await?;
    let form = match (replaces, answers) {
        (Some(number), _) => {
            let found = posted(&mut connection, number).await?;
            if found.case.direction != Direction::Outgoing {
                return Err(Error::NotFound);
            }
            draft::first_role(&viewer, Deed::Edit, &found)?;
            reply::correct(&mut connection, &found).await?
        }
        (None, Some(number)) => {
            let found = posted(&mut connection, number).await?;
            reply::begin(&app, &mut connection, &viewer, &found).await?
        }
        (None, None) => reply::blank(&viewer),
    };
    let mut form = form;
    let reading = reading::read(&app, &mut connection, Direction::Outgoing, None, &form).await?;
    reading::propose_contacts(&app, &mut connection, Direction::Outgoing, &reading, &mut form).await?;
    let shown = Shown { form, ..Shown::default() };
    let page = page(&app, &mut connection, layout, None, &viewer, shown).await?;
    Ok(Page(StatusCode::OK, page).into_response())
}

async fn posted(connection: &mut PgConnection, number: i32) -> Result<Found, Error> {
    find(connection, Key::Number(number)).await?.filter(|found| found.case.state == crate::statements::State::Posted).ok_or(Error::NotFound)
}

/// The role in which somebody begins a draft, in words.
pub(super) fn drafting_role(viewer: &Viewer) -> Result<String, Error> {
    let role = viewer.roles.iter().find(|role| begins_drafting(role));
    role.map(crate::people::Role::words).ok_or_else(|| Error::NotAllowed(WHO.to_owned()))
}
