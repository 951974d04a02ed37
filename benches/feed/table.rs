//! What was measured, as a table for people and a line for machines. Never rounds a ratio up.

use serde_json::{Map, Value, json};

use crate::asked::Cost;
use crate::questions::Question;

/// Both servers' answers to one question.
pub struct Row {
    pub question: Question,
    pub ours: Cost,
    pub theirs: Cost,
    /// Radicale's status; ours is always the one that is due.
    pub status: u16,
}

/// Prints what stands above the rows.
pub fn head() {
    println!(
        "Answers a second, how long half of them and all but one in a hundred took at most, and processor time of"
    );
    println!(
        "the server for one. The first ratio is ours to Radicale's answers a second, the second theirs to our time.\n"
    );
    println!(
        "{:<29} {:>7} {:>8} {:>6} {:>7} {:>7} {:>8} {:>8} {:>7} {:>8} {:>6}",
        "", "ours/s", "Radic./s", "ratio", "p50", "p99", "Rad. p50", "Rad. p99", "CPU", "Rad. CPU", "ratio"
    );
}

impl Row {
    /// Ours a second to theirs, and their processor time to ours.
    fn ratios(&self) -> (f64, f64) {
        let speed = self.ours.latencies.per_second() / self.theirs.latencies.per_second();
        (speed, self.theirs.cpu.as_secs_f64() / self.ours.cpu.as_secs_f64())
    }

    /// One line of the table.
    pub fn print(&self) {
        let (speed, cpu) = self.ratios();
        let (ours, theirs) = (&self.ours.latencies, &self.theirs.latencies);
        let milli = |took: std::time::Duration| format!("{:.1}", took.as_secs_f64() * 1000.0);
        println!(
            "{:<29} {:>7.0} {:>8.0} {:>6} {:>7} {:>7} {:>8} {:>8} {:>7} {:>8} {:>6}",
            self.question.words(),
            ours.per_second(),
            theirs.per_second(),
            times(speed),
            milli(ours.percentile(50)),
            milli(ours.percentile(99)),
            milli(theirs.percentile(50)),
            milli(theirs.percentile(99)),
            milli(self.ours.cpu),
            milli(self.theirs.cpu),
            times(cpu),
        );
    }

    /// For machines.
    pub fn json(&self) -> Value {
        let (speed, cpu) = self.ratios();
        let side = |cost: &Cost| {
            let milli = |took: std::time::Duration| (took.as_secs_f64() * 100_000.0).round() / 100.0;
            json!({
                "requests": cost.latencies.count(), "per_second": cost.latencies.per_second().floor(),
                "p50_ms": milli(cost.latencies.percentile(50)), "p99_ms": milli(cost.latencies.percentile(99)),
                "cpu_ms": milli(cost.cpu),
            })
        };
        json!({
            "question": self.question.name(), "ours": side(&self.ours), "radicale": side(&self.theirs),
            "radicale_status": self.status, "speed_ratio": down(speed), "cpu_ratio": down(cpu),
        })
    }
}

/// The line of JSON.
pub fn print(rows: &[Row], mut line: Map<String, Value>) {
    line.insert("rows".to_owned(), rows.iter().map(Row::json).collect());
    println!("{}", Value::Object(line));
}

/// Two digits after the point, cut off.
fn down(ratio: f64) -> f64 {
    (ratio * 100.0).floor() / 100.0
}

fn times(ratio: f64) -> String {
    if ratio.is_finite() { format!("{:.2}x", down(ratio)) } else { "-".to_owned() }
}
