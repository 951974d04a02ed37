//! How many letters a minute leave, and how long a number of them takes. Never counts a letter that one person made be owed:
//! what staff are told hangs on everyone's letters alone.

/// One in so many letters of a minute's pace is for those of one person.
const SHARE_OF_SOMEONE: u32 = 6;

/// A minute's letters, shared out: those that everyone gets and those that one person made be owed. Neither lends the other
/// what it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// For letters that everyone gets, 1 or more.
    pub everyone: u32,
    /// For letters of one person, 1 or more.
    pub someone: u32,
}

impl Shares {
    /// Of so many letters a minute, 2 or more.
    #[must_use]
    pub fn of(per_minute: u32) -> Self {
        let someone = (per_minute / SHARE_OF_SOMEONE).max(1);
        Self { everyone: per_minute.saturating_sub(someone).max(1), someone }
    }

    /// How long so many letters for everyone take, in whole minutes, begun ones counted.
    #[must_use]
    pub fn minutes_for(self, letters: usize) -> usize {
        letters.div_ceil(usize::try_from(self.everyone).unwrap_or(usize::MAX))
    }
}

/// Minutes as people say them: `about 50 minutes`, `about 2 hours`. Beyond two hours to the next half, because nobody plans by
/// the minute then.
#[must_use]
pub fn about(minutes: usize) -> String {
    match minutes {
        0 | 1 => "about a minute".to_owned(),
        2..=119 => format!("about {minutes} minutes"),
        _ => {
            let halves = minutes.div_ceil(30);
            let half = if halves % 2 == 1 { "½" } else { "" };
            format!("about {}{half} hours", halves / 2)
        }
    }
}

/// A number with commas between thousands, as English writes it.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_shared_out_and_never_exceeded() {
        for all in 2..=6000 {
            let Shares { everyone, someone } = Shares::of(all);
            assert_eq!(everyone + someone, all);
            assert!(everyone >= someone && someone > 0, "{all}");
        }
    }

    #[test]
    fn whoever_books_is_told_how_long_letters_take() {
        // Of 30 a minute, 5 are for those who sign in or move: 1,500 take 60 minutes and not 50.
        assert_eq!(Shares::of(30), Shares { everyone: 25, someone: 5 });
        assert_eq!(Shares::of(30).minutes_for(1500), 60);
        assert_eq!([0, 1, 25, 26].map(|letters| Shares::of(30).minutes_for(letters)), [0, 1, 1, 2]);
    }

    #[test]
    fn minutes_and_numbers_are_told_as_people_say_them() {
        assert_eq!([1, 50, 119].map(about), ["about a minute", "about 50 minutes", "about 119 minutes"]);
        assert_eq!(
            [120, 121, 150, 6400].map(about),
            ["about 2 hours", "about 2½ hours", "about 2½ hours", "about 107 hours"]
        );
        assert_eq!([0, 999, 1500, 1_234_567].map(grouped), ["0", "999", "1,500", "1,234,567"]);
    }
}
