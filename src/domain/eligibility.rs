//! Who may sit in which slot, and the rule that stands in the way where they may not.
//! Never weighs one allowed slot against another, and never knows a name or who sits where.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::id::{ProgramId, ResidentId, SiteId, TherapistId};
use super::people::{Modality, Practice, State};
use super::time::{Instant, Span, Zone};

/// One resident of one offering, as planning sees them: without a name.
#[derive(Debug, Clone)]
pub struct Person {
    /// Opaque identifier; distinct in one question.
    pub id: ResidentId,
    /// Their program.
    pub program: ProgramId,
    /// What the office calls the program; only for words.
    pub program_code: String,
    /// Their cohort, as the roster has it; only for words.
    pub cohort: Option<String>,
    /// The zone they live in; only for words.
    pub zone: Zone,
    /// Where they are when they attend by video or telephone.
    pub state: State,
    /// The site they can reach in person, where the roster gives one.
    pub site: Option<SiteId>,
    /// The offering's booking period, cut to their own first and last day.
    pub period: Span,
    /// Their protected blocks, as [`merged`] makes them.
    pub protected: Arc<[Span]>,
    /// Nights, the day after nights, vacation and blocked dates, as [`merged`] makes them.
    pub never: Arc<[Span]>,
    /// Therapists they must not be booked with. A private matter: no reason ever tells of it.
    pub avoids: Vec<TherapistId>,
    /// What they would rather have, where there is a choice.
    pub wishes: Wishes,
}

/// What a resident would rather have. A wish never costs anybody their place, nor the wisher.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Wishes {
    /// A language, compared without regard to case.
    pub language: Option<String>,
    /// The therapist's gender, compared without regard to case.
    pub gender: Option<String>,
    /// How the visit is attended.
    pub modality: Option<Modality>,
}

/// Somebody who holds visits, as planning sees them: without a name.
#[derive(Debug, Clone)]
pub struct Host {
    /// Opaque identifier; distinct in one question.
    pub id: TherapistId,
    /// How, where and for whom they hold visits.
    pub practice: Practice,
}

/// What tells one slot from another, before and after it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SlotKey {
    /// Whose slot it is.
    pub therapist: TherapistId,
    /// When the visit begins.
    pub starts_at: Instant,
}

/// A slot that the batch may fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenSlot {
    /// Which slot; distinct in one question.
    pub key: SlotKey,
    /// The visit, without buffer.
    pub span: Span,
    /// How many seats the batch may fill, with the reserve already taken off; may be 0.
    pub seats: u32,
}

/// A rule that can keep a resident out of a slot, in the order in which one is named when several do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Outside the booking period, or before the resident's first day or after their last.
    OutsidePeriod,
    /// Too soon for the offering's notice.
    Notice,
    /// Not wholly inside one protected block.
    OutsideProtectedTime,
    /// Touches a night, the day after, vacation or a blocked date.
    NeverBookable,
    /// The therapist supervises the resident's program.
    Supervises,
    /// The resident must not be booked with this therapist.
    Avoided,
    /// The therapist is not licensed where the resident is.
    NotLicensed,
    /// The therapist does not serve the resident's site.
    OtherSite,
    /// The roster gives the resident no site, so no visit in person is possible.
    NoSite,
    /// The therapist's file gives no video address, telephone number or room for the visit.
    NoPlace,
}

impl Rule {
    /// Every rule, in order.
    pub const ALL: [Self; 10] = [
        Self::OutsidePeriod,
        Self::Notice,
        Self::OutsideProtectedTime,
        Self::NeverBookable,
        Self::Supervises,
        Self::Avoided,
        Self::NotLicensed,
        Self::OtherSite,
        Self::NoSite,
        Self::NoPlace,
    ];
}

impl fmt::Display for Rule {
    /// The obstacle as a noun phrase, to stand after "but for".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutsidePeriod => "the bounds of the booking period or of the resident's own time here",
            Self::Notice => "the notice period",
            Self::OutsideProtectedTime => "the bounds of protected time",
            Self::NeverBookable => "a night, the day after one, vacation or a blocked date",
            Self::Supervises => "the therapist's supervising the program",
            Self::Avoided => "an exclusion",
            Self::NotLicensed => "the therapist's missing license for the resident's state",
            Self::OtherSite => "the therapist's not serving the resident's site",
            Self::NoSite => "the missing site in the roster",
            Self::NoPlace => "the therapist's missing video address, telephone number or room",
        })
    }
}

/// The rules that one slot breaks for one resident, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Broken(u16);

impl Broken {
    /// Whether nothing stands in the way.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Either set's rules.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Adds a rule where it is broken.
    const fn note(&mut self, broken: bool, rule: Rule) {
        if broken {
            self.0 |= 1 << rule as u16;
        }
    }

    /// Whether the rule is among them.
    #[must_use]
    pub const fn holds(self, rule: Rule) -> bool {
        self.0 & (1 << rule as u16) != 0
    }

    /// The rules in order.
    pub fn rules(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.into_iter().filter(move |rule| self.holds(*rule))
    }

    /// The rule that alone stands in the way, if one alone does.
    #[must_use]
    pub fn only(self) -> Option<Rule> {
        (self.0.count_ones() == 1).then(|| self.rules().next()).flatten()
    }
}

/// Spans in order, with those that overlap or touch made one: two protected half-days are one protected day.
#[must_use]
pub fn merged(mut spans: Vec<Span>) -> Arc<[Span]> {
    spans.sort_unstable();
    let mut whole: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        let joined = whole
            .last()
            .filter(|last| span.starts_at() <= last.ends_at())
            .and_then(|last| Span::new(last.starts_at(), last.ends_at().max(span.ends_at())));
        match (joined, whole.last_mut()) {
            (Some(joined), Some(last)) => *last = joined,
            _ => whole.push(span),
        }
    }
    whole.into()
}

/// The rules about time that a slot breaks for a resident, whoever holds it.
#[must_use]
pub fn broken_by_time(person: &Person, slot: &Span, earliest_start: Instant) -> Broken {
    let mut broken = Broken::default();
    broken.note(!person.period.contains(slot), Rule::OutsidePeriod);
    broken.note(slot.starts_at() < earliest_start, Rule::Notice);
    let block = last_begun(&person.protected, slot.starts_at());
    broken.note(!block.is_some_and(|block| block.contains(slot)), Rule::OutsideProtectedTime);
    // Merged spans end in the order in which they begin, so the last one begun before the slot ends decides.
    let never = person.never.partition_point(|span| span.starts_at() < slot.ends_at());
    let never = never.checked_sub(1).map(|last| person.never[last]);
    broken.note(never.is_some_and(|never| never.overlaps(slot)), Rule::NeverBookable);
    broken
}

fn last_begun(spans: &[Span], at: Instant) -> Option<&Span> {
    spans.partition_point(|span| span.starts_at() <= at).checked_sub(1).and_then(|last| spans.get(last))
}

/// The rules about people and places that a visit by one modality breaks, whenever it is held.
#[must_use]
pub fn broken_by_host(person: &Person, host: &Host, modality: Modality) -> Broken {
    let practice = &host.practice;
    let mut broken = Broken::default();
    broken.note(practice.supervises.contains(&person.program), Rule::Supervises);
    broken.note(person.avoids.contains(&host.id), Rule::Avoided);
    if modality == Modality::InPerson {
        let elsewhere = person.site.is_some_and(|site| !practice.sites.contains(&site));
        broken.note(elsewhere, Rule::OtherSite);
        broken.note(person.site.is_none(), Rule::NoSite);
    } else {
        broken.note(!practice.licensed_states.contains(&person.state), Rule::NotLicensed);
    }
    let held = practice.modalities.contains(&modality) && practice.places.of(modality).is_some();
    broken.note(!held, Rule::NoPlace);
    broken
}

/// The modalities that come into question between the two, the one to be taken first: the resident's wish, then
/// video, in person and telephone, whatever the order in the therapist's file.
///
/// Where the therapist's file names none, video stands for the place that is missing.
pub fn modalities(person: &Person, host: &Host) -> impl Iterator<Item = Modality> {
    let mut held = host.practice.modalities.clone();
    held.sort_unstable_by_key(|modality| (Some(*modality) != person.wishes.modality, *modality));
    held.dedup();
    if held.is_empty() {
        held.push(Modality::Video);
    }
    held.into_iter()
}

/// Every way in which the two can meet, leaving time aside; the one to be taken first, first.
pub fn ways(person: &Person, host: &Host) -> impl Iterator<Item = Modality> {
    modalities(person, host).filter(|modality| broken_by_host(person, host, *modality).is_empty())
}

/// How the two can meet, leaving time aside.
#[must_use]
pub fn meets(person: &Person, host: &Host) -> Option<Modality> {
    ways(person, host).next()
}

/// Whether a resident may sit in a slot, and how the visit is then attended.
///
/// # Errors
/// The first [`Rule`] broken by the modality that breaks fewest.
pub fn fits(person: &Person, host: &Host, slot: &Span, earliest_start: Instant) -> Result<Modality, Rule> {
    let time = broken_by_time(person, slot, earliest_start);
    let mut nearest: Option<Broken> = None;
    for modality in modalities(person, host) {
        let broken = time.or(broken_by_host(person, host, modality));
        if broken.is_empty() {
            return Ok(modality);
        }
        if nearest.is_none_or(|nearest| broken.0.count_ones() < nearest.0.count_ones()) {
            nearest = Some(broken);
        }
    }
    Err(nearest.and_then(|broken| broken.rules().next()).unwrap_or(Rule::NoPlace))
}

#[cfg(test)]
mod tests;
