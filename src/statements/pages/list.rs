//! `/statements`: posted statements; the address is the list.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::asked::{Asked, due_words};
use super::row::{StatementRow, reader};
use crate::App;
use crate::permissions;
use crate::statements::citations::Document;
use crate::statements::store::list::{self, COUNTED, Found, Place};
use crate::statements::{Direction, DueWhen, Handling, Order, Purpose, Sort};
use crate::web::error::Error;
use crate::web::extract::MaybeSignedIn;
use crate::web::forms::Choice;
use crate::web::layout::{Layout, Page};
use crate::web::urls;

const PATH: &str = "/statements";

/// A filter that is on, and the address of the list without it.
pub struct Chip {
    label: String,
    url: String,
}

/// The statement whose number was searched for.
pub struct Numbered {
    number: i32,
    title: String,
    url: String,
}

/// The document whose name was searched for.
pub struct CitedLink {
    name: String,
    url: String,
}

/// A way to sort the list.
pub struct SortLink {
    label: &'static str,
    url: String,
    is_current: bool,
}

/// What the fields of the filter hold and offer.
pub struct Fields {
    q: String,
    organization: String,
    from: String,
    to: String,
    copy: String,
    assignee: String,
    year: String,
    date_from: String,
    date_to: String,
    directions: Vec<Choice>,
    purposes: Vec<Choice>,
    handlings: Vec<Choice>,
    dues: Vec<Choice>,
    asks_assignee: bool,
    has_more: bool,
    sort: &'static str,
    order: &'static str,
}

#[derive(Template)]
#[template(path = "statements/list.html")]
struct ListPage {
    layout: Layout,
    title: String,
    may_record: bool,
    fields: Fields,
    notices: Vec<String>,
    chips: Vec<Chip>,
    numbered: Option<Numbered>,
    cited: Option<CitedLink>,
    summary: String,
    sorts: Vec<SortLink>,
    rows: Vec<StatementRow>,
    back: &'static str,
    on: &'static str,
    newer: String,
    older: String,
    csv_url: String,
    json_url: String,
    atom_url: String,
}

/// The list; a number alone goes to its statement.
///
/// # Errors
/// The database's.
pub async fn page(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let asked = Asked::read(&app.pool, query.as_deref(), viewer.as_ref(), app.today()).await?;
    let numbered = match asked.number() {
        Some(number) => list::title_of(&app.pool, number).await?.map(|title| Numbered { number, title, url: urls::statement(number) }),
        None => None,
    };
    if let Some(numbered) = numbered.as_ref().filter(|_| asked.is_words_alone()) {
        return Ok(Redirect::to(&numbered.url).into_response());
    }
    let found = list::list(&app.pool, &asked.filter()).await?;
    let (newer, older) = neighbours(&asked, &found);
    let (back, on) = match (asked.sort(), asked.order()) {
        (Sort::Date, Order::Descending) => ("Newer", "Older"),
        (Sort::Date, Order::Ascending) => ("Older", "Newer"),
        _ => ("Previous", "Next"),
    };
    let page = ListPage {
        layout: Layout { search: asked.q.clone(), ..layout },
        title: asked.title(),
        may_record: permissions::may_begin_recording(viewer.as_ref()),
        notices: asked.notices(&found),
        chips: chips(&asked),
        summary: summary(&asked, &found, numbered.is_some()),
        sorts: sorts(&asked),
        rows: found.rows.into_iter().map(|listed| StatementRow::new(listed, reader(viewer.as_ref()), app.today())).collect(),
        csv_url: asked.url("/statements.csv", None, Place::Top),
        json_url: asked.url("/statements.json", None, Place::Top),
        atom_url: asked.url("/statements.atom", None, Place::Top),
        cited: Document::parse(&asked.q).map(|document| CitedLink { url: urls::document(&document.key()), name: document.name().to_owned() }),
        fields: fields(asked),
        numbered,
        back,
        on,
        newer,
        older,
    };
    Ok(Page(StatusCode::OK, page).into_response())
}

/// Addresses of the pages beside this one; empty: there is none.
fn neighbours(asked: &Asked, found: &Found) -> (String, String) {
    // a page beyond the last one leads back
    let back = || if found.rows.is_empty() && asked.place != Place::Top { asked.url(PATH, None, Place::Top) } else { String::new() };
    (asked.previous(PATH, found).unwrap_or_else(back), asked.next(PATH, found).unwrap_or_default())
}

fn summary(asked: &Asked, found: &Found, is_numbered: bool) -> String {
    let is_whole = !found.has_newer && !found.has_older;
    let count = found.count.or_else(|| if is_whole { i64::try_from(found.rows.len()).ok() } else { None });
    let order = if found.rows.iter().any(|row| row.is_exact) { "the exact reference first" } else { asked.order_words() };
    match count {
        Some(0) if is_numbered => "No statement holds it in words".to_owned(),
        Some(1) => "1 statement".to_owned(),
        Some(count) if count > COUNTED => format!("More than 1,000 statements, {order}"),
        Some(1000) => format!("1,000 statements, {order}"),
        Some(count) => format!("{count} statements, {order}"),
        None => format!("Statements, {order}"),
    }
}

fn chips(asked: &Asked) -> Vec<Chip> {
    asked.words().into_iter().map(|(part, label)| Chip { label, url: asked.url(PATH, Some(part), Place::Top) }).collect()
}

/// Each sort, beginning as it usually does; the one that is on can be turned round.
fn sorts(asked: &Asked) -> Vec<SortLink> {
    let mut links = Vec::new();
    for (sort, label) in [(Sort::Date, "Date"), (Sort::Deadline, "Deadline"), (Sort::Title, "Title"), (Sort::From, "From"), (Sort::To, "To")] {
        let is_current = sort == asked.sort();
        let order = if is_current { asked.order() } else { sort.order() };
        let label = match (sort, order) {
            (Sort::Date, Order::Descending) => "Newest",
            (Sort::Date, Order::Ascending) => "Oldest",
            _ => label,
        };
        links.push(SortLink { label, url: asked.sorted(PATH, sort, order), is_current });
    }
    links.push(SortLink { label: "Reverse order", url: asked.sorted(PATH, asked.sort(), asked.order().reversed()), is_current: false });
    links
}

/// What can be chosen of a closed list, or nothing of it.
fn choices<T: Copy>(any: &str, all: &[T], chosen: Option<T>, value: impl Fn(T) -> &'static str, words: impl Fn(T) -> &'static str) -> Vec<Choice> {
    let chosen = chosen.map_or("", &value);
    let any = std::iter::once(Choice::new("", any, chosen));
    any.chain(all.iter().map(|one| Choice::new(value(*one), words(*one), chosen))).collect()
}

fn fields(asked: Asked) -> Fields {
    let handlings: Vec<Handling> = Handling::ALL.iter().copied().filter(|handling| *handling != Handling::Removed).collect();
    let more = [&asked.from.typed, &asked.to.typed, &asked.copy.typed, &asked.assignee_typed, &asked.date_from.typed, &asked.date_to.typed];
    let is_other = asked.sort() != Sort::Date || asked.order() != Order::Descending;
    Fields {
        has_more: more.iter().any(|typed| !typed.is_empty()),
        asks_assignee: asked.is_role_holder,
        directions: choices("Any", Direction::ALL, asked.direction, Direction::as_str, Direction::words),
        purposes: choices("Any", Purpose::ALL, asked.purpose, Purpose::as_str, Purpose::words),
        handlings: choices("Any", &handlings, asked.handling, Handling::as_str, Handling::words),
        dues: choices("Any", DueWhen::ALL, asked.due, DueWhen::as_str, |when| due_words(when, asked.is_role_holder)),
        organization: asked.organization.shown().to_owned(),
        from: asked.from.shown().to_owned(),
        to: asked.to.shown().to_owned(),
        copy: asked.copy.shown().to_owned(),
        year: asked.year.map_or(String::new(), |year| year.to_string()),
        date_from: asked.date_from.shown(),
        date_to: asked.date_to.shown(),
        sort: if is_other { asked.sort().as_str() } else { "" },
        order: if is_other { asked.order().as_str() } else { "" },
        assignee: asked.assignee.unwrap_or(asked.assignee_typed),
        q: asked.q,
    }
}
