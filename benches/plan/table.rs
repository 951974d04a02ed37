//! What was measured, as a table for people and a line for machines. Never rounds a ratio up.

use anyhow::ensure;
use serde_json::{Map, Value, json};

use crate::inside::Figure;
use crate::instances::{Instance, NATIONAL};
use crate::solvers::Answer;

/// Both answers to one instance.
pub struct Row {
    pub instance: Instance,
    /// Whether a therapist's load costs more the fuller it is.
    pub fair: bool,
    /// Runs of each solver, of which the one in the middle counts.
    pub runs: u32,
    pub ours: Answer,
    pub theirs: Answer,
}

impl Row {
    fn name(&self) -> String {
        format!("{}, {}", self.instance.name, if self.fair { "fair" } else { "plain" })
    }

    /// Both must have booked as many people at the same cost.
    pub fn agree(&self) -> anyhow::Result<()> {
        let (ours, theirs) = (&self.ours, &self.theirs);
        ensure!(
            (ours.placed, ours.cost) == (theirs.placed, theirs.cost),
            "{}: holdspace books {} at a cost of {}, OR-tools {} at {}; {}",
            self.name(),
            ours.placed,
            ours.cost,
            theirs.placed,
            theirs.cost,
            self.instance.file.display()
        );
        Ok(())
    }

    /// How often our CPU time goes into that of OR-tools, and our memory into theirs.
    fn ratios(&self) -> (f64, f64) {
        let memory = self.theirs.peak_memory_mb / self.ours.peak_memory_mb;
        (self.theirs.total() / self.ours.total(), memory)
    }

    /// The same for solving alone, both counted alike.
    fn alike(&self) -> f64 {
        self.theirs.total() / self.ours.solving()
    }

    fn print(&self) {
        let Instance { people, slots, pairs, .. } = self.instance;
        let (cpu, memory) = self.ratios();
        println!(
            "{:<17} {people:>7} {slots:>7} {pairs:>9} {:>7} {:>9} {:>9} {:>9} {:>7} {:>7} {:>7.1} {:>7.1} {:>7}",
            self.name(),
            self.ours.placed,
            self.ours.cost,
            short(self.ours.total()),
            short(self.theirs.total()),
            times(cpu),
            times(self.alike()),
            self.ours.peak_memory_mb,
            self.theirs.peak_memory_mb,
            times(memory),
        );
    }

    fn json(&self) -> Value {
        let Instance { name, people, slots, pairs, .. } = &self.instance;
        let (cpu, memory) = self.ratios();
        json!({
            "instance": name, "fair": self.fair, "people": people, "slots": slots, "pairs": pairs,
            "runs": self.runs, "placed": self.ours.placed, "cost": self.ours.cost, "certificate": self.ours.certificate,
            "ours_cpu_seconds": self.ours.cpu_seconds, "ortools_cpu_seconds": self.theirs.cpu_seconds,
            "cpu_ratio": down(cpu), "solving_ratio": down(self.alike()),
            "ours_peak_memory_mb": self.ours.peak_memory_mb,
            "ortools_peak_memory_mb": self.theirs.peak_memory_mb,
            "memory_ratio": down(memory),
        })
    }
}

/// Rows in the order in which they were measured.
pub struct Table {
    rows: Vec<Row>,
    json: Map<String, Value>,
}

impl Table {
    /// Prints its head.
    pub fn begin(seed: u32) -> Self {
        println!(
            "CPU time and memory of the run in the middle. Ours counts starting and reading the file too; that of"
        );
        println!(
            "OR-tools neither. A ratio is how much more OR-tools takes; “alike” is that of solving alone, ours with its proof.\n"
        );
        println!(
            "{:<17} {:>7} {:>7} {:>9} {:>7} {:>9} {:>9} {:>9} {:>7} {:>7} {:>7} {:>7} {:>7}",
            format!("seed {seed}"),
            "people",
            "slots",
            "pairs",
            "placed",
            "cost",
            "ours",
            "OR-tools",
            "ratio",
            "alike",
            "ours MB",
            "OR-t MB",
            "ratio"
        );
        let mut json = Map::new();
        json.insert("bench".to_owned(), "plan".into());
        json.insert("seed".to_owned(), seed.into());
        Self { rows: Vec::new(), json }
    }

    /// Prints a row and keeps it.
    pub fn add(&mut self, row: Row) {
        row.print();
        self.rows.push(row);
    }

    /// Our CPU time from 20,000 to 160,000 people, beside what n log n would let it grow.
    pub fn growth(&mut self) {
        for (short, fair) in [(false, false), (false, true), (true, false), (true, true)] {
            let of = |size: &str| {
                let same =
                    |row: &&Row| row.instance.size == size && row.instance.short == short && row.fair == fair;
                self.rows.iter().find(same)
            };
            let (Some(small), Some(large)) = (of("20k"), of(NATIONAL)) else { continue };
            let grown = large.ours.total() / small.ours.total();
            let allowed = n_log_n(large) / n_log_n(small);
            let (from, to) = (&small.instance.name, large.name());
            println!("growth from {from} to {to}: {grown:.2}x; n log n: {allowed:.2}x");
            let name = format!(
                "growth_{}{}",
                if short { "short_" } else { "" },
                if fair { "fair" } else { "plain" }
            );
            self.json.insert(name, json!({ "cpu": grown, "n_log_n": allowed }));
        }
    }

    /// Prints a figure that was measured in this process, beside our plain run.
    pub fn inside(&mut self, instance: &Instance, figure: Figure) {
        let took = figure.took.as_secs_f64();
        let plain = self.rows.iter().find(|row| row.instance.name == instance.name && !row.fair);
        // Nothing can be said of a figure that the clock does not show.
        let ratio = plain.filter(|_| took > 0.0).map_or(f64::NAN, |row| row.ours.total() / took);
        let words = format!("{}: {}", instance.name, figure.words);
        println!("{words:<41} {:>9}; our plain run takes {}", short(took), times(ratio));
        let name = format!("{}_{}", figure.name, instance.name.replace(' ', "_"));
        self.json.insert(format!("{name}_ms"), json!(took * 1000.0));
        self.json.insert(format!("{name}_ratio"), json!(ratio));
    }

    /// The line of JSON.
    pub fn print(mut self) {
        self.json.insert("rows".to_owned(), self.rows.iter().map(Row::json).collect());
        println!("{}", Value::Object(self.json));
    }
}

fn n_log_n(row: &Row) -> f64 {
    // Far fewer people than 2^32.
    let n = f64::from(u32::try_from(row.instance.people).unwrap_or(u32::MAX));
    n * n.ln()
}

fn short(seconds: f64) -> String {
    match seconds {
        s if s <= 0.0 => "< clock".to_owned(),
        s if s < 0.01 => format!("{:.2} ms", s * 1000.0),
        s if s < 10.0 => format!("{:.0} ms", s * 1000.0),
        s => format!("{s:.1} s"),
    }
}

/// One digit after the point, cut off.
fn down(ratio: f64) -> f64 {
    (ratio * 10.0).floor() / 10.0
}

fn times(ratio: f64) -> String {
    if ratio.is_finite() { format!("{:.1}x", down(ratio)) } else { "-".to_owned() }
}
