//! What stands beside the form of an outgoing statement: how the peer is written to, and the documents that are cited.

use sqlx::PgConnection;

use crate::App;
use crate::dates::long_date;
use crate::organizations::GroupFacts;
use crate::problems::Choice;
use crate::statements::citations::DocumentKind;
use crate::statements::citations::status::{DocumentStatus, Explaining, proposed_sentence};
use crate::statements::form::{StatementForm, mailbox};
use crate::statements::reading::Reading;
use crate::statements::{Direction, explaining, proposing};
use crate::urls;

/// What an author should know of an addressed peer.
pub struct PeerShown {
    /// Its label.
    pub label: String,
    /// Its stored *send to*, and who last confirmed it when.
    pub send_to: String,
    /// How it is written to: label and words.
    pub sending: Vec<(String, String)>,
    /// Notes of the peer, or of the nearest group above it that has some.
    pub notes: String,
    /// The last statement exchanged with it.
    pub last: Option<LastShown>,
}

/// Contacts of the last statement exchanged.
pub struct LastShown {
    /// "Statement 1877".
    pub name: String,
    /// Its page.
    pub url: String,
    /// Name and address of each.
    pub contacts: Vec<String>,
}

/// A cited document that may want explaining.
pub struct CitedShown {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// All statements that cite it.
    pub url: String,
    /// What the author may say it is; empty: its name says it.
    pub choices: Vec<Choice>,
    /// What it is, by its name.
    pub words: &'static str,
    /// The sentence that is proposed; empty: it is not known yet what the document is.
    pub sentence: String,
    /// "Explain it in the text", "The text says what it is".
    pub note: &'static str,
}

/// Of each peer that is addressed, as far as the form names known ones.
///
/// # Errors
/// The database's.
pub async fn peers(app: &App, connection: &mut PgConnection, reading: &Reading) -> sqlx::Result<Vec<PeerShown>> {
    let groups = reading.named.to.groups.iter().filter_map(|(id, _)| reading.groups.get(&crate::ids::GroupId(*id)));
    let addressed: Vec<&GroupFacts> = groups.filter(|group| !group.is_home).collect();
    let mut shown = Vec::new();
    for group in addressed.into_iter().take(5) {
        let proposal = proposing::proposed_contacts(app, &mut *connection, Direction::Outgoing, &[], &[group]).await?;
        let beside = proposing::beside(&mut *connection, group).await?;
        let send_to = proposal.send_to.map_or_else(String::new, |contact| {
            let of = if contact.of == group.label { String::new() } else { format!(", of {}", contact.of) };
            match (contact.confirmed_on, contact.confirmed_by) {
                (Some(day), Some(by)) => format!("{}{of}: last confirmed on {} by {by}", contact.mailbox, long_date(day)),
                (Some(day), None) => format!("{}{of}: last confirmed on {}", contact.mailbox, long_date(day)),
                _ => format!("{}{of}: nobody has confirmed it yet", contact.mailbox),
            }
        });
        let (sending, notes) = beside.sending.map_or_else(Default::default, |(of, sending)| {
            let facts = sending.facts().into_iter().map(|(label, words)| (label.to_owned(), words.to_owned())).collect();
            let notes = if of == group.label || sending.notes.is_empty() { sending.notes.clone() } else { format!("{of}: {}", sending.notes) };
            (facts, notes)
        });
        let last = beside.last.map(|last| LastShown {
            name: format!("{} {}", app.config.statement_label, last.number),
            url: urls::statement(last.number),
            contacts: last.contacts.iter().map(|(name, address)| mailbox(name, address)).collect(),
        });
        shown.push(PeerShown { label: group.label.clone(), send_to, sending, notes, last });
    }
    Ok(shown)
}

/// Documents of ours that the text cites, with what is to be said of them.
pub fn documents(form: &StatementForm, home: &str) -> Vec<CitedShown> {
    let of_ours = |cited: &explaining::Cited| matches!(cited.document.kind(), DocumentKind::Rfc | DocumentKind::InternetDraft);
    let cited = explaining::cited(&form.title, &form.body, &form.document_status).into_iter().filter(of_ours).take(40);
    cited
        .map(|cited| {
            let key = cited.document.key();
            let offered = DocumentStatus::choices(&cited.document);
            let stated = form.document_status.get(&key).map_or("", String::as_str);
            let choices = if offered.len() > 1 {
                std::iter::once(Choice::new("", "Not said yet", stated))
                    .chain(offered.iter().map(|status| Choice::new(status.as_str(), status.words(), stated)))
                    .collect()
            } else {
                Vec::new()
            };
            CitedShown {
                url: urls::document(&key),
                name: cited.document.name().to_owned(),
                words: if choices.is_empty() { cited.status.map_or("", DocumentStatus::words) } else { "" },
                choices,
                sentence: cited.status.map_or_else(String::new, |status| proposed_sentence(&cited.document, status, home)),
                note: match (cited.explaining, cited.is_explained) {
                    (Explaining::Sentence(_), true) => "The text says what it is.",
                    (Explaining::Sentence(_), false) => "Say in the text what it is: they may take it for more.",
                    (Explaining::AskStatus, _) => "",
                    (Explaining::No, _) => "Nothing needs to be explained.",
                },
                key,
            }
        })
        .collect()
}
