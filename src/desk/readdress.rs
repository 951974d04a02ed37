//! Another address on the roster for somebody who has a booking: where letters go from then on, and which are owed once more.
//! In the transaction of whatever changes the roster. Says nothing to who changed it, and does as much whatever a resident did.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::change::unchanged;
use super::link::Purpose;
use super::record::Resident;
use super::{Desk, Error, Result, TRIES};
use crate::domain::booking::{Booking, Hand};
use crate::domain::id::{BookingId, LetterId, ResidentId};
use crate::domain::identity::Address;
use crate::domain::letter::Letter;
use crate::domain::offering::Rules;
use crate::domain::owed::{self, Errand, Fate, Recipient};
use crate::domain::time::Instant;
use crate::storage::{Db, bookings, outbox};

/// Somebody who has another address on the roster. Holds addresses: cannot be printed.
pub(super) struct Readdressed {
    resident: ResidentId,
    before: Address,
    after: Address,
}

impl Readdressed {
    /// None where the address is the same.
    pub(super) fn of(before: &Resident, after: &Resident) -> Option<Self> {
        let [old, new] = [before, after].map(|one| one.identity.address().clone());
        (old != new).then(|| Self { resident: after.id, before: old, after: new })
    }
}

impl Desk {
    /// Decides for every booking of these residents whose link still opens something, in the order of identifiers, as every
    /// other change of many goes.
    pub(super) async fn readdress(&self, db: &mut Db, changed: &[Readdressed]) -> Result<()> {
        let (mut all, mut rules) = (Vec::new(), HashMap::new());
        for (at, one) in changed.iter().enumerate() {
            for (booking, offering) in bookings::ids_of_resident(db, one.resident).await? {
                if let Entry::Vacant(unknown) = rules.entry(offering) {
                    unknown.insert(self.offering(db, Some(&offering.to_string())).await?.rules);
                }
                all.push((booking, offering, at));
            }
        }
        all.sort_unstable();
        for (booking, offering, at) in all {
            if self.known_url(db, Purpose::Visit, &booking.to_string()).await?.is_some() {
                self.readdress_one(db, booking, &rules[&offering], &changed[at]).await?;
            }
        }
        Ok(())
    }

    async fn readdress_one(
        &self,
        db: &mut Db,
        id: BookingId,
        rules: &Rules,
        changed: &Readdressed,
    ) -> Result<()> {
        let now = self.now();
        for _ in 0..TRIES {
            // Erased residents' bookings are gone with their keys.
            let Some(row) = bookings::booking(db, id).await? else { return Ok(()) };
            let booking = self.open_booking(&row)?;
            let key = |letter, occasion: &str| self.occasion_key(&Recipient::Resident(id), letter, occasion);
            let mut everyones = Vec::new();
            for (letter, occasion) in owed::link_letters(&booking, rules) {
                let key = key(letter, &occasion)?;
                // Whether the invitation is still to go out decides where it goes: no worker takes it meanwhile.
                let held = if everyones.is_empty() { outbox::hold(db, &key).await? } else { None };
                everyones.push(match held {
                    Some(due) => Some(Fate::Untouched(due)),
                    None => outbox::fate(db, &key).await?,
                });
            }
            let again = match booking.taken_over() {
                Some((due_at, _)) => outbox::fate(db, &self.anew_key(id, Letter::Invitation, due_at)).await?,
                None => None,
            };
            let announcement = outbox::fate(db, &key(Letter::Announcement, "")?).await?;
            let gone = booking.came_back_from(&self.vault.address_key(&changed.before));
            let reached = owed::reached(&booking, &everyones, again, gone);
            let (after, follows) = booking.readdressed(&changed.before, &changed.after, reached, now);
            if self.put_booking(db, &row, &after, Hand::Service).await? {
                let fates = (announcement, everyones.into_iter().next().flatten());
                for errand in owed::with_other_address(&after, follows, fates, rules, now) {
                    self.owe_anew(db, id, &errand).await?;
                }
                return Ok(());
            }
        }
        Err(Error::Contended)
    }

    /// Owes one of the letters that another address makes be owed, in a row that is counted nowhere.
    async fn owe_anew(&self, db: &mut Db, booking: BookingId, errand: &Errand) -> Result<()> {
        let key = self.anew_key(booking, errand.letter, errand.due_at);
        self.owe_uncounted(db, key, errand, errand.due_at).await
    }

    fn anew_key(&self, booking: BookingId, letter: Letter, due_at: Instant) -> String {
        let invites = [u8::from(letter == Letter::Invitation)];
        let due_at = due_at.timestamp().to_be_bytes();
        self.vault.blind("readdressed", &[booking.as_bytes(), &invites, &due_at])
    }

    /// Has letters stay at the old address, as its reader wishes. Done twice, or where there is none, it changes nothing.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub async fn keep_old_address(&self, token: &str) -> Result<()> {
        self.change(token, |loaded, _| {
            let booking = &loaded.booking;
            Ok(unchanged(&booking.at_the_old_address().unwrap_or_else(|| booking.clone())))
        })
        .await
    }

    /// Has letters go to the new address at once, and invites it. Done twice, or where they do, it changes nothing.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub async fn take_new_address(&self, token: &str) -> Result<()> {
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            let loaded = self.load(&mut tx, token).await?;
            let Some(booking) = loaded.booking.at_the_new_address(self.now()) else { return Ok(()) };
            if self.keep(&mut tx, &loaded.row, &booking).await? {
                self.invite_anew(&mut tx, &booking).await?;
                tx.commit().await.map_err(crate::storage::Error::from)?;
                return Ok(());
            }
        }
        Err(Error::Contended)
    }

    /// Owes the invitation to the address that has just taken over.
    pub(super) async fn invite_anew(&self, db: &mut Db, booking: &Booking) -> Result<()> {
        self.owe_anew(db, booking.id, &owed::with_the_new_address(booking, self.now())).await
    }

    /// The old address refuses letters, as one does that is not there any more: then it is not kept, and the letter goes to
    /// the new one.
    ///
    /// # Errors
    /// Those of saving.
    pub async fn old_address_is_gone(&self, letter: LetterId, errand: &Errand, from: &Address) -> Result<()> {
        let Recipient::Resident(booking) = errand.to else { return Ok(()) };
        let now = self.now();
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            let row = bookings::booking(&mut tx, booking).await?;
            let after = match &row {
                Some(row) => self.open_booking(row)?.without_old_address(from, now).map(|after| (row, after)),
                None => None,
            };
            if let Some((row, after)) = after {
                if !self.put_booking(&mut tx, row, &after, Hand::Service).await? {
                    continue;
                }
                self.invite_anew(&mut tx, &after).await?;
            }
            outbox::later(&mut tx, letter, now, "").await?;
            tx.commit().await.map_err(crate::storage::Error::from)?;
            return Ok(());
        }
        Err(Error::Contended)
    }
}
