//! Owing a letter, and what one is once it is opened. Opens none, and holds no words: those are the mail room's.

use zeroize::Zeroizing;

use super::{Desk, Error, Result};
use crate::domain::booking::Booking;
use crate::domain::id::{BookingId, LetterId};
use crate::domain::identity::Identity;
use crate::domain::language::Language;
use crate::domain::letter::Letter;
use crate::domain::offering::Rules;
use crate::domain::owed::{self, Errand, Recipient};
use crate::domain::time::{Instant, Span, Zone};
use crate::storage::Db;
use crate::storage::outbox::{self, Audience, Owed};

/// A letter that is about to be sent, with everything that it needs. Holds an identity: cannot be printed.
pub struct Parcel {
    /// What is owed.
    pub errand: Errand,
    /// Who gets it.
    pub to: Identity,
    /// The zone in which its times are told.
    pub zone: Zone,
    /// The offering's neutral title; empty for letters of no offering.
    pub title: String,
    /// The calendar's UID of a booking, or another identifier for the letter's Message-ID.
    pub uid: String,
    /// Where it leads.
    pub link: Zeroizing<String>,
    /// Where one click stops letters of this kind; none where it may not, or where the address is not https.
    pub unsubscribe: Option<Zeroizing<String>>,
    /// Whether the offering announces its invitations.
    pub announced: bool,
    /// The address of a therapist's feed, where the letter tells it.
    pub feed: Option<Zeroizing<String>>,
    /// What a member of staff was granted, where the letter tells it.
    pub granted: Option<Granted>,
    /// When the invitation goes out, which the announcement tells.
    pub invitation_at: Option<Instant>,
    /// The visit that its calendar part speaks of, where it has one.
    pub entry: Option<Span>,
    /// Whether anonymous questions wait behind the link, as the letter after the visit tells everyone.
    pub survey: bool,
    /// The times that it offers, nearest first.
    pub near: Vec<Span>,
    /// The language in which it is written.
    pub language: Language,
    /// Where the resident wants it, if not at the address of the roster: what becomes of it there is nobody's business.
    pub elsewhere: Option<Elsewhere>,
    /// Whether it goes to the address that the roster had, for as long as that one is kept.
    pub kept: bool,
}

/// A letter to an address of the resident's own choosing.
pub struct Elsewhere {
    /// Who gets it should that address not take it: themselves at the address of the roster, for a letter that everyone
    /// gets. What else was owed to the chosen address goes nowhere else.
    pub otherwise: Option<Identity>,
}

/// What somebody of the staff may do, and who asked them. Holds a name: cannot be printed.
#[derive(Clone, Default)]
pub struct Granted {
    /// What the colleague is called who asked.
    pub asked_by: String,
    /// Whether they direct.
    pub directs: bool,
    /// Whether they lead the clinic.
    pub leads: bool,
    /// The names of the programs that they look after.
    pub programs: Vec<String>,
}

/// What becomes of a leased letter.
pub enum Opened {
    /// To be sent.
    Send(Box<Parcel>),
    /// Overtaken by a later change, or not wanted any more: done without being sent.
    Spent,
}

impl Desk {
    /// Owes a letter; says whether it was not owed before.
    pub(super) async fn owe(&self, db: &mut Db, errand: &Errand) -> Result<bool> {
        Ok(outbox::owe(db, self.owed(errand)?).await?)
    }

    /// Owes the letters of many people; says how many were not owed before. They lie in the order in which they leave, which
    /// is nobody's: who takes a handful finds them side by side, and a disk writes few pages for it and not one a letter.
    pub(super) async fn owe_all(&self, db: &mut Db, errands: Vec<Errand>) -> Result<usize> {
        let drawn = errands.into_iter().map(|errand| (LetterId::from_bytes(self.draw()), errand));
        let mut all: Vec<_> = drawn.collect();
        // As text, which is how the database compares them.
        all.sort_by_cached_key(|(id, errand)| (errand.due_at, id.to_string()));
        let mut new = 0;
        for (id, errand) in all {
            new += usize::from(outbox::owe(db, self.owed_as(id, &errand)?).await?);
        }
        Ok(new)
    }

    /// A letter as it is owed.
    pub(super) fn owed(&self, errand: &Errand) -> Result<Owed> {
        self.owed_as(LetterId::from_bytes(self.draw()), errand)
    }

    fn owed_as(&self, id: LetterId, errand: &Errand) -> Result<Owed> {
        Ok(Owed {
            id,
            occasion_key: self.occasion_key(&errand.to, errand.letter, &errand.occasion)?,
            audience: if errand.letter.for_everyone() { Audience::Everyone } else { Audience::Someone },
            letter: if errand.letter.tells_nothing() { errand.letter.name() } else { "" },
            errand: self.seal_errand(&id.to_string(), errand)?,
            due_at: errand.due_at,
        })
    }

    pub(super) fn occasion_key(&self, to: &Recipient, letter: Letter, occasion: &str) -> Result<String> {
        let who = serde_json::to_vec(to).map_err(|problem| Error::Refused(problem.to_string()))?;
        Ok(self.vault.blind("occasion", &[&who, letter.name().as_bytes(), occasion.as_bytes()]))
    }

    /// Takes back the letters of a default visit that is lost, as far as no worker has taken them yet, so that nobody counts
    /// letters which are never sent. Says when the invitation was to go out, or nothing where it has gone out, as far as
    /// anybody can know.
    pub(super) async fn take_back(
        &self,
        db: &mut Db,
        booking: &Booking,
        rules: &Rules,
    ) -> Result<Option<Instant>> {
        let to = Recipient::Resident(booking.id);
        for (letter, occasion) in owed::filed(booking, rules) {
            outbox::take_back(db, &self.occasion_key(&to, letter, &occasion)?).await?;
        }
        let invitation = self.occasion_key(&to, Letter::Invitation, &owed::invitation_occasion(booking))?;
        Ok(outbox::take_back(db, &invitation).await?)
    }

    /// Takes back a letter that a resident asked for, as far as no worker has taken it yet.
    pub(super) async fn take_back_own(
        &self,
        db: &mut Db,
        booking: BookingId,
        letter: Letter,
        occasion: &str,
    ) -> Result<()> {
        let key = self.occasion_key(&Recipient::Resident(booking), letter, occasion)?;
        outbox::take_back(db, &key).await?;
        Ok(())
    }
}

impl Parcel {
    pub(super) fn without_offering(
        errand: Errand,
        to: Identity,
        zone: Zone,
        id: LetterId,
        link: Zeroizing<String>,
    ) -> Self {
        // The occasion makes the Message-ID of two letters to one person differ.
        let uid = format!("{id}.{}", errand.owed_at.timestamp());
        Self {
            errand,
            to,
            zone,
            title: String::new(),
            uid,
            link,
            unsubscribe: None,
            announced: false,
            feed: None,
            granted: None,
            invitation_at: None,
            entry: None,
            survey: false,
            near: Vec::new(),
            language: Language::English,
            elsewhere: None,
            kept: false,
        }
    }
}
