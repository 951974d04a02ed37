//! What stored local times mean by a given set of zone rules, and which slots may move to it. Never knows which rules are
//! in force: they are handed in.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;

use super::id::TherapistId;
use super::time::{Instant, LocalSpan, Span, Zone, resolve, zone_data_version};

/// A set of zone rules.
pub struct Rules<'a> {
    /// Its version, such as `2026e`.
    pub version: &'a str,
    /// What a local time means by it.
    pub resolve: &'a (dyn Fn(NaiveDateTime, Zone) -> Instant + Sync),
}

impl Rules<'static> {
    /// Those that this program carries.
    #[must_use]
    pub fn built_in() -> Self {
        Self { version: zone_data_version(), resolve: &resolve }
    }
}

impl Rules<'_> {
    /// What a local time means.
    #[must_use]
    pub fn instant(&self, local: NaiveDateTime, zone: Zone) -> Instant {
        (self.resolve)(local, zone)
    }

    /// What a span by the clock on the wall means; nothing where clock changes leave no time in it.
    #[must_use]
    pub fn span(&self, (from, to): (NaiveDateTime, NaiveDateTime), zone: Zone) -> Option<Span> {
        Span::new(self.instant(from, zone), self.instant(to, zone))
    }

    /// The same of one that was typed.
    #[must_use]
    pub fn local_span(&self, local: &LocalSpan) -> Option<Span> {
        let last = if local.to > local.from { local.on } else { local.on.succ_opt()? };
        self.span((local.on.and_time(local.from), last.and_time(local.to)), local.zone)
    }
}

/// A slot: where it is stored, and what was agreed means now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// Who holds it.
    pub therapist: TherapistId,
    /// Where it is.
    pub stored: Span,
    /// Where it belongs.
    pub means: Span,
}

/// Which slots must stay where they are, by their place in the list: a therapist holds one visit at a time. All staying is
/// how it was, so there always is an answer.
#[must_use]
pub fn settled(slots: &[Agreed]) -> HashSet<usize> {
    let mut of: HashMap<TherapistId, Vec<usize>> = HashMap::new();
    slots.iter().enumerate().for_each(|(at, slot)| of.entry(slot.therapist).or_default().push(at));
    let mut stays = HashSet::new();
    for mut own in of.into_values() {
        own.retain(|at| !slots[*at].stored.starts_at().timestamp().is_negative());
        loop {
            let before = stays.len();
            let place = |at: usize, stays: &HashSet<usize>| match stays.contains(&at) {
                true => slots[at].stored,
                false => slots[at].means,
            };
            own.sort_by_key(|at| (place(*at, &stays), *at));
            for pair in own.windows(2) {
                if place(pair[0], &stays).overlaps(&place(pair[1], &stays)) {
                    stays.extend(pair);
                }
            }
            if stays.len() == before {
                break;
            }
        }
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: i64, to: i64) -> Span {
        let at = |hour: i64| chrono::DateTime::from_timestamp(hour * 3600, 0).unwrap();
        Span::new(at(from), at(to)).unwrap()
    }

    fn slot(stored: (i64, i64), means: (i64, i64)) -> Agreed {
        let therapist = TherapistId::from_bytes([1; 16]);
        Agreed { therapist, stored: hours(stored.0, stored.1), means: hours(means.0, means.1) }
    }

    #[test]
    fn slots_that_move_together_stand_in_nobodys_way() {
        let day = [slot((20, 21), (19, 20)), slot((21, 22), (20, 21)), slot((19, 20), (18, 19))];
        assert!(settled(&day).is_empty());
    }

    #[test]
    fn two_that_would_fall_together_stay_and_so_does_whoever_would_come_to_sit_there() {
        // The first two would be one; the third would move to where the second stays.
        let day = [
            slot((10, 11), (9, 10)),
            slot((11, 12), (9, 10)),
            slot((12, 13), (11, 12)),
            slot((30, 31), (29, 30)),
        ];
        assert_eq!(settled(&day), HashSet::from([0, 1, 2]));
    }
}
