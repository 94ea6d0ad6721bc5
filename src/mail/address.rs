//! E-mail addresses as people type them: names of any script, internationalised domains, lists in any order.
//!
//! Nothing that leaves this module holds a control character, so no name and no address can add a line to a mail's
//! header.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

pub use super::address_list::parse_list;
use super::address_problem::is_hidden;
pub use super::address_problem::{AddressProblem, AddressReason};

/// The longest address, in bytes (RFC 5321, 4.5.3.1.3, without the angle brackets).
pub const MAX_ADDRESS_BYTES: usize = 254;
/// The longest display name, in characters.
pub const MAX_NAME_CHARACTERS: usize = 200;
const MAX_LOCAL_BYTES: usize = 64;

/// An e-mail address: trimmed, its domain in lower case, otherwise as typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the @, in lower case, in its own script.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The form by which two addresses are compared: all in lower case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    /// The form for a mail's envelope and header, all ASCII: an internationalised domain becomes its `xn--` form.
    ///
    /// An address with other letters before the @ has none, and gives a problem that says so.
    pub fn envelope(&self) -> Result<String, AddressProblem> {
        let problem = |reason| AddressProblem { piece: self.0.clone(), reason };
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        if !local.is_ascii() {
            return Err(problem(AddressReason::LocalPartNotAscii));
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| problem(AddressReason::NotAnAddress))?;
        Ok(format!("{local}@{domain}"))
    }

    fn check(text: &str) -> Result<Self, AddressReason> {
        let text = text.trim();
        if text.chars().any(is_hidden) {
            return Err(AddressReason::HiddenCharacter);
        }
        let text = without_mailto(text);
        if is_web_page(text) {
            return Err(AddressReason::WebPage);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressReason::NotAnAddress)?;
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        if domain.starts_with('[') || domain.parse::<std::net::IpAddr>().is_ok() {
            return Err(AddressReason::IpAddress);
        }
        let local: String = local.nfc().collect();
        if !is_local_part(&local) {
            return Err(AddressReason::NotAnAddress);
        }
        let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| AddressReason::NotAnAddress)?;
        if !ascii.contains('.') && !ascii.is_empty() {
            return Err(AddressReason::NoDomain);
        }
        if ascii.parse::<std::net::IpAddr>().is_ok() {
            return Err(AddressReason::IpAddress);
        }
        let last_label = ascii.rsplit('.').next().unwrap_or_default();
        let is_domain = ascii.split('.').all(|label| !label.is_empty())
            && !last_label.bytes().all(|b| b.is_ascii_digit())
            && lettre::Address::new("postmaster", ascii.as_str()).is_ok();
        if !is_domain {
            return Err(AddressReason::NotAnAddress);
        }
        let domain = if domain.is_ascii() { domain.to_ascii_lowercase() } else { idna::domain_to_unicode(&ascii).0 };
        let address = format!("{local}@{domain}");
        if address.len() > MAX_ADDRESS_BYTES || local.len() + 1 + ascii.len() > MAX_ADDRESS_BYTES {
            return Err(AddressReason::TooLong);
        }
        Ok(Self(address))
    }
}

/// "mailto:name@example.org?subject=x" → "name@example.org".
fn without_mailto(text: &str) -> &str {
    let is_mailto = |head: &str| head.eq_ignore_ascii_case("mailto:");
    match text.get(..7).filter(|head| is_mailto(head)) {
        Some(_) => text[7..].split('?').next().unwrap_or_default().trim(),
        None => text,
    }
}

pub(super) fn is_web_page(text: &str) -> bool {
    let text = text.trim_start_matches(['<', '(', '"']);
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    ["http://", "https://", "http:/", "https:/", "www."].iter().any(|start| lower.starts_with(start)) || (text.contains("://") && !text.contains('@'))
}

/// Whether the text is a dot-atom of RFC 5322 with the letters of RFC 6532; quoted local parts are refused.
fn is_local_part(local: &str) -> bool {
    let atom = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || (!c.is_ascii() && !c.is_whitespace() && !is_hidden(c)))
    };
    local.len() <= MAX_LOCAL_BYTES && local.split('.').all(atom)
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for EmailAddress {
    type Err = AddressProblem;

    fn from_str(text: &str) -> Result<Self, AddressProblem> {
        Self::check(text).map_err(|reason| AddressProblem { piece: text.to_owned(), reason })
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressProblem;

    fn try_from(text: String) -> Result<Self, AddressProblem> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

/// An address, perhaps with the name of who or what is behind it.
///
/// Display writes the form of RFC 5322, with the name in quotation marks where it needs them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mailbox {
    name: Option<String>,
    address: EmailAddress,
}

impl Mailbox {
    /// A mailbox. The name's blanks become single, surrounding quotation marks of the 'one' kind go, an empty name is
    /// none, as is one that holds an address: names are public, addresses of persons are not (domain.md 1, *contacts*).
    /// A name with hidden characters or of more than 200 characters is refused.
    pub fn new(name: Option<&str>, address: EmailAddress) -> Result<Self, AddressProblem> {
        let name = name.unwrap_or_default();
        let problem = |reason| AddressProblem { piece: name.to_owned(), reason };
        let plain = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if plain.chars().any(is_hidden) {
            return Err(problem(AddressReason::HiddenCharacter));
        }
        let plain =
            plain.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).filter(|inner| !inner.contains('\'')).map_or(plain.as_str(), str::trim);
        if plain.chars().count() > MAX_NAME_CHARACTERS {
            return Err(problem(AddressReason::NameTooLong));
        }
        let is_name = !plain.is_empty() && !plain.contains(['@', '\u{ff20}', '\u{fe6b}']);
        Ok(Self { name: is_name.then(|| plain.to_owned()), address })
    }

    /// The display name: one line, without quotation marks around it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address.
    pub fn address(&self) -> &EmailAddress {
        &self.address
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(name) = &self.name else {
            return write!(f, "{}", self.address);
        };
        let needs_no_quotes = |c: char| c.is_ascii_alphanumeric() || " !#$%&*+-/=?^_`{|}~".contains(c) || (!c.is_ascii() && c.is_alphabetic());
        // In quotation marks, so that no reader takes it for an encoded word and decodes it (RFC 2047, 5).
        if name.chars().all(needs_no_quotes) && !name.contains("=?") && !is_web_page(name) {
            write!(f, "{name} <{}>", self.address)
        } else {
            let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
            write!(f, "\"{escaped}\" <{}>", self.address)
        }
    }
}

impl FromStr for Mailbox {
    type Err = AddressProblem;

    fn from_str(text: &str) -> Result<Self, AddressProblem> {
        let problem = |reason| AddressProblem { piece: text.to_owned(), reason };
        match parse_list(text) {
            Ok(mut boxes) if boxes.len() == 1 => boxes.pop().ok_or_else(|| problem(AddressReason::NotAnAddress)),
            Ok(boxes) if boxes.is_empty() => Err(problem(AddressReason::NotAnAddress)),
            Ok(_) => Err(problem(AddressReason::Several)),
            Err(problems) => Err(problems.into_iter().next().unwrap_or_else(|| problem(AddressReason::NotAnAddress))),
        }
    }
}

impl TryFrom<String> for Mailbox {
    type Error = AddressProblem;

    fn try_from(text: String) -> Result<Self, AddressProblem> {
        text.parse()
    }
}

impl From<Mailbox> for String {
    fn from(mailbox: Mailbox) -> Self {
        mailbox.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(text: &str) -> EmailAddress {
        text.parse().expect("an address")
    }

    fn refused(text: &str) -> String {
        text.parse::<EmailAddress>().expect_err(text).to_string()
    }

    #[test]
    fn an_address_is_kept_as_typed_but_for_blanks_and_the_case_of_its_domain() {
        assert_eq!(address("\u{a0}Ann.Jones@Example.ORG\t").as_str(), "Ann.Jones@example.org");
        assert_eq!(address("mailto:ann@example.org?subject=x").as_str(), "ann@example.org");
        assert_eq!(address("MAILTO:ann@example.org").as_str(), "ann@example.org");
        assert_eq!(address("ann@example.org.").as_str(), "ann@example.org");
        assert_eq!(address("Ann@Example.org").key(), "ann@example.org");
    }

    #[test]
    fn addresses_of_every_shape_are_taken() {
        for text in
            ["o'brien+ls@example.org", "a/b=c@sub.example.co.uk", "x@1and1.example", "jörg@example.org", "用户@例子.example", "ann@bücher.example"]
        {
            assert_eq!(address(text).as_str(), text);
        }
    }

    #[test]
    fn the_envelope_is_ascii() {
        assert_eq!(address("ann@Bücher.example").envelope().as_deref(), Ok("ann@xn--bcher-kva.example"));
        assert_eq!(address("ann@example.org").envelope().as_deref(), Ok("ann@example.org"));
        assert_eq!(
            address("jörg@example.org").envelope().expect_err("not ASCII").to_string(),
            "\"jörg@example.org\" can't be mailed, because mail servers take only a–z, digits and signs before the @. Give another address"
        );
    }

    #[test]
    fn what_is_no_address_is_said_in_words() {
        assert_eq!(refused("chair at ietf.org"), "\"chair at ietf.org\" is not an e-mail address. Write it like name@example.org");
        assert_eq!(
            refused("https://example.org/mailman/listinfo/ccamp"),
            "\"https://example.org/mailman/listinfo/ccamp\" is a web page, not an address"
        );
        assert_eq!(refused("u@localhost"), "\"u@localhost\" has no full domain after the @. Write it like name@example.org");
        for text in ["u@[192.0.2.1]", "u@192.0.2.1", "u@[IPv6:2001:db8::1]"] {
            assert!(refused(text).ends_with("has numbers in place of a domain. Write it like name@example.org"));
        }
        for text in [
            "",
            "@",
            "@example.org",
            "ann@",
            "a@b@example.org",
            "ann..jones@example.org",
            ".ann@example.org",
            "ann@example..org",
            "ann@-example.org",
            "ann@exa mple.org",
            "ann jones@example.org",
            "ann@example.123",
            "\"ann\"@example.org",
            "ann@.org",
            "<ann@example.org>",
            "ann@exam_ple.org",
        ] {
            assert!(text.parse::<EmailAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_has_at_most_254_bytes() {
        let domain = format!("{}.{}.{}.example", "a".repeat(60), "b".repeat(60), "c".repeat(60));
        let longest = format!("{}@{domain}", "x".repeat(254 - domain.len() - 1));

        assert_eq!(longest.len(), 254);
        assert!(longest.parse::<EmailAddress>().is_ok());
        assert!(format!("x{longest}").parse::<EmailAddress>().is_err());
    }

    #[test]
    fn nothing_hidden_gets_in() {
        for hidden in ["\r\nBcc: x@example.org", "\n", "\0", "\u{7f}", "\u{202e}", "\u{200b}", "\u{2028}"] {
            assert!(format!("a{hidden}@example.org").parse::<EmailAddress>().is_err(), "{hidden:?}");
            assert!(format!("a@exam{hidden}ple.org").parse::<EmailAddress>().is_err(), "{hidden:?}");
        }
        assert!(Mailbox::new(Some("a\0b"), address("a@example.org")).is_err());
        let folded = Mailbox::new(Some("Ann\r\n Jones"), address("a@example.org")).expect("a folded name");
        assert_eq!(folded.name(), Some("Ann Jones"));
    }

    #[test]
    fn a_name_has_at_most_200_characters() {
        assert!(Mailbox::new(Some(&"é".repeat(200)), address("a@example.org")).is_ok());
        assert_eq!(Mailbox::new(Some(&"é".repeat(201)), address("a@example.org")).expect_err("too long").reason, AddressReason::NameTooLong);
    }

    #[test]
    fn an_address_in_the_place_of_a_name_is_none() {
        for typed in [
            "\"john@corp.example\" <john@corp.example>",
            "john@corp.example <john@corp.example>",
            "'john@corp.example' <john@corp.example>",
            "john@corp.example (john@corp.example)",
            "\"John (private: j@home.example)\" <john@corp.example>",
            "\"john\u{ff20}corp.example\" <john@corp.example>",
        ] {
            let mailbox: Mailbox = typed.parse().unwrap_or_else(|problem| panic!("{typed}: {problem}"));
            assert_eq!((mailbox.name(), mailbox.address().as_str()), (None, "john@corp.example"), "{typed}");
        }
    }

    #[test]
    fn a_name_is_quoted_where_it_needs_it() {
        for (name, written) in [
            ("Ann Jones", "Ann Jones <a@example.org>"),
            ("Ortiz, Carla (External)", "\"Ortiz, Carla (External)\" <a@example.org>"),
            ("Ann \"AJ\" \\ Jones", "\"Ann \\\"AJ\\\" \\\\ Jones\" <a@example.org>"),
            ("Jörg Müller", "Jörg Müller <a@example.org>"),
            ("Mr. Ken Lau", "\"Mr. Ken Lau\" <a@example.org>"),
            ("=?utf-8?q?x?=", "\"=?utf-8?q?x?=\" <a@example.org>"),
        ] {
            let mailbox = Mailbox::new(Some(name), address("a@example.org")).expect("a mailbox");
            assert_eq!(mailbox.to_string(), written);
            assert_eq!(written.parse::<Mailbox>(), Ok(mailbox));
        }
    }

    #[test]
    fn a_mailbox_is_a_string_in_json() {
        let mailbox: Mailbox = serde_json::from_str(r#""\"Ortiz, Carla\" <c@Example.org>""#).expect("a mailbox");
        assert_eq!(mailbox.name(), Some("Ortiz, Carla"));
        assert_eq!(serde_json::to_string(&mailbox).expect("a string"), r#""\"Ortiz, Carla\" <c@example.org>""#);
        assert!(serde_json::from_str::<EmailAddress>("\"nobody\"").is_err());
        assert!(serde_json::from_str::<Mailbox>("\"a@example.org, b@example.org\"").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            name in proptest::option::of("(\\PC|[\"'\\\\,;:<>()@ ]|https://|mailto:|=\\?|a@b\\.org){0,12}"),
            local in "[a-zA-Z0-9+_'é]{1,10}(\\.[a-z!#/=]{1,5})?",
            domain in "(bücher|例子|exa-mple|[a-z]{1,8})\\.(org|example|рф)",
        ) {
            let address = EmailAddress::from_str(&format!("{local}@{domain}"));
            prop_assume!(address.is_ok());
            if let Ok(mailbox) = Mailbox::new(name.as_deref(), address?) {
                prop_assert_eq!(mailbox.to_string().parse::<Mailbox>(), Ok(mailbox));
            }
        }

        #[test]
        fn an_address_holds_no_blank_and_no_control_character(text in "(\\PC|[\r\n\0\t]|@|\\.org|\\.){0,20}") {
            if let Ok(address) = text.parse::<EmailAddress>() {
                prop_assert!(!address.as_str().chars().any(|c| c.is_control() || c.is_whitespace()));
                prop_assert_eq!(address.as_str().parse::<EmailAddress>(), Ok(address.clone()));
                if let Ok(envelope) = address.envelope() {
                    prop_assert!(envelope.is_ascii());
                }
            }
        }
    }
}
