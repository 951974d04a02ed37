//! Every page in every look: nothing in anybody's way, nothing that the console complains about. A new page is one line
//! of [`PAGES`].

use holdspace::desk::draft::Draft;
use holdspace::desk::roster::Asked;
use holdspace::desk::session::{Session, Who as Visitor};
use holdspace::domain::id::StaffId;
use holdspace::domain::staff::{Grants, Role};
use holdspace::domain::time::Span;
use holdspace::storage::{places, staff};

use super::roster::{COORDINATOR, has_a_coordinator};
use super::signs_in;
use crate::harness::browser::Browser;
use crate::harness::engines::TestDatabase;
use crate::harness::house::{DIRECTOR, House, fortnight};
use crate::harness::replies::{Mail, NOT_VOUCHED};
use crate::harness::town::OnRoster;

/// Holds visits in the small town on Mondays and Tuesdays.
const THERAPIST: &str = "mxiong@counseling.example.org";

/// So many residents are asked all six questions.
const ALL_SIX: usize = 640;

/// Leads the clinic.
const LEAD: &str = "lead@counseling.example.org";

/// Who looks at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Nobody who is signed in: residents, and whoever comes by.
    Anybody,
    /// A therapist.
    Therapist,
    /// A program's coordinator.
    Coordinator,
    /// Who leads the clinic.
    Lead,
    /// A director while visits take place.
    Director,
    /// A director once the release is out.
    DirectorAfterwards,
    /// A program's coordinator once the release is out.
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
    /// Of somebody to whom another visit was offered.
    further: String,
    /// The page on which their therapist offers it.
    another: String,
    /// Of somebody to whom no other time is offered.
    nothing_free: String,
    /// The anonymous page that somebody was given.
    survey: String,
    /// Of whom, on their own page.
    asked: String,
    /// The question to somebody in whose name an answer came from a calendar.
    question: String,
    /// The same of another time.
    question_of_a_time: String,
    /// Of somebody who declined in their calendar.
    declined: String,
    /// A coordinator's page of a file that is looked through.
    file: String,
    /// A coordinator's page of a schedule that is looked through.
    schedule: String,
    /// Of somebody on their roster.
    person: String,
    /// A director's pages of one program, site, therapist and offering.
    one_of_each: Vec<String>,
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
    ("link-over", Who::Anybody, "Holdspace", |w| format!("{}x", w.held)),
    ("sign-in-over", Who::Anybody, "Holdspace", |w| format!("{}x", w.house.therapist(THERAPIST).way_in())),
    ("sign-in", Who::Anybody, "Mail me a link", |_| "/sign-in".to_owned()),
    ("sign-in-confirm", Who::Anybody, "Tick the box and press the button to sign in", |w| {
        w.house.therapist(THERAPIST).way_in()
    }),
    ("visit-held", Who::Anybody, "Held for you", |w| w.held.clone()),
    ("visit-saved", Who::Anybody, "Saved.", |w| format!("{}?saved", w.held)),
    ("visit-opted-out", Who::Anybody, "You have opted out", |w| w.out.clone()),
    ("visit-declined", Who::Anybody, "You declined in your calendar", |w| w.declined.clone()),
    ("visit-other-address", Who::Anybody, "gave us another address", |w| w.nothing_free.clone()),
    ("answer", Who::Anybody, "It declines your visit", |w| w.question.clone()),
    ("answer-time", Who::Anybody, "It proposes another time", |w| w.question_of_a_time.clone()),
    ("visit-past", Who::Anybody, "Your visit was", |w| w.past.clone()),
    ("visit-offered", Who::Anybody, "Another visit was offered to you", |w| w.further.clone()),
    ("visit-asked", Who::Anybody, "Six questions, anonymous", |w| w.past.clone()),
    ("visit-code-given", Who::Anybody, "You were given your anonymous page", |w| w.asked.clone()),
    ("survey", Who::Anybody, "Hand in my answers", |w| w.survey.clone()),
    ("survey-es", Who::Anybody, "Entregar mis respuestas", |w| w.survey.replace("?en", "?es")),
    ("survey-saved", Who::Anybody, "Your answers are handed in", |w| format!("{}&saved", w.survey)),
    ("reminders", Who::Anybody, "Stop reminders?", |w| format!("{}/reminders", w.held)),
    ("times", Who::Anybody, "Choose another time", |w| format!("{}/times", w.held)),
    ("times-none", Who::Anybody, "No other time is free right now", |w| format!("{}/times", w.nothing_free)),
    ("agenda", Who::Therapist, "Your agenda", |_| "/agenda".to_owned()),
    ("another", Who::Therapist, "Offer another visit", |w| w.another.clone()),
    ("agenda-earlier", Who::Therapist, "Your agenda", |_| "/agenda?from=2027-07-05".to_owned()),
    ("agenda-empty", Who::Therapist, "Your agenda", |_| "/agenda?from=2027-12-05".to_owned()),
    ("hours", Who::Therapist, "Monday", |_| "/agenda/hours".to_owned()),
    ("away", Who::Therapist, "Block time", |_| "/agenda/away".to_owned()),
    ("busy", Who::Therapist, "Read one more calendar", |_| "/agenda/busy".to_owned()),
    ("calendars", Who::Therapist, "Google", |_| "/agenda/calendars".to_owned()),
    ("account", Who::Therapist, "Sign out everywhere", |_| "/account".to_owned()),
    ("clinic", Who::Lead, "The clinic", |_| "/clinic".to_owned()),
    ("clinic-load", Who::Lead, "Load", |_| "/clinic/load".to_owned()),
    ("clinic-waiting", Who::Lead, "Waiting list", |_| "/clinic/waiting".to_owned()),
    ("clinic-away", Who::Lead, "Block time", |_| "/clinic/away".to_owned()),
    ("roster", Who::Coordinator, "On the roster", |_| "/program/IM/roster".to_owned()),
    ("roster-nobody", Who::Coordinator, "Nobody is called so", |_| "/program/IM/roster?q=xyz".to_owned()),
    ("roster-upload", Who::Coordinator, "Upload a roster", |_| "/program/IM/roster/import".to_owned()),
    ("roster-gone", Who::Coordinator, "not here any more", |_| "/program/IM/roster/import/gone".to_owned()),
    ("roster-look", Who::Coordinator, "Look through the file", |w| w.file.clone()),
    ("roster-asked", Who::Coordinator, "Is this the same person?", |w| format!("{}?whole=1", w.file)),
    ("roster-add", Who::Coordinator, "Add one person", |_| "/program/IM/roster/person".to_owned()),
    ("roster-person", Who::Coordinator, "Take off the roster", |w| w.person.clone()),
    ("protected", Who::Coordinator, "Write time down", |_| "/program/IM/protected".to_owned()),
    ("protected-file", Who::Coordinator, "Look it through", |_| "/program/IM/protected/import".to_owned()),
    ("protected-look", Who::Coordinator, "What the schedule", |w| w.schedule.clone()),
    ("overview", Who::Director, "Protected time", |_| "/overview".to_owned()),
    ("season", Who::Coordinator, "Season: Protected time", |_| "/program/IM".to_owned()),
    ("plan", Who::Coordinator, "This season is booked.", |_| "/program/IM/plan".to_owned()),
    ("book", Who::Coordinator, "My program is ready", |_| "/program/IM/book".to_owned()),
    ("coverage", Who::Coordinator, "Week of", |_| "/program/IM/coverage".to_owned()),
    ("coverage-whole", Who::Coordinator, "Week by week", |_| "/program/IM/coverage?show=all".to_owned()),
    ("program-releases", Who::Coordinator, "It comes on", |_| "/program/IM/releases".to_owned()),
    ("season-over", Who::CoordinatorAfterwards, "No season is open", |_| "/program/IM".to_owned()),
    ("program-releases-out", Who::CoordinatorAfterwards, "14 people", |_| "/program/IM/releases".to_owned()),
    ("program-survey-out", Who::CoordinatorAfterwards, "640 people were asked", |_| {
        "/program/IM/releases".to_owned()
    }),
    ("programs", Who::Director, "Add a program", |_| "/institution/programs".to_owned()),
    ("program-new", Who::Director, "Short code", |_| "/institution/programs/new".to_owned()),
    ("program-edit", Who::Director, "Short code", |w| w.one_of_each[0].clone()),
    ("site-edit", Who::Director, "Name of the site", |w| w.one_of_each[1].clone()),
    ("therapist-edit", Who::Director, "How they hold visits", |w| w.one_of_each[2].clone()),
    ("offering", Who::Director, "The lottery", |w| w.one_of_each[3].clone()),
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
    ("log", Who::Director, "What staff did", |_| "/institution/log".to_owned()),
    ("retention", Who::Director, "What is destroyed when", |_| "/institution/retention".to_owned()),
    ("people", Who::Director, "Invite a colleague", |_| "/institution/people".to_owned()),
    ("overview-release", Who::DirectorAfterwards, "Released", |_| "/overview".to_owned()),
    ("releases-out", Who::DirectorAfterwards, "What people said, anonymously", |_| {
        "/institution/releases".to_owned()
    }),
];

/// A coordinator has a file with a question, a refusal and somebody new before them, and a schedule: their addresses,
/// and somebody's.
async fn looks_through(house: &House) -> (String, String, String) {
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
    let schedule = include_bytes!("../../../demo/amion_625ctabs.txt");
    let schedule = Draft { file_name: "amion.txt".to_owned(), bytes: schedule.to_vec() };
    let purpose = format!("protected/{}", program.id);
    let other = house.desk.keep_draft(&session, &purpose, &schedule).await.unwrap();
    let schedule = format!("/program/IM/protected/import/{other}?format=amion");
    (format!("/program/IM/roster/import/{id}"), person, schedule)
}

/// An answer in the name of whoever has a link.
fn answer(house: &House, file: &'static str, link: &str) -> Mail {
    let people = house.town.people();
    let of_link = |person: &&OnRoster| house.resident(&person.address).link() == link;
    let person = people.iter().find(of_link).expect("somebody has this link");
    Mail::of(file, house, &person.address, &house.resident(&person.address).entry())
}

/// The questions that somebody is asked whom nobody vouches for.
async fn asked_about(house: &House, link: &str) -> [String; 2] {
    let mut questions = Vec::new();
    for file in ["gmail-declined", "gmail-counter"] {
        house.clock.advance(chrono::Duration::minutes(1));
        let noon = "2027-07-09T18:00:00Z".parse().ok().zip("2027-07-09T18:50:00Z".parse().ok());
        let mail =
            answer(house, file, link).proposing(noon.and_then(|(from, to)| Span::new(from, to)).unwrap());
        house.receives(&mail.with("RESULTS", NOT_VOUCHED)).await;
        let letter = house.sink.received().last().expect("a letter asks").read();
        questions.push(letter.link("/answer"));
    }
    questions.try_into().unwrap()
}

/// The roster has another address for whoever has this link.
async fn is_readdressed(house: &House, people: &[OnRoster], link: &str) {
    let whose = |person: &&OnRoster| house.resident(&person.address).link() == link;
    let address = &people.iter().find(whose).expect("somebody has this link").address;
    crate::readdressed::on_the_page(house, address, "somebody.else@im.example.edu").await;
}

impl World {
    async fn on(db: &TestDatabase) -> Self {
        let house = House::on(db).await;
        house.has_invited_a_cohort_of(ALL_SIX, fortnight()).await;
        house.it_becomes("2027-07-06T23:30:00Z").await;
        let people = house.town.people();
        let (mut held, mut past) = (Vec::new(), Vec::new());
        for person in &people {
            let link = house.resident(&person.address).link();
            let body = house.get(&link).await.body;
            if body.contains("Held for you") {
                held.push(link);
            } else if body.contains("Your visit was") {
                past.push(link);
            }
        }
        let offered: Vec<_> = house.who_are_offered().await.iter().map(|(one, _)| one.link()).collect();
        let (chooses, others): (Vec<_>, Vec<_>) = held.into_iter().partition(|link| offered.contains(link));
        let [held, out, ..] = chooses.as_slice() else { panic!("two are offered another time: {chooses:?}") };
        let (held, out) = (held.clone(), out.clone());
        house.form(&format!("{out}/opt-out"), &[("entry", "keep")]).await;
        let [past, asked, ..] = past.as_slice() else { panic!("two visits were: {past:?}") };
        let (past, asked) = (past.clone(), asked.clone());
        let given = house.form(&format!("{asked}/survey"), &[("survey", "yes")]).await;
        let survey = given.header("location").to_owned();
        let answers = [("again", "5"), ("cares", "4"), ("easier", "3"), ("suited", "0")];
        assert_eq!(house.form(&survey, &answers).await.status, 303);
        house.strangers_answer(400).await;
        let [question, question_of_a_time] = asked_about(&house, &held).await;
        // The mail server of the harness vouches for one domain.
        let vouched = |link: &&String| {
            let of_im = people.iter().filter(|person| person.address.ends_with("@im.example.edu"));
            of_im.into_iter().any(|person| house.resident(&person.address).link() == **link)
        };
        let declined = others.iter().rfind(vouched).expect("not everybody is offered another time").clone();
        house.receives(&answer(&house, "gmail-declined", &declined)).await;
        let (file, person, schedule) = looks_through(&house).await;
        let (another, further) = crate::follow_ups::is_offered_on_a_saturday(&house, THERAPIST).await;
        let mut one_of_each = crate::director::every_path(&house).await;
        let one_of_each = one_of_each.split_off(one_of_each.len() - 4);
        let nothing_free = others.first().expect("not everybody is offered another time").clone();
        is_readdressed(&house, &people, &nothing_free).await;
        Self {
            house,
            held,
            out,
            further,
            another,
            past,
            asked,
            survey,
            question,
            question_of_a_time,
            declined,
            nothing_free,
            file,
            schedule,
            person,
            one_of_each,
        }
    }

    /// Somebody is asked to lead the clinic.
    async fn leads(&self, address: &str) {
        let grants: Grants = [Role::Director].into_iter().collect();
        let director = Session { who: Visitor::Staff(StaffId::from_bytes([1; 16]), grants) };
        self.house.desk.grant(&director, "Lena Lead", &address.parse().unwrap(), Role::Lead).await.unwrap();
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
            Who::Lead => {
                self.leads(LEAD).await;
                signs_in(&mut browser, &self.house, LEAD).await;
            }
            Who::Director => signs_in(&mut browser, &self.house, DIRECTOR).await,
            Who::DirectorAfterwards => {
                self.house.it_becomes("2027-08-16T12:00:00Z").await;
                signs_in(&mut browser, &self.house, DIRECTOR).await;
            }
            Who::CoordinatorAfterwards => {
                self.house.it_becomes("2027-08-16T12:00:00Z").await;
                signs_in(&mut browser, &self.house, COORDINATOR).await;
            }
        }
        for (name, _, words, path) in PAGES.iter().filter(|page| page.1 == who) {
            browser.visit(&path(self)).await;
            browser.sees(words).await;
            browser.is_open_to_everybody(name).await;
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

#[tokio::test]
async fn every_page_of_who_leads_the_clinic_is_open_to_everybody() {
    let db = TestDatabase::sqlite();
    World::on(&db).await.is_looked_at_by(Who::Lead).await;
}
