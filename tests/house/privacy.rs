//! The test that decides: two worlds that differ in what one resident did look the same from the program's side. And
//! what lies or is logged anywhere names nobody. Never a checklist of pages: whole answers are compared.

use std::collections::BTreeMap;

use holdspace::desk::admit::RosterOptions;
use holdspace::domain::absence::Typed;
use holdspace::domain::booking::Entry;
use holdspace::domain::offering::Rules;
use holdspace::domain::time::Span;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{Arrival, House, Page, fortnight};
use crate::harness::log::CapturedLog;
use crate::harness::person::{Resident, kind};
use crate::harness::replies::{Mail, NOT_VOUCHED};
use crate::harness::town::{OnRoster, tables};
use crate::program;

const THERAPISTS: [&str; 3] =
    ["mxiong@counseling.example.org", "pmbeki@counseling.example.org", "tdsouza@counseling.example.org"];

/// Whose doings tell the worlds apart: somebody whose visit is on the first day, with protected time two days later.
fn ann(house: &House) -> OnRoster {
    let first_day = |person: &OnRoster| {
        let invitation = house.resident(&person.address).newest("invitation");
        person.address.ends_with("@im.example.edu")
            && invitation.calendar[0].text.contains("DTSTART:20270705")
    };
    house.town.people().into_iter().find(first_day).expect("somebody is booked on the first day")
}

/// What one resident does. Marks are what their therapist notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Nothing,
    OptsOutAndKeepsTheEntry,
    OptsOutAndRemovesTheEntry,
    OptsOutAndComesBack,
    Moves,
    OptsOutAndTakesAnotherTime,
    IsMarkedKept,
    IsMarkedMissed,
    WantsConfirmations,
    MovesAndTakesItBack,
    SpeaksSpanish,
    WishesForATherapist,
    AsksToBeMoved,
    AttendsInAnotherWay,
    HasLettersSentHome,
    IsOfferedAnotherVisitAndTakesIt,
    AnswersTheSurvey,
    DeclinesInTheCalendar,
    ProposesATimeInTheCalendar,
    AnswersAndIsAskedByLetter,
    StopsReminders,
}

impl Deed {
    /// Whether it changes how the letters look that everyone gets, in one's own mailbox, or in which one they arrive.
    fn shows_in_their_own_mailbox(self) -> bool {
        matches!(self, Self::SpeaksSpanish | Self::HasLettersSentHome | Self::StopsReminders)
    }
}

/// A cohort of so many is asked an anonymous question.
const ASKED: usize = 150;

/// Another address of hers.
const HOME: &str = "ann@home.example.org";

const DEEDS: [Deed; 20] = [
    Deed::OptsOutAndKeepsTheEntry,
    Deed::OptsOutAndRemovesTheEntry,
    Deed::OptsOutAndComesBack,
    Deed::Moves,
    Deed::OptsOutAndTakesAnotherTime,
    Deed::IsMarkedKept,
    Deed::IsMarkedMissed,
    Deed::WantsConfirmations,
    Deed::MovesAndTakesItBack,
    Deed::SpeaksSpanish,
    Deed::WishesForATherapist,
    Deed::HasLettersSentHome,
    Deed::IsOfferedAnotherVisitAndTakesIt,
    Deed::AnswersTheSurvey,
    Deed::AsksToBeMoved,
    Deed::AttendsInAnotherWay,
    Deed::DeclinesInTheCalendar,
    Deed::ProposesATimeInTheCalendar,
    Deed::AnswersAndIsAskedByLetter,
    Deed::StopsReminders,
];

/// Does what a resident does before the visit.
async fn before_the_visit(house: &House, deed: Deed) {
    let ann = house.resident(&ann(house).address);
    let mut pages = Vec::new();
    match deed {
        Deed::OptsOutAndKeepsTheEntry => pages.push(ann.opts_out(Entry::Keep).await),
        Deed::OptsOutAndRemovesTheEntry => pages.push(ann.opts_out(Entry::Remove).await),
        Deed::OptsOutAndComesBack => {
            pages.extend([ann.opts_out(Entry::Remove).await, ann.comes_back().await])
        }
        Deed::Moves => pages.push(ann.moves_to(0).await),
        Deed::OptsOutAndTakesAnotherTime => {
            pages.extend([ann.opts_out(Entry::Keep).await, ann.moves_to(0).await]);
        }
        Deed::WantsConfirmations => {
            pages.extend([ann.wishes(&["confirm", "remind"]).await, ann.opts_out(Entry::Keep).await]);
        }
        Deed::MovesAndTakesItBack => {
            pages.push(ann.moves_to(0).await);
            pages.push(house.form(&format!("{}/move-back", ann.link()), &[("back", "yes")]).await);
        }
        Deed::SpeaksSpanish => {
            pages.push(house.form(&format!("{}/language", ann.link()), &[("language", "es")]).await);
        }
        Deed::WishesForATherapist => {
            let wish = [("language", "Spanish"), ("gender", "female"), ("way", "phone")];
            pages.push(house.form(&format!("{}/preferences", ann.link()), &wish).await);
            pages.push(ann.moves_to(0).await);
        }
        Deed::AsksToBeMoved => pages.extend(asks_to_be_moved(house, &ann).await),
        Deed::AttendsInAnotherWay => pages.extend(attends_in_another_way(house, &ann).await),
        Deed::HasLettersSentHome => {
            pages.push(house.form(&format!("{}/address", ann.link()), &[("address", HOME)]).await);
            house.post_goes().await;
            let question = house.resident(HOME).newest("new-address").link("/v/");
            assert_eq!(house.form(&question, &[("address", "yes")]).await.status, 200);
        }
        Deed::StopsReminders => {
            pages.push(house.form(&format!("{}/reminders", ann.link()), &[("reminders", "off")]).await);
        }
        Deed::DeclinesInTheCalendar | Deed::ProposesATimeInTheCalendar | Deed::AnswersAndIsAskedByLetter => {
            pages.extend(answers_in_the_calendar(house, &ann, deed).await);
        }
        Deed::Nothing
        | Deed::IsMarkedKept
        | Deed::IsMarkedMissed
        | Deed::IsOfferedAnotherVisitAndTakesIt
        | Deed::AnswersTheSurvey => {}
    }
    assert!(pages.iter().all(|page| page.status == 303), "{deed:?}: {pages:?}");
}

/// Answers in a calendar program, vouched for or not.
async fn answers_in_the_calendar(house: &House, ann: &Resident<'_>, deed: Deed) -> Vec<Page> {
    match deed {
        Deed::DeclinesInTheCalendar => {
            let mail = Mail::of("exchange-declined", house, ann.address(), &ann.entry());
            house.receives(&mail).await;
            assert!(ann.opens_link().await.body.contains("You declined in your calendar on"));
            Vec::new()
        }
        Deed::ProposesATimeInTheCalendar => {
            let times = house.desk.offers(&ann.token()).await.unwrap().times;
            let mail = Mail::of("gmail-counter", house, ann.address(), &ann.entry()).proposing(times[0].span);
            house.receives(&mail).await;
            assert!(ann.opens_link().await.body.contains("You proposed this time"));
            Vec::new()
        }
        _ => {
            let mail = Mail::of("apple-declined", house, ann.address(), &ann.entry());
            house.receives(&mail.with("RESULTS", NOT_VOUCHED)).await;
            let question = ann.newest("calendar-answer").link("/answer");
            vec![house.form(&question, &[("answer", "yes")]).await]
        }
    }
}

/// Asks to be moved to what a free time has and hers lacks; where no free time has, to what she then gives up herself: the
/// fixed hour finds it free like any other.
async fn asks_to_be_moved(house: &House, ann: &Resident<'_>) -> Vec<Page> {
    let wishes = |(language, way)| [("language", language), ("gender", ""), ("way", way), ("move", "on")];
    let preferences = format!("{}/preferences", ann.link());
    let mut pages = Vec::new();
    let two_ways = !ann.opens_link().await.values("way").is_empty();
    for wish in [("Spanish", ""), ("", "in-person"), ("", "video")] {
        pages.push(house.form(&preferences, &wishes(wish)).await);
        if house.get(&format!("{}/times", ann.link())).await.body.contains("Move me to") {
            return pages;
        }
    }
    for seat in ann.is_offered().await {
        pages.push(ann.takes(&seat).await);
        if !two_ways || ann.opens_link().await.values("way").is_empty() {
            break;
        }
    }
    let wish = if two_ways { ("", "in-person") } else { ("Spanish", "") };
    pages.push(house.form(&preferences, &wishes(wish)).await);
    pages
}

/// Attends the same visit in another way; who has a therapist of one way only goes to one of two first.
async fn attends_in_another_way(house: &House, ann: &Resident<'_>) -> Vec<Page> {
    let mut pages = Vec::new();
    let wish = [("language", ""), ("gender", ""), ("way", "in-person")];
    pages.push(house.form(&format!("{}/preferences", ann.link()), &wish).await);
    let times = house.get(&format!("{}/times", ann.link())).await;
    match times.values("way").first() {
        Some(way) => pages.push(house.form(&format!("{}/way", ann.link()), &[("way", way)]).await),
        None => pages.push(ann.takes(&times.values("seat")[0]).await),
    }
    let way = ann.opens_link().await.values("way").remove(0);
    pages.push(house.form(&format!("{}/way", ann.link()), &[("way", &way)]).await);
    pages
}

/// Does what a therapist notes.
async fn after_the_visit(house: &House, deed: Deed) {
    let mark = match deed {
        Deed::IsMarkedKept => Some("kept"),
        Deed::IsMarkedMissed => Some("missed"),
        _ => None,
    };
    let ann = ann(house);
    if deed == Deed::AnswersTheSurvey {
        let own = format!("{}/survey", house.resident(&ann.address).link());
        let given = house.form(&own, &[("survey", "yes")]).await;
        assert!(given.header("location").starts_with("/survey/"), "{given:?}");
        assert_eq!(house.form(given.header("location"), &[("again", "5")]).await.status, 303);
    }
    let name = format!("{} {}", ann.given, ann.family);
    let (mut marked, mut offered) = (0, 0);
    // Therapists look at their agenda in every world; who signs in takes a minute of it.
    for address in THERAPISTS {
        let session = house.therapist(address).signs_in().await;
        for visit in session.agenda("2027-07-05").await.iter().filter(|visit| visit.name == name) {
            if deed == Deed::IsOfferedAnotherVisitAndTakesIt {
                let resident = house.resident(&ann.address);
                crate::follow_ups::is_offered_and_taken(&session, &visit.seat, &resident, house).await;
                offered += 1;
            }
            let Some(mark) = mark else { continue };
            assert_eq!(session.marks(&visit.seat, mark).await.status, 303);
            marked += 1;
        }
    }
    assert_eq!(marked, usize::from(mark.is_some()));
    assert_eq!(offered, usize::from(deed == Deed::IsOfferedAnotherVisitAndTakesIt));
}

/// Everything that the program's side can see at one moment.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    coverage: [[String; 2]; 2],
    director: Vec<Page>,
    letters: Vec<(String, String, String, i64)>,
    plan: String,
    absences: Vec<String>,
    offering: String,
    import: String,
    /// Every page and file of the programs, to their coordinator and to a director, by address.
    pages: Vec<(String, Page)>,
}

async fn seen(house: &House) -> Seen {
    let director = house.director_again().await;
    let mut db = house.store.read().await.unwrap();
    let counts = holdspace::storage::outbox::counts(&mut db).await.unwrap();
    drop(db);
    // A dry run of the same roster: what the coordinator's own tool answers.
    let dry = RosterOptions { dry_run: true, ..RosterOptions::default() };
    let import = house.desk.import_roster(&tables(&house.town.roster), &dry).await.unwrap();
    let mut absences = Vec::new();
    for therapist in THERAPISTS {
        let shown = house.desk.absence(None, &therapist.parse().unwrap(), (None, None)).await.unwrap();
        absences.push(serde_json::to_string(&shown).unwrap());
    }
    Seen {
        pages: pages(house).await,
        absences,
        coverage: [house.coverage("IM").await, house.coverage("NEPH").await],
        director: crate::director::every_page(house, &director).await,
        letters: counts.into_iter().map(|c| (c.letter, c.state, c.reason, c.count)).collect(),
        plan: serde_json::to_string(&house.desk.plan(None, None).await.unwrap()).unwrap(),
        offering: serde_json::to_string(&house.desk.show_offering(None).await.unwrap()).unwrap(),
        import: serde_json::to_string(&import).unwrap(),
    }
}

/// Whatever the program's side can open.
async fn pages(house: &House) -> Vec<(String, Page)> {
    let cory = house.therapist(program::COORDINATOR).signs_in().await;
    let director = house.director_again().await;
    let offering = house.desk.show_offering(None).await.unwrap().id;
    let mut seen = Vec::new();
    for path in program::ADDRESSES {
        let own = format!("/program/IM{path}");
        seen.push((format!("{own}, its coordinator"), cory.opens(&own).await));
        for path in [own, format!("/program/NEPH{path}")] {
            seen.push((path.clone(), director.opens(&path).await));
        }
    }
    for path in [format!("/program/IM/releases/{offering}/release.csv"), format!("/offering/{offering}/book")]
    {
        seen.push((path.clone(), director.opens(&path).await));
    }
    seen
}

/// What a world looked like from outside, from the first deed to the day before the release.
#[derive(Debug, PartialEq, Eq)]
struct World {
    seen: Vec<Seen>,
    booked: String,
    /// All letters of everybody else, byte for byte with their moments.
    mail: Vec<Arrival>,
    /// Her letters of those that everyone gets, at either address.
    own: Vec<Arrival>,
}

/// Lives through the small town's season with one deed. Randomness is turned to one stream wherever something is drawn
/// that the program's side sees, because what a resident does draws too.
async fn lives_through(deed: Deed) -> World {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_a_cohort_of(ASKED, Rules { reserve_percent: 30, ..fortnight() }).await;
    program::entrust(&house, program::COORDINATOR, &["IM"]).await;
    let mut all_seen = vec![seen(&house).await];
    before_the_visit(&house, deed).await;
    all_seen.push(seen(&house).await);
    house.hours_fly(12).await;
    let page = house.resident(&ann(&house).address).opens_link().await;
    let moved = page.body.contains("you were moved to it, as you had asked");
    assert!(moved || deed != Deed::AsksToBeMoved, "the fixed hour moved nobody, so this proves nothing");
    all_seen.push(seen(&house).await);

    house.dice.turn_to(7);
    let late =
        format!("{}IM,Okafor,Lena,lokafor@im.example.edu,1,A,Denver Main,2027-07-01\n", house.town.roster);
    house.desk.import_roster(&tables(&late), &RosterOptions::default()).await.unwrap();
    all_seen.push(seen(&house).await);
    house.dice.turn_to(8);
    let booked = house.desk.book(None).await.unwrap();
    all_seen.push(seen(&house).await);
    house.dice.turn_to(9);
    all_seen.push(two_are_away(&house).await);
    house.dice.turn_to(10);

    house.it_becomes("2027-07-03T12:00:00Z").await;
    house.hours_fly(60).await;
    all_seen.push(seen(&house).await);
    // The visit was in the afternoon; there is protected time the day after tomorrow.
    after_the_visit(&house, deed).await;
    house.hours_fly(72).await;
    all_seen.push(seen(&house).await);
    house.it_becomes("2027-08-12T12:00:00Z").await;
    all_seen.push(seen(&house).await);
    let (own, mail) = mail_of_the_program(&house);
    World { seen: all_seen, booked: serde_json::to_string(&booked).unwrap(), mail, own }
}

/// Two therapists fall ill, each for a day: with one of them somebody may have chosen a time that is not the default one.
async fn two_are_away(house: &House) -> Seen {
    let mut lost = 0;
    for (therapist, day) in [(THERAPISTS[1], "2027-07-07"), (THERAPISTS[0], "2027-07-13")] {
        let day = Typed { on: day.parse().unwrap(), at: None };
        let shown = house.desk.away(&therapist.parse().unwrap(), day, Some(day)).await.unwrap();
        lost += shown.mend.visits;
    }
    assert!(lost > 0, "nobody lost a visit, so this proves nothing");
    house.everyone_sits_once().await;
    house.post_goes().await;
    seen(house).await
}

/// What a mail server shows of letters that nobody asked for: hers, and everybody else's.
fn mail_of_the_program(house: &House) -> (Vec<Arrival>, Vec<Arrival>) {
    let for_everyone = ["announcement", "invitation", "reminder", "afterwards", "rearranged", "released"];
    let to_therapists = |arrival: &Arrival| arrival.received.to[0].ends_with("@counseling.example.org");
    // A way in that somebody of the staff asked for bears fresh randomness, as it should.
    // Which free seat is kept for who waits, and when, hangs on which seats are free: docs/architecture.md says what a
    // mail server could see of it.
    let set_aside = ["sign-in", "free-time"];
    let way_in = |arrival: &Arrival| set_aside.contains(&kind(&arrival.received.read()).as_str());
    let hers = [ann(house).address, HOME.to_owned()];
    let arrivals = house.arrivals().into_iter().filter(|arrival| !to_therapists(arrival) && !way_in(arrival));
    let (mut own, mail): (Vec<_>, Vec<_>) =
        arrivals.partition(|arrival| hers.contains(&arrival.received.to[0]));
    own.retain(|arrival| for_everyone.contains(&kind(&arrival.received.read()).as_str()));
    (own, mail)
}

/// Fails at the first thing that differs, and says which.
fn look_alike(deed: Deed, world: &World, plain: &World) {
    for (moment, (seen, other)) in world.seen.iter().zip(&plain.seen).enumerate() {
        for (page, other) in seen.pages.iter().zip(&other.pages) {
            assert_eq!(page, other, "{deed:?} shows at moment {moment}");
        }
        assert_eq!(seen, other, "{deed:?} shows at moment {moment}");
    }
    assert_eq!(world.booked, plain.booked, "{deed:?} shows in the late batch");
    let subjects = |world: &World| {
        let line = |arrival: &Arrival| {
            let letter = arrival.received.read();
            (arrival.at, arrival.received.to.clone(), letter.subject, arrival.received.bytes.len())
        };
        world.mail.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(subjects(world), subjects(plain), "{deed:?} shows in the mail");
    let bare = |world: &World| -> Vec<_> {
        let told = world.own.iter().map(|arrival| (arrival.at, kind(&arrival.received.read())));
        // What her own mailbox lacks is what she asked for; what staff can count is compared above.
        told.filter(|(_, kind)| deed != Deed::StopsReminders || kind != "reminder").collect()
    };
    assert_eq!(bare(world), bare(plain), "{deed:?} changes which letters come, or when");
    let same = deed.shows_in_their_own_mailbox() || world.own == plain.own;
    assert!(same && world.mail == plain.mail, "{deed:?} shows in the bytes of a letter");
}

/// Lives through a world without any deed, and through one with each of some; the program's side sees no difference.
async fn looks_the_same_whatever_she_does(deeds: &[Deed]) {
    let plain = lives_through(Deed::Nothing).await;
    assert!(plain.mail.len() + plain.own.len() > 3 * 17, "{}", plain.mail.len());
    let letters: BTreeMap<_, _> = plain
        .seen
        .last()
        .unwrap()
        .letters
        .iter()
        .map(|(letter, state, _, n)| ((letter, state), *n))
        .collect();
    assert!(letters.values().sum::<i64>() >= 4 * 17, "{letters:?}");
    for (path, page) in &plain.seen.last().unwrap().pages {
        // The figure is not out.
        let expected = if path.contains("release.csv") { 404 } else { 200 };
        assert_eq!(page.status, expected, "{path}");
    }
    let pages = &plain.seen.last().unwrap().director;
    assert!(pages.iter().all(|page| page.status == 200), "{pages:?}");
    assert!(pages.iter().any(|page| page.body.contains("Batch 2,")), "the late batch published no seed");
    for deed in deeds {
        look_alike(*deed, &lives_through(*deed).await, &plain);
    }
}

/// Several tests, because each world takes seconds and machines have more cores than one.
mod whatever_a_resident_does_the_programs_side_looks_the_same {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn when_they_opt_out_or_move() {
        looks_the_same_whatever_she_does(&DEEDS[..4]).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn when_they_take_another_time_or_are_marked() {
        looks_the_same_whatever_she_does(&DEEDS[4..8]).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn when_they_change_their_mind_their_language_or_their_address() {
        looks_the_same_whatever_she_does(&DEEDS[8..12]).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn when_they_are_offered_another_visit_answer_the_survey_or_are_moved_as_they_asked() {
        looks_the_same_whatever_she_does(&DEEDS[12..16]).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn when_they_answer_in_their_calendar() {
        looks_the_same_whatever_she_does(&DEEDS[16..]).await;
    }
}

/// A season in which everything happens, for searches afterwards.
async fn everything_happens(house: &House) {
    house.has_invited_everybody().await;
    program::entrust(house, program::COORDINATOR, &["IM"]).await;
    let people = house.town.people();
    for (n, deed) in DEEDS.into_iter().enumerate().take(6) {
        let resident = house.resident(&people[n].address);
        match deed {
            // Whom the lottery leaves without another time cannot move: then somebody else does.
            Deed::Moves if resident.is_offered().await.is_empty() => {
                drop(house.somebody_offered().await.moves_to(0).await);
            }
            Deed::Moves => drop(resident.moves_to(0).await),
            Deed::OptsOutAndComesBack => {
                drop((resident.opts_out(Entry::Remove).await, resident.comes_back().await))
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
