//! Groups for the beginning of what someone types into a form.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::other_name;
use crate::App;
use crate::organizations::store;
use crate::web::error::Error;
use crate::web::extract::Asked;

const AT_MOST: usize = 8;

/// What was typed.
#[derive(Deserialize)]
pub struct Query {
    #[serde(default)]
    q: String,
    /// `home` or `peer`: only groups of that side.
    #[serde(default)]
    side: String,
}

/// At most eight groups: what goes into the field, and what is read.
///
/// # Errors
/// The database's.
pub async fn suggest(State(app): State<App>, Asked(query): Asked<Query>) -> Result<Response, Error> {
    let directory = store::directory(&mut *app.pool.acquire().await?).await?;
    let typed: String = query.q.chars().take(100).collect();
    let of_side = |is_home: bool| match query.side.as_str() {
        "home" => is_home,
        "peer" => !is_home,
        _ => true,
    };
    // a side is looked for among more, since the other one's are left out
    let found = directory.suggest(&typed, if query.side.is_empty() { AT_MOST } else { 200 });
    let groups = found.into_iter().filter_map(|id| directory.known(id)).filter(|group| of_side(group.home)).take(AT_MOST);
    let suggestions: Vec<_> = groups
        .map(|group| {
            let label = directory.label(group.group_id);
            let name = group.names.first().map_or("", String::as_str);
            let shown = if other_name(name, &label).is_empty() { label.clone() } else { format!("{label} – {name}") };
            // what goes into the field must lead back to this very group
            let is_its_own = directory.recognize(&label).groups.iter().map(|(id, _)| *id).eq([group.group_id]);
            json!({ "value": if is_its_own { label } else { group.acronym.clone() }, "label": shown })
        })
        .collect();
    Ok(([(header::CACHE_CONTROL, "max-age=60")], Json(suggestions)).into_response())
}
