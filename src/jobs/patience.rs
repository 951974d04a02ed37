//! How long work in the background waits for a database that may have died without a word: its machine lost power, or a proxy
//! before it fell silent, and nobody hangs up. Never waits less for a mail server, which has limits of its own.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::desk::Error;
use crate::storage;

/// One thing that is asked of the database, and answered in milliseconds as a rule.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);
/// A chore, which may go through a whole season.
const CHORE_WITHIN: Duration = Duration::from_secs(5 * 60);
/// A chore that has begun when everything is told to stop: what it did not save yet, the next process does anew.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// What the database answers, if it does.
///
/// # Errors
/// [`storage::Error::Silent`] where it does not, and those of `asking`.
pub(super) async fn answered<T>(asking: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(ANSWERS_WITHIN, asking).await.unwrap_or(Err(Error::Storage(storage::Error::Silent)))
}

/// Does a chore, unless nothing comes of it for long, or it is still at it some time after it was told to stop.
///
/// # Errors
/// [`storage::Error::Silent`], and those of `chore`.
pub(super) async fn done<T>(
    chore: impl Future<Output = Result<T, Error>>,
    mut stop: watch::Receiver<bool>,
) -> Result<T, Error> {
    let told = async {
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
        sleep(ENDS_WITHIN).await;
    };
    tokio::select! {
        done = timeout(CHORE_WITHIN, chore) => done.unwrap_or(Err(Error::Storage(storage::Error::Silent))),
        () = told => Err(Error::Storage(storage::Error::Silent)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENT: Error = Error::Storage(storage::Error::Silent);

    #[tokio::test(start_paused = true)]
    async fn what_is_never_answered_is_given_up_and_what_takes_its_time_is_not() {
        let silence = std::future::pending::<Result<(), Error>>();
        assert_eq!(answered(silence).await.unwrap_err().to_string(), SILENT.to_string());
        let slow = async {
            sleep(ANSWERS_WITHIN - Duration::from_secs(1)).await;
            Ok(7)
        };
        assert_eq!(answered(slow).await.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_chore_has_minutes_and_a_few_seconds_once_everything_stops() {
        let (tell, stop) = watch::channel(false);
        let begun = tokio::time::Instant::now();
        let chore = done(std::future::pending::<Result<(), Error>>(), stop.clone());
        assert!(chore.await.is_err());
        assert_eq!(begun.elapsed(), CHORE_WITHIN);
        tell.send_replace(true);
        let begun = tokio::time::Instant::now();
        assert!(done(std::future::pending::<Result<(), Error>>(), stop.clone()).await.is_err());
        assert_eq!(begun.elapsed(), ENDS_WITHIN);
        assert_eq!(done(async { Ok(7) }, stop).await.unwrap(), 7, "what is ready is done");
    }
}
