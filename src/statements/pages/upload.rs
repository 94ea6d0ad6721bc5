//! Forms that bring files: text is kept whatever is wrong with a file, memory stays small whatever is sent.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::header;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::time::{Sleep, sleep};

use crate::App;
use crate::statements::attachments::{self, Refused, Stored};
use crate::statements::store::files;
use crate::web::error::Error;
use crate::web::extract::without_nul;
use crate::web::forms::Problems;
use crate::web::kept::Typed;

/// Bytes of all text fields together.
const TEXT_BYTES: usize = 2_000_000;
/// Fields and files together.
const MOST_PARTS: usize = 2_000;
/// Longest name of a field that is kept, in characters; ours are far shorter.
const LONGEST_NAME: usize = 100;
/// Files a form can bring at once.
const MOST_FILES: usize = 50;
/// All bytes of a form, as a multiple of the largest file.
const TIMES_THE_LARGEST: u64 = 8;
/// Bytes that may come without a field or part of one having been given: bounds a part's headers.
const AHEAD: i64 = 1024 * 1024;
/// How long a form may take in all: files that belong to nothing are swept away after an hour.
const LONGEST: Duration = Duration::from_mins(50);

/// What a form brought.
#[derive(Debug, Default)]
pub struct FormWithFiles {
    /// Text fields in the order sent; repeated ones are kept.
    pub fields: Vec<(String, String)>,
    /// Files by the name of their field, stored and not yet attached.
    pub files: Vec<(String, Stored)>,
    /// What is wrong with files or with the form as a whole, by field.
    pub problems: Problems,
    /// Everything was read. Where not, nothing of the form may be saved: text may be cut. Show it again, status 413.
    pub is_complete: bool,
}

impl FormWithFiles {
    /// Reads a form, storing its files on the way. Takes the request itself, so that a handler can ask
    /// `permissions` before anything is read.
    ///
    /// Files that are too big or empty are problems, and the rest is read on. Whoever calls attaches the files
    /// or calls [`FormWithFiles::discard`].
    ///
    /// # Errors
    /// No form at all; the database's.
    pub async fn read(app: &App, request: Request) -> Result<Self, Error> {
        let typed = request.extensions().get::<Typed>().cloned();
        let mut form = Self::default();
        let done = form.take_in(app, request, true).await;
        if let Some(typed) = typed {
            typed.keep(form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        }
        match done {
            Ok(()) => Ok(form),
            Err(error) => {
                form.discard(app).await;
                Err(error)
            }
        }
    }

    async fn take_in(&mut self, app: &App, request: Request, with_files: bool) -> Result<(), Error> {
        let pace = Arc::new(Pace::default());
        let most = app.config.max_file_bytes.saturating_mul(TIMES_THE_LARGEST);
        let mut request = request.map(|body| Body::from_stream(Paced::new(body, most, LONGEST, Arc::clone(&pace))));
        // bytes are counted below, by what they are
        DefaultBodyLimit::disable().apply(&mut request);
        if is_without_files(&request) {
            *self = Self::without_files(request).await?;
            return Ok(());
        }
        let mut multipart = Multipart::from_request(request, app)
            .await
            .map_err(|_| Error::Unreadable("The form came in a way that can't be understood. Go back and send it again.".to_owned()))?;
        self.read_parts(app, &mut multipart, &pace, with_files).await
    }

    /// Takes the stored files away again.
    pub async fn discard(&mut self, app: &App) {
        for (_, stored) in self.files.drain(..) {
            if let Err(error) = files::delete(&app.pool, stored.file_id).await {
                tracing::warn!(error = format!("{error:#}"), "an upload stays until the next sweep");
            }
        }
    }

    /// The first value of a field; empty where it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Every value of a field.
    pub fn texts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    async fn without_files(request: Request) -> Result<Self, Error> {
        let bytes = axum::body::to_bytes(request.into_body(), TEXT_BYTES)
            .await
            .map_err(|_| Error::TooLarge("The form holds more text than can be kept: 2 MB in all.".to_owned()))?;
        let mut pairs = url::form_urlencoded::parse(&bytes);
        let fields = pairs.by_ref().take(MOST_PARTS).map(|(name, value)| (without_nul(&name), without_nul(&value))).collect();
        let mut form = Self { fields, is_complete: true, ..Self::default() };
        if pairs.next().is_some() {
            form.refuse_parts();
        }
        Ok(form)
    }

    fn refuse_parts(&mut self) {
        self.is_complete = false;
        self.problems.add("file", format!("The form has more than {MOST_PARTS} fields and files. Leave some out"));
    }

    /// Where a file can't be stored, the rest of the text is read all the same, to be given back.
    async fn read_parts(&mut self, app: &App, multipart: &mut Multipart, pace: &Pace, with_files: bool) -> Result<(), Error> {
        let mut text_left = TEXT_BYTES;
        let (mut parts, mut seen_files) = (0, 0);
        let mut failed = None;
        self.is_complete = true;
        loop {
            pace.go_on();
            let field = match multipart.next_field().await {
                Ok(Some(field)) => field,
                Ok(None) => return failed.map_or(Ok(()), Err),
                Err(_) => return failed.map_or_else(|| self.stop(app, pace), Err),
            };
            parts += 1;
            if parts > MOST_PARTS {
                self.refuse_parts();
                return failed.map_or(Ok(()), Err);
            }
            let is_whole = if field.file_name().is_some() && (!with_files || failed.is_some()) {
                skip(field, pace).await.0
            } else if field.file_name().is_some() {
                match self.read_file(app, field, pace, &mut seen_files).await {
                    Ok(is_whole) => is_whole,
                    Err(error) => {
                        failed = Some(error);
                        true
                    }
                }
            } else {
                self.read_text(field, pace, &mut text_left).await
            };
            if !is_whole {
                return failed.map_or_else(|| self.stop(app, pace), Err);
            }
        }
    }

    /// Says whether the field's end was reached.
    async fn read_text(&mut self, mut field: Field<'_>, pace: &Pace, left: &mut usize) -> bool {
        let name: String = without_nul(field.name().unwrap_or_default()).chars().take(LONGEST_NAME).collect();
        let mut bytes = Vec::new();
        let mut is_cut = false;
        *left = left.saturating_sub(name.len());
        let is_whole = loop {
            pace.go_on();
            match field.chunk().await {
                Ok(Some(some)) => {
                    let kept = some.len().min(*left);
                    bytes.extend_from_slice(&some[..kept]);
                    *left -= kept;
                    is_cut |= kept < some.len();
                }
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        if is_cut {
            self.is_complete = false;
            if self.problems.of(&name).is_empty() {
                self.problems.add(&name, "The form holds more text than can be kept: 2 MB in all. Shorten it, or attach it as a file");
            }
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                if !is_cut {
                    self.is_complete = false;
                    self.problems.add(&name, "The text holds bytes that are no characters. Copy it again");
                }
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }
        };
        self.fields.push((name, without_nul(&text)));
        is_whole
    }

    /// Says whether the file's end was reached. `seen` counts all with a name or with bytes: a field in which no
    /// file was chosen has neither.
    async fn read_file(&mut self, app: &App, mut field: Field<'_>, pace: &Pace, seen: &mut usize) -> Result<bool, Error> {
        let name = without_nul(field.name().unwrap_or_default());
        let sent_name = field.file_name().unwrap_or_default().to_owned();
        if *seen >= MOST_FILES {
            let (is_whole, has_bytes) = skip(field, pace).await;
            if has_bytes || !sent_name.is_empty() {
                *seen += 1;
                if *seen == MOST_FILES + 1 {
                    self.problems.add(&name, format!("At most {MOST_FILES} files can be added at once. Add the others after these"));
                }
            }
            return Ok(is_whole);
        }
        let bytes = (&mut field).inspect(|_| pace.go_on());
        let received = attachments::receive(&app.pool, app.clock.now(), &sent_name, bytes, app.config.max_file_bytes).await;
        // a field without a chosen file
        if sent_name.is_empty() && matches!(received, Err(Refused::Empty { .. })) {
            return Ok(true);
        }
        *seen += 1;
        match received {
            Ok(stored) => {
                self.files.push((name, stored));
                Ok(true)
            }
            Err(Refused::BrokenOff) => Ok(false),
            Err(Refused::Database(error)) => {
                skip(field, pace).await;
                Err(error.into())
            }
            Err(refused) => {
                self.problems.add(&name, refused.words().unwrap_or_default());
                Ok(skip(field, pace).await.0)
            }
        }
    }

    /// The body ended before the form did.
    fn stop(&mut self, app: &App, pace: &Pace) -> Result<(), Error> {
        self.is_complete = false;
        let words = if pace.is_too_large.load(Ordering::Relaxed) {
            let most = attachments::size_words(app.config.max_file_bytes.saturating_mul(TIMES_THE_LARGEST));
            format!("All files of a form together must be smaller than {most}. Add some of them, save, then add the others")
        } else if pace.is_too_slow.load(Ordering::Relaxed) {
            "The upload took more than 50 minutes. Add some of the files, save, then add the others".to_owned()
        } else {
            "The upload broke off before its end. Choose the files again".to_owned()
        };
        self.problems.add("file", words);
        Ok(())
    }
}

/// The text fields alone, as far as they can be read: to be given back where nothing could be done with them.
pub async fn texts(app: &App, request: Request) -> Vec<(String, String)> {
    let mut form = FormWithFiles::default();
    // whatever stopped it, what was read is there
    let _ = form.take_in(app, request, false).await;
    form.fields
}

fn is_without_files(request: &Request) -> bool {
    request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"))
}

/// Reads a field to its end without keeping anything; says whether the end was reached, and whether there was anything.
async fn skip(mut field: Field<'_>, pace: &Pace) -> (bool, bool) {
    let mut has_bytes = false;
    loop {
        pace.go_on();
        match field.chunk().await {
            Ok(Some(bytes)) => has_bytes |= !bytes.is_empty(),
            Ok(None) => return (true, has_bytes),
            Err(_) => return (false, has_bytes),
        }
    }
}

/// What the reader of parts and the body below it know of each other.
#[derive(Debug)]
struct Pace {
    ahead: AtomicI64,
    is_too_large: AtomicBool,
    is_too_slow: AtomicBool,
}

impl Default for Pace {
    fn default() -> Self {
        Self { ahead: AtomicI64::new(AHEAD), is_too_large: AtomicBool::new(false), is_too_slow: AtomicBool::new(false) }
    }
}

impl Pace {
    /// Something was given; more may come.
    fn go_on(&self) {
        self.ahead.store(AHEAD, Ordering::Relaxed);
    }
}

/// A body that gives one piece at a time: multer reads on as long as there is anything, keeping all of it.
struct Paced {
    body: BodyDataStream,
    left: u64,
    pace: Arc<Pace>,
    must_pause: bool,
    end: Pin<Box<Sleep>>,
}

impl Paced {
    fn new(body: Body, most: u64, longest: Duration, pace: Arc<Pace>) -> Self {
        Self { body: body.into_data_stream(), left: most, pace, must_pause: false, end: Box::pin(sleep(longest)) }
    }
}

impl Stream for Paced {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.must_pause {
            self.must_pause = false;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.end.as_mut().poll(context).is_ready() {
            self.pace.is_too_slow.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(std::io::Error::other("the form took too long"))));
        }
        if self.pace.ahead.load(Ordering::Relaxed) <= 0 {
            return Poll::Ready(Some(Err(std::io::Error::other("the headers of a part are too long"))));
        }
        match Pin::new(&mut self.body).poll_next(context) {
            Poll::Ready(Some(Ok(bytes))) => {
                let size = bytes.len() as u64;
                if size > self.left {
                    self.pace.is_too_large.store(true, Ordering::Relaxed);
                    return Poll::Ready(Some(Err(std::io::Error::other("the form is too large"))));
                }
                self.left -= size;
                self.pace.ahead.fetch_sub(i64::try_from(size).unwrap_or(i64::MAX), Ordering::Relaxed);
                self.must_pause = true;
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(std::io::Error::other(error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_form_that_trickles_in_for_ever_is_ended() {
        let trickle = futures_util::stream::unfold((), |()| async {
            sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, std::convert::Infallible>(Bytes::from_static(b"x")), ()))
        });
        let pace = Arc::new(Pace::default());
        let body = Paced::new(Body::from_stream(trickle), u64::MAX, Duration::from_millis(500), Arc::clone(&pace));

        let read = body.take_while(|piece| std::future::ready(piece.is_ok())).count().await;

        assert!((1..30).contains(&read) && pace.is_too_slow.load(Ordering::Relaxed), "{read}");
    }
}
