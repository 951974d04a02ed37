//! What the database holds, opened with the keys, as it is at one moment. Reads through the storage and never changes
//! anything; what did not change since the last look is not opened again.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use holdspace::domain::booking::Booking;
use holdspace::domain::id::{BookingId, ResidentId, SeatId, SlotId};
use holdspace::domain::letter::Letter;
use holdspace::domain::owed::{Errand, Recipient};
use holdspace::domain::seating::Seat;
use holdspace::storage::offerings::SlotRow;
use holdspace::storage::{bookings, offerings, outbox, people, places};
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
    /// How many reminders each booking gets, in hours before the visit; empty before there is an offering.
    pub bookings_print: BTreeMap<String, String>,
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
        let (of_bookings, of_seats) =
            (prints(&row.0.unwrap_or_default()), prints(&row.1.unwrap_or_default()));
        let mut next = Self { residents_print: row.2.unwrap_or_default(), ..self.clone() };
        if next.residents_print != self.residents_print
            && let Some(institution) = places::institution(&mut db).await.unwrap()
        {
            let rows = people::residents(&mut db, institution).await.unwrap();
            next.residents =
                Rc::new(rows.into_iter().map(|row| (row.id, (row.address_key, row.active))).collect());
        }
        let offering = offerings::offerings(&mut db).await.unwrap().pop();
        if let Some(offering) = offering {
            if of_bookings != self.bookings_print {
                next.bookings.retain(|id, _| of_bookings.contains_key(&id.to_string()));
                for row in bookings::of_offering(&mut db, offering.id).await.unwrap() {
                    let id = row.id.to_string();
                    if self.bookings_print.get(&id) == of_bookings.get(&id) {
                        continue;
                    }
                    let key = life.vault.unwrap(&row.key.id, &row.key.wrapped).unwrap();
                    let at = Location { column: "bookings.sealed", row: &id };
                    let booking: Booking = key.open_value(at, &row.sealed).unwrap();
                    let one = OneBooking { resident: row.resident, uid: row.uid, booking };
                    next.bookings.insert(row.id, Rc::new(one));
                }
            }
            if of_seats != self.seats_print {
                next.seats.clear();
                for row in offerings::seats(&mut db, offering.id).await.unwrap() {
                    let id = row.id.to_string();
                    let known = self.seats.get(&row.id).copied();
                    let seat = match known.filter(|_| self.seats_print.get(&id) == of_seats.get(&id)) {
                        Some(known) => known,
                        None => {
                            let key = life.vault.unwrap(&row.key.id, &row.key.wrapped).unwrap();
                            let at = Location { column: "seats.sealed", row: &id };
                            (row.slot, key.open_value(at, &row.sealed).unwrap())
                        }
                    };
                    next.seats.insert(row.id, seat);
                }
                if next.seats.len() != self.seats.len() {
                    let slots = offerings::all_slots(&mut db).await.unwrap();
                    next.slots = Rc::new(slots.into_iter().map(|slot| (slot.id, slot)).collect());
                }
            }
        }
        (next.bookings_print, next.seats_print) = (of_bookings, of_seats);
        let owed = prints(&row.3.unwrap_or_default());
        next.letters.retain(|id, _| owed.contains_key(id));
        let new: BTreeSet<&String> = owed.keys().filter(|id| !next.letters.contains_key(*id)).collect();
        let mut fresh = BTreeMap::new();
        if !new.is_empty() {
            for (id, sealed) in outbox::errands(&mut db).await.unwrap() {
                let id = id.to_string();
                if !new.contains(&id) {
                    continue;
                }
                let at = Location { column: "outbox.errand", row: &id };
                let errand: Errand = life.vault.open_value(at, &sealed).unwrap();
                let uid = match errand.to {
                    Recipient::Resident(booking) => next.bookings.get(&booking).map(|one| one.uid.as_str()),
                    _ => None,
                };
                let message_id = message_id(&id, &errand, uid);
                fresh.insert(id, Rc::new(OneLetter { message_id, errand }));
            }
        }
        for (id, print) in owed {
            let mut parts = print.split(':');
            let state = parts.next().unwrap_or_default().to_owned();
            let mut number = || parts.next().and_then(|text| text.parse().ok()).unwrap_or(0_i64);
            let (attempts, due_at, lease) = (number(), number(), number());
            let letter = match next.letters.get(&id) {
                Some(known) => Rc::clone(&known.letter),
                None => Rc::clone(&fresh[&id]),
            };
            next.letters.insert(id, Progress { state, attempts, next: due_at.max(lease), letter });
        }
        next
    }

    /// The booking of a resident with this keyed hash of their address.
    pub fn booking_of(&self, address_key: &str) -> Option<(&BookingId, &Rc<OneBooking>)> {
        let (resident, _) = self.residents.iter().find(|(_, (key, _))| key == address_key)?;
        self.bookings.iter().find(|(_, one)| one.resident == *resident)
    }
}
