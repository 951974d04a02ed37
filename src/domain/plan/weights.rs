//! What one seat costs compared with another, in points: small whole numbers, so that the least cost is exact.
//! Never decides who is placed, only where.
//!
//! Every cost that comes out of here is a multiple of [`UNIT`]. Seats that cost the same leave the search for the
//! cheapest seating with far fewer cases to tell apart, and nobody can say what a single point would mean anyway.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::domain::eligibility::{Host, Person, Wishes};
use crate::domain::id::SiteId;
use crate::domain::offering::RuleRefusal;
use crate::domain::people::Modality;
use crate::domain::time::Instant;

/// Costs share this many points as their unit.
pub(super) const UNIT: u32 = 10;

/// What an offering's plan weighs: points, 0 to 1000 each, 0 for what does not count; and one share in percent.
///
/// Kept whole with the offering, so that another default does not change a plan that is under way; a weight that the
/// stored offering does not know yet has its default. Costs are rounded to tens, so a weight below 5 may count as 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weights {
    /// A language other than the one wished for.
    pub language: u32,
    /// A therapist of another gender than the one wished for.
    pub gender: u32,
    /// Another modality than the one wished for.
    pub modality: u32,
    /// A therapist who does not serve the resident's own site, however the visit is attended; nothing where the roster
    /// gives no site. Not a wish of the resident, and so never scaled.
    pub site: u32,
    /// Each whole week by which a visit begins after the offering's first day; 0 spreads visits over the period.
    pub earlier: u32,
    /// The most that a further seat of one therapist's day costs: the last one; the first costs little.
    pub day_load: u32,
    /// The most that a further seat of one therapist costs.
    pub therapist_load: u32,
    /// The most that a further seat of all therapists who serve the same set of sites costs; 0 leaves that level out.
    pub site_load: u32,
    /// A wish that no more than this share of a program, 1 to 100 percent, is away in one half-day; 100 turns it off.
    pub away_percent: u32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            language: 100,
            gender: 60,
            modality: 40,
            site: 20,
            earlier: 0,
            day_load: 60,
            therapist_load: 120,
            site_load: 0,
            away_percent: 50,
        }
    }
}

/// One of the [`Weights`], as a person sets it.
pub struct Setting {
    /// Its name, as in `--weight NAME=POINTS`.
    pub name: &'static str,
    /// What it weighs, in words that stand after the name.
    pub meaning: &'static str,
    /// What a refusal calls it.
    refusal: &'static str,
    at: fn(&mut Weights) -> &mut u32,
}

/// A name that none of the [`Weights`] has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a weight; give one of {names}", names = Setting::names())]
pub struct UnknownWeight(String);

impl Setting {
    /// Every weight, in the order in which they are told.
    pub const ALL: [Self; 9] = [
        Self {
            name: "language",
            meaning: "another language than the one wished for",
            refusal: "weight language",
            at: |weights| &mut weights.language,
        },
        Self {
            name: "gender",
            meaning: "a therapist of another gender than the one wished for",
            refusal: "weight gender",
            at: |weights| &mut weights.gender,
        },
        Self {
            name: "modality",
            meaning: "another modality than the one wished for",
            refusal: "weight modality",
            at: |weights| &mut weights.modality,
        },
        Self {
            name: "site",
            meaning: "a therapist who does not serve the resident's own site",
            refusal: "weight site",
            at: |weights| &mut weights.site,
        },
        Self {
            name: "earlier",
            meaning: "each whole week from the first day to the visit; 0 spreads visits",
            refusal: "weight earlier",
            at: |weights| &mut weights.earlier,
        },
        Self {
            name: "day-load",
            meaning: "the last seat of a therapist's day; the first costs little",
            refusal: "weight day-load",
            at: |weights| &mut weights.day_load,
        },
        Self {
            name: "therapist-load",
            meaning: "the last seat of a therapist; the first costs little",
            refusal: "weight therapist-load",
            at: |weights| &mut weights.therapist_load,
        },
        Self {
            name: "site-load",
            meaning: "the last seat of all therapists who serve the same sites; 0 for none",
            refusal: "weight site-load",
            at: |weights| &mut weights.site_load,
        },
        Self {
            name: "away-percent",
            meaning: "wished share of a program, at most away in one half-day; 100 for no wish",
            refusal: "weight away-percent",
            at: |weights| &mut weights.away_percent,
        },
    ];

    /// The weight of that name.
    ///
    /// # Errors
    /// [`UnknownWeight`], with the names that there are.
    pub fn named(name: &str) -> Result<&'static Self, UnknownWeight> {
        let found = const { &Self::ALL }.iter().find(|setting| setting.name == name);
        found.ok_or_else(|| UnknownWeight(name.chars().take(40).collect()))
    }

    /// Its value.
    #[must_use]
    pub fn of(&self, mut weights: Weights) -> u32 {
        *(self.at)(&mut weights)
    }

    /// Gives it a value, which [`Weights::check`] checks.
    pub fn set(&self, weights: &mut Weights, value: u32) {
        *(self.at)(weights) = value;
    }

    /// What it counts in.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        if self.name == "away-percent" { "percent" } else { "points" }
    }

    /// Its bounds.
    #[must_use]
    pub fn bounds(&self) -> RangeInclusive<u32> {
        if self.name == "away-percent" { 1..=100 } else { 0..=1000 }
    }

    fn names() -> String {
        Self::ALL.map(|setting| setting.name).join(", ")
    }
}

impl Weights {
    /// Checks every bound that the fields name.
    ///
    /// # Errors
    /// The first [`RuleRefusal`] found.
    pub fn check(self) -> Result<Self, RuleRefusal> {
        match Setting::ALL.iter().find(|setting| !setting.bounds().contains(&setting.of(self))) {
            None => Ok(self),
            Some(wrong) => {
                let (least, most) = wrong.bounds().into_inner();
                let problem = format!("give {least} to {most} {}", wrong.unit());
                Err(RuleRefusal { setting: wrong.refusal, problem })
            }
        }
    }

    /// The weights that differ from their defaults, by name.
    #[must_use]
    pub fn unusual(self) -> Vec<(&'static str, u32)> {
        let own = Setting::ALL.iter().map(|setting| (setting, setting.of(self)));
        let own = own.filter(|(setting, value)| *value != setting.of(Self::default()));
        own.map(|(setting, value)| (setting.name, value)).collect()
    }

    /// The points that the unmet wishes of everybody who states one add up to at most: the weights of all three.
    #[must_use]
    pub const fn budget(&self) -> u32 {
        nearest(self.language + self.gender + self.modality)
    }

    /// The points of a visit by its wishes and by its site: 0 where all wishes are met or none was stated, and the
    /// therapist serves the resident's site.
    pub(super) fn visit(&self, person: &Person, host: &Host, modality: Modality) -> u32 {
        self.meeting(&person.wishes, person.site, host, modality)
    }

    /// [`Weights::visit`] for everybody of one site who has the same wishes.
    pub(super) fn meeting(
        &self,
        wishes: &Wishes,
        site: Option<SiteId>,
        host: &Host,
        modality: Modality,
    ) -> u32 {
        let shares = self.shares(wishes).into_iter().zip(unmet(wishes, host, modality));
        let points: u32 = shares.filter(|(_, unmet)| *unmet).map(|(points, _)| points).sum();
        points + self.elsewhere(site, host)
    }

    /// The points of a visit whose therapist does not serve the resident's site.
    pub(super) fn elsewhere(&self, site: Option<SiteId>, host: &Host) -> u32 {
        let elsewhere = site.is_some_and(|site| !host.practice.sites.contains(&site));
        if elsewhere { nearest(self.site) } else { 0 }
    }

    /// A language or a gender as it is compared.
    pub(super) fn folded(word: &str) -> String {
        word.trim().to_lowercase()
    }

    /// What the wishes for language, gender and modality weigh for one resident: together the same budget for everybody
    /// who states one of any weight, shared out by weight among those that they stated.
    ///
    /// Otherwise whoever states most would win the best slots from whoever states one wish. The shares are rounded to
    /// tens so that they still add up to the budget: down first, then up where most was cut off.
    pub(super) fn shares(&self, wishes: &Wishes) -> [u32; 3] {
        let mut weighs = [0; 3];
        if wishes.language.is_some() {
            weighs[0] = self.language;
        }
        if wishes.gender.is_some() {
            weighs[1] = self.gender;
        }
        if wishes.modality.is_some() {
            weighs[2] = self.modality;
        }
        let stated: u32 = weighs.iter().sum();
        if stated == 0 {
            return weighs;
        }
        let units = self.budget() / UNIT;
        let mut shares = weighs.map(|weight| units * weight / stated);
        let mut cut_off = [0, 1, 2].map(|wish| (units * weighs[wish] % stated, wish));
        // The greatest remainder first; of equal ones the wish that comes first.
        cut_off.sort_by_key(|(rest, wish)| (std::cmp::Reverse(*rest), *wish));
        let missing = units - shares.iter().sum::<u32>();
        for (_, wish) in cut_off.into_iter().take(missing as usize) {
            shares[wish] += 1;
        }
        shares.map(|share| share * UNIT)
    }

    /// The points of a visit by its week: whole weeks of 168 hours from the offering's first midnight.
    pub(super) fn later(&self, opens: Instant, starts_at: Instant) -> u32 {
        let weeks = u32::try_from((starts_at - opens).num_weeks()).unwrap_or(0);
        nearest(self.earlier.saturating_mul(weeks))
    }
}

/// Which of the wishes for language, gender and modality a visit leaves unmet; none that was not stated.
pub(super) fn unmet(wishes: &Wishes, host: &Host, modality: Modality) -> [bool; 3] {
    let Wishes { language, gender, modality: way } = wishes;
    let same = |wish: &str, has: &str| Weights::folded(wish) == Weights::folded(has);
    let spoken = |wish: &String| host.practice.languages.iter().any(|has| same(wish, has));
    [
        !language.as_ref().is_none_or(spoken),
        !gender.as_ref().is_none_or(|wish| same(wish, &host.practice.gender)),
        way.is_some_and(|wish| wish != modality),
    ]
}

/// Rises evenly from about 0 to `most`, so that filling two therapists half is cheaper than one wholly; rounded down to
/// tens, which makes it rise in steps and never fall.
pub(super) const fn rising(most: u32, taken: u32, seats: u32) -> i64 {
    if seats == 0 {
        return 0;
    }
    let unit = UNIT as u64;
    (most as u64 * (2 * taken as u64 + 1) / (2 * unit * seats as u64) * unit) as i64
}

/// Points to the nearest ten, the half upwards.
const fn nearest(points: u32) -> u32 {
    points.saturating_add(UNIT / 2) / UNIT * UNIT
}

#[cfg(test)]
mod tests;
