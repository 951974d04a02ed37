//! The two solvers as child processes: one instance in, one answer out. Never shows one what the other found.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::instances::Instance;
use crate::python::{self, Python};

/// What a solver says of its answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Answer {
    /// People booked.
    pub placed: u64,
    /// What their bookings cost, with the pieces of the therapists' load where fairness counts.
    pub cost: i64,
    /// Whether the proof of the best answer holds; OR-tools gives none.
    pub certificate: Option<bool>,
    /// User and system time by part, and their `total`. Ours counts from the start of the program on, the reading of
    /// the file included; that of OR-tools counts building its graph and solving alone.
    pub cpu_seconds: BTreeMap<String, f64>,
    /// Most memory in use, in MB of 2^20 bytes.
    pub peak_memory_mb: f64,
}

impl Answer {
    /// What is left of ours without starting and reading the file, which are not counted of OR-tools either: its parts but the
    /// reading, the proof among them.
    pub fn solving(&self) -> f64 {
        let parts = self.cpu_seconds.iter().filter(|(part, _)| !["total", "read"].contains(&part.as_str()));
        parts.map(|(_, seconds)| seconds).sum()
    }

    /// All of its CPU seconds; [`middle`] has made sure that they are told.
    pub fn total(&self) -> f64 {
        self.cpu_seconds.get("total").copied().unwrap_or(f64::NAN)
    }
}

/// One run of `holdspace solve`.
pub fn holdspace(place: &Path, instance: &Instance, fair: bool) -> anyhow::Result<Answer> {
    let mut solve = Command::new(env!("CARGO_BIN_EXE_holdspace"));
    solve.arg("solve").arg(&instance.file).args(fair.then_some("--fair"));
    // Elsewhere and without surroundings, so that nobody's holdspace.toml is read.
    let output = solve.current_dir(place).env_clear().stdin(Stdio::null()).output()?;
    let what = format!("{}: holdspace solve", instance.name);
    let text = python::said(&what, output)?;
    let answer: Answer =
        serde_json::from_str(&text).with_context(|| format!("{what} printed no answer: {}", text.trim()))?;
    ensure!(answer.certificate == Some(true), "{what} gives no certificate that holds: {}", text.trim());
    Ok(answer)
}

/// One run of OR-tools.
pub fn ortools(python: &Python, instance: &Instance, fair: bool) -> anyhow::Result<Answer> {
    let mut arguments = vec![instance.file.as_os_str()];
    arguments.extend(fair.then_some(std::ffi::OsStr::new("--fair")));
    let text = python.run("ortools_flow.py", &arguments).with_context(|| instance.name.clone())?;
    serde_json::from_str(&text)
        .with_context(|| format!("{}: OR-tools printed no answer: {}", instance.name, text.trim()))
}

/// The run in the middle, each figure by itself. All runs must have booked as many at the same cost.
pub fn middle(runs: &[Answer]) -> anyhow::Result<Answer> {
    let first = runs.first().context("no run")?;
    ensure!(first.cpu_seconds.contains_key("total"), "no total of CPU seconds is told: {first:?}");
    for run in runs {
        let same = (run.placed, run.cost) == (first.placed, first.cost);
        ensure!(same, "two runs over the same file differ: {first:?} and {run:?}");
    }
    let mut answer = first.clone();
    answer.peak_memory_mb = median(runs.iter().map(|run| run.peak_memory_mb));
    for (part, seconds) in &mut answer.cpu_seconds {
        *seconds = median(runs.iter().filter_map(|run| run.cpu_seconds.get(part).copied()));
    }
    Ok(answer)
}

/// The middle one; of an even count the upper of the two.
fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
