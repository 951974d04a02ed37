//! A release that is no longer shown: when and why. Never holds a figure.

use chrono::NaiveDate;

use super::Release;

/// Longest reason, in characters.
const LONGEST: usize = 300;

/// That a release was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The offering's title.
    pub title: String,
    /// When.
    pub on: NaiveDate,
    /// Why, as whoever did it wrote.
    pub reason: String,
}

impl Withdrawal {
    /// The same in words.
    #[must_use]
    pub fn words(&self) -> String {
        format!("withdrawn on {}, and never drawn again: {}", self.on, self.reason)
    }
}

/// What stands where a release was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frozen {
    /// It is shown.
    Shown(Box<Release>),
    /// It was withdrawn.
    Withdrawn(Withdrawal),
}

/// A reason that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "say in one line of 1 to 300 characters why it is withdrawn; everybody who sees releases reads it, so name nobody"
)]
pub struct NoReason;

/// Reads a reason.
///
/// # Errors
/// [`NoReason`].
pub fn reason(text: &str) -> Result<String, NoReason> {
    let text = text.trim();
    let is_one = !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    if is_one { Ok(text.to_owned()) } else { Err(NoReason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        assert_eq!(reason("  a wrong roster "), Ok("a wrong roster".to_owned()));
        for wrong in ["", "   ", "a\nb", &"x".repeat(301)] {
            assert_eq!(reason(wrong), Err(NoReason));
        }
    }
}
