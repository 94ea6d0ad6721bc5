//! Somebody at a browser without script: keeps cookies, follows redirects, fills in the form that the page shows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use scraper::{ElementRef, Html, Selector};
use tower::ServiceExt;
use url::Url;

/// What came back last.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Where one ended after redirects: path and query.
    pub path: String,
    /// Every `Location` that was followed on the way here.
    pub redirects: Vec<String>,
    pub bytes: Vec<u8>,
    /// Parsed; empty for what is no HTML.
    pub html: Html,
    /// Everything one reads in the page's body, with single spaces; the raw text of what is no HTML.
    pub text: String,
}

impl Page {
    /// The page as it came.
    pub fn source(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The texts of everything that a CSS selector finds.
    pub fn texts(&self, css: &str) -> Vec<String> {
        self.html.select(&selector(css)).map(|element| text_of(element, false)).collect()
    }

    /// The page's heading.
    pub fn title(&self) -> String {
        self.texts("h1").into_iter().next().unwrap_or_default()
    }

    /// The one message above the title.
    pub fn banner(&self) -> String {
        self.texts(".banner").join(" ")
    }

    /// The messages of the summary of problems.
    pub fn problems(&self) -> Vec<String> {
        self.texts(".problem-summary li")
    }

    /// What stands in the field of that label.
    pub fn value(&self, label: &str) -> String {
        let field = self.field(label);
        match field.value().name() {
            "textarea" => text_node(field),
            "select" => field
                .select(&selector("option"))
                .find(|option| option.attr("selected").is_some())
                .or_else(|| field.select(&selector("option")).next())
                .map(|option| text_of(option, false))
                .unwrap_or_default(),
            _ => field.attr("value").unwrap_or_default().to_owned(),
        }
    }

    /// Whether the radio button or check box of that label is chosen.
    pub fn is_checked(&self, label: &str) -> bool {
        self.field(label).attr("checked").is_some()
    }

    /// The field of that label.
    pub fn field(&self, label: &str) -> ElementRef<'_> {
        let found = labelled(self.html.root_element(), label);
        found.into_iter().next().unwrap_or_else(|| panic!("no field “{label}” on {}\n{}", self.path, self.text))
    }

    /// The address of the link of that text.
    pub fn link(&self, text: &str) -> String {
        self.find_link(text).unwrap_or_else(|| panic!("no link “{text}” on {}\n{}", self.path, self.text))
    }

    /// The address of the link of that text, if there is one.
    pub fn find_link(&self, text: &str) -> Option<String> {
        let links: Vec<_> = self.html.select(&selector("a[href]")).collect();
        let by = |skip_hidden: bool| links.iter().find(|link| text_of(**link, skip_hidden) == text);
        by(false).or_else(|| by(true)).map(|link| link.attr("href").unwrap_or_default().to_owned())
    }

    /// Whether there is a button of that text.
    pub fn has_button(&self, text: &str) -> bool {
        self.html.select(&selector("button")).any(|button| text_of(button, false) == text || text_of(button, true) == text)
    }

    /// The answer's header, empty if there is none.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().expect("header is text").to_owned()).unwrap_or_default()
    }
}

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

/// One name and value that a form sends, or would send.
struct Control {
    name: String,
    value: String,
    file: Option<(String, Vec<u8>)>,
    id: Option<usize>,
    is_sent: bool,
}

impl Control {
    fn sent_value(&self) -> &str {
        self.file.as_ref().map_or(self.value.as_str(), |(file_name, _)| file_name.as_str())
    }
}

fn key_of(element: ElementRef<'_>) -> usize {
    std::ptr::from_ref(element.value()) as usize
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|error| panic!("{css} is no selector: {error}"))
}

fn has_class(element: ElementRef<'_>, names: &[&str]) -> bool {
    element.value().classes().any(|class| names.contains(&class))
}

fn collect_text(element: ElementRef<'_>, skipped: &[&str], text: &mut String) {
    for child in element.children() {
        if let Some(words) = child.value().as_text() {
            text.push_str(words);
        } else if let Some(inner) = ElementRef::wrap(child) {
            if has_class(inner, skipped) || matches!(inner.value().name(), "script" | "style") {
                continue;
            }
            let is_inline = matches!(
                inner.value().name(),
                "a" | "b" | "strong" | "em" | "i" | "span" | "code" | "button" | "time" | "del" | "ins" | "mark" | "small" | "sup" | "wbr" | "abbr"
            );
            if !is_inline {
                text.push(' ');
            }
            collect_text(inner, skipped, text);
            if !is_inline {
                text.push(' ');
            }
        }
    }
}

/// The text of an element, with single spaces; with or without what only screen readers read.
pub fn text_of(element: ElementRef<'_>, skip_hidden: bool) -> String {
    let mut text = String::new();
    collect_text(element, if skip_hidden { &["visually-hidden"] } else { &[] }, &mut text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a label or legend, without its small print.
fn label_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    collect_text(element, &["hint", "problem"], &mut text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn button_name(button: ElementRef<'_>, skip_hidden: bool) -> String {
    if button.value().name() == "input" { button.attr("value").unwrap_or_default().to_owned() } else { text_of(button, skip_hidden) }
}

fn text_node(element: ElementRef<'_>) -> String {
    element.text().collect()
}

fn form_of<'a>(page: &'a Page, button: ElementRef<'a>) -> ElementRef<'a> {
    if let Some(id) = button.attr("form") {
        return page.html.select(&selector(&format!("form[id=\"{id}\"]"))).next().unwrap_or_else(|| panic!("no form {id} on {}", page.path));
    }
    button
        .ancestors()
        .filter_map(ElementRef::wrap)
        .find(|element| element.value().name() == "form")
        .unwrap_or_else(|| panic!("a button outside of any form on {}", page.path))
}

/// The fields of that label within an element, by `for` or around them; `"Legend: Label"` asks for the legend too.
fn labelled<'a>(within: ElementRef<'a>, label: &str) -> Vec<ElementRef<'a>> {
    let plain: Vec<ElementRef<'a>> =
        within.select(&selector("label")).filter(|found| label_of(*found) == label).filter_map(|found| target(within, found)).collect();
    if !plain.is_empty() {
        return plain;
    }
    let Some((legend, label)) = label.split_once(": ") else { return Vec::new() };
    fieldsets(within, legend).into_iter().flat_map(|fieldset| labelled(fieldset, label)).collect()
}

fn fieldsets<'a>(within: ElementRef<'a>, legend: &str) -> Vec<ElementRef<'a>> {
    within
        .select(&selector("fieldset"))
        .filter(|fieldset| fieldset.select(&selector("legend")).next().is_some_and(|found| label_of(found) == legend))
        .collect()
}

fn target<'a>(within: ElementRef<'a>, label: ElementRef<'a>) -> Option<ElementRef<'a>> {
    const FIELDS: &str = "input, select, textarea";
    match label.attr("for") {
        Some(id) => within.select(&selector(FIELDS)).find(|field| field.attr("id") == Some(id)),
        None => label.select(&selector(FIELDS)).next(),
    }
}

fn has_field(form: ElementRef<'_>, label: &str) -> bool {
    !labelled(form, label).is_empty() || !fieldsets(form, label).is_empty()
}

/// What a form would send, in order; unchecked boxes stand in it unsent.
fn controls<'a>(page: &'a Page, form: ElementRef<'a>, button: ElementRef<'a>) -> Vec<Control> {
    let fields = selector("input, select, textarea, button");
    let inside = form.select(&fields).filter(|field| field.attr("form").is_none());
    let beside: Vec<_> = form
        .attr("id")
        .map(|id| {
            page.html
                .select(&selector(&format!("input[form=\"{id}\"], select[form=\"{id}\"], textarea[form=\"{id}\"], button[form=\"{id}\"]")))
                .collect()
        })
        .unwrap_or_default();
    let mut controls = Vec::new();
    for field in inside.chain(beside) {
        let Some(name) = field.attr("name") else { continue };
        if field.attr("disabled").is_some() {
            continue;
        }
        let mut add = |value: String, file: Option<(String, Vec<u8>)>, is_sent: bool| {
            controls.push(Control { name: name.to_owned(), value, file, id: Some(key_of(field)), is_sent });
        };
        let value = field.attr("value").unwrap_or_default().to_owned();
        match (field.value().name(), field.attr("type").unwrap_or("text")) {
            ("button", _) | ("input", "submit") => add(value, None, field == button),
            ("input", "button" | "reset" | "image") => {}
            ("input", "checkbox" | "radio") => add(field.attr("value").unwrap_or("on").to_owned(), None, field.attr("checked").is_some()),
            ("input", "file") => add(String::new(), Some((String::new(), Vec::new())), true),
            ("textarea", _) => add(with_crlf(&text_node(field)), None, true),
            ("select", _) => {
                let options: Vec<_> = field.select(&selector("option")).collect();
                let chosen: Vec<_> = options.iter().filter(|option| option.attr("selected").is_some()).collect();
                let is_multiple = field.attr("multiple").is_some();
                let chosen = if chosen.is_empty() && !is_multiple { options.first().into_iter().collect() } else { chosen };
                for option in chosen {
                    add(option_value(*option), None, true);
                }
            }
            _ => add(value, None, true),
        }
    }
    controls
}

fn option_value(option: ElementRef<'_>) -> String {
    option.attr("value").map_or_else(|| text_of(option, false), str::to_owned)
}

fn with_crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// Puts a value into the field of that label; none: there is no such field.
fn fill(form: ElementRef<'_>, controls: &mut Vec<Control>, label: &str, value: &str) -> Option<()> {
    let fields = labelled(form, label);
    if let Some(field) = fields.first() {
        let key = key_of(*field);
        match (field.value().name(), field.attr("type").unwrap_or("text")) {
            ("input", kind @ ("checkbox" | "radio")) => {
                let is_on = !matches!(value, "no" | "" | "off");
                choose(controls, key, kind == "radio", is_on)
            }
            ("select", _) => {
                let option =
                    field.select(&selector("option")).find(|option| text_of(*option, false) == value || option.attr("value") == Some(value))?;
                let control = controls.iter_mut().find(|control| control.id == Some(key))?;
                control.value = option_value(option);
                control.is_sent = true;
                Some(())
            }
            (name, _) => {
                let control = controls.iter_mut().find(|control| control.id == Some(key))?;
                control.value = if name == "textarea" { with_crlf(value) } else { value.to_owned() };
                Some(())
            }
        }
    } else {
        let choice = fieldsets(form, label).into_iter().find_map(|fieldset| labelled(fieldset, value).into_iter().next())?;
        choose(controls, key_of(choice), choice.attr("type") == Some("radio"), true)
    }
}

fn choose(controls: &mut [Control], key: usize, is_radio: bool, is_on: bool) -> Option<()> {
    let name = controls.iter().find(|control| control.id == Some(key))?.name.clone();
    for control in controls.iter_mut().filter(|control| control.name == name) {
        if control.id == Some(key) {
            control.is_sent = is_on;
        } else if is_radio {
            control.is_sent = false;
        }
    }
    Some(())
}

fn multipart(boundary: &str, controls: &[Control]) -> Vec<u8> {
    let quoted = |text: &str| text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let mut body = Vec::new();
    for control in controls {
        let mut head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(&control.name));
        match &control.file {
            Some((file_name, bytes)) => {
                write!(head, "; filename=\"{}\"\r\nContent-Type: application/octet-stream\r\n\r\n", quoted(file_name)).expect("text");
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(bytes);
            }
            None => {
                head.push_str("\r\n\r\n");
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(control.value.as_bytes());
            }
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
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
