//! Calendar programs of therapists: what they send, what they are shown, and what a moved event does. The requests are
//! shaped as real programs send them; two real ones run in [`clients`].

mod captured;
mod clients;
mod reading;
mod writing;

use std::collections::BTreeMap;

use reqwest::Method;

use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, Page};
use crate::harness::person::SignedIn;

const THERAPISTS: [&str; 3] =
    ["mxiong@counseling.example.org", "pmbeki@counseling.example.org", "tdsouza@counseling.example.org"];

/// A calendar program that a therapist let in.
struct Program<'h> {
    house: &'h House,
    login: String,
    password: String,
}

async fn invited(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.has_invited_everybody().await;
    house
}

/// What stands in the field of an identifier.
fn field(page: &Page, id: &str) -> String {
    let rest = page.body.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}")).1;
    let value = rest.split_once("value=\"").unwrap().1;
    value.split('"').next().unwrap().to_owned()
}

impl<'h> Program<'h> {
    /// One that is let in on the page; with names only if those are asked for.
    async fn let_in(house: &'h House, session: &SignedIn<'h>, names: bool) -> Self {
        let mut form = vec![("name", "Phone")];
        form.extend(names.then_some(("names", "on")));
        let page = session.sends("/agenda/calendars/passwords", &form).await;
        assert_eq!(page.status, 200, "{}", page.body);
        Self { house, login: field(&page, "dav-user"), password: field(&page, "fresh") }
    }

    fn path(&self, rest: &str) -> String {
        format!("/dav/{}/{rest}", self.login)
    }

    async fn asks(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Page {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.house.request(method, path).basic_auth(&self.login, Some(&self.password));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Page::of(request.body(body.to_owned())).await
    }

    async fn finds(&self, path: &str, depth: &str, body: &str) -> Page {
        let page = self.asks("PROPFIND", path, &[("depth", depth)], body).await;
        assert_eq!(page.status, 207, "{}", page.body);
        page
    }

    /// Names and tags of a calendar, by listing it whole.
    async fn lists(&self, calendar: &str) -> BTreeMap<String, String> {
        let page = self.finds(&self.path(&format!("{calendar}/")), "1", captured::ETAGS).await;
        responses(&page).into_iter().filter_map(|(name, tag)| Some((name, tag?))).collect()
    }

    /// What changed since a word, and the word for now; none where the server does not know.
    async fn syncs(&self, calendar: &str, word: &str) -> Option<(BTreeMap<String, Option<String>>, String)> {
        let body = captured::SYNC.replace("WORD", word);
        let page = self.asks("REPORT", &self.path(&format!("{calendar}/")), &[("depth", "0")], &body).await;
        if page.status == 403 {
            assert!(page.body.contains("<d:valid-sync-token/>"), "{}", page.body);
            return None;
        }
        assert_eq!(page.status, 207, "{}", page.body);
        let word = between(&page.body, "<d:sync-token>", "</d:sync-token>");
        Some((responses(&page), word))
    }
}

fn between(text: &str, before: &str, after: &str) -> String {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    rest.split(after).next().unwrap_or_default().to_owned()
}

/// What is said of each object: its tag, or nothing where it is gone.
fn responses(page: &Page) -> BTreeMap<String, Option<String>> {
    let one = |text: &str| {
        let href = between(text, "<d:href>", "</d:href>");
        let name = href.rsplit('/').next().unwrap_or_default().to_owned();
        let tag = text.contains("<d:getetag>").then(|| between(text, "<d:getetag>", "</d:getetag>"));
        (!name.is_empty()).then(|| (name, tag.map(|tag| tag.replace("&quot;", "\""))))
    };
    page.body.split("<d:response>").skip(1).filter_map(one).collect()
}

/// A therapist with visits in July, and those visits.
async fn somebody_busy(house: &House) -> (&'static str, SignedIn<'_>) {
    for address in THERAPISTS {
        let session = house.therapist(address).signs_in().await;
        if !session.agenda("2027-07-05").await.is_empty() {
            return (address, session);
        }
    }
    panic!("no therapist has a visit");
}

/// The address of a person by the name on an agenda.
fn address_of(house: &House, name: &str) -> String {
    let people = house.town.people();
    let found = people.iter().find(|person| format!("{} {}", person.given, person.family) == name);
    found.unwrap_or_else(|| panic!("{name} is on no roster")).address.clone()
}
