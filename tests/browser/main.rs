//! The pages in a real browser.

mod accessibility;
mod deeds;
mod editing;
mod hostile;
mod keyboard;
mod mails;
mod nothing_lost;
mod outgoing;
mod pages;
mod recording;
mod replies;
#[path = "../it/support/mod.rs"]
#[expect(dead_code, reason = "shared with the other tests; not all of it is needed here")]
mod shared;
mod stories;
mod support;
mod unrecorded;
