//! People as they meet the house: through letters, links and pages. Never asks the desk what a page says.

use holdspace::domain::booking::Entry;
use reqwest::Method;
use reqwest::header::{COOKIE, SET_COOKIE};

use super::house::{House, Page};
use super::letter::ReadLetter;
use super::smtp::Received;

/// A person on the roster, known by address.
pub struct Resident<'h> {
    house: &'h House,
    address: String,
}

impl<'h> Resident<'h> {
    pub(super) fn at(house: &'h House, address: &str) -> Self {
        Self { house, address: address.to_owned() }
    }

    /// The address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What came to this address, as bytes, oldest first.
    pub fn mail(&self) -> Vec<Received> {
        to(self.house, &self.address)
    }

    /// What came to this address, as it reads.
    pub fn letters(&self) -> Vec<ReadLetter> {
        self.mail().iter().map(Received::read).collect()
    }

    /// The kinds of the letters that came, in order.
    pub fn kinds(&self) -> Vec<String> {
        self.letters().iter().map(kind).collect()
    }

    /// The newest letter of a kind.
    pub fn newest(&self, wanted: &str) -> ReadLetter {
        let found = self.letters().into_iter().rfind(|letter| kind(letter) == wanted);
        found.unwrap_or_else(|| panic!("no {wanted} came; there are {:?}", self.kinds()))
    }

    /// The address behind which this person's booking is.
    pub fn link(&self) -> String {
        self.newest("invitation").link("/v/")
    }

    /// The token in it.
    pub fn token(&self) -> String {
        self.link().rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Opens the link.
    pub async fn opens_link(&self) -> Page {
        self.house.get(&self.link()).await
    }

    /// Opts out.
    pub async fn opts_out(&self, entry: Entry) -> Page {
        let entry = match entry {
            Entry::Keep => "keep",
            Entry::Remove => "remove",
        };
        self.house.form(&format!("{}/opt-out", self.link()), &[("entry", entry)]).await
    }

    /// Comes back after opting out.
    pub async fn comes_back(&self) -> Page {
        self.house.form(&format!("{}/come-back", self.link()), &[("back", "yes")]).await
    }

    /// The seats of the times that the page offers, in order of time.
    pub async fn is_offered(&self) -> Vec<String> {
        let page = self.house.get(&format!("{}/times", self.link())).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page.values("seat")
    }

    /// Takes the offered time of this number, counted from 0, and wants to be reminded of it.
    pub async fn moves_to(&self, number: usize) -> Page {
        let offered = self.is_offered().await;
        let seat = offered.get(number).unwrap_or_else(|| panic!("only {} times are offered", offered.len()));
        self.takes(seat).await
    }

    /// Takes a seat, offered or not.
    pub async fn takes(&self, seat: &str) -> Page {
        self.house.form(&format!("{}/times", self.link()), &[("seat", seat), ("remind", "on")]).await
    }

    /// Says which letters are wanted: `confirm`, `remind`, `none`.
    pub async fn wishes(&self, ticked: &[&str]) -> Page {
        let mut fields = vec![("letters", "1")];
        fields.extend(ticked.iter().map(|box_| (*box_, "on")));
        self.house.form(&format!("{}/letters", self.link()), &fields).await
    }
}

/// A therapist, known by address.
pub struct Therapist<'h> {
    house: &'h House,
    address: String,
}

impl<'h> Therapist<'h> {
    pub(super) fn at(house: &'h House, address: &str) -> Self {
        Self { house, address: address.to_owned() }
    }

    /// What came to this address.
    pub fn letters(&self) -> Vec<ReadLetter> {
        to(self.house, &self.address).iter().map(Received::read).collect()
    }

    /// The kinds of the letters that came, in order.
    pub fn kinds(&self) -> Vec<String> {
        self.letters().iter().map(kind).collect()
    }

    /// The newest letter of a kind.
    pub fn newest(&self, wanted: &str) -> ReadLetter {
        let found = self.letters().into_iter().rfind(|letter| kind(letter) == wanted);
        found.unwrap_or_else(|| panic!("no {wanted} came; there are {:?}", self.kinds()))
    }

    /// The link of the newest letter with a way in.
    pub fn way_in(&self) -> String {
        self.newest("sign-in").link("/sign-in/")
    }

    /// Asks for a way in, gets the letter, and goes in. It takes a minute: more than one letter in that is not sent.
    pub async fn signs_in(&self) -> SignedIn<'h> {
        self.house.clock.advance(chrono::Duration::minutes(1));
        let asked = self.house.form("/sign-in", &[("address", &self.address)]).await;
        assert_eq!(asked.status, 200);
        self.house.post_goes().await;
        enter(self.house, &self.way_in()).await
    }

    /// The secret address of the feed, from the letter of welcome.
    pub fn feed_link(&self) -> String {
        self.newest("therapist-welcome").link("/feed/")
    }

    /// The feed, as a calendar program fetches it.
    pub async fn feed(&self) -> Page {
        self.house.get(&self.feed_link()).await
    }
}

/// Somebody with a session.
pub struct SignedIn<'h> {
    house: &'h House,
    /// The cookie as a browser sends it.
    pub cookie: String,
}

/// A visit of an agenda page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnAgenda {
    /// The seat.
    pub seat: String,
    /// Who comes.
    pub name: String,
}

impl<'h> SignedIn<'h> {
    /// Whoever a cookie speaks for.
    pub fn with(house: &'h House, cookie: &str) -> Self {
        Self { house, cookie: cookie.to_owned() }
    }

    /// Opens a page.
    pub async fn opens(&self, path: &str) -> Page {
        Page::of(self.house.request(Method::GET, path).header(COOKIE, &self.cookie)).await
    }

    /// Sends a form of a page of this house.
    pub async fn sends(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        Page::of(self.house.request(Method::POST, path).header(COOKIE, &self.cookie).form(fields)).await
    }

    /// Brings a file.
    pub async fn brings(&self, path: &str, name: &str, text: &str) -> Page {
        let body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: text/csv\r\n\r\n{text}\r\n--edge--\r\n"
        );
        let request = self.house.request(Method::POST, path).header(COOKIE, &self.cookie);
        Page::of(request.header("content-type", "multipart/form-data; boundary=edge").body(body)).await
    }

    /// The visits of two weeks from a day.
    pub async fn agenda(&self, from: &str) -> Vec<OnAgenda> {
        let first: chrono::NaiveDate = from.parse().unwrap();
        let mut weeks = String::new();
        for from in [first, first + chrono::Days::new(7)] {
            let page = self.opens(&format!("/agenda?from={from}")).await;
            assert_eq!(page.status, 200, "{}", page.body);
            weeks += &page.body;
        }
        let visits = weeks.split("<li class=\"card\" id=\"").skip(1);
        let between = |text: &str, before: &str, after: &str| {
            let rest = text.split_once(before).map_or("", |(_, rest)| rest);
            rest.split(after).next().unwrap_or_default().to_owned()
        };
        visits
            .map(|text| OnAgenda {
                seat: text.split('"').next().unwrap_or_default().to_owned(),
                name: between(text, "<p class=\"person\">", "</p>"),
            })
            .collect()
    }

    /// Marks a visit: `kept`, `missed` or `none`.
    pub async fn marks(&self, seat: &str, mark: &str) -> Page {
        self.sends("/agenda/mark", &[("seat", seat), ("mark", mark)]).await
    }
}

/// A director.
pub struct Director<'h>(SignedIn<'h>);

impl<'h> Director<'h> {
    pub(super) async fn enter(house: &'h House, link: &str) -> Self {
        Self(enter(house, link).await)
    }

    /// The cookie as a browser sends it.
    pub fn cookie(&self) -> &str {
        &self.0.cookie
    }

    /// Opens a page.
    pub async fn opens(&self, path: &str) -> Page {
        self.0.opens(path).await
    }

    /// Sends a form of a page of this house.
    pub async fn sends(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.0.sends(path, fields).await
    }

    /// The first page.
    pub async fn overview(&self) -> Page {
        self.0.opens("/overview").await
    }

    /// Brings a file.
    pub async fn brings(&self, path: &str, name: &str, text: &str) -> Page {
        self.0.brings(path, name, text).await
    }

    /// The page of an offering, with the seeds of its batches.
    pub async fn offering(&self) -> Page {
        let id = self.0.house.desk.show_offering(None).await.unwrap().id;
        self.0.opens(&format!("/institution/offerings/{id}")).await
    }

    /// A frozen release as a table.
    pub async fn release_csv(&self, offering: &str) -> Page {
        self.0.opens(&format!("/institution/releases/{offering}/release.csv")).await
    }
}

/// Presses the button behind a sign-in link. The cookie insists on https, which loopback has not, so it is carried by
/// hand.
async fn enter<'h>(house: &'h House, link: &str) -> SignedIn<'h> {
    let page = house.form(link, &[("mine", "yes")]).await;
    assert_eq!(page.status, 303, "{}", page.body);
    let cookie = page.header(SET_COOKIE.as_str()).split(';').next().unwrap_or_default().to_owned();
    assert!(!cookie.is_empty());
    SignedIn { house, cookie }
}

fn to(house: &House, address: &str) -> Vec<Received> {
    house.sink.received().into_iter().filter(|received| received.to == [address]).collect()
}

/// The kind of a letter: the third part of its Message-ID, after the calendar's UID and SEQUENCE.
pub fn kind(letter: &ReadLetter) -> String {
    let id = letter.field("message-id").first().copied().unwrap_or_default().to_owned();
    let letters = holdspace::domain::letter::Letter::ALL.into_iter().map(|letter| letter.name());
    let within = |name: &&str| id.contains(&format!(".{name}.")) || id.contains(&format!(".{name}@"));
    letters.into_iter().find(within).unwrap_or_else(|| panic!("a letter of no kind: {id}")).to_owned()
}
