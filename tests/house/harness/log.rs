//! Everything that the process logs, at its most talkative, kept for a search afterwards. Never prints it.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use tracing_subscriber::filter::LevelFilter;

/// The process's log from the first [`CapturedLog::everything`] on.
///
/// It is one for the process, because the server under test logs from many threads. Under cargo-nextest a
/// process is one test; under cargo test the lines of other tests stand in it too, so ask it only for what
/// no test may log.
#[derive(Debug, Clone)]
pub struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl CapturedLog {
    /// Captures every event and span of every target from now on, down to TRACE.
    ///
    /// # Panics
    /// Where something else already took the process's log: then a search would find nothing and mean nothing.
    pub fn everything() -> Self {
        static LOG: OnceLock<CapturedLog> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self(Arc::default());
            let writer = log.clone();
            tracing_subscriber::fmt()
                .with_max_level(LevelFilter::TRACE)
                .with_span_events(tracing_subscriber::fmt::format::FmtSpan::NEW)
                .with_ansi(false)
                .with_writer(move || Writer(writer.clone()))
                .init();
            log
        })
        .clone()
    }

    /// All that was logged so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// Fails with the line in which one of `secrets` was logged, in whatever case it was written.
    ///
    /// # Panics
    /// With that line, or where the log is empty, since an empty log proves nothing.
    pub fn names_none_of<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) {
        let text = self.text();
        assert!(!text.is_empty(), "nothing was logged, so this search would prove nothing");
        let lower = text.to_lowercase();
        for secret in secrets {
            assert!(!secret.trim().is_empty(), "an empty secret would be found everywhere");
            if let Some(line) = lower.lines().find(|line| line.contains(&secret.to_lowercase())) {
                panic!("the log names {secret:?}: {line}");
            }
        }
    }
}

/// Appends to the log.
struct Writer(CapturedLog);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn a_name_in_any_thread_field_or_case_is_found() {
        let log = CapturedLog::everything();
        std::thread::spawn(|| {
            let _span = tracing::trace_span!("deliver", to = "QUILL@harness.example").entered();
            tracing::trace!(surname = "Oystercatcher", "sent");
        })
        .join()
        .unwrap();
        for secret in ["oystercatcher", "quill@harness.example"] {
            assert!(catch_unwind(|| log.names_none_of([secret])).is_err(), "{secret}");
        }
        log.names_none_of(["a name that nobody in these tests has"]);
    }

    #[test]
    fn an_empty_log_proves_nothing() {
        let empty = CapturedLog(Arc::default());
        assert!(catch_unwind(|| empty.names_none_of(["Lee"])).is_err());
        assert!(catch_unwind(|| CapturedLog::everything().names_none_of([" "])).is_err());
    }
}
