//! The words of a statement (domain.md 1): direction, state, purpose, sides.

pub mod actions;
pub mod approving;
pub mod attachments;
pub mod body;
pub mod checks;
pub mod citations;
pub mod contacts;
pub mod differences;
pub mod drafting;
pub mod erasures;
pub mod explaining;
pub mod form;
pub mod later_files;
pub mod leaving;
pub mod letter;
pub mod lifecycle;
pub mod mails;
pub mod metadata;
pub mod other_format;
pub mod pages;
pub mod passing;
pub mod posting;
pub mod proposing;
pub mod reading;
pub mod receipt;
pub mod recipients;
pub mod redirect;
pub mod references;
pub mod remarks;
pub mod replies;
pub mod reply;
pub mod sharing;
pub mod sign_offs;
pub mod signing;
pub mod splitting;
pub mod standing_in;
pub mod status;
pub mod store;
pub mod waiting;
pub mod warnings;

/// Makes an enum of a closed list: the same values as the CHECK in the database, one `as_str`, one parser.
macro_rules! closed_list {
    ($(#[$meta:meta])* $name:ident { $($(#[$item_meta:meta])* $item:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$item_meta])* #[serde(rename = $text)] $item),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$item),+];

            /// As it stands in the database, in addresses and in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$item => $text),+ }
            }

            /// The value of that name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$item),)+ _ => None }
            }
        }

        // the derive does not see names that a macro was given
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::schema::{ObjectBuilder, Type};
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some([$($text),+])).into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

closed_list!(
    /// Derived from the groups, never typed.
    Direction {
        /// From a peer to the home organization.
        Incoming = "incoming",
        /// From the home organization to a peer.
        Outgoing = "outgoing",
        /// Imported, without a home side.
        BetweenOthers = "between-others",
    }
);

impl Direction {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Incoming => "Incoming",
            Self::Outgoing => "Outgoing",
            Self::BetweenOthers => "Between others",
        }
    }
}

closed_list!(
    /// Where a statement is in its life (domain.md 3).
    State {
        /// Saved at any time, incomplete.
        Draft = "draft",
        /// Submitted; sign-offs are awaited.
        InReview = "in-review",
        /// Public and permanent.
        Posted = "posted",
        /// Given up with a reason; can be restored.
        Abandoned = "abandoned",
        /// A draft somebody deleted.
        Deleted = "deleted",
        /// Posted in error; only the reason is shown.
        Removed = "removed",
    }
);

closed_list!(
    /// What a statement is for (domain.md 1).
    Purpose {
        /// No answer is expected.
        ForInformation = "for-information",
        /// Something is asked for.
        ForAction = "for-action",
        /// Answers, and asks for nothing more.
        InResponse = "in-response",
        /// Imported ones only.
        ForComment = "for-comment",
        /// Imported ones only.
        Other = "other",
    }
);

impl Purpose {
    /// The three that a statement made here can have, in the order of the form.
    pub const MADE_HERE: [Self; 3] = [Self::ForInformation, Self::ForAction, Self::InResponse];

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::ForInformation => "For Information",
            Self::ForAction => "For Action",
            Self::InResponse => "In Response",
            Self::ForComment => "For Comment",
            Self::Other => "Other",
        }
    }
}

closed_list!(
    /// How a group stands to a statement.
    Side {
        /// It is from this group.
        From = "from",
        /// It is to this group.
        To = "to",
        /// This group got a copy.
        Copy = "copy",
        /// A peer addressed beside home.
        Also = "also",
    }
);

closed_list!(
    /// What one addressee has done about a statement.
    Handling {
        /// Nobody has begun.
        Open = "open",
        /// Somebody is at it.
        InProgress = "in-progress",
        /// Waiting for the peer.
        Waiting = "waiting",
        /// Read; no reply expected.
        Noted = "noted",
        /// For information, and nobody noted it.
        NoActionRecorded = "no-action-recorded",
        /// Answered by a statement.
        Responded = "responded",
        /// Answered without a statement.
        AnsweredInformally = "answered-informally",
        /// Passed on to another group.
        Redirected = "redirected",
        /// Closed with a reason.
        ClosedWithoutReply = "closed-without-reply",
        /// The statement was replaced by another.
        Replaced = "replaced",
        /// The statement arrived twice.
        RecordedTwice = "recorded-twice",
        /// Imported; not known.
        Unknown = "unknown",
        /// We asked a peer.
        Awaited = "awaited",
        /// The peer answered.
        Answered = "answered",
        /// We gave up waiting.
        NoLongerAwaited = "no-longer-awaited",
        /// The statement was removed.
        Removed = "removed",
    }
);

impl Handling {
    /// Whether something is still to be done by our side or awaited of theirs.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::InProgress | Self::Waiting | Self::Awaited)
    }

    /// For people, where it stands alone.
    pub fn words(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::InProgress => "In progress",
            Self::Waiting => "Waiting for the peer",
            Self::Noted => "Noted",
            Self::NoActionRecorded => "No action recorded",
            Self::Responded => "Responded",
            Self::AnsweredInformally => "Answered informally",
            Self::Redirected => "Redirected",
            Self::ClosedWithoutReply => "Closed without reply",
            Self::Replaced => "Replaced",
            Self::RecordedTwice => "Recorded twice",
            Self::Unknown => "Not known",
            Self::Awaited => "Awaited from the peer",
            Self::Answered => "Answered by the peer",
            Self::NoLongerAwaited => "No longer awaited",
            Self::Removed => "Removed",
        }
    }
}

closed_list!(
    /// By when something is asked for, counted from today, as lists are filtered.
    DueWhen {
        /// The day is past, and nothing was recorded: late, as role-holders say.
        Past = "past",
        /// Today or in the seven days after it, and still open.
        Week = "week",
        /// Today or in the thirty days after it, and still open.
        Month = "month",
        /// Nothing has a deadline.
        Never = "none",
    }
);

closed_list!(
    /// By what lists are sorted (domain.md 10).
    Sort {
        /// The letter's date, else the day of posting.
        Date = "date",
        /// The deadline; those without come last.
        Deadline = "deadline",
        /// The title.
        Title = "title",
        /// From whom.
        From = "from",
        /// To whom.
        To = "to",
    }
);

closed_list!(
    /// Which way a list runs.
    Order {
        /// From the earliest, or from A.
        Ascending = "ascending",
        /// From the latest, or from Z.
        Descending = "descending",
    }
);

impl Sort {
    /// The order where none is asked for.
    pub fn order(self) -> Order {
        if self == Self::Date { Order::Descending } else { Order::Ascending }
    }
}

impl Order {
    /// The other way.
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

closed_list!(
    /// What is done about an action (domain.md 3).
    StepKind {
        /// Whoever acts sees to it.
        Take = "take",
        /// Somebody else sees to it: assigned, handed over.
        Assign = "assign",
        /// Work on it has begun.
        Begin = "begin",
        /// The peer has to say something first; reminders pause.
        Wait = "wait",
        /// The pause is over.
        Resume = "resume",
        /// Read, for information.
        Note = "note",
        /// Answered without a statement, with the link to it.
        AnswerInformally = "answer-informally",
        /// No reply will come, with the reason.
        Close = "close",
        /// Something is to be done after all, or awaited.
        Reopen = "reopen",
        /// What was asked of a peer is awaited no longer, with the reason.
        StopAwaiting = "stop-awaiting",
    }
);

impl StepKind {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Take => "Take it",
            Self::Assign => "Assign it, or hand it over",
            Self::Begin => "Work on it has begun",
            Self::Wait => "Wait for the peer",
            Self::Resume => "Go on: the wait is over",
            Self::Note => "Note it",
            Self::AnswerInformally => "Answered informally",
            Self::Close => "Close without reply",
            Self::Reopen => "Reopen it",
            Self::StopAwaiting => "No longer awaited",
        }
    }
}

closed_list!(
    /// What a sign-off row asks for (domain.md 4).
    SignOffKind {
        /// A chair or secretary of a from-group agrees.
        Agreement = "agreement",
        /// The authority approves.
        Approval = "approval",
        /// The addressed organization's liaison manager approves.
        Manager = "manager",
        /// A coordinator reviews.
        Coordinator = "coordinator",
        /// An incoming statement is checked before posting.
        Check = "check",
    }
);

closed_list!(
    /// What an attachment is to its statement (domain.md 5).
    AttachmentKind {
        /// The statement itself; the body may then be empty.
        Statement = "statement",
        /// Something sent with it.
        Enclosure = "enclosure",
        /// Another form of the same content.
        Alternative = "alternative",
        /// The mail it came in; for those concerned only.
        OriginalMail = "original-mail",
    }
);

impl AttachmentKind {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Statement => "The statement itself",
            Self::Enclosure => "Enclosure",
            Self::Alternative => "Other format",
            Self::OriginalMail => "Original mail",
        }
    }
}

closed_list!(
    /// Who may fetch an attachment.
    Visibility {
        /// Whoever may read the statement.
        Public = "public",
        /// Those concerned by it.
        Concerned = "concerned",
        /// Those concerned by it; all read that there is something, and why it is withheld.
        Withheld = "withheld",
    }
);

closed_list!(
    /// How many approvals of Area Directors an outgoing statement of several areas needs.
    ApprovalPolicy {
        /// One, by any Area Director concerned.
        One = "one",
        /// One of each area.
        EachArea = "each-area",
    }
);

closed_list!(
    /// What coordinators have to do with an outgoing statement.
    CoordinatorPolicy {
        /// They are told, and can hold it.
        MayHold = "may-hold",
        /// One of them reviews it.
        Required = "required",
        /// Nothing.
        Off = "off",
    }
);

closed_list!(
    /// Whose position an outgoing statement is (4053bis 4.2).
    Consensus {
        /// RFCs or documents hold it.
        Existing = "existing",
        /// The group was called.
        Group = "group",
        /// Comments of participants.
        Collected = "collected",
        /// The group found none on a reply.
        NoneReached = "none-reached",
        /// Asks for documents, gives information.
        NoneSought = "none-sought",
        /// The whole home organization's.
        Wide = "ietf-wide",
        /// The IESG's: only of what is from the IESG.
        Iesg = "iesg",
    }
);

impl Consensus {
    /// For people; `home` is the home organization's name.
    pub fn words(self, home: &str) -> String {
        match self {
            Self::Existing => "Existing consensus".to_owned(),
            Self::Group => "Group consensus".to_owned(),
            Self::Collected => "Collected comments".to_owned(),
            Self::NoneReached => "No consensus reached on a reply".to_owned(),
            Self::NoneSought => "No consensus sought".to_owned(),
            Self::Wide => format!("{home}-wide consensus"),
            Self::Iesg => "IESG consensus".to_owned(),
        }
    }

    /// Whose position it is, as page and mail say it.
    pub fn position(self, groups: &str, home: &str) -> String {
        match self {
            Self::Existing => "It states consensus that documents already hold.".to_owned(),
            Self::Group => format!("It states the consensus of {groups}, not of the {home} as a whole."),
            Self::Collected => format!("It collects comments of participants; it is not a position of {groups} or of the {home}."),
            Self::NoneReached => format!("{groups} reached no consensus on a reply; what it says is no position of the {home}."),
            Self::NoneSought => format!("It asks or informs; no consensus was sought, and it is no position of {groups} or of the {home}."),
            Self::Wide => format!("It states the consensus of the {home} as a whole."),
            Self::Iesg => format!("It states the consensus of the IESG, not of the {home} as a whole."),
        }
    }
}

closed_list!(
    /// What a reply does to what it answers (domain.md 3).
    ReplyKind {
        /// Closes the actions it answers.
        Final = "final",
        /// They stay open.
        Preliminary = "preliminary",
        /// Changes nothing.
        StatusUpdate = "status-update",
    }
);

impl ReplyKind {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Final => "Final",
            Self::Preliminary => "Preliminary",
            Self::StatusUpdate => "Status update",
        }
    }
}

closed_list!(
    /// How an outgoing statement reaches the peer.
    Delivery {
        /// It is mailed when it is posted.
        Mail = "mail",
        /// It was delivered in another way, such as a portal.
        Otherwise = "otherwise",
    }
);
