//! The text of a file that is one, for a page: decoded, with what it was decoded from (data/inputs.md 6).

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

use super::names;

/// The beginning of a file that is shown, in bytes: four chunks.
pub const SHOWN_BYTES: usize = 256 * 1024;

/// A text as it is shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its text; characters that no text has are replaced.
    pub text: String,
    /// What it was decoded from: "UTF-8", "windows-1252".
    pub charset: &'static str,
    /// Whether nothing in the file says so.
    pub is_guess: bool,
}

/// Whether a file may be shown as text: whatever stands in it is shown as it is written, nothing is run.
pub fn is_text(media_type: &str, file_name: &str) -> bool {
    let plain = media_type.split(';').next().unwrap_or_default().trim();
    let is_named = matches!(names::extension(file_name).as_str(), "txt" | "text" | "log" | "md" | "csv");
    plain.starts_with("text/")
        || matches!(plain, "application/json" | "message/rfc822" | "image/svg+xml")
        // a text with two bytes a character looks like no text
        || is_named && plain == "application/octet-stream"
}

/// Decodes the beginning of a file, or all of it. None: it is no text.
pub fn decode(bytes: &[u8], is_cut: bool) -> Option<Shown> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let whole = if is_cut && encoding != UTF_8 { &bytes[..bytes.len() - bytes.len() % 2] } else { bytes };
        return shown(encoding, &whole[mark..], false, is_cut);
    }
    if bytes.contains(&0) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => return shown(UTF_8, bytes, false, is_cut),
        // a character that the end of the part cuts is none that is wrong
        Err(error) if is_cut && error.error_len().is_none() => return shown(UTF_8, &bytes[..error.valid_up_to()], false, is_cut),
        Err(_) => {}
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    shown(detector.guess(None, Utf8Detection::Deny), bytes, true, is_cut)
}

fn shown(encoding: &'static Encoding, bytes: &[u8], is_guess: bool, is_cut: bool) -> Option<Shown> {
    let (text, has_errors) = encoding.decode_without_bom_handling(bytes);
    if has_errors && !is_guess && !is_cut {
        return None;
    }
    let is_foreign = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}');
    let text = if text.contains(is_foreign) { text.replace(is_foreign, "\u{fffd}") } else { text.into_owned() };
    Some(Shown { text, charset: encoding.name(), is_guess })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (String, &'static str, bool) {
        let shown = decode(bytes, false).expect("a text");
        (shown.text, shown.charset, shown.is_guess)
    }

    #[test]
    fn a_text_is_decoded_from_what_it_says_or_else_from_a_guess_that_is_said() {
        let owned = |text: &str| text.to_owned();
        assert_eq!(text(b"\x93CCAMP\x94"), (owned("\u{201c}CCAMP\u{201d}"), "windows-1252", true));
        assert_eq!(text("Grüße".as_bytes()), (owned("Grüße"), "UTF-8", false));
        assert_eq!(text(b"\xef\xbb\xbfa"), (owned("a"), "UTF-8", false));
        assert_eq!(text(b"\xff\xfeG\0r\0\xfc\0"), (owned("Grü"), "UTF-16LE", false));
        assert_eq!(text(b"\xfe\xff\0G\0r\0\xfc"), (owned("Grü"), "UTF-16BE", false));
        assert_eq!(text(b"1\tOverview\r\n\x0cnext\x1b[31m"), (owned("1\tOverview\r\n\u{c}next\u{fffd}[31m"), "UTF-8", false));
        assert_eq!(text(b""), (String::new(), "UTF-8", false));
    }

    #[test]
    fn what_is_no_text_is_not_shown() {
        for bytes in [b"PK\x03\x04\0\0".as_slice(), b"a\0b", b"\xff\xfe\0\xd8a"] {
            assert_eq!(decode(bytes, false), None, "{bytes:?}");
        }
        for (media_type, name) in
            [("application/pdf", "a.txt"), ("application/octet-stream", "a.bin"), ("application/zip", "a.zip"), ("image/png", "a")]
        {
            assert!(!is_text(media_type, name), "{media_type} {name}");
        }
        for (media_type, name) in [("text/plain; charset=utf-8", "a"), ("text/html", "a.html"), ("application/octet-stream", "a.TXT")] {
            assert!(is_text(media_type, name), "{media_type} {name}");
        }
    }

    #[test]
    fn the_end_of_a_part_cuts_no_character_into_rubbish() {
        let bytes = "ab\u{201c}".as_bytes();
        assert_eq!(decode(&bytes[..4], true).expect("a text").text, "ab");
        assert_eq!(decode(b"\xff\xfea\0b\0c", true).expect("a text").text, "ab");
    }
}
