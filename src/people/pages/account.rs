//! One's own account: roles, sign-ins, password, address.

use askama::Template;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{browser_in_words, sign_in};
use crate::App;
use crate::dates::{parse_typed, weekday_date};
use crate::ids::{PersonId, SessionId};
use crate::people::accounts::{self, Client, Outcome};
use crate::people::{DEMONSTRATION_ENDING, Viewer, store};
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::forms::Problems;
use crate::web::layout::{Layout, Page, redirect_with};

/// A sign-in, as the page lists it.
struct SessionRow {
    session_id: SessionId,
    browser: String,
    began: String,
    seen: String,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "people/account.html")]
struct AccountPage {
    layout: Layout,
    problems: Problems,
    name: String,
    address: String,
    roles: Vec<String>,
    sessions: Vec<SessionRow>,
    has_password: bool,
    /// The account of a demonstration belongs to everybody who tries it.
    is_shared: bool,
    new_address: String,
    away: String,
    away_words: String,
    /// Whether they hold a role whose approval another can give while they are away.
    names_stand_in: bool,
    stand_in: String,
    stand_in_words: String,
}

impl AccountPage {
    fn problem(&self, field: &str) -> &str {
        self.problems.of(field)
    }
}

/// Shows it.
///
/// # Errors
/// The database's.
pub async fn show(State(app): State<App>, layout: Layout, SignedIn(viewer): SignedIn) -> Result<Response, Error> {
    page(&app, layout, &viewer, Problems::default(), Typed::default()).await
}

/// What was typed and could not be taken.
#[derive(Default)]
struct Typed {
    new_address: String,
    away: String,
    stand_in: Option<String>,
}

async fn page(app: &App, layout: Layout, viewer: &Viewer, problems: Problems, typed: Typed) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let now = app.clock.now();
    let account = store::account(&mut connection, viewer.person_id).await?;
    let sessions = store::sessions::of_person(&mut connection, now, viewer.person_id).await?;
    let away_until = if viewer.roles.is_empty() { None } else { store::away_until(&mut connection, viewer.person_id, app.today()).await? };
    let named = match away_until {
        Some(_) => store::stand_in_of(&mut connection, viewer.person_id, app.today()).await?,
        None => None,
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AccountPage {
        is_shared: is_shared(app, viewer),
        layout: Layout { error_title: !problems.is_empty(), ..layout },
        problems,
        name: viewer.name.clone(),
        address: viewer.address.clone(),
        roles: viewer.roles.iter().map(|role| role.words()).collect(),
        sessions: sessions
            .into_iter()
            .map(|session| SessionRow {
                is_this: session.session_id == viewer.session_id,
                session_id: session.session_id,
                browser: browser_in_words(&session.browser),
                began: session.made_at.format("%-d %b %Y %H:%M UTC").to_string(),
                seen: session.last_seen_at.format("%-d %b %Y %H:%M UTC").to_string(),
            })
            .collect(),
        has_password: account.is_some_and(|account| account.password_hash.is_some()),
        new_address: typed.new_address,
        away: typed.away,
        away_words: away_until.map_or_else(String::new, weekday_date),
        names_stand_in: names_stand_in(viewer),
        stand_in: typed.stand_in.or_else(|| named.as_ref().map(|(_, address)| address.clone())).unwrap_or_default(),
        stand_in_words: named.map(|(name, _)| name).unwrap_or_default(),
    };
    Ok(Page(status, page).into_response())
}

fn names_stand_in(viewer: &Viewer) -> bool {
    viewer.roles.iter().any(|role| store::APPROVERS.contains(&role.kind))
}

fn is_shared(app: &App, viewer: &Viewer) -> bool {
    app.installation().is_demonstration && viewer.address.ends_with(DEMONSTRATION_ENDING)
}

fn refuse_shared(app: &App, viewer: &Viewer) -> Result<(), Error> {
    if is_shared(app, viewer) {
        return Err(Error::NotAllowed(
            "The accounts of a demonstration belong to everybody: their address and password stay as they are.".to_owned(),
        ));
    }
    Ok(())
}

/// Old and new password.
#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default, rename = "old-password")]
    old_password: String,
    #[serde(default, rename = "new-password")]
    new_password: String,
}

/// Changes the password.
///
/// # Errors
/// Too many tries; the database's.
pub async fn change_password(
    State(app): State<App>,
    Frame { layout, viewer, client }: Frame,
    TypedForm(form): TypedForm<PasswordForm>,
) -> Result<Response, Error> {
    refuse_shared(&app, &viewer)?;
    let mut problems = Problems::default();
    match accounts::change_password(&app, &client, &viewer, form.old_password, &form.new_password).await? {
        Outcome::Refused(why) => problems.add("new-password", why),
        Outcome::WrongPassword => problems.add("old-password", "This is not your present password"),
        _ => return Ok(redirect_with(&app, "/account", "done", "Your password is changed. All other sign-ins were ended.")),
    }
    page(&app, layout, &viewer, problems, Typed::default()).await
}

/// Until when.
#[derive(Deserialize)]
pub struct AwayForm {
    #[serde(default)]
    away: String,
    #[serde(default, rename = "stand-in")]
    stand_in: String,
}

/// Who decides in their place: somebody who holds a role here.
async fn stand_in(app: &App, viewer: &Viewer, form: &AwayForm, problems: &mut Problems) -> sqlx::Result<Option<PersonId>> {
    let address = form.stand_in.trim();
    if address.is_empty() || !names_stand_in(viewer) || form.away.trim().is_empty() {
        return Ok(None);
    }
    let mut connection = app.pool.acquire().await?;
    let person = store::find_by_address(&mut connection, address).await?;
    let holds_a_role = match person {
        Some(person) => !store::current_roles(&mut connection, app.today(), person).await?.is_empty(),
        None => false,
    };
    match person {
        Some(person) if person == viewer.person_id => problems.add("stand-in", "Name somebody else: you are away"),
        Some(person) if holds_a_role => return Ok(Some(person)),
        _ => problems.add("stand-in", "Enter the address of somebody who holds a role here"),
    }
    Ok(None)
}

/// Says until when one is away, or that one is here again.
///
/// # Errors
/// The database's.
pub async fn set_away(
    State(app): State<App>,
    layout: Layout,
    SignedIn(viewer): SignedIn,
    TypedForm(form): TypedForm<AwayForm>,
) -> Result<Response, Error> {
    let mut problems = Problems::default();
    let named = stand_in(&app, &viewer, &form, &mut problems).await?;
    let typed = form.away.trim();
    let until = if typed.is_empty() { Ok(None) } else { parse_typed(typed).map(Some) };
    match until {
        Err(problem) => problems.add("away", problem.words("Away until")),
        Ok(Some(day)) if day <= app.today() => problems.add("away", "Away until must be after today: the first day on which you are back"),
        Ok(_) if !problems.is_empty() => {}
        Ok(until) => {
            accounts::set_away(&app, &viewer, until, named).await?;
            let words = match (until, named) {
                (None, _) => "You are here: you are asked again.",
                (_, Some(_)) => "Who decides in your place is asked until then.",
                _ => "Others are asked instead of you until then.",
            };
            return Ok(redirect_with(&app, "/account", "done", words));
        }
    }
    page(&app, layout, &viewer, problems, Typed { away: form.away, stand_in: Some(form.stand_in), ..Typed::default() }).await
}

/// The new address, and the password.
#[derive(Deserialize)]
pub struct AddressForm {
    #[serde(default, rename = "new-address")]
    new_address: String,
    #[serde(default)]
    password: String,
}

/// Mails a link to a new address.
///
/// # Errors
/// Too many tries; the database's.
pub async fn change_address(
    State(app): State<App>,
    Frame { layout, viewer, client }: Frame,
    TypedForm(form): TypedForm<AddressForm>,
) -> Result<Response, Error> {
    refuse_shared(&app, &viewer)?;
    let mut problems = Problems::default();
    let address = form.new_address.trim().to_owned();
    if address.len() > 254 || address.parse::<lettre::Address>().is_err() {
        problems.add("new-address", "Enter an e-mail address, like name@example.org");
    } else if address.eq_ignore_ascii_case(&viewer.address) {
        problems.add("new-address", "This is your address already");
    } else {
        match accounts::request_address_change(&app, &client, &viewer, form.password, &address).await? {
            Outcome::WrongPassword => problems.add("password", "This is not your present password"),
            Outcome::AddressTaken => problems.add("new-address", "This address belongs to somebody else here"),
            _ => {
                return Ok(redirect_with(
                    &app,
                    "/account",
                    "notice",
                    "A link was mailed to the new address. Open it within 60 minutes to change over.",
                ));
            }
        }
    }
    page(&app, layout, &viewer, problems, Typed { new_address: form.new_address, ..Typed::default() }).await
}

/// Ends one sign-in; one that has ended already has ended.
///
/// # Errors
/// It is somebody else's: not found; the database's.
pub async fn end_session(State(app): State<App>, SignedIn(viewer): SignedIn, At(session): At<i64>) -> Result<Response, Error> {
    let session = SessionId(session);
    let mut connection = app.pool.acquire().await?;
    if !store::sessions::end(&mut connection, viewer.person_id, session).await? {
        if store::sessions::is_there(&mut connection, session).await? {
            return Err(Error::NotFound);
        }
        return Ok(redirect_with(&app, "/account", "notice", "That sign-in has ended."));
    }
    if session == viewer.session_id {
        return Ok(sign_in::signed_out(&app, "You are signed out."));
    }
    Ok(redirect_with(&app, "/account", "done", "The sign-in was ended."))
}

/// Ends all sign-ins, this one too.
///
/// # Errors
/// The database's.
pub async fn sign_out_everywhere(State(app): State<App>, SignedIn(viewer): SignedIn) -> Result<Response, Error> {
    store::sessions::end_all(&mut *app.pool.acquire().await?, viewer.person_id, None).await?;
    Ok(sign_in::signed_out(&app, "You are signed out everywhere."))
}

/// Who asks from where, and the frame of the answer.
pub struct Frame {
    layout: Layout,
    viewer: Viewer,
    client: Client,
}

impl FromRequestParts<App> for Frame {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let SignedIn(viewer) = SignedIn::from_request_parts(parts, app).await?;
        let layout = Layout::from_request_parts(parts, app).await?;
        let client = Client::from_request_parts(parts, app).await?;
        Ok(Self { layout, viewer, client })
    }
}
