//! Whether everything in a database holds together: the engine's own files, every sealed value, bookings against seats, letters,
//! releases and both logs. For copies before they are relied on, for the doctor, and for tests. Changes nothing, and tells
//! neither a name nor what anybody did.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::audit_check::Checked;
use super::offering::Offering;
use super::{Desk, Result};
use crate::domain::booking::Booking;
use crate::domain::id::{BookingId, InstitutionId, SeatId};
use crate::domain::release::Document;
use crate::storage::{Db, bookings, keys, outbox, people, releases, sealed, survey_codes};
use crate::vault::Location;

/// Rows read at once.
const AT_ONCE: i64 = 500;
/// So many findings are told; a database that was destroyed has more.
const TOLD: usize = 50;

/// What came of looking. Counts only what is the same whatever anybody did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Soundness {
    /// Sealed values that open, data keys among them.
    pub opened: usize,
    /// Residents.
    pub residents: usize,
    /// Bookings.
    pub bookings: usize,
    /// Seats.
    pub seats: usize,
    /// Letters, sent or not.
    pub letters: usize,
    /// Entries of both logs.
    pub entries: usize,
    /// Residents and bookings whose keys are not there: nobody sees them any more.
    pub without_keys: [i64; 2],
    /// What does not hold together.
    pub findings: Vec<String>,
}

impl Soundness {
    /// Whether everything holds together.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.findings.is_empty()
    }

    /// In one line.
    #[must_use]
    pub fn told(&self) -> String {
        let Self { opened, residents, bookings, seats, letters, entries, .. } = self;
        format!(
            "{opened} sealed values open; {residents} residents, {bookings} bookings, {seats} seats, {letters} letters and {entries} \
             entries of the logs hold together"
        )
    }

    fn found(&mut self, found: impl Into<String>) {
        if self.findings.len() < TOLD {
            self.findings.push(found.into());
        }
    }

    /// Counts what opened, or tells what did not.
    fn opens<T>(&mut self, opened: Result<T>, what: impl FnOnce() -> String) -> Option<T> {
        match opened {
            Ok(value) => {
                self.opened += 1;
                Some(value)
            }
            Err(_) => {
                self.found(format!("{} does not open: it was changed, or belongs to another key", what()));
                None
            }
        }
    }
}

impl Desk {
    /// Looks through everything, as it is at one moment.
    ///
    /// # Errors
    /// [`super::Error::NotSetUp`], and those of the database. What does not hold together is no error but a finding.
    pub async fn check_data(&self) -> Result<Soundness> {
        let mut db = self.store().snapshot().await?;
        // First of all, so that the main store's moment is not after that of the keys.
        let institution = self.institution(&mut db).await?;
        let mut sound = Soundness { without_keys: keys::without(&mut db).await?, ..Soundness::default() };
        for found in self.store().integrity(&mut db).await? {
            sound.found(format!("the database's own check: {found}"));
        }
        self.check_sealed(&mut db, &mut sound).await?;
        self.check_people(&mut db, institution, &mut sound).await?;
        let mut unseen = BTreeSet::new();
        for offering in self.offerings(&mut db).await? {
            self.check_season(&mut db, &offering, &mut unseen, &mut sound).await?;
        }
        let mut checked = self.check_logs(&mut db, &[]).await?;
        sound.entries = checked.staff + checked.outcomes;
        // Nobody erased them here: they were elsewhere, in a store of keys that is newer than this database.
        let known = |at: &str| unseen.iter().any(|id: &BookingId| at == format!("booking {id}"));
        checked.findings.retain(|finding| !known(&finding.at));
        tell(checked, &mut sound);
        Ok(sound)
    }

    /// Everything that a key of the key file seals itself, and every data key.
    async fn check_sealed(&self, db: &mut Db, sound: &mut Soundness) -> Result<()> {
        for column in sealed::COLUMNS {
            let mut last = String::new();
            loop {
                let rows = sealed::after(db, column, &last, AT_ONCE).await?;
                let Some(end) = rows.last() else { break };
                last.clone_from(&end.row);
                for row in &rows {
                    let at = Location { column: column.name, row: &row.row };
                    let opened = self.vault.open(at, &row.sealed).map_err(super::Error::from);
                    sound.opens(opened, || format!("{} of {}", column.name, row.row));
                }
            }
        }
        let mut last = String::new();
        loop {
            let rows = keys::after(db, &last, AT_ONCE).await?;
            let Some(end) = rows.last() else { return Ok(()) };
            last.clone_from(&end.id);
            for key in &rows {
                sound.opens(self.data_key(key), || format!("the data key {}", key.id));
            }
        }
    }

    async fn check_people(
        &self,
        db: &mut Db,
        institution: InstitutionId,
        sound: &mut Soundness,
    ) -> Result<()> {
        for row in people::residents(db, institution).await? {
            sound.residents += 1;
            sound.opens(self.open_resident(&row), || format!("resident {}", row.id));
        }
        for (id, sealed) in outbox::errands(db).await? {
            sound.letters += 1;
            // Counted already among what the key file's keys seal.
            if self.open_errand(&id.to_string(), &sealed).is_err() {
                sound.found(format!("letter {id} cannot be read, so it would never be written"));
            }
        }
        for row in releases::all(db).await? {
            if Document::read(row.document).is_err() {
                sound.found(format!("the release of offering {} cannot be read", row.offering));
            }
        }
        Ok(())
    }

    /// One season: everything opens, and bookings and seats tell the same.
    async fn check_season(
        &self,
        db: &mut Db,
        offering: &Offering,
        unseen: &mut BTreeSet<BookingId>,
        sound: &mut Soundness,
    ) -> Result<()> {
        let id = offering.id();
        let mut all = BTreeMap::new();
        for row in bookings::of_offering(db, id).await? {
            sound.bookings += 1;
            let booking = sound.opens(self.open_booking(&row), || format!("booking {}", row.id));
            all.insert(row.id, booking);
        }
        for (booking, sealed, key) in bookings::whys(db, id).await? {
            sound.opens(self.open_why(&key, booking, &sealed), || {
                format!("why booking {booking} is where it is")
            });
        }
        let rows = bookings::ids_of_offering(db, id).await?;
        unseen.extend(
            rows.into_iter().map(|(booking, _)| booking).filter(|booking| !all.contains_key(booking)),
        );
        for row in survey_codes::of_offering(db, id).await? {
            sound.opens(self.open_sheet(&row), || format!("sheet {} of the survey", row.id));
        }
        let mut seats = BTreeMap::new();
        for row in crate::storage::seats::seats(db, id).await? {
            sound.seats += 1;
            let seat = sound.opens(self.open_seat(&row), || format!("seat {}", row.id));
            seats.insert(row.id, seat.map(|seat| seat.holder));
        }
        agree(&all, &seats, unseen, sound);
        Ok(())
    }
}

/// Nobody sits twice, no seat holds two, and bookings and seats tell the same. What did not open was told already.
fn agree(
    bookings: &BTreeMap<BookingId, Option<Booking>>,
    seats: &BTreeMap<SeatId, Option<Option<BookingId>>>,
    unseen: &BTreeSet<BookingId>,
    sound: &mut Soundness,
) {
    for (id, booking) in bookings {
        let Some(visit) = booking.as_ref().and_then(Booking::visit) else { continue };
        match seats.get(&visit.seat) {
            Some(None) => {}
            Some(Some(Some(holder))) if holder == id => {}
            Some(Some(Some(holder))) => {
                sound.found(format!("bookings {id} and {holder} both have seat {}", visit.seat));
            }
            Some(Some(None)) => sound.found(format!("booking {id} has seat {}, which is free", visit.seat)),
            None => sound.found(format!("booking {id} has seat {}, which is not there", visit.seat)),
        }
    }
    for (seat, holder) in seats {
        let Some(holder) = holder.flatten().filter(|holder| !unseen.contains(holder)) else { continue };
        match bookings.get(&holder) {
            // A visit that is over keeps its seat when another one is booked.
            Some(Some(booking)) if booking.visit_in(*seat).is_none() => {
                sound.found(format!("seat {seat} is held for booking {holder}, which is elsewhere"));
            }
            None => sound.found(format!("seat {seat} is held for booking {holder}, which is not there")),
            Some(_) => {}
        }
    }
}

fn tell(checked: Checked, sound: &mut Soundness) {
    for finding in checked.findings {
        sound.found(format!("the log of {}, {}: {}", finding.log, finding.at, finding.found));
    }
}
