//! Seasons drawn at random, for the night: as many as asked for, each told by its seed. Never the same ones twice, unless a
//! seed is given.

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use holdspace::entropy::{Entropy, SystemEntropy};

use super::breaks::Broken;
use super::on_a_thread;
use super::season::{Lived, lives};

/// How many seasons.
const COUNT: &str = "HOLDSPACE_SIMULATOR_COUNT";
/// The seed of a season that is to be lived through again.
const SEED: &str = "HOLDSPACE_SIMULATOR_SEED";
/// So many steps are told before one that is wrong.
const LAST: usize = 12;

/// Lives through the season of a seed; says what did not hold.
pub fn season_of(seed: u64, broken: Broken) -> Result<Lived, String> {
    let lived = on_a_thread(|| lives(seed, broken)).map_err(|why| format!("seed {seed}: {why}"))?;
    match &lived.wrong {
        None => Ok(lived),
        Some(wrong) => {
            let last = &lived.steps[lived.steps.len().saturating_sub(LAST)..];
            Err(format!("seed {seed}, step {}: {wrong}\n    {}", lived.steps.len(), last.join("\n    ")))
        }
    }
}

#[test]
#[ignore = "for tests/nightly simulator"]
fn seasons() {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number(SEED) {
        let lived = on_a_thread(|| lives(seed, Broken::Nothing)).unwrap();
        println!("{}", lived.steps.join("\n"));
        let failed = usize::from(lived.wrong.is_some());
        println!("{:?}\nsimulator: 1 runs, {failed} failures", lived.wrong);
        assert_eq!(failed, 0, "again with {SEED}={seed}");
        return;
    }
    let count = usize::try_from(number(COUNT).unwrap_or(100)).unwrap();
    let mut bytes = [0; 4];
    SystemEntropy.fill(&mut bytes);
    let first = u64::from(u32::from_be_bytes(bytes)) << 20;
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
                        println!("season {at} of {count}, {} failed", failures.lock().unwrap().len());
                    }
                    let seed = first + u64::try_from(at).unwrap();
                    if let Err(wrong) = season_of(seed, Broken::Nothing) {
                        println!("{wrong}");
                        failures.lock().unwrap().push(seed);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    println!("simulator: {count} runs, {} failures", failures.len());
    assert!(failures.is_empty(), "again with {SEED}=…: {failures:?}");
}
