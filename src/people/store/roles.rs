//! SQL of who is what, from when until when.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::ids::{GroupId, PersonId};
use crate::people::{Role, RoleKind};

/// Who holds a role on a day, and where mail to them as that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The person.
    pub person_id: PersonId,
    /// Their name.
    pub name: String,
    /// The role's alias if it has one, else the person's primary address.
    pub address: String,
    /// The role's own address; a person's own is not public.
    pub alias: Option<String>,
    /// As what.
    pub kind: RoleKind,
    /// Where, for roles held at a group.
    pub group_id: Option<GroupId>,
    /// The group's label; empty for roles of the tracker.
    pub group_label: String,
    /// The first day on which they are back; may lie in the past.
    pub away_until: Option<NaiveDate>,
}

struct HolderRow {
    person_id: i64,
    name: String,
    address: String,
    alias: Option<String>,
    kind: String,
    group_id: Option<i64>,
    group_label: Option<String>,
    away_until: Option<NaiveDate>,
}

impl HolderRow {
    fn holder(self) -> sqlx::Result<Holder> {
        let kind = RoleKind::parse(&self.kind).ok_or_else(|| sqlx::Error::Decode(format!("{} is no kind of role", self.kind).into()))?;
        Ok(Holder {
            person_id: PersonId(self.person_id),
            name: self.name,
            address: self.address,
            alias: self.alias,
            kind,
            group_id: self.group_id.map(GroupId),
            group_label: self.group_label.unwrap_or_default(),
            away_until: self.away_until,
        })
    }
}

fn names(kinds: &[RoleKind]) -> Vec<String> {
    kinds.iter().map(|kind| kind.as_str().to_owned()).collect()
}

/// Holders of that day of those kinds at exactly those groups, in the order of groups, kinds and appointment;
/// no groups: of roles of the tracker.
///
/// # Errors
/// The database's.
pub async fn holders(connection: &mut PgConnection, today: NaiveDate, kinds: &[RoleKind], groups: &[GroupId]) -> sqlx::Result<Vec<Holder>> {
    let groups: Vec<i64> = groups.iter().map(|group| group.0).collect();
    let rows = sqlx::query_as!(
        HolderRow,
        r#"
        SELECT roles.person_id,
               people.name,
               coalesce(roles.alias, addresses.address, '') AS "address!",
               roles.alias,
               roles.kind,
               roles.group_id,
               groups.label AS "group_label?",
               roles.away_until
          FROM roles
          JOIN people USING (person_id)
          LEFT JOIN addresses ON addresses.person_id = roles.person_id AND addresses.is_primary
          LEFT JOIN groups ON groups.group_id = roles.group_id
         WHERE roles.kind = ANY($2)
           AND (roles.group_id = ANY($3) OR (roles.group_id IS NULL AND $3::bigint[] = '{}'))
           AND roles.starts_on <= $1
           AND (roles.ends_on IS NULL OR roles.ends_on > $1)
         ORDER BY array_position($3::bigint[], roles.group_id), array_position($2::text[], roles.kind), roles.starts_on, roles.role_id
        "#,
        today,
        &names(kinds),
        &groups
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(HolderRow::holder).collect()
}

/// Holders of that day of those kinds at any of those groups, and of roles of the tracker, in the order of appointment.
///
/// # Errors
/// The database's.
pub async fn holders_of_all(connection: &mut PgConnection, today: NaiveDate, kinds: &[RoleKind], groups: &[GroupId]) -> sqlx::Result<Vec<Holder>> {
    let groups: Vec<i64> = groups.iter().map(|group| group.0).collect();
    let rows = sqlx::query_as!(
        HolderRow,
        r#"
        SELECT roles.person_id, people.name, coalesce(roles.alias, addresses.address, '') AS "address!", roles.alias, roles.kind, roles.group_id,
               groups.label AS "group_label?", roles.away_until
          FROM roles
          JOIN people USING (person_id)
          LEFT JOIN addresses ON addresses.person_id = roles.person_id AND addresses.is_primary
          LEFT JOIN groups ON groups.group_id = roles.group_id
         WHERE roles.kind = ANY($2)
           AND (roles.group_id = ANY($3) OR roles.group_id IS NULL)
           AND roles.starts_on <= $1
           AND (roles.ends_on IS NULL OR roles.ends_on > $1)
         ORDER BY roles.starts_on, roles.role_id
        "#,
        today,
        &names(kinds),
        &groups
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(HolderRow::holder).collect()
}

/// Holders of that day of one kind at the nearest ancestor-or-self that has any.
///
/// # Errors
/// The database's.
async fn nearest(connection: &mut PgConnection, today: NaiveDate, kind: RoleKind, group: GroupId) -> sqlx::Result<Vec<Holder>> {
    let rows = sqlx::query_as!(
        HolderRow,
        r#"
        SELECT person_id AS "person_id!",
               name AS "name!",
               address AS "address!",
               alias,
               kind AS "kind!",
               group_id,
               group_label AS "group_label?",
               away_until
          FROM (SELECT roles.role_id, roles.person_id, people.name, coalesce(roles.alias, addresses.address, '') AS address, roles.alias,
                       roles.kind, roles.group_id, groups.label AS group_label, roles.away_until, roles.starts_on,
                       rank() OVER (ORDER BY group_ancestors.distance) AS place
                  FROM group_ancestors
                  JOIN roles ON roles.group_id = group_ancestors.ancestor_id
                  JOIN people USING (person_id)
                  JOIN groups ON groups.group_id = roles.group_id
                  LEFT JOIN addresses ON addresses.person_id = roles.person_id AND addresses.is_primary
                 WHERE group_ancestors.group_id = $1
                   AND roles.kind = $2
                   AND roles.starts_on <= $3
                   AND (roles.ends_on IS NULL OR roles.ends_on > $3)) AS above
         WHERE place = 1
         ORDER BY starts_on, role_id
        "#,
        group.0,
        kind.as_str(),
        today
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(HolderRow::holder).collect()
}

/// Liaison managers at the nearest ancestor-or-self that has one (domain.md 1); none where the peer has no manager.
///
/// # Errors
/// The database's.
pub async fn managers_for(connection: &mut PgConnection, today: NaiveDate, group: GroupId) -> sqlx::Result<Vec<Holder>> {
    nearest(connection, today, RoleKind::LiaisonManager, group).await
}

/// The responsible AD of a WG, else the ADs of its area; of an area its ADs.
///
/// # Errors
/// The database's.
pub async fn responsible_directors(connection: &mut PgConnection, today: NaiveDate, group: GroupId) -> sqlx::Result<Vec<Holder>> {
    let own = holders(connection, today, &[RoleKind::ResponsibleAreaDirector], &[group]).await?;
    if own.is_empty() { nearest(connection, today, RoleKind::AreaDirector, group).await } else { Ok(own) }
}

/// *Chairs of a group* (domain.md 1): of a WG its chairs; of an area its ADs; of the home organization and the IESG
/// the IETF Chair; of the IAB its chair; where nobody holds it, the responsible AD, else the area's ADs, else the
/// coordinators.
///
/// # Errors
/// The database's; no such group.
pub async fn chairs_of(connection: &mut PgConnection, today: NaiveDate, group: GroupId) -> sqlx::Result<Vec<Holder>> {
    let row = sqlx::query!("SELECT kind, is_home FROM groups WHERE group_id = $1", group.0).fetch_one(&mut *connection).await?;
    let own = match (row.kind.as_str(), row.is_home) {
        ("area", true) => holders(connection, today, &[RoleKind::AreaDirector], &[group]).await?,
        ("organization" | "iesg", true) => holders(connection, today, &[RoleKind::IetfChair], &[]).await?,
        ("iab", true) => holders(connection, today, &[RoleKind::IabChair], &[]).await?,
        ("irtf", true) => holders(connection, today, &[RoleKind::IrtfChair], &[]).await?,
        _ => holders(connection, today, &[RoleKind::Chair], &[group]).await?,
    };
    if !own.is_empty() {
        return Ok(own);
    }
    let directors = responsible_directors(connection, today, group).await?;
    if !directors.is_empty() {
        return Ok(directors);
    }
    holders(connection, today, &[RoleKind::Coordinator], &[]).await
}

/// A role to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRole {
    /// To whom.
    pub person_id: PersonId,
    /// As what.
    pub kind: RoleKind,
    /// Where; exactly for the kinds that are held at a group.
    pub group_id: Option<GroupId>,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The first day without it.
    pub ends_on: Option<NaiveDate>,
    /// The role's own address.
    pub alias: Option<String>,
}

/// Gives a role; the caller records it in the history.
///
/// # Errors
/// The database's: `role_is_held_once_at_a_time`, `role_names_its_group`, `role_ends_after_it_starts`.
pub async fn add_role(connection: &mut PgConnection, role: &NewRole) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "INSERT INTO roles (person_id, kind, group_id, starts_on, ends_on, alias) VALUES ($1, $2, $3, $4, $5, $6) RETURNING role_id",
        role.person_id.0,
        role.kind.as_str(),
        role.group_id.map(|group| group.0),
        role.starts_on,
        role.ends_on,
        role.alias
    )
    .fetch_one(connection)
    .await
}

/// Sets the first day without a role, of the one that is held on that day or begins later; says whether there was one.
///
/// # Errors
/// The database's.
pub async fn end_role(
    connection: &mut PgConnection,
    person: PersonId,
    kind: RoleKind,
    group: Option<GroupId>,
    ends_on: NaiveDate,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        UPDATE roles
           SET ends_on = greatest($4, starts_on)
         WHERE person_id = $1
           AND kind = $2
           AND group_id IS NOT DISTINCT FROM $3
           AND (ends_on IS NULL OR ends_on > $4)
        "#,
        person.0,
        kind.as_str(),
        group.map(|group| group.0),
        ends_on
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Until when somebody is away, of all their roles; none: they are here.
///
/// # Errors
/// The database's.
pub async fn away_until(connection: &mut PgConnection, person: PersonId, today: NaiveDate) -> sqlx::Result<Option<NaiveDate>> {
    sqlx::query_scalar!(
        r#"SELECT max(away_until) FROM roles WHERE person_id = $1 AND (ends_on IS NULL OR ends_on > $2) AND away_until > $2"#,
        person.0,
        today
    )
    .fetch_one(connection)
    .await
}

/// The roles whose holders approve, and name who decides in their place while they are away (domain.md 4).
pub const APPROVERS: [RoleKind; 4] = [RoleKind::AreaDirector, RoleKind::ResponsibleAreaDirector, RoleKind::IetfChair, RoleKind::IabChair];

/// Says until when somebody is away, in all the roles they hold, and who approves in their place; none: they are here. Whether
/// that is new.
///
/// # Errors
/// The database's.
pub async fn set_away(
    connection: &mut PgConnection,
    person: PersonId,
    until: Option<NaiveDate>,
    stand_in: Option<PersonId>,
    today: NaiveDate,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE roles
            SET away_until = $2, stand_in_id = CASE WHEN kind = ANY ($5) THEN $4::bigint END
          WHERE person_id = $1
            AND (ends_on IS NULL OR ends_on > $3)
            AND (away_until, stand_in_id) IS DISTINCT FROM ($2, CASE WHEN kind = ANY ($5) THEN $4::bigint END)",
        person.0,
        until,
        today,
        stand_in.map(|person| person.0),
        &names(&APPROVERS)
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// A role as it stands, of any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRole {
    /// As what.
    pub kind: String,
    /// The group's label; empty for roles of the tracker.
    pub group_label: String,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The first day without it.
    pub ends_on: Option<NaiveDate>,
    /// The role's own address.
    pub alias: Option<String>,
}

/// All roles that somebody holds, held or will hold, the newest first.
///
/// # Errors
/// The database's.
pub async fn roles_of(connection: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<HeldRole>> {
    sqlx::query_as!(
        HeldRole,
        r#"
        SELECT roles.kind, coalesce(groups.label, '') AS "group_label!", roles.starts_on, roles.ends_on, roles.alias
          FROM roles
          LEFT JOIN groups USING (group_id)
         WHERE roles.person_id = $1
         ORDER BY roles.starts_on DESC, roles.role_id DESC
        "#,
        person.0
    )
    .fetch_all(connection)
    .await
}

/// The group of that acronym, in any case, and its label.
///
/// # Errors
/// The database's.
pub async fn group_of_acronym(connection: &mut PgConnection, acronym: &str) -> sqlx::Result<Option<(GroupId, String)>> {
    let row = sqlx::query!("SELECT group_id, label FROM groups WHERE lower(acronym) = lower($1)", acronym).fetch_optional(connection).await?;
    Ok(row.map(|row| (GroupId(row.group_id), row.label)))
}

/// Whom somebody who is away named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandIn {
    /// Who is away.
    pub of: PersonId,
    /// Who decides in their place.
    pub person_id: PersonId,
    /// The primary address of who decides.
    pub address: Option<String>,
}

/// Who decides in the place of these people, of those who are away that day.
///
/// # Errors
/// The database's.
pub async fn stand_ins(connection: &mut PgConnection, today: NaiveDate, away: &[PersonId]) -> sqlx::Result<Vec<StandIn>> {
    let away: Vec<i64> = away.iter().map(|person| person.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT roles.person_id, stand_in_id AS "stand_in_id!", address AS "address?"
          FROM roles
          LEFT JOIN addresses ON addresses.person_id = stand_in_id AND is_primary
         WHERE roles.person_id = ANY ($1)
           AND stand_in_id IS NOT NULL
           AND away_until > $2
           AND (ends_on IS NULL OR ends_on > $2)
         ORDER BY stand_in_id
        "#,
        &away,
        today
    )
    .fetch_all(connection)
    .await?;
    let stand_in = |of, person_id, address| StandIn { of: PersonId(of), person_id: PersonId(person_id), address };
    Ok(rows.into_iter().map(|row| stand_in(row.person_id, row.stand_in_id, row.address)).collect())
}

/// The roles that somebody holds on a day.
///
/// # Errors
/// The database's.
pub async fn current_roles(connection: &mut PgConnection, today: NaiveDate, person: PersonId) -> sqlx::Result<Vec<Role>> {
    let rows = sqlx::query!(
        r#"
        SELECT roles.kind, roles.group_id, coalesce(groups.label, '') AS "group_label!", roles.alias, roles.away_until,
               (SELECT ancestor_id FROM group_ancestors WHERE group_ancestors.group_id = roles.group_id ORDER BY distance DESC LIMIT 1) AS root_id
          FROM roles
          LEFT JOIN groups USING (group_id)
         WHERE roles.person_id = $1
           AND roles.starts_on <= $2
           AND (roles.ends_on IS NULL OR roles.ends_on > $2)
         ORDER BY roles.role_id
        "#,
        person.0,
        today
    )
    .fetch_all(connection)
    .await?;
    let role = |kind: &str| RoleKind::parse(kind).ok_or_else(|| sqlx::Error::Decode(format!("{kind} is no kind of role").into()));
    rows.into_iter()
        .map(|row| {
            Ok(Role {
                kind: role(&row.kind)?,
                group_id: row.group_id.map(GroupId),
                root_id: row.root_id.map(GroupId),
                group_label: row.group_label,
                alias: row.alias,
                away_until: row.away_until,
            })
        })
        .collect()
}

/// Whom somebody, who is away, named in their place: name and address.
///
/// # Errors
/// The database's.
pub async fn stand_in_of(connection: &mut PgConnection, person: PersonId, today: NaiveDate) -> sqlx::Result<Option<(String, String)>> {
    let row = sqlx::query!(
        r#"
        SELECT people.name, addresses.address
          FROM roles
          JOIN people ON people.person_id = stand_in_id
          JOIN addresses ON addresses.person_id = stand_in_id AND is_primary
         WHERE roles.person_id = $1
           AND away_until > $2
           AND (ends_on IS NULL OR ends_on > $2)
         LIMIT 1
        "#,
        person.0,
        today
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.name, row.address)))
}

/// Stand-ins end with the day on which the holder is back, or the role ends.
///
/// # Errors
/// The database's.
pub async fn end_stand_ins(connection: &mut PgConnection, today: NaiveDate) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE roles SET stand_in_id = NULL WHERE stand_in_id IS NOT NULL AND (away_until IS NULL OR away_until <= $1 OR ends_on <= $1)",
        today
    )
    .execute(connection)
    .await?;
    Ok(())
}
