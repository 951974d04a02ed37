//! Figures for whoever runs the server, in the text form of Prometheus (OpenMetrics 1.0), on an address of their own. Never
//! a count of anything that a resident or a therapist did: not even of requests, for so many presses were so many choices.

use std::collections::BTreeMap;
use std::fmt;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tokio::sync::watch;

use super::refusal::Refusal;
use crate::desk::Desk;
use crate::desk::health::Health;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is watched.
#[derive(Clone)]
pub struct Watched {
    /// Where letters are owed.
    pub desk: Desk,
    /// Raised when the server was told to stop.
    pub stopping: watch::Receiver<bool>,
    /// How many warnings and errors this process has logged.
    pub logged: fn() -> [u64; 2],
}

/// `/metrics`, and nothing else.
pub fn router(watched: Watched) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(watched)
}

async fn metrics(State(watched): State<Watched>) -> Result<Response, Refusal> {
    let health = watched.desk.health().await?;
    let text = written(&health, *watched.stopping.borrow(), (watched.logged)());
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}

/// Made anew each time: the figures lie in the database, where other processes change them too.
fn written(health: &Health, stopping: bool, [warnings, errors]: [u64; 2]) -> String {
    let mut all = Registry::with_prefix("holdspace");
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    all.register("build", "The program that answers", Info::new(version));
    let mut letters = BTreeMap::new();
    for count in &health.letters {
        *letters.entry((count.letter.clone(), count.state.clone())).or_default() += count.count;
    }
    all.register_collector(Box::new(Letters(letters)));
    all.register("letters_due", "Those that are due and have not left", ConstGauge::new(health.due));
    let overdue = ConstGauge::new(health.overdue_seconds);
    all.register("letters_overdue_seconds", "For how long the oldest of those has been due", overdue);
    all.register("stopping", "1 once this process was told to stop", ConstGauge::new(i64::from(stopping)));
    all.register("log_warnings", "Warnings that this process logged", ConstCounter::new(warnings));
    all.register("log_errors", "Errors that this process logged", ConstCounter::new(errors));
    let mut text = String::new();
    // Writing into a text cannot fail.
    let _ = encode(&mut text, &all);
    text
}

/// By kind and state, always in one order: the library's own family has none, and two answers about the same would differ.
#[derive(Debug)]
struct Letters(BTreeMap<(String, String), i64>);

impl Collector for Letters {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let says = "Letters that everyone gets alike, by kind and state";
        let mut all = encoder.encode_descriptor("letters", says, None, MetricType::Gauge)?;
        for ((letter, state), count) in &self.0 {
            let labels = [("letter", letter.as_str()), ("state", state.as_str())];
            ConstGauge::new(*count).encode(all.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::health::LetterCount;

    #[test]
    fn an_operator_reads_counts_by_kind_and_state() {
        let count = |state: &str, reason: &str, count| LetterCount {
            letter: "invitation".to_owned(),
            state: state.to_owned(),
            reason: reason.to_owned(),
            count,
        };
        let letters = vec![count("failed", "550", 1), count("failed", "551", 2), count("sent", "", 140)];
        let text = written(&Health { letters, due: 6, overdue_seconds: 75 }, true, [3, 1]);
        assert_eq!(text.matches("state=").count(), 2);
        for line in [
            "holdspace_letters{letter=\"invitation\",state=\"failed\"} 3",
            "holdspace_letters{letter=\"invitation\",state=\"sent\"} 140",
            "holdspace_letters_due 6",
            "holdspace_letters_overdue_seconds 75",
            "holdspace_stopping 1",
            "holdspace_log_warnings_total 3",
            "holdspace_log_errors_total 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
    }
}
