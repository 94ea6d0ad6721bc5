//! SQL of the directory: all groups with the names people call them by, kept in memory until a group changes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sqlx::PgConnection;

use crate::organizations::directory::{Directory, Known};

/// The directory of each database this process knows, with the version of the groups it was made from.
static KEPT: RwLock<Option<Kept>> = RwLock::new(None);

/// By the database's name: the version of its groups, and what was made of them.
type Kept = HashMap<String, (i64, Arc<Directory>)>;

/// All groups with their names; made anew only after a change of the groups (one small query tells).
///
/// # Errors
/// The database's.
pub async fn directory(connection: &mut PgConnection) -> sqlx::Result<Arc<Directory>> {
    let version = sqlx::query!(r#"SELECT version, current_database()::text AS "database!" FROM group_version"#).fetch_one(&mut *connection).await?;
    if let Some((kept, directory)) = KEPT.read().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|all| all.get(&version.database))
        && *kept == version.version
    {
        return Ok(Arc::clone(directory));
    }
    let rows = sqlx::query!(
        r#"
        SELECT groups.group_id, groups.acronym, groups.label, groups.name, groups.parent_id, groups.is_home, groups.state,
               (SELECT coalesce(array_agg(group_names.name) FILTER (WHERE group_names.name IS NOT NULL), '{}')
                  FROM group_names WHERE group_names.group_id = groups.group_id) AS "former_names!",
               (SELECT coalesce(array_agg(group_names.acronym) FILTER (WHERE group_names.acronym IS NOT NULL), '{}')
                  FROM group_names WHERE group_names.group_id = groups.group_id) AS "former_acronyms!"
          FROM groups
         ORDER BY groups.group_id
        "#
    )
    .fetch_all(connection)
    .await?;
    let known = rows.into_iter().map(|row| Known {
        group_id: row.group_id,
        acronym: row.acronym,
        label: Some(row.label),
        names: std::iter::once(row.name).chain(row.former_names).collect(),
        former_acronyms: row.former_acronyms,
        parent: row.parent_id,
        home: row.is_home,
        active: row.state == "active",
    });
    let directory = Arc::new(Directory::new(known.collect()));
    let mut kept = KEPT.write().unwrap_or_else(PoisonError::into_inner);
    kept.get_or_insert_default().insert(version.database, (version.version, Arc::clone(&directory)));
    Ok(directory)
}
