//! Sixty-four residents and twenty seats: everybody books, moves, opts out and comes back at once, over HTTP, while offers
//! are refreshed and letters leave. Every call goes into a history with its times, and so does what an onlooker finds in the
//! database; an order must explain all of it, for every seat and for every resident. Never believes an answer alone.

mod history;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use holdspace::domain::offering::Rules;
use tokio::task::JoinSet;

use crate::harness::engines::{TestDatabase, apart, on_both_engines};
use crate::harness::house::{House, fortnight};
use crate::harness::postgres::drop_database;
use crate::harness::snapshot::{Snapshot, Stand};
use crate::harness::town::Town;
use crate::kills::clicks::below;
use history::{Act, Call, explained};

/// Who races.
const RESIDENTS: usize = 64;
/// For what.
const SEATS: usize = 20;
/// At most so many fixed hours pass in one race, however long it lasts.
const FIXED_HOURS: u32 = 100;
/// How many rounds of a minute.
const COUNT: &str = "HOLDSPACE_RACES_COUNT";

/// What happened to one seat, or was seen of it. Residents are numbers.
#[derive(Debug, Clone)]
enum OfSeat {
    Takes(usize),
    Leaves(usize),
    Seen(Option<usize>),
}

impl Act for OfSeat {
    type State = Option<usize>;

    fn after(&self, holder: &Option<usize>) -> Option<Option<usize>> {
        match self {
            Self::Takes(who) => holder.is_none().then_some(Some(*who)),
            Self::Leaves(who) => (*holder == Some(*who)).then_some(None),
            Self::Seen(seen) => (seen == holder).then_some(*holder),
        }
    }

    fn only_looks(&self) -> bool {
        matches!(self, Self::Seen(_))
    }
}

/// What happened to one resident's booking, or was seen of it.
#[derive(Debug, Clone)]
enum OfResident {
    /// From one seat, or none, into another, or none.
    Goes(Option<String>, Option<String>),
    Seen(Option<String>),
}

impl Act for OfResident {
    type State = Option<String>;

    fn after(&self, sits: &Option<String>) -> Option<Option<String>> {
        match self {
            Self::Goes(from, to) => (from == sits).then(|| to.clone()),
            Self::Seen(seen) => (seen == sits).then(|| sits.clone()),
        }
    }

    fn only_looks(&self) -> bool {
        matches!(self, Self::Seen(_))
    }
}

/// Everything that happened, by seat and by resident.
#[derive(Default)]
struct History {
    seats: BTreeMap<String, Vec<Call<OfSeat>>>,
    residents: BTreeMap<usize, Vec<Call<OfResident>>>,
    calls: usize,
    done: usize,
    seen: usize,
}

impl History {
    /// A resident's change.
    fn went(&mut self, who: usize, (from, until): (u64, Option<u64>), before: &Stand, after: &Stand) {
        let sits = |stand: &Stand| match stand {
            Stand::Held(seat) => Some(seat.clone()),
            Stand::Out(_) => None,
        };
        let (before, after) = (sits(before), sits(after));
        if before == after {
            return;
        }
        if let Some(seat) = &before {
            let act = OfSeat::Leaves(who);
            self.seats.entry(seat.clone()).or_default().push(Call { from, until, act });
        }
        if let Some(seat) = &after {
            let act = OfSeat::Takes(who);
            self.seats.entry(seat.clone()).or_default().push(Call { from, until, act });
        }
        let act = OfResident::Goes(before, after);
        self.residents.entry(who).or_default().push(Call { from, until, act });
    }

    /// What an onlooker found.
    fn saw(&mut self, (from, until): (u64, u64), snapshot: &Snapshot, who: &BTreeMap<String, usize>) {
        let until = Some(until);
        let mut of_booking = BTreeMap::new();
        for (hash, booking) in &snapshot.bookings {
            of_booking.insert(booking.id, who[hash]);
            let act = OfResident::Seen(booking.visit().map(|visit| visit.seat.to_string()));
            self.residents.entry(who[hash]).or_default().push(Call { from, until, act });
        }
        for (seat, (_, held)) in &snapshot.seats {
            let act = OfSeat::Seen(held.holder.map(|holder| of_booking[&holder]));
            self.seats.entry(seat.clone()).or_default().push(Call { from, until, act });
        }
        self.seen += 1;
    }

    fn with(mut self, other: Self) -> Self {
        for (seat, calls) in other.seats {
            self.seats.entry(seat).or_default().extend(calls);
        }
        for (who, calls) in other.residents {
            self.residents.entry(who).or_default().extend(calls);
        }
        Self {
            calls: self.calls + other.calls,
            done: self.done + other.done,
            seen: self.seen + other.seen,
            ..self
        }
    }

    /// Fails with the first seat or resident whose calls no order explains.
    fn is_explained(&self, start: &Snapshot, who: &BTreeMap<String, usize>) -> Result<(), String> {
        let mut sits = BTreeMap::new();
        let mut holders = BTreeMap::new();
        for (hash, booking) in &start.bookings {
            let seat = booking.visit().map(|visit| visit.seat.to_string());
            if let Some(seat) = &seat {
                holders.insert(seat.clone(), who[hash]);
            }
            sits.insert(who[hash], seat);
        }
        let told = |what: String, best: usize, all: usize| {
            format!("{what}: only {best} of {all} calls fit together")
        };
        for (seat, calls) in &self.seats {
            let calls: Vec<_> = calls.iter().filter(|call| matters(call, calls)).cloned().collect();
            let explained = explained(&holders.get(seat).copied(), &calls);
            explained.map_err(|best| told(format!("the seat {seat}"), best, calls.len()))?;
        }
        for (who, calls) in &self.residents {
            explained(&sits[who], calls)
                .map_err(|best| told(format!("resident {who}"), best, calls.len()))?;
        }
        Ok(())
    }
}

/// Whether anything hangs on a call. Who got no answer when they took a seat does nothing afterwards: where nobody saw them
/// there, it makes no difference whether they came, and the search need not try both.
fn matters(call: &Call<OfSeat>, calls: &[Call<OfSeat>]) -> bool {
    let OfSeat::Takes(who) = call.act else { return true };
    let sees = |look: &Call<OfSeat>| {
        matches!(look.act, OfSeat::Seen(Some(seen)) if seen == who)
            && look.until.is_none_or(|end| end > call.from)
    };
    call.until.is_some() || calls.iter().any(sees)
}

/// One racer.
struct Racer {
    who: usize,
    link: String,
    stand: Stand,
}

/// The order of everything that happens in one race.
#[derive(Default)]
struct Order(AtomicU64);

impl Order {
    fn now(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

impl Racer {
    /// Presses buttons until the race is over.
    async fn races(
        mut self,
        house: Arc<House>,
        seats: Arc<Vec<String>>,
        order: Arc<Order>,
        over: Arc<AtomicBool>,
    ) -> History {
        let mut history = History::default();
        while !over.load(Ordering::Relaxed) {
            let wanted = seats[below(seats.len())].clone();
            let (door, fields, after) = match (&self.stand, below(2)) {
                (Stand::Held(seat), 0) => ("opt-out", vec![("entry", "keep")], Stand::Out(seat.clone())),
                (Stand::Out(seat), 0) => ("come-back", vec![("back", "yes")], Stand::Held(seat.clone())),
                _ => {
                    ("times", vec![("seat", wanted.as_str()), ("remind", "on")], Stand::Held(wanted.clone()))
                }
            };
            let request =
                house.request(reqwest::Method::POST, &format!("{}/{door}", self.link)).form(&fields);
            let from = order.now();
            let answer = request.send().await;
            let until = order.now();
            history.calls += 1;
            match answer.map(|answer| answer.status().as_u16()) {
                Ok(303) => {
                    history.went(self.who, (from, Some(until)), &self.stand, &after);
                    history.done += 1;
                    self.stand = after;
                }
                Ok(409) => {}
                Ok(429) => tokio::time::sleep(Duration::from_millis(300)).await,
                Ok(status) if status < 500 => panic!("{door} was answered with {status}"),
                // Nobody knows; whoever pressed gives up, and the history keeps both open.
                _ => {
                    history.went(self.who, (from, None), &self.stand, &after);
                    return history;
                }
            }
        }
        history
    }
}

/// Who sits where, again and again; each moment must be right in itself.
async fn looks_on(
    house: Arc<House>,
    who: Arc<BTreeMap<String, usize>>,
    order: Arc<Order>,
    over: Arc<AtomicBool>,
) -> History {
    let mut history = History::default();
    loop {
        let last = over.load(Ordering::Relaxed);
        let from = order.now();
        let snapshot = Snapshot::take(&house.store, &house.vault).await;
        let until = order.now();
        snapshot.is_right();
        history.saw((from, until), &snapshot, &who);
        if last {
            return history;
        }
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
}

/// Letters leave meanwhile. As long as the racers owe new ones, there is always one more to send.
async fn delivers(house: Arc<House>, over: Arc<AtomicBool>) -> History {
    while !over.load(Ordering::Relaxed) {
        house.post.deliver(&|_| {}).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    History::default()
}

/// A season in which everybody is out, and every seat is offered to everybody.
async fn everybody_is_out(db: &TestDatabase) -> (House, Vec<Racer>, BTreeMap<String, usize>) {
    let mut house = House::on(db).await;
    house.town = Town::crowd(RESIDENTS);
    house.imports_the_sample_files().await;
    let until = "2027-07-09".parse().unwrap();
    house.opens(Rules { until, reserve_percent: 30, announce_days: None, ..fortnight() }).await;
    assert_eq!(house.books().await.booked, RESIDENTS);
    house.post_goes().await;
    let people = house.town.people();
    let mut racers = Vec::new();
    let mut who = BTreeMap::new();
    for (number, person) in people.iter().enumerate() {
        let link = house.resident(&person.address).link();
        assert_eq!(house.form(&format!("{link}/opt-out"), &[("entry", "keep")]).await.status, 303);
        who.insert(house.vault.address_key(&person.address.parse().unwrap()), number);
        racers.push((person.address.clone(), link));
    }
    house.clock.advance(chrono::Duration::hours(7));
    assert_eq!(house.desk.refresh_offers().await.unwrap(), 1);
    let snapshot = Snapshot::take(&house.store, &house.vault).await;
    let racers = racers.into_iter().enumerate().map(|(who, (address, link))| Racer {
        who,
        link,
        stand: Stand::of(snapshot.of(&house.vault, &address)),
    });
    let racers = racers.collect();
    (house, racers, who)
}

/// A race of so long; its history with how it began.
async fn race(db: &TestDatabase, lasts: Duration) -> (History, Snapshot, BTreeMap<String, usize>) {
    let (house, racers, who) = everybody_is_out(db).await;
    let (house, who) = (Arc::new(house), Arc::new(who));
    let start = Snapshot::take(&house.store, &house.vault).await;
    let mut seats = start.offered();
    assert!(seats.len() > SEATS, "only {} seats are offered", seats.len());
    while seats.len() > SEATS {
        seats.swap_remove(below(seats.len()));
    }
    let (seats, order, over) =
        (Arc::new(seats), Arc::new(Order::default()), Arc::new(AtomicBool::new(false)));
    let mut all = JoinSet::new();
    for racer in racers {
        all.spawn(racer.races(Arc::clone(&house), Arc::clone(&seats), Arc::clone(&order), Arc::clone(&over)));
    }
    all.spawn(looks_on(Arc::clone(&house), Arc::clone(&who), Arc::clone(&order), Arc::clone(&over)));
    all.spawn(delivers(Arc::clone(&house), Arc::clone(&over)));
    let begun = std::time::Instant::now();
    for _ in 0..FIXED_HOURS {
        if begun.elapsed() > lasts {
            break;
        }
        tokio::time::sleep(lasts / FIXED_HOURS).await;
        house.clock.advance(chrono::Duration::hours(6));
        house.desk.refresh_offers().await.unwrap();
    }
    over.store(true, Ordering::Relaxed);
    let mut history = all.join_all().await.into_iter().fold(History::default(), History::with);
    // Once more when everything is over, so that every seat was seen at a moment at which nothing happened.
    let from = order.now();
    let snapshot = Snapshot::take(&house.store, &house.vault).await;
    history.saw((from, order.now()), &snapshot, &who);
    (history, start, Arc::unwrap_or_clone(who))
}

#[expect(clippy::print_stdout, reason = "what came of it is told")]
async fn is_won_fairly(db: &TestDatabase, lasts: Duration) {
    let (history, start, who) = race(db, lasts).await;
    println!("{} calls, {} of them done, {} looks", history.calls, history.done, history.seen);
    assert!(history.done > RESIDENTS && history.seen > 2, "too little happened to tell anything");
    history.is_explained(&start, &who).unwrap();
}

on_both_engines! {
    async fn sixty_four_who_race_for_twenty_seats_leave_a_history_that_can_be_explained(db: TestDatabase) {
        is_won_fairly(&db, Duration::from_secs(1)).await;
    }
}

/// The history of a real race, bent in one place: it must be noticed, or the walk above proves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_with_one_lie_is_not_explained() {
    let db = TestDatabase::sqlite();
    let (history, start, who) = race(&db, Duration::from_secs(1)).await;
    history.is_explained(&start, &who).unwrap();
    assert!(start.offered().len() > SEATS, "everybody was out at the start");
    // A look at a moment in which nobody came or went.
    let quiet = |calls: &[Call<OfSeat>], look: &Call<OfSeat>| {
        let changes = calls.iter().filter(|call| !call.act.only_looks());
        matches!(look.act, OfSeat::Seen(Some(_)))
            && changes.into_iter().all(|call| {
                call.from > look.until.unwrap() || call.until.is_some_and(|until| until < look.from)
            })
    };
    let found = history
        .seats
        .values()
        .find_map(|calls| Some((calls, calls.iter().position(|look| quiet(calls, look))?)));
    let (calls, seen) = found.expect("somebody was seen sitting");
    let taken = calls.iter().find(|call| matches!(call.act, OfSeat::Takes(_))).unwrap();
    type Lie<'a> = Box<dyn Fn(&mut Vec<Call<OfSeat>>) + 'a>;
    let lies: [(&str, Lie<'_>); 3] = [
        ("a second person sits there", Box::new(|calls| calls[seen].act = OfSeat::Seen(Some(RESIDENTS)))),
        ("it was seen empty", Box::new(|calls| calls[seen].act = OfSeat::Seen(None))),
        (
            "it was given to somebody else at the same moment",
            Box::new(|calls| {
                let (from, until) = (taken.from, taken.until);
                calls.push(Call { from, until, act: OfSeat::Takes(RESIDENTS) });
            }),
        ),
    ];
    for (what, lie) in lies {
        let mut bent = calls.clone();
        lie(&mut bent);
        assert!(explained(&None, &bent).is_err(), "nobody noticed that {what}");
    }
}

/// Rounds of a minute on each engine.
#[test]
#[ignore = "for tests/nightly races"]
fn races() {
    let count = std::env::var(COUNT).ok().and_then(|text| text.parse().ok()).unwrap_or(1_u32);
    let mut failures = 0;
    for round in 0..count {
        let minute = Duration::from_secs(60);
        let sqlite = apart(async move || is_won_fairly(&TestDatabase::sqlite(), minute).await);
        let postgres = apart(async move || {
            let db = TestDatabase::postgres().await;
            is_won_fairly(&db, minute).await;
            drop_database(db.url()).await;
        });
        failures += usize::from(sqlite.is_err() || postgres.is_err());
        println!("round {round} of {count}, {failures} failed");
    }
    println!("races: {count} runs, {failures} failures");
    assert_eq!(failures, 0);
}
