//! What is past its time is destroyed, and the pages say beforehand what goes when.

use holdspace::domain::booking::Entry as InCalendar;
use holdspace::domain::retention::{Kind, Retention};

use super::{does, found, staff_log};
use crate::harness::engines::on_both_engines;
use crate::harness::house::House;
use crate::program;

on_both_engines! {
    async fn a_season_is_destroyed_ninety_days_after_its_figures_were_frozen_and_not_a_day_before(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        house.resident(&house.town.people()[0].address).opts_out(InCalendar::Keep).await;
        let season = |shown: &holdspace::desk::retention::RetentionShown| {
            let one = shown.due.iter().find(|due| due.kind == Kind::Season).unwrap();
            (one.on.map(|on| on.to_string()), one.after_release)
        };
        // The release is on August 13: four weeks after the last day of visits.
        assert_eq!(season(&house.desk.retention_shown().await.unwrap()), (Some("2027-11-11".to_owned()), true));
        house.it_becomes("2027-08-14T12:00:00Z").await;
        let day = season(&house.desk.retention_shown().await.unwrap());
        let director = house.director_again().await;
        let page = director.opens("/institution/retention").await;
        assert!(page.body.contains("Bookings, marks and choices of “Protected time”"), "{}", page.body);
        assert!(page.body.contains("November 12, 2027"), "{day:?} {}", page.body);
        house.it_becomes("2027-11-11T12:00:00Z").await;
        assert_eq!(season(&house.desk.retention_shown().await.unwrap()), (Some("2027-11-12".to_owned()), false));
        house.it_becomes("2027-11-12T12:00:00Z").await;
        assert_eq!(season(&house.desk.retention_shown().await.unwrap()), (None, false));
        let log = staff_log(&house).await;
        assert!(log.iter().any(|entry| entry.act == "season-erased"), "{log:?}");
        assert_eq!(found(&house).await, Vec::<String>::new());
        let csv = house.director_again().await.opens("/institution/releases.csv").await;
        assert_eq!(csv.status, 200, "what was released stays");
    }

    async fn who_left_a_roster_is_destroyed_a_year_later_and_who_came_back_is_not(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        let director = house.director_again().await;
        let session = program::session(&house, director.cookie()).await;
        let program = house.desk.program_of(&session, "IM").await.unwrap();
        let mut theirs = Vec::new();
        {
            let mut db = house.store.read().await.unwrap();
            for row in holdspace::storage::people::residents_of(&mut db, program.id).await.unwrap().iter().take(3) {
                theirs.push(row.id);
            }
        }
        for id in &theirs {
            house.desk.set_on_roster(&session, &program, *id, false).await.unwrap();
        }
        house.round().await;
        let shown = house.desk.retention_shown().await.unwrap();
        let left = shown.due.iter().find(|due| due.kind == Kind::FormerResidents).unwrap();
        assert_eq!((left.people, left.on.unwrap().to_string().as_str()), (Some(3), "2028-05-31"));
        let session = program::session(&house, house.director_again().await.cookie()).await;
        house.desk.set_on_roster(&session, &program, theirs[0], true).await.unwrap();
        house.sleeps(364).await;
        let there = async |id| {
            let mut db = house.store.read().await.unwrap();
            holdspace::storage::people::resident(&mut db, id).await.unwrap().is_some()
        };
        assert!(there(theirs[1]).await);
        house.sleeps(2).await;
        assert_eq!((there(theirs[0]).await, there(theirs[1]).await, there(theirs[2]).await), (true, false, false));
        assert_eq!(found(&house).await, Vec::<String>::new());
    }

    async fn old_entries_of_the_log_go_and_the_rest_is_still_vouched_for(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        let before = staff_log(&house).await.len();
        let kept: Vec<_> = house.desk.audit_heads().await.unwrap().into_iter().map(|head| {
            holdspace::desk::audit_check::Kept { log: head.log.to_owned(), entries: head.entries, mac: head.mac }
        }).collect();
        house.sleeps(400).await;
        house.opens_an_offering().await;
        let desk = house.desk.clone().keeping(Retention { staff_log: 365, ..Retention::default() });
        let done = desk.destroy_due().await.unwrap();
        assert_eq!(usize::try_from(done.entries).unwrap(), before);
        let log = staff_log(&house).await;
        let acts: Vec<&str> = log.iter().map(|entry| entry.act.as_str()).collect();
        assert_eq!(acts, ["offering-made", "shortened"]);
        assert_eq!(found(&house).await, Vec::<String>::new());
        let checked = house.desk.check_audit(&kept).await.unwrap();
        assert!(checked.findings.is_empty(), "the head that was kept stands for what was destroyed: {checked:?}");
        // Taking one more away is no shortening.
        does(&house, "DELETE FROM audit_entries WHERE log = 'staff' AND number = (SELECT MIN(number) FROM audit_entries)").await;
        assert!(found(&house).await[0].contains("is missing"), "{:?}", found(&house).await);
    }
}
