//! Invented seasons for the properties: residents in cohorts, therapists, slots. Never a name, for planning knows none.

use std::ops::Range;

use chrono::Duration;
use proptest::collection::{hash_set, vec};
use proptest::prelude::*;

use crate::domain::eligibility::{Host, OpenSlot, Person, SlotKey, Wishes, merged};
use crate::domain::id::{ProgramId, ResidentId, SiteId, TherapistId};
use crate::domain::people::{Modality, Places, Practice, State};
use crate::domain::plan::{Question, Seed, Visits, Weights};
use crate::domain::time::{Instant, Span};

/// Everything that a question is about.
#[derive(Debug, Clone)]
pub struct World {
    pub people: Vec<Person>,
    pub hosts: Vec<Host>,
    pub slots: Vec<OpenSlot>,
    pub seed: Seed,
    pub earliest_start: Instant,
    pub weights: Weights,
}

impl World {
    pub fn question(&self) -> Question<'_> {
        Question {
            people: &self.people,
            hosts: &self.hosts,
            slots: &self.slots,
            seed: &self.seed,
            earliest_start: self.earliest_start,
            opens: opening(),
            weights: &self.weights,
            visits: Visits { minutes: 50, buffer_minutes: 10, engaged: &[] },
        }
    }

    pub fn host(&self, id: TherapistId) -> &Host {
        self.hosts.iter().find(|host| host.id == id).unwrap()
    }
}

/// Monday, 8 o'clock in Denver.
pub fn opening() -> Instant {
    "2027-07-05T14:00:00Z".parse().unwrap()
}

/// Hours after eight on one of the days.
pub fn hours(day: i64, from: i64, to: i64) -> Span {
    let at = |hour| opening() + Duration::hours(24 * day + hour);
    Span::new(at(from), at(to)).unwrap()
}

pub fn slot(host: u8, day: i64, hour: i64, seats: u32) -> OpenSlot {
    let starts_at = hours(day, hour, hour + 1).starts_at();
    let span = Span::new(starts_at, starts_at + Duration::minutes(50)).unwrap();
    OpenSlot { key: SlotKey { therapist: therapist_id(host), starts_at }, span, seats }
}

pub fn therapist_id(number: u8) -> TherapistId {
    TherapistId::from_bytes([number.wrapping_mul(37); 16])
}

pub fn program(number: u8) -> ProgramId {
    ProgramId::from_bytes([number; 16])
}

fn site(number: u8) -> SiteId {
    SiteId::from_bytes([number; 16])
}

fn state(number: u8) -> State {
    State::parse(["CO", "AZ"][usize::from(number)]).unwrap()
}

/// A therapist who can meet everybody by video.
pub fn therapist(number: u8) -> Host {
    let places = Places {
        video_url: Some("https://video.example.org/1".to_owned()),
        phone: Some("+1-555-010-0000".to_owned()),
        room: Some("Room 1".to_owned()),
    };
    let practice = Practice {
        modalities: vec![Modality::Video],
        sites: vec![site(0), site(1)],
        licensed_states: vec![state(0), state(1)],
        languages: vec!["English".to_owned()],
        gender: "female".to_owned(),
        supervises: Vec::new(),
        places,
    };
    Host { id: therapist_id(number), practice }
}

/// A resident of Internal Medicine with the given protected time and nothing special.
pub fn resident(number: u64, cohort: Option<&str>, protected: Vec<Span>) -> Person {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    id[8..].copy_from_slice(&number.to_be_bytes());
    Person {
        id: ResidentId::from_bytes(id),
        program: program(0),
        program_code: "IM".to_owned(),
        cohort: cohort.map(str::to_owned),
        zone: "America/Denver".parse().unwrap(),
        state: state(0),
        site: Some(site(0)),
        period: Span::new("2027-07-05T06:00:00Z".parse().unwrap(), "2027-09-01T06:00:00Z".parse().unwrap())
            .unwrap(),
        protected: merged(protected),
        never: merged(Vec::new()),
        avoids: Vec::new(),
        wishes: Wishes::default(),
    }
}

fn half_day() -> impl Strategy<Value = Span> {
    (0..4_i64, prop_oneof![Just((0, 4)), Just((5, 9))]).prop_map(|(day, (from, to))| hours(day, from, to))
}

fn a_therapist(number: u8) -> impl Strategy<Value = Host> {
    let modalities =
        proptest::sample::subsequence(vec![Modality::Video, Modality::InPerson, Modality::Phone], 0..=3);
    (
        modalities.prop_shuffle(),
        0..4_u8,
        0..4_u8,
        proptest::option::weighted(0.2, 0..2_u8),
        any::<[bool; 3]>(),
    )
        .prop_map(move |(modalities, sites, states, supervises, traits)| {
            let mut host = therapist(number);
            let some = |mask: u8| (0..2_u8).filter(move |bit| mask & (1 << bit) != 0);
            host.practice.modalities = modalities;
            host.practice.sites = some(sites).map(site).collect();
            host.practice.licensed_states = some(states).map(state).collect();
            host.practice.supervises = supervises.into_iter().map(program).collect();
            if traits[0] {
                host.practice.languages.push("Spanish".to_owned());
            }
            if traits[1] {
                host.practice.gender = "male".to_owned();
            }
            if traits[2] {
                host.practice.places.room = None;
            }
            host
        })
}

pub fn a_wish() -> impl Strategy<Value = Wishes> {
    let language = proptest::option::of(prop_oneof![Just("english".to_owned()), Just("Spanish".to_owned())]);
    let gender = proptest::option::weighted(0.3, Just("Male".to_owned()));
    let modality = proptest::option::weighted(0.3, Just(Modality::InPerson));
    (language, gender, modality).prop_map(|(language, gender, modality)| Wishes {
        language,
        gender,
        modality,
    })
}

fn a_resident(cohorts: Vec<Vec<Span>>) -> impl Strategy<Value = Person> {
    let night = proptest::option::weighted(0.3, half_day());
    let avoided = proptest::option::weighted(0.2, 0..4_u8);
    let kind = (0..cohorts.len() + 1, 0..2_u8, 0..2_u8, 0..3_u8);
    (kind, night, avoided, a_wish()).prop_map(move |((cohort, of, from, at), night, avoided, wishes)| {
        // The number past the last cohort has no cohort and no protected time: an empty row.
        let label = ["A", "B", "C", "D"].get(cohort).filter(|_| cohort < cohorts.len());
        let mut person = resident(0, label.copied(), cohorts.get(cohort).cloned().unwrap_or_default());
        person.program = program(of);
        person.program_code = ["IM", "PEDS"][usize::from(of)].to_owned();
        person.state = state(from);
        person.site = (at < 2).then(|| site(at));
        person.never = merged(night.into_iter().collect());
        person.avoids = avoided.into_iter().map(therapist_id).collect();
        person.wishes = wishes;
        person
    })
}

/// The usual weights, without the wish for who is away at once: the slow answers know nothing of it, and it may cost
/// more than the least.
pub fn cheapest() -> Weights {
    Weights { away_percent: 100, ..Weights::default() }
}

/// The usual weights, or any that an offering may have, without the wish for who is away at once.
pub fn a_weighting() -> impl Strategy<Value = Weights> {
    let points = || prop_oneof![Just(0), 0..20_u32, 0..=1000_u32];
    let wishes = (points(), points(), points());
    let any = (wishes, points(), 0..=100_u32, points(), points()).prop_map(
        |((language, gender, modality), site, earlier, day_load, therapist_load)| Weights {
            language,
            gender,
            modality,
            site,
            earlier,
            day_load,
            therapist_load,
            ..cheapest()
        },
    );
    prop_oneof![Just(cheapest()), any]
}

/// Seasons with so many people and slots; every second one is short of seats.
pub fn a_world(people: Range<usize>, slots: Range<usize>) -> impl Strategy<Value = World> {
    let cohorts = vec(vec(half_day(), 0..5), 1..4);
    let hosts = (a_therapist(0), a_therapist(1), a_therapist(2), a_therapist(3));
    let slots = hash_set((0..5_u8, 0..4_i64, 0..9_i64), slots)
        .prop_flat_map(|keys| {
            let keys: Vec<_> = keys.into_iter().collect();
            let seats = vec(prop_oneof![4 => Just(1_u32), 1 => 0..5_u32], keys.len());
            (Just(keys), seats)
        })
        .prop_map(|(keys, seats)| {
            let open = keys.into_iter().zip(seats);
            open.map(|((host, day, hour), seats)| slot(host, day, hour, seats)).collect::<Vec<_>>()
        });
    let people = cohorts.prop_flat_map(move |cohorts| vec(a_resident(cohorts), people.clone()));
    (people, hosts, slots, any::<[u8; 32]>(), 0..30_i64, a_weighting()).prop_map(
        |(mut people, hosts, slots, seed, notice, weights)| {
            for (number, person) in people.iter_mut().enumerate() {
                person.id = resident(number as u64, None, Vec::new()).id;
            }
            World {
                people,
                hosts: vec![hosts.0, hosts.1, hosts.2, hosts.3],
                slots,
                seed: Seed::from_bytes(seed),
                earliest_start: opening() + Duration::hours(notice),
                weights,
            }
        },
    )
}
