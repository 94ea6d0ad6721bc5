//! Groups, relationships and former names of a dump.

use chrono::Datelike;
use sqlx::PgPool;

use super::Options;
use super::mapping::{Known, KnownGroup};
use super::reader::{Source, SourceGroup};
use super::report::Report;
use super::store::{self, NewGroup};
use crate::dates::PartialDate;
use crate::ids::GroupId;
use crate::organizations::labels::display_label;
use crate::organizations::{GroupKind, GroupState};

/// What the groups of one tree have from its top.
#[derive(Clone)]
struct Top<'a> {
    acronym: &'a str,
    name: &'a str,
    is_home: bool,
}

/// A group of the dump, its place and what is to be written of it.
struct Planned {
    parent: Option<String>,
    group: NewGroup,
}

/// Writes groups, relationships and former acronyms in one transaction; gives all groups that are known then.
///
/// # Errors
/// The database's.
pub async fn import(pool: &PgPool, source: &Source, options: Options, report: &mut Report) -> anyhow::Result<Known> {
    let mut transaction = crate::database::begin(pool).await?;
    let mut known = store::known_groups(&mut transaction).await?;
    let had_home = store::home_is_there(&mut transaction).await?;
    let mut levels: Vec<Vec<Planned>> = Vec::new();
    for tree in &source.organizations {
        let is_home = tree.home && !had_home;
        let top =
            Top { acronym: &tree.acronym, name: &tree.name, is_home: is_home || known.get(&key(&tree.acronym)).is_some_and(|group| group.is_home) };
        collect(tree, None, &top, 0, &known, &mut levels, report);
    }
    // a trial needs keys to map statements by; they are never written
    let mut trial_id = 0;
    let mut ids = store::ids_by_acronym(&mut transaction).await?;
    for level in levels {
        let mut groups: Vec<NewGroup> = Vec::with_capacity(level.len());
        for planned in level {
            let acronym = key(&planned.group.acronym);
            if known.contains_key(&acronym) || groups.iter().any(|group| key(&group.acronym) == acronym) {
                report.note(&planned.group.acronym, "the acronym stands twice in the file; the second group is not imported", &planned.group.name);
                continue;
            }
            let parent_id =
                planned.parent.as_ref().and_then(|parent| ids.get(parent).copied().or_else(|| known.get(parent).map(|group| group.group_id)));
            if planned.parent.is_some() && parent_id.is_none() {
                report.note(&planned.group.acronym, "the group above it was not imported", &planned.parent.unwrap_or_default());
                continue;
            }
            groups.push(NewGroup { parent_id, ..planned.group });
        }
        report.groups += groups.len();
        if options.dry_run {
            for group in &groups {
                trial_id -= 1;
                ids.insert(key(&group.acronym), GroupId(trial_id));
            }
        } else {
            store::insert_groups(&mut transaction, &groups).await?;
            ids = store::ids_by_acronym(&mut transaction).await?;
        }
        for group in groups {
            if let Some(group_id) = ids.get(&key(&group.acronym)) {
                known.insert(key(&group.acronym), KnownGroup { group_id: *group_id, label: group.label, is_home: group.is_home });
            }
        }
    }
    relationships(&mut transaction, source, &known, options, report).await?;
    renamed(&mut transaction, source, &mut known, options, report).await?;
    if options.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    Ok(known)
}

fn key(acronym: &str) -> String {
    acronym.trim().to_lowercase()
}

fn collect(
    source: &SourceGroup,
    parent: Option<&str>,
    top: &Top<'_>,
    depth: usize,
    known: &Known,
    levels: &mut Vec<Vec<Planned>>,
    report: &mut Report,
) {
    if depth > 20 {
        report.note(&source.acronym, "the tree is deeper than 20 levels; it and all below it are not imported", &source.name);
        return;
    }
    let acronym = source.acronym.trim();
    let is_plain = acronym.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        && acronym.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !is_plain {
        report.note(acronym, "not an acronym; the group and all below it are not imported", &source.name);
        return;
    }
    if known.contains_key(&key(acronym)) {
        report.groups_known += 1;
    } else {
        while levels.len() <= depth {
            levels.push(Vec::new());
        }
        levels[depth].push(Planned { parent: parent.map(key), group: new_group(source, acronym, parent, top, report) });
    }
    for below in &source.groups {
        collect(below, Some(acronym), top, depth + 1, known, levels, report);
    }
}

fn new_group(source: &SourceGroup, acronym: &str, parent: Option<&str>, top: &Top<'_>, report: &mut Report) -> NewGroup {
    let name = if source.name.trim().is_empty() { acronym.to_owned() } else { source.name.trim().to_owned() };
    let kind = match (parent, source.kind.as_deref()) {
        (None, _) => GroupKind::Organization,
        (Some(_), None) => GroupKind::Group,
        (Some(_), Some(kind)) => match GroupKind::parse(kind) {
            Some(GroupKind::Organization) | None => {
                report.note(acronym, "not a kind of group; it is kept as a group", kind);
                GroupKind::Group
            }
            Some(kind) => kind,
        },
    };
    let state = source.state.as_deref().map_or(Some(GroupState::Active), GroupState::parse).unwrap_or_else(|| {
        report.note(acronym, "not a state of a group; it is kept as active", source.state.as_deref().unwrap_or_default());
        GroupState::Active
    });
    let mut day = |text: &Option<String>, first: bool| {
        let text = text.as_deref()?;
        let Some(date) = PartialDate::parse(text.trim()) else {
            report.note(acronym, "not a date", text);
            return None;
        };
        // of a month or a year: its first day for a beginning, its last for an end
        let last = date.last_day();
        Some(match (first, date) {
            (true, PartialDate::Month(..)) => last.with_day(1).unwrap_or(last),
            (true, PartialDate::Year(_)) => chrono::NaiveDate::from_ymd_opt(last.year(), 1, 1).unwrap_or(last),
            _ => last,
        })
    };
    NewGroup {
        parent_id: None,
        acronym: acronym.to_owned(),
        label: display_label(acronym, &name, top.acronym, top.name, top.is_home),
        name,
        kind: kind.as_str().to_owned(),
        is_home: top.is_home,
        state: state.as_str().to_owned(),
        may_send: kind.may_send() && source.may_send.unwrap_or(true),
        may_receive: source.may_receive.unwrap_or(true),
        started_on: day(&source.started, true),
        concluded_on: day(&source.concluded, false),
        scope_documents: source.scope_documents.clone(),
    }
}

async fn relationships(
    connection: &mut sqlx::PgConnection,
    source: &Source,
    known: &Known,
    options: Options,
    report: &mut Report,
) -> sqlx::Result<()> {
    for relationship in &source.relationships {
        let Some(group) = known.get(&key(&relationship.organization)) else {
            report.note("a relationship", "not a known group", &relationship.organization);
            continue;
        };
        let kind = match relationship.kind.as_str() {
            kind @ ("formal" | "informal") => kind,
            other => {
                report.note(&relationship.organization, "neither formal nor informal; it is kept as informal", other);
                "informal"
            }
        };
        if options.dry_run {
            report.relationships += 1;
        } else {
            report.relationships += usize::from(store::insert_relationship(connection, group.group_id, kind, relationship).await?);
        }
    }
    Ok(())
}

async fn renamed(connection: &mut sqlx::PgConnection, source: &Source, known: &mut Known, options: Options, report: &mut Report) -> sqlx::Result<()> {
    for renamed in &source.renamed {
        let Some(group) = known.get(&key(&renamed.now)).cloned() else {
            report.note("a former name", format!("what it is called now ({:?}) is not an acronym of the file", renamed.now), &renamed.was);
            continue;
        };
        match known.get(&key(&renamed.was)) {
            Some(other) if other.group_id == group.group_id => continue,
            Some(other) => {
                report.note("a former name", format!("it is the acronym of {}", other.label), &renamed.was);
                continue;
            }
            None => {}
        }
        if !options.dry_run {
            store::insert_former_acronym(connection, group.group_id, renamed.was.trim(), renamed.when.as_deref()).await?;
        }
        report.former_acronyms += 1;
        known.insert(key(&renamed.was), group);
    }
    Ok(())
}
