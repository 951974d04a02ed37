//! The rounds that a server goes by itself: post, offers at their fixed hours, releases on their day, tidying, and destroying what is past its time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::patience;
use super::post::{Delivered, PostOffice};
use crate::desk::Error;
use crate::desk::retention::Destroyed;
use crate::storage::outbox::Audience;

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
    let begun = before(post).await?;
    let delivered = post.deliver(&|_| {}).await?;
    after(post).await?;
    Ok(Round { delivered, ..begun })
}

/// What comes before the post of a round: offers and releases at their hour.
async fn before(post: &PostOffice) -> Result<Round, Error> {
    let refreshed = post.desk.refresh_offers().await?;
    if refreshed > 0 {
        // What was swapped out or deleted would otherwise stay readable in SQLite's write-ahead log.
        post.desk.store().truncate_log().await.map_err(Error::from)?;
    }
    let released = post.desk.release_due().await?;
    Ok(Round { refreshed, released, ..Round::default() })
}

/// What comes after it: tidying.
async fn after(post: &PostOffice) -> Result<(), Error> {
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
    Ok(())
}

/// Goes rounds until `stop` says so, and delivers beside them, each audience by itself: neither a fixed hour nor who wants to
/// sign in waits for a mail server that takes its time. An error is logged and the next round tries again.
pub async fn go(post: Arc<PostOffice>, stop: watch::Receiver<bool>) {
    // Tasks of their own, which the threads do that hear of sockets: to the one that waits here, each word of a mail server would
    // have to be handed over. They end with this.
    let mut going = JoinSet::new();
    if post.pace.connections > 1 {
        for audience in Audience::ALL {
            going.spawn(delivers_to(audience, Arc::clone(&post), stop.clone()));
        }
    } else {
        going.spawn(delivers(Arc::clone(&post), stop.clone()));
    }
    going.spawn(chores(post, stop));
    while let Some(ended) = going.join_next().await {
        if let Err(ended) = ended
            && let Ok(fault) = ended.try_into_panic()
        {
            std::panic::resume_unwind(fault);
        }
    }
}

/// What is not the post's.
async fn chores(post: Arc<PostOffice>, stop: watch::Receiver<bool>) {
    let both = || async {
        let done = before(&post).await?;
        after(&post).await?;
        Ok(done)
    };
    let once = || async {
        let done = patience::done(both(), stop.clone()).await?;
        // Letters are no reason for a line: some are owed because of what a resident did.
        if done.refreshed + done.released > 0 {
            tracing::debug!(refreshed = done.refreshed, released = done.released, "a round is done");
        }
        Ok(())
    };
    again(once, stop.clone()).await;
}

async fn delivers_to(audience: Audience, post: Arc<PostOffice>, stop: watch::Receiver<bool>) {
    again(|| post.deliver_only(audience, &stop), stop.clone()).await;
}

async fn delivers(post: Arc<PostOffice>, stop: watch::Receiver<bool>) {
    again(|| async { post.deliver_until(Some(&stop), &|_| {}).await.map(drop) }, stop.clone()).await;
}

/// Does something every so often until told to stop.
async fn again<W: Future<Output = Result<(), Error>>>(work: impl Fn() -> W, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(problem) = work().await {
            tracing::error!("a round was broken off: {problem}");
        }
        tokio::select! {
            _ = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}
