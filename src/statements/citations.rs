//! Documents that statements cite: RFCs, drafts, Recommendations, specifications, found in text (domain.md 9).
//!
//! One normal form for each, so that every spelling of a document is the same document. Pure.

mod recognize;
pub mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

/// The most documents that are kept of one statement; a list of all RFCs cites none of them.
pub const MOST: usize = 500;

/// Who publishes a document, and so how it is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// "RFC 4052".
    Rfc,
    /// "draft-ietf-opsawg-ntf", whatever its version.
    InternetDraft,
    /// "ITU-T G.8032".
    ItuT,
    /// "3GPP TS 23.501".
    ThreeGpp,
    /// "ETSI GS ZSM 018", "ETSI TS 103 720".
    Etsi,
    /// "IEEE 802.1Q": of the numbers alone nobody can say whether the group or its standard is meant.
    Ieee,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Rfc, Self::InternetDraft, Self::ItuT, Self::ThreeGpp, Self::Etsi, Self::Ieee];

    /// As programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rfc => "rfc",
            Self::InternetDraft => "internet-draft",
            Self::ItuT => "itu-t",
            Self::ThreeGpp => "3gpp",
            Self::Etsi => "etsi",
            Self::Ieee => "ieee",
        }
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Rfc => "RFC",
            Self::InternetDraft => "Internet-Draft",
            Self::ItuT => "ITU-T Recommendation",
            Self::ThreeGpp => "3GPP specification",
            Self::Etsi => "ETSI deliverable",
            Self::Ieee => "IEEE standard",
        }
    }
}

/// A document, by its one name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Document {
    kind: DocumentKind,
    name: String,
}

impl Document {
    /// Who publishes it.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// Its name as pages write it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name in addresses and in the database: "rfc4052", "itu-t-g.8032"; [`Document::parse`] reads it.
    pub fn key(&self) -> String {
        let gap = if self.kind == DocumentKind::Rfc { "" } else { "-" };
        self.name.to_lowercase().replace(' ', gap)
    }

    /// The document that a text names, in any spelling, and nothing beside it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let whole = |text: &str| match recognize::cited(text).as_slice() {
            [one] if one.start == 0 && one.end == text.len() => Some(one.document.clone()),
            // of two numbers the first is the name: "G.8032/Y.1344"
            [first, second] if first.start == 0 && text[first.end..second.start] == *"/" && second.end == text.len() => Some(first.document.clone()),
            _ => None,
        };
        let number =
            if text.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("itu-t")) { text[5..].trim_start_matches(['-', ' ']) } else { text };
        let loosely = || whole(&text.to_uppercase()).or_else(|| whole(&format!("Rec. {number}")));
        // what stands for itself in a search need not be as clear as in a sentence
        (text.len() <= 200).then(|| whole(text).or_else(loosely)).flatten()
    }

    /// What a search may mean by a text: a specification's number alone may be a TS or a TR.
    pub fn meant(text: &str) -> Vec<Self> {
        match Self::parse(text) {
            Some(document) => vec![document],
            None => ["TS", "TR"].iter().filter_map(|kind| Self::parse(&format!("3GPP {kind} {}", text.trim()))).collect(),
        }
    }

    /// The public page about it, where there is one whose address follows from its name.
    pub fn url(&self) -> Option<String> {
        let last = self.name.rsplit(' ').next().unwrap_or_default();
        match self.kind {
            DocumentKind::Rfc => Some(format!("https://www.rfc-editor.org/info/rfc{last}")),
            DocumentKind::InternetDraft => Some(format!("https://datatracker.ietf.org/doc/{last}/")),
            DocumentKind::ItuT => Some(format!("https://www.itu.int/rec/T-REC-{last}")),
            DocumentKind::ThreeGpp => Some(format!("https://www.3gpp.org/dynareport/{}.htm", last.replace('.', ""))),
            DocumentKind::Etsi | DocumentKind::Ieee => None,
        }
    }
}

/// A place in a text that names a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// The document.
    pub document: Document,
    /// Of a draft the version, where it is named: "03".
    pub version: Option<String>,
}

impl Cited {
    /// The public page about it; of a draft, about the version that is named.
    pub fn url(&self) -> Option<String> {
        match &self.version {
            Some(version) => Some(format!("https://datatracker.ietf.org/doc/{}-{version}/", self.document.name)),
            None => self.document.url(),
        }
    }
}

/// Every place in a text that names a document, in order; no two overlap.
pub fn cited(text: &str) -> Vec<Cited> {
    recognize::cited(text)
}

/// The documents that texts name, each once, at most [`MOST`].
pub fn documents<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Document> {
    let mut found = BTreeSet::new();
    for text in texts {
        found.extend(recognize::cited(text).into_iter().map(|cited| cited.document));
    }
    found.into_iter().take(MOST).collect()
}
