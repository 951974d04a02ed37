//! The release: refused before its day, drawn once, frozen, charged. Never asks how many really came.

use std::collections::BTreeSet;

use holdspace::desk::Error;
use holdspace::desk::admit::RosterOptions;
use holdspace::domain::offering::Rules;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, fortnight};
use crate::harness::rest::at_rest;
use crate::harness::town::tables;

/// The day of the small town's release, once it has begun in every zone.
pub const DAY: &str = "2027-08-13T12:00:00Z";

/// A house whose visits are over; two of them were kept.
pub async fn after_the_visits(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.has_invited_everybody().await;
    house.it_becomes("2027-07-20T12:00:00Z").await;
    let mut kept = 0;
    for address in ["mxiong@counseling.example.org", "tdsouza@counseling.example.org"] {
        let session = house.therapist(address).signs_in().await;
        for visit in session.agenda("2027-07-05").await.iter().take(4) {
            assert_eq!(session.marks(&visit.seat, "kept").await.status, 303);
            kept += 1;
        }
    }
    assert!(kept > 3, "{kept}");
    house
}

/// Why a release was refused, in words.
pub fn refused<T>(release: Result<T, Error>) -> String {
    match release {
        Err(Error::Refused(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was not refused"),
    }
}

/// The residents whom the ledger charged, and in what amounts.
async fn charged(db: &TestDatabase) -> (usize, BTreeSet<String>) {
    let ledger = at_rest(db).await.remove("ledger").unwrap();
    let cell = |row: &str, name: &str| {
        let cell = row.split(' ').find_map(|cell| cell.strip_prefix(&format!("{name}=")));
        cell.unwrap_or_default().to_owned()
    };
    let people: BTreeSet<String> = ledger.iter().map(|row| cell(row, "resident_id")).collect();
    assert_eq!(people.len(), ledger.len(), "somebody was charged twice");
    (people.len(), ledger.iter().map(|row| cell(row, "epsilon_millis")).collect())
}

on_both_engines! {
    async fn nothing_is_released_before_its_day(db: TestDatabase) {
        let house = after_the_visits(&db).await;
        assert!(refused(house.desk.release(None).await).contains("nothing is released before 2027-08-13"));
        // In the last zone the day has not begun yet.
        assert_eq!(house.it_becomes("2027-08-13T05:59:00Z").await.released, 0);
        let why = refused(house.desk.release(None).await);
        assert!(why.contains("2027-08-13"), "{why}");
        assert_eq!(charged(&db).await.0, 0);
        assert!(at_rest(&db).await["releases"].is_empty());
        assert_eq!(house.it_becomes("2027-08-13T06:00:00Z").await.released, 1);
    }

    async fn a_release_is_drawn_once_and_frozen_for_ever(db: TestDatabase) {
        let house = after_the_visits(&db).await;
        let offering = house.desk.plan(None, None).await.unwrap().offering;
        let director = house.director_again().await;
        assert_eq!(director.release_csv(&offering).await.status, 404);
        assert_eq!(house.it_becomes(DAY).await.released, 1);
        let (rows, ledger) = (at_rest(&db).await["releases"].clone(), charged(&db).await);
        assert_eq!(rows.len(), 1);
        let release = house.desk.release(None).await.unwrap();
        let director = house.director_again().await;
        let csv = director.release_csv(&offering).await;
        assert_eq!(csv.status, 200);
        // A mark that comes late changes nothing any more, nor does another seed of the randomness.
        let session = house.therapist("mxiong@counseling.example.org").signs_in().await;
        for visit in session.agenda("2027-07-05").await {
            session.marks(&visit.seat, "missed").await;
        }
        house.dice.turn_to(99);
        for _ in 0..3 {
            assert!(house.desk.release(None).await.unwrap() == release);
            assert_eq!(house.sleeps(1).await.released, 0);
        }
        assert_eq!(at_rest(&db).await["releases"], rows);
        assert_eq!(charged(&db).await, ledger);
        assert_eq!(house.director_again().await.release_csv(&offering).await, csv);
    }

    async fn two_who_release_at_once_release_once(db: TestDatabase) {
        let house = after_the_visits(&db).await;
        house.clock.set(DAY.parse().unwrap());
        let (one, other) = tokio::join!(house.desk.release(None), house.desk.release(None));
        assert!(one.unwrap() == other.unwrap());
        assert_eq!(charged(&db).await.0, 16);
    }

    /// Who came onto the roster after it froze for reporting counts in the next cycle.
    async fn everybody_of_the_frozen_roster_is_charged_once_and_nobody_else(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let late = format!("{}IM,Okafor,Lena,lokafor@im.example.edu,1,A,Denver Main,2027-07-01\n", house.town.roster);
        house.desk.import_roster(&tables(&late), &RosterOptions::default()).await.unwrap();
        assert_eq!(house.books().await.booked, 1);
        house.it_becomes(DAY).await;
        assert_eq!(charged(&db).await, (16, BTreeSet::from(["1000".to_owned()])));
        let release = house.desk.release(None).await.unwrap();
        let people: Vec<(String, u32)> =
            release.figures.iter().map(|figure| (figure.name.clone(), figure.people)).collect();
        // Two of nephrology are too few for a figure of their own: they count in the total alone.
        assert_eq!(people, [("Internal Medicine".to_owned(), 14), ("Example Health".to_owned(), 16)]);
        let ann = house.resident("tcastellanos@im.example.edu").opens_link().await.body;
        let lena = house.resident("lokafor@im.example.edu").opens_link().await.body;
        assert!(ann.contains("1 of at most 1 this year") && !lena.contains("of at most 1 this year"));
    }

    async fn a_second_release_beyond_the_budget_of_the_cycle_is_refused(db: TestDatabase) {
        let house = after_the_visits(&db).await;
        house.it_becomes(DAY).await;
        let august = Rules {
            from: "2027-08-16".parse().unwrap(),
            until: "2027-08-20".parse().unwrap(),
            epsilon_millis: 50,
            ..fortnight()
        };
        let second = house.opens(august).await.id.to_string();
        assert!(house.desk.book(Some(&second)).await.unwrap().booked > 0);
        let before = charged(&db).await;
        // The rounds go on: what one release refuses holds up nobody else.
        assert_eq!(house.it_becomes("2027-09-17T12:00:00Z").await.released, 0);
        let why = refused(house.desk.release(Some(&second)).await);
        assert!(why.contains("budget") || why.contains("spent") || why.contains("left"), "{why}");
        assert_eq!(charged(&db).await, before);
        assert_eq!(at_rest(&db).await["releases"].len(), 1);
    }

    async fn a_figure_is_a_share_in_honest_steps_and_never_a_count(db: TestDatabase) {
        let house = after_the_visits(&db).await;
        house.it_becomes(DAY).await;
        let release = house.desk.release(None).await.unwrap();
        for figure in &release.figures {
            for share in [figure.shown.share, figure.shown.low, figure.shown.high] {
                assert_eq!(share.percent() % 5, 0, "{}", figure.words());
                assert!((10..=90).contains(&share.percent()), "{}", figure.words());
            }
            assert!(figure.words().contains('%'));
        }
        let page = house.director_again().await.opens("/institution/releases").await;
        assert_eq!(page.status, 200);
        let words = release.figures[0].words();
        assert!(page.body.contains(&words.replace('<', "&lt;")), "{words} is not on the page: {}", page.body);
        let frozen = &at_rest(&db).await["releases"][0];
        for hidden in ["\"count\"", "\"attended\"", "seed"] {
            let hex: String = hidden.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert!(!frozen.contains(&hex), "the frozen bytes hold {hidden}");
        }
    }
}
