//! Every page in every look: nothing in anybody's way, nothing that the console complains about. A new page is one line
//! of [`PAGES`].

use super::signs_in;
use crate::harness::browser::{Browser, Look};
use crate::harness::engines::TestDatabase;
use crate::harness::house::{DIRECTOR, House, fortnight};
use crate::program;

/// Holds visits in the small town on Mondays and Tuesdays.
const THERAPIST: &str = "mxiong@counseling.example.org";

/// Who looks at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Nobody who is signed in: residents, and whoever comes by.
    Anybody,
    /// A therapist.
    Therapist,
    /// A director while visits take place.
    Director,
    /// A director once the release is out.
    DirectorAfterwards,
    /// Who looks after a program, while visits take place.
    Coordinator,
    /// The same once the release is out.
    CoordinatorAfterwards,
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
}

/// The name for its picture, who looks, what is to be seen, and where.
type Page = (&'static str, Who, &'static str, fn(&World) -> String);

/// Every page there is.
const PAGES: &[Page] = &[
    ("front", Who::Anybody, "Time for you, held for you", |_| "/".to_owned()),
    ("front-es", Who::Anybody, "Un tiempo para usted", |_| "/?es".to_owned()),
    ("about", Who::Anybody, "What this is", |_| "/about".to_owned()),
    ("about-es", Who::Anybody, "Qué es esto", |_| "/about?es".to_owned()),
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
    ("overview", Who::Director, "Protected time", |_| "/overview".to_owned()),
    ("season", Who::Coordinator, "Season: Protected time", |_| "/program/IM".to_owned()),
    ("plan", Who::Coordinator, "This season is booked.", |_| "/program/IM/plan".to_owned()),
    ("book", Who::Coordinator, "My program is ready", |_| "/program/IM/book".to_owned()),
    ("coverage", Who::Coordinator, "Week of", |_| "/program/IM/coverage".to_owned()),
    ("coverage-whole", Who::Coordinator, "Week by week", |_| "/program/IM/coverage?show=all".to_owned()),
    ("program-releases", Who::Coordinator, "It comes on", |_| "/program/IM/releases".to_owned()),
    ("season-over", Who::CoordinatorAfterwards, "No season is open", |_| "/program/IM".to_owned()),
    ("program-releases-out", Who::CoordinatorAfterwards, "14 people", |_| "/program/IM/releases".to_owned()),
    ("programs", Who::Director, "Add a program", |_| "/institution/programs".to_owned()),
    ("program-new", Who::Director, "Short code", |_| "/institution/programs/new".to_owned()),
    ("site-new", Who::Director, "Name of the site", |_| "/institution/sites/new".to_owned()),
    ("therapists", Who::Director, "Add a therapist", |_| "/institution/therapists".to_owned()),
    ("therapist-new", Who::Director, "How they hold visits", |_| "/institution/therapists/new".to_owned()),
    ("offerings", Who::Director, "Make an offering", |_| "/institution/offerings".to_owned()),
    ("offering-new", Who::Director, "New offering", |_| "/institution/offerings/new".to_owned()),
    ("letters", Who::Director, "To every resident", |_| "/institution/letters".to_owned()),
    ("letter", Who::Director, "As plain text", |_| "/institution/letters/staff-welcome".to_owned()),
    ("capacity", Who::Director, "Week by week", |_| "/institution/capacity".to_owned()),
    ("releases", Who::Director, "One figure for each group", |_| "/institution/releases".to_owned()),
    ("mail", Who::Director, "Letters that everyone gets", |_| "/institution/mail".to_owned()),
    ("people", Who::Director, "Invite a colleague", |_| "/institution/people".to_owned()),
    ("overview-release", Who::DirectorAfterwards, "Released", |_| "/overview".to_owned()),
    ("releases-out", Who::DirectorAfterwards, "Internal Medicine", |_| "/institution/releases".to_owned()),
];

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
        let nothing_free = others.first().expect("not everybody is offered another time").clone();
        Self { house, held, out, past: past.expect("somebody's visit was"), nothing_free }
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
            Who::Director => signs_in(&mut browser, &self.house, DIRECTOR).await,
            Who::DirectorAfterwards => {
                self.house.it_becomes("2027-08-16T12:00:00Z").await;
                signs_in(&mut browser, &self.house, DIRECTOR).await;
            }
            Who::Coordinator => {
                program::entrust(&self.house, program::COORDINATOR, &["IM"]).await;
                signs_in(&mut browser, &self.house, program::COORDINATOR).await;
            }
            Who::CoordinatorAfterwards => {
                self.house.it_becomes("2027-08-16T12:00:00Z").await;
                signs_in(&mut browser, &self.house, program::COORDINATOR).await;
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
async fn every_page_of_a_director_is_open_to_everybody() {
    let db = TestDatabase::sqlite();
    let world = World::on(&db).await;
    world.is_looked_at_by(Who::Director).await;
    world.is_looked_at_by(Who::DirectorAfterwards).await;
}

#[tokio::test]
async fn every_page_of_a_coordinator_is_open_to_everybody() {
    let db = TestDatabase::sqlite();
    let world = World::on(&db).await;
    world.is_looked_at_by(Who::Coordinator).await;
    world.is_looked_at_by(Who::CoordinatorAfterwards).await;
}
