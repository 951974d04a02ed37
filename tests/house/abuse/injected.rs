//! Names, rooms, addresses and titles with line breaks, headers, components and recipients in them. Every letter and every
//! calendar has the shape that it has without them: no header, recipient, part, component or property more.

use std::collections::{BTreeMap, BTreeSet};

use holdspace::desk::admit::RosterOptions;
use holdspace::desk::protect::Format;
use holdspace::domain::booking::Entry as Choice;
use holdspace::domain::offering::Rules;
use holdspace::domain::protection::Mapping;
use holdspace::domain::table::Table;
use mail_parser::{MessageParser, MimeHeaders};

use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, fortnight};
use crate::harness::person::kind;
use crate::harness::replies::{Mail, SERVER};
use crate::harness::smtp::Received;
use crate::harness::town::{Town, tables};

/// What must never be written to, nor be read anywhere as an address.
const EVIL: &str = "evil@example.net";
const TRICKS: [&str; 24] = [
    "Ann\r\nBcc: evil@example.net",
    "Ann\nBcc: evil@example.net",
    "Ann\rBcc: evil@example.net",
    "Ann\r\n\r\n.\r\nMAIL FROM:<evil@example.net>\r\nRCPT TO:<evil@example.net>\r\nDATA\r\n",
    "Ann\0Bcc: evil@example.net",
    "Ann\u{85}Bcc: evil@example.net",
    "Ann\u{b}Bcc: evil@example.net\u{c}X: y",
    "Ann\u{2028}ATTENDEE:mailto:evil@example.net",
    "Ann\u{2029}ATTENDEE:mailto:evil@example.net",
    "Ann\\nATTENDEE:mailto:evil@example.net",
    "Ann\\r\\nEND:VEVENT\\r\\nBEGIN:VEVENT",
    "Ann\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nDTSTART:20270706T130000Z",
    "Ann\r\n ATTENDEE:mailto:evil@example.net",
    "Ann\";ATTENDEE=\"mailto:evil@example.net",
    "Ann;CN=x:mailto:evil@example.net",
    "Ann^nATTENDEE:mailto:evil@example.net^'",
    "BEGIN:VEVENT",
    "=?utf-8?Q?Ann=0D=0ABcc:_evil=40example.net?=",
    "=?utf-8?B?QW5uDQpCY2M6IGV2aWxAZXhhbXBsZS5uZXQ=?=",
    "Ann <evil@example.net>,",
    "\"Ann\" <evil@example.net>, Bob",
    "evil@example.net (Ann",
    "{{ visit.link }}{% include 'x' %}<script>alert(1)</script>",
    "\u{202e}nnA\u{feff}\u{200f} --edge\r\nContent-Type: text/html",
];

/// Every sign at which some program or other ends a line.
const ENDS: [char; 8] = ['\r', '\n', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}', '\0'];

/// What a letter is made of, without what it says.
type Shape = Vec<String>;

/// The lines of a calendar, by whatever ends a line: the name of each, and components whole.
fn calendar_shape(text: &str) -> Shape {
    let unfolded = text.replace("\r\n ", "").replace("\r\n\t", "");
    let lines = unfolded.split(ENDS).filter(|line| !line.is_empty());
    lines
        .map(|line| match line.split_once([':', ';']) {
            Some(("BEGIN" | "END" | "METHOD", _)) => line.to_owned(),
            // Each parameter by its name; in quotation marks nothing is one.
            Some((name, _)) => {
                let head = line.split('"').step_by(2).collect::<String>();
                let head = head.split(':').next().unwrap_or_default().to_owned();
                let parameters = head.split(';').skip(1).map(|one| one.split('=').next().unwrap_or_default());
                format!("{name} {}", parameters.collect::<Vec<_>>().join(" "))
            }
            None => format!("no property: {line}"),
        })
        .collect()
}

fn shape(received: &Received) -> Shape {
    let raw = &received.bytes;
    let broken = raw.iter().enumerate().any(|(at, byte)| match byte {
        b'\n' => at == 0 || raw[at - 1] != b'\r',
        b'\r' => raw.get(at + 1) != Some(&b'\n'),
        0 => true,
        _ => false,
    });
    assert!(!broken, "a bare line break or a NUL: {}", String::from_utf8_lossy(raw));
    assert!(raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 999), "a line that is too long");
    let mail = MessageParser::default().parse(raw).unwrap();
    let mut shape: Shape = mail.headers().iter().map(|header| header.name().to_ascii_lowercase()).collect();
    for part in &mail.parts {
        let kind = part
            .content_type()
            .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()));
        let kind = kind.unwrap_or_default();
        if kind == "text/calendar" || kind == "application/ics" {
            shape.extend(calendar_shape(&String::from_utf8_lossy(part.contents())));
        }
        shape.push(kind);
    }
    // One recipient, the same in the envelope and in the letter, and one author.
    let [to] = received.to.as_slice() else { panic!("{:?}", received.to) };
    let only = |addresses: Option<&mail_parser::Address<'_>>| -> Vec<String> {
        let all = addresses.iter().flat_map(|all| all.iter()).filter_map(|one| one.address.as_deref());
        all.map(str::to_owned).collect()
    };
    assert_eq!(only(mail.to()), std::slice::from_ref(to));
    assert_eq!(only(mail.from()).len(), 1);
    assert!(mail.cc().is_none() && mail.bcc().is_none() && to != EVIL);
    shape
}

/// A table with a trick in some of its columns, another one in each row.
fn poisoned(text: &str, columns: &[&str], tricks: &mut impl Iterator<Item = &'static str>) -> Vec<Table> {
    let mut all = tables(text);
    let rows = &mut all[0].rows;
    let head = rows[0].cells.clone();
    for row in &mut rows[1..] {
        for column in columns {
            let at = head.iter().position(|name| name == column).unwrap();
            if row.cells.get(at).is_some_and(|cell| !cell.is_empty()) {
                row.cells[at] = tricks.next().unwrap().to_owned();
            }
        }
    }
    all
}

/// A house in which everybody was invited, changed their mind and was written to; with tricks, or without.
async fn lived(db: &TestDatabase, tricks: Option<usize>) -> (House, usize) {
    let house = House::on(db).await;
    let (town, desk) = (Town::small(), &house.desk);
    let mut from = TRICKS.into_iter().cycle().skip(tricks.unwrap_or_default());
    let mut with = |text: &str, columns: &[&str]| match tricks {
        Some(_) => poisoned(text, columns, &mut from),
        None => tables(text),
    };
    let mut refused = 0;
    // A line that is refused is the best that can become of it; then the honest one stands.
    let programs = with(&town.programs, &["name"]);
    desk.import_programs(&tables(&town.programs), false).await.unwrap();
    refused += desk.import_programs(&programs, false).await.unwrap().refused.len();
    let sites = with(&town.sites, &["address"]);
    desk.import_sites(&tables(&town.sites), false).await.unwrap();
    refused += desk.import_sites(&sites, false).await.unwrap().refused.len();
    let therapists = with(&town.therapists, &["name", "video_url", "phone", "room"]);
    desk.import_therapists(&tables(&town.therapists), false).await.unwrap();
    refused += desk.import_therapists(&therapists, false).await.unwrap().refused.len();
    let names = with(&town.therapists, &["name"]);
    refused += desk.import_therapists(&names, false).await.unwrap().refused.len();
    desk.import_availability(&tables(&town.availability), false).await.unwrap();
    let options = RosterOptions::default();
    let roster = with(&town.roster, &["last_name", "first_name"]);
    refused += desk.import_roster(&roster, &options).await.unwrap().refused.len();
    let form = Format::Csv;
    desk.import_protection(&tables(&town.protected), form, &Mapping::default(), false).await.unwrap();
    let mut opened = false;
    for trick in TRICKS.iter().filter(|_| tricks.is_some()) {
        let rules = Rules { title: (*trick).to_owned(), ..fortnight() };
        let taken = desk.create_offering(rules).await.is_ok();
        assert!(!taken || !trick.chars().any(char::is_control), "a title of {trick:?}");
        if taken {
            opened = true;
            break;
        }
        refused += 1;
    }
    if !opened {
        house.opens(fortnight()).await;
    }
    house.books().await;
    house.post_goes().await;
    house.sleeps(5).await;
    changes_its_mind(&house, &town).await;
    (house, refused)
}

/// Everybody who was invited does something, and the season goes by.
async fn changes_its_mind(house: &House, town: &Town) {
    let invited: Vec<String> = town.people().into_iter().map(|person| person.address).collect();
    for (n, address) in invited.iter().enumerate() {
        let one = house.resident(address);
        if !one.kinds().iter().any(|kind| kind == "invitation") {
            continue;
        }
        match n % 3 {
            0 => drop(one.opts_out(Choice::Remove).await),
            1 => drop(one.wishes(&["confirm", "remind"]).await),
            _ => {
                let mail = Mail::of("gmail-declined", house, address, &one.entry());
                house.receives(&mail.with("RESULTS", crate::harness::replies::NOT_VOUCHED)).await;
            }
        }
        house.form(&format!("{}/address", one.link()), &[("address", &format!("own{n}@home.example"))]).await;
    }
    house.form("/sign-in", &[("address", "mxiong@counseling.example.org")]).await;
    for moment in ["2027-06-20", "2027-07-03", "2027-07-05", "2027-07-08", "2027-07-12", "2027-07-19"] {
        house.it_becomes(&format!("{moment}T18:00:00Z")).await;
    }
}

#[tokio::test]
async fn no_name_place_or_title_adds_anything_to_a_letter_or_a_calendar() {
    let db = TestDatabase::sqlite();
    let (honest, refused) = lived(&db, None).await;
    assert_eq!(refused, 0);
    let mut shapes: BTreeMap<String, BTreeSet<Shape>> = BTreeMap::new();
    for received in honest.sink.received() {
        shapes.entry(kind(&received.read())).or_default().insert(shape(&received));
    }
    assert!(shapes.len() > 6, "these are not all letters: {:?}", shapes.keys());
    let feed = honest.therapist("mxiong@counseling.example.org").feed().await.body;
    let properties: BTreeSet<String> = calendar_shape(&feed).into_iter().collect();
    let known: BTreeSet<String> = honest.sink.received().into_iter().flat_map(|one| one.to).collect();
    for skip in [0, 7, 13] {
        let db = TestDatabase::sqlite();
        let (house, refused) = lived(&db, Some(skip)).await;
        let mut letters = 0;
        for received in house.sink.received() {
            let letter = kind(&received.read());
            let one = shape(&received);
            // What of another kind came by chance has no honest example here.
            let Some(alike) = shapes.get(&letter) else { continue };
            assert!(
                alike.contains(&one),
                "{letter}: {one:#?}\nis none of {alike:#?}\n{}",
                String::from_utf8_lossy(&received.bytes)
            );
            let own = |to: &&String| to.ends_with("@home.example");
            assert!(received.to.iter().all(|to| known.contains(to) || own(&to)), "{:?}", received.to);
            letters += 1;
        }
        println!("{letters} letters of one shape; {refused} lines refused before");
        assert!(letters > 40, "only {letters} letters");
        for therapist in ["mxiong@counseling.example.org", "pmbeki@counseling.example.org"] {
            let feed = house.therapist(therapist).feed().await.body;
            let lines = calendar_shape(&feed);
            let more: Vec<_> = lines.iter().filter(|line| !properties.contains(*line)).collect();
            assert!(more.is_empty(), "{more:?} in {feed}");
            let count = |line: &str| lines.iter().filter(|one| *one == line).count();
            let events = count("BEGIN:VEVENT");
            assert!(
                events > 0
                    && (count("END:VEVENT"), count("UID "), count("DTSTART ")) == (events, events, events)
            );
        }
    }
}

/// Answers of calendars in which somebody else's words are hidden.
#[tokio::test]
async fn no_answer_of_a_calendar_smuggles_in_another() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let [ann, ben] = [0, 1].map(|n| house.resident(&house.town.people()[n].address));
    let stands = async || {
        let bookings = house.bookings().await;
        bookings.into_iter().map(|booking| booking.standing).collect::<Vec<_>>()
    };
    let (before, of_ben) = (stands().await, ben.entry());
    let (letters, mut tried) = (house.sink.received().len(), 0);
    // Ann is vouched for, and speaks of a visit that is not hers in every place where words can stand.
    for trick in TRICKS {
        for (place, word) in [
            ("UID", format!("{trick}\r\nUID:{}", of_ben.uid)),
            ("UID", format!("{}\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:{trick}", of_ben.uid)),
            ("ATTENDEE", format!("{}{trick}", ben.address())),
            ("FROM", format!("{trick} <{}>", ben.address())),
            ("STAMP", format!("20270706T130000Z\r\n{trick}\r\nUID:{}", of_ben.uid)),
            ("SEQUENCE", format!("0\r\n{trick}")),
        ] {
            let mail = Mail::of("gmail-declined", &house, ann.address(), &of_ben).with(place, &word);
            let mail = if place == "FROM" {
                mail.with("RESULTS", crate::harness::replies::NOT_VOUCHED)
            } else {
                mail
            };
            house.receives_bytes(&mail.bytes(), Some(SERVER)).await;
            assert!(stands().await == before, "a visit changed by {place}: {word}");
            tried += 1;
        }
    }
    let asked = house.sink.received().into_iter().skip(letters);
    for received in asked {
        assert_eq!(
            received.to,
            [ben.address().to_owned()],
            "whoever writes, the resident is asked, and nobody else"
        );
        shape(&received);
    }
    println!("{tried} answers");
}
