//! Figures of one instance that are measured in this process: what the machine can do at best, and what needs the
//! library instead of the program. Never run before the child processes, whose memory it would weigh on.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::instances::Instance;
use crate::{cancelled, lottery};

/// How long one thing takes.
pub struct Figure {
    /// For machines.
    pub name: &'static str,
    /// For people.
    pub words: String,
    /// CPU time.
    pub took: Duration,
}

/// All of an instance.
pub fn figures(instance: &Instance) -> anyhow::Result<Vec<Figure>> {
    Ok(vec![bare_pass(instance)?, lottery::figure(instance)?, cancelled::figure(instance)?])
}

/// How long passes are repeated, so that the clock's own steps (up to 4 ms) do not count.
const ENOUGH: Duration = Duration::from_millis(400);

/// Reads all pairs in memory once and adds up their costs: no solver that looks at each pair can take less.
fn bare_pass(instance: &Instance) -> anyhow::Result<Figure> {
    let bytes = fs::read(&instance.file)?;
    // Five counts, then where each person's row begins, then the pairs' slots, then their costs.
    let begin = 4 * (5 + instance.people + 1);
    let pairs = bytes.get(begin..begin + 8 * instance.pairs);
    let pairs = pairs.with_context(|| format!("{} is cut off; remove it", instance.file.display()))?;
    let words: Vec<u32> = pairs
        .chunks_exact(4)
        .map(|word| word.iter().rev().fold(0, |all, byte| all << 8 | u32::from(*byte)))
        .collect();
    drop(bytes);
    let (slots, costs) = words.split_at(instance.pairs);
    let (mut passes, mut took) = (0, Duration::ZERO);
    let before = Clock::read();
    while took < ENOUGH {
        let (slots, costs) = (black_box(slots), black_box(costs));
        let sum = slots
            .iter()
            .zip(costs)
            .fold((0_u32, 0_u64), |(seen, sum), (slot, cost)| (seen ^ slot, sum + u64::from(*cost)));
        black_box(sum);
        passes += 1;
        took = before.elapsed();
    }
    Ok(Figure { name: "bare_pass", words: "a bare pass over the pairs".to_owned(), took: took / passes })
}

/// Measures CPU time of this thread where the system tells it, else the wall's.
pub enum Clock {
    Thread(Duration),
    Wall(Instant),
}

impl Clock {
    /// Starts.
    pub fn read() -> Self {
        thread_time().map_or_else(|| Self::Wall(Instant::now()), Self::Thread)
    }

    /// How long it was.
    pub fn elapsed(&self) -> Duration {
        match self {
            Self::Thread(before) => thread_time().unwrap_or(*before).saturating_sub(*before),
            Self::Wall(before) => before.elapsed(),
        }
    }
}

fn thread_time() -> Option<Duration> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
