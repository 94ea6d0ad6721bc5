//! One mail of the log: its text, its headers, what became of it for each recipient.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::send_again::{self, Seen};
use crate::App;
use crate::ids::{MailDeliveryId, MailId};
use crate::mail::store::{self, Whole};
use crate::mail::{fate, outbox};
use crate::people::RoleKind;
use crate::web::error::Error;
use crate::web::extract::{At, SignedIn, TypedForm};
use crate::web::layout::{Layout, Page, redirect_with};
use crate::web::urls;

/// The page.
#[derive(Template)]
#[template(path = "administration/mail_show.html")]
pub struct MailShow {
    layout: Layout,
    url: String,
    mail: Whole,
    made: String,
    statement_url: String,
}

/// `GET /administration/mail/{mail}`
pub async fn show(State(app): State<App>, At(mail_id): At<MailId>, layout: Layout) -> Result<Page<MailShow>, Error> {
    let mut mail = store::whole(&app.pool, mail_id, app.clock.now()).await?.ok_or(Error::NotFound)?;
    if mail.is_secret && mail.body != outbox::ERASED {
        // whoever reads the log must not sign in as somebody else
        mail.body = "(The text holds a one-time link and is not shown.)".to_owned();
    }
    let page = MailShow {
        layout,
        url: urls::mail(mail_id),
        made: fate::moment(mail.made_at),
        statement_url: mail.number.map_or_else(String::new, urls::statement),
        mail,
    };
    Ok(Page(StatusCode::OK, page))
}

/// `POST /administration/mail/{mail}/{delivery}/send-again`
pub async fn again(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    At((mail_id, id)): At<(MailId, MailDeliveryId)>,
    TypedForm(seen): TypedForm<Seen>,
) -> Result<Response, Error> {
    let mut transaction = app.begin().await?;
    let belongs = store::lock_delivery(&mut transaction, id).await?.filter(|belongs| belongs.mail_id == mail_id).ok_or(Error::NotFound)?;
    let (kind, words) = send_again::again(&app, &mut transaction, &viewer, role(), id, &belongs, &seen).await?;
    transaction.commit().await?;
    app.mail_queued.notify_one();
    Ok(redirect_with(&app, &urls::mail(mail_id), kind, &words))
}

/// `POST /administration/mail/{mail}/{delivery}/give-up`
pub async fn give_up(
    State(app): State<App>,
    SignedIn(viewer): SignedIn,
    At((mail_id, id)): At<(MailId, MailDeliveryId)>,
    TypedForm(seen): TypedForm<Seen>,
) -> Result<Response, Error> {
    let mut transaction = app.begin().await?;
    let belongs = store::lock_delivery(&mut transaction, id).await?.filter(|belongs| belongs.mail_id == mail_id).ok_or(Error::NotFound)?;
    let (kind, words) = send_again::give_up(&app, &mut transaction, &viewer, role(), id, &belongs, &seen).await?;
    transaction.commit().await?;
    Ok(redirect_with(&app, &urls::mail(mail_id), kind, &words))
}

/// The one role that comes here.
fn role() -> String {
    RoleKind::Secretariat.as_str().to_owned()
}
