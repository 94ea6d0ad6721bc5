//! An outgoing statement as a letter, to print: who writes to whom, when, what. A draft is marked so.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sqlx::PgConnection;

use crate::App;
use crate::dates;
use crate::people::Viewer;
use crate::statements::attachments::{Attachment, Visibility, size_words};
use crate::statements::pages::draft;
use crate::statements::store::draft::newest;
use crate::statements::store::{files, sheet, show};
use crate::statements::{Consensus, Direction, Purpose, Side, State as Life, body, reading};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn};
use crate::web::layout::{Layout, Page};

/// A letter.
struct Sheet {
    home: String,
    from: String,
    is_draft: bool,
    /// Label and value, in the order of a letter's head.
    head: Vec<(&'static str, String)>,
    title: String,
    /// Whose position it is, in a sentence.
    position: String,
    body: String,
    files: Vec<String>,
}

#[derive(Template)]
#[template(path = "statements/letter.html")]
struct LetterPage {
    layout: Layout,
    sheet: Sheet,
    body_html: String,
    page_url: String,
    text_url: String,
}

#[derive(Template)]
#[template(path = "statements/letter.txt")]
struct LetterText {
    sheet: Sheet,
}

impl Sheet {
    fn add(&mut self, label: &'static str, value: &str) {
        if !value.is_empty() {
            self.head.push((label, value.to_owned()));
        }
    }
}

fn listed(attachments: &[Attachment]) -> Vec<String> {
    let public = attachments.iter().filter(|file| file.visibility == Visibility::Public && !file.is_for_those_concerned());
    let what = |file: &Attachment| match &file.url {
        Some(url) if url == file.shown() => url.clone(),
        Some(url) => format!("{}: {url}", file.shown()),
        None => format!("{} ({}, {})", file.shown(), file.format_name, size_words(file.size)),
    };
    public.map(what).collect()
}

async fn of_found(app: &App, connection: &mut PgConnection, viewer: Option<&Viewer>, draft_id: &str) -> Result<Sheet, Error> {
    let found = draft::open(&mut *connection, viewer, draft_id).await?;
    if found.case.direction != Direction::Outgoing {
        return Err(Error::NotFound);
    }
    let form = newest(&mut *connection, found.statement_id).await?.form;
    let home = app.installation().home_name.clone();
    let attachments = files::list(&mut *connection, found.statement_id).await?;
    let reading = reading::read(app, connection, Direction::Outgoing, Some(found.statement_id), &form).await?;
    let letter = reading.checked.letter.as_ref();
    // what is not understood yet stands as it was typed
    let or_typed = |side: Side, typed: &str| {
        let labels = found.case.labels(side);
        if labels.is_empty() { typed.trim().to_owned() } else { labels }
    };
    let from = or_typed(Side::From, &form.from);
    let mut sheet = Sheet {
        position: Consensus::parse(&form.consensus).map(|consensus| consensus.position(&from, &home)).unwrap_or_default(),
        files: listed(&attachments),
        title: form.title_line(),
        body: form.body.clone(),
        head: Vec::new(),
        is_draft: true,
        home,
        from,
    };
    sheet.add("Date", &format!("Draft of {}", dates::long_date(app.today())));
    sheet.add("To", &or_typed(Side::To, &form.to));
    sheet.add("In copy", &or_typed(Side::Copy, &form.copy));
    sheet.add("Purpose", Purpose::parse(&form.purpose).map_or("", Purpose::words));
    let deadline = letter.and_then(|letter| letter.deadline).map(dates::weekday_date);
    sheet.add("Deadline", &deadline.unwrap_or_else(|| form.deadline.trim().to_owned()));
    Ok(sheet)
}

/// `GET /statements/drafts/{draft_id}/letter`
pub async fn of_draft(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let sheet = of_found(&app, &mut connection, viewer.as_ref(), &draft_id).await?;
    let page_url = urls::draft(&draft_id);
    let page = LetterPage { layout, body_html: body::to_html(&sheet.body), text_url: format!("{}.txt", urls::letter(&page_url)), page_url, sheet };
    Ok(Page(StatusCode::OK, page).into_response())
}

/// `GET /statements/drafts/{draft_id}/letter.txt`
pub async fn of_draft_as_text(State(app): State<App>, MaybeSignedIn(viewer): MaybeSignedIn, At(draft_id): At<String>) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let sheet = of_found(&app, &mut connection, viewer.as_ref(), &draft_id).await?;
    let text = LetterText { sheet }.render().map_err(Error::from)?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok((headers, text).into_response())
}

/// `GET /statements/{number}/letter`
pub async fn of_posted(State(app): State<App>, layout: Layout, At(number): At<String>) -> Result<Response, Error> {
    let number = super::number(&number).ok_or(Error::NotFound)?;
    let mut connection = app.pool.acquire().await?;
    let shown = show::statement(&mut connection, number).await?.filter(|shown| shown.state == Life::Posted && shown.direction == Direction::Outgoing);
    let shown = shown.ok_or(Error::NotFound)?;
    let places = show::places(&mut connection, shown.statement_id).await?;
    let attachments = files::list(&mut connection, shown.statement_id).await?;
    let (consensus, deadline) = sheet::facts(&mut connection, shown.statement_id).await?;
    drop(connection);
    let side = |side: Side| places.iter().filter(|place| place.side == side).map(|place| place.label.as_str()).collect::<Vec<_>>().join(", ");
    let home = app.installation().home_name.clone();
    let from = side(Side::From);
    let mut sheet = Sheet {
        position: consensus.map(|consensus| consensus.position(&from, &home)).unwrap_or_default(),
        files: listed(&attachments),
        title: shown.title,
        body: shown.body,
        head: Vec::new(),
        is_draft: false,
        home,
        from,
    };
    let on = shown.letter_date.or(shown.posted_at.map(|at| at.date_naive()));
    sheet.add("Date", &on.map(dates::long_date).unwrap_or_default());
    sheet.add("Our number", &format!("{} {number}", app.config.statement_label));
    sheet.add("To", &side(Side::To));
    sheet.add("In copy", &side(Side::Copy));
    sheet.add("Purpose", shown.purpose.map_or("", Purpose::words));
    sheet.add("Deadline", &deadline.map(dates::weekday_date).unwrap_or_default());
    let page_url = urls::statement(number);
    let page = LetterPage { layout, body_html: body::to_html(&sheet.body), text_url: format!("{page_url}.txt"), page_url, sheet };
    Ok(Page(StatusCode::OK, page).into_response())
}
