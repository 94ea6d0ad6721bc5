//! Atom (RFC 4287): the newest of a list, by posting.
//!
//! A letter may be recorded long after its date, so the latest posted of all are asked first whether they belong to the
//! list; the rest is filled with the list's own newest. So a feed costs the same in a small tracker and in a large one.

use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};

use super::store;
use crate::App;
use crate::statements::pages::asked::Asked;
use crate::statements::pages::row::purpose_words;
use crate::statements::status::{self, Reader};
use crate::statements::store::list::{self, Filter, Listed, Place, Reach};
use crate::web::error::Error;
use crate::web::urls;

/// Entries of a feed.
const ENTRIES: i64 = 50;
/// So many of the latest posted are asked whether they belong to it.
const LATEST: i64 = 1_000;
/// Characters of a text that an entry holds.
const TEXT: i32 = 20_000;

struct Entry {
    title: String,
    url: String,
    at: String,
    author: String,
    purpose: &'static str,
    summary: String,
    text: String,
}

#[derive(Template)]
#[template(path = "feeds/atom.xml")]
struct Feed {
    title: String,
    itself: String,
    page: String,
    updated: String,
    entries: Vec<Entry>,
}

/// The feed of a list.
///
/// # Errors
/// The database's.
pub async fn feed(app: &App, asked: &Asked) -> Result<String, Error> {
    let entries = entries(app, asked).await?;
    let address = |path: &str| app.config.absolute(&asked.url(path, None, Place::Top));
    let which = if asked.q.is_empty() { String::new() } else { format!(": {}", asked.q) };
    let feed = Feed {
        title: plain(&format!("Liaison statements of the {}{which}", app.installation().home_name)),
        itself: address("/statements.atom"),
        page: address("/statements"),
        updated: entries.first().map_or_else(|| instant(DateTime::UNIX_EPOCH), |entry| entry.at.clone()),
        entries,
    };
    Ok(feed.render()?)
}

async fn entries(app: &App, asked: &Asked) -> Result<Vec<Entry>, Error> {
    let filter = Filter { place: Place::Top, ..asked.filter() };
    let is_all = filter.words.is_none() && !filter.is_narrowed();
    let mut connection = app.pool.acquire().await?;
    let mut keys = store::latest(&mut connection, if is_all { ENTRIES } else { LATEST }).await?;
    // of all statements the latest posted are the feed, where there are enough of them
    if !is_all || keys.len() < usize::try_from(ENTRIES).unwrap_or_default() {
        keys = list::keys(&mut connection, &filter, Reach::Among(&keys)).await?;
        drop(connection);
        let newest: Vec<i32> = list::list(&app.pool, &filter).await?.rows.iter().map(|row| row.number).collect();
        connection = app.pool.acquire().await?;
        keys.extend(store::keys_of(&mut connection, &newest).await?);
    }
    let posted = store::posted(&mut connection, &keys, ENTRIES, TEXT).await?;
    let keys: Vec<i64> = posted.iter().map(|(key, _)| *key).collect();
    let listed = store::listed(&mut connection, &keys).await?;
    // two reads: what was removed between them is in neither
    let of = |number: i32| listed.iter().find(|listed| listed.number == number);
    Ok(posted.iter().filter_map(|(_, posted)| Some(entry(app, of(posted.number)?, posted))).collect())
}

fn entry(app: &App, listed: &Listed, posted: &store::Posted) -> Entry {
    let status = status::status(&listed.facts, Reader::Public, app.today()).sentence();
    Entry {
        title: plain(&listed.title),
        url: app.config.absolute(&urls::statement(listed.number)),
        at: instant(posted.at),
        author: if listed.from_text.trim().is_empty() { "Not recorded".to_owned() } else { plain(&listed.from_text) },
        purpose: purpose_words(listed.facts.purpose),
        summary: plain(&format!("{} → {}. {status}", listed.from_text, listed.to_text)),
        text: plain(&posted.text),
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Without the characters that XML 1.0 can't hold, escaped or not.
fn plain(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(plain("a\u{0}b\u{b}c\u{c}d\u{1b}e\u{fffe}f\u{ffff}g\th\r\ni\u{1f600}é"), "abcdefg\th\r\ni\u{1f600}é");
    }
}
