//! One world: a house, a season, people who act in it, and all that was seen from outside. Never compares.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdspace::telemetry::{self, Captured};

use super::acts::Actor;
use super::deeds::Deed;
use super::leaks::{Leak, Planted};
use super::pane::Pane;
use super::script::{Behaviour, PHASES, Script};
use super::season::{Event, THERAPISTS};
use super::seen::{Eyes, Seen};
use crate::harness::engines::TestDatabase;
use crate::harness::house::{Arrival, House};
use crate::harness::person::kind;
use crate::program;

/// Where letters come back to.
const BOUNCES: &str = "bounces@in.hospital.example";
/// The day on which the figures are out, and the day before.
const LAST_DAY: &str = "2027-08-12T12:00:00Z";
const RELEASE: &str = "2027-08-13T12:00:00Z";
/// Our own lines at their most talkative, and everybody else's but the client's, which is no part of the service.
const LOGGED: &str = "debug,hyper=off,hyper_util=off,reqwest=off";

/// What a world looked like from outside.
pub struct World {
    /// In order of time.
    pub seen: Vec<Seen>,
    /// Whatever mail servers saw, with its moment.
    pub mail: Vec<Arrival>,
    /// Whose behaviour differs, by address: on the roster, of their own, and what the roster may have later.
    pub flipped: Vec<[String; 3]>,
    /// Who of the others did something that hangs on free seats: the same.
    pub on_seats: Vec<[String; 3]>,
    /// What a release counts.
    pub truth: String,
    /// What careless features on pages showed, each time that somebody looked.
    pub leaked: Vec<(Leak, String)>,
    /// Whether mail servers of addresses that residents have of their own refused: then letters come late, or elsewhere.
    pub homes_refused: bool,
    /// Which deeds were allowed how often, of those who tell the worlds apart.
    pub done: BTreeMap<Deed, usize>,
}

/// A world while it lives.
pub struct Life<'h> {
    pub house: &'h House,
    pub script: &'h Script,
    /// The roster as it was last brought.
    pub roster: String,
    /// Who was invited, in the order of the roster.
    pub invited: Vec<String>,
    pub pane: Arc<Pane>,
    pub(super) eyes: Option<Eyes>,
    pub(super) flipped: Vec<Actor<'h>>,
    pub(super) others: Vec<(Actor<'h>, Behaviour)>,
    pub(super) seen: Vec<Seen>,
    pub(super) mail: Vec<Arrival>,
    pub(super) leaked: Vec<(Leak, String)>,
    pub(super) steps: u64,
    pub(super) moment: String,
    pub(super) log: Captured,
    pub(super) logged: usize,
}

/// Lives through a season in which some residents behave as told, the first of them first. `planted` are careless features.
pub async fn lives(script: &Script, behaviours: &[Behaviour], planted: Planted, db: &TestDatabase) -> World {
    let log = Captured::default();
    let subscriber = telemetry::subscriber(false, false, Some(LOGGED), log.clone()).unwrap();
    let _logging = tracing::subscriber::set_default(subscriber);
    let mut pane = None;
    let mut house = House::seen_through(db, script.seed, |routes, store, vault| {
        let (routes, made) = Pane::before(routes, planted, store.clone(), Arc::clone(vault));
        pane = Some(made);
        routes
    })
    .await;
    house.post.bounces = Some(BOUNCES.parse().unwrap());
    let mut life = Life {
        house: &house,
        script,
        roster: script.town.roster.clone(),
        invited: Vec::new(),
        pane: pane.unwrap(),
        eyes: None,
        flipped: Vec::new(),
        others: Vec::new(),
        seen: Vec::new(),
        mail: Vec::new(),
        leaked: Vec::new(),
        steps: 0,
        moment: "the beginning".to_owned(),
        log,
        logged: 0,
    };
    life.begins().await;
    life.meets(behaviours.len());
    for phase in 0..PHASES {
        life.slot(phase).await;
        life.acts(phase, behaviours).await;
        match phase {
            0 => life.passes(12, 6).await,
            1 => life.goes_to("2027-07-03T20:00:00Z", 24 * 14).await,
            2 => life.goes_to("2027-07-08T02:00:00Z", 18).await,
            3 => life.goes_to("2027-07-17T02:00:00Z", 48).await,
            _ => life.passes(24, 24).await,
        }
    }
    life.slot(PHASES).await;
    life.ends().await
}

impl<'h> Life<'h> {
    async fn begins(&mut self) {
        let (house, script) = (self.house, self.script);
        house.imports(&script.town).await;
        house.opens(script.rules.clone()).await;
        if let Some(people) = script.cohort {
            house.freezes_a_cohort_of(people).await;
        }
        self.turn();
        let booked = house.books().await;
        self.sees("the answer to the first batch", serde_json::to_string(&booked).unwrap());
        self.turn();
        program::entrust(house, program::COORDINATOR, &["IM"]).await;
        self.post_goes().await;
        self.goes_to("2027-06-06T12:00:00Z", 24 * 5).await;
        self.turn();
        self.eyes = Some(Eyes::of(house).await);
        self.post_goes().await;
    }

    /// Finds those who were invited, and gives roles.
    fn meets(&mut self, flipped: usize) {
        let mut links = BTreeMap::new();
        for received in self.house.sink.received() {
            let letter = received.read();
            if kind(&letter) == "invitation" {
                links.insert(received.to[0].clone(), letter.link("/v/"));
            }
        }
        let people = self.script.town.people().into_iter().filter(|one| links.contains_key(&one.address));
        let mut actors: Vec<Actor<'h>> = people
            .map(|one| {
                let link = links[&one.address].clone();
                Actor::new(self.house, &one.address, format!("{} {}", one.given, one.family), link)
            })
            .collect();
        assert!(actors.len() > flipped + 1, "hardly anybody was invited, so this proves nothing");
        self.invited = actors.iter().map(|actor| actor.address.clone()).collect();
        for _ in 0..flipped {
            let at = self.script.flipped % actors.len();
            self.flipped.push(actors.remove(at));
        }
        for (whom, behaviour) in &self.script.others {
            let at = whom % actors.len();
            self.others.push((actors.remove(at), behaviour.clone()));
        }
    }

    async fn slot(&mut self, slot: usize) {
        for event in &self.script.events[slot] {
            self.moment = format!("slot {slot}, {event:?}");
            self.happens(*event).await;
        }
        if self.script.looks[slot] {
            self.looks(&format!("slot {slot}, before phase {slot}")).await;
        }
    }

    /// One time at which residents, and those who hold their visits, do something. The clock stands still meanwhile.
    async fn acts(&mut self, phase: usize, behaviours: &[Behaviour]) {
        self.moment = format!("phase {phase}");
        self.turn();
        let mut care = Vec::new();
        if phase >= 3 {
            for address in THERAPISTS {
                care.push(self.house.therapist(address).signs_in().await);
            }
        }
        self.post_goes().await;
        for (actor, behaviour) in self.flipped.iter().zip(behaviours) {
            for placed in behaviour.in_phase(phase) {
                actor.does(placed, &care).await;
            }
        }
        self.turn();
        for (actor, behaviour) in &self.others {
            for placed in behaviour.in_phase(phase) {
                actor.does(placed, &care).await;
            }
        }
        self.turn();
        self.post_goes().await;
    }

    async fn ends(mut self) -> World {
        self.moment = "the day before the release".to_owned();
        self.goes_to(LAST_DAY, 24 * 26).await;
        self.looks("the day before the release").await;
        let truth = self.truth().await;
        if self.script.released {
            self.house.clock.set(RELEASE.parse().unwrap());
            self.turn();
            let released = self.house.desk.release_due().await;
            self.sees("how many releases were due", format!("{released:?}"));
            self.round().await;
            self.looks("after the release").await;
        }
        let all = |actor: &Actor<'_>| [actor.address.clone(), actor.home.clone(), actor.other.clone()];
        let mut done = BTreeMap::new();
        for (deed, times) in self.flipped.iter().flat_map(Actor::done) {
            *done.entry(deed).or_default() += times;
        }
        let on_seats = self.others.iter().filter(|(_, behaviour)| behaviour.any(Deed::hangs_on_seats));
        World {
            flipped: self.flipped.iter().map(all).collect(),
            on_seats: on_seats.map(|(actor, _)| all(actor)).collect(),
            seen: self.seen,
            mail: self.mail,
            leaked: self.leaked,
            truth,
            homes_refused: self
                .script
                .events
                .iter()
                .flatten()
                .any(|event| matches!(event, Event::HomesRefuse(_))),
            done,
        }
    }
}
