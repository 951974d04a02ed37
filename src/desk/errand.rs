//! Owing a letter, and opening one for the worker that sends it. Holds no words: those are the mail room's.

use zeroize::Zeroizing;

use super::link::Purpose;
use super::{Desk, Error, Result};
use crate::domain::booking::Booking;
use crate::domain::id::{BookingId, LetterId, StaffId, TherapistId};
use crate::domain::identity::{Address, Identity};
use crate::domain::language::Language;
use crate::domain::letter::Letter;
use crate::domain::offering::Rules;
use crate::domain::owed::{self, Errand, Recipient};
use crate::domain::time::{Instant, Span, Zone};
use crate::storage::bookings::BookingRow;
use crate::storage::outbox::{self, Audience, Leased, Owed};
use crate::storage::{Db, bookings, people, staff, therapists};

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

/// Whether a resident wants to be spared this letter. What they set going by themselves is none of those.
fn is_spared(errand: &Errand, booking: &Booking) -> bool {
    let asked = errand.letter == Letter::NewAddress || errand.letter.answers();
    (booking.wishes.no_letters && !asked) || (booking.wishes.no_reminders && errand.letter.reminds())
}

/// Whether its time is over: what it speaks of is kept no longer, or has begun.
fn is_over(errand: &Errand, now: Instant) -> bool {
    errand.is_too_late(now) || errand.kept_until().is_some_and(|until| until <= now)
}

impl Desk {
    /// Owes a letter; says whether it was not owed before.
    pub(super) async fn owe(&self, db: &mut Db, errand: &Errand) -> Result<bool> {
        let id = LetterId::from_bytes(self.draw());
        let letter = errand.letter.name();
        let owed = Owed {
            id,
            occasion_key: self.occasion_key(&errand.to, errand.letter, &errand.occasion)?,
            audience: if errand.letter.for_everyone() { Audience::Everyone } else { Audience::Someone },
            letter: if errand.letter.tells_nothing() { letter } else { "" },
            errand: self.seal_errand(&id.to_string(), errand)?,
            due_at: errand.due_at,
        };
        Ok(outbox::owe(db, owed).await?)
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

    /// Opens a leased letter: the one moment at which an identity leaves its seal for a letter.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn open_letter(&self, leased: &Leased) -> Result<Opened> {
        let errand = self.open_errand(&leased.id.to_string(), &leased.errand)?;
        match errand.to.clone() {
            Recipient::Resident(booking) => {
                let mut db = self.store.read().await?;
                self.to_resident(&mut db, errand, booking, leased.id).await
            }
            Recipient::Therapist(therapist) => self.to_therapist(errand, therapist).await,
            Recipient::Staff(id) => match id.parse() {
                Ok(id) => self.to_staff(errand, id, leased.id).await,
                Err(_) => Ok(Opened::Spent),
            },
        }
    }

    async fn to_staff(&self, errand: Errand, id: StaffId, letter: LetterId) -> Result<Opened> {
        // No connection is kept while another is asked for: many workers would wait for each other.
        let sealed = staff::sealed(&mut *self.store.read().await?, id).await?;
        let Some(sealed) = sealed else { return Ok(Opened::Spent) };
        let to = self.open_staff(&id.to_string(), &sealed)?;
        if errand.letter == Letter::StaffWelcome {
            let Some(granted) = self.granted(&errand, id).await? else { return Ok(Opened::Spent) };
            // The plain address: whoever reads this letter over a shoulder gets in nowhere.
            let link = Zeroizing::new(format!("{}/sign-in", self.public_url()));
            let mut parcel = Parcel::without_offering(errand, to, Zone::UTC, letter, link);
            parcel.granted = Some(granted);
            return Ok(Opened::Send(Box::new(parcel)));
        }
        let link = self.sign_in_url(Purpose::StaffSignIn, &id.to_string()).await?;
        Ok(Opened::Send(Box::new(Parcel::without_offering(errand, to, Zone::UTC, letter, link))))
    }

    async fn to_resident(
        &self,
        db: &mut Db,
        errand: Errand,
        booking: BookingId,
        id: LetterId,
    ) -> Result<Opened> {
        let Some(row) = bookings::booking(db, booking).await? else { return Ok(Opened::Spent) };
        let booking: Booking = self.open_booking(&row)?;
        let asked = errand.letter == Letter::NewAddress;
        if !errand.holds(&booking) || is_over(&errand, self.now()) || is_spared(&errand, &booking) {
            return Ok(Opened::Spent);
        }
        let Some(errand) = errand.up_to_date(&booking, self.now()) else { return Ok(Opened::Spent) };
        let Some(resident) = people::resident(db, row.resident).await? else { return Ok(Opened::Spent) };
        let Some(resident) = Some(self.open_resident(&resident)?).filter(|it| it.active) else {
            return Ok(Opened::Spent);
        };
        let offering = self.offering_of(db, row.offering).await?;
        let programs = crate::storage::places::programs(db, offering.row.institution).await?;
        let zone = programs.iter().find(|p| p.id == resident.program).map_or(Zone::UTC, |p| p.zone);
        let language = booking.wishes.language.unwrap_or_default();
        if asked {
            let Some((address, at)) = booking.asked_address(self.now()) else { return Ok(Opened::Spent) };
            let link = self.new_address_url(booking.id, address, at);
            // Whose address it is nobody knows yet: it is told no name and nothing of a visit.
            let to = Identity::new("", "", address.clone());
            let parcel = Parcel::without_offering(errand, to, zone, id, link);
            let elsewhere = Some(Elsewhere { otherwise: None });
            return Ok(Opened::Send(Box::new(Parcel { language, elsewhere, ..parcel })));
        }
        let Some(uid) = self.entry_of(db, &errand, &row).await? else { return Ok(Opened::Spent) };
        let afterwards = errand.letter == Letter::Afterwards;
        let survey = afterwards && self.letter_tells_survey(db, &offering, &row, errand.due_at).await?;
        let unsubscribe = self.stops_by(db, errand.letter, booking.id).await?;
        let Some((link, near)) = self.leads_to(db, &errand, &booking).await? else {
            return Ok(Opened::Spent);
        };
        let Some((to, elsewhere)) = self.addressed(&resident.identity, &booking, errand.letter) else {
            // Letters came back from every address there is; done like any other, so that no count shows it.
            return Ok(Opened::Spent);
        };
        Ok(Opened::Send(Box::new(Parcel {
            kept: booking.own_address().is_none() && to.address() != resident.identity.address(),
            to,
            elsewhere,
            survey,
            language,
            zone,
            title: offering.rules.title.clone(),
            uid,
            link,
            unsubscribe,
            announced: offering.rules.announce_days.is_some(),
            feed: None,
            entry: errand.entry(&booking).map(|visit| visit.span),
            granted: None,
            near,
            invitation_at: errand
                .visit
                .as_ref()
                .map(|visit| owed::invitation_due(visit, &offering.rules, errand.owed_at)),
            errand,
        })))
    }

    /// Where one click stops letters of this kind.
    async fn stops_by(
        &self,
        db: &mut Db,
        letter: Letter,
        booking: BookingId,
    ) -> Result<Option<Zeroizing<String>>> {
        match letter.reminds() && self.public_url().starts_with("https://") {
            true => self.known_url(db, Purpose::Reminders, &booking.to_string()).await,
            false => Ok(None),
        }
    }

    /// The UID of the calendar entry that a letter is about; none where a further time is not held any more as it says.
    async fn entry_of(&self, db: &mut Db, errand: &Errand, row: &BookingRow) -> Result<Option<String>> {
        Ok(match errand.letter {
            Letter::Further | Letter::FurtherOff => {
                self.further_told(db, errand).await?.map(|id| id.to_string())
            }
            _ => Some(row.uid.clone()),
        })
    }

    /// Where a letter leads, and the times that it offers; none where its question is no longer open.
    async fn leads_to(
        &self,
        db: &mut Db,
        errand: &Errand,
        booking: &Booking,
    ) -> Result<Option<(Zeroizing<String>, Vec<Span>)>> {
        let link = self.url(db, Purpose::Visit, &booking.id.to_string()).await?;
        Ok(match errand.letter {
            Letter::CalendarAnswer => self.question_url(booking, errand.owed_at).map(|url| (url, Vec::new())),
            Letter::NearTimes => {
                let near = self.near(db, booking.id, booking.unmet(errand.owed_at).flatten()).await?;
                Some((Zeroizing::new(format!("{}/times", *link)), near))
            }
            _ => Some((link, Vec::new())),
        })
    }

    async fn to_therapist(&self, errand: Errand, id: TherapistId) -> Result<Opened> {
        let row = therapists::therapist(&mut *self.store.read().await?, id).await?;
        let Some(row) = row else { return Ok(Opened::Spent) };
        let to = self.open_therapist(&row)?.identity;
        let zone = errand.visit.as_ref().map_or(Zone::UTC, |visit| visit.therapist_zone);
        let link = match errand.letter {
            Letter::SignIn => self.sign_in_url(Purpose::TherapistSignIn, &id.to_string()).await?,
            _ => Zeroizing::new(format!("{}/agenda", self.public_url())),
        };
        let letter = LetterId::from_bytes(*id.as_bytes());
        let mut parcel = Parcel::without_offering(errand, to, zone, letter, link);
        if parcel.errand.letter == Letter::TherapistWelcome {
            parcel.feed = Some(self.feed_url(id).await?);
        }
        Ok(Opened::Send(Box::new(parcel)))
    }

    /// A fresh sign-in link: each letter has its own, and each dies after a quarter of an hour.
    async fn sign_in_url(&self, purpose: Purpose, subject: &str) -> Result<Zeroizing<String>> {
        let mut tx = self.store.write().await?;
        let url = self.fresh_url(&mut tx, purpose, subject).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(url)
    }

    async fn feed_url(&self, therapist: TherapistId) -> Result<Zeroizing<String>> {
        let mut tx = self.store.write().await?;
        let url = self.url(&mut tx, Purpose::Feed, &therapist.to_string()).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(url)
    }
}

impl Desk {
    /// Who gets a letter, and at which of their addresses; none where letters came back from all. The announcement goes out
    /// before there are choices, and proves the address of the roster.
    fn addressed(
        &self,
        roster: &Identity,
        booking: &Booking,
        letter: Letter,
    ) -> Option<(Identity, Option<Elsewhere>)> {
        let takes = |address: &&Address| !booking.came_back_from(&self.vault.address_key(address));
        let at =
            |address: &Address| Identity::new(roster.reveal_given(), roster.reveal_family(), address.clone());
        let proves = letter == Letter::Announcement;
        let own = booking.own_address().filter(|_| !proves);
        let at_roster = match proves {
            true => Some(roster.address()),
            false => booking.at_the_roster(roster.address(), self.now()),
        };
        let at_roster = at_roster.filter(takes).map(at);
        match own {
            None => at_roster.map(|to| (to, None)),
            Some(address) if takes(&address) => {
                let otherwise = at_roster.filter(|_| letter.for_everyone());
                Some((at(address), Some(Elsewhere { otherwise })))
            }
            // What else was owed to the chosen address goes nowhere else.
            Some(_) => at_roster.filter(|_| letter.for_everyone()).map(|to| (to, None)),
        }
    }
}

impl Parcel {
    fn without_offering(
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
