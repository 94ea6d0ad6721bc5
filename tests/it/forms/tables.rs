//! Which forms there are, what is right in them, and what is wrong in turn.

use crate::support::people::{PASSWORD, Person, World};

/// Somebody fills in a form that is right but for one thing.
pub struct Form {
    /// Where it is sent.
    pub route: &'static str,
    /// Who sees it.
    pub who: fn(&World) -> Option<&Person>,
    /// The page it stands on: `<draft>`, `<review>`, `<posted>`.
    pub page: &'static str,
    pub button: &'static str,
    /// What is right, by label.
    pub fields: &'static [(&'static str, &'static str)],
    /// What is wrong in turn: the field whose message it gets, its label, and what is filled in there.
    pub wrong: &'static [(&'static str, &'static str, &'static str)],
}

/// Longer than words that go into a history or a mail may be.
const LONG: &str = match std::str::from_utf8(&[b'x'; 2001]) {
    Ok(text) => text,
    Err(_) => panic!("it is ASCII"),
};

const LETTER: [(&str, &str); 17] = [
    ("From", "ITU-T SG11"),
    ("To", "wire; keys"),
    ("Title", "A letter “of two” <b>&amp;"),
    ("Purpose", "For Action"),
    ("Deadline", "1 May 2026"),
    ("Deadline in the letter's words", "by our next meeting"),
    ("Does it answer a statement?", "SG11-LS40, your reply\nand the call of May"),
    ("Text", "Dear colleagues,\n\n\ttabs stay & so do <marks>\n"),
    ("Peer's reference", "SG11-LS45; TD 212"),
    ("Date of the letter", "18 Feb 2026"),
    ("Received on", "20 Feb 2026"),
    ("Received from", "sg11@itu-t.example"),
    ("Received at", "wire@ietf.example"),
    ("In copy", "mesh"),
    ("From contacts", "\"Ortiz, Carla (External)\" <carla@example.org>,\nfoo@example.org"),
    ("To contacts", "ann@example.org"),
    ("Cc contacts", "bo@example.org"),
];

/// `ESC`, which no text may hold.
const WRONG_IN_LETTER: [(&str, &str, &str); 17] = [
    ("from", "From", "nowhere at all"),
    ("to", "To", "sprng"),
    ("title", "Title", "two\u{1b}lines"),
    ("deadline", "Deadline", "next SG15 meeting (mid-May 2007)"),
    ("deadline", "Deadline", "3/4/2026"),
    ("deadline-words", "Deadline in the letter's words", "by\u{1b}May"),
    ("answers", "Does it answer a statement?", "Statement 99999"),
    ("body", "Text", "x\u{1b}y"),
    ("references", "Peer's reference", "a\u{1b}b"),
    ("letter-date", "Date of the letter", "31 February 2026"),
    ("received-on", "Received on", "lately"),
    ("received-from", "Received from", "chair at ietf.org"),
    ("received-at", "Received at", "a@b@c"),
    ("copy", "In copy", "nobody of ours"),
    ("from-contacts", "From contacts", "fine@example.org\nhttps://example.org/mailman/listinfo/ccamp"),
    ("cc-contacts", "Cc contacts", "https://example.org/mailman/listinfo/ccamp"),
    ("link", "Or a link", "javascript:alert(1)"),
];

fn chair(world: &World) -> Option<&Person> {
    Some(&world.chair)
}

fn manager(world: &World) -> Option<&Person> {
    Some(&world.manager_itu_t)
}

fn nobody(_: &World) -> Option<&Person> {
    None
}

fn coordinator(world: &World) -> Option<&Person> {
    Some(&world.coordinator)
}

const OUTGOING: [(&str, &str); 16] = [
    ("From", "wire; mesh"),
    ("To", "ITU-T SG11"),
    ("In copy", "keys"),
    ("Purpose", "For Action"),
    ("Deadline", "1 May 2026"),
    ("Does it answer a statement?", "SG11-LS40, of last year"),
    ("Title", "A reply “of two” <b>&amp;"),
    ("Text", "Dear colleagues,\n\n\ttabs stay & so do <marks>\n"),
    ("Consensus", "Group consensus"),
    ("Link to the consensus", "https://mail.example/arch/1"),
    ("Group informed on", "1 March 2026"),
    ("Send to", "sg11@itu-t.example"),
    ("Send reply to", "wire@ietf.example"),
    ("To contacts", "\"Ortiz, Carla (External)\" <carla@example.org>,\nfoo@example.org"),
    ("Cc contacts", "bo@example.org"),
    ("From contacts", "ann@example.org"),
];

const WRONG_IN_OUTGOING: [(&str, &str, &str); 16] = [
    ("from", "From", "nowhere at all"),
    ("to", "To", "sprng"),
    ("copy", "In copy", "nobody of ours"),
    ("deadline", "Deadline", "next SG15 meeting (mid-May 2007)"),
    ("answers", "Does it answer a statement?", "Statement 99999"),
    ("replaces", "Does it replace a statement?", "99999"),
    ("title", "Title", "two\u{1b}lines"),
    ("body", "Text", "x\u{1b}y"),
    ("consensus-link", "Link to the consensus", "a\u{1b}b"),
    ("informed-on", "Group informed on", "lately"),
    ("informed-on", "Group informed on", "1 May 2026"),
    ("send-to", "Send to", "chair at ietf.org"),
    ("send-reply-to", "Send reply to", "a@b@c"),
    ("to-contacts", "To contacts", "fine@example.org\nhttps://example.org/mailman/listinfo/ccamp"),
    ("from-contacts", "From contacts", "https://example.org/mailman/listinfo/ccamp"),
    ("link", "Or a link", "javascript:alert(1)"),
];

const CONTACT: [(&str, &str); 4] =
    [("Address", "officer@itu-t.example"), ("Name", "An Officer"), ("Role", "Technical Officer"), ("Affiliation", "ITU")];

const WRONG_IN_CONTACT: [(&str, &str, &str); 4] = [
    ("address", "Address", "officer at itu-t"),
    ("name", "Name", "a\u{1b}b"),
    ("role", "Role", "a\u{1b}b"),
    ("affiliation", "Affiliation", "a\u{1b}b"),
];

/// Every form with text; a form that is not here fails `every_form_with_text_stands_in_the_table`.
pub const FORMS: &[Form] = &[
    Form {
        route: "/statements/drafts/{draft_id}/tell-group",
        who: chair,
        page: "/statements/drafts/<outgoing>/tell-group",
        button: "Show the mail",
        fields: &[("Comments by", "20 March 2026"), ("Words to the group", "Is clause 7\nright?")],
        wrong: &[
            ("comments-by", "Comments by", "some day"),
            ("comments-by", "Comments by", "1 March 2026"),
            ("words", "Words to the group", "a\u{1b}word"),
        ],
    },
    Form {
        route: "/statements/drafts/{draft_id}/consult",
        who: |world| Some(&world.coordinator),
        page: "/statements/drafts/<review>/consult",
        button: "Consult",
        fields: &[],
        wrong: &[("words", "What do you ask?", "a\u{1b}word"), ("words", "What do you ask?", "")],
    },
    Form {
        route: "/statements/drafts/{draft_id}/hand-over",
        who: chair,
        page: "/statements/drafts/<draft>/hand-over",
        button: "Hand it over",
        fields: &[("Whose draft is it to be?", "chen@people.example"), ("A word to them", "the end\nis missing")],
        wrong: &[
            ("to", "Whose draft is it to be?", "nobody@people.example"),
            ("to", "Whose draft is it to be?", "otto@people.example"),
            ("to", "Whose draft is it to be?", ""),
            ("words", "A word to them", "a\u{1b}word"),
        ],
    },
    Form {
        route: "/account/away",
        who: |world| Some(&world.ad_net),
        page: "/account",
        button: "Save",
        fields: &[("Away until", "30 March 2026"), ("Who decides in your place", "niels@people.example")],
        wrong: &[
            ("away", "Away until", "some day"),
            ("stand-in", "Who decides in your place", "nobody@people.example"),
            ("stand-in", "Who decides in your place", "otto@people.example"),
            ("stand-in", "Who decides in your place", "nora@people.example"),
        ],
    },
    Form {
        route: "/statements/outgoing/new",
        who: chair,
        page: "/statements/outgoing/new?form=yes",
        button: "Continue to check and submit",
        fields: &OUTGOING,
        wrong: &WRONG_IN_OUTGOING,
    },
    Form {
        route: "/statements/drafts/{draft_id}",
        who: chair,
        page: "/statements/drafts/<outgoing>",
        button: "Continue to check and submit",
        fields: &OUTGOING,
        wrong: &WRONG_IN_OUTGOING,
    },
    Form {
        route: "/statements/drafts/{draft_id}/review",
        who: |world| Some(&world.ad_net),
        page: "/statements/drafts/<signing>/review",
        button: "Send decision",
        fields: &[("Decision", "Request changes"), ("What should be changed?", "the second clause")],
        wrong: &[("reason", "What should be changed?", "the\u{1b}clause"), ("reason", "What should be changed?", " ")],
    },
    Form {
        route: "/statements/drafts/{draft_id}/hold",
        who: coordinator,
        page: "/statements/drafts/<signing>/review",
        button: "Hold it",
        fields: &[],
        wrong: &[("hold-why", "Why do you hold it?", "not\u{1b}yet"), ("hold-why", "Why do you hold it?", "")],
    },
    Form {
        route: "/statements/drafts/{draft_id}/enter",
        who: coordinator,
        page: "/statements/drafts/<signing>/enter",
        button: "Enter it",
        fields: &[("Who gave it?", "Nora Director (Area Director of NET)")],
        wrong: &[("evidence", "Evidence", "a\u{1b}link"), ("evidence", "Evidence", "")],
    },
    Form {
        route: "/statements/drafts/{draft_id}/enter",
        who: coordinator,
        page: "/statements/drafts/<signing>/enter",
        button: "Enter it",
        fields: &[],
        wrong: &[("whose", "Evidence", "https://mail.example/arch/1")],
    },
    Form {
        route: "/statements/{number}/approval",
        who: |world| Some(&world.ad_net),
        page: "/statements/1915/approval",
        button: "Send decision",
        fields: &[("Decision", "Object")],
        wrong: &[("objection", "What do you object to?", "not\u{1b}ours"), ("objection", "What do you object to?", "")],
    },
    Form {
        route: "/statements/unrecorded/new",
        who: chair,
        page: "/statements/unrecorded/new",
        button: "Report it",
        // a link that is right is kept at once, among the files
        fields: &[
            ("What is it about?", "A letter <of> SG11"),
            ("From which organization?", "ITU-T SG11"),
            ("Its text, or the whole mail", "Dear all,\n\n\tplease"),
        ],
        wrong: &[
            ("title", "What is it about?", "a\u{1b}letter"),
            ("from", "From which organization?", "nowhere at all"),
            ("body", "Its text, or the whole mail", "x\u{1b}y"),
            ("link", "Or a link", "javascript:alert(1)"),
        ],
    },
    Form {
        route: "/statements/unrecorded/{report}/set-aside",
        who: manager,
        page: "/statements/unrecorded/<report>",
        button: "Set it aside",
        fields: &[],
        wrong: &[("reason", "Why is it not recorded?", "not\u{1b}ours"), ("reason", "Why is it not recorded?", "")],
    },
    Form {
        route: "/groups/{acronym}/contacts",
        who: manager,
        page: "/groups/itu-t-sg11/contacts",
        button: "Store the contact",
        fields: &CONTACT,
        wrong: &WRONG_IN_CONTACT,
    },
    Form {
        route: "/groups/{acronym}/contacts/{contact}",
        who: manager,
        page: "/groups/itu-t-sg11/contacts/<contact>",
        button: "Save",
        fields: &CONTACT,
        wrong: &WRONG_IN_CONTACT,
    },
    Form {
        route: "/groups/{acronym}/sending",
        who: manager,
        page: "/groups/itu-t-sg11/sending",
        button: "Save",
        fields: &[
            ("Where to", "https://portal.example/"),
            ("Layout", "the template\nof 2026"),
            ("Formats", "Word"),
            ("Document access", "ask us"),
            ("Notes", "before noon"),
        ],
        wrong: &[
            ("send-at", "Where to", "a\u{1b}b"),
            ("layout", "Layout", "a\u{1b}b"),
            ("formats", "Formats", "a\u{1b}b"),
            ("document-access", "Document access", "a\u{1b}b"),
            ("notes", "Notes", "a\u{1b}b"),
        ],
    },
    Form {
        route: "/groups/{acronym}/aliases/{role}",
        who: coordinator,
        page: "/groups/itu-t/contacts",
        button: "Save the alias",
        fields: &[],
        wrong: &[("alias-<role>", "Alias of Ivo Manager", "alias at iab")],
    },
    Form {
        route: "/statements/drafts/{draft_id}/wait",
        who: chair,
        page: "/statements/drafts/<draft>",
        button: "Wait for the sender",
        fields: &[],
        wrong: &[
            ("words", "What was the sender asked?", ""),
            ("words", "What was the sender asked?", "which clause?\na\u{1b}b"),
            ("words", "What was the sender asked?", LONG),
        ],
    },
    Form {
        route: "/statements/{number}/edit",
        who: manager,
        page: "/statements/1914/edit",
        button: "Save the changes",
        fields: &[("Why is it changed?", "they wrote\nagain")],
        wrong: &[("references", "Peer's reference", "a\u{1b}b"), ("reason", "Why is it changed?", "a\u{1b}b")],
    },
    Form {
        route: "/statements/{number}/files",
        who: manager,
        page: "/statements/1914/files",
        button: "Add it",
        fields: &[
            ("Or a link", "https://example.org/a.pdf"),
            ("File title", "The annex"),
            ("Peer's number", "TD 7"),
            ("If withheld, why?", "theirs"),
        ],
        wrong: &[("link", "Or a link", "javascript:alert(1)"), ("title", "File title", "a\u{1b}b"), ("peer-number", "Peer's number", "a\u{1b}b")],
    },
    Form {
        route: "/statements/{number}/files/{n}",
        who: manager,
        page: "/statements/1914/files/1",
        button: "Save",
        fields: &[("Who may fetch it?", "Withheld, with a reason"), ("Why does it change?", "they asked")],
        wrong: &[("withheld-why", "If withheld, why?", ""), ("withheld-why", "If withheld, why?", "a\u{1b}b")],
    },
    Form {
        route: "/statements/{number}/take-away",
        who: coordinator,
        page: "/statements/1914/take-away",
        button: "Take it away for good",
        fields: &[("What is taken away?", "Words of the text"), ("If words, which?", "please comment")],
        wrong: &[("reason", "Why is it taken away?", "a\u{1b}b"), ("reason", "Why is it taken away?", "")],
    },
    Form {
        route: "/statements/incoming/new",
        who: chair,
        page: "/statements/incoming/new",
        button: "Continue to check",
        fields: &LETTER,
        wrong: &WRONG_IN_LETTER,
    },
    Form {
        route: "/statements/drafts/{draft_id}",
        who: chair,
        page: "/statements/drafts/<draft>",
        button: "Continue to check",
        fields: &LETTER,
        wrong: &WRONG_IN_LETTER,
    },
    Form {
        route: "/statements/drafts/{draft_id}/review",
        who: manager,
        page: "/statements/drafts/<review>/review",
        button: "Send decision",
        fields: &[("Decision", "Request changes"), ("What should be changed?", "the date is wrong")],
        wrong: &[("reason", "What should be changed?", "the\u{1b}date"), ("reason", "What should be changed?", " ")],
    },
    Form {
        route: "/statements/drafts/{draft_id}/abandon",
        who: chair,
        page: "/statements/drafts/<draft>",
        button: "Give up",
        fields: &[],
        wrong: &[("reason", "Why is it given up?", "no\u{1b}need"), ("reason", "Why is it given up?", "")],
    },
    Form {
        route: "/statements/{number}/comments",
        who: chair,
        page: "/statements/1914",
        button: "Add the comment",
        fields: &[("Who reads it?", "Everybody")],
        wrong: &[("comment", "Comment", "a\u{1b}word"), ("comment", "Comment", "")],
    },
    Form {
        route: "/statements/{number}/remove",
        who: |world| Some(&world.coordinator),
        page: "/statements/1914/remove",
        button: "Remove it",
        fields: &[],
        wrong: &[("reason", "Why is it removed?", "in\u{1b}error"), ("reason", "Why is it removed?", "")],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}",
        who: chair,
        page: "/statements/1914/actions/wire",
        button: "Record it",
        fields: &[
            ("What do you record?", "Answered informally"),
            ("Until when?", "30 March 2026"),
            ("In words", "in person,\nat the meeting"),
            ("Link to the answer", "https://example.org/archive/1"),
        ],
        wrong: &[("words", "In words", "a\u{1b}word"), ("link", "Link to the answer", "javascript:alert(1)")],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}",
        who: chair,
        page: "/statements/1914/actions/wire",
        button: "Record it",
        fields: &[
            ("What do you record?", "Wait for the peer"),
            ("Until when?", "30 March 2026"),
            ("In words", "clarify clause 7"),
            ("Link to the answer", "https://example.org/archive/1"),
        ],
        wrong: &[("until", "Until when?", "some day"), ("until", "Until when?", "1 March 2026"), ("words", "In words", "")],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}/deadline",
        who: chair,
        page: "/statements/1914/actions/wire",
        button: "Set the deadline",
        fields: &[
            ("Deadline", "1 June 2026"),
            ("Whose day is it?", "Agreed with the peer"),
            ("Agreed with whom?", "their rapporteur"),
            ("Link to the agreement", "https://example.org/archive/2"),
        ],
        wrong: &[
            ("deadline", "Deadline", "mid-May"),
            ("deadline", "Deadline", "1 January 2026"),
            ("agreed-with", "Agreed with whom?", "a\u{1b}b"),
            ("evidence", "Link to the agreement", "file:///etc"),
        ],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}/told",
        who: chair,
        page: "/statements/1914/actions/wire",
        button: "Note it",
        fields: &[
            ("Told on", "1 March 2026"),
            ("How?", "in a call"),
            ("What the peer was told", "it will be\nlate"),
            ("Proposed day", "1 June 2026"),
        ],
        wrong: &[
            ("told-on", "Told on", "the other day"),
            ("told-on", "Told on", "1 May 2026"),
            ("channel", "How?", "a\u{1b}b"),
            ("told-words", "What the peer was told", ""),
            ("proposed", "Proposed day", "31 June 2026"),
        ],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}/not-for-us",
        who: chair,
        page: "/statements/1914/actions/wire",
        button: "Say that it is not for us",
        fields: &[],
        wrong: &[
            ("refusal", "Why is it not for your group, and whose may it be?", "a\u{1b}b"),
            ("refusal", "Why is it not for your group, and whose may it be?", ""),
        ],
    },
    Form {
        route: "/statements/{number}/actions/{acronym}/redirect",
        who: manager,
        page: "/statements/1914/actions/wire",
        button: "Redirect it",
        fields: &[("Which group is it for?", "mesh"), ("Why?", "it is about meshes")],
        wrong: &[
            ("redirect-to", "Which group is it for?", "mush"),
            ("redirect-to", "Which group is it for?", ""),
            ("redirect-why", "Why?", "a\u{1b}b"),
        ],
    },
    Form {
        route: "/account/address",
        who: chair,
        page: "/account",
        button: "Change address",
        fields: &[("New e-mail address", "carol@elsewhere.example"), ("Your password", PASSWORD)],
        wrong: &[
            ("new-address", "New e-mail address", "carol at elsewhere"),
            ("new-address", "New e-mail address", "carol@people.example"),
            ("password", "Your password", "another one 77"),
        ],
    },
    Form {
        route: "/sign-in",
        who: nobody,
        page: "/sign-in",
        button: "Sign in",
        fields: &[("E-mail address", "carol@people.example"), ("Password", PASSWORD)],
        wrong: &[("email", "Password", "another one 77"), ("email", "E-mail address", "")],
    },
];

/// Changes whose forms have no text to give back, and why.
pub const WITHOUT: &[(&str, &str)] = &[
    ("/statements/drafts/{draft_id}/share", "a button"),
    ("/statements/drafts/{draft_id}/share/revoke", "a button"),
    ("/statements/drafts/{draft_id}/split", "a button"),
    ("/statements/drafts/{draft_id}/other-format", "a file: outgoing/together.rs"),
    ("/statements/{number}/confirmed", "of an outgoing one: outgoing/answers.rs"),
    ("/statements/drafts/{draft_id}/resume", "a button"),
    ("/statements/drafts/{draft_id}/release", "a button"),
    ("/statements/unrecorded/{report}/take", "a button"),
    ("/statements/unrecorded/{report}/give-back", "a button"),
    ("/statements/unrecorded/{report}/record", "a button"),
    ("/organizations/{acronym}/receipts", "ticks"),
    ("/statements/drafts/{draft_id}/open", "the page's script asks"),
    ("/statements/drafts/{draft_id}/submit", "ticks and a role"),
    ("/statements/drafts/{draft_id}/take-back", "a button"),
    ("/statements/drafts/{draft_id}/restore", "a button"),
    ("/statements/drafts/{draft_id}/link-instead", "a button"),
    ("/statements/drafts/{draft_id}/delete", "a button"),
    ("/statements/{number}/receipt", "a button"),
    ("/statements/{number}/actions/{acronym}/stays", "a button"),
    ("/statements/{number}/actions/{acronym}/lead", "a button"),
    ("/statements/{number}/mail/{delivery}/send-again", "a button"),
    ("/statements/drafts/{draft_id}/mail/{delivery}/send-again", "a button"),
    ("/statements/{number}/mail/{delivery}/give-up", "a button"),
    ("/statements/drafts/{draft_id}/mail/{delivery}/give-up", "a button"),
    ("/sign-in/{secret}", "a button"),
    ("/sign-out", "a button"),
    ("/password/forgotten", "one address: empty is all that is wrong with it"),
    ("/password/{secret}", "a password, never given back"),
    ("/account/password", "passwords, never given back"),
    ("/account/address/{secret}", "a button"),
    ("/account/sessions/{session}/end", "a button"),
    ("/account/sign-out-everywhere", "a button"),
    ("/administration/mail/{mail}/{delivery}/send-again", "a button"),
    ("/administration/mail/{mail}/{delivery}/give-up", "a button"),
];
