//! One season in which every door has something behind it, for the right one and for the wrong one: two programs, two
//! therapists, two residents, and everybody's keys, good ones and dead ones. Never asserts anything.

use std::collections::BTreeMap;

use holdspace::domain::time::Span;
use holdspace::storage::{places, therapists};

use super::ask::Hand;
use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, Page, fortnight};
use crate::harness::person::SignedIn;
use crate::harness::replies::{Mail, NOT_VOUCHED};
use crate::program::{COORDINATOR, OTHER, entrust, session};

/// Holds visits on Mondays and Tuesdays.
const TESS: &str = "mxiong@counseling.example.org";
/// Holds visits too.
const THEO: &str = "pmbeki@counseling.example.org";
const LENA: &str = "lena@counseling.example.org";
/// Looked after Internal Medicine until lately.
const RITA: &str = "rita@im.example.edu";
/// In the middle of the fortnight: some visits were, others come.
const MIDDLE: &str = "2027-07-06T23:30:00Z";
/// After the day of release.
const AFTERWARDS: &str = "2027-08-16T12:00:00Z";
/// A survey is asked only of so many.
const ALL_SIX: usize = 640;

/// Somebody who knocks.
#[derive(Debug, Clone)]
pub struct Knocker {
    /// Who, and with what.
    pub name: String,
    /// Their column where this is the key that a door asks for; everybody else has nobody's.
    pub column: usize,
    /// What they bring.
    pub hand: Hand,
}

/// The town.
pub struct Town {
    /// The house.
    pub house: House,
    /// What `@names` stand for.
    pub names: BTreeMap<&'static str, String>,
    /// Everybody.
    pub knockers: Vec<Knocker>,
    /// What opens or names a booking: nobody who runs anything is shown one.
    pub hidden: Vec<String>,
}

fn last(address: &str) -> String {
    address.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// What stands in the field of an identifier.
fn field(page: &Page, id: &str) -> String {
    let rest =
        page.body.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {}", page.body)).1;
    rest.split_once("value=\"").unwrap().1.split('"').next().unwrap().to_owned()
}

async fn password(session: &SignedIn<'_>) -> (String, String) {
    let page = session.sends("/agenda/calendars/passwords", &[("name", "Phone")]).await;
    (field(&page, "dav-user"), field(&page, "fresh"))
}

async fn token(session: &SignedIn<'_>) -> String {
    field(&session.sends("/account/token", &[]).await, "token")
}

fn with_cookie(name: &str, column: usize, session: &SignedIn<'_>) -> Knocker {
    let hand = Hand { cookie: Some(session.cookie.clone()), ..Hand::default() };
    Knocker { name: format!("{name}, signed in"), column, hand }
}

fn with_token(name: &str, column: usize, token: &str) -> Knocker {
    let hand = Hand { bearer: Some(token.to_owned()), ..Hand::default() };
    Knocker { name: format!("{name}, by token"), column, hand }
}

fn with_password(name: &str, column: usize, password: &(String, String)) -> Knocker {
    let hand = Hand { basic: Some(password.clone()), ..Hand::default() };
    Knocker { name: format!("{name}, by password"), column, hand }
}

/// A key of one kind in the hands of somebody who tries it on every kind of door.
fn tries(name: &str, key: &str, login: &str) -> [Knocker; 3] {
    let cookie = Some(format!("__Host-holdspace={key}"));
    [
        (format!("{name} as a cookie"), Hand { cookie, ..Hand::default() }),
        (format!("{name} as a token"), Hand { bearer: Some(key.to_owned()), ..Hand::default() }),
        (
            format!("{name} as a password"),
            Hand { basic: Some((login.to_owned(), key.to_owned())), ..Hand::default() },
        ),
    ]
    .map(|(name, hand)| Knocker { name, column: 0, hand })
}

impl Town {
    /// The town while visits take place.
    pub async fn on(db: &TestDatabase) -> Self {
        let house = House::on(db).await;
        house.has_invited_a_cohort_of(ALL_SIX, fortnight()).await;
        let mut names = BTreeMap::new();
        let expired = house.therapist(TESS).signs_in().await.cookie;
        house.it_becomes(MIDDLE).await;
        entrust(&house, COORDINATOR, &["IM"]).await;
        entrust(&house, OTHER, &["NEPH"]).await;
        entrust(&house, RITA, &["IM"]).await;
        Self::furnish(&house, &mut names).await;
        Self::of_residents(&house, &mut names).await;
        let knockers = Self::keys(&house, &mut names, expired).await;
        let mut hidden: Vec<String> = house.bookings().await.iter().map(|one| one.id.to_string()).collect();
        let secrets = ["ann", "ben", "una", "question", "at-home", "unsubscribe", "code", "offer"];
        hidden.extend(secrets.map(|name| names[name].clone()));
        Self { house, names, knockers, hidden }
    }

    /// The same once the release is out, with everybody signed in anew.
    pub async fn afterwards(mut self) -> Self {
        self.house.it_becomes(AFTERWARDS).await;
        for (name, address) in
            [("Tess", TESS), ("Theo", THEO), ("Cory", COORDINATOR), ("Nora", OTHER), ("Lena", LENA)]
        {
            let cookie = self.house.therapist(address).signs_in().await.cookie;
            self.bring(name, cookie);
        }
        let cookie = self.house.director_again().await.cookie().to_owned();
        self.bring("Dana", cookie);
        self
    }

    fn bring(&mut self, name: &str, cookie: String) {
        let called = format!("{name}, signed in");
        let knocker = self.knockers.iter_mut().find(|knocker| knocker.name == called).unwrap();
        knocker.hand.cookie = Some(cookie);
    }

    /// What an institution has, by name.
    async fn furnish(house: &House, names: &mut BTreeMap<&'static str, String>) {
        let mut db = house.store.read().await.unwrap();
        let institution = places::institution(&mut db).await.unwrap().unwrap();
        for program in places::programs(&mut db, institution).await.unwrap() {
            names.insert(if program.code == "IM" { "im" } else { "neph" }, program.id.to_string());
        }
        let site = places::sites(&mut db, institution).await.unwrap().remove(0);
        names.insert("site", site.id.to_string());
        for row in therapists::therapists(&mut db, institution).await.unwrap() {
            let key = [TESS, THEO].map(|address| house.vault.address_key(&address.parse().unwrap()));
            if let Some(at) = key.iter().position(|key| *key == row.address_key) {
                names.insert(["tess", "theo"][at], row.id.to_string());
            }
        }
        drop(db);
        let offering = house.desk.show_offering(None).await.unwrap().id;
        names.insert("season", offering.to_string());
        names.insert("nothing", "a".repeat(26));
        names.insert("roster", house.town.roster.clone());
        names.insert("sites", house.town.sites.clone());
        names.insert("therapists", house.town.therapists.clone());
        names.insert("programs", house.town.programs.clone());
        names.insert("protected", house.town.protected.clone());
    }

    /// Residents, and every link that one can have: Ann saw Tess and is offered another visit, Ben holds one and may move,
    /// Una was given an anonymous page.
    async fn of_residents(house: &House, names: &mut BTreeMap<&'static str, String>) {
        let (page, ann) = crate::follow_ups::is_offered_on_a_saturday(house, TESS).await;
        names.insert("seen", last(&page));
        let offered = house.get(&ann).await.values("visit").remove(0);
        names.insert("offer", offered);
        let mut offered = house.who_are_offered().await;
        offered.retain(|(one, _)| one.link() != ann);
        let (ben, seats) = offered.remove(0);
        names.insert("free", seats[0].clone());
        let mut una = String::new();
        for person in house.town.people() {
            let link = house.resident(&person.address).link();
            if link != ann && house.get(&link).await.body.contains("Six questions, anonymous") {
                una = link;
            }
        }
        let given = house.form(&format!("{una}/survey"), &[("survey", "yes")]).await;
        names.insert("code", last(given.header("location")));
        let noon = "2027-07-09T18:00:00Z".parse().ok().zip("2027-07-09T18:50:00Z".parse().ok());
        let noon = noon.and_then(|(from, to)| Span::new(from, to)).unwrap();
        let mail = Mail::of("gmail-declined", house, ben.address(), &ben.entry()).proposing(noon);
        house.receives(&mail.with("RESULTS", NOT_VOUCHED)).await;
        names.insert("question", token_of(&house.sink.received().last().unwrap().read().link("/answer")));
        house.form(&format!("{}/address", ben.link()), &[("address", "ben@home.example")]).await;
        house.post_goes().await;
        let asked = house.resident("ben@home.example").letters().pop().expect("a letter to the new address");
        names.insert("at-home", token_of(&asked.link("/new-address")));
        names.insert("unsubscribe", token_of(&unsubscribes(house)));
        names.insert("ben", ben.token());
        names.insert("ann", last(&ann));
        names.insert("una", last(&una));
    }

    /// Everybody's keys.
    async fn keys(
        house: &House,
        names: &mut BTreeMap<&'static str, String>,
        expired: String,
    ) -> Vec<Knocker> {
        let director = house.director_again().await;
        let dana = SignedIn::with(house, director.cookie());
        let form = [("name", "Lena Lead"), ("address", LENA), ("role", "lead")];
        assert_eq!(dana.sends("/institution/people", &form).await.status, 303);
        let rita = house.therapist(RITA).signs_in().await;
        let rita_token = token(&rita).await;
        let rita_id = session(house, &rita.cookie).await.staff().unwrap().0.to_string();
        let of_im = format!("coordinator:{}", names["im"]);
        let away = [("staff", rita_id.as_str()), ("role", of_im.as_str())];
        assert_eq!(dana.sends("/institution/people/take-away", &away).await.status, 303);
        let gone = house.therapist(TESS).signs_in().await;
        gone.sends("/sign-out", &[]).await;
        let [tess, theo] = [house.therapist(TESS).signs_in().await, house.therapist(THEO).signs_in().await];
        let cory = house.therapist(COORDINATOR).signs_in().await;
        let nora = house.therapist(OTHER).signs_in().await;
        let lena = house.therapist(LENA).signs_in().await;
        of_staff(house, names, &cory, &nora).await;
        of_therapists(names, &tess, &theo).await;
        let cory_id = session(house, &cory.cookie).await.staff().unwrap().0.to_string();
        names.insert("cory", cory_id);
        names.insert("feed", last(&house.therapist(TESS).feed_link()));
        house.form("/sign-in", &[("address", THEO)]).await;
        house.clock.advance(chrono::Duration::minutes(2));
        house.form("/sign-in", &[("address", THEO)]).await;
        house.post_goes().await;
        names.insert("way-in", last(&house.therapist(THEO).way_in()));
        let (dead_token, dead_password) = (token(&tess).await, password(&tess).await);
        let known = tess.opens("/agenda/calendars").await.values("password").remove(0);
        tess.sends("/agenda/calendars/passwords/end", &[("password", &known)]).await;
        let passwords = [password(&tess).await, password(&theo).await];
        names.insert("tess-login", passwords[0].0.clone());
        names.insert("theo-login", passwords[1].0.clone());
        let kept = tess.opens("/agenda/calendars").await.values("password").remove(0);
        names.insert("password", kept);
        let mut all = vec![Knocker { name: "nobody".to_owned(), column: 0, hand: Hand::default() }];
        let people = [&tess, &theo, &cory, &nora, &dana, &lena];
        for (at, one) in people.into_iter().enumerate() {
            let name = super::written::COLUMNS[at + 1];
            all.push(with_cookie(name, at + 1, one));
            all.push(with_token(name, at + 1, &token(one).await));
        }
        all.push(with_password("Tess", 1, &passwords[0]));
        all.push(with_password("Theo", 2, &passwords[1]));
        all.push(with_cookie("Tess, too long ago", 0, &SignedIn::with(house, &expired)));
        all.push(with_cookie("Tess, who signed out", 0, &gone));
        all.push(with_cookie("Rita, whose program was taken away", 0, &rita));
        all.push(with_token("Rita, whose program was taken away", 0, &rita_token));
        all.push(with_token("Tess, before she made another", 0, &dead_token));
        all.push(with_password("Tess, who ended it", 0, &dead_password));
        for key in ["ben", "feed", "coverage", "code"] {
            let secret = names[key].trim_end_matches(".ics").to_owned();
            all.extend(tries(&format!("the secret of @{key}"), &secret, &names["tess-login"]));
        }
        let of_dana = token_in(&all, "Dana, by token");
        all.extend(tries("a token of Dana's", &of_dana, &names["tess-login"]).into_iter().take(1));
        all
    }
}

fn token_in(all: &[Knocker], name: &str) -> String {
    all.iter().find(|one| one.name == name).and_then(|one| one.hand.bearer.clone()).unwrap()
}

/// The token of a link with something behind it.
fn token_of(link: &str) -> String {
    link.split_once("/v/").unwrap().1.split('/').next().unwrap().to_owned()
}

/// The address behind a mail program's "unsubscribe", of somebody who was reminded.
fn unsubscribes(house: &House) -> String {
    let people = house.town.people();
    let reminded = people.iter().map(|person| house.resident(&person.address));
    let mut reminded = reminded.filter(|one| one.kinds().iter().any(|kind| kind == "reminder"));
    let letter = reminded.next().expect("somebody was reminded").newest("reminder");
    letter.field("list-unsubscribe")[0].trim_matches(['<', '>', ' ']).to_owned()
}

/// What coordinators have before them.
async fn of_staff(
    house: &House,
    names: &mut BTreeMap<&'static str, String>,
    cory: &SignedIn<'_>,
    nora: &SignedIn<'_>,
) {
    for (who, code, [person, file, schedule]) in [
        (cory, "IM", ["on-im", "im-file", "im-schedule"]),
        (nora, "NEPH", ["on-neph", "neph-file", "neph-schedule"]),
    ] {
        let list = who.opens(&format!("/program/{code}/roster")).await.body;
        let of_person = format!("/program/{code}/roster/person/");
        let people = list.split(of_person.as_str()).skip(1);
        let mut ids = people.map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap());
        let first = ids.find(|id| id.len() == 26).expect("somebody is on the roster");
        names.insert(person, first.to_owned());
        let line = |line: &str| line.starts_with(&format!("{code},")) || line.starts_with("program");
        let part =
            |text: &str| text.lines().filter(|it| line(it)).map(|it| format!("{it}\n")).collect::<String>();
        let roster =
            part(&house.town.roster) + &format!("{code},New,Nia,nia@{code}.example.edu,1,A,Denver Main,\n");
        let sent = who.brings(&format!("/program/{code}/roster/import"), "r.csv", &roster).await;
        names.insert(file, last(sent.header("location")));
        let time = format!("program,cohort,date,start,end\n{code},A,2027-10-05,13:00,17:00\n");
        let sent = who.brings(&format!("/program/{code}/protected/import"), "p.csv", &time).await;
        names.insert(schedule, last(sent.header("location")));
    }
    for (who, code, block) in [(cory, "IM", "im-block"), (nora, "NEPH", "neph-block")] {
        for week in ["2027-07-05", "2027-07-12"] {
            let page = who.opens(&format!("/program/{code}/protected?whose=cohort%3Aa&week={week}")).await;
            let at = |name| page.values(name).into_iter().find(|value| value.parse::<i64>().is_ok());
            if let Some((from, to)) = at("from").zip(at("to")) {
                let form = format!("whose=cohort:a&kind=protected&from={from}&to={to}&week={week}");
                names.insert(block, form);
            }
        }
    }
    let path = format!("/program/IM/roster/import/{}", names["im-file"]);
    names.insert("im-shown", cory.opens(&path).await.values("shown").remove(0));
    let path = format!("/program/IM/protected/import/{}?format=csv", names["im-schedule"]);
    names.insert("im-time-shown", cory.opens(&path).await.values("shown").remove(0));
    let page = cory.opens(&format!("/program/IM/roster/person/{}", names["on-im"])).await;
    names.insert("im-seen", page.values("seen").remove(0));
    cory.sends("/program/IM/coverage/feed", &[]).await;
    names.insert("coverage", last(&field(&cory.opens("/program/IM/coverage").await, "feed-url")));
}

/// What a therapist has that another could ask for.
async fn of_therapists(names: &mut BTreeMap<&'static str, String>, tess: &SignedIn<'_>, theo: &SignedIn<'_>) {
    tess.sends("/agenda/hours/date", &[("on", "2027-12-06"), ("kind", "off")]).await;
    names.insert("date", tess.opens("/agenda/hours").await.values("id").remove(0));
    let away = [("from", "2027-12-20"), ("until", "2027-12-21"), ("sure", "1")];
    tess.sends("/agenda/away", &away).await;
    names.insert("absence", tess.opens("/agenda/away").await.values("absence").remove(0));
    tess.sends("/agenda/busy", &[("address", "https://calendar.example.org/tess.ics")]).await;
    names.insert("calendar", tess.opens("/agenda/busy").await.values("calendar").remove(0));
    let ahead = theo.agenda("2027-07-05").await;
    names.insert("of-theo", ahead[0].seat.clone());
}

/// What somebody brings.
pub fn of(knockers: &[Knocker], name: &str) -> Hand {
    knockers.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("nobody is {name}")).hand.clone()
}
