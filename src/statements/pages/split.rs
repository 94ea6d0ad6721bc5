//! *Split*: a draft to several organizations becomes one for each.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::App;
use crate::statements::lifecycle::Acting;
use crate::statements::pages::share::editor;
use crate::statements::splitting::{self, Split};
use crate::urls;
use crate::web::error::Error;
use crate::web::extract::{At, MaybeSignedIn, TypedForm};
use crate::web::layout::redirect_with;

/// What the button sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    version: String,
}

/// `POST /statements/drafts/{draft_id}/split`
pub async fn split(
    State(app): State<App>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    At(draft_id): At<String>,
    TypedForm(sent): TypedForm<Sent>,
) -> Result<Response, Error> {
    let (_, viewer, role) = editor(&app, viewer.as_ref(), &draft_id).await?;
    let url = urls::draft(&draft_id);
    match splitting::split(&app, Acting { viewer: &viewer, role: &role }, &draft_id, sent.version.parse().unwrap_or(0)).await? {
        Split::Done(own, others) => {
            let words = format!("Split: this draft goes to {own}. On your desk there is a draft of its own to {}.", others.join(", "));
            Ok(redirect_with(&app, &url, "done", &words))
        }
        Split::Already => Ok(redirect_with(&app, &url, "notice", "There is nothing to split: it goes to one organization.")),
        Split::Stale => Ok(redirect_with(&app, &urls::submit(&draft_id), "notice", "The draft was changed meanwhile. Nothing was split.")),
        Split::NotAllowed(why) => Err(Error::NotAllowed(why.0)),
    }
}
