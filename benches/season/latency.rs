//! How long many of one thing took. Never averages: the slowest in a hundred is somebody too.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// Times, shortest first.
pub struct Latencies {
    sorted: Vec<Duration>,
    whole: Duration,
}

impl Latencies {
    /// Waits for tasks that each give their times; `watch` was started with them.
    pub async fn gather(
        mut running: JoinSet<anyhow::Result<Vec<Duration>>>,
        watch: Instant,
    ) -> anyhow::Result<Self> {
        let mut sorted = Vec::new();
        while let Some(done) = running.join_next().await {
            sorted.extend(done??);
        }
        let whole = watch.elapsed();
        anyhow::ensure!(!sorted.is_empty(), "nothing was measured");
        sorted.sort_unstable();
        Ok(Self { sorted, whole })
    }

    /// The time that so many in a hundred stayed under.
    pub fn percentile(&self, percent: usize) -> Duration {
        let at = (self.sorted.len() * percent / 100).min(self.sorted.len() - 1);
        self.sorted[at]
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// How many a second.
    pub fn per_second(&self) -> f64 {
        f64::from(u32::try_from(self.count()).unwrap_or(u32::MAX)) / self.whole.as_secs_f64()
    }
}
