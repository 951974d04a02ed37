//! What would happen to a booked season if a therapist offered nothing for a while. Writes nothing, and moves nobody.
//!
//! It stands on what batches planned, as if nobody had opted out or moved, so that nothing that residents did can be
//! read off it: whoever has a default visit sits in it, and the only free seats are those that a batch may still fill.

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::ground::{Ground, open_slot};
use super::lottery::Lottery;
use super::offering::Offering;
use super::season::fresh_slots;
use super::{Desk, Error, Result};
use crate::domain::eligibility::{OpenSlot, Person, SlotKey, fits};
use crate::domain::id::{BookingId, ResidentId, TherapistId};
use crate::domain::identity::Address;
use crate::domain::offering::Rules;
use crate::domain::plan::{self, Question, Reason, Repaired, Unproved, Visits};
use crate::domain::time::{Instant, Span, Zone, day, wall};
use crate::storage::therapists;

/// What an absence would do. Depends on what batches planned, and on nothing that residents did.
#[derive(Debug, Clone, Serialize)]
pub struct AbsenceShown {
    /// The offering.
    pub offering: String,
    /// Default visits that would be lost: of residents who are on the roster, and not begun yet.
    pub visits: usize,
    /// How many of these residents would get another time.
    pub another_time: usize,
    /// How many others would have to move to make room for them.
    pub others_moved: usize,
    /// How many of them could not be placed.
    pub without: usize,
    /// Why. Counts and no names: a name would tell with whom and when somebody's default visit is.
    pub unplaced: Vec<WithoutShown>,
}

/// People who could not be placed for one and the same reason.
#[derive(Debug, Clone, Serialize)]
pub struct WithoutShown {
    /// How many.
    pub residents: usize,
    /// Why, in words.
    pub reason: String,
    /// Why, for machines.
    pub detail: Reason,
}

/// Who would be away, and when: days by the clock on the therapist's wall, both included.
struct Absence {
    therapist: TherapistId,
    from: NaiveDate,
    until: NaiveDate,
}

impl Absence {
    /// An absence within an offering. Zones differ by a day at most, so no visit lies further out than one.
    fn new(
        therapist: TherapistId,
        days: (Option<NaiveDate>, Option<NaiveDate>),
        rules: &Rules,
    ) -> Result<Self> {
        if let (Some(from), Some(until)) = days
            && until < from
        {
            return Err(Error::Refused(
                "the absence ends before it begins; swap --from and --until".to_owned(),
            ));
        }
        let first = rules.from.checked_sub_days(Days::new(1)).unwrap_or(rules.from);
        let last = rules.until.checked_add_days(Days::new(1)).unwrap_or(rules.until);
        let from = days.0.map_or(first, |from| from.max(first));
        let until = days.1.map_or(last, |until| until.min(last));
        Ok(Self { therapist, from, until })
    }

    fn covers(&self, therapist: TherapistId, zone: Zone, visit: Span) -> bool {
        let on = wall(visit.starts_at(), zone).date();
        therapist == self.therapist && self.from <= on && on <= self.until
    }

    /// Takes away what the therapist would offer, also from what could be offered besides.
    fn take_from(&self, ground: &mut Ground) {
        ground.fresh.retain(|(therapist, zone, span)| !self.covers(*therapist, *zone, *span));
        let own = ground.stored.iter().map(|(slot, _)| (slot.therapist, slot.zone));
        let zone = own.into_iter().find(|(therapist, _)| *therapist == self.therapist);
        let zone = zone.map_or(Zone::UTC, |(_, zone)| zone);
        let whole = Span::new(day(self.from, zone).starts_at(), day(self.until, zone).ends_at());
        ground.engaged.extend(whole.map(|span| (self.therapist, span)));
    }
}

/// The season as batches planned it, without what the absence takes away.
#[derive(Default)]
struct Planned {
    /// Those who lose their default visit, and all others whose visit could be another one as well.
    people: Vec<Person>,
    present: Vec<(ResidentId, SlotKey)>,
    slots: Vec<OpenSlot>,
    lost: HashSet<ResidentId>,
}

impl Planned {
    /// Whose visit is not lost and begins within the notice, or is no longer what the rules would give, keeps it: they and
    /// their seat take no part. Who waits takes no part either, and the seat of who left the roster is not free.
    fn new(ground: &Ground, absence: &Absence, now: Instant, earliest_start: Instant) -> Self {
        let people: HashMap<ResidentId, &Person> =
            ground.people.iter().map(|person| (person.id, person)).collect();
        let whose = ground.bookings.values().filter_map(|row| Some((row.id, *people.get(&row.resident)?)));
        let whose: HashMap<BookingId, &Person> = whose.collect();
        let hosts: HashMap<TherapistId, _> = ground.hosts.iter().map(|host| (host.id, host)).collect();
        let mut planned = Self::default();
        for (slot, seats) in &ground.stored {
            let gone = absence.covers(slot.therapist, slot.zone, slot.span);
            let mut open = open_slot(slot.therapist, slot.span, 0);
            for seat in seats {
                let Some(booking) = seat.seat.planned else {
                    open.seats += u32::from(seat.seat.open_to_batch(seat.pool));
                    continue;
                };
                let Some(person) = whose.get(&booking) else { continue };
                let host = hosts.get(&slot.therapist);
                let stays =
                    || host.is_some_and(|host| fits(person, host, &slot.span, earliest_start).is_ok());
                if gone && now < slot.span.starts_at() {
                    planned.lost.insert(person.id);
                } else if !gone && stays() {
                    open.seats += 1;
                } else {
                    continue;
                }
                planned.people.push((*person).clone());
                planned.present.push((person.id, open.key));
            }
            if !gone && open.seats > 0 {
                planned.slots.push(open);
            }
        }
        planned
    }

    fn repaired(
        &self,
        ground: &Ground,
        offering: &Offering,
        lottery: &Lottery,
        earliest_start: Instant,
    ) -> Result<Repaired, Unproved> {
        let rules = &offering.rules;
        plan::repair(
            &Question {
                people: &self.people,
                hosts: &ground.hosts,
                slots: &self.slots,
                seed: &lottery.seed,
                earliest_start,
                opens: ground.opens(rules),
                weights: &rules.weights,
                visits: Visits {
                    minutes: rules.visit_minutes,
                    buffer_minutes: rules.buffer_minutes,
                    engaged: &ground.engaged,
                },
            },
            &self.present,
        )
    }
}

impl Desk {
    /// Shows what would happen to a booked season if a therapist offered nothing from one day to another; none for no
    /// bound. Writes nothing.
    ///
    /// # Errors
    /// [`Error::UnknownTherapist`]; [`Error::Refused`] where nothing is booked yet, or the days are the wrong way round;
    /// those of loading; [`Error::Unproved`].
    pub async fn absence(
        &self,
        offering: Option<&str>,
        therapist: &Address,
        days: (Option<NaiveDate>, Option<NaiveDate>),
    ) -> Result<AbsenceShown> {
        let now = self.now();
        let mut db = self.store.read().await?;
        let offering = self.offering(&mut db, offering).await?;
        let key = self.vault.address_key(therapist);
        let rows = therapists::therapists(&mut db, offering.row.institution).await?;
        let away = rows.iter().find(|row| row.address_key == key).ok_or(Error::UnknownTherapist)?.id;
        if offering.row.booked_at.is_none() {
            let problem = "nothing is booked yet, so nobody would lose a visit; import the therapist's hours without those \
                days with `holdspace availability import`, and `holdspace plan` shows who can be placed";
            return Err(Error::Refused(problem.to_owned()));
        }
        let absence = Absence::new(away, days, &offering.rules)?;
        let mut ground = self.ground(&mut db, &offering).await?;
        absence.take_from(&mut ground);
        let earliest_start = offering.rules.earliest_start(now);
        let lottery = self.lottery(&offering, None)?;
        let mut planned = Planned::new(&ground, &absence, now, earliest_start);
        planned.slots.extend(fresh_slots(&ground, &offering, &lottery, earliest_start).0);
        let Repaired { plan, moved, .. } = planned.repaired(&ground, &offering, &lottery, earliest_start)?;
        let another = plan.placed.iter().filter(|placement| planned.lost.contains(&placement.resident));
        Ok(AbsenceShown {
            offering: offering.id().to_string(),
            visits: planned.lost.len(),
            another_time: another.count(),
            others_moved: moved.len(),
            without: plan.unplaced.len(),
            unplaced: by_reason(plan.unplaced.into_iter().map(|unplaced| unplaced.reason)),
        })
    }
}

/// Each reason once, the commonest first.
fn by_reason(reasons: impl Iterator<Item = Reason>) -> Vec<WithoutShown> {
    let mut shown: Vec<WithoutShown> = Vec::new();
    for detail in reasons {
        let reason = detail.to_string();
        match shown.iter_mut().find(|one| one.reason == reason) {
            Some(one) => one.residents += 1,
            None => shown.push(WithoutShown { residents: 1, reason, detail }),
        }
    }
    shown.sort_by(|one, other| (other.residents, &one.reason).cmp(&(one.residents, &other.reason)));
    shown
}
