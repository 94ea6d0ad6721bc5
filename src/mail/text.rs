//! Text of our own mails: wrapped at 72 columns. Bodies of statements are never touched.

const COLUMNS: usize = 72;

/// Wraps each line at 72 columns between words; a word longer than that (an address of a page) stays whole.
///
/// Lines that begin with a blank or `>` are kept as they are; a list's lines (`- `, `1. `) go on indented.
pub fn wrap(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| wrap_line(line.trim_end())).collect();
    lines.join("\n")
}

fn wrap_line(line: &str) -> String {
    if line.chars().count() <= COLUMNS || line.starts_with([' ', '>']) {
        return line.to_owned();
    }
    let indent = " ".repeat(bullet(line));
    let mut done = String::with_capacity(line.len() + 8);
    let mut width = 0;
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let letters = word.chars().count();
        if width > 0 && width + 1 + letters > COLUMNS {
            done.push('\n');
            done.push_str(&indent);
            width = indent.len();
        } else if width > 0 {
            done.push(' ');
            width += 1;
        }
        done.push_str(word);
        width += letters;
    }
    done
}

/// Width of a list's mark and the blank after it; 0: no list.
fn bullet(line: &str) -> usize {
    let (mark, _) = line.split_once(' ').unwrap_or((line, ""));
    let is_number = mark.strip_suffix('.').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if mark == "-" || mark == "*" || is_number { mark.len() + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn long_lines_break_between_words_and_links_stay_whole() {
        let link = format!("https://liaison.example.org/{}", "x".repeat(90));
        let text = format!("{} {link}\n\nshort", "word ".repeat(20).trim_end());

        let wrapped = wrap(&text);

        assert!(wrapped.lines().all(|line| line.chars().count() <= 72 || line == link), "{wrapped}");
        assert_eq!(wrapped.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
        assert!(wrapped.ends_with("\n\nshort"));
    }

    #[test]
    fn a_list_goes_on_indented_and_quoted_lines_stay() {
        let quoted = format!("> {}", "word ".repeat(20));
        let text = format!("- {}\n{}", "word ".repeat(20).trim_end(), quoted.trim_end());

        let wrapped = wrap(&text);

        assert_eq!(wrapped.lines().nth(1), Some("  word word word word word word"));
        assert!(wrapped.ends_with(quoted.trim_end()));
    }
}
