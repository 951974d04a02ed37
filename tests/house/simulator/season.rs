//! One season: time goes by, somebody acts, something fails, and everything is looked at. Never decides what people do.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use chrono::Duration;
use holdspace::desk::Error;
use holdspace::domain::booking::Standing;
use holdspace::domain::id::BookingId;
use holdspace::domain::offering::Rules;
use holdspace::domain::time::Instant;
use holdspace::storage::outbox;

use super::base::beginning;
use super::breaks::Broken;
use super::checks::{Cause, Holds, changes_hold, holds, seats_hold};
use super::disk;
use super::letters::Letters;
use super::life::{Did, Strike, World};
use super::mailbox::Arrived;
use super::residents::Person;
use super::truth::Truth;
use crate::harness::house::fortnight;
use crate::two_worlds::draw::Draw;

/// So long is a season.
const DAYS: i64 = 30;
/// So many rounds at most empty the queue at the end: a letter waits four hours at most between two tries.
const ROUNDS_MAX: usize = 200;
/// Nothing is broken for longer than this, in hours: a letter is given up after four days.
const ILL_HOURS: i64 = 40;

/// What a season came to.
#[derive(Debug, Clone)]
pub struct Lived {
    /// What happened, step by step.
    pub steps: Vec<String>,
    /// What tells two seasons apart.
    pub hash: u64,
    /// Letters that arrived, copies among them.
    pub letters: usize,
    /// Second copies.
    pub copies: usize,
    /// Processes that died.
    pub deaths: u32,
    /// What did not hold, if anything.
    pub wrong: Option<String>,
}

/// A season that is being lived through.
pub struct Season {
    /// Draws what happens.
    pub draw: Draw,
    /// Where.
    pub world: World,
    /// What held after the last step.
    pub truth: Truth,
    /// Who might be on the roster.
    pub people: Vec<Person>,
    /// Who is, by number, as far as an import was acknowledged.
    pub roster: BTreeSet<usize>,
    /// Whether every import since was acknowledged.
    pub roster_is_known: bool,
    /// Whether anything changed since the last batch that a default visit hangs on.
    pub moved: bool,
    /// Since when letters fail.
    pub ill: Option<Instant>,
    /// Since when the disk is full.
    pub full: Option<Instant>,
    /// The keyed hashes of addresses that refused a letter for good.
    pub deaf: Vec<String>,
    /// What is broken on purpose.
    pub broken: Broken,
    /// What a lying disk will be found to hold.
    pub aside: Option<PathBuf>,
    /// How things were before somebody opted out, to be put back by a broken clean-up.
    pub earlier: Option<Truth>,
    letters: Letters,
    held_back: Vec<Arrived>,
    read: usize,
    steps: Vec<String>,
    hasher: DefaultHasher,
}

/// Lives through the season of a seed.
pub async fn lives(seed: u64, broken: Broken) -> Lived {
    let mut season = Season {
        draw: Draw::of(seed, 1),
        world: World::begin(seed).await,
        truth: Truth::default(),
        people: Person::all(),
        roster: BTreeSet::new(),
        roster_is_known: true,
        moved: false,
        ill: None,
        full: None,
        deaf: Vec::new(),
        broken,
        aside: None,
        earlier: None,
        letters: Letters::default(),
        held_back: Vec::new(),
        read: 0,
        steps: Vec::new(),
        hasher: DefaultHasher::new(),
    };
    let wrong = season.goes_on().await.err();
    let Season { letters, steps, hasher, world, .. } = season;
    // A directory in memory that could not be removed would stay there.
    world.life.store.close().await;
    let (letters, copies) = (letters.count, letters.copies);
    Lived { steps, hash: hasher.finish(), letters, copies, deaths: world.deaths, wrong }
}

impl Season {
    /// The rules of its offering.
    pub fn rules(&mut self) -> Rules {
        Rules {
            reserve_percent: self.draw.pick(&[15, 30, 40]),
            reminder_hours: self.draw.pick(&[&[48][..], &[48, 24], &[72, 2], &[24]]).to_vec(),
            announce_days: self.draw.pick(&[None, Some(2), Some(5)]),
            notice_hours: self.draw.pick(&[6, 24]),
            survey: false,
            ..fortnight()
        }
    }

    async fn goes_on(&mut self) -> Holds {
        self.opens().await?;
        let end = beginning() + Duration::days(DAYS);
        while self.world.now() < end {
            self.time_passes().await;
            let over = |since: Option<Instant>, now| {
                since.is_some_and(|since| now - since > Duration::hours(ILL_HOURS))
            };
            if over(self.ill, self.world.now()) || over(self.full, self.world.now()) {
                self.heals().await;
            }
            self.acts().await?;
        }
        self.ends().await
    }

    /// Some time passes: to the next letter that is due, or some hours, or nothing.
    async fn time_passes(&mut self) {
        let now = self.world.now();
        let seconds = match self.draw.below(10) {
            0 | 1 => self.draw.below(900),
            2..=4 => {
                let next =
                    self.next_due().await.map_or(0, |next| (next - now).num_seconds().clamp(0, 86_400));
                usize::try_from(next).unwrap() + self.draw.below(120)
            }
            _ => 3_600 + self.draw.below(100_000),
        };
        self.world.clock.advance(Duration::seconds(i64::try_from(seconds).unwrap()));
    }

    async fn next_due(&self) -> Option<Instant> {
        let mut db = self.world.life.store.read().await.unwrap();
        outbox::next_due(&mut db).await.unwrap()
    }

    /// All that fails is well again.
    pub async fn heals(&mut self) {
        self.world.sink.recovers();
        self.ill = None;
        if self.full.take().is_some() {
            disk::grows_by(&self.world.life.store, None).await;
        }
    }

    /// Goes a round, or what is left of it where the post stands still.
    pub async fn round(&mut self, strike: Strike) -> Holds {
        let stands_still = self.broken == Broken::ThePostStandsStill;
        let did = self.world.under(strike, async |life| {
            if stands_still {
                return life.desk.refresh_offers().await.map(drop);
            }
            holdspace::jobs::rounds::round(&life.post).await.map(drop)
        });
        let did = did.await;
        self.answered(&did, strike, "a round")?;
        self.looks(&format!("round {strike:?} {}", told(&did)), &did, &Cause::Round, strike == Strike::None)
            .await
    }

    /// Whoever is asked answers, unless something fails just now.
    pub fn answered<T>(&self, did: &Did<Result<T, Error>>, strike: Strike, what: &str) -> Holds {
        let excused = strike != Strike::None || self.full.is_some();
        match did {
            Did::Answered(Ok(_)) => Ok(()),
            Did::Answered(Err(Error::Refused(_) | Error::Absence(_) | Error::Booking(_))) => Ok(()),
            Did::Answered(Err(why)) => holds(excused, || format!("{what} was broken off: {why}")),
            Did::Died => holds(strike != Strike::None, || format!("{what} fell over")),
        }
    }

    /// Looks at everything after a step; a process that died begins again first. `sure` says that nothing was made to fail.
    pub async fn looks<T>(&mut self, step: &str, did: &Did<T>, cause: &Cause, sure: bool) -> Holds {
        let lying = self.aside.take();
        if matches!(did, Did::Died) || lying.is_some() {
            self.world.dies(lying).await;
            self.full = None;
        }
        let earlier = self.earlier.take();
        self.broken.behind_its_back(&self.world.life, &self.truth, earlier).await;
        let (before, now) = (std::mem::take(&mut self.truth), self.world.now());
        let after = before.next(&self.world.life).await;
        let fresh = self.fresh();
        self.notes(step, &after, &fresh);
        changes_hold(&before, &after, cause, now)?;
        seats_hold(&after, now)?;
        self.letters.owed_hold(&before, &after)?;
        let sure = sure && self.ill.is_none() && self.full.is_none();
        for arrived in self.broken.on_the_way(fresh, &mut self.held_back) {
            self.arrives(&after, arrived, sure)?;
        }
        for late in std::mem::take(&mut self.held_back) {
            self.arrives(&after, late, sure)?;
        }
        self.letters.done_hold(&before, &after, &self.deaf, now)?;
        self.nobody_is_lost(&after)?;
        self.truth = after;
        Ok(())
    }

    fn arrives(&mut self, truth: &Truth, arrived: Arrived, sure: bool) -> Holds {
        if let Some(person) = self.people.iter_mut().find(|person| person.address == arrived.to)
            && person.link.is_none()
        {
            person.link.clone_from(&arrived.link);
        }
        let key = self.world.life.vault.address_key(&arrived.to.parse().unwrap());
        self.letters.arrives(truth, &key, arrived, sure)
    }

    /// What the mail server took since the last look.
    fn fresh(&mut self) -> Vec<Arrived> {
        let now = self.world.now();
        let received = self.world.sink.received();
        let fresh = received[self.read..].iter().map(|one| Arrived::read(now, one)).collect();
        self.read = received.len();
        fresh
    }

    fn notes(&mut self, step: &str, truth: &Truth, fresh: &[Arrived]) {
        let stands = |(id, one): (&BookingId, &std::rc::Rc<super::truth::OneBooking>)| {
            let booking = &one.booking;
            let (how, seat) = match &booking.standing {
                Standing::Waiting => ("waits", String::new()),
                Standing::Held(visit) => ("sits", visit.seat.to_string()),
                Standing::OptedOut(visit) => ("is out", visit.seat.to_string()),
            };
            let short = |id: &str| id.chars().take(4).collect::<String>();
            format!("{} {how} {} {}", short(&id.to_string()), short(&seat), booking.sequence)
        };
        let stand: Vec<String> = truth.bookings.iter().map(stands).collect();
        let came: Vec<&str> = fresh.iter().map(|arrived| arrived.message_id.as_str()).collect();
        let line = format!("{} {step}\n      {}\n      {came:?}", self.world.now(), stand.join(", "));
        line.hash(&mut self.hasher);
        truth
            .letters
            .iter()
            .for_each(|(id, one)| (id, &one.state, one.attempts, one.next).hash(&mut self.hasher));
        self.steps.push(line);
    }

    /// Everybody on the roster is on file, and everybody on file who is on the roster since the last batch has a booking.
    fn nobody_is_lost(&self, truth: &Truth) -> Holds {
        if !self.roster_is_known {
            return Ok(());
        }
        let on_file = |number: &usize| {
            let key = self.world.life.vault.address_key(&self.people[*number].address.parse().unwrap());
            truth.residents.values().any(|(known, active)| *known == key && *active)
        };
        let lost = self.roster.iter().find(|number| !on_file(number));
        holds(lost.is_none(), || {
            format!("{:?} is lost from the roster", lost.map(|number| &self.people[*number].address))
        })
    }

    /// After everything was healed: the queue runs empty, and everybody knows what is true.
    async fn ends(&mut self) -> Holds {
        self.heals().await;
        self.books(Strike::None).await?;
        let mut rounds = 0;
        while let Some(due) = self.next_due().await {
            rounds += 1;
            holds(rounds < ROUNDS_MAX, || "the queue is never empty".to_owned())?;
            // What a process that died had taken comes free a quarter of an hour later.
            let next = due.max(self.world.now() + Duration::minutes(16));
            self.world.clock.set(next);
            self.round(Strike::None).await?;
        }
        self.letters.all_arrived(&self.truth)?;
        self.letters.calendars_hold(&self.truth)
    }
}

/// What became of something, in a word.
pub fn told<T>(did: &Did<Result<T, Error>>) -> String {
    match did {
        Did::Answered(Ok(_)) => "done".to_owned(),
        Did::Answered(Err(why)) => format!("not done: {why}"),
        Did::Died => "the process died".to_owned(),
    }
}
