//! Finds fields by their visible labels, and sends what a browser would send.

use std::fmt::Write as _;

use scraper::{ElementRef, Selector};

use super::page::Page;

/// One name and value that a form sends, or would send.
pub struct Control {
    pub name: String,
    pub value: String,
    pub file: Option<(String, Vec<u8>)>,
    pub id: Option<usize>,
    pub is_sent: bool,
}

impl Control {
    pub fn sent_value(&self) -> &str {
        self.file.as_ref().map_or(self.value.as_str(), |(file_name, _)| file_name.as_str())
    }
}

fn key_of(element: ElementRef<'_>) -> usize {
    std::ptr::from_ref(element.value()) as usize
}

pub fn selector(css: &str) -> Selector {
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

pub fn button_name(button: ElementRef<'_>, skip_hidden: bool) -> String {
    if button.value().name() == "input" { button.attr("value").unwrap_or_default().to_owned() } else { text_of(button, skip_hidden) }
}

pub fn text_node(element: ElementRef<'_>) -> String {
    element.text().collect()
}

pub fn form_of<'a>(page: &'a Page, button: ElementRef<'a>) -> ElementRef<'a> {
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
pub fn labelled<'a>(within: ElementRef<'a>, label: &str) -> Vec<ElementRef<'a>> {
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

pub fn has_field(form: ElementRef<'_>, label: &str) -> bool {
    !labelled(form, label).is_empty() || !fieldsets(form, label).is_empty()
}

/// What a form would send, in order; unchecked boxes stand in it unsent.
pub fn controls<'a>(page: &'a Page, form: ElementRef<'a>, button: ElementRef<'a>) -> Vec<Control> {
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
pub fn fill(form: ElementRef<'_>, controls: &mut [Control], label: &str, value: &str) -> Option<()> {
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

pub fn multipart(boundary: &str, controls: &[Control]) -> Vec<u8> {
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
