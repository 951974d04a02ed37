//! Every door against more than it asked for: a body of 20 MB, a form of 100,000 fields, a query without end, brackets within
//! brackets. Whoever may come in is refused too, nothing changes, and the next one is answered.

use super::ask::{Asked, Hand, Knock};
use super::kept::Kept;
use super::matrix::{filled, knock, spelled_out, table};
use super::town::{Knocker, Town};
use super::written::{Class, Row};
use crate::harness::engines::TestDatabase;

/// What whoever is signed in may carry: a file.
const FILE_BYTES: usize = 2 << 20;
/// Larger than anything that is heard to its end.
const ENDLESS: usize = 20 << 20;

/// The first who may, with the key that the door asks for; nobody where everybody may.
fn who_may<'t>(row: &Row, town: &'t Town) -> Option<&'t Knocker> {
    town.knockers.iter().find(|one| matches!(row.expects(one), Class::Opens | Class::AsIfDone))
}

fn kind(knock: &Knock) -> String {
    let found = knock.headers.iter().find(|(name, _)| *name == "content-type");
    found.map_or("application/x-www-form-urlencoded", |(_, kind)| kind.as_str()).to_owned()
}

fn with(knock: &Knock, kind: &str, body: &str) -> Knock {
    let mut knock = knock.clone();
    knock.headers.retain(|(name, _)| *name != "content-type");
    knock.with(kind, body)
}

/// Bodies that are too much in one way or another, with their kind.
fn too_much(own: &str) -> Vec<(&'static str, String, String)> {
    let form = "application/x-www-form-urlencoded".to_owned();
    let fields: String = (0..100_000).map(|n| format!("a{n}=b&")).collect();
    let part = "--edge\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
    vec![
        ("20 MB", own.to_owned(), "x".repeat(ENDLESS)),
        ("100,000 fields", form.clone(), fields),
        ("3,000 fields", form, "a=b&".repeat(3_000)),
        ("10,000 parts", "multipart/form-data; boundary=edge".to_owned(), part.repeat(10_000)),
        ("brackets", "application/json".to_owned(), "[".repeat(16_000)),
        ("elements", "application/xml".to_owned(), "<a>".repeat(5_000)),
    ]
}

#[tokio::test]
async fn no_door_takes_more_than_its_bounds_from_whoever_may_come_in() {
    let db = TestDatabase::sqlite();
    let town = Town::on(&db).await;
    let (mut asked, mut kept) = (Asked::of(&town.house.desk), Kept::of(&db).await);
    let (mut doors, mut requests, mut wrong) = (0, 0, Vec::new());
    let mut seen = Vec::new();
    for row in spelled_out(&table().during) {
        let reads = matches!(row.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
        let Some(who) =
            who_may(&row, &town).filter(|_| !seen.contains(&(row.door.clone(), row.method.clone())))
        else {
            continue;
        };
        seen.push((row.door.clone(), row.method.clone()));
        let knock = knock(&row, &town.names);
        doors += 1;
        if reads {
            let sign = if knock.at.contains('?') { '&' } else { '?' };
            let endless = Knock { at: format!("{}{sign}{}", knock.at, "a=b&".repeat(8_000)), ..knock };
            let answer = asked.answers(&endless, &who.hand).await;
            requests += 1;
            if answer.status >= 500 {
                wrong.push(format!("{} {}: {} to a query of 32 kB", row.method, row.door, answer.status));
            }
            // Who reads what of a program stands in the log.
            let changed = kept.differing().await;
            assert!(changed.iter().all(|table| table.starts_with("audit_")), "{}: {changed:?}", row.door);
            kept.take_back(&changed).await;
            continue;
        }
        for (what, kind, body) in too_much(&kind(&knock)) {
            let answer = asked.answers(&with(&knock, &kind, &body), &who.hand).await;
            requests += 1;
            // A door that asks for nothing but who comes does not look at what they carry; but nobody carries more than a file.
            let bare = row.sends.is_empty() && body.len() <= FILE_BYTES && what != "3,000 fields";
            let refused = (400..500).contains(&answer.status);
            let done = bare && answer.status < 500;
            if !refused && !done {
                wrong.push(format!("{} {}: {} to {what}", row.method, row.door, answer.status));
            }
            if body.len() == ENDLESS && answer.status != 413 {
                wrong.push(format!("{} {}: {}, not 413, to {what}", row.method, row.door, answer.status));
            }
            let changed = kept.differing().await;
            if !changed.is_empty() {
                if !bare {
                    wrong.push(format!("{} {}: {what} changed {changed:?}", row.method, row.door));
                }
                kept.take_back(&changed).await;
            }
        }
    }
    println!("{requests} requests at {doors} doors");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(doors > 150, "these are not all doors: {doors}");
    let page = asked.answers(&Knock::bare("GET", &filled("/v/@ben", &town.names)), &Hand::default()).await;
    assert_eq!(page.status, 200);
}
