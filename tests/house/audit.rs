//! Two logs: what staff did, which the institution reads, and what happened to bookings, which nobody reads but by the privacy
//! officer's verb. Whoever changes either with the database in hand is found.

use holdspace::desk::audit_check::{Checked, Kept};
use holdspace::desk::outcomes::Asked;
use holdspace::domain::absence::Typed;
use holdspace::domain::audit::Entry;
use holdspace::domain::booking::Entry as InCalendar;
use sqlx::Row;

use crate::harness::engines::on_both_engines;
use crate::harness::house::House;
use crate::program;

mod kept;

/// Everything in the staff log, oldest first.
async fn staff_log(house: &House) -> Vec<Entry> {
    let mut entries = house.desk.staff_entries(None, 1000).await.unwrap();
    entries.reverse();
    entries
}

async fn does(house: &House, statement: &'static str) -> u64 {
    let mut tx = house.store.write().await.unwrap();
    let done = sqlx::query(statement).execute(&mut *tx).await.unwrap().rows_affected();
    tx.commit().await.unwrap();
    done
}

async fn checked(house: &House) -> Checked {
    house.desk.check_audit(&[]).await.unwrap()
}

async fn found(house: &House) -> Vec<String> {
    checked(house)
        .await
        .findings
        .into_iter()
        .map(|one| format!("{}, {}: {}", one.log, one.at, one.found))
        .collect()
}

/// A table that somebody with the database in hand has put aside, and puts back.
struct PutAside {
    table: &'static str,
}

const ENTRIES: PutAside = PutAside { table: "audit_entries" };

impl PutAside {
    async fn take(&self, house: &House) {
        let text = format!("CREATE TABLE copy_of_{0} AS SELECT * FROM {0}", self.table);
        house_does(house, text).await;
    }

    async fn put_back(&self, house: &House) {
        house_does(house, format!("DELETE FROM {}", self.table)).await;
        house_does(house, format!("INSERT INTO {0} SELECT * FROM copy_of_{0}", self.table)).await;
    }
}

async fn house_does(house: &House, statement: String) {
    let mut tx = house.store.write().await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

on_both_engines! {
    async fn what_was_done_in_the_institutions_name_is_in_the_log_with_who_did_it_and_no_resident(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let cory = program::coordinator(&house, program::COORDINATOR, &["IM"]).await;
        cory.opens("/program/IM/coverage/coverage.csv").await;
        house.desk.clone().operated_by("ops").away(
            &"mxiong@counseling.example.org".parse().unwrap(),
            Typed { on: "2027-07-20".parse().unwrap(), at: None },
            None,
        ).await.unwrap();
        let log = staff_log(&house).await;
        let acts: Vec<&str> = log.iter().map(|entry| entry.act.as_str()).collect();
        for act in ["founded", "granted", "imported", "offering-made", "booked", "exported", "away"] {
            assert!(acts.contains(&act), "{act} is missing: {acts:?}");
        }
        assert!(log.iter().enumerate().all(|(at, entry)| usize::try_from(entry.number).unwrap() == at + 1));
        let of = |act: &str| log.iter().rfind(|entry| entry.act == act).unwrap();
        assert_eq!(of("away").who, "ops, at the command line");
        assert!(of("exported").who.contains("Cory"), "{}", of("exported").who);
        assert!(of("granted").details.contains("coordinator of IM"), "{}", of("granted").details);
        let whole = serde_json::to_string(&log).unwrap();
        for person in house.town.people() {
            let name = format!("{} {}", person.given, person.family);
            assert!(!whole.contains(&person.address) && !whole.contains(&name), "{whole}");
        }
        let page = house.director_again().await.opens("/institution/log").await;
        assert!(page.status == 200 && page.body.contains("fetched the coverage of IM"), "{}", page.body);
        let csv = house.director_again().await.opens("/institution/log.csv").await;
        let lines: Vec<&str> = csv.body.lines().collect();
        assert_eq!((lines[0], lines.len()), ("number,at,who,act,details", 1 + 16), "{}", csv.body);
        assert!(lines[16].starts_with("1,2027-06-01T"), "the newest comes first: {}", csv.body);
        assert_ne!(cory.opens("/institution/log").await.status, 200);
        assert_eq!(found(&house).await, Vec::<String>::new());
    }

    async fn a_changed_a_removed_an_inserted_and_a_reordered_entry_are_found_and_so_is_an_end_that_was_cut(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        house.opens_an_offering().await;
        assert_eq!((found(&house).await, checked(&house).await.staff), (Vec::new(), staff_log(&house).await.len()));
        let last = staff_log(&house).await.len();
        ENTRIES.take(&house).await;
        let tampering: &[(&'static str, &str)] = &[
            ("UPDATE audit_entries SET sealed = (SELECT sealed FROM audit_heads WHERE log = 'staff') WHERE number = 3",
                "staff, 3: entry 3 does not open: it was changed"),
            ("UPDATE audit_entries SET mac = 'aa' WHERE number = 4", "staff, 4: entry 4: it does not follow"),
            ("DELETE FROM audit_entries WHERE number = 2", "staff, 2: entry 2 is missing: removed"),
            ("INSERT INTO audit_entries SELECT institution_id, log, 0, sealed, mac FROM audit_entries WHERE number = 1",
                "staff, 0: entry 0 was never written: it was inserted"),
            ("INSERT INTO audit_entries SELECT institution_id, log, 900, sealed, mac FROM audit_entries WHERE number = 1",
                "staff, 900: entry 900 was never written: it was inserted"),
            ("DELETE FROM audit_entries WHERE number > 6", "the end of the log was cut off"),
            ("DELETE FROM audit_entries", "the end of the log was cut off"),
        ];
        for &(statement, tells) in tampering {
            assert!(does(&house, statement).await > 0, "{statement} changed nothing");
            let found = found(&house).await;
            assert!(found.iter().any(|line| line.contains(tells)), "{statement}: {found:?}");
            ENTRIES.put_back(&house).await;
            assert_eq!(self::found(&house).await, Vec::<String>::new(), "after {statement}");
        }
        // Two that changed places.
        for statement in [
            "UPDATE audit_entries SET number = -4 WHERE number = 4",
            "UPDATE audit_entries SET number = 4 WHERE number = 5",
            "UPDATE audit_entries SET number = 5 WHERE number = -4",
        ] {
            assert_eq!(does(&house, statement).await, 1);
        }
        let swapped = found(&house).await;
        assert!(swapped[0].contains("in the place of entry 4 stands entry 5"), "{swapped:?}");
        ENTRIES.put_back(&house).await;
        // The head, too.
        does(&house, "DELETE FROM audit_heads WHERE log = 'staff'").await;
        assert!(found(&house).await[0].contains("the head was removed"), "{:?}", found(&house).await);
        house.desk.clone().operated_by("ops").note_alone(&holdspace::domain::audit::Act::Rotated).await.unwrap();
        let told = found(&house).await;
        assert!(told[0].contains(&format!("begun anew behind entry {last}")), "{told:?}");
    }

    async fn an_older_copy_of_the_whole_log_is_found_by_a_head_that_was_kept_elsewhere(db: TestDatabase) {
        let house = House::on(&db).await;
        let heads = PutAside { table: "audit_heads" };
        ENTRIES.take(&house).await;
        heads.take(&house).await;
        house.imports_the_sample_files().await;
        let kept: Vec<Kept> = house.desk.audit_heads().await.unwrap().into_iter().map(|head| Kept {
            log: head.log.to_owned(), entries: head.entries, mac: head.mac,
        }).collect();
        assert!(house.desk.check_audit(&kept).await.unwrap().findings.is_empty());
        ENTRIES.put_back(&house).await;
        heads.put_back(&house).await;
        assert_eq!(found(&house).await, Vec::<String>::new(), "an old copy hangs together by itself");
        let told = house.desk.check_audit(&kept).await.unwrap().findings;
        assert!(told[0].found.contains("an older copy of the database was put back"), "{told:?}");
        // And one that went on differently from there.
        house.imports_the_sample_files().await;
        house.desk.clone().operated_by("ops").note_alone(&holdspace::domain::audit::Act::Rotated).await.unwrap();
        house.desk.clone().operated_by("ops").note_alone(&holdspace::domain::audit::Act::Rotated).await.unwrap();
        house.clock.advance(chrono::Duration::seconds(5));
        let told = house.desk.check_audit(&kept).await.unwrap().findings;
        assert!(told[0].found.contains("is not what it was"), "{told:?}");
    }

    async fn what_happened_to_a_booking_is_read_by_name_with_a_reason_that_the_institution_sees(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let people = house.town.people();
        let (ann, bob) = (&people[0], &people[1]);
        house.resident(&ann.address).opts_out(InCalendar::Remove).await;
        house.clock.advance(chrono::Duration::minutes(5));
        house.resident(&ann.address).comes_back().await;
        let address = ann.address.parse().unwrap();
        let officer = house.desk.clone().operated_by("officer");
        assert!(officer.read_outcomes(&Asked::Of(&address), " ").await.is_err(), "a reason is needed");
        let read = officer.read_outcomes(&Asked::Of(&address), "Request of counsel").await.unwrap();
        let told: Vec<(&str, &str)> = read.lines.iter().map(|line| (line.what, line.by)).collect();
        let expected = [
            ("booked", "a batch"),
            ("opted out", "the resident"),
            ("entry removed from the calendar", "the resident"),
            ("came back", "the resident"),
        ];
        assert_eq!(told, expected);
        assert!(read.lines.iter().all(|line| line.resident.contains(&ann.address)));
        let since = officer.read_outcomes(&Asked::Since("2027-06-01".parse().unwrap()), "Audit of May").await.unwrap();
        assert!(since.lines.iter().any(|line| line.resident.contains(&bob.address)));
        let log = staff_log(&house).await;
        let entry = log.iter().find(|entry| entry.details.contains("Request of counsel")).unwrap();
        assert_eq!((entry.who.as_str(), entry.act.as_str()), ("officer, at the command line", "outcomes-read"));
        assert!(!serde_json::to_string(&log).unwrap().contains(&ann.address));
    }

    async fn a_booking_that_is_put_back_changed_exchanged_or_removed_is_found(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let people = house.town.people();
        house.resident(&people[0].address).opts_out(InCalendar::Keep).await;
        house.hours_pass(7).await;
        let copy = PutAside { table: "bookings" };
        copy.take(&house).await;
        house.resident(&people[0].address).comes_back().await;
        house.hours_pass(7).await;
        assert_eq!(found(&house).await, Vec::<String>::new());
        house_does(&house, "CREATE TABLE now_of_bookings AS SELECT * FROM bookings".to_owned()).await;
        let back = "UPDATE bookings SET sealed = (SELECT c.sealed FROM copy_of_bookings c WHERE c.id = bookings.id)";
        let all = format!("{back}, history = (SELECT c.history FROM copy_of_bookings c WHERE c.id = bookings.id)");
        let restore = "UPDATE bookings SET sealed = (SELECT c.sealed FROM now_of_bookings c WHERE c.id = bookings.id), \
            history = (SELECT c.history FROM now_of_bookings c WHERE c.id = bookings.id)";
        for (statement, tells) in [
            (back, "it is not what its history says"),
            (all.as_str(), "does not go on from the last fixed hour"),
            ("UPDATE bookings SET history = why", "its history does not open"),
            ("DELETE FROM witnesses", "what the fixed hours vouch for was removed"),
        ] {
            house_does(&house, statement.to_owned()).await;
            let told = found(&house).await;
            assert!(told.iter().any(|line| line.contains(tells)), "{statement}: {told:?}");
            house_does(&house, restore.to_owned()).await;
        }
        house.hours_pass(7).await;
        let mut tx = house.store.write().await.unwrap();
        let row = sqlx::query("SELECT id FROM bookings ORDER BY id").fetch_one(&mut *tx).await.unwrap();
        let id: String = row.get(0);
        tx.commit().await.unwrap();
        house_does(&house, format!("DELETE FROM bookings WHERE id = '{id}'")).await;
        let told = found(&house).await;
        assert!(told.iter().any(|line| line.contains(&id) && line.contains("removed")), "{told:?}");
        house.hours_pass(7).await;
        let still = found(&house).await;
        assert!(still.iter().any(|line| line.contains(&id)), "the next fixed hour hides it: {still:?}");
    }

    async fn every_history_is_of_one_size_whatever_happened(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let people = house.town.people();
        for _ in 0..20 {
            house.resident(&people[0].address).opts_out(InCalendar::Keep).await;
            house.resident(&people[0].address).comes_back().await;
        }
        house.resident(&people[1].address).moves_to(0).await;
        let mut db = house.store.read().await.unwrap();
        let sizes: Vec<Vec<u8>> = sqlx::query_scalar("SELECT history FROM bookings").fetch_all(&mut *db).await.unwrap();
        assert!(sizes.iter().all(|history| history.len() == 2560), "a size tells something");
        drop(db);
        assert_eq!(found(&house).await, Vec::<String>::new());
    }
}

/// Whatever changes a booking writes its history in the same statement, because there is no other way in.
#[test]
fn a_booking_is_changed_in_one_file_alone() {
    let desk = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/desk");
    let (mut folders, mut seen) = (vec![desk], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path).unwrap().contains("bookings::swap(") {
                seen.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    assert_eq!(seen, ["history.rs"]);
}
