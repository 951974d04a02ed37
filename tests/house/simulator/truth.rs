//! What the database holds, opened with the keys, as it is at one moment. Reads through the storage and never changes
//! anything; what did not change since the last look is not opened again.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use holdspace::domain::booking::Booking;
use holdspace::domain::id::{BookingId, OfferingId, ResidentId, SeatId, SlotId};
use holdspace::domain::letter::Letter;
use holdspace::domain::owed::{Errand, Recipient};
use holdspace::domain::seating::Seat;
use holdspace::storage::offerings::SlotRow;
use holdspace::storage::{Db, bookings, offerings, outbox, people, places};
use holdspace::vault::Location;

use super::life::Life;

/// What tells whether a row changed since, all tables in one line.
const PRINTS: &str = "SELECT \
    (SELECT GROUP_CONCAT(id || ':' || hex(substr(sealed, 1, 60)), ' ') FROM bookings), \
    (SELECT GROUP_CONCAT(id || ':' || hex(substr(sealed, 1, 60)), ' ') FROM seats), \
    (SELECT GROUP_CONCAT(id || ':' || active, ' ') FROM residents), \
    (SELECT GROUP_CONCAT(id || ':' || state || ':' || attempts || ':' || due_at || ':' || lease_until, ' ') \
    FROM outbox)";

/// A booking with whose it is.
#[derive(Debug)]
pub struct OneBooking {
    /// Whose.
    pub resident: ResidentId,
    /// The calendar's UID.
    pub uid: String,
    /// What it holds.
    pub booking: Booking,
}

/// A letter that is or was owed.
#[derive(Debug)]
pub struct OneLetter {
    /// The Message-ID that it will have, without its brackets; none where its booking is gone.
    pub message_id: String,
    /// What it is.
    pub errand: Errand,
}

/// How far a letter is.
#[derive(Debug, Clone)]
pub struct Progress {
    /// `owed`, `sent` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it may be tried next, in UTC seconds.
    pub next: i64,
    /// Which.
    pub letter: Rc<OneLetter>,
}

/// Everything at one moment.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    /// Who is on file: the keyed hash of the address, and whether they are on the roster.
    pub residents: Rc<BTreeMap<ResidentId, (String, bool)>>,
    /// Every booking.
    pub bookings: BTreeMap<BookingId, Rc<OneBooking>>,
    /// Every seat with its slot.
    pub seats: BTreeMap<SeatId, (SlotId, Seat)>,
    /// Every slot.
    pub slots: Rc<BTreeMap<SlotId, SlotRow>>,
    /// Every letter that is not forgotten yet.
    pub letters: BTreeMap<String, Progress>,
    bookings_print: BTreeMap<String, String>,
    seats_print: BTreeMap<String, String>,
    residents_print: String,
}

fn prints(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split(' ').filter_map(|pair| pair.split_once(':'));
    pairs.map(|(id, print)| (id.to_owned(), print.to_owned())).collect()
}

/// The Message-ID of a letter, without its brackets: what the documents say, written down a second time.
fn message_id(id: &str, errand: &Errand, uid: Option<&str>) -> String {
    let at = errand.owed_at.timestamp();
    let uid = match (&errand.to, uid) {
        (Recipient::Therapist(therapist), _) => format!("{therapist}.{at}"),
        (Recipient::Resident(_), Some(uid)) if errand.letter != Letter::NewAddress => uid.to_owned(),
        _ => format!("{id}.{at}"),
    };
    let number = if errand.letter.for_everyone() { 0 } else { errand.sequence };
    let occasion: String = errand.occasion.chars().filter(char::is_ascii_alphanumeric).collect();
    let bare = occasion.is_empty() || errand.letter == Letter::Invitation;
    let occasion = if bare { String::new() } else { format!(".{occasion}") };
    format!("{uid}.{number}.{}{occasion}@holdspace.example.org", errand.letter)
}

impl Truth {
    /// What is there now, where `self` was there before.
    pub async fn next(&self, life: &Life) -> Self {
        let mut db = life.store.read().await.unwrap();
        let row: (Option<String>, Option<String>, Option<String>, Option<String>) =
            sqlx::query_as(PRINTS).fetch_one(&mut *db).await.unwrap();
        let mut next = Self {
            bookings_print: prints(&row.0.unwrap_or_default()),
            seats_print: prints(&row.1.unwrap_or_default()),
            residents_print: row.2.unwrap_or_default(),
            ..self.clone()
        };
        if next.residents_print != self.residents_print
            && let Some(institution) = places::institution(&mut db).await.unwrap()
        {
            let rows = people::residents(&mut db, institution).await.unwrap();
            next.residents =
                Rc::new(rows.into_iter().map(|row| (row.id, (row.address_key, row.active))).collect());
        }
        if let Some(offering) = offerings::offerings(&mut db).await.unwrap().pop() {
            if next.bookings_print != self.bookings_print {
                next.reads_bookings(&mut db, life, offering.id, self).await;
            }
            if next.seats_print != self.seats_print {
                next.reads_seats(&mut db, life, offering.id, self).await;
            }
        }
        next.reads_letters(&mut db, life, prints(&row.3.unwrap_or_default())).await;
        next
    }

    async fn reads_bookings(&mut self, db: &mut Db, life: &Life, offering: OfferingId, before: &Self) {
        let there = &self.bookings_print;
        self.bookings.retain(|id, _| there.contains_key(&id.to_string()));
        for row in bookings::of_offering(db, offering).await.unwrap() {
            let id = row.id.to_string();
            if before.bookings_print.get(&id) == there.get(&id) {
                continue;
            }
            let key = life.vault.unwrap(&row.key.id, &row.key.wrapped).unwrap();
            let at = Location { column: "bookings.sealed", row: &id };
            let booking: Booking = key.open_value(at, &row.sealed).unwrap();
            let one = OneBooking { resident: row.resident, uid: row.uid, booking };
            self.bookings.insert(row.id, Rc::new(one));
        }
    }

    async fn reads_seats(&mut self, db: &mut Db, life: &Life, offering: OfferingId, before: &Self) {
        self.seats.clear();
        for row in offerings::seats(db, offering).await.unwrap() {
            let id = row.id.to_string();
            let known = before.seats.get(&row.id).copied();
            let same = before.seats_print.get(&id) == self.seats_print.get(&id);
            let seat = known.filter(|_| same).unwrap_or_else(|| {
                let key = life.vault.unwrap(&row.key.id, &row.key.wrapped).unwrap();
                let at = Location { column: "seats.sealed", row: &id };
                (row.slot, key.open_value(at, &row.sealed).unwrap())
            });
            self.seats.insert(row.id, seat);
        }
        if self.seats.len() != before.seats.len() {
            let slots = offerings::all_slots(db).await.unwrap();
            self.slots = Rc::new(slots.into_iter().map(|slot| (slot.id, slot)).collect());
        }
    }

    async fn reads_letters(&mut self, db: &mut Db, life: &Life, there: BTreeMap<String, String>) {
        self.letters.retain(|id, _| there.contains_key(id));
        let new: BTreeSet<&String> = there.keys().filter(|id| !self.letters.contains_key(*id)).collect();
        let mut fresh = BTreeMap::new();
        let errands = if new.is_empty() { Vec::new() } else { outbox::errands(db).await.unwrap() };
        for (id, sealed) in errands {
            let id = id.to_string();
            if !new.contains(&id) {
                continue;
            }
            let at = Location { column: "outbox.errand", row: &id };
            let errand: Errand = life.vault.open_value(at, &sealed).unwrap();
            let uid = match errand.to {
                Recipient::Resident(booking) => self.bookings.get(&booking).map(|one| one.uid.as_str()),
                _ => None,
            };
            let message_id = message_id(&id, &errand, uid);
            fresh.insert(id, Rc::new(OneLetter { message_id, errand }));
        }
        for (id, print) in there {
            let mut parts = print.split(':');
            let state = parts.next().unwrap_or_default().to_owned();
            let mut number = || parts.next().and_then(|text| text.parse().ok()).unwrap_or(0_i64);
            let (attempts, due_at, lease) = (number(), number(), number());
            let known = self.letters.get(&id).map(|known| Rc::clone(&known.letter));
            let letter = known.unwrap_or_else(|| Rc::clone(&fresh[&id]));
            self.letters.insert(id, Progress { state, attempts, next: due_at.max(lease), letter });
        }
    }

    /// The booking of a resident with this keyed hash of their address.
    pub fn booking_of(&self, address_key: &str) -> Option<(&BookingId, &Rc<OneBooking>)> {
        let (resident, _) = self.residents.iter().find(|(_, (key, _))| key == address_key)?;
        self.bookings.iter().find(|(_, one)| one.resident == *resident)
    }
}
