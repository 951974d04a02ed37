//! At each fixed hour: how far the history of every booking of an offering has come, written down for all at once in one
//! sealed row of a size that hangs on their number alone; and what stands for that row, in the log of the fixed hours. So a
//! history that is later put back to what it was, or taken away, is found. Tells nothing to whoever sees only sizes and
//! times.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::audit::OUTCOMES;
use super::audit_check::{Checked, Finding};
use super::history::History;
use super::offering::Offering;
use super::{Desk, Result, TRIES};
use crate::domain::id::{BookingId, OfferingId};
use crate::storage::bookings::{self, BookingRow};
use crate::storage::{self, Db, histories};
use crate::vault::Location;

/// Bytes of a booking in a witness, with room for whatever happened.
const EACH: usize = 96;
/// Bytes of a witness beside its bookings.
const FRAME: usize = 256;
/// Entries read at once.
const AT_ONCE: i64 = 500;

/// How far one history had come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark(u32, String);

/// How far all had come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Witness {
    bookings: BTreeMap<BookingId, Mark>,
}

const fn at(id: &str) -> Location<'_> {
    Location { column: "witnesses.sealed", row: id }
}

/// What the log says of an offering of which nothing is to be vouched for any more.
const GONE: &str = "erased";

impl Desk {
    fn seal_witness(&self, offering: &Offering, witness: &Witness) -> Result<Vec<u8>> {
        let size = FRAME + EACH * witness.bookings.len();
        let place = offering.id().to_string();
        Ok(self.data_key(offering.key()?)?.seal_at_size(at(&place), witness, size)?)
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

    /// Whether a history goes on from where it was. One in which so much happened since that the place fell off is not held
    /// against it: nobody came this far backwards.
    fn goes_on(&self, id: BookingId, history: &History, Mark(count, end): &Mark) -> bool {
        match self.ended_in(id, history, *count) {
            Some(ended) => ended == *end,
            None => *count < history.fallen,
        }
    }

    /// The witness of an offering; none where there is none, or nothing opens it.
    async fn witness_of(&self, db: &mut Db, offering: &Offering) -> Result<Option<Witness>> {
        let Some(sealed) = histories::witness(db, offering.id()).await? else { return Ok(None) };
        let Ok(key) = offering.key() else { return Ok(None) };
        Ok(self.data_key(key)?.open_value(at(&offering.id().to_string()), &sealed).ok())
    }

    /// Writes down how far every history of an offering has come. What no longer goes on from where it was stays as it was
    /// witnessed, so that the check goes on telling of it.
    pub(super) async fn witness(&self, offering: &Offering) -> Result<()> {
        if offering.key().is_err() {
            // It was erased: there is nothing to vouch for.
            return Ok(());
        }
        let mut tx = self.store.write().await?;
        let before = self.witness_of(&mut tx, offering).await?.unwrap_or_default();
        let mut after = before.clone();
        let rows = bookings::of_offering(&mut tx, offering.id()).await?;
        let mut sealed: BTreeMap<BookingId, Vec<u8>> =
            histories::of_offering(&mut tx, offering.id()).await?.into_iter().collect();
        for row in rows {
            let Some(history) = sealed.remove(&row.id) else { continue };
            let Ok(history) = self.open_history(&row.key, row.id, &history) else { continue };
            if before.bookings.get(&row.id).is_none_or(|mark| self.goes_on(row.id, &history, mark)) {
                after.bookings.insert(row.id, Mark(history.count(), history.end.clone()));
            }
        }
        self.keep_witness(&mut tx, offering, &after).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(())
    }

    async fn keep_witness(&self, db: &mut Db, offering: &Offering, witness: &Witness) -> Result<()> {
        let id = offering.id();
        histories::set_witness(db, id, self.seal_witness(offering, witness)?).await?;
        self.vouch(db, id, &self.stands_for(id, witness)).await
    }

    async fn vouch(&self, db: &mut Db, offering: OfferingId, stands_for: &str) -> Result<()> {
        let details = format!("{offering} {stands_for}");
        self.append(db, OUTCOMES, "the service".to_owned(), "witnessed", details).await
    }

    /// Forgets bookings that are erased in this transaction.
    pub(super) async fn forget_witnessed(
        &self,
        db: &mut Db,
        theirs: &BTreeMap<BookingId, OfferingId>,
    ) -> Result<()> {
        for offering in
            self.offerings(db).await?.iter().filter(|one| theirs.values().any(|of| *of == one.id()))
        {
            let Some(mut witness) = self.witness_of(db, offering).await? else { continue };
            witness.bookings.retain(|id, _| !theirs.contains_key(id));
            self.keep_witness(db, offering, &witness).await?;
        }
        Ok(())
    }

    /// Forgets what was witnessed of a season that is erased in this transaction.
    pub(super) async fn forget_witness(&self, db: &mut Db, offering: OfferingId) -> Result<()> {
        histories::drop_witness(db, offering).await?;
        self.vouch(db, offering, GONE).await
    }

    /// Holds every history against itself, against its booking and against what was witnessed of it.
    pub(super) async fn check_histories(&self, db: &mut Db, checked: &mut Checked) -> Result<()> {
        let witnessed = self.witnessed(db).await?;
        for offering in self.offerings(db).await? {
            let id = offering.id();
            let witness = self.witness_of(db, &offering).await?;
            let ours = witness.as_ref().map(|witness| self.stands_for(id, witness));
            let last = witnessed.get(&id.to_string()).filter(|last| *last != GONE);
            if last != ours.as_ref() {
                let found = "what the fixed hours vouch for was removed, changed or put back to what it was";
                checked.findings.push(about(format!("offering {id}"), found));
            }
            let mut marks = witness.unwrap_or_default().bookings;
            let mut sealed: BTreeMap<BookingId, Vec<u8>> =
                histories::of_offering(db, id).await?.into_iter().collect();
            for row in bookings::of_offering(db, id).await? {
                checked.histories += 1;
                let (history, mark) = (sealed.remove(&row.id).unwrap_or_default(), marks.remove(&row.id));
                if self.check_history(&row, &history, mark.as_ref()).is_some() {
                    // Perhaps its resident changed it between the two readings.
                    let found = self.check_again(db, &row, mark.as_ref()).await?;
                    checked.findings.extend(found.map(|found| about(format!("booking {}", row.id), found)));
                }
            }
            let gone = marks.keys().map(|gone| format!("booking {gone}"));
            let found = "it was removed or its key was, and nobody erased it";
            checked.findings.extend(gone.map(|gone| about(gone, found)));
        }
        Ok(())
    }

    /// The same of one as it is now, with the history that goes with it.
    async fn check_again(
        &self,
        db: &mut Db,
        row: &BookingRow,
        mark: Option<&Mark>,
    ) -> Result<Option<&'static str>> {
        let mut found = None;
        for _ in 0..TRIES {
            let Some(row) = bookings::booking(db, row.id).await? else { return Ok(None) };
            let Some(history) = bookings::history(db, row.id, &row.sealed).await? else { continue };
            found = self.check_history(&row, &history, mark);
            break;
        }
        Ok(found)
    }

    /// What is wrong with one; the first that is found.
    fn check_history(&self, row: &BookingRow, sealed: &[u8], mark: Option<&Mark>) -> Option<&'static str> {
        let Ok(history) = self.open_history(&row.key, row.id, sealed) else {
            return Some("its history does not open: it was changed, or another one put in its place");
        };
        let Ok(booking) = self.open_booking(row) else {
            return Some("it does not open: it was changed, or another one put in its place");
        };
        if self.ended_in(row.id, &history, history.count()).as_ref() != Some(&history.end) {
            return Some(
                "its history does not hang together: a line was changed, removed, inserted or put elsewhere",
            );
        }
        if mark.is_some_and(|mark| !self.goes_on(row.id, &history, mark)) {
            return Some(
                "its history does not go on from the last fixed hour: it was put back, or begun anew",
            );
        }
        (self.state_of(&booking) != history.state)
            .then_some("it is not what its history says: one of the two was put back to what it was")
    }

    /// What the log of the fixed hours last said of each offering.
    async fn witnessed(&self, db: &mut Db) -> Result<BTreeMap<String, String>> {
        let which = (self.institution(db).await?, OUTCOMES);
        let (mut newest, mut after) = (BTreeMap::new(), 0);
        loop {
            let rows = storage::audit::after(db, which, after, AT_ONCE).await?;
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

fn about(at: String, found: &str) -> Finding {
    Finding { log: "history", at, found: found.to_owned() }
}
