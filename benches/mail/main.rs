//! What sending costs beside a plain sender that knows one ready-made message: the way out alone, with letters that are ready,
//! and the whole way from the outbox to the mark (lease, unseal, write, sign, send, mark). All over four connections to the
//! same sink in this process, in turn, in one run. Never tunes either side.
//!
//! ```text
//! benches/run mail               on SQLite, in about a minute
//! benches/run mail --postgres    on a throw-away PostgreSQL; HOLDSPACE_TEST_POSTGRES names one that runs
//! ```

#![expect(clippy::print_stdout, reason = "a bench exists to print its figures")]

#[path = "../season/database.rs"]
mod database;
#[path = "../season/made.rs"]
mod made;
#[path = "../smtp_load/send.rs"]
mod send;
#[path = "../smtp_load/sink.rs"]
mod sink;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/stages.rs"]
mod stages;
mod transport;

use std::time::Duration;

use anyhow::ensure;
use holdspace::entropy::{Entropy, SystemEntropy};
use holdspace::mail::signature::{Signer, Signing, SigningPair};
use serde_json::json;

use database::Databases;
use made::Size;
use send::Load;
use sink::Sink;
use stages::Season;

/// Connections at once.
const CONNECTIONS: u32 = 4;
/// Rounds, of which the one in the middle counts.
const ROUNDS: usize = 5;
/// Letters a round over the way out alone, so that its rounds are not over at once.
const READY: usize = 8_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // cargo bench adds --bench to what it was given.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    ensure!(
        arguments.iter().all(|argument| argument == "--postgres"),
        "there is --postgres, and nothing else"
    );
    let mut databases = Databases::open(!arguments.is_empty())?;
    let size = Size { residents: 1500, therapists: 30, own_time: false };
    let mut season = Season::found(&databases.fresh("mail").await?, size).await?;
    season.import().await?;
    season.plan().await?;
    season.book().await?;
    let letters = season.placed;
    let [mut plain, mut ready, mut whole, mut signed] = [const { Vec::new() }; 4];
    // What a letter weighs, from a first round that warms everything up.
    let first = Sink::start("127.0.0.1:0").await?;
    season.deliver(first.address, CONNECTIONS).await?;
    let bytes = first.bytes() / first.kept().max(1);
    for _ in 0..ROUNDS {
        let sink = Sink::start("127.0.0.1:0").await?;
        let load = Load { count: READY, connections: usize::try_from(CONNECTIONS)?, bytes };
        plain.push(each(send::send(&sink.address.to_string(), load).await?, READY));
        ready.push(each(transport::send(sink.address, load).await?, READY));
        ensure!(sink.kept() == 2 * READY, "the sink kept {} of {} letters", sink.kept(), 2 * READY);
        for (signing, took) in [(None, &mut whole), (Some(signing()?), &mut signed)] {
            season.owe_again().await?;
            took.push(each(season.deliver_signed(sink.address, CONNECTIONS, signing).await?, letters));
        }
        ensure!(sink.kept() == 2 * READY + 2 * letters, "a letter was lost");
    }
    databases_done(season, databases.engine(), bytes, [plain, ready, whole, signed]).await?;
    databases.remove().await
}

/// Prints the table.
async fn databases_done(
    season: Season,
    engine: &str,
    bytes: usize,
    rounds: [Vec<Duration>; 4],
) -> anyhow::Result<()> {
    season.store.close().await;
    let [plain, ready, whole, signed] = rounds.map(|mut all| {
        all.sort_unstable();
        all[all.len() / 2]
    });
    println!(
        "Letters of {bytes} bytes over {CONNECTIONS} connections, {engine}; the middle of {ROUNDS} rounds.\n"
    );
    println!("{:<58} {:>9} {:>12}", "", "a second", "of the best");
    let share = |took: Duration| plain.as_secs_f64() / took.as_secs_f64();
    for (words, took) in [
        ("a plain sender of one ready message", plain),
        ("the way out alone, letters ready", ready),
        ("the whole way: lease, unseal, write, send, mark", whole),
        ("the same, signed with Ed25519", signed),
    ] {
        println!("{words:<58} {:>9.0} {:>11.0}%", 1.0 / took.as_secs_f64(), share(took) * 100.0);
    }
    let rounded = |figure: f64| (figure * 1000.0).round() / 1000.0;
    println!(
        "{}",
        json!({"bench": "mail", "engine": engine, "bytes": bytes, "connections": CONNECTIONS, "rounds": ROUNDS,
               "plain_per_second": rounded(1.0 / plain.as_secs_f64()), "transport_share": rounded(share(ready)),
               "whole_share": rounded(share(whole)), "signed_share": rounded(share(signed))})
    );
    Ok(())
}

fn each(took: Duration, count: usize) -> Duration {
    took.div_f64(f64::from(u32::try_from(count).unwrap_or(u32::MAX)))
}

fn signing() -> anyhow::Result<Signing> {
    let pem = SigningPair::ed25519_pem(&(&SystemEntropy as &dyn Entropy).bytes());
    let pair = SigningPair::from_pem(&pem)?;
    Ok(Signing { domain: "example.org".to_owned(), signers: vec![Signer { selector: "a".to_owned(), pair }] })
}
