//! Pairs drawn at random, for the night: as many as asked for, each told by its seed. Never the same ones twice, unless a
//! seed is given.

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use holdspace::entropy::{Entropy, SystemEntropy};

use super::deeds::Deed;
use super::leaks::Planted;
use super::script::{Behaviour, Script};
use super::{differ, on_a_thread};
use crate::harness::engines::Engine;

/// How many pairs.
const COUNT: &str = "HOLDSPACE_TWO_WORLDS_COUNT";
/// The seed of a pair that is to be lived through again.
const SEED: &str = "HOLDSPACE_TWO_WORLDS_SEED";
/// The engine: `postgres`, or SQLite.
const ENGINE: &str = "HOLDSPACE_TWO_WORLDS_ENGINE";

/// Lives through the pair of a seed; says where its worlds differ.
pub fn pair_of(seed: u64, engine: Engine) -> Result<(), String> {
    let mut script = Script::of(seed);
    let behaviours = script.behaviours().map(|one| [one]);
    script.hers_are_taken = behaviours.iter().any(|[one]| one.any(Deed::routes_letters));
    let both: [&[Behaviour]; 2] = [&behaviours[0], &behaviours[1]];
    let live = |all| on_a_thread(&script, all, Planted::Nothing, engine);
    let where_ = match (live(both[0]), live(both[1])) {
        (Ok(one), Ok(other)) => differ::difference(&one, &other, &both),
        (Err(why), _) | (_, Err(why)) => Some(why),
    };
    match where_ {
        None => Ok(()),
        Some(where_) => Err(format!(
            "seed {seed}: {where_}\n  {:#?}\n  {:?}\n  events {:?}\n  others {:?}",
            both[0], both[1], script.events, script.others
        )),
    }
}

#[test]
#[ignore = "for tests/nightly two-worlds"]
fn pairs() {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let engine =
        if env::var(ENGINE).is_ok_and(|name| name == "postgres") { Engine::Postgres } else { Engine::Sqlite };
    let count = if number(SEED).is_some() { 1 } else { number(COUNT).unwrap_or(10) };
    let first = number(SEED).unwrap_or_else(|| {
        let mut bytes = [0; 4];
        SystemEntropy.fill(&mut bytes);
        u64::from(u32::from_be_bytes(bytes)) << 20
    });
    let count = usize::try_from(count).unwrap();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from).min(count) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        break;
                    }
                    if at.is_multiple_of(50) {
                        println!("pair {at} of {count}, {} failed", failures.lock().unwrap().len());
                    }
                    if let Err(where_) = pair_of(first + u64::try_from(at).unwrap(), engine) {
                        println!("{where_}");
                        failures.lock().unwrap().push(first + u64::try_from(at).unwrap());
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    println!("two-worlds: {count} runs, {} failures", failures.len());
    assert!(failures.is_empty(), "again with {SEED}=…: {failures:?}");
}
