//! What calendar programs may change: the time of a visit, where its resident could go too, and when the therapist is busy.

use holdspace::domain::booking::{Booking, Entry};
use holdspace::domain::time::{Instant, Span};
use holdspace::storage::{offerings, therapists};

use super::{Program, THERAPISTS, captured, invited, somebody_busy};
use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::House;
use crate::harness::person::SignedIn;

fn utc(at: Instant) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn event(booking: &Booking, at: Span) -> String {
    let seat = booking.visit().unwrap().seat.to_string();
    captured::event(&seat, &utc(at.starts_at()), &utc(at.ends_at()), "")
}

/// Somebody to whom a time of their own therapist is offered: the therapist, the booking, the resident, and that time.
async fn somebody_movable(house: &House) -> (&'static str, Booking, String, Span) {
    let bookings = house.bookings().await;
    for (resident, seats) in house.who_are_offered().await {
        let session = resident.opens_link().await;
        assert_eq!(session.status, 200);
        for address in THERAPISTS {
            let signed_in = house.therapist(address).signs_in().await;
            let visits = signed_in.agenda("2027-07-05").await;
            let people = house.town.people();
            let person = people.iter().find(|person| person.address == resident.address()).unwrap();
            let name = format!("{} {}", person.given, person.family);
            let Some(visit) = visits.iter().find(|visit| visit.name == name) else { continue };
            let held =
                |booking: &&Booking| booking.visit().is_some_and(|held| held.seat.to_string() == visit.seat);
            let booking = bookings.iter().find(held).unwrap();
            for seat in &seats {
                let mut db = house.store.read().await.unwrap();
                let row = offerings::seat(&mut db, seat.parse().unwrap()).await.unwrap().unwrap();
                let slot = offerings::slot(&mut db, row.slot).await.unwrap().unwrap();
                if slot.therapist == booking.visit().unwrap().therapist {
                    return (address, booking.clone(), resident.address().to_owned(), slot.span);
                }
            }
        }
    }
    panic!("nobody can be moved");
}

async fn busy(house: &House) -> Vec<(String, Span)> {
    let mut db = house.store.read().await.unwrap();
    let all = therapists::busy(&mut db).await.unwrap();
    let mut spans = Vec::new();
    for therapist in all.into_iter().map(|(id, _)| id).collect::<std::collections::BTreeSet<_>>() {
        spans.extend(therapists::busy_of(&mut db, therapist).await.unwrap());
    }
    spans
}

async fn calendar<'h>(house: &'h House, session: &SignedIn<'h>) -> Program<'h> {
    Program::let_in(house, session, false).await
}

on_both_engines! {
    async fn a_moved_event_moves_the_visit_and_its_resident_is_told_and_nobody_else(db: TestDatabase) {
        let house = invited(&db).await;
        let (therapist, booking, resident, free) = somebody_movable(&house).await;
        let session = house.therapist(therapist).signs_in().await;
        let program = calendar(&house, &session).await;
        let coverage = [house.coverage("IM").await, house.coverage("NEPH").await];
        let held = booking.visit().unwrap().span;
        let name = format!("{}.ics", booking.visit().unwrap().seat);
        let path = program.path(&format!("held/{name}"));
        let (before, word) = program.syncs("held", "").await.unwrap();
        let tag = before[&name].clone().unwrap();
        let with = [("if-match", tag.as_str()), ("content-type", "text/calendar; charset=utf-8")];
        let put = |span: Span| (event(&booking, span), &with);

        let (same, with_tag) = put(held);
        let unchanged = program.asks("PUT", &path, with_tag, &same).await;
        assert_eq!((unchanged.status, unchanged.header("etag")), (204, ""), "a title is not kept");
        let hour = chrono::Duration::hours(1);
        let elsewhere = Span::new(held.starts_at() + hour * 13, held.ends_at() + hour * 13).unwrap();
        let longer = Span::new(held.starts_at(), held.ends_at() + hour).unwrap();
        for (span, status, why) in [(elsewhere, 409, "no free visit"), (longer, 403, "keep their length")] {
            let refused = program.asks("PUT", &path, &with, &event(&booking, span)).await;
            assert_eq!(refused.status, status, "{}", refused.body);
            assert!(refused.body.contains("<s:message>Not moved: ") && refused.body.contains(why), "{}", refused.body);
        }
        let repeated = event(&booking, free).replace("SUMMARY", "RRULE:FREQ=DAILY;COUNT=2\r\nSUMMARY");
        assert_eq!(program.asks("PUT", &path, &with, &repeated).await.status, 403);
        let old = [("if-match", "\"00000000000000000000000000000000\"")];
        assert_eq!(program.asks("PUT", &path, &old, &event(&booking, free)).await.status, 412);
        assert_eq!(program.asks("PUT", &path, &[], &event(&booking, free)).await.status, 412);
        let removed = program.asks("DELETE", &path, &with[..1], "").await;
        assert!(removed.status == 403 && removed.body.contains("Away"), "{}", removed.body);
        let new = program.path("held/mine.ics");
        assert_eq!(program.asks("PUT", &new, &[("if-none-match", "*")], &event(&booking, free)).await.status, 403);
        assert_eq!(program.syncs("held", &word).await.unwrap().0.len(), 0, "nothing has happened so far");

        let letters = house.sink.received().len();
        let moved = program.asks("PUT", &path, &with, &event(&booking, free)).await;
        assert_eq!((moved.status, moved.header("etag")), (204, ""), "{}", moved.body);
        let (news, _) = program.syncs("held", &word).await.unwrap();
        assert_eq!((news.len(), &news[&name]), (2, &None));
        house.post_goes().await;
        assert_eq!(house.sink.received().len(), letters + 1);
        let person = house.resident(&resident);
        let calendar = person.newest("replaced").calendar.remove(0).text;
        assert!(calendar.contains(&utc(free.starts_at())) && calendar.contains("METHOD:REQUEST"), "{calendar}");
        let after = house.bookings().await.into_iter().find(|other| other.id == booking.id).unwrap();
        assert_eq!(after.visit().unwrap().span, free);
        assert_eq!(after.default_visit, booking.default_visit);
        assert!(after.came_from(house.now()).is_none(), "there is no way back to a time that the therapist left");
        assert_eq!([house.coverage("IM").await, house.coverage("NEPH").await], coverage);
    }

    async fn busy_time_keeps_visits_away_and_a_clash_is_shown_and_not_resolved(db: TestDatabase) {
        let house = invited(&db).await;
        let (_, session) = somebody_busy(&house).await;
        let program = calendar(&house, &session).await;
        let imported = busy(&house).await;
        let weekly = captured::event("a@b", "20270705T150000Z", "20270705T153000Z", "RRULE:FREQ=WEEKLY;COUNT=3\r\n");
        let path = program.path("busy/a%40b.ics");
        let made = program.asks("PUT", &path, &[("if-none-match", "*")], &weekly).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let tag = made.header("etag").to_owned();
        assert_eq!(program.lists("busy").await.into_iter().collect::<Vec<_>>(), [("a@b.ics".to_owned(), tag.clone())]);
        let got = program.asks("GET", &path, &[], "").await;
        assert_eq!((got.body.as_str(), got.header("etag")), (weekly.as_str(), tag.as_str()));
        assert_eq!(busy(&house).await.len(), imported.len() + 3);
        assert_eq!(program.asks("PUT", &path, &[("if-none-match", "*")], &weekly).await.status, 412);
        let twin = program.asks("PUT", &program.path("busy/twin.ics"), &[], &weekly).await;
        assert!(twin.status == 403 && twin.body.contains("<c:no-uid-conflict/>"), "{}", twin.body);
        for wrong in ["BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:x\r\nEND:VTODO\r\nEND:VCALENDAR\r\n", "x"] {
            assert_eq!(program.asks("PUT", &program.path("busy/x.ics"), &[], wrong).await.status, 403);
        }

        assert!(!session.opens("/agenda").await.body.contains("id=\"clashes\""));
        let seat = session.agenda("2027-07-05").await[0].seat.clone();
        let visit = house.bookings().await.into_iter().find_map(|booking| {
            booking.visit().filter(|visit| visit.seat.to_string() == seat).cloned()
        });
        let span = visit.unwrap().span;
        let clash = captured::event("a@b", &utc(span.starts_at()), &utc(span.ends_at() + chrono::Duration::hours(1)), "");
        let (_, word) = program.syncs("busy", "").await.unwrap();
        let changed = program.asks("PUT", &path, &[("if-match", &tag)], &clash).await;
        assert_eq!(changed.status, 204);
        assert!(session.opens("/agenda").await.body.contains("id=\"clashes\""));
        assert_eq!(busy(&house).await.len(), imported.len() + 1);
        assert_eq!(program.lists("held").await.len(), session.agenda("2027-07-05").await.len(), "nobody is moved");
        assert_eq!(program.asks("DELETE", &path, &[("if-match", &tag)], "").await.status, 412);
        assert_eq!(program.asks("DELETE", &path, &[("if-match", changed.header("etag"))], "").await.status, 204);
        assert_eq!(program.asks("DELETE", &path, &[], "").await.status, 404);
        assert_eq!(busy(&house).await, imported);
        let (news, _) = program.syncs("busy", &word).await.unwrap();
        assert_eq!(news.into_iter().collect::<Vec<_>>(), [("a@b.ics".to_owned(), None)]);
    }
}

/// Any order of what residents do and of programs asking: whoever applies the differences has what a fresh listing has.
#[tokio::test]
async fn two_programs_that_ask_now_and_then_have_what_is_there() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let (_, session) = somebody_busy(&house).await;
    let programs = [calendar(&house, &session).await, calendar(&house, &session).await];
    let mut known = [(String::new(), std::collections::BTreeMap::new()), Default::default()];
    let people: Vec<_> = house.town.people().into_iter().take(6).collect();
    let mut dice: u32 = 7;
    let mut throw = |sides: u32| {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((dice >> 16) % sides) as usize
    };
    for _ in 0..60 {
        let resident = house.resident(&people[throw(6)].address);
        match throw(4) {
            0 => drop(resident.opts_out(Entry::Keep).await),
            1 => drop(resident.comes_back().await),
            2 => {
                let offered = resident.is_offered().await;
                if !offered.is_empty() {
                    resident.takes(&offered[throw(2) % offered.len()]).await;
                }
            }
            _ => {
                let who = throw(2);
                let (word, mut entries) = std::mem::take(&mut known[who]);
                let (news, word) = programs[who].syncs("held", &word).await.unwrap();
                for (name, tag) in news {
                    match tag {
                        Some(tag) => drop(entries.insert(name, tag)),
                        None => drop(entries.remove(&name)),
                    }
                }
                assert_eq!(entries, programs[who].lists("held").await);
                known[who] = (word, entries);
            }
        }
    }
}
