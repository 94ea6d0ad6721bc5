//! Posting: the number, the actions, the mails; in the transaction of what made it possible.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::App;
use crate::history::{self, Audience, Noted};
use crate::ids::{GroupId, PersonId};
use crate::mail::{MailedAttachment, Message, Recipient, files_that_fit, outbox};
use crate::people::{self, RoleKind};
use crate::statements::attachments::{Attachment, Visibility};
use crate::statements::letter::Letter;
use crate::statements::mails::{self, About};
use crate::statements::receipt::{self, Receipt};
use crate::statements::recipients::{self, outgoing};
use crate::statements::store::steps::{self, NewAction};
use crate::statements::store::{Found, Locked, documents, files, replies as store_of_replies};
use crate::statements::{Direction, replies};
use crate::{unrecorded, urls};

/// What the mails at posting need beside the number.
struct PostingMails {
    attachments: Vec<Attachment>,
    /// Of an incoming one all; of an outgoing one who gets the letter.
    first: Vec<Recipient>,
    /// Of an outgoing one who gets the acknowledgement.
    acknowledged: Vec<Recipient>,
    /// Who checked an incoming one standing in for the manager; empty: nobody stood in.
    checked: String,
}

impl PostingMails {
    async fn gather(app: &App, connection: &mut PgConnection, found: &Found, letter: &Letter, checked: &str) -> sqlx::Result<Self> {
        let attachments = files::list(&mut *connection, found.statement_id).await?;
        let author = found.case.author_id;
        let checked = checked.to_owned();
        if letter.direction == Direction::Outgoing {
            let first = outgoing::of_letter(&mut *connection, letter).await?;
            let acknowledged = outgoing::acknowledged(app, connection, letter, author, &first).await?;
            return Ok(Self { attachments, first, acknowledged, checked });
        }
        let first = recipients::when_posted(app, connection, letter, author).await?;
        Ok(Self { attachments, first, acknowledged: Vec::new(), checked })
    }

    fn write(&self, app: &App, found: &Found, letter: &Letter, actions: &[NewAction], number: i32) -> anyhow::Result<Vec<Message>> {
        let about = About {
            statement_id: found.statement_id,
            draft_id: found.draft_id.clone(),
            label: app.config.statement_label.clone(),
            url: app.config.absolute(&urls::statement(number)),
        };
        let mailed = recipients::mailed_files(app, number, &self.attachments);
        if letter.direction != Direction::Outgoing {
            return Ok(vec![mails::incoming_posted(&about, number, letter, actions, &mailed, &self.checked, self.first.clone())?]);
        }
        let home = &app.installation().home_name;
        let mut messages = Vec::new();
        let public = self.attachments.iter().filter(|file| file.visibility == Visibility::Public && !file.is_for_those_concerned());
        let attached: Vec<MailedAttachment> = public
            .filter_map(|file| {
                let (file_name, media_type) = (file.file_name.clone(), file.media_type.clone());
                Some(MailedAttachment { file_id: file.file_id?, file_name, media_type, size: file.size })
            })
            .collect();
        let attached = files_that_fit(&app.config, &attached);
        let is_mailed = !self.first.is_empty();
        if is_mailed {
            messages.push(mails::outgoing::letter(&about, number, letter, home, &mailed, attached, self.first.clone())?);
        }
        messages.push(mails::outgoing::acknowledgement(&about, number, letter, home, &mailed, is_mailed, self.acknowledged.clone())?);
        Ok(messages)
    }
}

/// The mails that go at posting, with the number it gets if nothing else is posted before; `checked`: by whom, standing in.
///
/// # Errors
/// The database's.
pub async fn preview(app: &App, connection: &mut PgConnection, found: &Found, letter: &Letter, checked: &str) -> anyhow::Result<Vec<Message>> {
    let number = steps::expected_number(&mut *connection).await?;
    let actions = planned_actions(app, connection, found, letter).await?;
    PostingMails::gather(app, connection, found, letter, checked).await?.write(app, found, letter, &actions, number)
}

/// The receipt to the sender, as it would go; none: nobody is named whom it was received from.
///
/// # Errors
/// The database's.
pub async fn preview_receipt(app: &App, connection: &mut PgConnection, found: &Found, letter: &Letter) -> anyhow::Result<Option<Message>> {
    let number = steps::expected_number(&mut *connection).await?;
    let actions = planned_actions(app, connection, found, letter).await?;
    Receipt::of_letter(app, connection, letter).await?.map(|receipt| receipt.write(app, found, letter, &actions, number)).transpose()
}

/// The actions that posting makes; of an incoming one the assignee is the recorder if a chair or secretary of the group
/// (domain.md 3).
///
/// # Errors
/// The database's.
pub async fn planned_actions(app: &App, connection: &mut PgConnection, found: &Found, letter: &Letter) -> anyhow::Result<Vec<NewAction>> {
    let mut actions = if letter.direction == Direction::Outgoing {
        mails::awaited_at_posting(letter)
    } else {
        of_incoming(app, &mut *connection, found, letter).await?
    };
    // who saw to what it replaces keeps it (domain.md 3)
    if let Some((replaced, _)) = letter.sending.replaces {
        for (group, person, name) in store_of_replies::assignees(connection, replaced).await? {
            for action in actions.iter_mut().filter(|action| action.group_id == group) {
                action.assignee = Some((person, name.clone()));
            }
        }
    }
    Ok(actions)
}

async fn of_incoming(app: &App, connection: &mut PgConnection, found: &Found, letter: &Letter) -> anyhow::Result<Vec<NewAction>> {
    let groups: Vec<GroupId> = letter.to.iter().map(|addressee| addressee.group.group_id).collect();
    let holders = people::store::holders(&mut *connection, app.today(), &[RoleKind::Chair, RoleKind::Secretary], &groups).await?;
    let author = match (found.case.author_id, letter.is_mine) {
        (Some(id), None | Some(true)) => people::store::name_of(&mut *connection, id).await?.map(|name| (id, name)),
        _ => None,
    };
    Ok(mails::actions_at_posting(letter, app.today(), app.config.answer_within_days, |addressee| {
        let speaks_for = |id: PersonId| holders.iter().any(|holder| holder.person_id == id && holder.group_id == Some(addressee.group.group_id));
        let chose_it = letter.is_mine == Some(true) && addressee.is_lead;
        author.clone().filter(|(id, _)| chose_it || speaks_for(*id))
    }))
}

/// Posts, in the transaction of what made it possible: actions, what it answers, history, mail. Whoever posts meanwhile waits
/// from the number on, so that as little as can be comes after it.
///
/// # Errors
/// The database's.
pub async fn post(
    app: &App,
    connection: &mut PgConnection,
    locked: &Locked,
    letter: &Letter,
    checked: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<i32> {
    let actions = planned_actions(app, &mut *connection, locked, letter).await?;
    steps::make_actions(&mut *connection, locked, now, &actions).await?;
    let answered = replies::close_answered(&mut *connection, locked, letter, now).await?;
    let manager_text = recipients::manager_text(app, &mut *connection, letter).await?;
    let mails = PostingMails::gather(app, &mut *connection, locked, letter, checked).await?;
    let receipt = Receipt::at_posting(app, &mut *connection, locked, letter).await?;
    let cited = documents::named(&mut *connection, locked.statement_id).await?;
    unrecorded::store::recorded(&mut *connection, locked.statement_id).await?;
    let line = |event, words: &str| Noted {
        statement_id: locked.statement_id,
        event,
        words: words.to_owned(),
        changes: json!({}),
        audience: Audience::Public,
    };
    let mut noted = vec![line("posted", "posted it")];
    noted.extend(receipt.iter().map(|_| line(receipt::SENT, receipt::SENT_IN_WORDS)));
    history::note_all(&mut *connection, now, &noted).await?;
    // the mails are written for the number that comes next, and anew if somebody posts meanwhile: so few wait for them
    let written = |number| -> anyhow::Result<Vec<Message>> {
        let mut messages = mails.write(app, locked, letter, &actions, number)?;
        if let Some(receipt) = &receipt {
            messages.push(receipt.write(app, locked, letter, &actions, number)?);
        }
        Ok(messages)
    };
    steps::make_ready(&mut *connection, locked).await?;
    let expected = steps::expected_number(&mut *connection).await?;
    let queued = outbox::queue_all(&mut *connection, &app.config, now, &written(expected)?).await?;

    let number = steps::post(&mut *connection, locked, now, &manager_text, &cited).await?;
    if number != expected {
        outbox::write_anew(&mut *connection, &queued, &written(number)?).await?;
    }
    history::note_all(connection, now, &replies::noted(app, &answered, number)).await?;
    Ok(number)
}
