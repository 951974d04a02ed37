//! Whoever keeps the roster gives another address for a resident: who gets which letters then, who is asked, and that nothing of
//! it can be seen by who gave the address. Never asks the desk what a letter says.

use std::collections::BTreeMap;

use holdspace::desk::admit::RosterOptions;
use holdspace::desk::roster::Asked;
use holdspace::desk::roster_person::Saved;
use holdspace::desk::session::{Session, Who};
use holdspace::domain::booking::Entry;
use holdspace::domain::id::StaffId;
use holdspace::domain::roster::Column;
use holdspace::domain::roster::merge::Answer;
use holdspace::domain::staff::{Grants, Role};

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::House;
use crate::harness::person::{Resident, kind};
use crate::harness::replies::Mail;
use crate::harness::rest::at_rest;
use crate::harness::smtp::{ALWAYS, Deed, Stage};
use crate::harness::town::tables;

const ANN: &str = "tcastellanos@im.example.edu";
/// What whoever keeps the roster gives for her: hers, or the coordinator's own.
const NEW: &str = "t.castellanos@im.example.edu";
const THIRD: &str = "thuy-anh@im.example.edu";
/// Where she would rather get her letters.
const HOME: &str = "ann@home.example.org";

async fn announced(db: &TestDatabase) -> House {
    let mut house = House::on(db).await;
    house.post.bounces = Some("bounces@in.hospital.example".parse().unwrap());
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    house.books().await;
    house
}

/// On the sixth of June.
async fn invited(db: &TestDatabase) -> House {
    let house = announced(db).await;
    house.post_goes().await;
    house.sleeps(5).await;
    house
}

/// Gives somebody another address, as a coordinator does on the page.
pub async fn on_the_page(house: &House, from: &str, to: &str) {
    let grants: Grants = [Role::Director].into_iter().collect();
    let session = Session { who: Who::Staff(StaffId::from_bytes([9; 16]), grants) };
    let code = if from.contains("@neph.") { "NEPH" } else { "IM" };
    let program = house.desk.program_of(&session, code).await.unwrap();
    let asked = Asked { search: from.to_owned(), ..Asked::default() };
    let id = house.desk.roster(&session, &program, &asked).await.unwrap().people[0].known.id;
    let person = house.desk.on_roster(&session, &program, id).await.unwrap();
    let mut typed = person.known.written();
    typed.insert(Column::Email, to.to_owned());
    let saved = house.desk.save_person(&session, &program, id, &typed, &person.seen).await.unwrap();
    assert!(matches!(saved, Saved::Done(_)));
}

/// The same by a file, whose reader says that the namesakes are the same people.
async fn by_a_file(house: &House, change: impl Fn(&str) -> String) {
    let roster: String = house.town.roster.lines().map(|line| change(line) + "\n").collect();
    let lines = u32::try_from(roster.lines().count()).unwrap();
    let answers: BTreeMap<u32, Answer> = (2..=lines).map(|line| (line, Answer::Same)).collect();
    let options = RosterOptions { answers, ..RosterOptions::default() };
    let imported = house.desk.import_roster(&tables(&roster), &options).await.unwrap();
    assert_eq!((imported.refused.len(), imported.added), (0, 0));
    assert!(imported.changed > 0);
}

/// A text without its line ends.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Which of the two addresses she wants letters at.
async fn chooses(house: &House, ann: &Resident<'_>, which: &str) {
    let page = house.form(&format!("{}/other-address", ann.link()), &[("letters", which)]).await;
    assert_eq!(page.header("location"), format!("/v/{}?saved={which}", ann.token()));
}

/// What of the mail shows to a director.
async fn counts(house: &House) -> String {
    house.director_again().await.opens("/institution/mail").await.body
}

/// A mail server gives back the newest letter of a kind.
async fn comes_back(house: &House, to: &str, wanted: &str) {
    let received = house.sink.received().into_iter().rev();
    let mut theirs = received.filter(|one| one.to == [to] && kind(&one.read()) == wanted);
    let to = theirs.next().unwrap_or_else(|| panic!("no {wanted} to {to}")).from;
    let report = format!(
        "From: MAILER-DAEMON@relay.hospital.example\nTo: {to}\nMessage-ID: <1@relay.example>\n\
         Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nIt did not work.\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.hospital.example\n\n\
         Final-Recipient: rfc822; somebody@example.edu\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    );
    house.receives_bytes(report.replace('\n', "\r\n").as_bytes(), None).await;
}

/// For the letters as their readers get them: somebody at their old address is told.
pub async fn walks_until_an_old_address_is_told(house: &House) {
    house.has_invited_everybody().await;
    on_the_page(house, ANN, NEW).await;
    house.post_goes().await;
}

on_both_engines! {
    async fn a_coordinator_who_gives_her_own_address_gets_no_letter_for_seven_days_and_the_resident_is_told(db: TestDatabase) {
        let house = invited(&db).await;
        let (ann, theirs) = (house.resident(ANN), house.resident(NEW));
        assert_eq!(ann.opts_out(Entry::Remove).await.status, 303);
        house.post_goes().await;
        let before = counts(&house).await;
        on_the_page(&house, ANN, NEW).await;
        house.post_goes().await;
        assert_eq!(ann.kinds(), ["announcement", "invitation", "removed", "other-address"]);
        let told = ann.newest("other-address");
        let text = flat(&told.text);
        assert!(text.contains("until Sunday, June 13, 2027;") && !text.contains("im.example.edu"), "{text}");
        let page = house.get(&told.link("/v/")).await.body;
        assert!(page.contains("gave us another address") && page.contains(NEW) && page.contains("June 13"), "{page}");
        house.sleeps(6).await;
        assert_eq!((theirs.kinds().len(), counts(&house).await), (0, before.clone()));
        // Whoever reads nothing for seven days is not left without letters where the address was right.
        house.sleeps(1).await;
        assert_eq!(theirs.kinds(), ["invitation"]);
        assert!(theirs.newest("invitation").calendar.is_empty(), "no entry stands at that time any more");
        assert_eq!(counts(&house).await, before);
        assert!(!ann.opens_link().await.body.contains("gave us another address"));
        house.it_passes_until("2027-07-13T12:00:00Z").await;
        assert_eq!(theirs.kinds(), ["invitation", "reminder", "afterwards"]);
    }

    async fn a_resident_who_keeps_the_old_address_gets_everything_there_and_can_change_their_mind(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        on_the_page(&house, ANN, NEW).await;
        house.post_goes().await;
        let link = format!("{}/other-address", ann.link());
        assert_eq!(house.form(&link, &[]).await.status, 422, "a scanner presses without the button's word");
        for _ in 0..2 {
            chooses(&house, &ann, "old").await;
        }
        let page = house.get(&format!("{}?saved=old", ann.link())).await.body;
        assert!(page.contains("stay at your old address") && page.contains(&format!("Letters go to {ANN}")), "{page}");
        house.it_passes_until("2027-07-13T12:00:00Z").await;
        assert_eq!(ann.kinds(), ["announcement", "invitation", "other-address", "reminder", "afterwards"]);
        assert!(house.resident(NEW).kinds().is_empty());
        // Who leaves it sees first that the roster has another one.
        house.form(&format!("{}/roster-address", ann.link()), &[("address", "roster")]).await;
        assert!(ann.opens_link().await.body.contains("gave us another address"));
        chooses(&house, &ann, "new").await;
        assert!(!ann.opens_link().await.body.contains("gave us another address"));
    }

    async fn who_knows_the_new_address_has_their_letters_there_at_once(db: TestDatabase) {
        let house = invited(&db).await;
        let (ann, new) = (house.resident(ANN), house.resident(NEW));
        on_the_page(&house, ANN, NEW).await;
        house.post_goes().await;
        for _ in 0..2 {
            chooses(&house, &ann, "new").await;
        }
        house.post_goes().await;
        let (once, again) = (ann.newest("invitation"), new.newest("invitation"));
        assert_eq!(once.link("/v/"), again.link("/v/"));
        assert_eq!(once.field("message-id"), again.field("message-id"), "to one mailbox with two names it is the same");
        assert!(again.calendar[0].text.replace("\r\n ", "").contains(&format!("mailto:{NEW}")));
        house.it_passes_until("2027-07-13T12:00:00Z").await;
        assert_eq!(new.kinds(), ["invitation", "reminder", "afterwards"], "and no second one after seven days");
    }

    async fn a_typo_that_refused_the_announcement_is_mended_before_the_invitation(db: TestDatabase) {
        let house = announced(&db).await;
        for wrong in [ANN, THIRD] {
            house.sink.fails(Stage::Recipient(wrong), Deed::Answer(550), ALWAYS);
        }
        house.post_goes().await;
        // The first correction is wrong as well, and that shows too: it is the announcement that did not arrive.
        on_the_page(&house, ANN, THIRD).await;
        assert!(!counts(&house).await.contains("Castellanos"));
        house.post_goes().await;
        assert!(counts(&house).await.contains("Castellanos"));
        house.sleeps(3).await;
        assert!(counts(&house).await.contains("Castellanos"));
        on_the_page(&house, THIRD, NEW).await;
        house.post_goes().await;
        let new = house.resident(NEW);
        let text = flat(&new.newest("announcement").text);
        assert!(text.contains("June 6, 2027"), "{text}");
        let page = counts(&house).await;
        assert!(!page.contains("Castellanos"), "{page}");
        house.sleeps(3).await;
        assert_eq!(new.kinds(), ["announcement", "invitation"]);
        house.sleeps(9).await;
        assert_eq!(new.kinds(), ["announcement", "invitation"]);
    }

    async fn a_typo_is_mended_after_the_invitation_was_refused_too(db: TestDatabase) {
        let house = announced(&db).await;
        house.sink.fails(Stage::Recipient(ANN), Deed::Answer(550), ALWAYS);
        house.post_goes().await;
        house.sleeps(5).await;
        let before = counts(&house).await;
        assert!(before.contains("Castellanos"));
        on_the_page(&house, ANN, NEW).await;
        house.post_goes().await;
        let new = house.resident(NEW);
        assert_eq!(new.kinds(), ["invitation"]);
        assert!(!new.newest("invitation").calendar.is_empty());
        assert!(new.opens_link().await.body.contains("Held for you"));
        house.it_passes_until("2027-07-13T12:00:00Z").await;
        assert_eq!(new.kinds(), ["invitation", "reminder", "afterwards"]);
        assert!(house.resident(ANN).kinds().is_empty());
    }

    async fn an_address_from_which_letters_came_back_is_not_kept(db: TestDatabase) {
        let house = invited(&db).await;
        let (ann, new) = (house.resident(ANN), house.resident(NEW));
        on_the_page(&house, ANN, NEW).await;
        house.post_goes().await;
        comes_back(&house, ANN, "other-address").await;
        assert_eq!(new.kinds(), ["invitation"]);
        // And where they came back before the address was changed there is nobody to ask.
        house.clock.advance(chrono::Duration::hours(1));
        comes_back(&house, NEW, "invitation").await;
        on_the_page(&house, NEW, THIRD).await;
        house.post_goes().await;
        assert_eq!(house.resident(THIRD).kinds(), ["invitation"]);
        house.sleeps(8).await;
        assert_eq!((new.kinds().len(), house.resident(THIRD).kinds().len()), (1, 1));
        assert_eq!(ann.kinds(), ["announcement", "invitation", "other-address"]);
    }

    async fn nobody_gets_around_the_seven_days_by_changing_to_and_fro(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        on_the_page(&house, ANN, NEW).await;
        house.sleeps(5).await;
        on_the_page(&house, NEW, THIRD).await;
        house.sleeps(5).await;
        assert_eq!(ann.kinds(), ["announcement", "invitation", "other-address", "other-address"]);
        on_the_page(&house, THIRD, ANN).await;
        house.post_goes().await;
        assert!(!ann.opens_link().await.body.contains("gave us another address"));
        house.sleeps(8).await;
        assert_eq!(ann.kinds().len(), 4, "{:?}", ann.kinds());
        on_the_page(&house, ANN, NEW).await;
        house.sleeps(6).await;
        assert_eq!(ann.kinds().len(), 5, "{:?}", ann.kinds());
        for other in [NEW, THIRD] {
            assert!(house.resident(other).kinds().is_empty());
        }
    }

    async fn an_import_does_as_the_page_does(db: TestDatabase) {
        let mut all = Vec::new();
        for (page, other) in [(true, None), (false, Some(TestDatabase::sqlite()))] {
            let house = invited(other.as_ref().unwrap_or(&db)).await;
            match page {
                true => on_the_page(&house, ANN, NEW).await,
                false => by_a_file(&house, |line| line.replace(ANN, NEW)).await,
            }
            house.post_goes().await;
            house.sleeps(7).await;
            house.it_passes_until("2027-07-13T12:00:00Z").await;
            all.push([ANN, NEW].map(|address| house.resident(address).kinds()));
        }
        assert_eq!(all[0], all[1]);
        assert_eq!(all[0][1], ["invitation", "reminder", "afterwards"]);
        assert!(all[0][0].ends_with(&["other-address".to_owned()]), "{:?}", all[0]);
    }

    async fn whoever_was_only_put_onto_the_roster_answers_for_nobody_in_a_calendar(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        on_the_page(&house, ANN, NEW).await;
        house.receives(&Mail::of("gmail-declined", &house, NEW, &ann.entry())).await;
        assert!(ann.opens_link().await.body.contains("Held for you"));
        assert!(house.resident(NEW).kinds().is_empty());
        house.receives(&Mail::of("gmail-declined", &house, ANN, &ann.entry())).await;
        assert!(!ann.opens_link().await.body.contains("Held for you"), "she herself can");
    }

    async fn who_has_letters_elsewhere_has_them_there_whatever_the_roster_says(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        house.form(&format!("{}/address", ann.link()), &[("address", HOME)]).await;
        house.post_goes().await;
        let link = house.resident(HOME).newest("new-address").link("/v/");
        assert_eq!(house.form(&link, &[("address", "yes")]).await.status, 200);
        on_the_page(&house, ANN, NEW).await;
        house.it_passes_until("2027-07-13T12:00:00Z").await;
        assert_eq!(house.resident(HOME).kinds(), ["new-address", "reminder", "afterwards"]);
        assert_eq!((ann.kinds().len(), house.resident(NEW).kinds().len()), (2, 0));
    }
}

/// Everybody's address, with another domain.
fn moved(line: &str) -> String {
    line.replace("@im.example.edu", "@hospital.example.org")
        .replace("@neph.example.edu", "@hospital.example.org")
}

#[tokio::test]
async fn a_hospital_that_moves_everybody_to_another_domain_loses_nobody() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let before = counts(&house).await;
    by_a_file(&house, moved).await;
    house.post_goes().await;
    house.sleeps(7).await;
    for person in house.town.people() {
        assert!(house.resident(&person.address).kinds().ends_with(&["other-address".to_owned()]));
        assert_eq!(house.resident(&moved(&person.address)).kinds(), ["invitation"]);
    }
    assert_eq!(counts(&house).await, before);
}

#[tokio::test]
async fn a_hospital_whose_old_domain_takes_no_letters_any_more_has_everybody_invited_at_once() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let before = counts(&house).await;
    by_a_file(&house, moved).await;
    for person in house.town.people() {
        // A test's process lives a few minutes, and a fault wants an address for all of them.
        let old: &'static str = Box::leak(person.address.into_boxed_str());
        house.sink.fails(Stage::Recipient(old), Deed::Answer(550), ALWAYS);
    }
    house.post_goes().await;
    for person in house.town.people() {
        assert_eq!(house.resident(&moved(&person.address)).kinds(), ["invitation"], "{}", person.address);
    }
    house.sleeps(8).await;
    assert_eq!(house.resident(&moved(ANN)).kinds(), ["invitation"]);
    assert_eq!(counts(&house).await, before);
}

/// The clear columns of the rows that a change adds.
async fn added(house: &House, db: &TestDatabase) -> Vec<String> {
    let before = at_rest(db).await["outbox"].clone();
    let (from, to) = (ANN, NEW);
    on_the_page(house, from, to).await;
    let after = at_rest(db).await["outbox"].clone();
    let cells = |row: &String| {
        let clear = ["audience", "letter", "state", "attempts", "reason", "failed_for"];
        let cells =
            row.split(' ').filter(|cell| clear.iter().any(|name| cell.starts_with(&format!("{name}="))));
        let due = row.split(' ').find_map(|cell| cell.strip_prefix("due_at=")).unwrap();
        let days = (due.parse::<i64>().unwrap() - house.now().timestamp()) / 86_400;
        format!("{} in {days} days", cells.collect::<Vec<_>>().join(" "))
    };
    let mut added: Vec<String> = after.iter().filter(|row| !before.contains(row)).map(cells).collect();
    added.sort();
    added
}

#[tokio::test]
async fn no_row_tells_whether_somebody_is_invited_told_or_merely_written_to_elsewhere() {
    let mut seen = Vec::new();
    for stage in 0..4 {
        let db = TestDatabase::sqlite();
        let house = announced(&db).await;
        if stage == 1 {
            house.sink.fails(Stage::Recipient(ANN), Deed::Answer(550), ALWAYS);
        }
        if stage > 0 {
            house.post_goes().await;
            house.sleeps(5).await;
        }
        if stage == 3 {
            assert_eq!(house.resident(ANN).opts_out(Entry::Keep).await.status, 303);
        }
        seen.push(added(&house, &db).await);
    }
    assert_eq!(seen[0].len(), 2, "{seen:?}");
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
}
