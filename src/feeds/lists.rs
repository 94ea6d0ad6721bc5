//! Organizations and relationships as CSV and JSON: what their pages say.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::csv;
use crate::App;
use crate::organizations;
use crate::relationships;
use crate::web::error::Error;
use crate::web::urls;

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organization {
    /// Unique among all groups.
    pub acronym: String,
    /// As pages name it.
    pub label: String,
    /// Its name.
    pub name: String,
    /// Its page.
    #[schema(format = "uri")]
    pub url: String,
    /// Whether the tracker is its own.
    pub is_home: bool,
    /// `formal` or `informal`; null: none.
    pub relationship: Option<String>,
    /// `proposed`, `active` or `ended`.
    pub relationship_state: Option<String>,
    /// Names of its liaison managers of today.
    pub liaison_managers: Vec<String>,
    /// How many posted statements are from it, to it or in copy to it or a group below it.
    pub statements: i64,
}

/// All organizations.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organizations {
    /// Those with a formal relationship first.
    pub organizations: Vec<Organization>,
}

/// A relationship.
#[derive(Debug, Serialize, ToSchema)]
pub struct Relationship {
    /// Acronym of the organization.
    pub acronym: String,
    /// As pages name it.
    pub label: String,
    /// Its page.
    #[schema(format = "uri")]
    pub url: String,
    /// `formal` or `informal`.
    pub kind: String,
    /// `proposed`, `active` or `ended`.
    pub state: String,
    /// Its liaison managers of today.
    pub liaison_managers: Vec<Manager>,
    /// What it rests on, and what says how the two work together.
    pub documents: Vec<String>,
}

/// A liaison manager.
#[derive(Debug, Serialize, ToSchema)]
pub struct Manager {
    /// The name.
    pub name: String,
    /// The role's own address; null: it has none.
    pub alias: Option<String>,
}

/// All relationships.
#[derive(Debug, Serialize, ToSchema)]
pub struct Relationships {
    /// Formal ones that stand first, those that ended last.
    pub relationships: Vec<Relationship>,
}

async fn organizations(app: &App) -> Result<Vec<Organization>, Error> {
    let listed = organizations::store::list(&app.pool, app.today(), None).await?;
    let organization = |listed: organizations::store::Listed| Organization {
        url: app.config.absolute(&urls::organization(&listed.acronym)),
        acronym: listed.acronym,
        label: listed.label,
        name: listed.name,
        is_home: listed.is_home,
        relationship: listed.relationship,
        relationship_state: listed.relationship_state,
        liaison_managers: listed.managers,
        statements: listed.statements,
    };
    Ok(listed.into_iter().map(organization).collect())
}

async fn relationships(app: &App) -> Result<Vec<Relationship>, Error> {
    let listed = relationships::store::list(&app.pool, app.today()).await?;
    let alias = |alias: String| if alias.is_empty() { None } else { Some(alias) };
    let relationship = |listed: relationships::store::Listed| Relationship {
        url: app.config.absolute(&urls::organization(&listed.acronym)),
        acronym: listed.acronym,
        label: listed.label,
        kind: listed.kind,
        state: listed.state,
        liaison_managers: listed.managers.into_iter().zip(listed.aliases).map(|(name, of)| Manager { name, alias: alias(of) }).collect(),
        documents: listed.documents,
    };
    Ok(listed.into_iter().map(relationship).collect())
}

/// All organizations as JSON.
///
/// # Errors
/// The database's.
#[utoipa::path(get, path = "/organizations.json", responses((status = 200, description = "All organizations", body = Organizations)))]
pub async fn organizations_json(State(app): State<App>) -> Result<Json<Organizations>, Error> {
    Ok(Json(Organizations { organizations: organizations(&app).await? }))
}

/// All organizations as CSV.
///
/// # Errors
/// The database's.
#[utoipa::path(get, path = "/organizations.csv", responses((status = 200, description = "All organizations", content_type = "text/csv", body = String)))]
pub async fn organizations_csv(State(app): State<App>) -> Result<Response, Error> {
    let cells = organizations(&app).await?.into_iter().map(|one| {
        [
            one.acronym,
            one.label,
            one.name,
            one.url,
            one.is_home.to_string(),
            one.relationship.unwrap_or_default(),
            one.relationship_state.unwrap_or_default(),
            one.liaison_managers.join("; "),
            one.statements.to_string(),
        ]
    });
    let names = ["acronym", "label", "name", "url", "is_home", "relationship", "relationship_state", "liaison_managers", "statements"];
    table("organizations.csv", names, cells.collect())
}

/// All relationships as JSON.
///
/// # Errors
/// The database's.
#[utoipa::path(get, path = "/relationships.json", responses((status = 200, description = "All relationships", body = Relationships)))]
pub async fn relationships_json(State(app): State<App>) -> Result<Json<Relationships>, Error> {
    Ok(Json(Relationships { relationships: relationships(&app).await? }))
}

/// All relationships as CSV.
///
/// # Errors
/// The database's.
#[utoipa::path(get, path = "/relationships.csv", responses((status = 200, description = "All relationships", content_type = "text/csv", body = String)))]
pub async fn relationships_csv(State(app): State<App>) -> Result<Response, Error> {
    let manager = |manager: &Manager| manager.alias.as_ref().map_or_else(|| manager.name.clone(), |alias| format!("{} <{alias}>", manager.name));
    let cells = relationships(&app).await?.into_iter().map(|one| {
        let managers: Vec<String> = one.liaison_managers.iter().map(manager).collect();
        [one.acronym, one.label, one.url, one.kind, one.state, managers.join("; "), one.documents.join("; ")]
    });
    table("relationships.csv", ["acronym", "label", "url", "kind", "state", "liaison_managers", "documents"], cells.collect())
}

fn table<const N: usize>(file: &'static str, names: [&str; N], cells: Vec<[String; N]>) -> Result<Response, Error> {
    let lines = std::iter::once(names).chain(cells.iter().map(|line| line.each_ref().map(String::as_str)));
    Ok(csv::file(file, csv::lines(lines)?))
}
