//! A thief has the database, and not the key file: whatever each resident did, the rows that are theirs differ in nothing that can
//! be seen. Plays the thief honestly: it may count, measure, order and join whatever lies in the clear.

use std::collections::{BTreeMap, BTreeSet};

use holdspace::domain::booking::Entry;

use crate::harness::engines::on_both_engines;
use crate::harness::house::House;
use crate::harness::rest::at_rest;

const THERAPISTS: [&str; 3] =
    ["mxiong@counseling.example.org", "pmbeki@counseling.example.org", "tdsouza@counseling.example.org"];

/// A row as the thief sees it: what is told by each column, bytes by their length.
fn seen(row: &str) -> BTreeMap<String, String> {
    let cells = row.split(' ').filter_map(|cell| cell.split_once('='));
    cells.map(|(column, text)| (column.to_owned(), text.to_owned())).collect()
}

fn is_sealed(text: &str) -> bool {
    text.len() >= 88 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What can be told of a row without knowing whose it is: sizes of what is sealed, and texts that several rows share.
fn tells(rows: &[String]) -> Vec<BTreeMap<String, String>> {
    let rows: Vec<_> = rows.iter().map(|row| seen(row)).collect();
    let mut told = vec![BTreeMap::new(); rows.len()];
    for column in rows.first().into_iter().flat_map(BTreeMap::keys) {
        let texts: BTreeSet<&String> = rows.iter().filter_map(|row| row.get(column)).collect();
        for (row, told) in rows.iter().zip(&mut told) {
            let text = row.get(column).cloned().unwrap_or_default();
            if is_sealed(&text) {
                told.insert(column.clone(), format!("{} bytes", text.len() / 2));
            } else if texts.len() < rows.len() {
                told.insert(column.clone(), text);
            }
        }
    }
    told
}

on_both_engines! {
    async fn a_thief_of_the_database_cannot_tell_who_did_what(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let people = house.town.people();
        // The first two opt out, the next two move, the next come back; the rest do nothing and are marked.
        for (n, person) in people.iter().enumerate().take(6) {
            let resident = house.resident(&person.address);
            match n {
                0 => drop(resident.opts_out(Entry::Keep).await),
                1 => drop(resident.opts_out(Entry::Remove).await),
                2 | 3 if !resident.is_offered().await.is_empty() => drop(resident.moves_to(0).await),
                _ => drop((resident.opts_out(Entry::Remove).await, resident.comes_back().await)),
            }
        }
        house.it_becomes("2027-07-17T12:00:00Z").await;
        let mut marked = 0;
        for address in THERAPISTS {
            let session = house.therapist(address).signs_in().await;
            for visit in session.agenda("2027-07-05").await {
                let mark = if marked % 2 == 0 { "kept" } else { "missed" };
                assert_eq!(session.marks(&visit.seat, mark).await.status, 303);
                marked += 1;
            }
        }
        assert!(marked > 4, "{marked}");
        house.hours_fly(72).await;

        let rest = at_rest(&db).await;
        for secret in house.town.secrets() {
            let held = rest.values().flatten().any(|row| row.contains(&secret));
            assert!(!held, "a row holds {secret}");
        }
        let columns = |table: &str| -> BTreeSet<String> { seen(&rest[table][0]).into_keys().collect() };
        // Whoever adds a column here says in this test what it tells.
        assert_eq!(columns("bookings"), ["history", "id", "offering_id", "resident_id", "sealed", "uid", "why"].map(str::to_owned).into());
        assert_eq!(columns("seats"), ["id", "pool", "sealed", "slot_id"].map(str::to_owned).into());
        let bookings = tells(&rest["bookings"]);
        assert_eq!(bookings.len(), 16);
        assert!(bookings.iter().all(|told| *told == bookings[0]), "{bookings:?}");
        let seats: BTreeSet<_> = tells(&rest["seats"]).into_iter().map(|told| told["sealed"].clone()).collect();
        assert_eq!(seats.len(), 1, "seats have several sizes: {seats:?}");

        // How often other tables speak of each booking and resident is the same for everybody.
        let mut spoken: BTreeMap<Vec<(String, usize)>, usize> = BTreeMap::new();
        for row in rest["bookings"].iter().map(|row| seen(row)) {
            let counts = |of: &String| -> Vec<(String, usize)> {
                let count = |rows: &[String]| rows.iter().filter(|other| other.contains(of.as_str())).count();
                rest.iter().map(|(table, rows)| (table.clone(), count(rows))).collect()
            };
            let all = [counts(&row["id"]), counts(&row["resident_id"]), counts(&row["uid"])].concat();
            *spoken.entry(all).or_default() += 1;
        }
        assert_eq!(spoken.len(), 1, "tables speak more often of some: {spoken:#?}");
    }
}
