//! What must hold of letters: of those that are owed, of each that arrives, and of a calendar that has read them all. Never
//! looks at how the service decides which to send.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::Duration;
use holdspace::domain::booking::Standing;
use holdspace::domain::id::BookingId;
use holdspace::domain::letter::{Letter, Method};
use holdspace::domain::owed::{Errand, Recipient};
use holdspace::domain::time::Instant;

use super::checks::{Holds, holds};
use super::mailbox::{Arrived, News};
use super::truth::{OneBooking, OneLetter, Truth};

/// What was seen of letters so far.
#[derive(Default)]
pub struct Letters {
    /// Every letter that was ever owed, by its Message-ID.
    owed: BTreeMap<String, Rc<OneLetter>>,
    /// The highest SEQUENCE that was owed to each booking.
    highest: BTreeMap<BookingId, u32>,
    /// What arrived first under each Message-ID, and whether the service knows for sure that it did.
    arrived: BTreeMap<String, (Arrived, bool)>,
    /// What each mailbox was told of each entry.
    calendars: BTreeMap<String, Vec<News>>,
    /// Whose letters were refused for good, or who wanted none for a while: their calendars may lag.
    lags: BTreeSet<BookingId>,
    /// How many arrived, copies among them.
    pub count: usize,
    /// How many of them were copies.
    pub copies: usize,
}

impl Letters {
    /// What is newly owed after a step may be. Comes before what arrived, which was owed.
    pub fn owed_hold(&mut self, before: &Truth, after: &Truth) -> Holds {
        for (id, one) in &after.bookings {
            let active = after.residents.get(&one.resident).is_some_and(|(_, active)| *active);
            if one.booking.wishes.no_letters || !active {
                self.lags.insert(*id);
            }
        }
        let fresh = after.letters.iter().filter(|(id, _)| !before.letters.contains_key(*id));
        let mut fresh: Vec<_> = fresh.map(|(_, progress)| &progress.letter).collect();
        // Those of one step have no order of their own.
        fresh.sort_by_key(|letter| (letter.errand.owed_at, letter.errand.sequence));
        fresh.into_iter().try_for_each(|letter| self.is_owed(letter))
    }

    /// Nothing was forgotten that was still owed, and what is done with arrived, or was refused by one of `deaf`.
    pub fn done_hold(&mut self, before: &Truth, after: &Truth, deaf: &[String], now: Instant) -> Holds {
        for (id, was) in &before.letters {
            let what = || format!("{} {:?}", was.letter.message_id, was.letter.errand.to);
            match (was.state.as_str(), after.letters.get(id).map(|is| is.state.as_str())) {
                ("owed", None) if was.attempts > 0 => {
                    return Err(format!("a letter that was tried is forgotten: {}", what()));
                }
                ("sent" | "failed", Some("owed")) => {
                    return Err(format!("a letter is owed again: {}", what()));
                }
                _ => {}
            }
        }
        for (id, is) in &after.letters {
            let was_owed = before.letters.get(id).is_none_or(|was| was.state == "owed");
            match is.state.as_str() {
                "sent" if was_owed => self.is_done(after, &is.letter, now)?,
                "failed" if was_owed => self.has_failed(after, &is.letter, deaf)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn has_failed(&mut self, truth: &Truth, letter: &OneLetter, deaf: &[String]) -> Holds {
        let Recipient::Resident(booking) = letter.errand.to else { return Ok(()) };
        self.lags.insert(booking);
        let one = truth.bookings.get(&booking);
        let key = one.and_then(|one| truth.residents.get(&one.resident)).map(|(key, _)| key);
        let refused = key.is_none_or(|key| deaf.contains(key));
        holds(refused, || format!("{} was given up although nobody refused it", letter.message_id))
    }

    fn is_owed(&mut self, letter: &Rc<OneLetter>) -> Holds {
        let errand = &letter.errand;
        if let (Recipient::Resident(booking), Some(_)) = (&errand.to, errand.letter.method()) {
            let highest = self.highest.entry(*booking).or_default();
            holds(errand.sequence >= *highest, || format!("SEQUENCE goes back in {}", letter.message_id))?;
            *highest = errand.sequence;
        }
        if errand.letter.reminds() {
            let hours: i64 = errand.occasion.split(' ').find_map(|word| word.parse().ok()).unwrap_or(-1);
            // The seat of a moved visit stands first in its occasion.
            let visit = errand.visit.as_ref().ok_or("a reminder of nothing")?;
            holds(errand.due_at + Duration::hours(hours) == visit.span.starts_at(), || {
                format!("a reminder is due at {} of a visit at {}", errand.due_at, visit.span.starts_at())
            })?;
        }
        // An invitation that was taken back before anybody saw it gives its name to the one in its place.
        let known = self.owed.insert(letter.message_id.clone(), Rc::clone(letter));
        let seen = self.arrived.contains_key(&letter.message_id);
        let same = known.is_none_or(|known| !seen || known.errand == *errand);
        holds(same, || format!("two letters are called {}", letter.message_id))
    }

    /// A letter is done with: it arrived, or nobody waits for it.
    fn is_done(&self, truth: &Truth, letter: &OneLetter, now: Instant) -> Holds {
        let came = self.arrived.contains_key(&letter.message_id);
        let spared = match &letter.errand.to {
            Recipient::Resident(booking) => {
                let one = truth.bookings.get(booking);
                one.is_none_or(|one| is_spared(truth, &letter.errand, one, now))
            }
            _ => false,
        };
        holds(came || spared, || {
            format!(
                "a letter is marked as sent that never arrived: {} {:?}",
                letter.message_id, letter.errand
            )
        })
    }

    /// A letter that arrives in a mailbox after a step is true, in time, and for whoever it is for. `sure` says that
    /// nothing went wrong on the way, so that the service knows that it arrived.
    pub fn arrives(&mut self, truth: &Truth, whose: &str, arrived: Arrived, sure: bool) -> Holds {
        self.count += 1;
        let id = arrived.message_id.clone();
        let Some(letter) = self.owed.get(&id).map(Rc::clone) else {
            return Err(format!("a letter arrived that nobody owed: {id}"));
        };
        let errand = &letter.errand;
        holds(arrived.at >= errand.due_at, || format!("{id} came before {}", errand.due_at))?;
        if let Some((first, known)) = self.arrived.get(&id) {
            self.copies += 1;
            let same = first.to == arrived.to && (first.news == arrived.news || arrived.news.is_none());
            holds(same, || format!("the second copy of {id} differs: {:?} {:?}", first.news, arrived.news))?;
            holds(!known, || format!("{id} came a second time although nothing went wrong"))?;
        }
        if let Recipient::Resident(booking) = &errand.to {
            let one = truth.bookings.get(booking).ok_or_else(|| format!("{id} is for nobody"))?;
            let key = truth.residents.get(&one.resident).map(|(key, _)| key.as_str());
            holds(key == Some(whose), || format!("{id} went to somebody else"))?;
            is_true(errand, one, &arrived)?;
        }
        if let Some(news) = &arrived.news {
            self.calendars.entry(news.uid.clone()).or_default().push(news.clone());
        }
        let known = sure || self.arrived.get(&id).is_some_and(|(_, known)| *known);
        let first = self.arrived.remove(&id).map_or(arrived, |(first, _)| first);
        self.arrived.insert(id, (first, known));
        Ok(())
    }

    /// Once nothing is owed any more: everybody's calendar has what is true.
    pub fn calendars_hold(&self, truth: &Truth) -> Holds {
        for (id, one) in truth.bookings.iter().filter(|(id, _)| !self.lags.contains(*id)) {
            let active = truth.residents.get(&one.resident).is_some_and(|(_, active)| *active);
            if !active {
                continue;
            }
            let told = self.calendars.get(&one.uid).map(Vec::as_slice).unwrap_or_default();
            let newest = told.iter().max_by_key(|news| (news.sequence, &news.stamp));
            let shown = newest.filter(|news| news.method == Method::Request).map(|news| news.starts_at);
            let booking = &one.booking;
            let meant = match &booking.standing {
                Standing::Held(visit) | Standing::OptedOut(visit) => Some(visit.span.starts_at()),
                Standing::Waiting => None,
            };
            let meant = meant.filter(|_| booking.on_calendar);
            holds(shown == meant, || {
                format!(
                    "the calendar of {id} shows {shown:?} in the place of {meant:?}: {told:?}\n  {booking:?}"
                )
            })?;
            let newest = newest.map_or(0, |news| news.sequence);
            holds(newest == booking.sequence, || {
                format!("the newest SEQUENCE that {id} has is {newest}, and {} is true", booking.sequence)
            })?;
        }
        Ok(())
    }

    /// Once nothing is owed any more: each letter that was owed, and is wanted, arrived.
    pub fn all_arrived(&self, truth: &Truth) -> Holds {
        let lost = truth.letters.values().find(|progress| progress.state == "owed");
        holds(lost.is_none(), || format!("{} never left", lost.map_or("", |lost| &lost.letter.message_id)))
    }
}

/// Whether a letter to a resident is rightly done without being sent.
fn is_spared(truth: &Truth, errand: &Errand, one: &OneBooking, now: Instant) -> bool {
    let booking = &one.booking;
    let active = truth.residents.get(&one.resident).is_some_and(|(_, active)| *active);
    let begun = errand.visit.as_ref().is_some_and(|visit| visit.span.starts_at() <= now);
    !active
        || booking.wishes.no_letters
        || !errand.holds(booking)
        || (errand.letter.reminds() && (booking.wishes.no_reminders || begun))
        || errand.kept_until().is_some_and(|until| until <= now)
}

/// What a letter says is so.
fn is_true(errand: &Errand, one: &OneBooking, arrived: &Arrived) -> Holds {
    let (booking, id) = (&one.booking, &arrived.message_id);
    let begins = errand.visit.as_ref().map(|visit| visit.span.starts_at());
    if errand.letter.reminds() {
        let ahead = begins.is_some_and(|begins| arrived.at < begins);
        holds(ahead, || format!("the reminder {id} came at {} of a visit at {begins:?}", arrived.at))?;
        holds(!booking.wishes.no_reminders, || format!("the reminder {id} came to who wants none"))?;
        let seat = errand.visit.as_ref().map(|visit| visit.seat);
        let has = match errand.letter {
            Letter::Reminder => booking.default_visit.as_ref().map(|visit| visit.seat) == seat,
            _ => booking.visit().map(|visit| visit.seat) == seat,
        };
        holds(has, || format!("the reminder {id} came to who has no such visit: {booking:?}"))?;
    }
    let Some(news) = &arrived.news else { return Ok(()) };
    holds(news.uid == one.uid && news.sequence == errand.sequence, || {
        format!("{id} has another UID or SEQUENCE than its booking: {news:?}")
    })?;
    holds(Some(news.starts_at) == begins, || {
        format!("{id} speaks of {}, and means {begins:?}", news.starts_at)
    })?;
    // An invitation goes to everybody as the batch meant it; whatever was done since has a higher SEQUENCE.
    let newest = news.sequence == booking.sequence;
    holds(newest || errand.letter == Letter::Invitation, || format!("{id} is old news: {booking:?}"))?;
    let right = booking.on_calendar == (news.method == Method::Request);
    holds(!newest || right, || format!("{id} tells a calendar what is not so: {booking:?}"))
}
