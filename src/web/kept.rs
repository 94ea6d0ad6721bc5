//! What was typed is not lost: if a change fails, or its session has ended, the answer gives the form back.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::Semaphore;

use crate::App;
use crate::people::Viewer;
use crate::statements::pages::upload;
use crate::web::error::ErrorDetails;
use crate::web::session;

/// Forms that nobody read are read for this at once; beyond that the browser's *back* has to do.
static READING: Semaphore = Semaphore::const_new(4);

/// Fields that nobody typed: they go with the form and are not shown.
const NOT_SHOWN: [&str; 17] = [
    "do",
    "version",
    "edition",
    "round",
    "creation-key",
    "files-of",
    "by",
    "next",
    "role",
    "decision",
    "purpose",
    "lead",
    "assignee",
    "seen",
    "visibility",
    "kind",
    "what",
];

/// Fields of a form as they were sent, for the error page; travels as an extension of request and response.
#[derive(Clone, Default)]
pub struct Typed(Arc<Mutex<Vec<(String, String)>>>);

/// One of them, as the error page shows it.
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// What people read before it.
    pub label: String,
    /// As sent.
    pub value: String,
    /// `hidden`, `text`, `area` or `password`.
    pub kind: &'static str,
}

impl Typed {
    /// Keeps what a form brought; passwords only by name.
    pub fn keep<'a>(&self, fields: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let kept = fields.into_iter().map(|(name, value)| {
            let value = if is_password(name) { String::new() } else { value.to_owned() };
            (name.to_owned(), value)
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = kept.collect();
    }

    /// All fields; empty where nobody typed anything.
    pub fn fields(&self) -> Vec<Field> {
        let fields = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fields: Vec<Field> = fields.iter().map(|(name, value)| Field::new(name, value)).collect();
        let is_typed = fields.iter().any(|field| matches!(field.kind, "text" | "area") && !field.value.trim().is_empty());
        if is_typed { fields } else { Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

fn is_password(name: &str) -> bool {
    name.contains("password")
}

impl Field {
    fn new(name: &str, value: &str) -> Self {
        let kind = if is_password(name) {
            "password"
        } else if value.is_empty() || NOT_SHOWN.contains(&name) || name.starts_with("file-") {
            "hidden"
        } else if value.contains('\n') || value.chars().count() > 100 {
            "area"
        } else {
            "text"
        };
        let words = name.replace('-', " ");
        let label = words.chars().take(1).flat_map(char::to_uppercase).chain(words.chars().skip(1)).collect();
        Self { name: name.to_owned(), label, value: value.to_owned(), kind }
    }
}

/// Where a change fails or is refused for want of a session, says what was typed: as an extension of the answer.
pub async fn hold(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let typed = Typed::default();
    request.extensions_mut().insert(typed.clone());
    let has_cookie = session::secret_hash(&app, request.headers()).is_some();
    let kind = request.headers().get(header::CONTENT_TYPE).cloned();
    let lent = Arc::new(Mutex::new(None));
    let request = request.map(|body| Body::new(Lent { body: Some(body), is_begun: false, owner: Arc::clone(&lent) }));
    let mut response = next.run(request).await;

    let is_signed_out = has_cookie && response.extensions().get::<Viewer>().is_none() && is_for_others(&response, typed.is_empty());
    if !response.status().is_server_error() && !is_signed_out {
        return response;
    }
    let unread = lent.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let (true, Some(body), Some(kind), Ok(_permit)) = (typed.is_empty(), unread, kind, READING.try_acquire()) {
        let request = Request::builder().method("POST").header(header::CONTENT_TYPE, kind).body(body);
        if let Ok(request) = request {
            let fields = upload::texts(&app, request).await;
            typed.keep(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        }
    }
    if typed.fields().is_empty() {
        return response;
    }
    if is_signed_out {
        response = StatusCode::UNAUTHORIZED.into_response();
        let words = "You are not signed in any more, so what you sent was not saved. Sign in, come back to this page, and send it again.";
        response.extensions_mut().insert(ErrorDetails { words: words.to_owned() });
    }
    response.extensions_mut().insert(typed);
    response
}

/// Whether an answer says that the page is for somebody else, or leads to the sign-in page before the form was read.
fn is_for_others(response: &Response, is_unread: bool) -> bool {
    let leads_to_sign_in = || response.headers().get(header::LOCATION).is_some_and(|url| url.as_bytes().starts_with(b"/sign-in"));
    let is_refusal = response.extensions().get::<ErrorDetails>().is_some();
    match response.status() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => is_refusal,
        status => is_unread && status.is_redirection() && leads_to_sign_in(),
    }
}

/// A body that goes back to its owner if nobody began to read it.
struct Lent {
    body: Option<Body>,
    is_begun: bool,
    owner: Arc<Mutex<Option<Body>>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.is_begun = true;
        self.body.as_mut().map_or(Poll::Ready(None), |body| Pin::new(body).poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.is_begun {
            *self.owner.lock().unwrap_or_else(PoisonError::into_inner) = self.body.take();
        }
    }
}
