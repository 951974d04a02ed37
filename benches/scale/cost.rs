//! What one institution cost: processor time of this program and of the server, and the clock. Never guesses: a server that
//! works on another machine is left out.

use std::time::{Duration, Instant};

use crate::server::Server;

/// The stages, in their order.
pub const STAGES: [&str; 4] =
    ["found: a database, its tables, a director", "import of all files", "plan", "book and queue"];

/// Of one institution.
#[derive(Clone, Copy)]
pub struct Cost {
    /// Of each stage, by the clock.
    pub stages: [Duration; 4],
    /// From first to last, by the clock.
    pub clock: Duration,
    /// Processor time of this program.
    pub program: Duration,
    /// Processor time of the server, where it works on this machine.
    pub server: Option<Duration>,
}

impl Cost {
    /// All processor time that is known.
    pub fn processor(&self) -> Duration {
        self.program + self.server.unwrap_or_default()
    }
}

/// Runs while an institution is made.
pub struct Watch<'a> {
    at: &'a Server,
    begun: Instant,
    program: Duration,
    server: Option<Duration>,
}

impl<'a> Watch<'a> {
    pub fn start(at: &'a Server) -> Self {
        Self { at, server: at.processor(), program: program(), begun: Instant::now() }
    }

    /// So far, by the clock.
    pub fn clock(&self) -> Duration {
        self.begun.elapsed()
    }

    pub fn stop(self, stages: [Duration; 4]) -> Cost {
        Cost {
            stages,
            clock: self.clock(),
            program: program() - self.program,
            server: self.at.processor().zip(self.server).map(|(now, then)| now.saturating_sub(then)),
        }
    }
}

/// Processor time of this process so far.
fn program() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}
