//! Loads what a plan stands on: people without names, therapists, slots and seats. Never decides who sits where,
//! and counts a seat as taken only if a batch took it, whatever residents did since.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::Duration;

use super::offering::Offering;
use super::record::{Resident, avoided, open_practice};
use super::{Desk, Result};
use crate::domain::absence::Absence;
use crate::domain::availability::{self, Offered};
use crate::domain::eligibility::{Host, OpenSlot, Person, SlotKey, merged};
use crate::domain::id::{BookingId, ProgramId, ResidentId, SeatId, SlotId, TherapistId};
use crate::domain::offering::Rules;
use crate::domain::people::{Program, Site};
use crate::domain::seating::{Pool, Seat};
use crate::domain::time::{Instant, Span, Zone};
use crate::domain::written::plain;
use crate::storage::bookings::{self, BookingRow};
use crate::storage::offerings::{self, SeatRow, SlotRow};
use crate::storage::people::{self, BlockRow};
use crate::storage::therapists::{self, TherapistRow};
use crate::storage::{Db, absences, places};
use crate::vault::Vault;

/// A seat of a slot that is stored already.
pub(super) struct StoredSeat {
    pub(super) row: SeatRow,
    pub(super) pool: Pool,
    pub(super) seat: Seat,
}

/// Everything that a plan stands on.
pub(super) struct Ground {
    pub(super) programs: BTreeMap<ProgramId, Program>,
    /// Everyone on the roster, as planning sees them.
    pub(super) people: Vec<Person>,
    pub(super) residents: HashMap<ResidentId, Resident>,
    /// Those on the roster whose own dates leave nothing of the booking period.
    pub(super) not_here: Vec<ResidentId>,
    pub(super) hosts: Vec<Host>,
    /// Slots that are stored, with their seats.
    pub(super) stored: Vec<(SlotRow, Vec<StoredSeat>)>,
    /// Slots that the therapists' hours give beyond those: whose, in which zone, when.
    pub(super) fresh: Vec<(TherapistId, Zone, Span)>,
    /// When therapists are away, busy, or hold a stored slot of any offering.
    pub(super) engaged: Vec<(TherapistId, Span)>,
    /// When therapists are busy elsewhere, or may be because nobody could look: nobody new is booked then.
    pub(super) elsewhere: Vec<(TherapistId, Span)>,
    /// The bookings that exist, by resident.
    pub(super) bookings: HashMap<ResidentId, BookingRow>,
    /// When therapists hold no visits: their stored slots are closed then.
    pub(super) absences: Vec<(TherapistId, Absence)>,
}

/// Seats of one slot of one therapist: visits are for one person until an offering says otherwise.
pub(super) const SEATS_PER_SLOT: u32 = 1;

/// What is needed to see one resident as planning does.
pub(super) struct Surroundings {
    pub(super) programs: BTreeMap<ProgramId, Program>,
    sites: Vec<Site>,
    blocks: HashMap<(ProgramId, String), Vec<BlockRow>>,
    therapists: Vec<TherapistRow>,
    absences: Vec<(TherapistId, Absence)>,
    vault: Arc<Vault>,
}

impl Desk {
    pub(super) async fn surroundings(&self, db: &mut Db) -> Result<Surroundings> {
        let blocks = people::blocks(db).await?;
        self.surrounded_by(db, blocks).await
    }

    /// The same with the blocks of one resident only: a page must not read a whole institution's.
    pub(super) async fn surroundings_of(&self, db: &mut Db, resident: &Resident) -> Result<Surroundings> {
        let cohort = resident.attributes.cohort.as_deref().map(whose_cohort).unwrap_or_default();
        let blocks = people::blocks_of(db, resident.program, &whose_resident(resident.id), &cohort).await?;
        self.surrounded_by(db, blocks).await
    }

    async fn surrounded_by(&self, db: &mut Db, rows: Vec<BlockRow>) -> Result<Surroundings> {
        let institution = self.institution(db).await?;
        let (programs, sites) = places::programs_and_sites(db, institution).await?;
        let mut blocks: HashMap<(ProgramId, String), Vec<BlockRow>> = HashMap::new();
        for block in rows {
            blocks.entry((block.program, block.whose.clone())).or_default().push(block);
        }
        let absences = absences::absences(db).await?;
        Ok(Surroundings {
            absences: absences.into_iter().map(|row| (row.therapist, row.absence)).collect(),
            programs: programs.into_iter().map(|program| (program.id, program)).collect(),
            sites,
            blocks,
            therapists: therapists::therapists(db, institution).await?,
            vault: Arc::clone(&self.vault),
        })
    }

    /// Loads the ground of an offering.
    pub(super) async fn ground(&self, db: &mut Db, offering: &Offering) -> Result<Ground> {
        let around = self.surroundings(db).await?;
        let mut residents = HashMap::new();
        let (mut persons, mut not_here) = (Vec::new(), Vec::new());
        for row in people::residents(db, offering.row.institution).await? {
            let resident = self.open_resident(&row)?;
            match around.person(&resident, offering) {
                Some(person) if resident.active => persons.push(person),
                None if resident.active => not_here.push(resident.id),
                _ => {}
            }
            residents.insert(resident.id, resident);
        }
        let slots = offerings::all_slots(db).await?;
        let elsewhere = self.elsewhere(db, offering, &around).await?;
        let (fresh, engaged) = self.fresh_slots(db, offering, &around, &slots, &elsewhere).await?;
        let mut seats: HashMap<SlotId, Vec<StoredSeat>> = HashMap::new();
        for row in offerings::seats(db, offering.id()).await? {
            let pool = row.pool.parse().map_err(|_| crate::storage::Error::Unreadable("seats.pool"))?;
            let seat = self.open_seat(&row)?;
            seats.entry(row.slot).or_default().push(StoredSeat { row, pool, seat });
        }
        let own = slots.into_iter().filter(|slot| slot.offering == offering.id());
        let stored = own.map(|slot| {
            let held = seats.remove(&slot.id).unwrap_or_default();
            (slot, held)
        });
        let bookings = bookings::of_offering(db, offering.id()).await?;
        let mut ground = Ground {
            stored: stored.collect(),
            fresh,
            engaged,
            elsewhere,
            absences: Vec::new(),
            hosts: around.therapists.iter().map(|row| around.host(row)).collect::<Result<_>>()?,
            programs: around.programs,
            people: persons,
            residents,
            not_here,
            bookings: bookings.into_iter().map(|row| (row.resident, row)).collect(),
        };
        around
            .absences
            .into_iter()
            .for_each(|(therapist, absence)| ground.without(therapist, absence, offering));
        Ok(ground)
    }

    /// When therapists are busy elsewhere; of whom a calendar has not been read for too long, the whole booking period.
    async fn elsewhere(
        &self,
        db: &mut Db,
        offering: &Offering,
        around: &Surroundings,
    ) -> Result<Vec<(TherapistId, Span)>> {
        let mut elsewhere = therapists::busy(db).await?;
        if let Some(period) = around.widest_period(offering) {
            elsewhere.extend(self.unknown_busy(db).await?.into_iter().map(|therapist| (therapist, period)));
        }
        Ok(elsewhere)
    }

    /// The slots that hours give and that no stored slot touches; and when therapists can give no others.
    async fn fresh_slots(
        &self,
        db: &mut Db,
        offering: &Offering,
        around: &Surroundings,
        stored: &[SlotRow],
        elsewhere: &[(TherapistId, Span)],
    ) -> Result<(Vec<(TherapistId, Zone, Span)>, Vec<(TherapistId, Span)>)> {
        let rules = &offering.rules;
        let Some(period) = around.widest_period(offering) else {
            return Ok((Vec::new(), Vec::new()));
        };
        let mut taken: HashMap<TherapistId, Vec<Span>> = HashMap::new();
        for (therapist, span) in elsewhere {
            taken.entry(*therapist).or_default().push(*span);
        }
        for slot in stored {
            taken.entry(slot.therapist).or_default().push(slot.span);
        }
        let mut hours: BTreeMap<TherapistId, (Vec<_>, Vec<_>)> = BTreeMap::new();
        for (therapist, body) in therapists::availability(db).await? {
            let offered: Offered = serde_json::from_str(&body)
                .map_err(|_| crate::storage::Error::Unreadable("availability.body"))?;
            let own = hours.entry(therapist).or_default();
            match offered {
                Offered::Weekly(pattern) => own.0.push(pattern),
                Offered::Once(exception) => own.1.push(exception),
            }
        }
        let mut fresh = Vec::new();
        let each = taken.iter().flat_map(|(therapist, spans)| spans.iter().map(|span| (*therapist, *span)));
        let mut engaged: Vec<(TherapistId, Span)> = each.collect();
        for (therapist, (patterns, exceptions)) in hours {
            engaged.extend(availability::away(&exceptions).map(|span| (therapist, span)));
            let zone = patterns.first().map(|p| p.zone).or_else(|| exceptions.first().map(|e| e.zone));
            let busy = taken.get(&therapist).map(Vec::as_slice).unwrap_or_default();
            let spans = availability::slots(
                &patterns,
                &exceptions,
                busy,
                rules.visit_minutes,
                rules.buffer_minutes,
                period,
            );
            fresh.extend(spans.into_iter().map(|span| (therapist, zone.unwrap_or(Zone::UTC), span)));
        }
        Ok((fresh, engaged))
    }
}

impl Surroundings {
    /// The booking period of all zones in which somebody lives.
    fn widest_period(&self, offering: &Offering) -> Option<Span> {
        let periods = self.programs.values().map(|program| offering.rules.period(program.zone));
        periods.reduce(|a, b| {
            let widest = Span::new(a.starts_at().min(b.starts_at()), a.ends_at().max(b.ends_at()));
            widest.unwrap_or(a)
        })
    }

    /// A resident as planning sees them; none whose own time here and the booking period do not meet.
    pub(super) fn person(&self, resident: &Resident, offering: &Offering) -> Option<Person> {
        let program = self.programs.get(&resident.program)?;
        let attributes = &resident.attributes;
        let mut rules = offering.rules.clone();
        rules.from = rules.from.max(attributes.starts_on.unwrap_or(rules.from));
        rules.until = rules.until.min(attributes.ends_on.unwrap_or(rules.until));
        let period = (rules.from <= rules.until).then(|| rules.period(program.zone))?;
        let cohort = attributes.cohort.as_ref().map(|c| whose_cohort(c));
        let of = |kind: &str| -> Arc<[Span]> {
            let whose = cohort.iter().cloned().chain([whose_resident(resident.id)]);
            let rows = whose.filter_map(|whose| self.blocks.get(&(program.id, whose))).flatten();
            merged(rows.filter(|row| row.kind == kind).map(|row| row.span).collect())
        };
        Some(Person {
            id: resident.id,
            program: program.id,
            program_code: program.code.clone(),
            cohort: attributes.cohort.clone(),
            zone: program.zone,
            state: program.state.clone(),
            site: attributes.site.as_ref().and_then(|name| places::known_site(&self.sites, name)),
            period,
            protected: of("protected"),
            never: of("never"),
            avoids: avoided(&self.vault, attributes, &self.therapists),
            wishes: attributes.wishes.clone(),
        })
    }

    /// A therapist as planning sees them, opened.
    pub(super) fn host(&self, row: &TherapistRow) -> Result<Host> {
        Ok(Host { id: row.id, practice: open_practice(&self.vault, row)? })
    }

    /// Whether a therapist holds no visits then.
    pub(super) fn is_away(&self, therapist: TherapistId, visit: &Span) -> bool {
        self.absences.iter().any(|(away, absence)| *away == therapist && absence.closes(visit))
    }

    /// The therapists' rows.
    pub(super) fn therapists(&self) -> &[TherapistRow] {
        &self.therapists
    }

    /// The site that a resident's roster entry names.
    pub(super) fn site(&self, person: &Person) -> Option<&Site> {
        self.sites.iter().find(|site| Some(site.id) == person.site)
    }

    /// Every block of a resident, as typed and as it is, for the coverage export.
    pub(super) fn blocks_of(&self, resident: &Resident) -> Vec<&BlockRow> {
        let cohort = resident.attributes.cohort.as_ref().map(|c| whose_cohort(c));
        let whose = cohort.into_iter().chain([whose_resident(resident.id)]);
        let mut rows: Vec<&BlockRow> =
            whose.filter_map(|whose| self.blocks.get(&(resident.program, whose))).flatten().collect();
        rows.sort_by_key(|row| row.span);
        rows
    }
}

/// How a block of a cohort is filed: as the files of protected time compare cohorts, so that `A-1` finds `a1`.
pub(super) fn whose_cohort(cohort: &str) -> String {
    let key = plain(cohort);
    format!("cohort:{}", if key.is_empty() { places::name_key(cohort) } else { key })
}

/// How a block of one resident is filed.
pub(super) fn whose_resident(resident: ResidentId) -> String {
    format!("resident:{resident}")
}

impl Ground {
    /// The offering's first midnight, in the easternmost zone of a program: no resident's visit begins earlier.
    pub(super) fn opens(&self, rules: &Rules) -> Instant {
        let midnights = self.programs.values().map(|program| rules.period(program.zone).starts_at());
        midnights.min().unwrap_or_else(|| rules.period(Zone::UTC).starts_at())
    }

    /// The residents who have no seat from a batch: new ones, and those who wait.
    pub(super) fn unseated(&self) -> Vec<Person> {
        let seated: Vec<BookingId> =
            self.stored.iter().flat_map(|(_, seats)| seats).filter_map(|seat| seat.seat.planned).collect();
        let seated: std::collections::HashSet<BookingId> = seated.into_iter().collect();
        let has =
            |person: &&Person| self.bookings.get(&person.id).is_some_and(|row| seated.contains(&row.id));
        self.people.iter().filter(|person| !has(person)).cloned().collect()
    }

    /// The stored slots with the seats of one pool that a batch may still fill.
    pub(super) fn open(&self, pool: Pool) -> Vec<OpenSlot> {
        self.open_in(|of| of == pool)
    }

    /// The same with the seats of all pools that are chosen; no slot that is closed.
    pub(super) fn open_in(&self, chosen: impl Fn(Pool) -> bool) -> Vec<OpenSlot> {
        let may_be = |slot: &SlotRow| !self.is_closed(slot) && !self.is_elsewhere(slot);
        let open = self.stored.iter().filter(|(slot, _)| may_be(slot)).map(|(slot, seats)| {
            let free = |seat: &&StoredSeat| chosen(seat.pool) && seat.seat.open_to_batch(seat.pool);
            let free = seats.iter().filter(free).count();
            open_slot(slot.therapist, slot.span, u32::try_from(free).unwrap_or(u32::MAX))
        });
        open.filter(|slot| slot.seats > 0).collect()
    }

    /// Whether a slot's therapist holds no visits then.
    pub(super) fn is_closed(&self, slot: &SlotRow) -> bool {
        self.absences.iter().any(|(away, absence)| *away == slot.therapist && absence.closes(&slot.span))
    }

    /// Whether a slot's therapist is busy elsewhere then, or may be.
    fn is_elsewhere(&self, slot: &SlotRow) -> bool {
        self.elsewhere.iter().any(|(whose, span)| *whose == slot.therapist && span.overlaps(&slot.span))
    }

    /// Takes away what a therapist would offer during an absence, also from what could be offered besides.
    pub(super) fn without(&mut self, therapist: TherapistId, absence: Absence, offering: &Offering) {
        self.fresh.retain(|(whose, _, span)| *whose != therapist || !absence.closes(span));
        // Zones differ by a day at most, so no visit lies further out.
        let last = offering.rules.until.succ_opt().unwrap_or(offering.rules.until);
        self.engaged.extend(absence.until_day(last).map(|span| (therapist, span)));
        self.absences.push((therapist, absence));
    }

    /// The slots that are not stored yet, with all their seats.
    pub(super) fn fresh_slots(&self) -> Vec<OpenSlot> {
        self.fresh.iter().map(|(therapist, _, span)| open_slot(*therapist, *span, SEATS_PER_SLOT)).collect()
    }

    /// The protected block that a visit lies in.
    pub(super) fn block_of(person: &Person, visit: Span) -> Span {
        person.protected.iter().copied().find(|block| block.contains(&visit)).unwrap_or(visit)
    }

    /// A free seat of a stored slot, of the first of the pools that has one.
    pub(super) fn free_seat(
        &self,
        key: SlotKey,
        pools: &[Pool],
        used: &[SeatId],
    ) -> Option<(&SlotRow, &StoredSeat)> {
        let (slot, seats) = self
            .stored
            .iter()
            .find(|(slot, _)| slot.therapist == key.therapist && slot.span.starts_at() == key.starts_at)?;
        let free = |pool: &Pool| {
            let fits = |seat: &&StoredSeat| seat.pool == *pool && seat.seat.open_to_batch(*pool);
            seats.iter().filter(fits).find(|seat| !used.contains(&seat.row.id))
        };
        pools.iter().find_map(free).map(|seat| (slot, seat))
    }
}

pub(super) fn open_slot(therapist: TherapistId, span: Span, seats: u32) -> OpenSlot {
    OpenSlot { key: SlotKey { therapist, starts_at: span.starts_at() }, span, seats }
}

/// How long after the end of an offering links to it go on to open.
pub(super) fn link_end(offering: &Offering, zone: Zone) -> crate::domain::time::Instant {
    offering.rules.period(zone).ends_at() + Duration::days(30)
}
