//! Letters as a mail server receives them, and what becomes of them when it does not. Never looks into a template.

use std::collections::BTreeSet;

use holdspace::domain::booking::Entry;
use holdspace::domain::letter::telling_word;
use holdspace::jobs::post::{Delivered, Pace};

use holdspace::domain::time::Span;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{DIRECTOR, House, fortnight};
use crate::harness::letter::ReadLetter;
use crate::harness::person::kind;
use crate::harness::replies::{Mail, NOT_VOUCHED};
use crate::harness::rest::at_rest;
use crate::harness::smtp::{ALWAYS, Deed, Received, Stage, Times};

const ANN: &str = "tcastellanos@im.example.edu";
const COLLEAGUE: &str = "rosa@gme.example.edu";
/// Where she would rather get her letters; she asks, and never answers.
const HOME: &str = "ann@home.example.org";
const BOB: &str = "pcastellanos@im.example.edu";

/// A house whose announcements are due, with the therapists' letters of welcome: nineteen letters.
/// The therapists of the small town.
const THERAPISTS: [&str; 3] =
    ["mxiong@counseling.example.org", "pmbeki@counseling.example.org", "tdsouza@counseling.example.org"];

async fn booked(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    house.books().await;
    house
}

async fn invited(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.has_invited_everybody().await;
    house
}

/// Sent, retrying, failed.
fn counts(delivered: Delivered) -> (usize, usize, usize) {
    (delivered.sent, delivered.retrying, delivered.failed)
}

/// A property of the first calendar part.
fn property(letter: &ReadLetter, name: &str) -> String {
    let text = &letter.calendar.first().expect("it has a calendar part").text;
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
}

/// A message as text; every line ends as RFC 5322 wants it.
fn whole(received: &Received) -> String {
    let text = String::from_utf8(received.bytes.clone()).unwrap();
    assert!(text.split_inclusive('\n').all(|line| line.ends_with("\r\n")), "a line ends without CRLF");
    text.replace("\r\n", "\n")
}

on_both_engines! {
    async fn a_full_mailbox_is_tried_again_and_each_time_later(db: TestDatabase) {
        let house = booked(&db).await;
        house.sink.fails(Stage::Recipient(ANN), Deed::Answer(451), Times(2));
        assert_eq!(counts(house.post_goes().await), (18, 1, 0));
        assert_eq!(counts(house.post_goes().await), (0, 0, 0));
        // Five minutes and up to a quarter more; then ten.
        house.clock.advance(chrono::Duration::minutes(4));
        assert_eq!(counts(house.post_goes().await), (0, 0, 0));
        house.clock.advance(chrono::Duration::minutes(3));
        assert_eq!(counts(house.post_goes().await), (0, 1, 0));
        house.clock.advance(chrono::Duration::minutes(9));
        assert_eq!(counts(house.post_goes().await), (0, 0, 0));
        house.clock.advance(chrono::Duration::minutes(4));
        assert_eq!(counts(house.post_goes().await), (1, 0, 0));
        assert_eq!(house.resident(ANN).kinds(), ["announcement"]);
    }

    async fn an_address_that_is_not_there_is_given_up_with_a_reason_that_names_nobody(db: TestDatabase) {
        let house = booked(&db).await;
        house.sink.fails(Stage::Recipient(ANN), Deed::Answer(550), ALWAYS);
        assert_eq!(counts(house.post_goes().await), (18, 0, 1));
        house.clock.advance(chrono::Duration::hours(5));
        assert_eq!(counts(house.post_goes().await), (0, 0, 0));
        let outbox = &at_rest(&db).await["outbox"];
        let failed: Vec<&String> = outbox.iter().filter(|row| row.contains("state=failed")).collect();
        let [failed] = failed.as_slice() else { panic!("{} failed", failed.len()) };
        assert!(failed.contains("550 at RCPT"), "{failed}");
        assert!(!failed.contains("castellanos") && !failed.contains("example.edu"), "{failed}");
        let page = house.director().await.opens("/institution/mail").await;
        assert!(page.body.contains("550 at RCPT"), "{}", page.body);
        // The announcement goes out before there is any outcome: whose address is wrong may be said, for the roster.
        assert!(page.body.contains("Addresses to check") && page.body.contains("Castellanos"));
        assert!(!page.body.contains("example.edu"));
    }

    async fn a_later_letter_that_bounces_leads_to_nobody(db: TestDatabase) {
        let house = booked(&db).await;
        assert_eq!(counts(house.post_goes().await), (19, 0, 0));
        house.sink.fails(Stage::Recipient(ANN), Deed::Answer(550), ALWAYS);
        house.clock.advance(chrono::Duration::days(6));
        assert_eq!(house.post_goes().await.failed, 1);
        let page = house.director_again().await.opens("/institution/mail").await;
        assert!(page.body.contains("550 at RCPT"), "the reason is counted: {}", page.body);
        assert!(!page.body.contains("Addresses to check") && !page.body.contains("Castellanos"));
    }

    async fn a_relay_that_hangs_or_drops_the_line_holds_nobody_up_for_ever(db: TestDatabase) {
        let house = booked(&db).await;
        let minutes = |n| house.clock.advance(chrono::Duration::minutes(n));
        for (stage, deed, times) in [
            (Stage::Greeting, Deed::Drop, Times(4)),
            (Stage::Greeting, Deed::Answer(421), Times(2)),
            (Stage::AnyRecipient, Deed::Drop, Times(3)),
            (Stage::Body, Deed::Drop, Times(3)),
            (Stage::Sender, Deed::Hang, Times(1)),
        ] {
            house.sink.fails(stage, deed, times);
            let delivered = house.post_goes().await;
            assert_eq!(delivered.failed, 0, "{stage:?} {deed:?}");
            minutes(60);
        }
        house.sink.recovers();
        for _ in 0..8 {
            house.post_goes().await;
            minutes(300);
        }
        for person in house.town.people() {
            assert_eq!(house.resident(&person.address).kinds().first().map(String::as_str), Some("announcement"));
            let copies = house.resident(&person.address).kinds();
            assert_eq!(copies.iter().filter(|kind| *kind == "announcement").count(), 1);
        }
    }

    /// The relay took the letter and its answer was lost: the second copy is the first to the byte.
    async fn a_letter_whose_answer_was_lost_goes_twice_with_the_same_bytes(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.somebody_offered().await;
        assert_eq!(ann.moves_to(0).await.status, 303);
        house.sink.fails(Stage::Dot, Deed::Drop, Times(1));
        // Whoever watches the post learns of no letter that somebody's choice made be owed, nor of its failure.
        assert_eq!(counts(house.post_goes().await), (0, 0, 0));
        house.clock.advance(chrono::Duration::minutes(10));
        assert_eq!(counts(house.post_goes().await), (0, 0, 0));
        let mail = ann.mail();
        let [.., one, other] = mail.as_slice() else { panic!("{} letters", mail.len()) };
        assert_eq!((kind(&one.read()), one), ("moved".to_owned(), other));
    }

    /// The worker died after the relay took the letter: nobody takes it before the lease is over, and then it is the
    /// same letter.
    async fn a_worker_that_dies_before_marking_leaves_a_letter_that_goes_again_unchanged(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.somebody_offered().await;
        assert_eq!(ann.moves_to(0).await.status, 303);
        house.sink.fails(Stage::Dot, Deed::Hang, Times(1));
        let before = house.sink.received().len();
        tokio::select! {
            _ = house.post.deliver(&|_| {}) => panic!("the relay never answered"),
            _ = house.sink.wait_for(before + 1) => {}
        }
        assert_eq!(counts(house.post_goes().await), (0, 0, 0));
        house.clock.advance(chrono::Duration::minutes(16));
        assert_eq!(counts(house.post_goes().await), (0, 0, 0));
        let mail = ann.mail();
        let [.., one, other] = mail.as_slice() else { panic!("{} letters", mail.len()) };
        assert_eq!(one, other);
        let letter = one.read();
        assert_eq!((property(&letter, "SEQUENCE"), letter.field("message-id").len()), ("1".to_owned(), 1));
    }

    async fn the_pace_is_kept_over_every_minute(db: TestDatabase) {
        let mut house = booked(&db).await;
        house.post.pace = Pace { per_minute: Some(5), connections: 4 };
        let mut sent = Vec::new();
        for _ in 0..16 {
            let delivered = house.post_goes().await;
            sent.push(delivered.sent);
            let all = sent.iter().sum::<usize>() == 19;
            assert_eq!(delivered.drained, all, "whoever waits for the last one goes on waiting: {sent:?}");
            house.clock.advance(chrono::Duration::seconds(20));
        }
        assert_eq!(sent.iter().sum::<usize>(), 19);
        for minute in sent.windows(3) {
            assert!(minute.iter().sum::<usize>() <= 5, "{sent:?}");
        }
        assert!(sent.iter().rposition(|sent| *sent > 0).unwrap() <= 9, "slower than it may be: {sent:?}");
    }

    async fn who_asks_to_sign_in_waits_for_no_batch(db: TestDatabase) {
        let mut house = booked(&db).await;
        house.desk.ask_to_sign_in(THERAPISTS[0]).await.unwrap();
        house.post.pace = Pace { per_minute: Some(24), connections: 4 };
        house.post_goes().await;
        let came = house.arrivals();
        let sign_ins = came.iter().filter(|arrival| kind(&arrival.received.read()) == "sign-in").count();
        assert_eq!((came.len(), sign_ins), (16 + 4, 1), "of 24 a minute 4 are for those of one person");
    }

    async fn everyones_letters_leave_at_the_same_moments_however_many_others_there_are(db: TestDatabase) {
        let mut house = booked(&db).await;
        house.post.pace = Pace { per_minute: Some(6), connections: 4 };
        let mut left = Vec::new();
        for third in 0..12 {
            // In every minute more of these than the whole pace has room for.
            for therapist in THERAPISTS.iter().cycle().take(3) {
                house.desk.ask_to_sign_in(therapist).await.unwrap();
            }
            house.post_goes().await;
            let everyones = house.arrivals().into_iter().filter(|came| kind(&came.received.read()) == "announcement");
            left.push((third * 20, everyones.count()));
            house.clock.advance(chrono::Duration::seconds(20));
        }
        left.dedup_by_key(|(_, count)| *count);
        assert_eq!(left, [(0, 5), (60, 10), (120, 15), (180, 16)]);
    }

    async fn a_name_with_a_line_break_kills_no_batch_and_adds_no_header(db: TestDatabase) {
        let mut house = House::on(&db).await;
        house.town.roster += "IM,\"Doe\nBcc: all@example.org\",\"Eve\r\n\",eve@im.example.edu,1,A,Denver Main,2027-07-01\n";
        house.imports_the_sample_files().await;
        house.opens_an_offering().await;
        assert_eq!(house.books().await.booked, 17);
        assert_eq!(counts(house.post_goes().await), (3 + 17, 0, 0));
        let letters = house.resident("eve@im.example.edu").letters();
        let [letter] = letters.as_slice() else { panic!("{} letters", letters.len()) };
        assert_eq!(letter.field("bcc"), Vec::<&str>::new());
        assert!(house.sink.received().iter().all(|received| received.to != ["all@example.org"]));
    }

    async fn what_was_overtaken_is_never_sent(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.somebody_offered().await;
        let bob = house.resident([ANN, BOB].into_iter().find(|bob| *bob != ann.address()).unwrap());
        assert_eq!(ann.moves_to(0).await.status, 303);
        assert_eq!(ann.opts_out(Entry::Remove).await.status, 303);
        assert_eq!(bob.opts_out(Entry::Remove).await.status, 303);
        assert_eq!(bob.comes_back().await.status, 303);
        house.post_goes().await;
        assert_eq!(ann.kinds(), ["announcement", "invitation", "removed"]);
        assert_eq!(bob.kinds(), ["announcement", "invitation", "moved"]);
        let (cancel, request) = (ann.newest("removed"), bob.newest("moved"));
        assert_eq!((property(&cancel, "METHOD"), property(&cancel, "SEQUENCE")), ("CANCEL".into(), "2".into()));
        assert_eq!((property(&request, "METHOD"), property(&request, "SEQUENCE")), ("REQUEST".into(), "2".into()));
    }

    async fn a_reminder_that_could_not_leave_before_the_visit_is_not_sent_after_it(db: TestDatabase) {
        let house = invited(&db).await;
        house.it_becomes("2027-07-02T12:00:00Z").await;
        house.sink.fails(Stage::Greeting, Deed::Drop, ALWAYS);
        house.it_becomes("2027-07-16T23:00:00Z").await;
        house.sink.recovers();
        house.it_becomes("2027-07-17T12:00:00Z").await;
        let kinds: Vec<String> = house.sink.received().iter().map(|one| kind(&one.read())).collect();
        let count = |of: &str| kinds.iter().filter(|kind| *kind == of).count();
        assert_eq!((count("reminder"), count("afterwards")), (0, house.town.people().len()));
    }

    async fn a_calendar_entry_keeps_its_uid_and_its_sequence_rises(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.somebody_offered().await;
        assert_eq!(ann.moves_to(0).await.status, 303);
        house.post_goes().await;
        assert_eq!(ann.opts_out(Entry::Remove).await.status, 303);
        house.post_goes().await;
        let story: Vec<_> = ["invitation", "moved", "removed"]
            .map(|kind| ann.newest(kind))
            .iter()
            .map(|letter| {
                let [part, ..] = letter.calendar.as_slice() else { panic!("no calendar part") };
                assert_eq!(part.method.as_deref(), Some(property(letter, "METHOD").as_str()));
                (property(letter, "METHOD"), property(letter, "SEQUENCE"), property(letter, "UID"))
            })
            .collect();
        let uid = story[0].2.clone();
        let expected = [("REQUEST", "0"), ("REQUEST", "1"), ("CANCEL", "2")];
        // What is taken off the calendar is the entry that stands there, at the time to which it was moved.
        assert_eq!(property(&ann.newest("removed"), "DTSTART"), property(&ann.newest("moved"), "DTSTART"));
        assert_ne!(property(&ann.newest("moved"), "DTSTART"), property(&ann.newest("invitation"), "DTSTART"));
        assert_eq!(story, expected.map(|(method, sequence)| (method.into(), sequence.into(), uid.clone())));
    }

    async fn who_wants_no_letters_gets_none_but_keeps_the_visit(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        assert_eq!(ann.wishes(&["none"]).await.status, 303);
        house.it_becomes("2027-07-12T12:00:00Z").await;
        assert_eq!(ann.kinds(), ["announcement", "invitation"]);
        // Several came in one round, over connections that race.
        assert!(house.resident(BOB).kinds().iter().any(|kind| kind == "afterwards"));
        house.everyone_sits_once().await;
    }
}

/// The whole walk of one person, whose address it gives, and the letters to therapists and the director beside it. Over one
/// connection, so
/// that links which are made while letters are written come in one order.
async fn walks_through_every_letter(house: &mut House) -> String {
    house.post.pace = Pace { per_minute: None, connections: 1 };
    house.has_invited_everybody().await;
    let address = house.somebody_offered().await.address().to_owned();
    let ann = house.resident(&address);
    ann.wishes(&["confirm", "remind"]).await;
    house.form(&format!("{}/address", ann.link()), &[("address", HOME)]).await;
    ann.moves_to(0).await;
    house.hours_pass(1).await;
    ann.opts_out(Entry::Keep).await;
    house.hours_pass(1).await;
    ann.opts_out(Entry::Remove).await;
    house.hours_pass(1).await;
    // To a time that is still two days off when the clock goes on: the reminder of it is one of the letters.
    let times = house.desk.offers(&ann.token()).await.unwrap().times;
    let late: holdspace::domain::time::Instant = "2027-07-05T19:00:00Z".parse().unwrap();
    let late = times.iter().position(|time| time.span.starts_at() > late);
    ann.moves_to(late.expect("nobody is offered a time that late")).await;
    house.form("/sign-in", &[("address", DIRECTOR)]).await;
    house.it_becomes("2027-07-03T18:00:00Z").await;
    house.days_pass(2).await;
    // On the day of somebody's visit, and before it begins: the therapist must know at once.
    for person in house.town.people() {
        house.resident(&person.address).opts_out(Entry::Keep).await;
    }
    house.days_pass(4).await;
    let role = crate::director::coordinator_of(house, "IM").await;
    let asked = [("name", "Rosa Imani"), ("address", COLLEAGUE), ("role", role.as_str())];
    assert_eq!(house.director_again().await.sends("/institution/people", &asked).await.status, 303);
    house.post_goes().await;
    address
}

#[tokio::test]
async fn every_letter_as_its_reader_gets_it() {
    let db = TestDatabase::sqlite();
    let mut house = House::on(&db).await;
    let ann = walks_through_every_letter(&mut house).await;
    let mut seen = BTreeSet::new();
    let to_ann = |received: &Received| [ann.as_str(), HOME].contains(&received.to[0].as_str());
    let to_staff = |received: &Received| {
        received.to[0].ends_with("@counseling.example.org")
            || [DIRECTOR, COLLEAGUE].contains(&received.to[0].as_str())
    };
    for received in house.sink.received() {
        let kind = kind(&received.read());
        if (to_ann(&received) || to_staff(&received)) && seen.insert(kind.clone()) {
            insta::assert_snapshot!(kind, whole(&received));
        }
    }
    // Each walk has a house of its own: some open a second season.
    let [losses, further, waiting, law, answers, other] = [(); 6].map(|()| TestDatabase::sqlite());
    let mut house = House::on(&losses).await;
    crate::away::walks_through_every_loss(&mut house).await;
    as_read(&house, &mut seen);
    let mut house = House::on(&further).await;
    house.post.pace = Pace { per_minute: None, connections: 1 };
    crate::follow_ups::walks_through_a_further_time(&house).await;
    as_read(&house, &mut seen);
    let mut house = House::on(&waiting).await;
    house.post.pace = Pace { per_minute: None, connections: 1 };
    crate::waiting::walks_until_a_time_is_kept(&mut house).await;
    as_read(&house, &mut seen);
    let mut house = House::on(&law).await;
    crate::retimed::walks_through_a_changed_law(&mut house).await;
    as_read(&house, &mut seen);
    let mut house = House::on(&answers).await;
    house.post.pace = Pace { per_minute: None, connections: 1 };
    two_answer_in_their_calendars(&house).await;
    as_read(&house, &mut seen);
    let house = House::on(&other).await;
    crate::readdressed::walks_until_an_old_address_is_told(&house).await;
    as_read(&house, &mut seen);
    let all: BTreeSet<String> =
        holdspace::domain::letter::Letter::ALL.iter().map(|letter| letter.name().to_owned()).collect();
    assert_eq!(seen, all);
}

/// One declines, unreadably and then in a way that is asked about; another proposes a time at night.
async fn two_answer_in_their_calendars(house: &House) {
    house.has_invited_everybody().await;
    let people = house.town.people();
    let declines = house.resident(&people[7].address);
    let answer = |file| Mail::of(file, house, declines.address(), &declines.entry());
    house.receives(&answer("winmail")).await;
    house.receives(&answer("gmail-declined").with("RESULTS", NOT_VOUCHED)).await;
    let proposes = house.resident(&people[8].address);
    let night = Span::new("2027-07-07T08:00:00Z".parse().unwrap(), "2027-07-07T09:00:00Z".parse().unwrap());
    let proposal = Mail::of("exchange-counter", house, proposes.address(), &proposes.entry());
    house.receives(&proposal.proposing(night.unwrap())).await;
    house.post_goes().await;
}

/// Every letter that came, of kinds that were not seen before, as it is read.
fn as_read(house: &House, seen: &mut BTreeSet<String>) {
    for received in house.sink.received() {
        let kind = kind(&received.read());
        if seen.insert(kind.clone()) {
            insta::assert_snapshot!(kind, whole(&received));
        }
    }
}

#[tokio::test]
async fn what_a_colleague_sees_over_a_shoulder_tells_nothing() {
    let db = TestDatabase::sqlite();
    let mut house = House::on(&db).await;
    walks_through_every_letter(&mut house).await;
    let other = TestDatabase::sqlite();
    let mut unlucky = House::on(&other).await;
    crate::away::walks_through_every_loss(&mut unlucky).await;
    let third = TestDatabase::sqlite();
    let further = House::on(&third).await;
    crate::follow_ups::walks_through_a_further_time(&further).await;
    let people = [house.town.people(), unlucky.town.people(), further.town.people()].concat();
    let names: Vec<String> = people.iter().flat_map(|who| [who.family.clone(), who.given.clone()]).collect();
    let residents: BTreeSet<String> = people.into_iter().map(|who| who.address).collect();
    let mut looked_at = 0;
    let received = [house.sink.received(), unlucky.sink.received(), further.sink.received()].concat();
    for received in received.iter().filter(|received| residents.contains(&received.to[0])) {
        let letter = received.read();
        let mut seen = vec![letter.subject.clone(), letter.field("from")[0].to_owned()];
        for part in &letter.calendar {
            seen.extend(["SUMMARY", "DESCRIPTION"].map(|name| property(&letter, name)));
            seen.extend(
                part.text.lines().filter_map(|line| line.strip_prefix("LOCATION:")).map(str::to_owned),
            );
            seen.extend(part.file_name.clone());
        }
        for text in seen {
            assert_eq!(telling_word(&text), None, "{text}");
            assert!(!names.iter().any(|name| name.len() > 3 && text.contains(name)), "{text}");
            looked_at += 1;
        }
        // One recipient, one address, and no list of others.
        assert_eq!((received.to.len(), letter.field("cc").len(), letter.field("bcc").len()), (1, 0, 0));
    }
    assert!(looked_at > 200, "{looked_at}");
}

#[tokio::test]
async fn letters_for_everyone_have_one_subject_and_one_size_whoever_gets_them() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    house.opens(holdspace::domain::offering::Rules { announce_days: Some(1), ..fortnight() }).await;
    house.books().await;
    house.post_goes().await;
    let subjects: BTreeSet<String> = house
        .town
        .people()
        .iter()
        .map(|person| house.resident(&person.address).newest("announcement").subject)
        .collect();
    assert_eq!(subjects.len(), 1);
}
