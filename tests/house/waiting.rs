//! Those who could not be placed: a seat that is free is kept for them at fixed hours, one after another, and the program
//! sees nothing of it. Never looks at the words of a letter beyond what they must not say.

use holdspace::domain::booking::{Booking, Entry};
use holdspace::domain::id::ResidentId;
use holdspace::domain::offering::Rules;
use holdspace::domain::plan::Seed;
use holdspace::storage::{bookings, offerings, outbox};

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, fortnight};
use crate::harness::person::Resident;
use crate::harness::town::Town;

const FREE: &str = "free-time";

/// More people than seats on the only day, without a reserve: some wait.
async fn crowded(house: &mut House) {
    house.town = Town::crowd(9);
    let heading = house.town.protected.lines().next().unwrap().to_owned();
    house.town.protected = format!("{heading}\nIM,A,2027-07-05,08:00,11:00\n");
    house.imports_the_sample_files().await;
    house.opens(Rules { reserve_percent: 0, ..fortnight() }).await;
    let booked = house.books().await;
    assert!(booked.waiting >= 3 && booked.booked > 0, "{booked:?}");
    house.post_goes().await;
    house.sleeps(5).await;
}

/// The bookings with their residents' identifiers.
async fn whose(house: &House) -> Vec<(ResidentId, Booking)> {
    let mut db = house.store.read().await.unwrap();
    let all = offerings::offerings(&mut db).await.unwrap();
    let rows = bookings::of_offering(&mut db, all[0].id).await.unwrap();
    drop(db);
    rows.iter().map(|row| row.resident).zip(house.bookings().await).collect()
}

/// Who waits, in the order of the published lottery.
async fn waiting(house: &House) -> Vec<Booking> {
    let shown = house.desk.show_offering(None).await.unwrap();
    let seed = Seed::from_hex(&shown.batches[0].seed).unwrap();
    let mut waiting = whose(house).await;
    waiting.retain(|(_, booking)| booking.waits_for_a_seat().is_some());
    waiting.sort_by_key(|(resident, _)| seed.resident(*resident));
    waiting.into_iter().map(|(_, booking)| booking).collect()
}

/// Who has a letter about a free time.
fn told(house: &House) -> Vec<Resident<'_>> {
    let residents = house.town.people().into_iter().map(|person| house.resident(&person.address));
    residents.filter(|resident| resident.kinds().contains(&FREE.to_owned())).collect()
}

fn invited(house: &House) -> Vec<Resident<'_>> {
    let residents = house.town.people().into_iter().map(|person| house.resident(&person.address));
    residents.filter(|resident| resident.kinds().contains(&"invitation".to_owned())).collect()
}

/// Lets fixed hours pass until so many have such a letter.
async fn until_told(house: &House, people: usize) {
    for _ in 0..40 {
        if told(house).len() >= people {
            return;
        }
        house.hours_pass(6).await;
    }
    panic!("{} have a letter about a free time, not {people}", told(house).len());
}

/// Goes on until somebody who waits has a letter.
pub async fn walks_until_a_time_is_kept(house: &mut House) {
    crowded(house).await;
    assert_eq!(invited(house)[0].opts_out(Entry::Keep).await.status, 303);
    until_told(house, 1).await;
}

/// What the program's side can see of it.
async fn seen(house: &House) -> (String, Vec<String>, [String; 2]) {
    let plan = serde_json::to_string(&house.desk.plan(None, None).await.unwrap()).unwrap();
    let counts = outbox::counts(&mut house.store.read().await.unwrap()).await.unwrap();
    let counts = counts.into_iter().map(|c| format!("{} {} {} {}", c.letter, c.state, c.reason, c.count));
    (plan, counts.collect(), house.coverage("IM").await)
}

on_both_engines! {
    async fn a_free_seat_is_kept_for_who_waits_in_the_order_of_the_lottery_and_goes_on(db: TestDatabase) {
        let mut house = House::on(&db).await;
        crowded(&mut house).await;
        let order = waiting(&house).await;
        house.hours_pass(12).await;
        assert!(told(&house).is_empty(), "nothing is free");
        let gone = invited(&house)[0].opts_out(Entry::Keep).await;
        assert_eq!(gone.status, 303);
        house.round().await;
        assert!(told(&house).is_empty(), "nothing happens on the event");
        until_told(&house, 1).await;
        let kept: Vec<_> = whose(&house).await.into_iter().filter(|(_, who)| who.offered_seat().is_some()).collect();
        assert_eq!((kept.len(), kept[0].1.id), (1, order[0].id));
        let first = told(&house).remove(0).address().to_owned();
        let letter = house.resident(&first).newest(FREE);
        let whole = format!("{} {} {}", letter.subject, letter.text, letter.html).to_lowercase();
        for telling in ["gave", "given up", "opt", "cancel", "came free", "no longer", "another resident", "somebody’s"] {
            assert!(!whole.contains(telling), "{telling}: {whole}");
        }
        let link = letter.link("/v/");
        let page = house.get(&link).await;
        assert!(page.body.contains("This time can be yours"), "{}", page.body);
        let seat = page.values("seat").remove(0);
        // Who sits elsewhere is not offered it meanwhile, nor can they take it.
        let other = invited(&house).remove(1);
        assert!(!other.is_offered().await.contains(&seat));
        assert_eq!(other.takes(&seat).await.status, 409);
        // It goes on to the next at the fixed hour but one, without another lot.
        house.hours_pass(12).await;
        assert_eq!(told(&house).len(), 2);
        assert!(!house.get(&link).await.body.contains("This time can be yours"));
        let second = told(&house).into_iter().find(|who| who.address() != first).unwrap();
        let kept: Vec<_> = whose(&house).await.into_iter().filter(|(_, who)| who.offered_seat().is_some()).collect();
        assert!(kept.iter().any(|(_, who)| who.id == order[1].id));
        let link = second.newest(FREE).link("/v/");
        let taken = house.form(&format!("{link}/times"), &[("seat", &seat), ("remind", "on")]).await;
        assert_eq!(taken.status, 303, "{}", taken.body);
        house.everyone_sits_once().await;
        house.hours_pass(24).await;
        assert_eq!(told(&house).len(), 2, "nothing is free any more");
        assert!(second.kinds().contains(&"moved".to_owned()));
    }

    async fn the_programs_side_sees_the_same_whether_or_not_a_seat_came_free(db: TestDatabase) {
        let mut worlds = Vec::new();
        for somebody_opts_out in [true, false] {
            let other = TestDatabase::sqlite();
            let mut house = House::on(if somebody_opts_out { &db } else { &other }).await;
            crowded(&mut house).await;
            if somebody_opts_out {
                invited(&house)[0].opts_out(Entry::Remove).await;
            }
            house.hours_pass(72).await;
            assert_eq!(told(&house).is_empty(), !somebody_opts_out);
            worlds.push(seen(&house).await);
        }
        assert_eq!(worlds[0], worlds[1]);
    }
}
