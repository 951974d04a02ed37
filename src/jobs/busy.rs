//! Reads the calendars in which therapists publish their busy time: asks those that are due, a few at a time. Never decides
//! what becomes of what it read, and logs no address.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::sync::watch;

use super::patience::answered;
use crate::desk::published::{Due, Found};
use crate::desk::{Desk, Error};
use crate::intake::ics;
use crate::remote::published::{Calendar, Published};

/// Due calendars are looked for so often.
const EVERY: Duration = Duration::from_secs(20);
/// So many are asked at a time.
const AT_A_TIME: usize = 4;

/// Asks every calendar that is due; says how many there were.
///
/// # Errors
/// The first of loading or saving; what was read by then is kept.
pub async fn round(desk: &Desk, published: &Published) -> Result<usize, Error> {
    let due = answered(desk.calendars_due()).await?;
    let count = due.len();
    let mut asked = stream::iter(due).map(|one| ask(desk, published, one)).buffer_unordered(AT_A_TIME);
    while let Some(done) = asked.next().await {
        done?;
    }
    Ok(count)
}

async fn ask(desk: &Desk, published: &Published, due: Due) -> Result<(), Error> {
    let account = due.published.account.as_ref().map(|it| (it.user.as_str(), it.password.as_str()));
    let found = match published.read(&due.published.address, account, &due.version).await {
        Ok(Calendar::Unchanged) => Found::Unchanged,
        Ok(Calendar::Whole { files, version }) => whole(&files, version),
        Err(problem) => Found::Trouble(problem.to_string()),
    };
    answered(desk.calendar_asked(due.id, found)).await
}

fn whole(files: &[Vec<u8>], version: String) -> Found {
    let mut events = Vec::new();
    for file in files {
        match ics::read(file) {
            Ok(more) => events.extend(more),
            Err(refusal) => return Found::Trouble(refusal.problem),
        }
        if events.len() > ics::MAX_EVENTS {
            return Found::Trouble("it holds more events than can be read".to_owned());
        }
    }
    Found::Whole { events, version }
}

/// Goes rounds until `stop` says so. An error is logged and the next round tries again.
pub async fn go(desk: Desk, published: Arc<Published>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(problem) = round(&desk, &published).await {
            tracing::error!("reading calendars was broken off: {problem}");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}
