//! Calendars that therapists keep elsewhere: what is busy there is booked by nobody new, what cannot be read is not taken for
//! free, and nothing there cancels a visit. Drives a real server on this machine for the calendars.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use chrono::Duration;
use holdspace::jobs::busy;
use holdspace::remote::Reach;
use holdspace::remote::published::Published;
use tokio::net::TcpListener;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, fortnight};
use crate::harness::person::SignedIn;
use crate::harness::rest::at_rest;
use crate::harness::town::Town;

const BUSY: &str = "mxiong@counseling.example.org";
const OTHER: &str = "tdsouza@counseling.example.org";
/// What the password of the account is.
const PASSWORD: &str = "open sesame";

/// What the server does next.
#[derive(Clone)]
struct Script {
    status: u16,
    calendar: String,
    version: String,
}

/// A server that publishes one calendar at every address, and one account by CalDAV at `/dav/`.
struct Elsewhere {
    address: String,
    script: Arc<Mutex<Script>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Elsewhere {
    async fn publishing(calendar: &str) -> Self {
        let script = Script { status: 200, calendar: calendar.to_owned(), version: "\"1\"".to_owned() };
        let (script, answers) = (Arc::new(Mutex::new(script)), Arc::new(Mutex::new(Vec::new())));
        let (plays, notes) = (Arc::clone(&script), Arc::clone(&answers));
        let app = Router::new().fallback(move |request: Request<Body>| {
            let script = plays.lock().unwrap().clone();
            let answer = answer(&script, &request);
            notes.lock().unwrap().push(answer.status().as_u16());
            async move { answer }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, script, answers }
    }

    fn now(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }

    fn answers(&self) -> Vec<u16> {
        std::mem::take(&mut self.answers.lock().unwrap())
    }
}

fn answer(script: &Script, request: &Request<Body>) -> Response<Body> {
    let header = |name: &str| request.headers().get(name).map_or("", |value| value.to_str().unwrap());
    let with = |status: u16, body: String| {
        let answer = Response::builder().status(status).header("etag", &script.version);
        answer.header("location", "/elsewhere").body(Body::from(body)).unwrap()
    };
    if request.uri().path().starts_with("/dav") {
        return dav(script, request);
    }
    match script.status {
        200 if header("if-none-match") == script.version => with(304, String::new()),
        200 => with(200, script.calendar.clone()),
        other => with(other, "<html>no calendar</html>".to_owned()),
    }
}

/// An account with a calendar and a list of tasks, after RFC 4791 and RFC 5397.
fn dav(script: &Script, request: &Request<Body>) -> Response<Body> {
    let whole = |inner: &str| {
        format!(
            "<?xml version=\"1.0\"?><d:multistatus xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\">{inner}</d:multistatus>"
        )
    };
    let one = |href: &str, prop: &str| {
        format!(
            "<d:response><d:href>{href}</d:href><d:propstat><d:prop>{prop}</d:prop></d:propstat></d:response>"
        )
    };
    let basic = format!("Basic {}", data_encoding::BASE64.encode(format!("maria:{PASSWORD}").as_bytes()));
    let known = request
        .headers()
        .get("authorization")
        .is_some_and(|value| value.to_str().ok() == Some(basic.as_str()));
    let collection = |name: &str| {
        format!(
            "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><c:supported-calendar-component-set>\
             <c:comp name=\"{name}\"/></c:supported-calendar-component-set>"
        )
    };
    let body = match (known, request.method().as_str(), request.uri().path()) {
        (false, ..) => {
            return Response::builder().status(StatusCode::UNAUTHORIZED).body(Body::empty()).unwrap();
        }
        (_, "PROPFIND", "/dav/") => {
            one("/dav/", "<d:current-user-principal><d:href>/dav/me/</d:href></d:current-user-principal>")
        }
        (_, "PROPFIND", "/dav/me/") => {
            one("/dav/me/", "<c:calendar-home-set><d:href>/dav/home/</d:href></c:calendar-home-set>")
        }
        (_, "PROPFIND", "/dav/home/") => {
            one("/dav/home/own/", &collection("VEVENT")) + &one("/dav/home/tasks/", &collection("VTODO"))
        }
        (_, "REPORT", "/dav/home/own/") => {
            let data =
                format!("<c:calendar-data>{}</c:calendar-data>", script.calendar.replace('&', "&amp;"));
            one("/dav/home/own/1.ics", &data)
        }
        (_, method, path) => panic!("{method} {path} is never asked"),
    };
    let answer = Response::builder().status(StatusCode::MULTI_STATUS);
    answer.body(Body::from(whole(&body))).unwrap()
}

fn calendar(events: &[&str]) -> String {
    let events: String = events
        .iter()
        .enumerate()
        .map(|(n, lines)| {
            format!("BEGIN:VEVENT\r\nUID:own-{n}@elsewhere.example\r\n{lines}\r\nEND:VEVENT\r\n")
        })
        .collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Elsewhere//EN\r\n{events}END:VCALENDAR\r\n")
}

/// Busy on every working day of the fortnight, all day, with a summary that is nobody's business.
const ALWAYS: &str = "SUMMARY:Dialysis\r\nDTSTART;VALUE=DATE:20270628\r\nRRULE:FREQ=DAILY;COUNT=40";

/// Ten people who may sit anywhere with either of two therapists.
async fn house(db: &TestDatabase) -> House {
    let mut house = House::on(db).await;
    house.town = Town::crowd(10);
    house.imports_the_sample_files().await;
    house.opens(fortnight()).await;
    house
}

async fn reads(house: &House) -> usize {
    let published = Published::new(Reach::Loopback).unwrap();
    busy::round(&house.desk, &published).await.unwrap()
}

async fn gives(therapist: &SignedIn<'_>, address: &str, account: Option<(&str, &str)>) -> u16 {
    let (user, password) = account.unwrap_or_default();
    let fields = [("address", address), ("user", user), ("password", password)];
    therapist.sends("/agenda/busy", &fields).await.status
}

/// How many default visits are with a therapist.
async fn visits_with(house: &House, therapist: &str) -> usize {
    let signed_in = house.therapist(therapist).signs_in().await;
    signed_in.agenda("2027-07-05").await.len()
}

on_both_engines! {
    /// The whole of it: what is busy elsewhere is left alone, and free again once it is not.
    async fn nobody_is_booked_while_a_therapists_own_calendar_says_that_they_are_busy(db: TestDatabase) {
        let house = house(&db).await;
        let elsewhere = Elsewhere::publishing(&calendar(&[ALWAYS])).await;
        let therapist = house.therapist(BUSY).signs_in().await;
        assert_eq!(gives(&therapist, &format!("{}/secret-77/cal.ics", elsewhere.address), None).await, 303);
        assert_eq!(reads(&house).await, 1);
        assert_eq!(reads(&house).await, 0, "it is not asked again before its hour");
        let page = therapist.opens("/agenda/busy").await.body;
        assert!(page.contains("127.0.0.1") && !page.contains("secret-77"), "{page}");
        assert!(!page.contains("Dialysis"));
        house.books().await;
        assert_eq!(visits_with(&house, BUSY).await, 0);
        assert_eq!(visits_with(&house, OTHER).await, 10);
        for (table, rows) in at_rest(&db).await {
            assert!(!rows.iter().any(|row| row.contains("secret-77") || row.contains("Dialysis")), "{table}");
        }
    }

    /// A server that is down takes nobody's word back.
    async fn what_cannot_be_read_keeps_its_last_good_copy_and_then_closes_the_therapists_hours(db: TestDatabase) {
        let house = house(&db).await;
        let elsewhere = Elsewhere::publishing(&calendar(&[])).await;
        let therapist = house.therapist(BUSY).signs_in().await;
        gives(&therapist, &format!("{}/cal.ics", elsewhere.address), None).await;
        reads(&house).await;
        let therapists = async || house.desk.plan(None, None).await.unwrap().per_therapist.len();
        let open = therapists().await;
        assert_eq!(open, 2);
        elsewhere.now(|script| script.status = 500);
        house.clock.advance(Duration::hours(71));
        reads(&house).await;
        assert_eq!(therapists().await, open, "its last copy is believed");
        let page = therapist_again(&house).await.opens("/agenda/busy").await.body;
        assert!(page.contains("status 500") && !page.contains("Nobody new is booked"), "{page}");
        house.clock.advance(Duration::hours(2));
        reads(&house).await;
        assert_eq!(therapists().await, 1, "the other one holds all visits");
        let page = therapist_again(&house).await.opens("/agenda/busy").await.body;
        assert!(page.contains("Nobody new is booked"), "{page}");
        elsewhere.now(|script| script.status = 200);
        house.clock.advance(Duration::hours(1));
        reads(&house).await;
        assert_eq!(therapists().await, open);
        elsewhere.now(|script| script.status = 500);
        house.clock.advance(Duration::hours(80));
        reads(&house).await;
        let therapist = therapist_again(&house).await;
        let id = hidden(&therapist.opens("/agenda/busy").await.body);
        therapist.sends("/agenda/busy/remove", &[("calendar", &id)]).await;
        assert_eq!(therapists().await, open, "who stops reading it is free again");
    }

    /// A calendar elsewhere never cancels anything, and offers no new visit where its owner is busy.
    async fn a_visit_that_is_booked_stays_and_free_seats_of_that_time_are_offered_to_nobody(db: TestDatabase) {
        let mut house = House::on(&db).await;
        house.town = Town::crowd(4);
        house.has_invited_everybody().await;
        let before = house.bookings().await;
        let letters = house.arrivals().len();
        let offers = async || house.who_are_offered().await.iter().map(|(_, times)| times.len()).sum::<usize>();
        assert!(offers().await > 0);
        let elsewhere = Elsewhere::publishing(&calendar(&[ALWAYS])).await;
        for address in [BUSY, OTHER] {
            let therapist = house.therapist(address).signs_in().await;
            gives(&therapist, &format!("{}/cal.ics", elsewhere.address), None).await;
        }
        assert_eq!(reads(&house).await, 2);
        assert_eq!(house.bookings().await, before);
        assert_eq!(offers().await, 0);
        house.hours_pass(3).await;
        let others = house.arrivals().len() - letters;
        assert_eq!(others, 2, "only the two letters with which the therapists signed in");
    }
}

async fn therapist_again(house: &House) -> SignedIn<'_> {
    house.therapist(BUSY).signs_in().await
}

fn hidden(page: &str) -> String {
    let rest = page.split_once("name=\"calendar\" value=\"").expect("there is a calendar").1;
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_calendar_that_did_not_change_is_not_sent_again_and_counts_as_read() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let elsewhere = Elsewhere::publishing(&calendar(&[ALWAYS])).await;
    let therapist = house.therapist(BUSY).signs_in().await;
    gives(&therapist, &format!("{}/cal.ics", elsewhere.address), None).await;
    reads(&house).await;
    assert_eq!(elsewhere.answers(), [200]);
    for _ in 0..3 {
        house.clock.advance(Duration::hours(70));
        reads(&house).await;
    }
    assert_eq!(
        elsewhere.answers(),
        [304, 304, 200],
        "once a week it is read whole: repeated events reach further"
    );
    let page = therapist_again(&house).await.opens("/agenda/busy").await.body;
    assert!(!page.contains("Nobody new is booked") && !page.contains("failed"), "{page}");
}

#[tokio::test]
async fn an_account_is_read_by_caldav_and_a_wrong_password_is_said() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let elsewhere = Elsewhere::publishing(&calendar(&[ALWAYS])).await;
    let therapist = house.therapist(BUSY).signs_in().await;
    let address = format!("{}/dav/", elsewhere.address);
    gives(&therapist, &address, Some(("maria", "wrong"))).await;
    reads(&house).await;
    let page = therapist.opens("/agenda/busy").await.body;
    assert!(page.contains("does not take this one") && !page.contains("wrong"), "{page}");
    therapist.sends("/agenda/busy/remove", &[("calendar", &hidden(&page))]).await;
    gives(&therapist, &address, Some(("maria", PASSWORD))).await;
    reads(&house).await;
    let page = therapist.opens("/agenda/busy").await.body;
    assert!(page.contains("Busy times found: 1") && !page.contains(PASSWORD), "{page}");
}

#[tokio::test]
async fn the_visits_themselves_do_not_make_a_therapist_busy_when_their_calendar_copies_the_feed() {
    let db = TestDatabase::sqlite();
    let mut house = House::on(&db).await;
    house.town = Town::crowd(6);
    house.has_invited_everybody().await;
    let feed = house.therapist(OTHER).feed().await.body;
    assert!(feed.contains("BEGIN:VEVENT"));
    let elsewhere = Elsewhere::publishing(&feed).await;
    let therapist = house.therapist(OTHER).signs_in().await;
    gives(&therapist, &format!("{}/cal.ics", elsewhere.address), None).await;
    reads(&house).await;
    let page = therapist.opens("/agenda/busy").await.body;
    assert!(page.contains("Busy times found: 0"), "{page}");
}

#[tokio::test]
async fn what_leads_elsewhere_or_is_no_calendar_is_said_and_nothing_is_taken_for_free() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let elsewhere = Elsewhere::publishing(&calendar(&[ALWAYS])).await;
    let therapist = house.therapist(BUSY).signs_in().await;
    gives(&therapist, &format!("{}/cal.ics", elsewhere.address), None).await;
    reads(&house).await;
    let told = [
        (302, "leads on to another"),
        (401, "asks for a password"),
        (404, "no calendar at this address any more"),
        (503, "status 503"),
    ];
    for (status, words) in told {
        elsewhere.now(|script| script.status = status);
        house.clock.advance(Duration::hours(1));
        elsewhere.answers();
        reads(&house).await;
        assert_eq!(elsewhere.answers(), [status], "a redirect is never followed");
        let page = therapist.opens("/agenda/busy").await.body;
        assert!(page.contains(words) && page.contains("Busy times found: 1"), "{status}: {page}");
    }
    elsewhere.now(|script| {
        *script = Script { status: 200, calendar: "<html>Sign in</html>".to_owned(), version: String::new() };
    });
    house.clock.advance(Duration::hours(1));
    reads(&house).await;
    let page = therapist.opens("/agenda/busy").await.body;
    assert!(page.contains("this is not a calendar") && page.contains("Busy times found: 1"), "{page}");
}

#[tokio::test]
async fn a_server_asks_no_address_inside_its_own_network_whoever_typed_it() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let elsewhere = Elsewhere::publishing(&calendar(&[ALWAYS])).await;
    let therapist = house.therapist(BUSY).signs_in().await;
    gives(&therapist, &format!("{}/cal.ics", elsewhere.address), None).await;
    let published = Published::new(Reach::Public).unwrap();
    busy::round(&house.desk, &published).await.unwrap();
    assert!(elsewhere.answers().is_empty());
    let page = therapist.opens("/agenda/busy").await.body;
    assert!(page.contains("private address"), "{page}");
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_refused_beside_its_field_and_a_password_never_comes_back() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let therapist = house.therapist(BUSY).signs_in().await;
    for (address, user, password, words) in [
        ("http://cal.example.org/a.ics", "", "", "begins with http://"),
        ("https://me:pw@cal.example.org/a.ics", "", "", "out of the address"),
        ("my calendar", "", "", "no address that can be read"),
        ("https://cal.example.org/a.ics", "maria", "", "both the user name"),
        ("https://cal.example.org/a.ics", "", "hunter2 & co", "both the user name"),
    ] {
        let fields = [("address", address), ("user", user), ("password", password)];
        let page = therapist.sends("/agenda/busy", &fields).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains(words) && page.body.contains("aria-invalid=\"true\""), "{}", page.body);
        assert!(page.body.contains(address) && !page.body.contains("hunter2"), "{}", page.body);
    }
    for n in 0..5 {
        assert_eq!(gives(&therapist, &format!("https://cal.example.org/{n}.ics"), None).await, 303);
    }
    assert_eq!(gives(&therapist, "https://cal.example.org/0.ics", None).await, 303, "twice is once");
    assert_eq!(gives(&therapist, "https://cal.example.org/5.ics", None).await, 422);
}

#[tokio::test]
async fn nobody_reads_or_removes_somebody_elses_calendar() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let elsewhere = Elsewhere::publishing(&calendar(&[ALWAYS])).await;
    let therapist = house.therapist(BUSY).signs_in().await;
    gives(&therapist, &format!("{}/cal.ics", elsewhere.address), None).await;
    reads(&house).await;
    let id = hidden(&therapist.opens("/agenda/busy").await.body);
    let other = house.therapist(OTHER).signs_in().await;
    assert!(!other.opens("/agenda/busy").await.body.contains("127.0.0.1"));
    assert_eq!(other.sends("/agenda/busy/now", &[("calendar", &id)]).await.status, 404);
    assert_eq!(other.sends("/agenda/busy/remove", &[("calendar", &id)]).await.status, 303);
    assert!(therapist.opens("/agenda/busy").await.body.contains("Busy times found: 1"));
    let director = house.director().await;
    assert_ne!(director.opens("/agenda/busy").await.status, 200);
    director.sends("/agenda/busy/remove", &[("calendar", &id)]).await;
    assert!(therapist.opens("/agenda/busy").await.body.contains("Busy times found: 1"));
}
