//! How deeds are done: through links, letters and the pages of those who hold visits. Whether one is allowed at the moment is
//! not looked at, because a refusal must not show either. Never asserts anything but that the server works.

use std::cell::RefCell;
use std::collections::BTreeMap;

use holdspace::domain::time::Span;

use super::deeds::Deed;
use super::script::Placed;
use crate::harness::house::{House, PUBLIC_URL, Page};
use crate::harness::person::{SignedIn, kind};
use crate::harness::replies::{Entry, Mail, NOT_VOUCHED};

/// Somebody who does something.
pub struct Actor<'h> {
    house: &'h House,
    /// On the roster.
    pub address: String,
    /// Of their own.
    pub home: String,
    /// That whoever keeps the roster may give for them.
    pub other: String,
    name: String,
    link: String,
    done: RefCell<BTreeMap<Deed, usize>>,
}

impl<'h> Actor<'h> {
    /// Somebody who was invited by a letter with a link; given and family name as on the roster.
    pub fn new(house: &'h House, address: &str, name: String, link: String) -> Self {
        let local = address.split('@').next().unwrap_or_default();
        let (home, done) = (format!("{local}@home.example.org"), RefCell::default());
        Self { house, address: address.to_owned(), home, other: other_of(address), name, link, done }
    }

    /// How often each deed was allowed so far.
    pub fn done(&self) -> BTreeMap<Deed, usize> {
        self.done.borrow().clone()
    }

    /// Does it. `care` are the therapists who came by.
    pub async fn does(&self, placed: &Placed, care: &[SignedIn<'_>]) {
        let pages = match placed.deed {
            Deed::IsMarkedKept => self.marked("kept", care).await,
            Deed::IsMarkedMissed => self.marked("missed", care).await,
            Deed::LosesTheMark => self.marked("none", care).await,
            Deed::IsOfferedAnotherVisit => self.is_offered_another(care, placed.way).await,
            Deed::DeclinesInTheCalendar
            | Deed::IsTentativeInTheCalendar
            | Deed::ProposesATimeInTheCalendar
            | Deed::AnswersUnreadably
            | Deed::AnswersAndIsAskedByLetter => self.answers(placed).await,
            Deed::HasLettersSentHome => self.asks_for_letters_at_home().await,
            _ => self.presses(placed).await,
        };
        assert!(pages.iter().all(|page| page.status < 500 && page.status != 429), "{placed:?}: {pages:?}");
        if pages.iter().any(|page| matches!(page.status, 200 | 303)) {
            *self.done.borrow_mut().entry(placed.deed).or_default() += 1;
        }
    }

    async fn form(&self, last: &str, fields: &[(&str, &str)]) -> Page {
        self.house.form(&format!("{}/{last}", self.link), fields).await
    }

    async fn page(&self, last: &str) -> Page {
        self.house.get(&format!("{}{last}", self.link)).await
    }

    /// What is done by pressing one button of one's own page.
    async fn presses(&self, placed: &Placed) -> Vec<Page> {
        let way = placed.way;
        let even = way.is_multiple_of(2);
        let one = match placed.deed {
            Deed::OptsOutAndKeepsTheEntry => self.form("opt-out", &[("entry", "keep")]).await,
            Deed::OptsOutAndRemovesTheEntry => self.form("opt-out", &[("entry", "remove")]).await,
            Deed::ComesBack => self.form("come-back", &[("back", "yes")]).await,
            Deed::MovesBack => self.form("move-back", &[("back", "yes")]).await,
            Deed::WantsConfirmations => {
                self.form("letters", &[("letters", "1"), ("confirm", "on"), ("remind", "on")]).await
            }
            Deed::WantsNoLetters => self.form("letters", &[("letters", "1"), ("none", "on")]).await,
            Deed::ChoosesALanguage => {
                self.form("language", &[("language", if way % 4 == 3 { "en" } else { "es" })]).await
            }
            Deed::WishesForATherapist => self.prefers(way, false).await,
            Deed::AsksToBeMoved => self.prefers(way, true).await,
            Deed::HasLettersSentHere => self.form("roster-address", &[("address", "roster")]).await,
            Deed::KeepsTheOldAddress => self.form("other-address", &[("letters", "old")]).await,
            Deed::UsesTheNewAddress => self.form("other-address", &[("letters", "new")]).await,
            Deed::StopsReminders => {
                self.form("reminders", &[("reminders", if way % 4 == 3 { "on" } else { "off" })]).await
            }
            Deed::Moves => return self.moves(way).await,
            Deed::AttendsInAnotherWay => return self.attends_otherwise(way).await,
            Deed::TakesTheOtherVisit => return self.further("take").await,
            Deed::GivesUpTheOtherVisit => return self.further(if even { "leave" } else { "decline" }).await,
            Deed::AnswersTheSurvey => return self.answers_the_survey(way).await,
            _ => {
                let mut pages = Vec::new();
                for last in ["", "/times", "/time.ics", "/reminders"] {
                    pages.push(self.page(last).await);
                }
                return pages;
            }
        };
        vec![one]
    }

    async fn prefers(&self, way: usize, moved: bool) -> Page {
        let (language, way) = [("Spanish", ""), ("", "in-person"), ("", "video"), ("", "phone")][way % 4];
        let mut fields = vec![("language", language), ("gender", ""), ("way", way)];
        fields.extend(moved.then_some(("move", "on")));
        self.form("preferences", &fields).await
    }

    async fn moves(&self, way: usize) -> Vec<Page> {
        let offered = self.page("/times").await;
        let seats = offered.values("seat");
        let Some(seat) = seats.get(way % seats.len().max(1)) else { return vec![refused(offered)] };
        let remind: &[_] = if way.is_multiple_of(3) { &[] } else { &[("remind", "on")] };
        vec![self.form("times", &[&[("seat", seat.as_str())], remind].concat()).await]
    }

    async fn attends_otherwise(&self, way: usize) -> Vec<Page> {
        let mut pages = Vec::new();
        let mut shown = self.page("").await;
        if shown.values("way").is_empty() {
            // Whoever has a therapist of one way only goes to one of two first, if they can.
            pages.push(refused(
                self.form("preferences", &[("language", ""), ("gender", ""), ("way", "in-person")]).await,
            ));
            if let Some(seat) = self.page("/times").await.values("seat").first() {
                pages.push(refused(self.form("times", &[("seat", seat)]).await));
            }
            shown = self.page("").await;
        }
        let ways = shown.values("way");
        if let Some(chosen) = ways.get(way % ways.len().max(1)) {
            pages.push(self.form("way", &[("way", chosen)]).await);
        }
        pages
    }

    async fn further(&self, answer: &str) -> Vec<Page> {
        let visits = self.page("").await.values("visit");
        let Some(visit) = visits.first() else { return Vec::new() };
        vec![self.form("further", &[("visit", visit), ("answer", answer)]).await]
    }

    async fn answers_the_survey(&self, way: usize) -> Vec<Page> {
        let given = self.form("survey", &[("survey", "yes")]).await;
        let sheet = given.header("location").to_owned();
        if !sheet.starts_with("/survey/") {
            return vec![refused(given)];
        }
        let answer = ["5", "1", "0"][way % 3];
        vec![self.house.form(&sheet, &[("again", answer)]).await]
    }

    async fn asks_for_letters_at_home(&self) -> Vec<Page> {
        let asked = self.form("address", &[("address", &self.home)]).await;
        self.house.post_goes().await;
        let received = self.house.sink.received().into_iter().rev();
        let mut at_home = received.filter(|one| one.to == [self.home.as_str()]).map(|one| one.read());
        let Some(question) = at_home.find(|letter| kind(letter) == "new-address") else {
            return vec![refused(asked)];
        };
        vec![self.house.form(&question.link("/v/"), &[("address", "yes")]).await]
    }

    async fn marked(&self, mark: &str, care: &[SignedIn<'_>]) -> Vec<Page> {
        let mut pages = Vec::new();
        for (session, seat) in self.visits(care).await {
            pages.push(session.marks(&seat, mark).await);
        }
        pages
    }

    async fn is_offered_another(&self, care: &[SignedIn<'_>], way: usize) -> Vec<Page> {
        let mut pages = Vec::new();
        for (session, seat) in self.visits(care).await {
            let page = format!("/agenda/another/{seat}");
            let free = session.opens(&page).await.values("when");
            let Some(when) = free.get(way % free.len().max(1)) else { continue };
            let mut form = vec![("when", when.as_str()), ("on", "2027-07-31"), ("at", "10:00")];
            form.extend((way % 3 == 1).then_some(("mail", "1")));
            pages.push(session.sends(&page, &form).await);
        }
        pages
    }

    /// The seats of this person's visits, with the therapist who holds each.
    async fn visits<'s, 'c>(&self, care: &'s [SignedIn<'c>]) -> Vec<(&'s SignedIn<'c>, String)> {
        let mut found = Vec::new();
        for session in care {
            let visits = session.agenda("2027-07-05").await;
            let theirs = visits.into_iter().filter(|visit| visit.name == self.name);
            found.extend(theirs.map(|visit| (session, visit.seat)));
        }
        found
    }

    /// Answers in a calendar program, vouched for or not.
    async fn answers(&self, placed: &Placed) -> Vec<Page> {
        let (house, here) = (self.house, self.house.resident(&self.address));
        let brought = house
            .sink
            .received()
            .into_iter()
            .rev()
            .filter(|one| one.to == [self.address.as_str()] || one.to == [self.home.as_str()]);
        let Some(letter) = brought.map(|one| one.read()).find(|letter| !letter.calendar.is_empty()) else {
            return Vec::new();
        };
        let entry = Entry::in_letter(&letter);
        let mail = |file| Mail::of(file, house, &self.address, &entry);
        match placed.deed {
            Deed::DeclinesInTheCalendar => drop(house.receives(&mail("exchange-declined")).await),
            Deed::IsTentativeInTheCalendar => drop(house.receives(&mail("gmail-tentative")).await),
            Deed::AnswersUnreadably => drop(house.receives(&mail("winmail")).await),
            Deed::ProposesATimeInTheCalendar => {
                let token = self.link.rsplit('/').next().unwrap_or_default();
                let times = house.desk.offers(token).await.map(|offers| offers.times).unwrap_or_default();
                let night = Span::new(
                    "2027-07-07T08:00:00Z".parse().unwrap(),
                    "2027-07-07T09:00:00Z".parse().unwrap(),
                );
                let had = times.get(placed.way % (times.len() + 1)).map(|time| time.span).or(night);
                house.receives(&mail("gmail-counter").proposing(had.unwrap())).await;
            }
            _ => {
                house.receives(&mail("apple-declined").with("RESULTS", NOT_VOUCHED)).await;
                if here.kinds().iter().any(|kind| kind == "calendar-answer") {
                    let question = here.newest("calendar-answer").link("/answer");
                    return vec![house.form(&question, &[("answer", "yes")]).await];
                }
                return Vec::new();
            }
        }
        vec![self.house.get(&self.link.replace(PUBLIC_URL, "")).await]
    }
}

/// The address that whoever keeps the roster may give for somebody.
pub fn other_of(address: &str) -> String {
    address.replace('@', ".other@")
}

/// A page of which it does not count that it was shown: what was asked for could not be had.
fn refused(page: Page) -> Page {
    let status = if page.status < 400 { 409 } else { page.status };
    Page { status, ..page }
}
