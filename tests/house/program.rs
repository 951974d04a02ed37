//! A program's coordinator at work: season, plan, booking, coverage and releases. Never looks at what residents did;
//! that nothing of it shows is for the two worlds.

mod booking;
mod pages;
mod protected;
mod releases;

use holdspace::desk::session::Session;
use holdspace::domain::staff::Role;

use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, Page};
use crate::harness::person::SignedIn;

/// Looks after Internal Medicine.
pub const COORDINATOR: &str = "coordinator@im.example.edu";
/// Looks after Nephrology.
pub const OTHER: &str = "coordinator@neph.example.edu";

/// The last part of the address of every page and file of a program. A new one is one line.
pub const ADDRESSES: &[&str] = &[
    "",
    "/roster",
    "/roster/export.csv",
    "/roster/import",
    "/roster/person",
    "/protected/import",
    "/protected",
    "/plan",
    "/book",
    "/coverage",
    "/coverage?week=2027-07-05",
    "/coverage?show=all",
    "/coverage/coverage.csv",
    "/coverage/coverage.ics",
    "/releases",
    "/releases.csv",
];

/// Gives programs to somebody, as a director does.
pub async fn entrust(house: &House, address: &str, codes: &[&str]) {
    let director = house.director_again().await;
    let session = session(house, director.cookie()).await;
    for code in codes {
        let program = house.desk.program_of(&session, code).await.unwrap();
        let role = Role::Coordinator(program.id);
        house.desk.grant(&session, "Cory Coordinator", &address.parse().unwrap(), role).await.unwrap();
    }
}

/// What is behind a cookie.
pub async fn session(house: &House, cookie: &str) -> Session {
    house.desk.session(cookie.split_once('=').unwrap().1).await.unwrap()
}

/// A coordinator of programs, signed in.
pub async fn coordinator<'h>(house: &'h House, address: &str, codes: &[&str]) -> SignedIn<'h> {
    entrust(house, address, codes).await;
    house.therapist(address).signs_in().await
}

/// The text of a page with one space between words and without elements.
fn words(page: &Page) -> String {
    let mut text = String::new();
    for part in page.body.split('<') {
        text += part.split_once('>').map_or(part, |(_, text)| text);
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn somebody_elses_program_answers_like_one_that_there_is_not() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    let offering = house.opens_an_offering().await.id.to_string();
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    let mut paths: Vec<String> = ADDRESSES.iter().map(|&path| path.to_owned()).collect();
    paths.push(format!("/releases/{offering}/release.csv"));
    for path in paths {
        let foreign = cory.opens(&format!("/program/NEPH{path}")).await;
        assert_eq!(foreign.status, 404, "{path}");
        assert_eq!(foreign, cory.opens(&format!("/program/NOWHERE{path}")).await, "{path}");
        let nobody = house.get(&format!("/program/IM{path}")).await;
        let known = house.get("/program/IM").await;
        assert!(nobody.status == 303 || nobody.status == 404, "{path}: {}", nobody.status);
        assert_eq!((known.status, known.header("location")), (303, "/sign-in"));
    }
    for (path, fields) in [("book", vec![]), ("ready", vec![("ready", "yes")])] {
        let fields = [vec![("season", offering.as_str())], fields].concat();
        let foreign = cory.sends(&format!("/program/NEPH/{path}"), &fields).await;
        assert_eq!(foreign.status, 404);
        assert_eq!(foreign, cory.sends(&format!("/program/NOWHERE/{path}"), &fields).await);
        assert_eq!(house.form(&format!("/program/IM/{path}"), &fields).await.header("location"), "/sign-in");
    }
    assert_eq!(cory.opens(&format!("/offering/{offering}/book")).await.header("location"), "/home");
    assert_eq!(cory.opens("/program/IM?season=nonsense").await.status, 404);
    let therapist = house.therapist("mxiong@counseling.example.org").signs_in().await;
    for path in ["", "/plan", "/book", "/coverage", "/releases"] {
        assert_eq!(therapist.opens(&format!("/program/IM{path}")).await.header("location"), "/agenda");
    }
}
