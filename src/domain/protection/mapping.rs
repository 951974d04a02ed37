//! Which assignments of a schedule mean protected time, and which mean that nobody is booked. Never matches a part
//! of a name: `VACA` is vacation, and `VA Wards` is a hospital.

use serde::Deserialize;

/// What the coordinator keeps about the names of assignments; compared without regard to case and outer spaces.
/// As TOML, where a key that is left out keeps its default and an empty list means none:
///
/// ```toml
/// protected = ["Wellness half-day"]   # free of duty, whatever else the schedule says at that hour
/// never = ["Nights", "VACA"]          # never booked while it lasts
/// day_after = ["Nights"]              # nor from its end until the next local midnight
/// ```
///
/// An assignment that is not named is duty: neither protected nor forbidden.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Names that mean protected time.
    pub protected: Vec<String>,
    /// Names during which nobody is booked.
    pub never: Vec<String>,
    /// Names after whose end nobody is booked until the next local midnight.
    pub day_after: Vec<String>,
}

impl Default for Mapping {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            protected: names(&[
                "Wellness half-day",
                "Wellness",
                "Wellness day",
                "Protected time",
                "Protected half-day",
            ]),
            never: names(&[
                "Nights",
                "Night",
                "Night float",
                "NF",
                "VACA",
                "Vacation",
                "Vac",
                "Leave",
                "LOA",
                "Sick",
                "Parental leave",
                "Post-call",
                "Post call",
            ]),
            day_after: names(&["Nights", "Night", "Night float", "NF"]),
        }
    }
}

/// How an assignment's name was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// Protected time.
    Protected,
    /// Never booked.
    Never,
    /// Never booked, nor on the rest of the day on which it ends.
    NeverWithDayAfter,
    /// Only the rest of the day on which it ends is never booked.
    DayAfter,
    /// Duty: neither.
    Duty,
}

/// A mapping that says two things of one name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” stands under `protected` and also under `never` or `day_after`; keep one")]
pub struct Contradiction(String);

impl Mapping {
    /// Checks that no name is both protected and forbidden.
    ///
    /// # Errors
    /// [`Contradiction`] with the first such name.
    pub fn check(self) -> Result<Self, Contradiction> {
        match self.protected.iter().find(|name| has(&self.never, name) || has(&self.day_after, name)) {
            Some(name) => Err(Contradiction(name.clone())),
            None => Ok(self),
        }
    }

    pub(super) fn taken(&self, assignment: &str) -> Taken {
        match (has(&self.never, assignment), has(&self.day_after, assignment)) {
            (true, true) => Taken::NeverWithDayAfter,
            (true, false) => Taken::Never,
            (false, true) => Taken::DayAfter,
            (false, false) if has(&self.protected, assignment) => Taken::Protected,
            (false, false) => Taken::Duty,
        }
    }
}

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.trim().to_lowercase() == name.trim().to_lowercase())
}
