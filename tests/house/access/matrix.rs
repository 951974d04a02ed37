//! Asks every door of the router whatever the table says and whatever it leaves out, as everybody, and holds each answer
//! and the whole database against it.

use std::collections::{BTreeMap, BTreeSet};

use holdspace::web;

use super::ask::{Answer, Asked, Hand, Knock};
use super::kept::Kept;
use super::town::{Knocker, Town};
use super::written::{Class, Row, Table};
use crate::harness::engines::{TestDatabase, on_both_engines};

pub(super) fn table() -> Table {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/access/matrix.txt");
    Table::read(&std::fs::read_to_string(file).unwrap())
}

/// Every method that is tried at every door.
const METHODS: [&str; 11] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "MKCALENDAR"];
/// Stands in the table for all of those at once.
const EVERY: &str = "EVERY";
/// From this column on people run something: Cory, Nora, Dana, Lena.
const FIRST_OF_STAFF: usize = 3;
/// A mail program presses here from wherever it runs: the one address where no cookie counts and any site may ask.
const ONE_CLICK: &str = "/v/{token}/reminders";

/// Which key a door asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Cookie,
    Token,
    Password,
}

impl Key {
    fn of(door: &str) -> Self {
        match door {
            _ if door.starts_with("/api/") => Self::Token,
            _ if door.starts_with("/dav") => Self::Password,
            _ => Self::Cookie,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Cookie => "page",
            Self::Token => "operation",
            Self::Password => "calendar",
        }
    }

    fn is_in(self, hand: &Hand) -> bool {
        match self {
            Self::Cookie => hand.cookie.is_some(),
            Self::Token => hand.bearer.is_some(),
            Self::Password => hand.basic.is_some(),
        }
    }
}

fn reads(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

/// Doors whose answers that tell nothing must be one. A file that a coordinator brought is missed on a page of their
/// program, whether it is somebody else's or there never was one: to the same person, one page.
fn kind(row: &Row, who: &Knocker) -> String {
    let of_file = row.door.contains("/roster/import/{draft}");
    let program = row.at.split('/').nth(2).filter(|_| of_file);
    match program {
        Some(program) => format!("{program} {}", who.name),
        None => Key::of(&row.door).name().to_owned(),
    }
}

/// What an answer is, as far as its status and where it leads tell.
fn class(answer: &Answer, changed: bool) -> Option<Class> {
    Some(match (answer.status, answer.header("location")) {
        (300..400, _) if changed => Class::Opens,
        (303, "/sign-in") => Class::SignIn,
        (303, "/home" | "/agenda") => Class::Home,
        (200..400, _) => Class::Opens,
        (401, _) => Class::Unknown,
        (403, _) => Class::Refused,
        (404, _) => Class::Nothing,
        (405, _) => Class::WrongWay,
        (400 | 409 | 412 | 413 | 415 | 422, _) => Class::Heard,
        _ => return None,
    })
}

/// Writes the names of the town out.
pub(super) fn filled(text: &str, names: &BTreeMap<&'static str, String>) -> String {
    let mut parts = text.split('@');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name: String = part.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        match names.get(name.as_str()) {
            // In an address the sign stands after a letter.
            _ if filled.ends_with(|c: char| c.is_ascii_alphanumeric()) => filled += &format!("@{part}"),
            Some(value) => filled += &format!("{value}{}", &part[name.len()..]),
            None => panic!("nothing is called @{name}"),
        }
    }
    filled
}

pub(super) fn knock(row: &Row, names: &BTreeMap<&'static str, String>) -> Knock {
    let bare = Knock::bare(&row.method, &filled(&row.at, names));
    let sends = filled(&row.sends, names);
    match sends.split_once(' ') {
        _ if sends.is_empty() => bare,
        Some(("json", body)) => bare.with("application/json", body),
        Some(("csv", body)) => bare.with("text/csv", body),
        Some(("xml", body)) => bare.with("application/xml", body),
        Some(("ics", body)) => bare.with("text/calendar", &body.replace("\\n", "\r\n")),
        Some(("file", body)) => bare.with(
            "multipart/form-data; boundary=edge",
            &format!(
                "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{body}\r\n--edge--\r\n"
            ),
        ),
        _ => bare.with("application/x-www-form-urlencoded", &sends),
    }
}

/// The log of what staff did: it says who fetched a file, and that somebody asked for what was so already.
const LOG: [&str; 2] = ["audit_entries", "audit_heads"];

/// One walk from door to door.
struct Walk<'t> {
    town: &'t Town,
    asked: Asked,
    kept: Kept,
    cells: usize,
    wrong: Vec<String>,
    /// The first answer of each kind that tells nothing, which all others must be like.
    refusals: BTreeMap<(String, u16, String), Answer>,
}

impl<'t> Walk<'t> {
    async fn through(town: &'t Town, db: &TestDatabase) -> Self {
        let asked = Asked::of(&town.house.desk);
        Self { town, asked, kept: Kept::of(db).await, cells: 0, wrong: Vec::new(), refusals: BTreeMap::new() }
    }

    /// Everybody knocks as a row says.
    async fn row(&mut self, row: &Row) {
        let knock = knock(row, &self.town.names);
        for knocker in &self.town.knockers {
            let expected = row.expects(knocker);
            let answer = self.asked.answers(&knock, &knocker.hand).await;
            let acts = matches!(expected, Class::Opens | Class::AsIfDone) && !reads(&row.method);
            let changed = if acts { self.changes().await } else { Vec::new() };
            let found = match class(&answer, !changed.is_empty()) {
                Some(Class::Opens) if acts && changed.is_empty() => Some(Class::AsIfDone),
                found => found,
            };
            if found != Some(expected) {
                self.fails(row, knocker, &format!("{expected:?}, changing {changed:?}"), &answer, found);
            }
            self.like_the_others(row, knocker, &answer);
            self.hides_bookings(row, knocker, &answer);
            self.cells += 1;
            if row.method == "GET" && (knocker.column > 0 || knocker.name == "nobody") {
                self.head(row, &knock, knocker, &answer).await;
            }
            if knocker.column > 0 && !reads(&row.method) && Key::of(&row.door).is_in(&knocker.hand) {
                self.sent_by_others(row, &knock, knocker).await;
            }
        }
        if row.answers.iter().any(|one| matches!(one, Class::Opens | Class::AsIfDone)) {
            self.kept.take_back(&LOG.map(str::to_owned)).await;
        }
        self.nothing_changed(&format!("line {}: {} {}", row.line, row.method, row.at)).await;
    }

    /// Whoever is not let in is told the same everywhere: nothing says whether there is something behind the door.
    fn like_the_others(&mut self, row: &Row, knocker: &Knocker, answer: &Answer) {
        let led = answer.header("location").to_owned();
        let tells_nothing =
            matches!((answer.status, led.as_str()), (401 | 404, _) | (303, "/sign-in" | "/home"));
        let leaves = answer.headers.contains_key("set-cookie");
        // A calendar program that may is told in XML which of its own things there is not.
        let own = answer.header("content-type").starts_with("application/xml");
        if !tells_nothing || leaves || own || row.method == "HEAD" {
            return;
        }
        let first = self.refusals.entry((kind(row, knocker), answer.status, led));
        if *first.or_insert_with(|| answer.clone()) != *answer {
            self.fails(row, knocker, "like the other answers of this kind", answer, None);
        }
    }

    /// Coordinators, directors and who leads the clinic are shown nothing that opens or names a booking.
    fn hides_bookings(&mut self, row: &Row, knocker: &Knocker, answer: &Answer) {
        let runs_something = knocker.column >= FIRST_OF_STAFF;
        // There they are in a resident's place, because they have the link.
        let by_link = ["/v/", "/survey/", "/feed/"].iter().any(|path| row.door.starts_with(path));
        let shown = self.town.hidden.iter().any(|one| answer.body.contains(one.as_str()));
        if runs_something && !by_link && shown {
            self.fails(row, knocker, "without a booking", answer, None);
        }
    }

    /// HEAD answers as GET does, without the body.
    async fn head(&mut self, row: &Row, knock: &Knock, knocker: &Knocker, whole: &Answer) {
        let head = Knock { method: "HEAD".parse().unwrap(), ..knock.clone() };
        let answer = self.asked.answers(&head, &knocker.hand).await;
        let bare = |answer: &Answer| {
            let mut headers = answer.headers.clone();
            headers.remove("content-length");
            (answer.status, headers)
        };
        if bare(&answer) != bare(whole) || !answer.body.is_empty() {
            self.fails(row, knocker, "as GET without a body", &answer, None);
        }
        self.cells += 1;
    }

    /// What another site has a browser send is not heard, whoever's browser it is.
    async fn sent_by_others(&mut self, row: &Row, knock: &Knock, knocker: &Knocker) {
        let foreign =
            [("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example"), ("origin", "null")];
        // Without a cookie `null` is a page of ours that sends no referrer.
        let most = if Key::of(&row.door) == Key::Cookie { 3 } else { 2 };
        for (name, value) in foreign.into_iter().take(most).filter(|_| row.door != ONE_CLICK) {
            let mut knock = knock.clone();
            knock.headers.push((name, value.to_owned()));
            let answer = self.asked.answers(&knock, &knocker.hand).await;
            if answer.status != 403 {
                self.fails(row, knocker, &format!("refused with {name}: {value}"), &answer, None);
            }
            self.cells += 1;
        }
    }

    /// Whatever the table does not name is the wrong way to ask, for everybody.
    async fn other_methods(&mut self, door: &str, named: &[&str], at: &str) {
        let others = METHODS.iter().filter(|method| !named.contains(method) && **method != "HEAD");
        for method in others {
            // It is answered before anybody looks at a key, so not every dead one is tried.
            for knocker in self.town.knockers.iter().filter(|one| one.column == 1 || one.name == "nobody") {
                let answer = self.asked.answers(&Knock::bare(method, at), &knocker.hand).await;
                if answer.status != 405 {
                    let told =
                        format!("{method} {at} ({door}) by {}: {}, not 405", knocker.name, answer.status);
                    self.wrong.push(told);
                }
                self.cells += 1;
            }
        }
        self.nothing_changed(&format!("another method at {door}")).await;
    }

    /// Whether anything changed but the log; it is taken back at once.
    async fn changes(&mut self) -> Vec<String> {
        let mut changed = self.kept.differing().await;
        self.kept.take_back(&changed).await;
        changed.retain(|table| !LOG.contains(&table.as_str()));
        changed
    }

    async fn nothing_changed(&mut self, by: &str) {
        let changed = self.kept.differing().await;
        if !changed.is_empty() {
            self.wrong.push(format!("{by} changed {changed:?}"));
            self.kept.take_back(&changed).await;
        }
    }

    fn fails(&mut self, row: &Row, who: &Knocker, expected: &str, answer: &Answer, found: Option<Class>) {
        let told = format!(
            "line {}: {} {} by {}: {} {:?} {}, not {expected}",
            row.line,
            row.method,
            row.at,
            who.name,
            answer.status,
            found,
            answer.header("location"),
        );
        self.wrong.push(told);
    }

    #[track_caller]
    fn ends(self) -> usize {
        assert!(self.wrong.is_empty(), "{} wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
        self.cells
    }
}

impl Row {
    /// What somebody is to be answered: whoever brings another kind of key than the door asks for has none.
    pub(super) fn expects(&self, knocker: &Knocker) -> Class {
        let column = if Key::of(&self.door).is_in(&knocker.hand) { knocker.column } else { 0 };
        self.answers[column]
    }
}

/// The rows of which each stands for every method, one for each.
pub(super) fn spelled_out(rows: &[Row]) -> Vec<Row> {
    let one = |row: &Row| -> Vec<Row> {
        if row.method != EVERY {
            return vec![row.clone()];
        }
        let answers = |method: &str| match row.answers[0] {
            Class::Opens if !reads(method) => [Class::AsIfDone; 7],
            _ => row.answers,
        };
        let one =
            |method: &&str| Row { method: (*method).to_owned(), answers: answers(method), ..row.clone() };
        METHODS.iter().map(one).collect()
    };
    rows.iter().flat_map(one).collect()
}

#[test]
fn every_door_of_the_router_has_its_rows_and_no_row_is_about_a_door_that_there_is_not() {
    let table = table();
    let written: BTreeSet<String> = table.rows().map(|row| row.door.clone()).collect();
    let built: BTreeSet<String> = web::every_door().into_iter().collect();
    let missing: Vec<_> = built.difference(&written).collect();
    let gone: Vec<_> = written.difference(&built).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without rows: {missing:#?}\nwithout a door: {gone:#?}");
    assert!(built.len() > 100, "these are not all doors");
}

on_both_engines! {
    async fn every_door_answers_everybody_as_the_table_says(db: TestDatabase) {
        let table = table();
        let town = Town::on(&db).await;
        let mut walk = Walk::through(&town, &db).await;
        for row in spelled_out(&table.during) {
            walk.row(&row).await;
        }
        for (door, named) in table.methods() {
            let at = &table.rows().find(|row| row.door == door).unwrap().at;
            let at = filled(at, &town.names);
            // A door tells itself which methods it knows, but for those that take every one.
            let told = walk.asked.answers(&Knock::bare("KNOCK", &at), &Hand::default()).await;
            let mut known: Vec<&str> = told.header("allow").split(',').filter(|name| *name != "HEAD").collect();
            let mut wanted = named.clone();
            known.sort_unstable();
            wanted.sort_unstable();
            let any = named.contains(&EVERY) || Key::of(door) == Key::Password || door.starts_with("/.well-known");
            if !any {
                assert_eq!((told.status, &known), (405, &wanted), "{door}");
                walk.other_methods(door, &named, &at).await;
            }
        }
        let during = walk.ends();
        let town = town.afterwards().await;
        let mut walk = Walk::through(&town, &db).await;
        for row in spelled_out(&table.afterwards) {
            walk.row(&row).await;
        }
        let cells = during + walk.ends();
        assert!(cells > 20_000, "only {cells} cells were asked");
    }
}

/// What only the demo has is nowhere else, whoever asks.
#[tokio::test]
async fn an_installation_has_none_of_the_demos_doors() {
    let db = TestDatabase::sqlite();
    let house = crate::harness::house::House::on(&db).await;
    let cookie = Some(house.director().await.cookie().to_owned());
    let mut asked = Asked::of(&house.desk);
    let doors = web::demo::every_door();
    assert!(doors.len() > 5);
    for door in doors {
        let at = door.replace(['{', '}'], "");
        for method in ["GET", "POST"] {
            for hand in [Hand::default(), Hand { cookie: cookie.clone(), ..Hand::default() }] {
                assert_eq!(
                    asked.answers(&Knock::bare(method, &at), &hand).await.status,
                    404,
                    "{method} {at}"
                );
            }
        }
    }
}
