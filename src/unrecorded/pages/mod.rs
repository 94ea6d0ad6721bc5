//! Pages of reports: the form that makes one, and the page on which it is seen to.

pub mod new;
pub mod show;

use crate::statements::attachments::size_words;
use crate::unrecorded::ReportFile;

/// A file or link as the pages list it.
pub struct FileLine {
    /// Its number.
    pub n: i32,
    /// Its name, or its address.
    pub shown: String,
    /// "PDF, 412 kB".
    pub what: String,
    /// Where it is; empty: nowhere yet.
    pub url: String,
}

fn file_line(file: &ReportFile, url: impl FnOnce(&ReportFile) -> String) -> FileLine {
    FileLine {
        n: file.n,
        shown: file.url.clone().unwrap_or_else(|| file.file_name.clone()),
        what: match &file.url {
            Some(_) => "Link".to_owned(),
            None => format!("{}, {}", file.format_name, size_words(file.size)),
        },
        url: file.url.clone().unwrap_or_else(|| url(file)),
    }
}
