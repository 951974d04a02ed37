//! The rounds that a server goes by itself: post, offers at their fixed hours, releases on their day, tidying, and destroying what is past its time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::post::{Delivered, PostOffice};
use crate::desk::Error;
use crate::desk::retention::Destroyed;

/// A server goes its round every so often.
const EVERY: Duration = Duration::from_secs(10);

/// What one round came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    /// Letters.
    pub delivered: Delivered,
    /// Offerings whose offers were refreshed.
    pub refreshed: usize,
    /// Releases that were frozen.
    pub released: usize,
}

/// Goes one round.
///
/// # Errors
/// The first that a part of it meets; the next round begins anew.
pub async fn round(post: &PostOffice) -> Result<Round, Error> {
    let refreshed = post.desk.refresh_offers().await?;
    if refreshed > 0 {
        // What was swapped out or deleted would otherwise stay readable in SQLite's write-ahead log.
        post.desk.store().truncate_log().await.map_err(Error::from)?;
    }
    let released = post.desk.release_due().await?;
    let delivered = post.deliver(&|_| {}).await?;
    post.desk.tidy().await?;
    let destroyed = post.desk.destroy_when_due().await?;
    if destroyed != Destroyed::default() {
        tracing::info!(
            seasons = destroyed.seasons,
            residents = destroyed.residents,
            entries = destroyed.entries,
            "what was past its time is destroyed"
        );
        post.desk.store().truncate_log().await.map_err(Error::from)?;
    }
    Ok(Round { delivered, refreshed, released })
}

/// Goes rounds until `stop` says so. An error is logged and the next round tries again.
pub async fn go(post: Arc<PostOffice>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match round(&post).await {
            // Letters are no reason for a line: some are owed because of what a resident did.
            Ok(done) if done.refreshed + done.released > 0 => {
                tracing::debug!(refreshed = done.refreshed, released = done.released, "a round is done");
            }
            Ok(_) => {}
            Err(problem) => tracing::error!("a round was broken off: {problem}"),
        }
        tokio::select! {
            _ = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}
