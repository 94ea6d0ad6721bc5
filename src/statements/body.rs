//! Text as it came: what a body and a one-line field may hold, and how a body is shown.

use std::fmt::Write as _;

use linkify::{LinkFinder, LinkKind};
use unicode_normalization::UnicodeNormalization;

use crate::statements::citations;

/// A character that a text must not hold, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextProblem {
    /// The character.
    pub character: char,
    /// The line it stands in, counted from 1.
    pub line: usize,
    /// Its place in the line, in characters, counted from 1.
    pub column: usize,
    /// Whether it ends a line in a field that has one line only.
    pub line_break: bool,
}

impl TextProblem {
    /// The sentence for the form; `label` is the field's own name ("Title", "Text").
    pub fn words(&self, label: &str) -> String {
        let TextProblem { character, line, column, line_break } = *self;
        if line_break {
            return format!("{label} must be on one line");
        }
        let what = match character {
            '\0' => "an empty byte",
            '\r' => "a carriage return without a line feed",
            '\t' => "a tab",
            c if is_bidi_control(c) => "a hidden character that changes the direction of the text",
            _ => "a hidden control character",
        };
        format!("{label} holds {what} (U+{:04X}) in line {line}, at character {column}. Remove it", u32::from(character))
    }
}

/// A body as it may be stored: the same text, or the first character that is refused.
///
/// CRLF, LF, tab and form feed stay as they are; all other control characters are refused (domain, section 10).
pub fn clean(text: &str) -> Result<String, TextProblem> {
    let mut characters = text.chars().peekable();
    let (mut line, mut column) = (1, 1);
    while let Some(character) = characters.next() {
        let allowed = match character {
            '\n' | '\t' | '\u{c}' => true,
            '\r' => characters.peek() == Some(&'\n'),
            c => !c.is_control(),
        };
        if !allowed {
            return Err(TextProblem { character, line, column, line_break: false });
        }
        if character == '\n' {
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    Ok(text.to_owned())
}

/// A field of one line: trimmed; control characters, line breaks of any kind and characters that reverse the direction
/// of text are refused.
pub fn one_line(text: &str) -> Result<String, TextProblem> {
    let text = text.trim();
    for (index, character) in text.chars().enumerate() {
        let line_break = is_line_break(character);
        if line_break || character.is_control() || is_bidi_control(character) {
            return Err(TextProblem { character, line: 1, column: index + 1, line_break });
        }
    }
    Ok(text.to_owned())
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A body as HTML: everything escaped, with links to what it names – web pages, mail addresses, RFCs, drafts, Recommendations.
///
/// Only http, https and mailto become links. The text a reader sees is the text as stored, character for character; it
/// wants an element with `white-space: pre-wrap` around it.
pub fn to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for span in LinkFinder::new().spans(text) {
        let shown = span.as_str();
        match span.kind() {
            Some(LinkKind::Url) if is_web_address(shown) => link(&mut html, shown, shown),
            Some(LinkKind::Email) => link(&mut html, &mailto(shown), shown),
            _ => documents(&mut html, shown),
        }
    }
    html
}

fn is_web_address(url: &str) -> bool {
    let scheme = url.split("://").next().unwrap_or_default();
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) && !url.chars().any(is_bidi_control)
}

fn mailto(address: &str) -> String {
    let mut target = String::from("mailto:");
    for byte in address.bytes() {
        if byte.is_ascii_alphanumeric() || b"@.-_+~".contains(&byte) {
            target.push(char::from(byte));
        } else {
            let _ = write!(target, "%{byte:02X}");
        }
    }
    target
}

fn link(html: &mut String, target: &str, shown: &str) {
    html.push_str("<a href=\"");
    escape(html, target);
    html.push_str("\" rel=\"nofollow noopener\">");
    escape(html, shown);
    html.push_str("</a>");
}

fn escape(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
}

/// Writes text, with links for the documents it names.
fn documents(html: &mut String, text: &str) {
    let mut written = 0;
    for cited in citations::cited(text) {
        if let Some(target) = cited.url() {
            escape(html, &text[written..cited.start]);
            link(html, &target, &text[cited.start..cited.end]);
            written = cited.end;
        }
    }
    escape(html, &text[written..]);
}

/// A title as part of a file's name: lower-case ASCII letters and digits with single hyphens, at most 60 characters;
/// "statement" if nothing is left.
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)) {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(60);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "statement".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hrefs(html: &str) -> Vec<String> {
        html.split("<a href=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
    }

    /// What a reader sees: our tags taken away, references to characters resolved.
    fn shown(html: &str) -> String {
        let mut text = String::new();
        let mut rest = html;
        while let Some(start) = rest.find('<') {
            text.push_str(&rest[..start]);
            let tag_end = rest[start..].find('>').expect("every tag ends") + start;
            let tag = &rest[start..=tag_end];
            assert!(tag == "</a>" || tag.starts_with("<a href=\"") && tag.ends_with("\" rel=\"nofollow noopener\">"), "not a tag of ours: {tag}");
            rest = &rest[tag_end + 1..];
        }
        text.push_str(rest);
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
    }

    #[test]
    fn tabs_line_ends_and_form_feeds_survive() {
        let body = "1\tOverview\t\t\r\n\r\n2\tProposal\r\n\u{c}3\n";

        assert_eq!(clean(body), Ok(body.to_owned()));
        assert_eq!(shown(&to_html(body)), body);
    }

    #[test]
    fn other_control_characters_are_refused_with_their_place() {
        let problem = clean("one\r\ntwo\u{1}three").expect_err("a control character");
        assert_eq!(problem.words("Text"), "Text holds a hidden control character (U+0001) in line 2, at character 4. Remove it");
        for refused in ["\0", "a\u{7f}", "a\u{1b}[31m", "a\rb", "a\r", "\u{b}", "\u{85}", "\u{93}CCAMP\u{94}"] {
            assert!(clean(refused).is_err(), "{refused:?}");
        }
        assert_eq!(clean("a\0").expect_err("an empty byte").words("Text"), "Text holds an empty byte (U+0000) in line 1, at character 2. Remove it");
    }

    #[test]
    fn a_body_may_hold_any_script() {
        let body = "日本語 – “phase 1” \u{202e}مرحبا\u{202c}";

        assert_eq!(clean(body), Ok(body.to_owned()));
    }

    #[test]
    fn one_line_is_trimmed_and_stays_one_line() {
        assert_eq!(one_line(" LS on X\u{a0}\r\n"), Ok("LS on X".to_owned()));
        for break_ in ["\n", "\r\n", "\u{2028}", "\u{2029}", "\u{85}"] {
            let problem = one_line(&format!("a{break_}b")).expect_err("two lines");
            assert_eq!(problem.words("Title"), "Title must be on one line");
        }
    }

    #[test]
    fn one_line_holds_nothing_hidden() {
        for hidden in ['\0', '\t', '\u{7f}', '\u{9b}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            assert!(one_line(&format!("a{hidden}b")).is_err(), "{hidden:?}");
        }
        assert_eq!(
            one_line("a\u{202e}b").expect_err("reversed").words("Title"),
            "Title holds a hidden character that changes the direction of the text (U+202E) in line 1, at character 2. Remove it"
        );
    }

    #[test]
    fn markup_in_a_body_is_text() {
        assert_eq!(to_html("LS332 - Consent -> <b>\"IESG\" & 'x'"), "LS332 - Consent -&gt; &lt;b&gt;&quot;IESG&quot; &amp; &#39;x&#39;");
    }

    #[test]
    fn web_pages_and_addresses_become_links() {
        assert_eq!(
            to_html("see https://example.org/a?b=1&c=\"2."),
            "see <a href=\"https://example.org/a?b=1&amp;c=\" rel=\"nofollow noopener\">https://example.org/a?b=1&amp;c=</a>&quot;2."
        );
        assert_eq!(hrefs(&to_html("HTTP://example.org/x).")), ["HTTP://example.org/x"]);
        assert_eq!(hrefs(&to_html("ask sg15@example.org, please")), ["mailto:sg15@example.org"]);
    }

    #[test]
    fn nothing_else_becomes_a_link() {
        for text in [
            "javascript:alert(1)",
            "javascript://example.org/%0aalert(1)",
            "data:text/html,<script>alert(1)</script>",
            "ftp://example.org/x",
            "file:///etc/passwd",
            "example.org",
        ] {
            assert_eq!(hrefs(&to_html(text)), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn rfcs_and_drafts_become_links() {
        assert_eq!(
            hrefs(&to_html("RFC 8345, RFC8345; rfc-791 and RFC\u{a0}0020.")),
            [
                "https://www.rfc-editor.org/info/rfc8345",
                "https://www.rfc-editor.org/info/rfc8345",
                "https://www.rfc-editor.org/info/rfc791",
                "https://www.rfc-editor.org/info/rfc20"
            ]
        );
        assert_eq!(
            hrefs(&to_html("(draft-ietf-ccamp-gmpls-03.txt, draft-jones-x-)")),
            ["https://datatracker.ietf.org/doc/draft-ietf-ccamp-gmpls-03/", "https://datatracker.ietf.org/doc/draft-jones-x/"]
        );
        for text in
            ["RFC", "RFC 0", "RFC x", "RFC 123456", "XRFC 12", "RFC 12a", "RFCs", "draft-new text", "a-draft-ietf-x", "draft--x", "redraft-ietf-x"]
        {
            assert_eq!(hrefs(&to_html(text)), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn recommendations_and_specifications_become_links_where_they_have_a_page() {
        assert_eq!(
            hrefs(&to_html("G.8032/Y.1344, TS 23.501; RFCs 4052 and 4053; GS ZSM 018; Q.14/15")),
            [
                "https://www.itu.int/rec/T-REC-G.8032",
                "https://www.itu.int/rec/T-REC-Y.1344",
                "https://www.3gpp.org/dynareport/23501.htm",
                "https://www.rfc-editor.org/info/rfc4052",
                "https://www.rfc-editor.org/info/rfc4053"
            ]
        );
    }

    #[test]
    fn a_slug_is_fit_for_a_file_name() {
        assert_eq!(
            slug("LS on New Work Area – BGP-based IP Routing Performance “phase 1”"),
            "ls-on-new-work-area-bgp-based-ip-routing-performance-phase-1"
        );
        assert_eq!(slug("Überblick: ﬁne/../x"), "uberblick-fine-x");
        assert_eq!(slug("日本"), "statement");
        assert_eq!(slug(""), "statement");
    }

    proptest! {
        #[test]
        fn what_a_reader_sees_is_what_was_stored(
            text in "(\\PC|[\t\r\n<>&\"']|https?://|javascript:|RFC ?[0-9]{1,5}|draft-ietf-|[A-Z]\\.[0-9]{2,4}|TS 23\\.501|&lt;|@|\\.org|</a>|[a-z]{1,4}){0,30}"
        ) {
            prop_assert_eq!(shown(&to_html(&text)), text);
        }

        #[test]
        fn links_lead_only_to_the_web_and_to_mail(text in "(javascript:|data:|vbscript:|https?://|mailto:|//|@|\\.org|[a-z]{1,4}|[ %?&:\"'<>]){0,20}") {
            for target in hrefs(&to_html(&text)) {
                prop_assert!(
                    ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)),
                    "{}", target
                );
            }
        }

        #[test]
        fn what_is_accepted_is_unchanged(text in any::<String>()) {
            if let Ok(kept) = clean(&text) {
                prop_assert_eq!(&kept, &text);
            }
            if let Ok(kept) = one_line(&text) {
                prop_assert!(!kept.chars().any(|c| c.is_control()));
                prop_assert_eq!(one_line(&kept), Ok(kept.clone()));
            }
        }

        #[test]
        fn a_slug_holds_letters_digits_and_hyphens_only(title in any::<String>()) {
            let slug = slug(&title);
            prop_assert!(!slug.is_empty() && slug.len() <= 60);
            prop_assert!(slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            prop_assert!(!slug.starts_with('-') && !slug.ends_with('-'));
        }
    }
}
