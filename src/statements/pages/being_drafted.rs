//! Replies that are being written to a statement, as far as who looks may read them.

use sqlx::PgConnection;

use crate::App;
use crate::people::Viewer;
use crate::permissions::{Deed, may};
use crate::statements::State;
use crate::statements::letter::shown_title;
use crate::statements::pages::asked_rows;
use crate::statements::store::{self, Key};
use crate::urls;

/// A reply that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeingDrafted {
    /// Where it is.
    pub url: String,
    /// Its title.
    pub title: String,
    /// "A reply is being drafted, waits for …"
    pub words: String,
}

/// Of these drafts those the viewer may read, the oldest first; for all others there are none.
///
/// # Errors
/// The database's.
pub async fn replies(app: &App, connection: &mut PgConnection, viewer: &Viewer, drafts: &[String]) -> sqlx::Result<Vec<BeingDrafted>> {
    let mut shown = Vec::new();
    for draft_id in drafts {
        let found = store::find(&mut *connection, Key::Draft(draft_id)).await?;
        let Some(found) = found.filter(|found| may(Some(viewer), Deed::ReadDraft, &found.case).is_ok()) else { continue };
        let mut waits = Vec::new();
        if found.case.state == State::InReview {
            let rows = asked_rows::rows(app, &mut *connection, &found).await?;
            waits.extend(rows.into_iter().filter(|row| row.waits && !row.names.is_empty()).map(|row| row.names));
        }
        let words = match (found.case.state, waits.is_empty()) {
            (State::InReview, false) => format!("A reply is being drafted, waits for approval by {}.", waits.join("; ")),
            (State::InReview, true) => "A reply is being drafted; everything is given, and it is held.".to_owned(),
            _ => "A reply is being drafted.".to_owned(),
        };
        shown.push(BeingDrafted { url: urls::draft(draft_id), title: shown_title(&found.title), words });
    }
    Ok(shown)
}
