//! At each fixed hour: how far the history of every booking of an offering has come, written down for all at once in one
//! sealed row of a size that hangs on their number alone; and what stands for that row, in the log of the fixed hours. So a
//! history that is later put back to what it was, or taken away, is found. Tells nothing to whoever sees only sizes and
//! times.

use std::collections::{BTreeMap, HashSet};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::audit::OUTCOMES;
use super::audit_check::{Checked, Finding};
use super::history::History;
use super::{Desk, Result};
use crate::domain::id::{BookingId, OfferingId};
use crate::storage::{self, Db, bookings, histories};
use crate::vault::Location;

/// Bytes of a booking in a witness, with room for whatever happened.
const EACH: usize = 96;
/// Bytes of a witness beside its bookings.
const FRAME: usize = 256;

/// How far one history had come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark(u32, String);

/// How far all had come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Witness {
    bookings: BTreeMap<BookingId, Mark>,
}

/// What comes of holding a history against what was witnessed of it.
enum Held {
    /// It goes on from there.
    GoesOn,
    /// It is not what it was.
    Not,
}

const fn at(id: &str) -> Location<'_> {
    Location { column: "witnesses.sealed", row: id }
}

impl Desk {
    fn seal_witness(&self, offering: OfferingId, witness: &Witness) -> Result<Vec<u8>> {
        let size = FRAME + EACH * witness.bookings.len();
        Ok(self.vault.seal_at_size(at(&offering.to_string()), witness, size)?)
    }

    /// What stands for a witness.
    fn stands_for(&self, offering: OfferingId, witness: &Witness) -> String {
        let mut words: Vec<Vec<u8>> = vec![offering.as_bytes().to_vec()];
        for (id, Mark(count, end)) in &witness.bookings {
            words.extend([id.as_bytes().to_vec(), count.to_be_bytes().to_vec(), end.as_bytes().to_vec()]);
        }
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        HEXLOWER.encode(&*self.vault.derived("witness", &words))
    }

    fn holds(&self, id: BookingId, history: &History, Mark(count, end): &Mark) -> Held {
        match self.ended_in(id, history, *count) {
            Some(ended) if ended == *end => Held::GoesOn,
            // So much happened since that the place fell off: nothing to compare, and nobody came this far backwards.
            None if *count < history.fallen => Held::GoesOn,
            _ => Held::Not,
        }
    }

    async fn witness_of(&self, db: &mut Db, offering: OfferingId) -> Result<Option<Witness>> {
        let Some(sealed) = histories::witness(db, offering).await? else { return Ok(None) };
        Ok(self.vault.open_value(at(&offering.to_string()), &sealed).ok())
    }

    /// Writes down how far every history of an offering has come. What no longer goes on from where it was stays as it was
    /// witnessed, so that the check goes on telling of it.
    pub(super) async fn witness(&self, offering: OfferingId) -> Result<()> {
        let mut tx = self.store.write().await?;
        let before = self.witness_of(&mut tx, offering).await?.unwrap_or_default();
        let mut after = before.clone();
        for (id, _, sealed) in histories::of_offering(&mut tx, offering).await? {
            let Ok(history) = self.open_history(id, &sealed) else { continue };
            let goes_on = before
                .bookings
                .get(&id)
                .is_none_or(|mark| matches!(self.holds(id, &history, mark), Held::GoesOn));
            if goes_on {
                after.bookings.insert(id, Mark(history.count(), history.end.clone()));
            }
        }
        self.keep_witness(&mut tx, offering, &after).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(())
    }

    async fn keep_witness(&self, db: &mut Db, offering: OfferingId, witness: &Witness) -> Result<()> {
        histories::set_witness(db, offering, self.seal_witness(offering, witness)?).await?;
        let details = format!("{offering} {}", self.stands_for(offering, witness));
        self.append(db, OUTCOMES, "the service".to_owned(), "witnessed", details).await
    }

    /// Forgets bookings of an offering that are erased in this transaction: of all of them where none is named.
    pub(super) async fn forget_witnessed(
        &self,
        db: &mut Db,
        offering: OfferingId,
        only: Option<&[BookingId]>,
    ) -> Result<()> {
        let Some(mut witness) = self.witness_of(db, offering).await? else { return Ok(()) };
        witness.bookings.retain(|id, _| only.is_some_and(|gone| !gone.contains(id)));
        self.keep_witness(db, offering, &witness).await
    }

    /// Holds every history against itself, against its booking and against what was witnessed of it.
    pub(super) async fn check_histories(&self, db: &mut Db, checked: &mut Checked) -> Result<()> {
        let mut told = |at: String, found: &str| {
            checked.findings.push(Finding { log: "history", at, found: found.to_owned() });
        };
        let witnessed = self.witnessed(db).await?;
        let mut seen = 0;
        for offering in self.offerings(db).await? {
            let id = offering.id();
            let witness = self.witness_of(db, id).await?;
            let ours = witness.as_ref().map(|witness| self.stands_for(id, witness));
            if witnessed.get(&id.to_string()) != ours.as_ref() {
                let found = "what the fixed hours vouch for was removed, changed or put back to what it was";
                told(format!("offering {id}"), found);
            }
            let mut marks = witness.unwrap_or_default().bookings;
            let states: BTreeMap<BookingId, String> = bookings::of_offering(db, id)
                .await?
                .iter()
                .filter_map(|row| Some((row.id, self.state_of(&self.open_booking(row).ok()?))))
                .collect();
            let mut unread: HashSet<BookingId> = HashSet::new();
            for (booking, _, sealed) in histories::of_offering(db, id).await? {
                seen += 1;
                let at = format!("booking {booking}");
                let mark = marks.remove(&booking);
                let Ok(history) = self.open_history(booking, &sealed) else {
                    told(at, "its history does not open: it was changed, or another one put in its place");
                    unread.insert(booking);
                    continue;
                };
                if self.ended_in(booking, &history, history.count()).as_ref() != Some(&history.end) {
                    told(
                        at.clone(),
                        "its history does not hang together: a line was changed, removed, inserted or put elsewhere",
                    );
                }
                match states.get(&booking) {
                    Some(state) if *state == history.state => {}
                    Some(_) => told(
                        at.clone(),
                        "it is not what its history says: one of the two was put back to what it was",
                    ),
                    None => {
                        told(at.clone(), "it does not open: it was changed, or another one put in its place")
                    }
                }
                if mark.is_some_and(|mark| matches!(self.holds(booking, &history, &mark), Held::Not)) {
                    told(
                        at,
                        "its history does not go on from the last fixed hour: it was put back to what it was, or begun anew",
                    );
                }
            }
            for booking in marks.keys() {
                told(format!("booking {booking}"), "it was removed, and nobody erased it");
            }
        }
        checked.histories = seen;
        Ok(())
    }

    /// What the log of the fixed hours last said of each offering.
    async fn witnessed(&self, db: &mut Db) -> Result<BTreeMap<String, String>> {
        let which = (self.institution(db).await?, OUTCOMES);
        let (mut newest, mut after) = (BTreeMap::new(), 0);
        loop {
            let rows = storage::audit::after(db, which, after, 500).await?;
            let Some(last) = rows.last() else { return Ok(newest) };
            after = last.number;
            for row in &rows {
                let Ok(entry) = self.open_entry(which, row) else { continue };
                if let Some((offering, stands_for)) = entry.details.split_once(' ') {
                    newest.insert(offering.to_owned(), stands_for.to_owned());
                }
            }
        }
    }
}
