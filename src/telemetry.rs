//! Log lines for whoever runs the server: to standard error, as text or as JSON.
//! Never decides what may be logged; that no name or address can be printed is the types' work.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// The variable that says what is logged, such as `info` or `holdspace=debug,sqlx=warn`.
pub const FILTER_VARIABLE: &str = "HOLDSPACE_LOG";

/// What is logged where nobody says otherwise.
pub const DEFAULT_FILTER: &str = "info";

/// Why logging cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryRefusal {
    /// The filter is in no form that is known.
    #[error(
        "HOLDSPACE_LOG: {0}; write a level (error, warn, info, debug, trace) or pairs such as holdspace=debug"
    )]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// There is one log in a process.
    #[error("logging was already begun in this process")]
    Begun(#[from] tracing_subscriber::util::TryInitError),
}

/// Begins to log to standard error, for the whole process and once; `json` for machines, a line an event.
///
/// `filter` is the text of [`FILTER_VARIABLE`]; without it, [`DEFAULT_FILTER`].
///
/// # Errors
/// [`TelemetryRefusal`], with what to write instead.
pub fn init(json: bool, filter: Option<&str>) -> Result<(), TelemetryRefusal> {
    let colours = !json && io::stderr().is_terminal();
    subscriber(json, colours, filter, io::stderr)?.try_init()?;
    Ok(())
}

/// What [`init`] installs, with another writer: a test sets it for one thread and reads the lines.
///
/// # Errors
/// [`TelemetryRefusal::Filter`].
pub fn subscriber<W>(
    json: bool,
    colours: bool,
    filter: Option<&str>,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryRefusal>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // Whatever was asked for, this does not belong in our log: whole messages of a mailbox, which their reader writes there.
    let filter = EnvFilter::builder()
        .parse(filter.unwrap_or(DEFAULT_FILTER))?
        // A line for each statement, or for each slow one, would be a timetable of what residents do.
        .add_directive("sqlx::query=off".parse()?)
        // One for each new connection: how many there are hangs on who comes at the same moment.
        .add_directive("sqlx_postgres::options=off".parse()?)
        .add_directive("async_imap=off".parse()?)
        .add_directive("imap_proto=off".parse()?);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(writer);
    Ok(if json {
        Box::new(lines.json().finish().with(Counting))
    } else {
        Box::new(lines.finish().with(Counting))
    })
}

/// How many warnings and errors this process has logged since its start.
#[must_use]
pub fn logged() -> [u64; 2] {
    [&WARNINGS, &ERRORS].map(|count| count.load(Ordering::Relaxed))
}

static WARNINGS: AtomicU64 = AtomicU64::new(0);
static ERRORS: AtomicU64 = AtomicU64::new(0);

/// Counts what is worth an operator's look.
struct Counting;

impl<S: Subscriber> Layer<S> for Counting {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = *event.metadata().level();
        if level == Level::ERROR {
            ERRORS.fetch_add(1, Ordering::Relaxed);
        } else if level == Level::WARN {
            WARNINGS.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A writer that keeps what was logged, for tests that search it for names.
#[derive(Debug, Clone, Default)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// Everything logged so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Captured {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(json: bool, filter: Option<&str>) -> String {
        let captured = Captured::default();
        let subscriber = subscriber(json, false, filter, captured.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(letters = 3, "delivered");
            tracing::debug!("lease renewed");
        });
        captured.text()
    }

    #[test]
    fn an_operator_reads_a_line_an_event() {
        let text = logged(false, None);
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains("INFO") && text.contains("delivered letters=3"), "{text}");
    }

    #[test]
    fn a_machine_reads_an_object_an_event() {
        let line: serde_json::Value = serde_json::from_str(&logged(true, None)).unwrap();
        assert_eq!((&line["level"], &line["fields"]["letters"]), (&"INFO".into(), &3.into()));
    }

    #[test]
    fn an_operator_hears_as_much_as_they_ask_for() {
        assert_eq!(logged(false, Some("debug")).lines().count(), 2);
        assert_eq!(logged(false, Some("warn")), "");
        assert_eq!(logged(false, Some("warn,holdspace=debug")).lines().count(), 2);
    }

    #[test]
    fn warnings_and_errors_are_counted_and_nothing_else() {
        let [warnings, errors] = super::logged();
        let subscriber = subscriber(false, false, None, io::sink).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("a round");
            tracing::warn!("again");
            tracing::error!("broken off");
            tracing::error!("broken off");
        });
        // Other tests of this process may log meanwhile.
        let now = super::logged();
        assert!(now[0] > warnings && now[1] >= errors + 2, "{now:?}");
    }

    #[test]
    fn statements_of_the_database_are_never_heard() {
        for filter in [None, Some("trace"), Some("sqlx=trace"), Some("sqlx::query=trace")] {
            let captured = Captured::default();
            let subscriber = subscriber(false, false, filter, captured.clone()).unwrap();
            tracing::subscriber::with_default(subscriber, || {
                tracing::warn!(target: "sqlx::query", "slow statement: UPDATE bookings");
                tracing::warn!(target: "sqlx::pool", "slow to acquire a connection");
            });
            assert!(!captured.text().contains("UPDATE"), "{filter:?}");
            let asked_for_others = filter != Some("sqlx::query=trace");
            assert_eq!(captured.text().contains("acquire"), asked_for_others, "{filter:?}");
        }
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_answered_with_one_that_can() {
        let refusal = subscriber(false, false, Some("holdspace=loud"), io::sink).err().unwrap();
        assert!(refusal.to_string().contains("holdspace=debug"), "{refusal}");
    }
}
