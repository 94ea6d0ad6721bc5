//! Whether a letter says of the documents it cites what they are, so that a peer takes none for more [53 4.3]. Pure.

use std::collections::BTreeMap;

use crate::statements::citations::status::{DocumentStatus, Explaining, Stream, by_name, needs_explaining, proposed_sentence};
use crate::statements::citations::{self, Document};
use crate::statements::form::StatementForm;

/// A document that a letter cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// Which.
    pub document: Document,
    /// What it is, by its name or by what the author said.
    pub status: Option<DocumentStatus>,
    /// What the author has to do about it.
    pub explaining: Explaining,
    /// Whether the text says what it is.
    pub is_explained: bool,
}

/// The documents that title and text cite, with what the author said of each, by its key.
pub fn cited(title: &str, body: &str, stated: &BTreeMap<String, String>) -> Vec<Cited> {
    citations::documents([title, body])
        .into_iter()
        .map(|document| {
            let said = stated.get(&document.key()).and_then(|name| DocumentStatus::parse(name));
            let explaining = needs_explaining(&document, said);
            let is_explained = matches!(explaining, Explaining::Sentence(status) if explains(body, &document, status));
            Cited { status: by_name(&document).or(said), explaining, is_explained, document }
        })
        .collect()
}

/// Whether a paragraph that names the document says what it is, in whatever words.
fn explains(body: &str, document: &Document, status: DocumentStatus) -> bool {
    let word = match status {
        DocumentStatus::Experimental => "experimental",
        DocumentStatus::Historic => "historic",
        DocumentStatus::IndividualDraft => "individual",
        DocumentStatus::OtherStream(Stream::Irtf) => "irtf",
        DocumentStatus::OtherStream(Stream::Iab) => "iab",
        DocumentStatus::OtherStream(Stream::Independent) => "independent",
        _ => return true,
    };
    let text = body.replace("\r\n", "\n");
    text.split("\n\n").any(|paragraph| {
        let named = citations::cited(paragraph);
        // the names themselves say nothing: draft-irtf-…
        let mut words = String::new();
        let mut at = 0;
        for one in &named {
            words.push_str(&paragraph[at..one.start]);
            at = one.end;
        }
        words.push_str(&paragraph[at..]);
        named.iter().any(|one| one.document == *document) && words.to_lowercase().contains(word)
    })
}

/// Puts the sentence about a document behind the text, where it is known what the document is and the text does not say it.
pub fn explain(form: &mut StatementForm, key: &str, home: &str) {
    let Some(cited) = cited(&form.title, &form.body, &form.document_status).into_iter().find(|cited| cited.document.key() == key) else { return };
    let Some(status) = cited.status else { return };
    let sentence = proposed_sentence(&cited.document, status, home);
    if form.body.contains(&sentence) {
        return;
    }
    let end = form.body.trim_end().len();
    form.body.truncate(end);
    if !form.body.is_empty() {
        form.body.push_str("\r\n\r\n");
    }
    form.body.push_str(&sentence);
    form.body.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(body: &str, stated: &[(&str, &str)]) -> Cited {
        let stated = stated.iter().map(|(key, status)| ((*key).to_owned(), (*status).to_owned())).collect();
        cited("", body, &stated).into_iter().next().expect("a document")
    }

    #[test]
    fn a_draft_of_one_person_wants_a_word_in_the_paragraph_that_names_it() {
        let without = one("See draft-smith-wire-01.\r\n\r\nThe individual measurements follow.", &[]);
        assert_eq!((without.explaining, without.is_explained), (Explaining::Sentence(DocumentStatus::IndividualDraft), false));
        assert!(one("See draft-smith-wire-01, an individual contribution.", &[]).is_explained);
    }

    #[test]
    fn a_name_does_not_explain_itself() {
        assert!(!one("See draft-irtf-nmrg-twin.", &[]).is_explained);
        assert!(one("See draft-irtf-nmrg-twin of the IRTF.", &[]).is_explained);
    }

    #[test]
    fn of_an_rfc_the_author_says_what_it_is() {
        assert_eq!(one("RFC 4052 applies.", &[]).explaining, Explaining::AskStatus);
        assert_eq!(one("RFC 4052 applies.", &[("rfc4052", "best-current-practice")]).explaining, Explaining::No);
        assert_eq!(one("RFC 4052 applies.", &[("rfc4052", "historic")]).explaining, Explaining::Sentence(DocumentStatus::Historic));
    }

    #[test]
    fn the_sentence_goes_behind_the_text_once() {
        let mut form = StatementForm { body: "See draft-smith-wire.\r\n".to_owned(), ..StatementForm::default() };
        explain(&mut form, "draft-smith-wire", "IETF");
        let first = form.body.clone();
        explain(&mut form, "draft-smith-wire", "IETF");

        assert!(first.starts_with("See draft-smith-wire.\r\n\r\ndraft-smith-wire is an individual contribution;"), "{first}");
        assert_eq!(form.body, first);
        assert!(cited("", &form.body, &form.document_status).iter().all(|one| one.is_explained));
    }
}
