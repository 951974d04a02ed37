//! What was measured, as a table for people and a line for machines: medians, a resident's share of each. Never rounds a ratio
//! in its own favour.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cost::{Cost, STAGES};
use crate::server::{Held, Server};
use crate::{GROUP, SIZE};

/// What is known in the end.
pub struct Whole {
    /// Which engine it is.
    pub engine: &'static str,
    /// Of each institution, in their order.
    pub costs: Vec<Cost>,
    /// Of as many as the last, on a server with nobody else; none where there was no such server.
    pub empty: Vec<Cost>,
    /// In all databases together.
    pub held: Held,
    /// Of all databases on the disk.
    pub bytes: i64,
}

/// What stands above the tenths.
pub fn begin(count: usize, server: &Server) {
    println!("{count} institutions of {} residents, a database each on one PostgreSQL.", SIZE.residents);
    if !server.told() {
        println!("The server works elsewhere: processor time is that of this program alone.");
    }
    println!(
        "\n{:>12} {:>10} {:>9} {:>26} {:>14}",
        "institutions", "residents", "minutes", "processor, a resident", "clock"
    );
}

/// A line for each tenth: medians of its institutions.
pub fn tenth(costs: &[Cost], count: usize) {
    let last = &costs[costs.len() - count..];
    println!(
        "{:>12} {:>10} {:>9.1} {:>23.2} ms {:>11.2} ms",
        costs.len(),
        costs.len() * SIZE.residents,
        minutes(costs),
        middle(last, Cost::processor),
        middle(last, |cost| cost.clock)
    );
}

impl Whole {
    /// The table, then the line of JSON.
    pub fn print(self) {
        let half = self.costs.len() / 2 - GROUP / 2;
        let group = |from| &self.costs[from..from + GROUP];
        let groups = [group(0), group(half), group(self.costs.len() - GROUP), &self.empty];
        println!("\nmilliseconds a resident; the middle of {GROUP} institutions\n");
        println!(
            "{:<44} {:>8} {:>8} {:>8} {:>11} {:>8} {:>11}",
            "", "first", "middle", "last", "last/first", "empty", "last/empty"
        );
        let told = self.costs.iter().chain(&self.empty).all(|cost| cost.server.is_some());
        let processor = line("processor time", groups, Cost::processor);
        line("  of this program", groups, |cost| cost.program);
        if told {
            line("  of the server", groups, |cost| cost.server.unwrap_or_default());
        }
        let clock = line("by the clock", groups, |cost| cost.clock);
        for (at, words) in STAGES.into_iter().enumerate() {
            line(&format!("  {words}"), groups, |cost| cost.stages[at]);
        }
        let minutes = minutes(&self.costs);
        println!(
            "\n{} residents, {} bookings, {} letters queued, {:.1} GB, {minutes:.1} minutes",
            self.held.residents,
            self.held.bookings,
            self.held.letters,
            gigabytes(self.bytes)
        );
        println!(
            "{}",
            json!({"bench": "scale", "engine": self.engine, "institutions": self.costs.len(),
                   "residents": self.held.residents, "bookings": self.held.bookings, "letters": self.held.letters,
                   "minutes": rounded(minutes), "bytes": self.bytes, "server_counted": told,
                   "processor": processor.json(), "clock": clock.json()})
        );
    }
}

/// Medians of the groups.
struct Medians([Option<f64>; 4]);

impl Medians {
    fn against(&self, other: usize) -> Option<f64> {
        Some(self.0[2]? / self.0[other]?)
    }

    fn json(&self) -> Value {
        let [first, middle, last, empty] = self.0.map(|figure| figure.map(rounded));
        json!({"first_ms": first, "middle_ms": middle, "last_ms": last, "empty_ms": empty,
               "ratio": self.against(0).map(rounded), "ratio_to_empty": self.against(3).map(rounded)})
    }
}

/// One line; gives its medians.
fn line(words: &str, groups: [&[Cost]; 4], of: impl Fn(&Cost) -> Duration) -> Medians {
    let medians = Medians(groups.map(|group| (!group.is_empty()).then(|| middle(group, &of))));
    let shown = |figure: Option<f64>| figure.map_or_else(|| "–".to_owned(), |figure| format!("{figure:.2}"));
    let [first, half, last, empty] = medians.0.map(shown);
    println!(
        "{words:<44} {first:>8} {half:>8} {last:>8} {:>11} {empty:>8} {:>11}",
        shown(medians.against(0)),
        shown(medians.against(3))
    );
    medians
}

/// A resident's share, in milliseconds, of the institution in the middle.
fn middle(costs: &[Cost], of: impl Fn(&Cost) -> Duration) -> f64 {
    let mut all: Vec<Duration> = costs.iter().map(of).collect();
    all.sort_unstable();
    let residents = f64::from(u32::try_from(SIZE.residents).unwrap_or(u32::MAX));
    // Of an even number, halfway between the two in the middle.
    (all[(all.len() - 1) / 2] + all[all.len() / 2]).as_secs_f64() * 500.0 / residents
}

/// By the clock, from the first to the last, without what was checked between them.
fn minutes(costs: &[Cost]) -> f64 {
    costs.iter().map(|cost| cost.clock).sum::<Duration>().as_secs_f64() / 60.0
}

fn gigabytes(bytes: i64) -> f64 {
    f64::from(u32::try_from(bytes / 1_000_000).unwrap_or(u32::MAX)) / 1000.0
}

fn rounded(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}
