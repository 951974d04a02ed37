//! What answering costs: processor time of this process and the most memory it held. Never wall-clock time, which on a
//! shared machine says more about the others.

use serde::Serialize;

/// Seconds of processor time, all threads, user and system; absent where the system does not count them.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Seconds {
    /// Since the process began.
    pub total: Option<f64>,
    /// Reading the file the first time.
    pub read: Option<f64>,
    /// Merging slots, and reading the rows of what they became.
    pub merge: Option<f64>,
    /// The engine's first phase.
    pub auction: Option<f64>,
    /// The engine's second phase.
    pub repair: Option<f64>,
    /// Proving the answer against the file.
    pub certificate: Option<f64>,
}

/// Measures one phase after the other.
#[derive(Debug)]
pub struct Meter {
    last: Option<f64>,
}

impl Meter {
    /// Begins now.
    pub fn start() -> Self {
        Self { last: cpu_seconds() }
    }

    /// What went by since the last one ended.
    pub fn phase(&mut self) -> Option<f64> {
        let now = cpu_seconds();
        let last = std::mem::replace(&mut self.last, now);
        Some(now? - last?)
    }
}

/// Processor time of this process so far.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "the form that other systems need")]
pub fn cpu_seconds() -> Option<f64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9)
}

/// Not counted here.
#[cfg(not(unix))]
pub fn cpu_seconds() -> Option<f64> {
    None
}

/// The most memory that this process ever held, in MB of a million bytes, where the system says so.
pub fn peak_memory_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}
