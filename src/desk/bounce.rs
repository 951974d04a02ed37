//! Letters that came back: which it was, from which address, and what follows. Whatever it is, nothing of it shows to a
//! program but that an announcement did not arrive, which goes out before there is any outcome.

use super::incoming::Counted;
use super::{Desk, Error, Result, TRIES};
use crate::domain::booking::{Booking, Hand};
use crate::domain::bounce::{Action, Report};
use crate::domain::id::{BookingId, LetterId};
use crate::domain::identity::Address;
use crate::domain::letter::Letter;
use crate::domain::owed::{Errand, Recipient};
use crate::domain::time::Instant;
use crate::storage::bookings::{self, BookingRow};
use crate::storage::outbox::{self, Owed};
use crate::storage::{Db, bounces, people};
use crate::vault::Vault;

/// A letter to a resident that came back.
struct Returned {
    letter: LetterId,
    errand: Errand,
    row: BookingRow,
    booking: Booking,
    /// The address that did not take it.
    from: Address,
    /// The other one of the two that the resident has.
    other: Option<Address>,
    /// Whether it is the one of the roster that did not take it.
    of_roster: bool,
}

impl Desk {
    /// What stands for a letter to an address where it comes back to.
    #[must_use]
    pub fn return_token(&self, letter: LetterId, to: &Address) -> String {
        self.vault.return_token(letter, to)
    }

    /// The keyed hash under which an address is found, for noting that an announcement did not arrive there.
    #[must_use]
    pub fn address_key(&self, address: &Address) -> String {
        self.vault.address_key(address)
    }

    /// A name for a mailbox that does not tell where it is.
    #[must_use]
    pub fn mailbox_id(&self, mailbox: &str) -> String {
        self.vault.blind("mailbox", &[mailbox.as_bytes()])
    }

    /// Takes in what a mail server reports. Told twice, it changes nothing twice.
    pub(super) async fn came_back(&self, report: Report, tokens: &[String], id: &str) -> Result<Counted> {
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            let Some(of) = self.returned(&mut tx, tokens).await? else {
                let stray = self.vault.blind("stray", &[tokens.concat().as_bytes(), id.as_bytes()]);
                bounces::note_stray(&mut tx, &stray).await?;
                tx.commit().await.map_err(crate::storage::Error::from)?;
                return Ok(Counted::Stranger);
            };
            if let Some(of) = of {
                self.count_returned(&mut tx, &of, report).await?;
                if !self.give_up(&mut tx, &of, report).await? {
                    continue;
                }
            }
            tx.commit().await.map_err(crate::storage::Error::from)?;
            return Ok(Counted::Returned);
        }
        Err(Error::Contended)
    }

    /// The letter that a token of ours stands for: none where none is ours, and nothing within where it went to somebody who
    /// is no resident.
    async fn returned(&self, db: &mut Db, tokens: &[String]) -> Result<Option<Option<Returned>>> {
        for token in tokens {
            let Some(letter) = Vault::returned_letter(token) else { continue };
            let Some((_, sealed)) = outbox::one(db, letter).await? else { continue };
            let errand = self.open_errand(&letter.to_string(), &sealed)?;
            let Recipient::Resident(booking) = errand.to else { return Ok(Some(None)) };
            if let Some(returned) = self.of_resident(db, token, letter, errand, booking).await? {
                return Ok(Some(Some(returned)));
            }
        }
        Ok(None)
    }

    /// The tag tells from which of the resident's addresses it came. Where they changed since there is nothing to give up.
    async fn of_resident(
        &self,
        db: &mut Db,
        token: &str,
        letter: LetterId,
        errand: Errand,
        booking: BookingId,
    ) -> Result<Option<Returned>> {
        let Some(row) = bookings::booking(db, booking).await? else { return Ok(None) };
        let Some(resident) = people::resident(db, row.resident).await? else { return Ok(None) };
        let booking = self.open_booking(&row)?;
        let roster = self.open_resident(&resident)?.identity.address().clone();
        let own = booking.own_address().cloned();
        let is = |address: &Address| self.vault.returns(token, letter, address);
        let at_roster = booking.at_the_roster(&roster, self.now()).cloned();
        let (from, other, of_roster) = match (own, at_roster) {
            (own, Some(kept)) if kept != roster && is(&kept) => (kept, own.or(Some(roster)), true),
            (own, Some(roster)) if is(&roster) => (roster, own, true),
            (Some(own), other) if is(&own) => (own, other, false),
            _ => return Ok(None),
        };
        Ok(Some(Returned { letter, errand, row, booking, from, other, of_roster }))
    }

    /// Counts what came back from an address of the roster, of letters that everyone gets; of any other nothing is counted.
    async fn count_returned(&self, db: &mut Db, of: &Returned, report: Report) -> Result<()> {
        let reason = report.reason().name();
        if of.errand.letter == Letter::Announcement && report.is_final() {
            // As where the first mail server refuses it: whoever keeps the roster may mend the address.
            outbox::failed(db, of.letter, reason, &self.vault.address_key(&of.from)).await?;
        } else if of.errand.letter.for_everyone() && of.of_roster && !of.errand.is_anew() {
            bounces::note(db, &of.letter.to_string(), reason).await?;
        }
        Ok(())
    }

    /// Sends nothing more to the address, and this letter to the other one. Says whether nobody else changed the booking.
    async fn give_up(&self, db: &mut Db, of: &Returned, report: Report) -> Result<bool> {
        let key = self.vault.address_key(&of.from);
        let after = of.booking.without_address(&key).filter(|_| report.is_final());
        let Some(after) = after else { return Ok(true) };
        let let_go = after.without_old_address(&of.from, self.now());
        let after = let_go.clone().unwrap_or(after);
        if !self.put_booking(db, &of.row, &after, Hand::Service).await? {
            return Ok(false);
        }
        if let_go.is_some() {
            self.invite_anew(db, &after).await?;
        }
        let letter = of.errand.letter;
        // What was asked for at a chosen address goes nowhere else; what everyone gets goes to the roster's.
        let may = letter != Letter::Announcement && (of.of_roster || letter.for_everyone());
        let other =
            of.other.as_ref().filter(|other| may && !after.came_back_from(&self.vault.address_key(other)));
        if other.is_some() && report.action == Action::Failed {
            self.owe_again(db, of).await?;
        }
        Ok(true)
    }

    /// The same letter once more, for the address that is left. In a row that is counted nowhere, because that there is
    /// another address is nobody's business.
    async fn owe_again(&self, db: &mut Db, of: &Returned) -> Result<()> {
        let key = self.vault.blind("again", &[of.letter.as_bytes()]);
        self.owe_uncounted(db, key, &of.errand, self.now()).await
    }

    /// A letter for everyone that an address of the resident's own puts off. Where letters are counted it is done like
    /// everybody else's; it goes on in a row that is counted nowhere.
    ///
    /// # Errors
    /// Those of saving.
    pub async fn puts_off(&self, letter: LetterId, errand: &Errand, until: Instant) -> Result<()> {
        let mut tx = self.store.write().await?;
        let key = self.vault.blind("elsewhere", &[letter.as_bytes()]);
        self.owe_uncounted(&mut tx, key, errand, until).await?;
        outbox::sent(&mut tx, &[letter]).await?;
        Ok(tx.commit().await.map_err(crate::storage::Error::from)?)
    }

    /// Owes a letter in a row that is counted nowhere, once for each key.
    pub(super) async fn owe_uncounted(
        &self,
        db: &mut Db,
        occasion_key: String,
        errand: &Errand,
        due_at: Instant,
    ) -> Result<()> {
        let id = LetterId::from_bytes(self.draw());
        let owed = Owed {
            id,
            occasion_key,
            audience: outbox::Audience::Someone,
            letter: "",
            errand: self.seal_errand(&id.to_string(), errand)?,
            due_at,
        };
        outbox::owe(db, owed).await?;
        Ok(())
    }
}
