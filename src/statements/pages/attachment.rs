//! A stored file, byte for byte, so that no browser runs it as part of the site.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use sqlx::PgPool;

use crate::App;
use crate::dates::long_date;
use crate::ids::FileId;
use crate::people::Viewer;
use crate::permissions::{self, Deed};
use crate::statements::State as Life;
use crate::statements::attachments::{self, Attachment, formats, names};
use crate::statements::store::{self, Key, files};
use crate::web::error::{Error, ErrorDetails};
use crate::web::extract::{At, MaybeSignedIn};
use crate::web::urls;

/// A file of a posted statement.
///
/// # Errors
/// Not found, also where it is not for this person; the database's.
pub async fn posted(
    State(app): State<App>,
    At((number, n, name)): At<(String, i32, String)>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    asked: Asked,
) -> Result<Response, Error> {
    let (number, attachment) = posted_file(&app, &number, n, viewer.as_ref()).await?;
    serve(&app.pool, &attachment, &name, &urls::attachment(number, n, &attachment.file_name), &asked).await
}

/// The file of a posted statement and the statement's number, if it is for this person.
pub(super) async fn posted_file(app: &App, number: &str, n: i32, viewer: Option<&Viewer>) -> Result<(i32, Attachment), Error> {
    let number = super::number(number).ok_or(Error::NotFound)?;
    let mut connection = app.pool.acquire().await?;
    let found = store::find(&mut connection, Key::Number(number)).await?.ok_or(Error::NotFound)?;
    if found.case.state != Life::Posted {
        return Err(Error::NotFound);
    }
    let attachment = files::one(&mut connection, found.statement_id, n).await?.ok_or(Error::NotFound)?;
    if attachments::may_fetch(viewer, &found.case, &attachment) { Ok((number, attachment)) } else { Err(Error::NotFound) }
}

/// A file of a draft, for whoever may read the draft; for all others there is nothing. Once posted: its lasting address.
///
/// # Errors
/// Not found, also where the draft is not for this person; the database's.
pub async fn draft(
    State(app): State<App>,
    At((draft_id, n, name)): At<(String, i32, String)>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    asked: Asked,
) -> Result<Response, Error> {
    match draft_file(&app, &draft_id, n, viewer.as_ref()).await? {
        Ok(attachment) => serve(&app.pool, &attachment, &name, &urls::draft_attachment(&draft_id, n, &attachment.file_name), &asked).await,
        Err(number) => Ok(moved(&urls::attachment(number, n, &name))),
    }
}

/// The file of a draft, if it is for this person; of one that was posted its number.
pub(super) async fn draft_file(app: &App, draft_id: &str, n: i32, viewer: Option<&Viewer>) -> Result<Result<Attachment, i32>, Error> {
    let mut connection = app.pool.acquire().await?;
    let found = store::find(&mut connection, Key::Draft(draft_id)).await?.ok_or(Error::NotFound)?;
    match (found.case.state, found.number) {
        (Life::Posted, Some(number)) => return Ok(Err(number)),
        (Life::Draft | Life::InReview | Life::Abandoned, _) => (),
        _ => return Err(Error::NotFound),
    }
    permissions::may(viewer, Deed::ReadDraft, &found.case).map_err(|_| Error::NotFound)?;
    Ok(Ok(files::one(&mut connection, found.statement_id, n).await?.ok_or(Error::NotFound)?))
}

/// How a file is asked for: whole, in part, or only if it is another than the one at hand.
pub struct Asked {
    is_head: bool,
    headers: HeaderMap,
}

impl axum::extract::FromRequestParts<App> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &App) -> Result<Self, Self::Rejection> {
        Ok(Self { is_head: parts.method == Method::HEAD, headers: parts.headers.clone() })
    }
}

impl Asked {
    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the file at hand is the one we hold.
    fn is_at_hand(&self, etag: &str) -> bool {
        self.header(&header::IF_NONE_MATCH).is_some_and(|tags| tags == "*" || tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag))
    }

    /// The part asked for. A range is only for GET; with another `If-Range` than our tag the whole is meant (RFC 9110, 13.1.5).
    fn part(&self, etag: &str, size: u64) -> Part {
        if self.is_head || self.header(&header::IF_RANGE).is_some_and(|tag| tag != etag) {
            return Part::Whole;
        }
        self.header(&header::RANGE).map_or(Part::Whole, |range| part(range, size))
    }
}

/// What is sent of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// First and last byte.
    Range(u64, u64),
    /// Asked for bytes it does not have.
    Beyond,
}

/// Reads one range; several at once, other units and nonsense mean the whole file (RFC 9110, 14.2).
fn part(range: &str, size: u64) -> Part {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let Some((unit, set)) = range.split_once('=') else { return Part::Whole };
    let Some((first, last)) = set.trim().split_once('-') else { return Part::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return Part::Whole;
    }
    match (first.trim(), last.trim()) {
        ("", suffix) => match number(suffix) {
            None => Part::Whole,
            Some(0) => Part::Beyond,
            Some(_) if size == 0 => Part::Beyond,
            Some(length) => Part::Range(size - length.min(size), size - 1),
        },
        (first, last) => match (number(first), number(last), last.is_empty()) {
            (Some(first), _, true) if first >= size => Part::Beyond,
            (Some(first), _, true) => Part::Range(first, size - 1),
            (Some(first), Some(last), false) if last < first => Part::Whole,
            (Some(first), Some(_), false) if first >= size => Part::Beyond,
            (Some(first), Some(last), false) => Part::Range(first, last.min(size - 1)),
            _ => Part::Whole,
        },
    }
}

pub(super) fn moved(url: &str) -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, url.to_owned())]).into_response()
}

/// Sends a stored file, so that no browser runs it as part of the site.
///
/// # Errors
/// It is not there; the database's.
pub(crate) async fn serve(pool: &PgPool, attachment: &Attachment, name: &str, url: &str, asked: &Asked) -> Result<Response, Error> {
    if let Some(answer) = gone(attachment) {
        return Ok(answer);
    }
    if attachment.is_not_held {
        return Ok(not_held(attachment));
    }
    let file_id = attachment.file_id.ok_or(Error::NotFound)?;
    if name != attachment.file_name {
        return Ok(moved(url));
    }
    let etag = format!("\"{}\"", attachment.sha256);
    let mut headers = fixed_headers(attachment, &etag)?;
    if asked.is_at_hand(&etag) {
        headers.remove(header::CONTENT_TYPE);
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let size = attachment.size;
    let (status, first, end) = match asked.part(&etag, size) {
        Part::Whole => (StatusCode::OK, 0, size),
        Part::Range(first, last) => {
            headers.insert(header::CONTENT_RANGE, value(&format!("bytes {first}-{last}/{size}"))?);
            (StatusCode::PARTIAL_CONTENT, first, last + 1)
        }
        Part::Beyond => return beyond(size),
    };
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(end - first));
    if asked.is_head || first == end {
        return Ok((status, headers).into_response());
    }
    // the first chunk is read before anything is promised: a database that is away is an honest page
    let Some(chunk) = files::chunk(pool, file_id, chunk_of(first)).await? else {
        // held by another, too, from whom it was taken away
        if files::was_taken_away(pool, file_id).await? {
            return Ok(StatusCode::GONE.into_response());
        }
        return Err(anyhow::anyhow!("file {file_id} lacks its first chunk").into());
    };
    let bytes = Bytes::from(chunk);
    Ok((status, headers, streamed(Reading { pool: pool.clone(), file_id, at: first, end, ready: Some(bytes) })).into_response())
}

fn fixed_headers(attachment: &Attachment, etag: &str) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, value(formats::served_as(&attachment.media_type))?);
    headers.insert(header::CONTENT_DISPOSITION, value(&names::disposition(&attachment.file_name))?);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::ETAG, value(etag)?);
    Ok(headers)
}

fn value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|error| Error::Internal(anyhow::Error::new(error).context("a header of a file")))
}

fn beyond(size: u64) -> Result<Response, Error> {
    let mut response = (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, value(&format!("bytes */{size}"))?)]).into_response();
    response.extensions_mut().insert(ErrorDetails { words: format!("This file has {size} bytes; the part asked for lies beyond its end.") });
    Ok(response)
}

fn not_held(attachment: &Attachment) -> Response {
    let mut response = StatusCode::NOT_FOUND.into_response();
    let words = format!("The file \"{}\" is not held here: the statement was imported without it.", attachment.shown());
    response.extensions_mut().insert(ErrorDetails { words });
    response
}

/// What was taken away is gone for good; why is for whoever could have fetched it.
pub(super) fn gone(attachment: &Attachment) -> Option<Response> {
    let (at, why) = attachment.taken_away.as_ref()?;
    let mut response = StatusCode::GONE.into_response();
    let words = format!("The file \"{}\" was taken away on {}: {why}", attachment.shown(), long_date(at.date_naive()));
    response.extensions_mut().insert(ErrorDetails { words });
    Some(response)
}

/// Which chunk a byte stands in.
fn chunk_of(byte: u64) -> i32 {
    i32::try_from(byte / files::CHUNK_BYTES as u64).unwrap_or(i32::MAX)
}

/// How far a file was read; no connection is held while the browser takes its time.
struct Reading {
    pool: PgPool,
    file_id: FileId,
    at: u64,
    end: u64,
    ready: Option<Bytes>,
}

impl Reading {
    async fn next(&mut self) -> Result<Bytes, std::io::Error> {
        let chunk = match self.ready.take() {
            Some(chunk) => chunk,
            None => match files::chunk(&self.pool, self.file_id, chunk_of(self.at)).await {
                Ok(Some(chunk)) => Bytes::from(chunk),
                Ok(None) => return Err(self.broken("a chunk is missing")),
                Err(error) => return Err(self.broken(&format!("{error:#}"))),
            },
        };
        let from = usize::try_from(self.at % files::CHUNK_BYTES as u64).unwrap_or(usize::MAX);
        let wanted = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let to = chunk.len().min(from.saturating_add(wanted));
        if from >= to {
            return Err(self.broken("a chunk is too short"));
        }
        self.at += (to - from) as u64;
        Ok(chunk.slice(from..to))
    }

    /// The response ends before its length is reached, so that nobody takes the part for the whole.
    fn broken(&mut self, why: &str) -> std::io::Error {
        tracing::error!(file = %self.file_id, why, "a file could not be sent to its end");
        self.at = self.end;
        std::io::Error::other("the file could not be read to its end")
    }
}

fn streamed(reading: Reading) -> Body {
    Body::from_stream(stream::unfold(reading, |mut reading| async move {
        if reading.at >= reading.end {
            return None;
        }
        Some((reading.next().await, reading))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood_and_all_else_means_the_whole() {
        let cases = [
            ("bytes=0-0", Part::Range(0, 0)),
            ("bytes=0-", Part::Range(0, 99)),
            ("bytes=99-", Part::Range(99, 99)),
            ("bytes=10-19", Part::Range(10, 19)),
            ("bytes=90-1000", Part::Range(90, 99)),
            ("bytes=-5", Part::Range(95, 99)),
            ("bytes=-1000", Part::Range(0, 99)),
            ("BYTES= 1-2", Part::Range(1, 2)),
            ("bytes=100-", Part::Beyond),
            ("bytes=100-200", Part::Beyond),
            ("bytes=99999999999999999999999-", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=5-1", Part::Whole),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=", Part::Whole),
            ("lines=1-2", Part::Whole),
            ("", Part::Whole),
        ];
        for (range, expected) in cases {
            assert_eq!(part(range, 100), expected, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Part::Beyond);
        assert_eq!(part("bytes=-1", 0), Part::Beyond);
    }
}
