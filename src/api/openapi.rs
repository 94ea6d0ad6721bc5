//! `/api/v1/openapi.json`: what programs can ask and what they are answered, described from the types themselves.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::{IntoParams, OpenApi};

use super::{statements, told};
use crate::feeds;
use crate::statements::{Direction, DueWhen, Handling, Order, Purpose, Sort};

/// What a list of statements is asked by; page, interface for programs, CSV, JSON and Atom alike (domain.md 10).
///
/// It is read by [`Asked`](crate::statements::pages::asked::Asked), which ignores what it does not know.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "kebab-case")]
pub struct Query {
    /// Words of title, references and text, or a reference as the peer writes it.
    #[param(example = "synchronization")]
    pub q: Option<String>,
    /// A group by acronym or name; from it, to it, in copy to it or to one below it.
    #[param(example = "itu-t")]
    pub organization: Option<String>,
    /// From this group or one below it.
    #[param(example = "3gpp")]
    pub from: Option<String>,
    /// To this group or one below it; purpose, handling and due then speak of that addressee.
    #[param(example = "ietf")]
    pub to: Option<String>,
    /// In copy to this group or one below it.
    #[param(example = "ietf")]
    pub copy: Option<String>,
    /// As seen from the home organization.
    #[param(inline, example = "incoming")]
    pub direction: Option<Direction>,
    /// What it is for.
    #[param(inline, example = "for-action")]
    pub purpose: Option<Purpose>,
    /// What an addressee has done about it.
    #[param(inline, example = "open")]
    pub handling: Option<Handling>,
    /// By when something is asked for.
    #[param(inline, example = "month")]
    pub due: Option<DueWhen>,
    /// Not before this day, month or year.
    #[param(example = "2005-01")]
    pub date_from: Option<String>,
    /// Not after this day, month or year.
    #[param(example = "2030")]
    pub date_to: Option<String>,
    /// Of this year.
    #[param(example = "2012")]
    pub year: Option<String>,
    /// What it is sorted by.
    #[param(inline, example = "date")]
    pub sort: Option<Sort>,
    /// Which way.
    #[param(inline, example = "descending")]
    pub order: Option<Order>,
    /// Older than this place in the list, as `next` has it; for pages of the list only.
    #[param(example = "2026-10-05.2281")]
    pub before: Option<String>,
    /// Newer than this place in the list; for pages of the list only.
    #[param(example = "1996-10-05.1")]
    pub after: Option<String>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Liaison statements",
        version = "1",
        description = "What is public here, without a key and without signing in. Names and values of fields stay as they are; fields may be added.",
        license(name = "")
    ),
    paths(
        statements::list,
        statements::show,
        feeds::statements::csv,
        feeds::statements::json,
        feeds::statements::atom,
        feeds::lists::organizations_csv,
        feeds::lists::organizations_json,
        feeds::lists::relationships_csv,
        feeds::lists::relationships_json,
    ),
    components(schemas(told::Failure))
)]
struct Described;

static DESCRIBED: LazyLock<String> = LazyLock::new(|| {
    let mut described = Described::openapi();
    described.info.license = None;
    described.to_pretty_json().unwrap_or_default()
});

/// The description, OpenAPI 3.1.
pub async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIBED.as_str()).into_response()
}
