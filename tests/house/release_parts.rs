//! Figures by training year and by site: only where the offering asked for them before its first booking, only for 100 people or
//! more, and only for who looks after the whole institution. Never asks how many really came.

use std::collections::BTreeMap;

use holdspace::domain::id::ResidentId;
use holdspace::domain::offering::Rules;
use holdspace::domain::release::{Division, Traits};
use holdspace::storage::{offerings, places, releases};
use holdspace::vault::Location;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, fortnight};
use crate::harness::rest::at_rest;
use crate::program::{self, COORDINATOR};
use crate::releases::DAY;

/// Gives the frozen cohort training years: the first 110 the first one, the others the second; all are at one site.
async fn are_of_two_years(house: &House) {
    let mut tx = house.store.write().await.unwrap();
    let offering = offerings::offerings(&mut tx).await.unwrap().pop().unwrap();
    let site = places::sites(&mut tx, offering.institution).await.unwrap()[0].id;
    let members = releases::members(&mut tx, offering.cycle).await.unwrap();
    let traits: BTreeMap<ResidentId, Traits> = members
        .iter()
        .enumerate()
        .map(|(at, (resident, _))| {
            (*resident, Traits { pgy: Some(if at < 110 { 1 } else { 2 }), site: Some(site) })
        })
        .collect();
    let row = offering.cycle.to_string();
    let sealed =
        house.vault.seal_value(Location { column: "cohort_traits.sealed", row: &row }, &traits).unwrap();
    releases::add_traits(&mut tx, offering.cycle, &sealed).await.unwrap();
    tx.commit().await.unwrap();
}

fn asking() -> Rules {
    Rules { breakdowns: true, survey: false, ..fortnight() }
}

on_both_engines! {
    async fn years_and_sites_of_a_hundred_are_shown_to_directors_and_charged_to_who_is_counted(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_a_cohort_of(150, asking()).await;
        are_of_two_years(&house).await;
        assert_eq!(house.it_becomes(DAY).await.released, 1);
        let release = house.desk.release(None).await.unwrap();
        let told: Vec<(Division, Vec<(String, u32)>)> = release
            .breakdowns
            .iter()
            .map(|it| (it.division, it.figures.iter().map(|one| (one.name.clone(), one.people)).collect()))
            .collect();
        let [(Division::TrainingYear, years), (Division::Site, sites)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(years.as_slice(), [("Training year 1".to_owned(), 110)]);
        assert_eq!((sites.len(), sites[0].1), (1, 150));
        assert_eq!((release.terms.epsilon.thousandths(), release.spent_millis()), (700, 1000));

        // 40 of the second year are in no figure of years, and not charged for one.
        let ledger = at_rest(&db).await.remove("ledger").unwrap();
        let lines = |division: &str| ledger.iter().filter(|row| row.contains(&format!("\"division\":\"{division}\""))).count();
        assert_eq!((lines("units"), lines("training-year"), lines("site")), (150, 110, 150));
        let strong = |millis: u32| ledger.iter().filter(|row| row.contains(&format!("epsilon_millis={millis}"))).count();
        assert_eq!((strong(700), strong(150)), (150, 260));

        let director = house.director_again().await;
        let page = director.opens("/institution/releases").await.body;
        let csv = director.release_csv(&release.terms.offering.to_string()).await.body;
        assert!(page.contains("Training year 1") && page.contains(&sites[0].0), "{page}");
        assert!(!page.contains("Training year 2"));
        assert!(csv.contains(",training-year,\"Training year 1\",110,") && csv.contains(",site,"), "{csv}");
        assert!(csv.lines().filter(|line| line.contains(",0.150,")).count() == 2, "{csv}");
        // A program sees its own unit, and nothing of the institution's parts.
        program::entrust(&house, COORDINATOR, &["IM"]).await;
        let cory = house.therapist(COORDINATOR).signs_in().await;
        let own = cory.opens("/program/IM/releases").await.body;
        let own_csv = cory.opens("/program/IM/releases.csv").await.body;
        assert!(!own.contains("Training year 1<") && !own_csv.contains("training-year"), "{own_csv}");
    }

    async fn who_is_erased_is_counted_in_the_unit_and_in_no_year_or_site(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_a_cohort_of(150, asking()).await;
        are_of_two_years(&house).await;
        let erased = house.town.people()[0].address.parse().unwrap();
        let erased = house.desk.resident_to_erase(&erased).await.unwrap();
        house.desk.erase_resident(erased).await.unwrap();
        house.it_becomes(DAY).await;
        let release = house.desk.release(None).await.unwrap();
        let of = |division| release.breakdowns.iter().find(|it| it.division == division).unwrap();
        assert_eq!(of(Division::Site).figures[0].people, 149);
        let ledger = at_rest(&db).await.remove("ledger").unwrap();
        let charged = |division: &str| {
            let of_them = |row: &&String| row.contains(division) && row.contains(&erased.to_string());
            ledger.iter().filter(of_them).count()
        };
        assert_eq!((charged("\"units\""), charged("\"training-year\""), charged("\"site\"")), (1, 0, 0));
    }

    async fn nobody_who_did_not_ask_beforehand_gets_any(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_a_cohort_of(150, Rules { breakdowns: false, ..asking() }).await;
        are_of_two_years(&house).await;
        // Once it is booked, the rules stand.
        let offering = house.desk.plan(None, None).await.unwrap().offering;
        let director = house.director_again().await;
        director.sends(&format!("/institution/offerings/{offering}"), &[("breakdowns", "yes")]).await;
        house.it_becomes(DAY).await;
        let release = house.desk.release(None).await.unwrap();
        assert!(release.breakdowns.is_empty());
        assert_eq!((release.terms.epsilon.thousandths(), release.spent_millis()), (1000, 1000));
    }

    /// Sixteen people have no part of a hundred: nothing is drawn, nothing is spent on it, and programs keep the whole strength.
    async fn a_small_institution_that_asks_loses_nothing(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody_by(asking()).await;
        let rest = at_rest(&db).await;
        assert_eq!(rest["cohort_traits"].len(), 1);
        house.it_becomes(DAY).await;
        let release = house.desk.release(None).await.unwrap();
        assert!(release.breakdowns.is_empty());
        assert_eq!((release.terms.epsilon.thousandths(), release.spent_millis()), (1000, 1000));
    }
}

/// What is frozen of somebody's year and site does not change with the roster, and its size tells the number of people alone.
#[tokio::test]
async fn years_and_sites_are_frozen_with_the_cohort_and_sealed_at_a_size_that_tells_nothing() {
    let mut sizes = Vec::new();
    for with_years in [true, false] {
        let db = TestDatabase::sqlite();
        let house = House::on(&db).await;
        let people = house.town.people();
        let mut town = house.town.clone();
        if !with_years {
            for year in 1..9 {
                town.roster = town.roster.replace(&format!(",{year},"), ",,");
            }
            assert_ne!(town.roster, house.town.roster);
        }
        house.imports(&town).await;
        house.opens_an_offering().await;
        house.books().await;
        let before = at_rest(&db).await.remove("cohort_traits").unwrap();
        let [row] = before.as_slice() else { panic!("{before:?}") };
        sizes.push((people.len(), row.len()));
        house.hours_pass(6).await;
        house.imports(&house.town).await;
        assert_eq!(at_rest(&db).await["cohort_traits"], before);
    }
    assert_eq!(sizes[0], sizes[1]);
}
