//! What whoever leads the clinic sees: all visits by code and therapist, the load, and who waits. Inside care, and never
//! open to a program.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::agenda::{WEEKS, WeekLoad, code, stretch, weekly_load};
use super::follow_up;
use super::session::Session;
use super::{Desk, Result};
use crate::domain::booking::Standing;
use crate::domain::id::{ResidentId, SlotId, TherapistId};
use crate::domain::time::{Span, Zone, day, wall};
use crate::storage::offerings::{self, SlotRow};
use crate::storage::{Db, bookings, people, places, therapists};

/// One visit of the clinic, without who comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClinicVisit {
    /// When.
    pub span: Span,
    /// The zone in which it is told: the therapist's.
    pub zone: Zone,
    /// Its code, as the therapist's calendar shows it.
    pub code: String,
    /// Who holds it.
    pub therapist: String,
}

/// Some days of the clinic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clinic {
    /// Today.
    pub today: NaiveDate,
    /// The days on which there are visits.
    pub days: Vec<(NaiveDate, Vec<ClinicVisit>)>,
}

/// A therapist with what they have coming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TherapistLoad {
    /// Who.
    pub id: TherapistId,
    /// What they are called.
    pub name: String,
    /// The present week and the seven after it.
    pub weeks: Vec<WeekLoad>,
}

/// Somebody who waits for a time. Holds a name: cannot be printed.
pub struct Waiting {
    /// Who.
    pub name: String,
    /// Their program's code.
    pub program: String,
    /// What is held for them.
    pub title: String,
}

/// A time that is somebody's.
struct Held {
    therapist: TherapistId,
    zone: Zone,
    span: Span,
    code: String,
}

impl Desk {
    /// The clinic's visits of some days from a day, or from today.
    ///
    /// # Errors
    /// [`super::Error::Link`] for anybody but who leads the clinic.
    pub async fn clinic(&self, session: &Session, from: Option<NaiveDate>, days: u64) -> Result<Clinic> {
        session.lead()?;
        let mut db = self.store.read().await?;
        let zone = self.clinic_zone(&mut db).await?;
        let today = wall(self.now(), zone).date();
        let within = stretch(from.unwrap_or(today), days.min(31), zone);
        let names = self.therapist_names(&mut db).await?;
        let names: HashMap<TherapistId, String> = names.into_iter().collect();
        let mut visits: Vec<(NaiveDate, ClinicVisit)> = Vec::new();
        for slot in self.held(&mut db, within).await? {
            let therapist = names.get(&slot.therapist).cloned().unwrap_or_default();
            let on = wall(slot.span.starts_at(), slot.zone).date();
            let Held { span, zone, code, .. } = slot;
            visits.push((on, ClinicVisit { span, zone, code, therapist }));
        }
        visits.sort_by(|(one_day, one), (other_day, other)| {
            (one_day, one.span, &one.therapist, &one.code).cmp(&(
                other_day,
                other.span,
                &other.therapist,
                &other.code,
            ))
        });
        let mut days: Vec<(NaiveDate, Vec<ClinicVisit>)> = Vec::new();
        for (on, visit) in visits {
            match days.last_mut().filter(|(day, _)| *day == on) {
                Some((_, visits)) => visits.push(visit),
                None => days.push((on, vec![visit])),
            }
        }
        Ok(Clinic { today, days })
    }

    /// What each therapist has coming, by name.
    ///
    /// # Errors
    /// [`super::Error::Link`] for anybody but who leads the clinic.
    pub async fn clinic_load(&self, session: &Session) -> Result<(Zone, Vec<TherapistLoad>)> {
        session.lead()?;
        let mut db = self.store.read().await?;
        let zone = self.clinic_zone(&mut db).await?;
        let now = self.now();
        let held = self.held(&mut db, stretch(wall(now, zone).date(), 7 * WEEKS, zone)).await?;
        let load = |(id, name): (TherapistId, String)| {
            let own = held.iter().filter(|slot| slot.therapist == id).map(|slot| slot.span);
            TherapistLoad { id, name, weeks: weekly_load(own, now, zone) }
        };
        Ok((zone, self.therapist_names(&mut db).await?.into_iter().map(load).collect()))
    }

    /// Who waits for a time in an offering that is not over, by name.
    ///
    /// # Errors
    /// [`super::Error::Link`] for anybody but who leads the clinic.
    pub async fn clinic_waiting(&self, session: &Session) -> Result<Vec<Waiting>> {
        session.lead()?;
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let programs = places::programs(&mut db, institution).await?;
        let codes: HashMap<_, _> = programs.into_iter().map(|program| (program.id, program.code)).collect();
        let mut waiting = Vec::new();
        for offering in self.offerings(&mut db).await? {
            let over = day(offering.rules.until, Zone::UTC).ends_at() < self.now();
            if over || offering.row.booked_at.is_none() {
                continue;
            }
            let mut whose: Vec<ResidentId> = Vec::new();
            for row in bookings::of_offering(&mut db, offering.id()).await? {
                if self.open_booking(&row)?.standing == Standing::Waiting {
                    whose.push(row.resident);
                }
            }
            for row in people::several(&mut db, &whose).await?.iter().filter(|row| row.active) {
                waiting.push(Waiting {
                    name: self.open_resident(row)?.identity.reveal_name(),
                    program: codes.get(&row.program).cloned().unwrap_or_default(),
                    title: offering.rules.title.clone(),
                });
            }
        }
        waiting.sort_by(|one, other| (&one.name, &one.program).cmp(&(&other.name, &other.program)));
        Ok(waiting)
    }

    /// The therapists by name.
    ///
    /// # Errors
    /// [`super::Error::Link`] for anybody but who leads the clinic.
    pub async fn clinic_therapists(&self, session: &Session) -> Result<Vec<(TherapistId, String)>> {
        session.lead()?;
        self.therapist_names(&mut *self.store.read().await?).await
    }

    async fn therapist_names(&self, db: &mut Db) -> Result<Vec<(TherapistId, String)>> {
        let institution = self.institution(db).await?;
        let mut names = Vec::new();
        for row in therapists::therapists(db, institution).await? {
            names.push((row.id, self.open_therapist(&row)?.identity.reveal_name()));
        }
        names.sort_by(|one, other| (&one.1, one.0).cmp(&(&other.1, other.0)));
        Ok(names)
    }

    /// Every time that is somebody's: seats in which they sit, and follow-ups.
    async fn held(&self, db: &mut Db, within: Span) -> Result<Vec<Held>> {
        let slots = offerings::slots_of_all(db, within).await?;
        let slots: HashMap<SlotId, SlotRow> = slots.into_iter().map(|slot| (slot.id, slot)).collect();
        let mut held = Vec::new();
        for row in offerings::seats_of_all(db, within).await? {
            let Some(slot) = slots.get(&row.slot) else { continue };
            if self.open_seat(&row)?.is_held() {
                let SlotRow { therapist, zone, span, .. } = *slot;
                held.push(Held { therapist, zone, span, code: code(slot.id) });
            }
        }
        for row in self.all_follow_ups(db).await? {
            held.extend(follow_up::shown::typed(&row, within).map(|one| Held {
                therapist: row.therapist,
                zone: one.zone,
                span: one.span,
                code: follow_up::code(one),
            }));
        }
        Ok(held)
    }

    /// The zone in which the clinic's days begin and end: that of its first site.
    async fn clinic_zone(&self, db: &mut Db) -> Result<Zone> {
        let institution = self.institution(db).await?;
        let sites = places::sites(db, institution).await?;
        Ok(sites.first().map_or(Zone::UTC, |site| site.zone))
    }
}
