//! What would happen to a booked season if a therapist offered nothing for a while. Writes nothing, and moves nobody.
//!
//! It stands on what batches planned, as if nobody had opted out or moved, so that nothing that residents did can be
//! read off it: whoever has a default visit sits in it, and the only free seats are those that a batch may still fill.

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate, NaiveTime};
use serde::Serialize;

use super::ground::{Ground, open_slot};
use super::lottery::Lottery;
use super::mend::{Lost, MendShown, Which};
use super::season::fresh_slots;
use super::{Desk, Error, Result};
use crate::domain::absence::Absence;
use crate::domain::eligibility::{OpenSlot, Person, SlotKey, fits};
use crate::domain::id::{BookingId, ResidentId, SeatId, TherapistId};
use crate::domain::identity::Address;
use crate::domain::offering::Rules;
use crate::domain::plan::{self, Question, Reason, Visits};
use crate::domain::time::{Instant, Zone};
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
    /// How many of them would be without one at present.
    pub without: usize,
    /// How many of those could have a visit only if others moved, who would not be asked to.
    pub only_if_others_moved: usize,
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

/// An absence of whole days within an offering. Zones differ by a day at most, so no visit lies further out than one.
fn within(rules: &Rules, days: (Option<NaiveDate>, Option<NaiveDate>), zone: Zone) -> Result<Absence> {
    if let (Some(from), Some(until)) = days
        && until < from
    {
        return Err(Error::Refused("the absence ends before it begins; swap --from and --until".to_owned()));
    }
    let first = rules.from.checked_sub_days(Days::new(1)).unwrap_or(rules.from);
    let last = rules.until.checked_add_days(Days::new(2)).unwrap_or(rules.until);
    let from = days.0.map_or(first, |from| from.clamp(first, last));
    let until = days.1.and_then(|until| until.succ_opt()).map_or(last, |until| until.clamp(first, last));
    let midnight = |on: NaiveDate| on.and_time(NaiveTime::MIN);
    Ok(Absence { from: midnight(from), until: Some(midnight(until)), zone })
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
    fn new(ground: &Ground, lost: &[Lost], earliest_start: Instant) -> Self {
        let lost: HashSet<SeatId> = lost.iter().map(|lost| lost.seat).collect();
        let people: HashMap<ResidentId, &Person> =
            ground.people.iter().map(|person| (person.id, person)).collect();
        let whose = ground.bookings.values().filter_map(|row| Some((row.id, *people.get(&row.resident)?)));
        let whose: HashMap<BookingId, &Person> = whose.collect();
        let hosts: HashMap<TherapistId, _> = ground.hosts.iter().map(|host| (host.id, host)).collect();
        let mut planned = Self::default();
        for (slot, seats) in &ground.stored {
            let gone = ground.is_closed(slot);
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
                if lost.contains(&seat.row.id) {
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

    /// How many of those who lost their visit have one if others may move for them.
    fn seated_if_others_move(
        &self,
        ground: &Ground,
        rules: &Rules,
        lottery: &Lottery,
        earliest_start: Instant,
    ) -> Result<usize> {
        let repaired = plan::repair(
            &Question {
                people: &self.people,
                hosts: &ground.hosts,
                slots: &self.slots,
                seed: &lottery.seed,
                earliest_start,
                opens: ground.opens(rules),
                weights: &rules.weights,
                visits: Visits::default(),
            },
            &self.present,
        )?;
        Ok(repaired.plan.placed.iter().filter(|placement| self.lost.contains(&placement.resident)).count())
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
        let institution = offering.row.institution;
        let rows = therapists::therapists(&mut db, institution).await?;
        let away = rows.iter().find(|row| row.address_key == key).ok_or(Error::UnknownTherapist)?;
        if offering.row.booked_at.is_none() {
            let problem = "nothing is booked yet, so nobody would lose a visit; import the therapist's hours without those \
                days with `holdspace availability import`, and `holdspace plan` shows who can be placed";
            return Err(Error::Refused(problem.to_owned()));
        }
        let absence = within(&offering.rules, days, self.therapist_zone(&mut db, institution, away).await?)?;
        let mut ground = self.ground(&mut db, &offering).await?;
        ground.without(away.id, absence, &offering);
        let (earliest_start, lottery) = (offering.rules.earliest_start(now), self.lottery(&offering, None)?);
        let fresh = fresh_slots(&ground, &offering, &lottery, earliest_start).0;
        let visits = Visits {
            minutes: offering.rules.visit_minutes,
            buffer_minutes: offering.rules.buffer_minutes,
            engaged: &ground.engaged,
        };
        let mend = self.decide_mend((&ground, &offering), &fresh, visits, Which::Closed, now)?;
        let MendShown { visits, another_time, without } = mend.shown();
        let mut most = another_time;
        if without > 0 {
            let mut planned = Planned::new(&ground, &mend.lost, earliest_start);
            planned.slots.extend(fresh);
            most = planned.seated_if_others_move(&ground, &offering.rules, &lottery, earliest_start)?;
        }
        Ok(AbsenceShown {
            offering: offering.id().to_string(),
            visits,
            another_time,
            without,
            only_if_others_moved: most.saturating_sub(another_time),
            unplaced: by_reason(mend.plan.unplaced.into_iter().map(|unplaced| unplaced.reason)),
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
