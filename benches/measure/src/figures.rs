//! Figures, and what they are held against.

/// A median and its quartiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Lower quartile.
    pub lower: f64,
    /// Median.
    pub median: f64,
    /// Upper quartile.
    pub upper: f64,
}

impl Spread {
    /// Of measured values.
    pub fn of(values: &[f64]) -> Self {
        let mut values: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        Self { lower: quantile(&values, 0.25), median: quantile(&values, 0.5), upper: quantile(&values, 0.75) }
    }

    /// Of a count, which does not wobble.
    pub fn exactly(value: f64) -> Self {
        Self { lower: value, median: value, upper: value }
    }
}

/// The value below which that share of sorted values lies.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = share * last as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    below + (above - below) * at.fract()
}

/// What a figure must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// At most so much.
    AtMost(f64),
    /// At least so much.
    AtLeast(f64),
    /// Only told.
    None,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The goal holds.
    Met,
    /// It does not.
    FallsShort,
    /// Equal work took unequal time.
    TooNoisy,
    /// It could not be measured; the row says why.
    NotMeasured,
    /// There is no goal.
    Told,
}

/// A row of the table.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// "P01".
    pub id: &'static str,
    /// What was measured.
    pub what: String,
    /// The figure.
    pub figure: Spread,
    /// Its unit; empty: a ratio.
    pub unit: &'static str,
    /// What it must be.
    pub goal: Goal,
    /// What came of it.
    pub verdict: Verdict,
}

impl Outcome {
    /// Of a spread: the goal is missed only if the better quartile misses it.
    pub fn new(id: &'static str, what: impl Into<String>, figure: Spread, unit: &'static str, goal: Goal) -> Self {
        let verdict = match goal {
            Goal::None => Verdict::Told,
            _ if figure.median.is_nan() => Verdict::NotMeasured,
            Goal::AtMost(most) if figure.lower > most => Verdict::FallsShort,
            Goal::AtLeast(least) if figure.upper < least => Verdict::FallsShort,
            _ => Verdict::Met,
        };
        Self { id, what: what.into(), figure, unit, goal, verdict }
    }

    /// Of a count.
    pub fn count(id: &'static str, what: impl Into<String>, figure: f64, unit: &'static str, goal: Goal) -> Self {
        Self::new(id, what, Spread::exactly(figure), unit, goal)
    }

    /// Of something that is not there to be measured.
    pub fn not_measured(id: &'static str, what: impl Into<String>, why: &str) -> Self {
        let nothing = Spread::exactly(f64::NAN);
        Self { id, what: format!("{}: {why}", what.into()), figure: nothing, unit: "", goal: Goal::None, verdict: Verdict::NotMeasured }
    }

    /// The same, where the control was not quiet.
    pub fn unless_noisy(self, is_quiet: bool) -> Self {
        if is_quiet || self.verdict == Verdict::Told { self } else { Self { verdict: Verdict::TooNoisy, ..self } }
    }

    fn cells(&self) -> [String; 5] {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        let goal = match self.goal {
            Goal::AtMost(most) => format!("≤ {}{unit}", number(most)),
            Goal::AtLeast(least) => format!("≥ {}{unit}", number(least)),
            Goal::None => String::new(),
        };
        let figure = if self.figure.median.is_nan() {
            String::new()
        } else if self.figure.lower == self.figure.upper {
            format!("{}{unit}", number(self.figure.median))
        } else {
            format!("{}{unit} ({}–{})", number(self.figure.median), number(self.figure.lower), number(self.figure.upper))
        };
        let verdict = match self.verdict {
            Verdict::Met => "met",
            Verdict::FallsShort => "falls short",
            Verdict::TooNoisy => "too noisy",
            Verdict::NotMeasured => "not measured",
            Verdict::Told => "",
        };
        [self.id.to_owned(), self.what.clone(), figure, goal, verdict.to_owned()]
    }
}

fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 1000.0 => {
            let digits = format!("{value:.0}");
            let first = digits.len() % 3;
            let groups: Vec<String> = digits.as_bytes()[first..].chunks(3).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
            let head = if first == 0 { Vec::new() } else { vec![digits[..first].to_owned()] };
            head.into_iter().chain(groups).collect::<Vec<_>>().join(",")
        }
        whole if whole.fract() == 0.0 => format!("{value:.0}"),
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        small if small >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

const HEAD: [&str; 5] = ["goal", "what", "median (quartiles)", "must be", "result"];

/// The table for a terminal.
pub fn as_text(outcomes: &[Outcome]) -> String {
    let rows: Vec<[String; 5]> = std::iter::once(HEAD.map(str::to_owned)).chain(outcomes.iter().map(Outcome::cells)).collect();
    let widths: Vec<usize> = (0..5).map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            format!("{}\n", cells.join("  ").trim_end())
        })
        .collect()
}

/// The table in Markdown.
pub fn as_markdown(outcomes: &[Outcome]) -> String {
    let line = |cells: &[String; 5]| format!("| {} |\n", cells.iter().map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>().join(" | "));
    let head = format!("{}| --- | --- | --- | --- | --- |\n", line(&HEAD.map(str::to_owned)));
    std::iter::once(head).chain(outcomes.iter().map(|outcome| line(&outcome.cells()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_lie_between_values() {
        assert_eq!(Spread::of(&[4.0, 1.0, 2.0, 3.0]), Spread { lower: 1.75, median: 2.5, upper: 3.25 });
        assert!(Spread::of(&[]).median.is_nan());
    }

    #[test]
    fn a_goal_is_missed_only_if_the_better_quartile_misses_it() {
        let figure = Spread { lower: 1.5, median: 1.7, upper: 1.9 };
        assert_eq!(Outcome::new("P01", "", figure, "", Goal::AtMost(1.6)).verdict, Verdict::Met);
        assert_eq!(Outcome::new("P01", "", figure, "", Goal::AtMost(1.4)).verdict, Verdict::FallsShort);
        assert_eq!(Outcome::new("P14", "", figure, "", Goal::AtLeast(1.8)).verdict, Verdict::Met);
        assert_eq!(Outcome::new("P14", "", figure, "", Goal::AtLeast(2.0)).verdict, Verdict::FallsShort);
        assert_eq!(Outcome::new("P01", "", figure, "", Goal::AtMost(1.4)).unless_noisy(false).verdict, Verdict::TooNoisy);
    }

    #[test]
    fn numbers_are_short() {
        let written = [0.0, 0.0123, 1.234, 12.34, 123.4, 1234.5, 123456.0, 1234567.0].map(number);
        assert_eq!(written, ["0", "0.012", "1.23", "12.3", "123", "1,234", "123,456", "1,234,567"]);
    }
}
