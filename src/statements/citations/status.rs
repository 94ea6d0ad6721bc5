//! What an author says of a cited document, so that a peer does not take it for more than it is [53 4.3].
//!
//! Of a draft its name tells; of an RFC only its author can say here, for nothing is asked of the network.

use super::{Document, DocumentKind};

/// Another stream than the IETF's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Of the IRTF.
    Irtf,
    /// Of the IAB.
    Iab,
    /// Of the Independent Submissions Editor.
    Independent,
}

/// What a document of ours is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentStatus {
    /// Proposed or Internet Standard.
    StandardsTrack,
    /// Best Current Practice.
    BestCurrentPractice,
    /// Informational, with the IETF's consensus.
    Informational,
    /// An experiment.
    Experimental,
    /// Out of use.
    Historic,
    /// Published, but not by the IETF.
    OtherStream(Stream),
    /// Work in progress of a working group.
    WorkingGroupDraft,
    /// Somebody's own contribution.
    IndividualDraft,
}

impl DocumentStatus {
    /// Every status, in the order in which a form offers them.
    pub const ALL: [Self; 10] = [
        Self::StandardsTrack,
        Self::BestCurrentPractice,
        Self::Informational,
        Self::Experimental,
        Self::Historic,
        Self::OtherStream(Stream::Irtf),
        Self::OtherStream(Stream::Iab),
        Self::OtherStream(Stream::Independent),
        Self::WorkingGroupDraft,
        Self::IndividualDraft,
    ];

    /// As forms send it and drafts keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StandardsTrack => "standards-track",
            Self::BestCurrentPractice => "best-current-practice",
            Self::Informational => "informational",
            Self::Experimental => "experimental",
            Self::Historic => "historic",
            Self::OtherStream(Stream::Irtf) => "irtf-stream",
            Self::OtherStream(Stream::Iab) => "iab-stream",
            Self::OtherStream(Stream::Independent) => "independent-stream",
            Self::WorkingGroupDraft => "working-group-draft",
            Self::IndividualDraft => "individual-draft",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::StandardsTrack => "Standards Track",
            Self::BestCurrentPractice => "Best Current Practice",
            Self::Informational => "Informational",
            Self::Experimental => "Experimental",
            Self::Historic => "Historic",
            Self::OtherStream(Stream::Irtf) => "IRTF stream",
            Self::OtherStream(Stream::Iab) => "IAB stream",
            Self::OtherStream(Stream::Independent) => "Independent stream",
            Self::WorkingGroupDraft => "Working group draft",
            Self::IndividualDraft => "Individual draft",
        }
    }

    /// Whether a peer could take the document for more than it is.
    pub fn wants_explaining(self) -> bool {
        matches!(self, Self::Experimental | Self::Historic | Self::OtherStream(_) | Self::IndividualDraft)
    }

    /// What can be said of a document: the statuses of published ones of an RFC, of a draft what its name leaves open.
    pub fn choices(document: &Document) -> Vec<Self> {
        let is_draft = |status: &Self| matches!(status, Self::WorkingGroupDraft | Self::IndividualDraft);
        match document.kind() {
            DocumentKind::Rfc => Self::ALL.into_iter().filter(|status| !is_draft(status)).collect(),
            DocumentKind::InternetDraft => by_name(document).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// What a document's name tells: of drafts everything, of RFCs nothing.
pub fn by_name(document: &Document) -> Option<DocumentStatus> {
    if document.kind() != DocumentKind::InternetDraft {
        return None;
    }
    let name = document.name();
    Some(match name.split('-').nth(1).unwrap_or_default() {
        "ietf" => DocumentStatus::WorkingGroupDraft,
        "irtf" => DocumentStatus::OtherStream(Stream::Irtf),
        "iab" => DocumentStatus::OtherStream(Stream::Iab),
        _ => DocumentStatus::IndividualDraft,
    })
}

/// What an author has to do about a cited document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explaining {
    /// Nothing: it is what it seems, or none of ours.
    No,
    /// Say what it is: only the author knows.
    AskStatus,
    /// Say in the letter that it is no more than this.
    Sentence(DocumentStatus),
}

/// Whether a cited document wants explaining, by its name and by what its author has said of it.
pub fn needs_explaining(document: &Document, stated: Option<DocumentStatus>) -> Explaining {
    match by_name(document).or(stated) {
        Some(status) if status.wants_explaining() => Explaining::Sentence(status),
        None if document.kind() == DocumentKind::Rfc => Explaining::AskStatus,
        _ => Explaining::No,
    }
}

/// A sentence for the letter that says what a document of the home organization is.
pub fn proposed_sentence(document: &Document, status: DocumentStatus, home: &str) -> String {
    let name = document.name();
    let is_draft = document.kind() == DocumentKind::InternetDraft;
    match status {
        DocumentStatus::StandardsTrack => format!("{name} is on the Standards Track and has the consensus of the {home}."),
        DocumentStatus::BestCurrentPractice => format!("{name} is a Best Current Practice and has the consensus of the {home}."),
        DocumentStatus::Informational => format!("{name} is Informational: it specifies no standard."),
        DocumentStatus::Experimental => format!("{name} is Experimental: it is published for trial and is not a standard of the {home}."),
        DocumentStatus::Historic => format!("{name} is Historic: the {home} no longer recommends its use."),
        DocumentStatus::OtherStream(stream) => {
            let of = match stream {
                Stream::Irtf => "the IRTF",
                Stream::Iab => "the IAB",
                Stream::Independent => "the Independent Submission stream",
            };
            let is = if is_draft { "is work in progress of" } else { "was published by" };
            format!("{name} {is} {of}; it is not a product of the {home} and is not a standard.")
        }
        DocumentStatus::WorkingGroupDraft => {
            format!("{name} is work in progress of a working group of the {home}; it may change or be dropped at any time.")
        }
        DocumentStatus::IndividualDraft => format!("{name} is an individual contribution; it is not a product of the {home} and has no standing."),
    }
}
