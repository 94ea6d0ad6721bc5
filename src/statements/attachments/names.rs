//! File names: kept as sent, in any script, and harmless in headers, addresses and pages.

/// Most characters of a name.
const LONGEST: usize = 255;

/// The last path component of a name as sent, without control characters and without those that turn text around.
///
/// A name that is too long loses the end of its stem, not its extension.
pub fn clean(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|character| !character.is_control() && !turns_text(*character)).collect();
    let kept = kept.trim();
    if kept.chars().all(|character| character == '.') {
        return "file".to_owned();
    }
    let length = kept.chars().count();
    if length <= LONGEST {
        return kept.to_owned();
    }
    let extension = extension_as_written(kept);
    let extension_length = extension.chars().count();
    let stem: String = kept.chars().take(LONGEST - extension_length).collect();
    format!("{stem}{extension}")
}

/// With its dot; empty where there is none that looks like one.
fn extension_as_written(name: &str) -> &str {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= 16 => &name[dot..],
        _ => "",
    }
}

/// In lower case, without its dot.
pub fn extension(name: &str) -> String {
    extension_as_written(name).trim_start_matches('.').to_lowercase()
}

/// Marks, overrides, isolates and line separators.
fn turns_text(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The header that makes a browser save a file under its name (RFC 6266): both forms, no control character.
pub fn disposition(name: &str) -> String {
    let name = clean(name);
    let plain: String = name
        .chars()
        .map(|character| if matches!(character, ' '..='~') && !matches!(character, '"' | '\\' | '%') { character } else { '_' })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", extended(&name))
}

/// RFC 8187: attr-char as they are, all else percent-encoded.
fn extended(name: &str) -> String {
    use std::fmt::Write as _;
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_last_component_without_what_is_unseen() {
        let cases = [
            ("../../etc/passwd", "passwd"),
            (r"C:\x", "x"),
            ("a\0b.pdf", "ab.pdf"),
            ("x\r\nSet-Cookie: a=b.txt", "xSet-Cookie: a=b.txt"),
            ("photo\u{202e}gnp.exe", "photognp.exe"),
            ("", "file"),
            ("..", "file"),
            ("a/", "file"),
            (".htaccess", ".htaccess"),
            ("con", "con"),
            ("报告 – Ответ.pdf", "报告 – Ответ.pdf"),
            ("u\u{308}ber.txt", "u\u{308}ber.txt"),
            ("\"; filename=\"x.html", "\"; filename=\"x.html"),
        ];
        for (sent, kept) in cases {
            assert_eq!(clean(sent), kept);
        }
        let long = clean(&format!("{}.docx", "ä".repeat(1_000)));
        assert_eq!(long.chars().count(), 255);
        assert!(long.ends_with("ä.docx"));
    }

    #[test]
    fn the_header_holds_both_forms_and_nothing_that_ends_it() {
        assert_eq!(disposition("LS 412.pdf"), "attachment; filename=\"LS 412.pdf\"; filename*=UTF-8''LS%20412.pdf");
        assert_eq!(
            disposition("\"; filename=\"x.html"),
            "attachment; filename=\"_; filename=_x.html\"; filename*=UTF-8''%22%3B%20filename%3D%22x.html"
        );
        assert_eq!(disposition("ü\r\n.pdf"), "attachment; filename=\"_.pdf\"; filename*=UTF-8''%C3%BC.pdf");
    }
}
