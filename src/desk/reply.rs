//! Answers of calendar programs, by who is behind them: an answer of the one who was asked, of whom the institution's mail
//! server vouches, is done; one of which only half is sure is asked about by letter; every other is dropped. Never keeps
//! a word that somebody wrote.

use super::at_hand::AtHand;
use super::change::Try;
use super::incoming::Counted;
use super::visit::Loaded;
use super::{Desk, Error, Result, TRIES};
use crate::domain::booking::{Booking, Hand, Standing, Visit, Wanted};
use crate::domain::id::BookingId;
use crate::domain::identity::Address;
use crate::domain::incoming::{Answer, Reply};
use crate::domain::letter::Letter;
use crate::domain::owed;
use crate::domain::time::{Instant, Span};
use crate::storage::bookings::{self, BookingRow};
use crate::storage::{Db, people};

/// So many times near the proposed one stand in a letter.
const NEAR: usize = 3;

/// Whose an answer is, as far as that is known.
enum Whose {
    /// The one who was asked answers, and is who they say they are.
    Theirs(BookingRow),
    /// About this entry, by somebody.
    Perhaps(BookingRow),
    /// By the resident of this booking, about some entry.
    Somewhere(BookingRow),
    /// By a resident who has nothing that could be answered.
    Known,
    Nobodys,
}

/// What was tried on behalf of an answer.
pub(super) enum Did {
    Tried(Try),
    /// There is no such seat.
    Unmet,
    /// The booking does not allow it any more.
    Nothing,
}

impl AtHand {
    /// The seat that the resident gave up last, and may have back at once.
    pub(super) fn gave_up(&self, now: Instant) -> Option<crate::domain::id::SeatId> {
        let visit = self.booking.way_back(now).or_else(|| self.booking.came_from(now));
        visit.map(|visit| visit.seat)
    }
}

impl Desk {
    /// Takes in an answer.
    ///
    /// # Errors
    /// Those of loading and saving.
    pub(super) async fn answered(
        &self,
        from: Option<&Address>,
        aligned: bool,
        reply: Reply,
    ) -> Result<Counted> {
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            let (row, sure, sequence) = match self.whose_answer(&mut tx, from, aligned, &reply).await? {
                Whose::Theirs(row) => (row, true, reply.sequence),
                Whose::Perhaps(row) => (row, false, reply.sequence),
                // The SEQUENCE of another entry says nothing here.
                Whose::Somewhere(row) => (row, false, u32::MAX),
                Whose::Known => return Ok(Counted::CalendarAnswer),
                Whose::Nobodys => return Ok(Counted::Stranger),
            };
            let wanted = match reply.answer {
                // The time is held anyway.
                Answer::Accepted | Answer::Tentative => return Ok(Counted::CalendarAnswer),
                Answer::Declined => Wanted::Out,
                Answer::Counter(span) => Wanted::At(span),
            };
            let now = self.now();
            let loaded = self.loaded(&mut tx, row).await?;
            let news = loaded.booking.is_news(sequence, reply.stamp, now);
            if !news || !loaded.booking.may_be_answered(wanted, now) {
                return Ok(Counted::CalendarAnswer);
            }
            let tried = match sure {
                true => self.heed(&mut tx, &loaded, wanted, reply.stamp, now).await,
                false => self.ask(&mut tx, &loaded, wanted, now).await,
            };
            match tried {
                Ok(Try::Done) => {
                    tx.commit().await.map_err(crate::storage::Error::from)?;
                    return Ok(Counted::CalendarAnswer);
                }
                Ok(Try::Again) | Err(Error::Taken | Error::Storage(crate::storage::Error::Contended)) => {}
                Err(other) => return Err(other),
            }
        }
        Err(Error::Contended)
    }

    /// Takes in an answer that cannot be read: its sender is sent the link, once a day.
    ///
    /// # Errors
    /// Those of loading and saving.
    pub(super) async fn unreadable(
        &self,
        from: Option<&Address>,
        aligned: bool,
        automatic: bool,
        uid: Option<String>,
    ) -> Result<Counted> {
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            let named = match &uid {
                Some(uid) => bookings::by_uid(&mut tx, uid).await?,
                None => None,
            };
            let row = match (named, from.filter(|_| aligned)) {
                (Some(row), _) => Some(row),
                (None, Some(from)) => self.bookings_at(&mut tx, from).await?.and_then(|(first, _)| first),
                (None, None) => None,
            };
            let Some(row) = row else { return Ok(Counted::Stranger) };
            let now = self.now();
            // A machine that answers by itself would answer the letter, too.
            let Some(booking) = self.open_booking(&row)?.cannot_read(now).filter(|_| !automatic) else {
                return Ok(Counted::Unreadable);
            };
            self.owe(&mut tx, &owed::with_answer(&booking, Letter::CalendarUnread, now)).await?;
            if self.keep(&mut tx, &row, &booking).await? {
                tx.commit().await.map_err(crate::storage::Error::from)?;
                return Ok(Counted::Unreadable);
            }
        }
        Err(Error::Contended)
    }

    async fn whose_answer(
        &self,
        db: &mut Db,
        from: Option<&Address>,
        aligned: bool,
        reply: &Reply,
    ) -> Result<Whose> {
        let from = from.filter(|_| aligned);
        if let Some(row) = bookings::by_uid(db, &reply.uid).await? {
            let Some(resident) = people::resident(db, row.resident).await? else { return Ok(Whose::Nobodys) };
            let (resident, booking) = (self.open_resident(&resident)?, self.open_booking(&row)?);
            // Whoever was only put onto the roster just now answers for nobody.
            let at_roster = booking.at_the_roster(resident.identity.address(), self.now());
            let on_file = |address: &Address| [at_roster, booking.own_address()].contains(&Some(address));
            // Who may read somebody's mail could answer for them: From must be theirs, and so must be the attendee.
            let sure = from.is_some_and(on_file) && on_file(&reply.attendee);
            return Ok(if sure { Whose::Theirs(row) } else { Whose::Perhaps(row) });
        }
        let Some(from) = from else { return Ok(Whose::Nobodys) };
        Ok(match self.bookings_at(db, from).await? {
            Some((_, Some(row))) => Whose::Somewhere(row),
            Some((_, None)) => Whose::Known,
            None => Whose::Nobodys,
        })
    }

    /// Of the resident with this address on the roster: some booking, and the one whose visit comes next. Addresses of
    /// residents' own choosing are sealed in their bookings, and a stray mail is no reason to open those of everybody.
    async fn bookings_at(
        &self,
        db: &mut Db,
        address: &Address,
    ) -> Result<Option<(Option<BookingRow>, Option<BookingRow>)>> {
        let institution = self.institution(db).await?;
        let key = self.vault.address_key(address);
        let Some(resident) = people::resident_at(db, institution, &key).await? else { return Ok(None) };
        let now = self.now();
        let mut rows = bookings::of_resident(db, resident.id).await?;
        let mut next: Option<(Instant, BookingRow)> = None;
        for row in &rows {
            let Standing::Held(visit) = self.open_booking(row)?.standing else { continue };
            let starts_at = visit.span.starts_at();
            if starts_at > now && next.as_ref().is_none_or(|(first, _)| starts_at < *first) {
                next = Some((starts_at, row.clone()));
            }
        }
        let next = next.map(|(_, row)| row);
        Ok(Some((next.clone().or_else(|| rows.pop()), next)))
    }

    /// Does what a resident wants who is who they say they are.
    async fn heed(
        &self,
        db: &mut Db,
        loaded: &Loaded,
        wanted: Wanted,
        stamp: Instant,
        now: Instant,
    ) -> Result<Try> {
        match self.does(db, loaded, wanted, now, |booking| booking.heeded(stamp, now)).await? {
            Did::Tried(tried) => Ok(tried),
            Did::Nothing => Ok(Try::Done),
            Did::Unmet => {
                let Wanted::At(proposed) = wanted else { return Ok(Try::Done) };
                let Some(booking) = loaded.booking.cannot_meet(proposed, now) else { return Ok(Try::Done) };
                let booking = booking.heeded(stamp, now);
                self.tell(db, loaded, &booking, Letter::NearTimes, now).await
            }
        }
    }

    /// Asks by letter, at the address on file, whether an answer is the resident's own.
    async fn ask(&self, db: &mut Db, loaded: &Loaded, wanted: Wanted, now: Instant) -> Result<Try> {
        let Some(booking) = loaded.booking.asks_about(wanted, now) else { return Ok(Try::Done) };
        self.tell(db, loaded, &booking, Letter::CalendarAnswer, now).await
    }

    async fn tell(
        &self,
        db: &mut Db,
        loaded: &Loaded,
        booking: &Booking,
        letter: Letter,
        now: Instant,
    ) -> Result<Try> {
        self.owe(db, &owed::with_answer(booking, letter, now)).await?;
        Ok(if self.keep(db, &loaded.row, booking).await? { Try::Done } else { Try::Again })
    }

    /// Does what an answer wants; `noted` puts down in the booking that it was heeded.
    pub(super) async fn does(
        &self,
        db: &mut Db,
        loaded: &Loaded,
        wanted: Wanted,
        now: Instant,
        noted: impl FnOnce(Booking) -> Booking,
    ) -> Result<Did> {
        let change = match wanted {
            Wanted::Out => loaded.booking.declined(now),
            Wanted::At(proposed) => {
                let visit = match proposed {
                    Some(span) => self.seat_at(db, loaded, span, now).await?,
                    None => None,
                };
                let Some(visit) = visit else { return Ok(Did::Unmet) };
                loaded.booking.countered(visit, now, loaded.offering.rules.earliest_start(now))
            }
        };
        let Ok(mut change) = change else { return Ok(Did::Nothing) };
        change.booking = noted(change.booking);
        let letters = owed::with_change(&change, &loaded.offering.rules, now);
        Ok(Did::Tried(self.save(db, Hand::Calendar, loaded, &change, letters, now).await?))
    }

    /// A visit at a proposed time that the resident may have: one that begins then and ends within it.
    async fn seat_at(
        &self,
        db: &mut Db,
        loaded: &Loaded,
        proposed: Span,
        now: Instant,
    ) -> Result<Option<Visit>> {
        let (earliest_start, previous) = (loaded.offering.rules.earliest_start(now), loaded.gave_up(now));
        let mut found = Vec::new();
        for (slot, row, seat) in self.seats_in(db, loaded.offering.id(), proposed).await? {
            let pool = row.pool.parse().map_err(|_| crate::storage::Error::Unreadable("seats.pool"))?;
            let at_the_time = slot.span.starts_at() == proposed.starts_at();
            let returns = previous == Some(row.id);
            if !at_the_time
                || slot.span.ends_at() > proposed.ends_at()
                || !seat.takeable(pool, returns, loaded.row.id)
            {
                continue;
            }
            // Who only takes back what they had is not held to the notice of a new booking.
            let earliest_start = if returns { now } else { earliest_start };
            let Some(visit) = loaded.visit(&slot, row.id, earliest_start)? else { continue };
            let lot = self.vault.blind("offer", &[loaded.row.id.as_bytes(), row.id.as_bytes()]);
            found.push((!loaded.matches(&visit), lot, visit));
        }
        // What the resident wishes for comes first, then chance.
        Ok(found.into_iter().min_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1))).map(|(_, _, visit)| visit))
    }

    /// Of the times that the resident's page offers, those nearest to a proposed one; the soonest where none was proposed.
    pub(super) async fn near(&self, db: &mut Db, id: BookingId, proposed: Option<Span>) -> Result<Vec<Span>> {
        let Some(row) = bookings::booking(db, id).await? else { return Ok(Vec::new()) };
        let loaded = self.loaded(db, row).await?;
        if loaded.booking.may_choose(self.now()).is_err() {
            return Ok(Vec::new());
        }
        let mut spans: Vec<Span> = self
            .times(db, &loaded, loaded.offering.row.offers_of)
            .await?
            .iter()
            .map(|offer| offer.span)
            .collect();
        spans.dedup();
        let distance = |span: &Span| {
            proposed.map(|proposed| (span.starts_at() - proposed.starts_at()).num_seconds().abs())
        };
        spans.sort_by_key(|span| (distance(span), *span));
        spans.truncate(NEAR);
        Ok(spans)
    }
}
