//! What was measured, as a table for people and a line for machines. Never rounds a ratio up.

use std::time::Duration;

use serde_json::{Map, Value};

/// Figures in the order in which they were measured.
pub struct Figures {
    json: Map<String, Value>,
}

impl Figures {
    /// None yet, of an engine.
    pub fn new(engine: &str) -> Self {
        let mut json = Map::new();
        json.insert("bench".to_owned(), "season".into());
        json.insert("engine".to_owned(), engine.into());
        println!("{:<46} {:>12} {:>14} {:>10}", "", "measured", "best possible", "ratio");
        Self { json }
    }

    /// How long something took, and how long it takes at best.
    pub fn against(&mut self, name: &str, words: &str, took: Duration, best: Duration) {
        let ratio = took.as_secs_f64() / best.as_secs_f64();
        println!("{words:<46} {:>12} {:>14} {ratio:>9.1}x", short(took), short(best));
        self.note(&format!("{name}_ms"), milliseconds(took));
        self.note(&format!("{name}_ratio"), rounded(ratio));
    }

    /// How long something took that nothing is known to compare with.
    pub fn took(&mut self, name: &str, words: &str, took: Duration) {
        println!("{words:<46} {:>12}", short(took));
        self.note(&format!("{name}_ms"), milliseconds(took));
    }

    /// Anything else, in words.
    pub fn say(&self, words: &str, value: &str) {
        println!("{words:<46} {value:>12}");
    }

    /// A figure for machines alone.
    pub fn note(&mut self, name: &str, value: impl Into<Value>) {
        self.json.insert(name.to_owned(), value.into());
    }

    /// The line of JSON.
    pub fn print(self) {
        println!("{}", Value::Object(self.json));
    }
}

fn milliseconds(took: Duration) -> f64 {
    rounded(took.as_secs_f64() * 1000.0)
}

fn rounded(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}

fn short(took: Duration) -> String {
    if took < Duration::from_millis(10) {
        return format!("{:.2} ms", took.as_secs_f64() * 1000.0);
    }
    format!("{:.0} ms", took.as_secs_f64() * 1000.0)
}
