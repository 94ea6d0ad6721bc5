//! Giving a draft up asks why.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::action::words;
use super::turn::{self, Sent};
use crate::App;
use crate::permissions::Deed;
use crate::problems::Problems;
use crate::statements::State as Life;
use crate::statements::letter::shown_title;
use crate::statements::lifecycle::Step;
use crate::statements::pages::draft;
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::{Layout, Page};

#[derive(Template)]
#[template(path = "statements/give_up.html")]
struct GiveUpPage {
    layout: Layout,
    problems: Problems,
    title: String,
    draft_url: String,
    reason: String,
}

/// `POST /statements/drafts/{draft_id}/abandon`
pub async fn abandon(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    layout: Layout,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let mut connection = app.pool.acquire().await?;
    let (found, person) = draft::open_sent(&mut connection, viewer.as_ref(), &draft_id).await?;
    draft::first_role(&person, Deed::Abandon, &found)?;
    drop(connection);
    let mut problems = Problems::default();
    let reason = words(&sent.reason, "reason", "The reason", &mut problems);
    if reason.is_empty() && problems.is_empty() {
        problems.add("reason", "Enter why it is given up");
    }
    if problems.is_empty() || !matches!(found.case.state, Life::Draft | Life::InReview) {
        return turn::turn(app, viewer, &draft_id, Step::Abandon, Deed::Abandon, &reason, "Given up. It can be restored from its page.").await;
    }
    let page = GiveUpPage {
        layout: Layout { error_title: true, ..layout },
        problems,
        title: shown_title(&found.title),
        draft_url: urls::draft(&draft_id),
        reason: sent.reason,
    };
    Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
