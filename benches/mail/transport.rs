//! The product's way out alone: ready letters over its own connections. Never writes a letter.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use holdspace::domain::identity::Address;
use holdspace::mail::envelope::Envelope;
use holdspace::mail::smtp::Limits;
use holdspace::mail::transport::Transport;
use tokio::task::JoinSet;

use crate::send::Load;

/// Sends the load and tells how long it took, from the first connection to the last answer.
pub async fn send(sink: SocketAddr, load: Load) -> anyhow::Result<Duration> {
    let transport = Transport::open(&format!("smtp://{sink}").parse()?, Limits::default())?;
    let letter: Arc<[u8]> = letter(load.bytes).into();
    let begun = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    let watch = Instant::now();
    for _ in 0..load.connections {
        let (transport, letter, begun) = (transport.clone(), Arc::clone(&letter), Arc::clone(&begun));
        senders.spawn(async move {
            let from: Address = "office@example.org".parse()?;
            let mut session = transport.connect().await.map_err(|failure| anyhow!("{}", failure.reason()))?;
            loop {
                let number = begun.fetch_add(1, Ordering::Relaxed);
                if number >= load.count {
                    session.close().await;
                    return anyhow::Ok(());
                }
                let to: Address = format!("resident{number}@example.org").parse()?;
                let envelope = Envelope { from: &from, to: &to, message_id: "<bench@example.org>" };
                let sent = session.send(&envelope, &letter).await;
                sent.map_err(|failure| anyhow!("{}", failure.reason()))?;
            }
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender??;
    }
    Ok(watch.elapsed())
}

/// A letter of about so many bytes.
fn letter(bytes: usize) -> Vec<u8> {
    let mut letter = b"From: office@example.org\r\nSubject: Protected time\r\n\r\n".to_vec();
    while letter.len() < bytes {
        letter.extend_from_slice(b"Your time is protected, and what you do with it is yours alone.\r\n");
    }
    letter
}
