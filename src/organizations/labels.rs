//! How a group is called on a page: a readable form of its acronym.

use super::words::key_of;

/// The label of a group: "ITU-T SG11 Q5", "3GPP SA2", "ISO/IEC JTC1 SC29 WG11", "IEEE 802.1", "SPRING", "Routing Area".
///
/// A home group is its acronym in capitals, an area its name; a peer's group is its acronym parted into words, written as
/// its own name or its organization's writes them. Where name and acronym say the same the name is the label, unless it
/// is the acronym over again ("ITU-T-SG-4").
pub fn display_label(acronym: &str, name: &str, root_acronym: &str, root_name: &str, home: bool) -> String {
    if home {
        return match name.strip_suffix(" Area") {
            Some(subject) if !subject.is_empty() => name.to_owned(),
            _ => acronym.to_uppercase(),
        };
    }
    let (head, rest) = HEADS
        .iter()
        .find_map(|(start, head)| {
            let rest = acronym.strip_prefix(start)?;
            (rest.is_empty() || rest.starts_with('-')).then_some((*head, rest))
        })
        .unwrap_or(("", acronym));
    if head.is_empty() && is_readable(name) && key_of(name) == key_of(acronym) {
        return name.to_owned();
    }
    let mut label = head.to_owned();
    for token in rest.split('-').filter(|token| !token.is_empty()) {
        if !label.is_empty() {
            label.push(between(&label, token));
        }
        label.push_str(&cased(token, name, root_acronym, root_name));
    }
    label
}

/// Organizations whose groups' names vary too much in form to be taken as they are.
const HEADS: [(&str, &str); 4] = [("iso-iec", "ISO/IEC"), ("itu-t", "ITU-T"), ("itu-r", "ITU-R"), ("itu-d", "ITU-D")];

/// Words that are written in no other way.
const WRITTEN: [&str; 6] = ["IPv6", "IPv4", "WiFi", "Group", "Forum", "Alliance"];

/// Whether a name is written for readers: with blanks, slashes or small letters, and not all small.
fn is_readable(name: &str) -> bool {
    let capitals = name.chars().any(char::is_uppercase);
    capitals && (!name.contains('-') || name.contains([' ', '/']) || name.chars().any(char::is_lowercase))
}

/// What parts a token from the label so far: a point between numbers ("802.1"), a hyphen after JCA, otherwise a blank.
fn between(label: &str, token: &str) -> char {
    if label.ends_with(|c: char| c.is_ascii_digit()) && token.starts_with(|c: char| c.is_ascii_digit()) {
        '.'
    } else if label.ends_with(" JCA") {
        '-'
    } else {
        ' '
    }
}

fn cased(token: &str, name: &str, root_acronym: &str, root_name: &str) -> String {
    let in_names = [name, root_name]
        .into_iter()
        .filter(|name| is_readable(name))
        .flat_map(|name| name.split(|c: char| !c.is_alphanumeric()))
        .find(|word| word.eq_ignore_ascii_case(token));
    let written = WRITTEN.into_iter().find(|word| word.eq_ignore_ascii_case(token));
    match written.or(in_names) {
        // A root's own acronym is no ordinary word of its name.
        Some(word) if token != root_acronym || word.chars().any(char::is_uppercase) => word.to_owned(),
        _ => token.to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_group_has_a_readable_label() {
        for (acronym, name, root, root_name, label) in [
            ("itu-t-sg11", "Study Group 11", "itu", "ITU", "ITU-T SG11"),
            ("itu-t-sg4", "ITU-T-SG-4", "itu", "ITU", "ITU-T SG4"),
            ("itu-t-sg15-q14", "Question 14/15", "itu", "ITU", "ITU-T SG15 Q14"),
            ("itu-t-sg15-wp3", "Working Party 3/15", "itu", "ITU", "ITU-T SG15 WP3"),
            ("itu-t", "ITU Telecommunication Standardization Sector", "itu", "ITU", "ITU-T"),
            ("itu-t-jca-idm", "ITU-T-JCA-IDM", "itu", "ITU", "ITU-T JCA-IDM"),
            ("itu-t-ipv6-group", "ITU-T-IPV6-GROUP", "itu", "ITU", "ITU-T IPv6 Group"),
            ("itu-r-wp8f", "ITU-R-WP8F", "itu", "ITU", "ITU-R WP8F"),
            ("3gpp-sa2", "SA WG2, System Architecture", "3gpp", "3rd Generation Partnership Project", "3GPP SA2"),
            ("3gpp", "3rd Generation Partnership Project", "3gpp", "3rd Generation Partnership Project", "3GPP"),
            (
                "etsi-isg-zsm",
                "ETSI ISG Zero-touch network and Service Management",
                "etsi",
                "European Telecommunications Standards Institute",
                "ETSI ISG ZSM",
            ),
            ("iso-iec-jtc1-sc29-wg11", "ISO/IEC JTC 1/SC 29/WG 11", "iso-iec-jtc1", "ISO/IEC JTC 1", "ISO/IEC JTC1 SC29 WG11"),
            ("iso-iec-jtc1-sc7", "ISO-IEC-JTC1-SC7", "iso-iec-jtc1", "ISO/IEC JTC 1", "ISO/IEC JTC1 SC7"),
            ("ieee-802-1", "IEEE 802.1 Working Group", "ieee", "IEEE", "IEEE 802.1"),
            ("ieee-802-ec-omniran", "IEEE-802-EC-OMNIRAN", "ieee", "IEEE", "IEEE 802 EC OMNIRAN"),
            ("cablelabs", "CableLabs", "cablelabs", "CableLabs", "CableLabs"),
            ("unicode", "Unicode Consortium", "unicode", "Unicode Consortium", "Unicode"),
            ("oss-j", "OSS/J", "oss-j", "OSS/J", "OSS/J"),
            ("smcamo", "smcamo", "smcamo", "smcamo", "SMCAMO"),
            ("w3c-mmi", "W3C MMI", "w3c", "World Wide Web Consortium", "W3C MMI"),
            ("incits-t11-5", "INCITS T11.5", "incits-t11-5", "INCITS T11.5", "INCITS T11.5"),
            ("dvb-tm-ipi", "DVB TM-IPI", "dvb-tm-ipi", "DVB TM-IPI", "DVB TM-IPI"),
        ] {
            assert_eq!(display_label(acronym, name, root, root_name, false), label);
        }
    }

    #[test]
    fn a_home_group_is_its_acronym_and_an_area_its_name() {
        let label = |acronym, name| display_label(acronym, name, "ietf", "Internet Engineering Task Force", true);

        assert_eq!(label("nmop", "Network Management Operations"), "NMOP");
        assert_eq!(label("ietf", "Internet Engineering Task Force"), "IETF");
        assert_eq!(label("rtg", "Routing Area"), "Routing Area");
        assert_eq!(label("adm", "ops"), "ADM");
    }
}
