//! A body has to come on: slowly is fine, next to nothing is not.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use super::error::ErrorDetails;

/// So many bytes must come ...
const BYTES: usize = 4_096;
/// ... within so long a time of waiting for them. The slowest phone line brings 30 times as much.
const WAITING: Duration = Duration::from_secs(30);

/// A form without files must be there within so long a time, however it comes.
const WHOLE_FORM: Duration = Duration::from_secs(120);

/// Ends bodies that don't come on with status 408.
pub async fn must_go_on(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let stalled = Arc::new(AtomicBool::new(false));
    let has_files = request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
    let whole = if has_files { None } else { Some(Instant::now() + WHOLE_FORM) };
    let request = request.map(|body| Body::new(Progressing::new(body, Arc::clone(&stalled), WAITING, whole)));
    let mut response = next.run(request).await;
    if stalled.load(Ordering::Relaxed) {
        // a handler that gives the form back keeps its page
        if response.extensions().get::<ErrorDetails>().is_some() || !response.headers().contains_key(header::CONTENT_TYPE) {
            response = StatusCode::REQUEST_TIMEOUT.into_response();
        }
        *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
        response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    response
}

/// A body with a clock that runs only while it is waited for.
struct Progressing {
    body: Body,
    stalled: Arc<AtomicBool>,
    /// Bytes since the time was full last.
    bytes: usize,
    /// What of the time is left when nobody waits.
    left: Duration,
    full: Duration,
    /// When all of it must be there.
    whole: Option<Instant>,
    waiting_since: Option<Instant>,
    end: Pin<Box<Sleep>>,
}

impl Progressing {
    fn new(body: Body, stalled: Arc<AtomicBool>, full: Duration, whole: Option<Instant>) -> Self {
        Self { body, stalled, bytes: 0, left: full, full, whole, waiting_since: None, end: Box::pin(sleep(full)) }
    }

    fn came(&mut self, bytes: usize) {
        if let Some(since) = self.waiting_since.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        self.bytes += bytes;
        if self.bytes >= BYTES {
            self.bytes = 0;
            self.left = self.full;
        }
    }
}

impl HttpBody for Progressing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => {
                self.came(frame.as_ref().and_then(|frame| frame.as_ref().ok()).and_then(Frame::data_ref).map_or(0, Buf::remaining));
                Poll::Ready(frame)
            }
            Poll::Pending => {
                if self.waiting_since.is_none() {
                    let now = Instant::now();
                    self.waiting_since = Some(now);
                    let end = self.whole.map_or(now + self.left, |whole| whole.min(now + self.left));
                    self.end.as_mut().reset(end);
                }
                if self.end.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                self.stalled.store(true, Ordering::Relaxed);
                Poll::Ready(Some(Err(axum::Error::new(std::io::Error::from(std::io::ErrorKind::TimedOut)))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    /// How many pieces of a body are read that brings one each so often; and whether it was ended.
    async fn read(size: usize, pause: Duration, pieces: usize) -> (usize, bool) {
        let stream = futures_util::stream::unfold(0, move |n| async move {
            if n == pieces {
                return None;
            }
            sleep(pause).await;
            Some((Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'x'; size])), n + 1))
        });
        let stalled = Arc::new(AtomicBool::new(false));
        let body = Progressing::new(Body::from_stream(stream), Arc::clone(&stalled), Duration::from_millis(400), None);
        let read = Body::new(body).into_data_stream().take_while(|piece| std::future::ready(piece.is_ok())).count().await;
        (read, stalled.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_trickle_ends_and_a_slow_line_does_not() {
        let (read_of_trickle, is_ended) = read(1, Duration::from_millis(20), 1_000).await;
        assert!(is_ended && read_of_trickle < 30, "{read_of_trickle}");
        assert_eq!(read(BYTES, Duration::from_millis(50), 20).await, (20, false));
        assert_eq!(read(1, Duration::from_secs(3), 1).await, (0, true));
    }

    #[tokio::test]
    async fn a_slow_reader_is_not_the_senders_fault() {
        let pieces = futures_util::stream::iter((0..10).map(|_| Ok::<_, std::convert::Infallible>(Bytes::from_static(b"x"))));
        let stalled = Arc::new(AtomicBool::new(false));
        let body = Progressing::new(Body::from_stream(pieces), Arc::clone(&stalled), Duration::from_millis(50), None);
        let mut body = Body::new(body).into_data_stream();
        let mut read = 0;
        while let Some(piece) = body.next().await {
            assert!(piece.is_ok());
            read += 1;
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!((read, stalled.load(Ordering::Relaxed)), (10, false));
    }
}
