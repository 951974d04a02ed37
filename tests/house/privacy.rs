//! What lies or is logged anywhere names nobody. Never compares worlds: `two_worlds` does.

use holdspace::domain::absence::Typed;
use holdspace::domain::booking::Entry;
use holdspace::domain::time::Span;
use holdspace::telemetry::{self, Captured};
use tracing_subscriber::util::SubscriberInitExt;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::House;
use crate::harness::log::CapturedLog;
use crate::harness::replies::{Mail, NOT_VOUCHED};
use crate::program;

const THERAPISTS: [&str; 3] =
    ["mxiong@counseling.example.org", "pmbeki@counseling.example.org", "tdsouza@counseling.example.org"];

/// Two therapists fall ill, each for a day.
async fn two_are_away(house: &House) {
    let mut lost = 0;
    for (therapist, day) in [(THERAPISTS[1], "2027-07-07"), (THERAPISTS[0], "2027-07-13")] {
        let day = Typed { on: day.parse().unwrap(), at: None };
        let shown = house.desk.away(&therapist.parse().unwrap(), day, Some(day)).await.unwrap();
        lost += shown.mend.visits;
    }
    assert!(lost > 0, "nobody lost a visit, so this proves nothing");
    house.everyone_sits_once().await;
    house.post_goes().await;
}

/// A season in which everything happens, for searches afterwards.
async fn everything_happens(house: &House) {
    house.has_invited_everybody().await;
    program::entrust(house, program::COORDINATOR, &["IM"]).await;
    let people = house.town.people();
    let mut somebody_moves = true;
    for (number, person) in people.iter().enumerate().take(6) {
        let resident = house.resident(&person.address);
        match number {
            2 => drop((resident.opts_out(Entry::Remove).await, resident.comes_back().await)),
            // Whom the lottery leaves without another time cannot move: then somebody else does, further down.
            3 if !resident.is_offered().await.is_empty() => {
                somebody_moves = false;
                drop(resident.moves_to(0).await);
            }
            _ => drop(resident.opts_out(Entry::Keep).await),
        }
    }
    let declines = &house.resident(&people[7].address);
    let mail = Mail::of("gmail-declined", house, declines.address(), &declines.entry());
    house.receives(&Mail::of("winmail", house, declines.address(), &declines.entry())).await;
    house.receives(&mail.with("RESULTS", NOT_VOUCHED)).await;
    house.form(&declines.newest("calendar-answer").link("/answer"), &[("answer", "yes")]).await;
    let proposes = house.resident(&people[8].address);
    let night = "2027-07-07T08:00:00Z".parse().ok().zip("2027-07-07T09:00:00Z".parse().ok());
    let night = night.and_then(|(from, to)| Span::new(from, to)).unwrap();
    let mail = Mail::of("exchange-counter", house, proposes.address(), &proposes.entry());
    house.receives(&mail.proposing(night)).await;
    if somebody_moves {
        assert_eq!(house.somebody_offered().await.moves_to(0).await.status, 303);
    }
    two_are_away(house).await;
    house.sink.fails(
        crate::harness::smtp::Stage::Recipient("tcastellanos@im.example.edu"),
        crate::harness::smtp::Deed::Answer(550),
        crate::harness::smtp::ALWAYS,
    );
    house.get("/v/a-token-that-nobody-has").await;
    house.it_becomes("2027-07-13T12:00:00Z").await;
    house.hours_fly(24).await;
    for address in THERAPISTS {
        let session = house.therapist(address).signs_in().await;
        for visit in session.agenda("2027-07-05").await.iter().take(3) {
            session.marks(&visit.seat, "kept").await;
        }
    }
    crate::follow_ups::somebody_takes_another_visit(house).await;
    assert_eq!(house.it_becomes("2027-08-13T12:00:00Z").await.released, 1);
    house.director_again().await.overview().await;
}

/// The tokens of every link that was mailed.
fn tokens(house: &House) -> Vec<String> {
    let letters = house.sink.received().into_iter().map(|received| received.read());
    let links = letters.flat_map(|letter| letter.links());
    let tokens = links.filter_map(|link| {
        let link = link.trim_end_matches("/answer").trim_end_matches("/times");
        let token = link.rsplit('/').next()?.trim_end_matches(".ics").to_owned();
        (token.len() == 52).then_some(token)
    });
    let mut tokens: Vec<String> = tokens.collect();
    tokens.sort_unstable();
    tokens.dedup();
    assert!(tokens.len() > 16 + 3, "{}", tokens.len());
    tokens
}

on_both_engines! {
    async fn no_log_line_names_anybody_or_holds_a_link(db: TestDatabase) {
        let log = CapturedLog::everything();
        let house = House::on(&db).await;
        everything_happens(&house).await;
        assert_eq!(house.therapist(THERAPISTS[0]).signs_in().await.opens("/agenda").await.status, 200);
        assert!(!log.text().contains("/agenda"), "so many marks were so many visits");
        let (secrets, tokens) = (house.town.secrets(), tokens(&house));
        log.names_none_of(secrets.iter().chain(&tokens).map(String::as_str));
        assert!(log.text().contains("holdspace::"), "the product logged nothing, so this proves nothing");
    }

    async fn no_row_names_anybody_or_holds_a_link(db: TestDatabase) {
        let house = House::on(&db).await;
        everything_happens(&house).await;
        let rest = crate::harness::rest::at_rest(&db).await;
        let text = rest.into_values().flatten().collect::<Vec<_>>().join("\n").to_lowercase();
        assert!(text.contains("internal medicine") && text.contains("protected time"));
        // Bytes stand there in hexadecimal: plain text in one of them would too.
        let hex = |secret: &str| secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        for secret in house.town.secrets().iter().chain(&tokens(&house)) {
            assert!(!text.contains(&secret.to_lowercase()), "a row holds {secret}");
            assert!(!text.contains(&hex(secret)), "a row holds {secret} as bytes");
        }
    }
}

/// The file, its log and whatever lies beside it, as in a stolen backup.
#[tokio::test]
async fn the_files_of_sqlite_name_nobody_and_hold_no_link() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    everything_happens(&house).await;
    let (secrets, tokens) = (house.town.secrets(), tokens(&house));
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(db.directory().unwrap()).unwrap() {
        bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |text: &str| {
        let (lower, text) = (text.to_lowercase(), text.as_bytes());
        let mut windows = bytes.windows(text.len());
        windows.any(|window| window.eq_ignore_ascii_case(text) || window == lower.as_bytes())
    };
    assert!(holds("Internal Medicine") && holds("Protected time"), "this search finds nothing");
    for secret in secrets.iter().chain(&tokens) {
        assert!(!holds(secret), "the files hold {secret}");
    }
}

/// At whatever level an operator asks for: a statement of the database, in the log at its moment, would be a timetable of
/// choices.
#[tokio::test]
async fn what_a_resident_does_adds_no_line_to_a_talkative_log() {
    let log = Captured::default();
    // The client is no part of the service.
    let filter = "debug,sqlx=trace,hyper_util=off,reqwest=off";
    telemetry::subscriber(false, false, Some(filter), log.clone()).unwrap().try_init().unwrap();
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let ann = house.somebody_offered().await;
    assert_eq!(house.get("/about").await.status, 200);
    let before = log.text();
    assert!(before.contains("holdspace::"), "nothing was logged, so this proves nothing");
    assert_eq!(ann.moves_to(0).await.status, 303);
    assert_eq!(ann.opts_out(Entry::Remove).await.status, 303);
    assert_eq!(log.text().strip_prefix(&before).unwrap(), "");
}
