//! Opens the letters that a worker is about to send, a handful at once: the only moment at which an identity leaves its seal for
//! a letter. Never owes one, and holds no words.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use zeroize::Zeroizing;

use super::errand::{Elsewhere, Opened, Parcel};
use super::link::Purpose;
use super::offering::Offering;
use super::{Desk, Error, Result};
use crate::domain::booking::Booking;
use crate::domain::id::{BookingId, LetterId, OfferingId, ResidentId, StaffId, TherapistId};
use crate::domain::identity::{Address, Identity};
use crate::domain::letter::Letter;
use crate::domain::owed::{self, Errand, Recipient};
use crate::domain::people::Program;
use crate::domain::time::{Instant, Span, Zone};
use crate::storage::bookings::BookingRow;
use crate::storage::links::LinkRow;
use crate::storage::outbox::Leased;
use crate::storage::people::ResidentRow;
use crate::storage::{bookings, links, people, places, staff, therapists};
use crate::vault::VaultError;

/// A letter opened, or why its seal does not open.
pub type Unsealed = std::result::Result<Opened, VaultError>;

/// What letters to residents are opened with: rows that are asked for once for a handful of letters, and not for each.
struct Rows {
    bookings: HashMap<BookingId, BookingRow>,
    residents: HashMap<ResidentId, ResidentRow>,
    /// The link of each booking that lasts longest.
    links: HashMap<String, LinkRow>,
    offerings: HashMap<OfferingId, (Offering, Vec<Program>)>,
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

/// What opened, or why its seal does not open; everything else is no matter of one letter.
fn unsealed<T>(opened: Result<T>) -> Result<std::result::Result<T, VaultError>> {
    match opened {
        Ok(opened) => Ok(Ok(opened)),
        Err(Error::Vault(why)) => Ok(Err(why)),
        Err(other) => Err(other),
    }
}

impl Desk {
    /// Opens a leased letter.
    ///
    /// # Errors
    /// Those of loading, and a seal that does not open.
    pub async fn open_letter(&self, leased: &Leased) -> Result<Opened> {
        let opened = self.open_letters(std::slice::from_ref(leased)).await?.pop();
        Ok(opened.unwrap_or(Ok(Opened::Spent))?)
    }

    /// Opens leased letters, in their order. One whose seal does not open holds up none of the others.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn open_letters(&self, leased: &[Leased]) -> Result<Vec<Unsealed>> {
        let mut errands = Vec::with_capacity(leased.len());
        for letter in leased {
            errands.push(unsealed(self.open_errand(&letter.id.to_string(), &letter.errand))?);
        }
        let residents = errands.iter().flatten().filter_map(|errand| match errand.to {
            Recipient::Resident(booking) => Some(booking),
            _ => None,
        });
        let residents: Vec<BookingId> = residents.collect();
        let rows = match residents.is_empty() {
            true => None,
            false => Some(self.rows(&residents).await?),
        };
        let mut all = Vec::with_capacity(leased.len());
        for (letter, errand) in leased.iter().zip(errands) {
            all.push(match errand {
                Ok(errand) => unsealed(self.open_errand_with(rows.as_ref(), errand, letter.id).await)?,
                Err(why) => Err(why),
            });
        }
        Ok(all)
    }

    async fn open_errand_with(&self, rows: Option<&Rows>, errand: Errand, id: LetterId) -> Result<Opened> {
        match (errand.to.clone(), rows) {
            (Recipient::Resident(booking), Some(rows)) => self.to_resident(rows, errand, booking, id).await,
            (Recipient::Resident(_), None) => Ok(Opened::Spent),
            (Recipient::Therapist(therapist), _) => self.to_therapist(errand, therapist).await,
            (Recipient::Staff(staff), _) => match staff.parse() {
                Ok(staff) => self.to_staff(errand, staff, id).await,
                Err(_) => Ok(Opened::Spent),
            },
        }
    }

    /// What the letters of these bookings are opened with.
    async fn rows(&self, ids: &[BookingId]) -> Result<Rows> {
        let mut db = self.store.read().await?;
        let bookings = bookings::several(&mut db, ids).await?;
        let residents: Vec<ResidentId> = bookings.iter().map(|row| row.resident).collect();
        let residents = people::several(&mut db, &residents).await?;
        let subjects: Vec<String> = bookings.iter().map(|row| row.id.to_string()).collect();
        let links = links::of_subjects(&mut db, Purpose::Visit.row(), &subjects).await?;
        let mut offerings = HashMap::new();
        for row in &bookings {
            if let Entry::Vacant(unknown) = offerings.entry(row.offering) {
                let offering = self.offering_of(&mut db, row.offering).await?;
                let programs = places::programs(&mut db, offering.row.institution).await?;
                unknown.insert((offering, programs));
            }
        }
        Ok(Rows {
            bookings: bookings.into_iter().map(|row| (row.id, row)).collect(),
            residents: residents.into_iter().map(|row| (row.id, row)).collect(),
            links: links.into_iter().map(|row| (row.subject.clone(), row)).collect(),
            offerings,
        })
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
        rows: &Rows,
        errand: Errand,
        booking: BookingId,
        id: LetterId,
    ) -> Result<Opened> {
        let Some(row) = rows.bookings.get(&booking) else { return Ok(Opened::Spent) };
        let booking: Booking = self.open_booking(row)?;
        let asked = errand.letter == Letter::NewAddress;
        if !errand.holds(&booking) || is_over(&errand, self.now()) || is_spared(&errand, &booking) {
            return Ok(Opened::Spent);
        }
        let Some(errand) = errand.up_to_date(&booking, self.now()) else { return Ok(Opened::Spent) };
        let Some(resident) = rows.residents.get(&row.resident) else { return Ok(Opened::Spent) };
        let Some(resident) = Some(self.open_resident(resident)?).filter(|it| it.active) else {
            return Ok(Opened::Spent);
        };
        let Some((offering, programs)) = rows.offerings.get(&row.offering) else { return Ok(Opened::Spent) };
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
        let Some((to, elsewhere)) = self.addressed(&resident.identity, &booking, errand.letter) else {
            // Letters came back from every address there is; done like any other, so that no count shows it.
            return Ok(Opened::Spent);
        };
        let Some((uid, survey)) = self.about(offering, &errand, row).await? else { return Ok(Opened::Spent) };
        let link = rows.links.get(&booking.id.to_string());
        let unsubscribe = self.stops_by(link, errand.letter);
        let Some((link, near)) = self.leads_to(link, &errand, &booking).await? else {
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
    fn stops_by(&self, link: Option<&LinkRow>, letter: Letter) -> Option<Zeroizing<String>> {
        let stops = letter.reminds() && self.public_url().starts_with("https://");
        link.filter(|_| stops).and_then(|link| self.url_of(Purpose::Reminders, link))
    }

    /// The UID of the calendar entry that a letter is about, and whether it tells of anonymous questions; none where a further
    /// time is not held any more as it says.
    async fn about(
        &self,
        offering: &Offering,
        errand: &Errand,
        row: &BookingRow,
    ) -> Result<Option<(String, bool)>> {
        Ok(match errand.letter {
            Letter::Further | Letter::FurtherOff => {
                let told = self.further_told(&mut *self.store.read().await?, errand).await?;
                told.map(|id| (id.to_string(), false))
            }
            Letter::Afterwards => {
                let mut db = self.store.read().await?;
                let survey = self.letter_tells_survey(&mut db, offering, row, errand.due_at).await?;
                Some((row.uid.clone(), survey))
            }
            _ => Some((row.uid.clone(), false)),
        })
    }

    /// Where a letter leads, and the times that it offers; none where its question is no longer open.
    async fn leads_to(
        &self,
        link: Option<&LinkRow>,
        errand: &Errand,
        booking: &Booking,
    ) -> Result<Option<(Zeroizing<String>, Vec<Span>)>> {
        if errand.letter == Letter::CalendarAnswer {
            return Ok(self.question_url(booking, errand.owed_at).map(|url| (url, Vec::new())));
        }
        let link = match link.and_then(|link| self.url_of(Purpose::Visit, link)) {
            Some(url) => url,
            None => {
                let mut db = self.store.read().await?;
                self.fresh_url(&mut db, Purpose::Visit, &booking.id.to_string()).await?
            }
        };
        if errand.letter != Letter::NearTimes {
            return Ok(Some((link, Vec::new())));
        }
        let mut db = self.store.read().await?;
        let near = self.near(&mut db, booking.id, booking.unmet(errand.owed_at).flatten()).await?;
        Ok(Some((Zeroizing::new(format!("{}/times", *link)), near)))
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
        let subject = therapist.to_string();
        // Nearly always there is one, and what only reads waits for nobody who writes.
        let known = self.known_url(&mut *self.store.read().await?, Purpose::Feed, &subject).await?;
        if let Some(url) = known {
            return Ok(url);
        }
        let mut tx = self.store.write().await?;
        let url = self.url(&mut tx, Purpose::Feed, &subject).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(url)
    }

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
