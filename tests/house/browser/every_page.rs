//! Every page in every look: nothing in anybody's way, nothing that the console complains about. A new page is one line
//! of [`PAGES`].

use holdspace::desk::draft::Draft;
use holdspace::desk::roster::Asked;
use holdspace::desk::session::{Session, Who as Visitor};
use holdspace::domain::id::StaffId;
use holdspace::domain::staff::{Grants, Role};
use holdspace::storage::{places, staff};

use super::roster::{COORDINATOR, has_a_coordinator};
use super::signs_in;
use crate::harness::browser::{Browser, Look};
use crate::harness::engines::TestDatabase;
use crate::harness::house::{DIRECTOR, House, fortnight};

/// Holds visits in the small town on Mondays and Tuesdays.
const THERAPIST: &str = "mxiong@counseling.example.org";

/// Who looks at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Nobody who is signed in: residents, and whoever comes by.
    Anybody,
    /// A therapist.
    Therapist,
    /// A program's coordinator.
    Coordinator,
    /// A director while visits take place.
    Director,
    /// A director once the release is out.
    DirectorAfterwards,
}

/// A season in which every page has something to show.
struct World {
    house: House,
    /// The link of somebody for whom a visit is held.
    held: String,
    /// Of somebody who opted out and keeps the entry.
    out: String,
    /// Of somebody whose visit was.
    past: String,
    /// Of somebody to whom no other time is offered.
    nothing_free: String,
    /// A coordinator's page of a file that is looked through.
    file: String,
    /// Of somebody on their roster.
    person: String,
}

/// The name for its picture, who looks, what is to be seen, and where.
type Page = (&'static str, Who, &'static str, fn(&World) -> String);

/// Every page there is.
const PAGES: &[Page] = &[
    ("front", Who::Anybody, "Time for you, held for you", |_| "/".to_owned()),
    ("nothing-here", Who::Anybody, "Holdspace", |_| "/nowhere".to_owned()),
    ("sign-in", Who::Anybody, "Mail me a link", |_| "/sign-in".to_owned()),
    ("sign-in-confirm", Who::Anybody, "Press the button to sign in", |w| {
        w.house.therapist(THERAPIST).way_in()
    }),
    ("visit-held", Who::Anybody, "Held for you", |w| w.held.clone()),
    ("visit-saved", Who::Anybody, "Saved.", |w| format!("{}?saved", w.held)),
    ("visit-opted-out", Who::Anybody, "You have opted out", |w| w.out.clone()),
    ("visit-past", Who::Anybody, "Your visit was", |w| w.past.clone()),
    ("times", Who::Anybody, "Choose another time", |w| format!("{}/times", w.held)),
    ("times-none", Who::Anybody, "No other time is free right now", |w| format!("{}/times", w.nothing_free)),
    ("agenda", Who::Therapist, "Your agenda", |_| "/agenda".to_owned()),
    ("agenda-earlier", Who::Therapist, "Your agenda", |_| "/agenda?from=2027-07-05".to_owned()),
    ("agenda-empty", Who::Therapist, "Your agenda", |_| "/agenda?from=2027-12-05".to_owned()),
    ("roster", Who::Coordinator, "On the roster", |_| "/program/IM/roster".to_owned()),
    ("roster-nobody", Who::Coordinator, "Nobody is called so", |_| "/program/IM/roster?q=xyz".to_owned()),
    ("roster-upload", Who::Coordinator, "Upload a roster", |_| "/program/IM/roster/import".to_owned()),
    ("roster-gone", Who::Coordinator, "not here any more", |_| "/program/IM/roster/import/gone".to_owned()),
    ("roster-look", Who::Coordinator, "Look through the file", |w| w.file.clone()),
    ("roster-asked", Who::Coordinator, "Is this the same person?", |w| format!("{}?whole=1", w.file)),
    ("roster-add", Who::Coordinator, "Add one person", |_| "/program/IM/roster/person".to_owned()),
    ("roster-person", Who::Coordinator, "Take off the roster", |w| w.person.clone()),
    ("overview", Who::Director, "Protected time", |_| "/overview".to_owned()),
    ("overview-release", Who::DirectorAfterwards, "Internal Medicine", |_| "/overview".to_owned()),
];

/// A coordinator has a file with a question, a refusal and somebody new before them; its address, and somebody's.
async fn looks_through(house: &House) -> (String, String) {
    has_a_coordinator(house).await;
    let grants: Grants = [Role::Director].into_iter().collect();
    let director = Session { who: Visitor::Staff(StaffId::from_bytes([1; 16]), grants) };
    let program = house.desk.program_of(&director, "IM").await.unwrap();
    let list = house.desk.roster(&director, &program, &Asked::default()).await.unwrap();
    let known = &list.people.first().unwrap().known;
    let person = format!("/program/IM/roster/person/{}", known.id);
    let changed = &list.people.last().unwrap().known;
    let file = format!(
        "program,last_name,first_name,email,pgy,DOB\nIM,{},{},new@im.example.edu,1,1/2/1999\nIM,{},{},{},7,\n\
         IM,New,Nia,nia@im.example.edu,1,\nIM,Wrong,Wim,wim,1,\n",
        known.family,
        known.given,
        changed.family,
        changed.given,
        changed.address.reveal()
    );
    let draft = Draft { file_name: "roster.csv".to_owned(), bytes: file.into_bytes() };
    let mut db = house.store.read().await.unwrap();
    let key = house.vault.address_key(&COORDINATOR.parse().unwrap());
    let institution = places::institution(&mut db).await.unwrap().unwrap();
    let id = staff::by_address(&mut db, institution, &key).await.unwrap().unwrap();
    drop(db);
    let session = Session { who: Visitor::Staff(id, [Role::Coordinator(program.id)].into_iter().collect()) };
    let id = house.desk.keep_draft(&session, "roster:IM", &draft).await.unwrap();
    (format!("/program/IM/roster/import/{id}"), person)
}

impl World {
    async fn on(db: &TestDatabase) -> Self {
        let house = House::on(db).await;
        house.has_invited_everybody_by(fortnight()).await;
        house.it_becomes("2027-07-06T23:30:00Z").await;
        let people = house.town.people();
        let (mut held, mut past) = (Vec::new(), None);
        for person in &people {
            let link = house.resident(&person.address).link();
            let body = house.get(&link).await.body;
            if body.contains("Held for you") {
                held.push(link);
            } else if body.contains("Your visit was") {
                past = Some(link);
            }
        }
        let offered: Vec<_> = house.who_are_offered().await.iter().map(|(one, _)| one.link()).collect();
        let (chooses, others): (Vec<_>, Vec<_>) = held.into_iter().partition(|link| offered.contains(link));
        let [held, out, ..] = chooses.as_slice() else { panic!("two are offered another time: {chooses:?}") };
        let (held, out) = (held.clone(), out.clone());
        house.form(&format!("{out}/opt-out"), &[("entry", "keep")]).await;
        let (file, person) = looks_through(&house).await;
        let nothing_free = others.first().expect("not everybody is offered another time").clone();
        Self { house, held, out, past: past.expect("somebody's visit was"), nothing_free, file, person }
    }

    /// Looks at every page of somebody, in every look; has pictures taken where they are wanted.
    async fn is_looked_at_by(&self, who: Who) {
        let mut browser = Browser::open(&self.house.url()).await;
        match who {
            Who::Anybody => {
                self.house.form("/sign-in", &[("address", THERAPIST)]).await;
                self.house.post_goes().await;
            }
            Who::Therapist => signs_in(&mut browser, &self.house, THERAPIST).await,
            Who::Coordinator => signs_in(&mut browser, &self.house, COORDINATOR).await,
            Who::Director => signs_in(&mut browser, &self.house, DIRECTOR).await,
            Who::DirectorAfterwards => {
                self.house.it_becomes("2027-08-16T12:00:00Z").await;
                signs_in(&mut browser, &self.house, DIRECTOR).await;
            }
        }
        for (name, _, words, path) in PAGES.iter().filter(|page| page.1 == who) {
            browser.visit(&path(self)).await;
            browser.sees(words).await;
            for look in Look::ALL {
                browser.looks(look).await;
                browser.has_no_axe_violations().await;
                browser.fits_its_window().await;
                if std::env::var_os("HOLDSPACE_PICTURES").is_some() {
                    browser.screenshot(&format!("{name}-{}", look.name())).await;
                }
            }
            browser.console_is_clean().await;
        }
    }
}

#[tokio::test]
async fn every_page_of_a_resident_or_a_stranger_is_open_to_everybody() {
    let db = TestDatabase::sqlite();
    World::on(&db).await.is_looked_at_by(Who::Anybody).await;
}

#[tokio::test]
async fn every_page_of_a_therapist_is_open_to_everybody() {
    let db = TestDatabase::sqlite();
    World::on(&db).await.is_looked_at_by(Who::Therapist).await;
}

#[tokio::test]
async fn every_page_of_a_coordinators_roster_is_open_to_everybody() {
    let db = TestDatabase::sqlite();
    World::on(&db).await.is_looked_at_by(Who::Coordinator).await;
}

#[tokio::test]
async fn every_page_of_a_director_is_open_to_everybody() {
    let db = TestDatabase::sqlite();
    let world = World::on(&db).await;
    world.is_looked_at_by(Who::Director).await;
    world.is_looked_at_by(Who::DirectorAfterwards).await;
}
