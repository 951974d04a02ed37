//! Erasing a resident, or a season that is over: their data keys first, then every row that only these keys open. Never tells
//! what anybody did: what is counted is the same whatever they did, nobody is written to, and a seat that comes free is like any.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ground::whose_resident;
use super::link::Purpose;
use super::{Desk, Error, Result, TRIES};
use crate::domain::audit::Act;
use crate::domain::id::{BookingId, OfferingId, ResidentId};
use crate::domain::identity::Address;
use crate::domain::owed::Recipient;
use crate::storage::{
    self, Db, bookings, drafts, keys, links, offerings, outbox, people, places, releases, survey_codes,
};

/// What was destroyed, or would be. Counts only what a program knows anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Erased {
    /// Data keys.
    pub keys: usize,
    /// Residents.
    pub residents: usize,
    /// Bookings, whatever had become of them.
    pub bookings: usize,
    /// Seats, of a season; a resident's seat is given up, not destroyed.
    pub seats: usize,
    /// Sheets of the survey that were still there.
    pub sheets: usize,
    /// Whether deleted bytes may still lie in the database's files, because somebody was reading.
    pub lingers: bool,
}

/// What can be erased.
#[derive(Clone, Copy)]
enum What {
    Resident(ResidentId),
    Season(OfferingId),
}

impl Desk {
    /// The resident at an address of the roster: also one whose key is gone, in a database that was restored.
    ///
    /// # Errors
    /// [`Error::Refused`] where nobody has it.
    pub async fn resident_to_erase(&self, address: &Address) -> Result<ResidentId> {
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let found = people::id_at(&mut db, institution, &self.vault.address_key(address)).await?;
        found.ok_or_else(|| {
            Error::Refused("no resident has this address on a roster; nothing was erased".to_owned())
        })
    }

    /// Other addresses of theirs, as far as keys open them: letters to them may lie in a directory.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn other_addresses(&self, id: ResidentId) -> Result<Vec<Address>> {
        let mut addresses = Vec::new();
        for row in bookings::of_resident(&mut *self.store.read().await?, id).await? {
            let booking = self.open_booking(&row)?;
            addresses.extend(booking.own_address().cloned());
            addresses.extend(booking.asked_address(self.now()).map(|(address, _)| address.clone()));
            addresses.extend(booking.old_address().cloned());
        }
        Ok(addresses)
    }

    /// What erasing a resident would destroy.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn would_erase_resident(&self, id: ResidentId) -> Result<Erased> {
        let mut db = self.store.read().await?;
        let bookings = bookings::ids_of_resident(&mut db, id).await?.len();
        Ok(Erased { keys: bookings + 1, residents: 1, bookings, ..Erased::default() })
    }

    /// What erasing a season would destroy.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn would_erase_season(&self, id: OfferingId) -> Result<Erased> {
        let mut db = self.store.read().await?;
        let bookings = bookings::ids_of_offering(&mut db, id).await?.len();
        let seats = offerings::seats(&mut db, id).await?.len();
        let sheets = survey_codes::of_offering(&mut db, id).await?.len();
        Ok(Erased { keys: bookings + 1, bookings, seats, sheets, ..Erased::default() })
    }

    /// Erases a resident. May be called again where it was broken off; somebody who is not there is no error.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn erase_resident(&self, id: ResidentId) -> Result<Erased> {
        self.erase(What::Resident(id)).await
    }

    /// Erases a season whose release is frozen. May be called again where it was broken off.
    ///
    /// # Errors
    /// [`Error::Refused`] where no release was frozen, and those of the database.
    pub async fn erase_season(&self, id: OfferingId) -> Result<Erased> {
        if releases::release(&mut *self.store.read().await?, id).await?.is_none() {
            return Err(Error::Refused(
                "the release of this season is not frozen: without its bookings there would be nothing to count".into(),
            ));
        }
        self.erase(What::Season(id)).await
    }

    /// Erases a season that has no release, so that it will never have one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn erase_season_before_its_release(&self, id: OfferingId) -> Result<Erased> {
        self.erase(What::Season(id)).await
    }

    async fn erase(&self, what: What) -> Result<Erased> {
        let known = self.bookings_of(&mut *self.store.read().await?, what).await?;
        // The keys first: wherever this is broken off, what is left opens no more, and calling again finishes it.
        let mut keys = self.destroy_keys(what, &known).await?;
        for _ in 0..TRIES {
            match self.erase_rows(what).await {
                Ok((erased, seen)) => {
                    // A batch may have booked them meanwhile.
                    keys += self.destroy_keys(what, &seen).await?;
                    let lingers = !self.store.forget_deleted().await?;
                    return Ok(Erased { keys, lingers, ..erased });
                }
                Err(Error::Contended | Error::Storage(storage::Error::Contended)) => {}
                Err(other) => return Err(other),
            }
        }
        Err(Error::Contended)
    }

    async fn bookings_of(&self, db: &mut Db, what: What) -> Result<Vec<(BookingId, OfferingId)>> {
        Ok(match what {
            What::Resident(id) => bookings::ids_of_resident(db, id).await?,
            What::Season(id) => bookings::ids_of_offering(db, id).await?,
        })
    }

    async fn destroy_keys(&self, what: What, of: &[(BookingId, OfferingId)]) -> Result<usize> {
        let own = match what {
            What::Resident(id) => id.to_string(),
            What::Season(id) => id.to_string(),
        };
        let mut destroyed = 0;
        let mut tx = self.store.write_keys().await?;
        for name in of.iter().map(|(id, _)| id.to_string()).chain([own]) {
            destroyed += usize::from(keys::destroy(&mut tx, &name).await?);
        }
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(destroyed)
    }

    /// Bookings, then seats, then therapists' rows: the order in which everybody locks.
    async fn erase_rows(&self, what: What) -> Result<(Erased, Vec<(BookingId, OfferingId)>)> {
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        places::lock_institution(&mut tx, institution).await?;
        let of = self.bookings_of(&mut tx, what).await?;
        let mut theirs = BTreeMap::new();
        for (id, offering) in &of {
            bookings::destroy(&mut tx, *id).await?;
            for purpose in [Purpose::Visit, Purpose::Reminders] {
                links::end(&mut tx, purpose.name(), &id.to_string()).await?;
            }
            theirs.insert(*id, *offering);
        }
        if let What::Resident(_) = what {
            self.leave_seats(&mut tx, &theirs).await?;
        }
        self.forget_follow_ups(&mut tx, &theirs).await?;
        self.forget_letters(&mut tx, &theirs).await?;
        let mut erased = Erased { bookings: of.len(), ..Erased::default() };
        match what {
            What::Resident(id) => {
                // Rosters that somebody looks through just now may hold them.
                drafts::destroy_all(&mut tx).await?;
                self.forget_traits(&mut tx, id).await?;
                let gone = people::destroy_resident(&mut tx, id, &whose_resident(id)).await?;
                erased.residents = usize::from(gone);
            }
            What::Season(id) => {
                let count = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
                erased.sheets = count(survey_codes::destroy(&mut tx, id).await?);
                erased.seats = count(offerings::destroy_seats(&mut tx, id).await?);
                offerings::destroy_slots(&mut tx, id).await?;
            }
        }
        self.note_erased(&mut tx, what, &erased, &theirs).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok((erased, of))
    }

    /// Forgets what was vouched for, and writes the deed down: that somebody was erased, and not who.
    async fn note_erased(
        &self,
        db: &mut Db,
        what: What,
        erased: &Erased,
        theirs: &BTreeMap<BookingId, OfferingId>,
    ) -> Result<()> {
        match what {
            What::Resident(_) => {
                self.forget_witnessed(db, theirs).await?;
                if erased.residents == 0 {
                    return Ok(());
                }
                self.note(db, &Act::ResidentErased).await
            }
            What::Season(id) => {
                self.forget_witness(db, id).await?;
                let known = self.offering(db, Some(&id.to_string())).await?;
                self.note(db, &Act::SeasonErased { title: known.rules.title }).await
            }
        }
    }

    /// Takes bookings out of the seats of their offerings.
    async fn leave_seats(&self, db: &mut Db, theirs: &BTreeMap<BookingId, OfferingId>) -> Result<()> {
        let now = self.now();
        let offerings: BTreeSet<OfferingId> = theirs.values().copied().collect();
        let mut rows = Vec::new();
        for offering in offerings {
            rows.extend(offerings::seats(db, offering).await?);
        }
        rows.sort_unstable_by_key(|row| row.id);
        for row in rows {
            let before = self.open_seat(&row)?;
            let after = theirs.keys().fold(before, |seat, booking| seat.without(*booking, now));
            if after != before {
                let sealed = self.seal_seat(&row.key, row.id, &after)?;
                if !offerings::swap_seat(db, row.id, &row.sealed, sealed).await? {
                    return Err(Error::Contended);
                }
            }
        }
        Ok(())
    }

    /// Destroys the letters to residents' bookings, sent or not.
    async fn forget_letters(&self, db: &mut Db, theirs: &BTreeMap<BookingId, OfferingId>) -> Result<()> {
        for (id, sealed) in outbox::errands(db).await? {
            let errand = self.open_errand(&id.to_string(), &sealed)?;
            if matches!(&errand.to, Recipient::Resident(booking) if theirs.contains_key(booking)) {
                outbox::destroy(db, id).await?;
            }
        }
        Ok(())
    }
}
