//! What came back, as one reads it.

use axum::http::{HeaderMap, StatusCode};
use scraper::{ElementRef, Html};

use super::form::{labelled, selector, text_node, text_of};

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
