//! A posted statement: where it stands, its text, files, facts, thread and history, most important first.

mod facts;
mod rows;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::App;
use crate::dates::{long_date, weekday_date};
use crate::mail::{self, fate::Fate};
use crate::people::Viewer;
use crate::permissions::{self, Case, Deed, Party};
use crate::statements::State as Life;
use crate::statements::attachments::Attachment;
use crate::statements::pages::being_drafted::{self, BeingDrafted};
use crate::statements::status::{self, Reader, Status};
use crate::statements::store::files;
use crate::statements::store::history::{self, Line};
use crate::statements::store::remarks::{self, Comment};
use crate::statements::store::show::{self as store, Place, Shown, Threaded};
use crate::statements::{Direction, Handling, Purpose, Side, body};
use crate::web::error::Error;
use crate::web::extract::{Asked, At, MaybeSignedIn};
use crate::web::layout::{Layout, Page};
use crate::web::urls;
use facts::Fact;
use rows::{CommentRow, FileRow, HistoryRow, PartRow, ThreadRow};

/// Days before a deadline by which a reply should be submitted, so that approvers have time (domain.md 8, *submit by*).
const DAYS_FOR_APPROVAL: u64 = 5;

/// What the address asks beside the number.
#[derive(Debug, Default, Deserialize)]
pub struct Wish {
    /// History older than this line.
    before: Option<i64>,
    /// `fixed`: in a type whose columns stand below each other.
    text: Option<String>,
}

/// All that was found of a statement, and for whom.
struct Found {
    shown: Shown,
    places: Vec<Place>,
    files: Vec<Attachment>,
    thread: Vec<Threaded>,
    history: Vec<Line>,
    reader: Reader,
    is_concerned: bool,
    parts: Vec<PartRow>,
    may_send_again: bool,
    may_edit: bool,
    may_record_alike: bool,
    may_remove: bool,
    may_send_receipt: bool,
    may_reply: bool,
    may_approve: bool,
    may_confirm: bool,
    being_drafted: Vec<BeingDrafted>,
    may_correct: bool,
    may_comment: bool,
    comments: Vec<Comment>,
    fates: Vec<Fate>,
}

#[derive(Template)]
#[template(path = "statements/show.html")]
struct Show {
    layout: Layout,
    label: String,
    kicker: String,
    from_to: String,
    title: String,
    status: Status,
    next_step: String,
    without_approval: Vec<String>,
    approval_url: String,
    being_drafted: Vec<BeingDrafted>,
    parts: Vec<PartRow>,
    links: Vec<String>,
    body_html: String,
    no_text: &'static str,
    is_fixed: bool,
    switch_url: String,
    standing: String,
    files: Vec<FileRow>,
    facts: Vec<Fact>,
    contacts: Vec<Fact>,
    thread: Vec<ThreadRow>,
    history: Vec<HistoryRow>,
    older_url: String,
    newest_url: String,
    fates: Vec<Fate>,
    mail_base: String,
    may_send_again: bool,
    may_edit: bool,
    alike_url: String,
    erased: Vec<String>,
    may_remove: bool,
    may_read_versions: bool,
    may_send_receipt: bool,
    confirm_url: String,
    reply_url: String,
    correct_url: String,
    letter_url: String,
    may_comment: bool,
    may_comment_privately: bool,
    comments: Vec<CommentRow>,
    url: String,
    text_url: String,
    address: String,
}

#[derive(Template)]
#[template(path = "statements/removed.html")]
struct Removed {
    layout: Layout,
    label: String,
    day: String,
    reason: String,
}

/// The page, or with `.txt` behind the number its plain copy.
///
/// # Errors
/// No posted statement has this number; the database's.
pub async fn page(
    State(app): State<App>,
    At(name): At<String>,
    Asked(wish): Asked<Wish>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
) -> Result<Response, Error> {
    let (digits, is_plain) = name.strip_suffix(".txt").map_or((name.as_str(), false), |digits| (digits, true));
    let number = super::number(digits).ok_or(Error::NotFound)?;
    let mut connection = app.pool.acquire().await?;
    let shown = store::statement(&mut connection, number).await?.ok_or(Error::NotFound)?;
    let label = format!("{} {number}", app.config.statement_label);
    if shown.state == Life::Removed {
        let removal = history::removal(&mut connection, shown.statement_id).await?;
        let (day, reason) = removal.map_or_else(Default::default, |(at, reason)| (long_date(at.date_naive()), reason));
        return Ok(Page(StatusCode::OK, Removed { layout, label, day, reason }).into_response());
    }
    let mut found = find(&mut connection, shown, viewer.as_ref(), &wish).await?;
    if let Some(viewer) = viewer.as_ref().filter(|viewer| viewer.is_role_holder() && !is_plain) {
        found.being_drafted = being_drafted::replies(&app, &mut connection, viewer, &found.shown.drafts).await?;
    }
    drop(connection);
    if found.is_concerned && !is_plain {
        found.fates = mail::store::fates(&app.pool, found.shown.statement_id, app.clock.now()).await?;
    }
    if is_plain {
        return Ok(plain(&app, &label, &found));
    }
    Ok(Page(StatusCode::OK, show(&app, layout, label, &wish, found)).into_response())
}

async fn find(connection: &mut sqlx::PgConnection, shown: Shown, viewer: Option<&Viewer>, wish: &Wish) -> Result<Found, Error> {
    let places = store::places(&mut *connection, shown.statement_id).await?;
    let case = case(&shown, &places);
    let is_concerned = permissions::may(viewer, Deed::ReadConcerned, &case).is_ok();
    let is_staff = viewer.is_some_and(Viewer::is_staff);
    let parts = if is_concerned { rows::parts(viewer, &shown, &places, &case) } else { Vec::new() };
    let files = files::list(&mut *connection, shown.statement_id).await?;
    let thread = store::thread(&mut *connection, shown.statement_id).await?;
    // the public reads history from posting on (domain.md 2)
    let (audiences, since): (&[&str], _) = match (is_staff, is_concerned) {
        (true, _) => (&["public", "concerned", "staff"], None),
        (false, true) => (&["public", "concerned"], None),
        (false, false) => (&["public"], shown.posted_at),
    };
    let audiences: Vec<String> = audiences.iter().map(|audience| (*audience).to_owned()).collect();
    let comments = remarks::comments(&mut *connection, shown.statement_id, is_concerned).await?;
    let history = history::history(connection, shown.statement_id, &audiences, since, wish.before).await?;
    let reader = if viewer.is_some_and(Viewer::is_role_holder) { Reader::RoleHolder } else { Reader::Public };
    let files = files.into_iter().filter(|file| rows::is_listed(viewer, &case, file)).collect();
    Ok(Found {
        may_send_again: permissions::may(viewer, Deed::SendAgain, &case).is_ok(),
        may_edit: permissions::may(viewer, Deed::EditPosted, &case).is_ok(),
        may_record_alike: shown.direction == Direction::Incoming && permissions::may(viewer, Deed::Record, &case).is_ok(),
        may_remove: permissions::may(viewer, Deed::Remove, &case).is_ok(),
        may_send_receipt: shown.direction == Direction::Incoming && !shown.is_imported && permissions::may(viewer, Deed::Direct, &case).is_ok(),
        may_reply: shown.direction == Direction::Incoming
            && permissions::may_begin_drafting(viewer)
            && permissions::may(viewer, Deed::Handle, &case).is_ok(),
        may_approve: shown
            .sign_offs
            .iter()
            .filter(|one| one.at.is_none())
            .any(|one| permissions::may(viewer, Deed::Sign(one.kind), &case.of_row(permissions::Asked { kind: one.kind, at: one.group_id })).is_ok()),
        may_confirm: shown.direction == Direction::Outgoing && permissions::may(viewer, Deed::Agree, &case).is_ok(),
        being_drafted: Vec::new(),
        may_correct: match shown.direction {
            Direction::Incoming => permissions::may(viewer, Deed::Record, &case).is_ok(),
            Direction::Outgoing => permissions::may(viewer, Deed::Edit, &case).is_ok(),
            Direction::BetweenOthers => false,
        },
        may_comment: permissions::may(viewer, Deed::Comment, &case).is_ok(),
        shown,
        places,
        files,
        thread,
        history,
        reader,
        is_concerned,
        parts,
        comments,
        fates: Vec::new(),
    })
}

/// What permissions ask, from rows that are there anyway.
fn case(shown: &Shown, places: &[Place]) -> Case {
    let party = |place: &Place| {
        let group = place.group.as_ref()?;
        Some(Party {
            side: place.side,
            group_id: group.group_id,
            label: place.label.clone(),
            kind: group.kind.clone(),
            is_home: group.is_home,
            line: group.line.clone(),
        })
    };
    Case {
        direction: shown.direction,
        state: shown.state,
        author_id: shown.author_id,
        assignees: places.iter().filter_map(|place| place.action.as_ref()?.assignee_id).collect(),
        parties: places.iter().filter_map(party).collect(),
        readers: Vec::new(),
    }
}

fn show(app: &App, layout: Layout, label: String, wish: &Wish, mut found: Found) -> Show {
    let url = urls::statement(found.shown.number);
    let is_fixed = wish.text.as_deref() == Some("fixed");
    let has_columns = found.shown.body.contains('\t') || found.shown.body.contains("   ");
    let facts_of_status = status_facts(&found);
    let status = status::status(&facts_of_status, found.reader, app.today());
    let more = found.history.len() > usize::try_from(history::HISTORY_LINES).unwrap_or(usize::MAX);
    let shown_lines = &found.history[..found.history.len().min(usize::try_from(history::HISTORY_LINES).unwrap_or(usize::MAX))];
    let older = shown_lines.last().filter(|_| more).map(|line| format!("{url}?before={}#history", line.history_id));
    let home = &layout.home_name;
    let standing = match found.shown.direction {
        Direction::Incoming => format!(
            "A liaison statement has no special standing in the {home}: it is weighed like any other contribution. Silence is neither agreement nor consensus."
        ),
        _ => String::new(),
    };
    let purpose = found.shown.purpose.map_or("Purpose not recorded", Purpose::words);
    Show {
        kicker: format!("{label} · {} · {purpose}", found.shown.direction.words()),
        from_to: format!("{} → {}", labels(&found.places, Side::From), labels(&found.places, Side::To)),
        next_step: if found.is_concerned { next_step(app, &found, &facts_of_status) } else { String::new() },
        without_approval: facts::without_approval(&found),
        approval_url: if found.may_approve { urls::approval(found.shown.number) } else { String::new() },
        links: found
            .places
            .iter()
            .filter_map(|place| place.action.as_ref())
            .map(|action| action.link.clone())
            .filter(|link| !link.is_empty())
            .collect(),
        body_html: body::to_html(&found.shown.body),
        no_text: match (found.files.is_empty(), found.shown.is_imported) {
            (false, _) => "It has no text of its own; see its files.",
            (true, true) => "Its text and files are not held here; see its source.",
            (true, false) => "It has no text of its own.",
        },
        is_fixed,
        switch_url: match (has_columns, is_fixed) {
            (_, true) => url.clone(),
            (true, false) => format!("{url}?text=fixed"),
            (false, false) => String::new(),
        },
        standing,
        files: found.files.iter().map(|file| rows::file(&found, file)).collect(),
        being_drafted: std::mem::take(&mut found.being_drafted),
        facts: facts::all(&found, app.today(), home),
        contacts: facts::contacts(&found),
        thread: rows::thread(&app.config.statement_label, &found),
        history: shown_lines.iter().map(rows::history).collect(),
        older_url: older.unwrap_or_default(),
        newest_url: if wish.before.is_some() { format!("{url}#history") } else { String::new() },
        mail_base: format!("{url}/mail"),
        may_send_again: found.may_send_again,
        may_edit: found.may_edit,
        alike_url: if found.may_record_alike { urls::record_like(found.shown.number) } else { String::new() },
        erased: found.shown.erasures.iter().map(erased).collect(),
        may_remove: found.may_remove,
        reply_url: if found.may_reply { urls::reply(found.shown.number) } else { String::new() },
        correct_url: if found.may_correct { urls::correct(found.shown.number, found.shown.direction == Direction::Outgoing) } else { String::new() },
        letter_url: if found.shown.direction == Direction::Outgoing { urls::letter(&url) } else { String::new() },
        may_send_receipt: found.may_send_receipt,
        confirm_url: if found.may_confirm { urls::confirmed(found.shown.number) } else { String::new() },
        may_comment: found.may_comment,
        may_comment_privately: found.is_concerned,
        may_read_versions: found.is_concerned && !found.shown.is_imported,
        comments: found.comments.iter().map(CommentRow::new).collect(),
        url: url.clone(),
        fates: found.fates,
        parts: found.parts,
        text_url: format!("{url}.txt"),
        address: app.config.absolute(&url),
        title: found.shown.title,
        status,
        label,
        layout,
    }
}

fn status_facts(found: &Found) -> status::Facts {
    let is_reply = |tie: &&store::Tie, here: bool| tie.kind == "in-response-to" && tie.from_here == here;
    let reply = |other: &Threaded| {
        let tie = other.ties.iter().find(|tie| is_reply(tie, false))?;
        Some(status::Reply { number: other.number, reply_kind: tie.reply_kind.clone(), day: other.on })
    };
    let (answered_by, preliminary) = status::Reply::sorted(&found.thread.iter().filter_map(reply).collect::<Vec<_>>());
    let answers = found.thread.iter().filter(|other| other.ties.iter().any(|tie| is_reply(&tie, true)));
    let replaces = |other: &&Threaded| other.ties.iter().any(|tie| !tie.from_here && tie.kind == "replaces");
    let replaced_by = found.thread.iter().rev().filter(replaces).find_map(|other| Some((other.number, Some(other.on?))));
    let action = |place: &Place| {
        let action = place.action.as_ref()?;
        let current = action.deadlines.iter().find(|deadline| deadline.is_current);
        Some(status::Action {
            group_label: place.label.clone(),
            group_kind: place.group.as_ref().map(|group| group.kind.clone()).unwrap_or_default(),
            purpose: action.purpose,
            handling: action.handling,
            due: current.map(|deadline| status::Due { day: deadline.due_on, is_ours: deadline.kind == "ours" }),
            assignee: action.assignee.clone(),
            closed_on: action.closed_at.map(|at| at.date_naive()),
            remark: status::Remark {
                words: action.words.clone(),
                paused_on: action.paused_on,
                resumes_on: action.resumes_on,
                redirected_to: action.redirected_to.clone(),
            },
        })
    };
    status::Facts {
        direction: found.shown.direction,
        purpose: found.shown.purpose,
        posted_on: found.shown.posted_at.map(|at| at.date_naive()),
        made_on: found.shown.made_at.date_naive(),
        answers: answers.map(|other| other.number).collect(),
        answered_by,
        preliminary,
        replaced_by,
        actions: found.places.iter().filter_map(action).collect(),
    }
}

/// For those concerned: by when a reply should be submitted.
fn next_step(app: &App, found: &Found, facts: &status::Facts) -> String {
    let waits = |action: &&status::Action| action.purpose == Purpose::ForAction && matches!(action.handling, Handling::Open | Handling::InProgress);
    let due = facts.actions.iter().filter(waits).filter_map(|action| action.due).min();
    let submit_by = due.and_then(|due| due.day.checked_sub_days(chrono::Days::new(DAYS_FOR_APPROVAL)));
    match submit_by {
        Some(day) if found.shown.direction == Direction::Incoming && day >= app.today() => {
            format!("Submit the reply by {} to leave {DAYS_FOR_APPROVAL} days for approval.", weekday_date(day))
        }
        _ => String::new(),
    }
}

/// The statement as plain text: facts, then the text exactly as stored, then its files.
fn plain(app: &App, label: &str, found: &Found) -> Response {
    let url = app.config.absolute(&urls::statement(found.shown.number));
    let mut text = format!("{label}: {}\n{url}\n\n", found.shown.title);
    text.push_str(&format!("Purpose: {}\n", found.shown.purpose.map_or("not recorded", Purpose::words)));
    for fact in facts::all(found, app.today(), &app.installation().home_name).iter().chain(&facts::contacts(found)) {
        text.push_str(&fact.line());
    }
    for one in found.shown.erasures.iter().map(erased) {
        text.push_str(&format!("{one}\n"));
    }
    text.push('\n');
    text.push_str(&found.shown.body);
    if !found.files.is_empty() {
        text.push_str("\n\nFiles\n");
    }
    for file in &found.files {
        let row = rows::file(found, file);
        let address = if row.url.starts_with('/') { app.config.absolute(&row.url) } else { row.url };
        let hash = if row.hash.is_empty() { String::new() } else { format!(" SHA-256 {}", row.hash) };
        text.push_str(&format!("- {} ({}){hash} {address}\n", row.name, row.detail));
    }
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// "Words taken away on 5 March 2026: not ours".
fn erased(erasure: &store::Erasure) -> String {
    format!("Words taken away on {}: {}", long_date(erasure.at.date_naive()), erasure.reason)
}

/// The names of one side, comma-separated.
fn labels(places: &[Place], side: Side) -> String {
    places.iter().filter(|place| place.side == side).map(|place| place.label.as_str()).collect::<Vec<_>>().join(", ")
}
