//! What a file is, by its first bytes and, where those are only text or only a container, by its name.

use std::io::Cursor;

use file_format::FileFormat;

use super::names;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// As detected; [`served_as`] decides how it leaves.
    pub media_type: String,
    /// For people: "PDF", "Word".
    pub name: String,
}

impl Format {
    fn new(media_type: &str, name: &str) -> Self {
        Self { media_type: media_type.to_owned(), name: name.to_owned() }
    }
}

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const POWERPOINT: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/// Detects what a file is from its beginning and its name; reads nothing else, unpacks nothing.
pub fn detect(beginning: &[u8], file_name: &str) -> Format {
    let extension = names::extension(file_name);
    let found = FileFormat::from_reader(Cursor::new(beginning)).unwrap_or_else(|_| FileFormat::from_bytes(beginning));
    match found {
        FileFormat::PortableDocumentFormat => Format::new("application/pdf", "PDF"),
        FileFormat::OfficeOpenXmlDocument => Format::new(WORD, "Word"),
        FileFormat::OfficeOpenXmlSpreadsheet => Format::new(EXCEL, "Excel"),
        FileFormat::OfficeOpenXmlPresentation => Format::new(POWERPOINT, "PowerPoint"),
        // a large file's directory stands at its end, which is not looked at
        FileFormat::Zip => in_zip(&extension).unwrap_or_else(|| Format::new("application/zip", "ZIP")),
        FileFormat::MicrosoftWordDocument => Format::new("application/msword", "Word"),
        FileFormat::MicrosoftExcelSpreadsheet => Format::new("application/vnd.ms-excel", "Excel"),
        FileFormat::MicrosoftPowerpointPresentation => Format::new("application/vnd.ms-powerpoint", "PowerPoint"),
        FileFormat::CompoundFileBinary => in_compound_file(&extension).unwrap_or_else(|| Format::new(found.media_type(), "Office file")),
        // a reader that stumbles over the cut says only "binary data"
        FileFormat::ArbitraryBinaryData if beginning.starts_with(b"%PDF-") => Format::new("application/pdf", "PDF"),
        FileFormat::ArbitraryBinaryData if beginning.starts_with(b"PK\x03\x04") => {
            in_zip(&extension).unwrap_or_else(|| Format::new("application/zip", "ZIP"))
        }
        FileFormat::ArbitraryBinaryData if beginning.starts_with(b"\xd0\xcf\x11\xe0") => {
            in_compound_file(&extension).unwrap_or_else(|| Format::new("application/x-cfb", "Office file"))
        }
        FileFormat::PlainText | FileFormat::ArbitraryBinaryData | FileFormat::Empty => {
            text(beginning, &extension).unwrap_or_else(|| Format::new("application/octet-stream", &unknown(&extension)))
        }
        FileFormat::HypertextMarkupLanguage => Format::new("text/html", "HTML"),
        FileFormat::ExtensibleMarkupLanguage => marked_up(beginning, &extension).unwrap_or_else(|| Format::new("text/xml", "XML")),
        other => Format::new(other.media_type(), other.short_name().unwrap_or(other.name())),
    }
}

fn in_zip(extension: &str) -> Option<Format> {
    Some(match extension {
        "docx" | "docm" => Format::new(WORD, "Word"),
        "xlsx" | "xlsm" => Format::new(EXCEL, "Excel"),
        "pptx" | "pptm" => Format::new(POWERPOINT, "PowerPoint"),
        "odt" => Format::new("application/vnd.oasis.opendocument.text", "ODT"),
        "ods" => Format::new("application/vnd.oasis.opendocument.spreadsheet", "ODS"),
        "odp" => Format::new("application/vnd.oasis.opendocument.presentation", "ODP"),
        _ => return None,
    })
}

fn in_compound_file(extension: &str) -> Option<Format> {
    Some(match extension {
        "doc" | "dot" => Format::new("application/msword", "Word"),
        "xls" => Format::new("application/vnd.ms-excel", "Excel"),
        "ppt" | "pps" => Format::new("application/vnd.ms-powerpoint", "PowerPoint"),
        "msg" => Format::new("application/vnd.ms-outlook", "Outlook mail"),
        "vsd" => Format::new("application/vnd.visio", "Visio"),
        _ => return None,
    })
}

/// HTML and SVG are recognized whatever they are called.
fn marked_up(beginning: &[u8], extension: &str) -> Option<Format> {
    let head = String::from_utf8_lossy(&beginning[..beginning.len().min(1_024)]).to_lowercase();
    let head = head.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if head.starts_with("<!doctype html") || head.contains("<html") || matches!(extension, "html" | "htm" | "xhtml") {
        return Some(Format::new("text/html", "HTML"));
    }
    (head.contains("<svg") || extension == "svg").then(|| Format::new("image/svg+xml", "SVG"))
}

/// None where it is no text.
fn text(beginning: &[u8], extension: &str) -> Option<Format> {
    let is_utf8 = match std::str::from_utf8(beginning) {
        Ok(_) => true,
        // a character that the end of the chunk cuts is none that is wrong
        Err(error) => error.error_len().is_none(),
    };
    let controls = beginning.iter().filter(|byte| **byte < 9 || (14..32).contains(*byte) && **byte != 27).count();
    if controls > 0 || !is_utf8 && !is_text_extension(extension) {
        return None;
    }
    if let Some(format) = marked_up(beginning, extension) {
        return Some(format);
    }
    let media_type = |plain: &str| if is_utf8 { format!("{plain}; charset=utf-8") } else { plain.to_owned() };
    let format = |plain: &str, name: &str| Format { media_type: media_type(plain), name: name.to_owned() };
    Some(match extension {
        "xml" | "xsl" | "xslt" => Format::new("text/xml", "XML"),
        "js" | "mjs" => Format::new("text/javascript", "JavaScript"),
        "eml" => Format::new("message/rfc822", "E-mail"),
        "csv" => format("text/csv", "CSV"),
        "md" => format("text/markdown", "Markdown"),
        "json" => Format::new("application/json", "JSON"),
        "yang" => format("text/plain", "YANG"),
        _ => format("text/plain", "Text"),
    })
}

fn is_text_extension(extension: &str) -> bool {
    matches!(extension, "" | "txt" | "text" | "eml" | "csv" | "md" | "xml" | "html" | "htm" | "log")
}

fn unknown(extension: &str) -> String {
    let is_short = (1..=5).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_short { extension.to_uppercase() } else { "File".to_owned() }
}

/// How a file leaves: as what it is where no browser runs that, as mere bytes otherwise (robustness.md UP01).
pub fn served_as(media_type: &str) -> &str {
    let plain = media_type.split(';').next().unwrap_or_default().trim();
    let is_run = plain.ends_with("xml") || plain.contains("svg") || plain.contains("html") || plain.contains("script");
    let is_known = ["image/", "audio/", "video/", "application/vnd."].iter().any(|beginning| plain.starts_with(beginning))
        || matches!(
            plain,
            "application/pdf"
                | "application/zip"
                | "application/msword"
                | "application/rtf"
                | "text/plain"
                | "text/csv"
                | "text/markdown"
                | "message/rfc822"
        );
    let is_header = media_type.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if is_known && !is_run && is_header { media_type } else { "application/octet-stream" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_told_by_bytes_first_and_by_name_where_they_say_too_little() {
        let cases: [(&[u8], &str, &str); 14] = [
            (b"%PDF-1.7\n%...", "a.pdf", "PDF"),
            (b"%PDF-1.7\n<html>", "a.html", "PDF"),
            (b"Dear all,\r\n", "a.txt", "Text"),
            (b"  <!DOCTYPE html><script>", "a.txt", "HTML"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "SVG"),
            (b"<?xml version='1.0'?><html xmlns='x'>", "a.xhtml", "HTML"),
            (b"<?xml version='1.0'?><?xml-stylesheet href='a.xsl'?><a/>", "a.xml", "XML"),
            (b"From: a@b\r\nSubject: x\r\n\r\n<b>", "a.eml", "E-mail"),
            (b"PK\x03\x04\x14\x00\x00\x00\x08\x00", "a.docx", "Word"),
            (b"PK\x03\x04\x14\x00\x00\x00\x08\x00", "a.zip", "ZIP"),
            (b"\xff\xff\xff\xff\x00\x01", "a.bin", "BIN"),
            (b"\xff\xff\xff\xff\x00\x01", "noise", "File"),
            (b"Gr\xfc\xdfe\r\n", "a.txt", "Text"),
            (b"alert(1)", "a.js", "JavaScript"),
        ];
        for (bytes, name, format) in cases {
            assert_eq!(detect(bytes, name).name, format, "{name}");
        }
    }

    #[test]
    fn what_a_browser_would_run_leaves_as_mere_bytes() {
        for kind in ["text/html", "image/svg+xml", "text/xml", "application/xhtml+xml", "text/javascript", "application/xslt+xml", "x/\r\ny"] {
            assert_eq!(served_as(kind), "application/octet-stream");
        }
        for kind in ["application/pdf", WORD, "text/plain; charset=utf-8", "image/png"] {
            assert_eq!(served_as(kind), kind);
        }
    }
}
