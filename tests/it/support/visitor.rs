//! Somebody at a browser without script: keeps cookies, follows redirects, fills in the form that the page shows.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use scraper::Html;
use tower::ServiceExt;
use url::Url;

use super::form::{Control, button_name, controls, fill, form_of, has_field, labelled, multipart, selector, text_of};
use super::page::Page;

/// A file that waits to be sent with the next form.
struct Attached {
    label: String,
    file_name: String,
    bytes: Vec<u8>,
}

/// Somebody at a browser.
pub struct Visitor {
    router: Router,
    /// Cookies by name.
    pub cookies: BTreeMap<String, String>,
    /// Further headers of every request; they replace the browser's own.
    pub extra_headers: Vec<(String, String)>,
    /// Whence they come.
    pub address: IpAddr,
    /// Whether redirects are followed; they are unless a test says otherwise.
    pub follows: bool,
    /// What came back last.
    pub page: Page,
    attached: Vec<Attached>,
}

impl Visitor {
    /// A new browser, without any cookie.
    pub fn new(router: Router) -> Self {
        let page = Page {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            path: "/".to_owned(),
            redirects: Vec::new(),
            bytes: Vec::new(),
            html: Html::new_document(),
            text: String::new(),
        };
        Self {
            router,
            cookies: BTreeMap::new(),
            extra_headers: Vec::new(),
            address: IpAddr::from([192, 0, 2, 1]),
            follows: true,
            page,
            attached: Vec::new(),
        }
    }

    /// Opens an address.
    pub async fn get(&mut self, path: &str) -> &Page {
        self.go(Method::GET, path, None).await
    }

    /// Sends fields without looking at a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> &Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.go(Method::POST, path, Some(("application/x-www-form-urlencoded".to_owned(), body.into_bytes()))).await
    }

    /// Follows the link of that text.
    pub async fn click(&mut self, link: &str) -> &Page {
        let url = self.page.link(link);
        self.get(&url).await
    }

    /// Chooses a file for the file field of that label; it goes with the next form that has one.
    pub fn attach(&mut self, label: &str, file_name: &str, bytes: &[u8]) {
        self.attached.push(Attached { label: label.to_owned(), file_name: file_name.to_owned(), bytes: bytes.to_vec() });
    }

    /// Fills in the form that has that button, and presses it.
    ///
    /// Fields are named by their visible label; `("Purpose", "For Action")` chooses the radio button or ticks the
    /// check box of that label in the fieldset of that legend; `("Record anyway", "yes")` or `"no"` a check box by
    /// its own label; an option of a select by its text. `"Legend: Label"` tells two fields of one label apart.
    /// All other fields are sent as the page has them.
    pub async fn submit(&mut self, button: &str, fields: &[(&str, &str)]) -> &Page {
        self.submit_in("html", button, fields).await
    }

    /// The same for a button inside what a CSS selector finds (one row of several alike).
    pub async fn submit_in(&mut self, css: &str, button: &str, fields: &[(&str, &str)]) -> &Page {
        let (method, path, body) = self.filled(css, button, fields);
        self.attached.clear();
        self.go(method, &path, body).await
    }

    fn filled(&self, css: &str, button_text: &str, fields: &[(&str, &str)]) -> (Method, String, Option<(String, Vec<u8>)>) {
        let page = &self.page;
        let where_from = || format!("on {} ({})\n{}", page.path, page.status, page.text);
        let places: Vec<_> = page.html.select(&selector(css)).collect();
        assert!(!places.is_empty(), "nothing matches {css} {}", where_from());
        let buttons: Vec<_> = places.iter().flat_map(|place| place.select(&selector("button, input[type=submit]")).collect::<Vec<_>>()).collect();
        let button = [false, true]
            .into_iter()
            .find_map(|skip_hidden| {
                let alike: Vec<_> = buttons.iter().filter(|button| button_name(**button, skip_hidden) == button_text).copied().collect();
                // of several alike the one whose form has the fields
                alike
                    .iter()
                    .copied()
                    .find(|button| fields.iter().all(|(label, _)| has_field(form_of(page, *button), label)))
                    .or(alike.first().copied())
            })
            .unwrap_or_else(|| panic!("no button “{button_text}” {}", where_from()));
        assert!(button.attr("disabled").is_none(), "the button “{button_text}” is disabled {}", where_from());
        let form = form_of(page, button);

        let mut controls = controls(page, form, button);
        for (label, value) in fields {
            fill(form, &mut controls, label, value)
                .unwrap_or_else(|| panic!("no field “{label}” that takes “{value}” in the form of “{button_text}” {}", where_from()));
        }
        for attached in &self.attached {
            let found = labelled(form, &attached.label);
            let input = found.first().unwrap_or_else(|| panic!("no file field “{}” {}", attached.label, where_from()));
            let name = input.attr("name").unwrap_or_default();
            controls.retain(|control| !(control.name == name && control.file.as_ref().is_some_and(|(file_name, _)| file_name.is_empty())));
            controls.push(Control {
                name: name.to_owned(),
                value: String::new(),
                file: Some((attached.file_name.clone(), attached.bytes.clone())),
                id: None,
                is_sent: true,
            });
        }

        let sent: Vec<Control> = controls.into_iter().filter(|control| control.is_sent).collect();
        let action = button.attr("formaction").or(form.attr("action")).unwrap_or_default();
        let path = resolve(&page.path, if action.is_empty() { &page.path } else { action });
        let method = button.attr("formmethod").or(form.attr("method")).unwrap_or("get").to_lowercase();
        let pairs = || sent.iter().map(|control| (control.name.as_str(), control.sent_value()));
        if method == "get" {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs()).finish();
            return (Method::GET, format!("{}?{query}", path.split('?').next().unwrap_or_default()), None);
        }
        let enctype = button.attr("formenctype").or(form.attr("enctype")).unwrap_or_default();
        if enctype == "multipart/form-data" {
            let boundary = "----visitor7MA4YWxkTrZu0gW";
            return (Method::POST, path, Some((format!("multipart/form-data; boundary={boundary}"), multipart(boundary, &sent))));
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs()).finish();
        (Method::POST, path, Some(("application/x-www-form-urlencoded".to_owned(), body.into_bytes())))
    }

    /// Sends one request as a browser does, and follows where it leads.
    pub async fn go(&mut self, method: Method, path: &str, body: Option<(String, Vec<u8>)>) -> &Page {
        let mut method = method;
        let mut path = resolve(&self.page.path, path);
        let mut body = body;
        let mut redirects = Vec::new();
        loop {
            let mut page = self.once(&method, &path, body.take()).await;
            let location = page.headers.get(header::LOCATION).map(|value| value.to_str().expect("Location is text").to_owned());
            if let (true, true, Some(location)) = (self.follows, page.status.is_redirection(), location) {
                redirects.push(location.clone());
                assert!(redirects.len() < 10, "led in circles: {redirects:?}");
                if !matches!(page.status.as_u16(), 307 | 308) {
                    method = Method::GET;
                }
                path = resolve(&path, &location);
                continue;
            }
            page.redirects = redirects;
            self.page = page;
            return &self.page;
        }
    }

    async fn once(&mut self, method: &Method, path: &str, body: Option<(String, Vec<u8>)>) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header("sec-fetch-site", "same-origin")
            .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
            .extension(ConnectInfo(SocketAddr::new(self.address, 50_000)));
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if let Some(headers) = request.headers_mut() {
            for (name, value) in &self.extra_headers {
                let name: axum::http::HeaderName = name.parse().expect("a header's name");
                headers.insert(name, value.parse().expect("a header's value"));
            }
        }
        let request = match body {
            Some((kind, bytes)) => request.header(header::CONTENT_TYPE, kind).header(header::CONTENT_LENGTH, bytes.len()).body(Body::from(bytes)),
            None => request.body(Body::empty()),
        };
        let response = self.router.clone().oneshot(request.expect("a request")).await.expect("the service answers");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("the answer ends").to_vec();
        self.keep_cookies(&parts.headers);

        let is_html = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        let source = String::from_utf8_lossy(&bytes);
        let html = if is_html { Html::parse_document(&source) } else { Html::new_document() };
        let text =
            if is_html { html.select(&selector("body")).next().map(|body| text_of(body, false)).unwrap_or_default() } else { source.into_owned() };
        refuse_double_ids(&html, path);
        Page { status: parts.status, headers: parts.headers, path: path.to_owned(), redirects: Vec::new(), bytes, html, text }
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for set in headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().expect("cookies are text");
            let (pair, attributes) = set.split_once(';').unwrap_or((set, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a value");
            if attributes.to_lowercase().split(';').any(|attribute| attribute.trim() == "max-age=0") {
                self.cookies.remove(name.trim());
            } else {
                self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }

    /// The page's status is this one.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.page.status.as_u16(), status, "{}\n{}", self.page.path, self.page.text);
        self
    }

    /// The page is at this path (without its query).
    #[track_caller]
    pub fn assert_at(&self, path: &str) -> &Self {
        assert_eq!(self.page.path.split('?').next().unwrap_or_default(), path, "{} {}", self.page.status, self.page.text);
        self
    }

    /// The page says this.
    #[track_caller]
    pub fn assert_says(&self, words: &str) -> &Self {
        assert!(self.page.text.contains(words), "“{words}” is missing on {} ({})\n{}", self.page.path, self.page.status, self.page.text);
        self
    }

    /// The page does not say this.
    #[track_caller]
    pub fn assert_silent(&self, words: &str) -> &Self {
        assert!(!self.page.text.contains(words), "“{words}” stands on {}\n{}", self.page.path, self.page.text);
        self
    }
}

/// Path and query of a link on a page; a link to another site is a fault of the test or the page.
fn resolve(page: &str, link: &str) -> String {
    let base = Url::parse("http://127.0.0.1:8080").and_then(|site| site.join(page)).expect("a path");
    let url = base.join(link).unwrap_or_else(|error| panic!("{link} is no address: {error}"));
    assert_eq!(url.origin(), base.origin(), "{link} leads to another site");
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}

fn refuse_double_ids(html: &Html, path: &str) {
    let mut seen = std::collections::HashSet::new();
    for element in html.select(&selector("[id]")) {
        let id = element.attr("id").unwrap_or_default();
        assert!(seen.insert(id.to_owned()), "the id “{id}” stands twice on {path}");
    }
}
