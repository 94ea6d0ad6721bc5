//! A tree of groups on a page: active ones shown, concluded ones folded away; large trees only by their first level.

use std::collections::HashMap;

use askama::Template;

use super::other_name;
use crate::ids::GroupId;
use crate::organizations::GroupState;
use crate::organizations::store::Below;
use crate::web::urls;

/// Groups below which a tree is shown whole.
const WHOLE: usize = 120;

/// A group with what is below it.
#[derive(Template)]
#[template(path = "parts/group_tree.html")]
pub struct Node {
    url: String,
    label: String,
    name: String,
    note: String,
    active: Vec<Node>,
    concluded: Vec<Node>,
}

/// What stands below a group.
pub struct Tree {
    /// Active and proposed ones.
    pub active: Vec<Node>,
    /// Concluded ones, folded away.
    pub concluded: Vec<Node>,
}

impl Tree {
    /// Whether nothing is below.
    pub fn is_empty(&self) -> bool {
        self.active.is_empty() && self.concluded.is_empty()
    }
}

/// The tree below `top`, of all its groups, parents before children.
pub fn of(top: GroupId, below: &[Below]) -> Tree {
    let mut children: HashMap<GroupId, Vec<&Below>> = HashMap::new();
    for group in below {
        children.entry(group.parent_id).or_default().push(group);
    }
    part(top, &children, below.len() > WHOLE)
}

fn part(top: GroupId, children: &HashMap<GroupId, Vec<&Below>>, only_counts: bool) -> Tree {
    let mut tree = Tree { active: Vec::new(), concluded: Vec::new() };
    for group in children.get(&top).into_iter().flatten() {
        let (below, note) = if only_counts {
            (Tree { active: Vec::new(), concluded: Vec::new() }, counts(group.group_id, children))
        } else {
            (part(group.group_id, children, false), String::new())
        };
        let note = if group.state == GroupState::Proposed { "proposed".to_owned() } else { note };
        let node = Node {
            url: if group.is_organization { urls::organization(&group.acronym) } else { urls::group(&group.acronym) },
            label: group.label.clone(),
            name: other_name(&group.name, &group.label),
            note,
            active: below.active,
            concluded: below.concluded,
        };
        if group.state == GroupState::Concluded { tree.concluded.push(node) } else { tree.active.push(node) }
    }
    tree
}

/// "23 active, 39 concluded" groups below one.
fn counts(group: GroupId, children: &HashMap<GroupId, Vec<&Below>>) -> String {
    let (mut active, mut concluded) = (0, 0);
    let mut waiting = vec![group];
    while let Some(next) = waiting.pop() {
        for below in children.get(&next).into_iter().flatten() {
            if below.state == GroupState::Concluded {
                concluded += 1
            } else {
                active += 1
            }
            waiting.push(below.group_id);
        }
    }
    match (active, concluded) {
        (0, 0) => String::new(),
        (active, 0) => format!("{active} groups"),
        (active, concluded) => format!("{active} active groups, {concluded} concluded"),
    }
}
