//! Saying something again and again without filling the log with it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lets something be said at most once in a while.
#[derive(Debug)]
pub struct Seldom {
    rest: Duration,
    last: Mutex<Option<Instant>>,
}

impl Seldom {
    /// Not yet said.
    pub const fn each(rest: Duration) -> Self {
        Self { rest, last: Mutex::new(None) }
    }

    /// Whether it is time to say it; if so, it is taken as said.
    pub fn is_due(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| last.elapsed() >= self.rest);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_at_once_and_then_after_the_rest() {
        let long = Seldom::each(Duration::from_hours(1));
        assert_eq!([long.is_due(), long.is_due()], [true, false]);
        let none = Seldom::each(Duration::ZERO);
        assert_eq!([none.is_due(), none.is_due()], [true, true]);
    }
}
