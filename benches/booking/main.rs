//! What a booking costs a resident's browser to make and to give up over HTTP, beside a bare sqlx program that inserts three
//! rows in one transaction (a booking's sealed bytes, a letter, a log of what happened, each as large as ours) on the same engine with the same
//! durability. Sixteen at once on both sides, in turn, in one run.
//!
//! ```text
//! benches/run booking               on SQLite, in about a minute
//! benches/run booking --postgres    on a throw-away PostgreSQL; HOLDSPACE_TEST_POSTGRES names one that runs
//! ```

#![expect(clippy::print_stdout, reason = "a bench exists to print its figures")]

mod bare;
#[path = "../season/database.rs"]
mod database;
#[path = "../season/latency.rs"]
mod latency;
#[path = "../season/made.rs"]
mod made;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/process.rs"]
mod process;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/stages.rs"]
mod stages;
#[path = "../season/visitors.rs"]
mod visitors;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::ensure;
use serde_json::json;

use bare::Bare;
use database::Databases;
use latency::Latencies;
use made::Size;
use process::Server;
use stages::Season;
use visitors::{Visits, post};

/// At once, on both sides.
const VISITORS: usize = 16;
/// Rounds, of which the one in the middle counts: each resident opts out and comes back in each.
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // cargo bench adds --bench to what it was given.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    ensure!(
        arguments.iter().all(|argument| argument == "--postgres"),
        "there is --postgres, and nothing else"
    );
    let mut databases = Databases::open(!arguments.is_empty())?;
    let engine = databases.engine();
    let size = Size { residents: 1500, therapists: 30, own_time: false };
    let database = databases.fresh("booking").await?;
    let mut season = Season::found(&database, size).await?;
    season.import().await?;
    season.plan().await?;
    season.book().await?;
    let pages = season.pages().await?;
    season.store.close().await;
    let bare = Bare::open(&databases.fresh("bare").await?).await?;
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    // Letters that leave meanwhile are not what is measured.
    let server = Server::start(home.path(), &database, &pages[0], &["--no-workers"]).await?;
    let (mut out, mut back, mut best) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        best.push(bare.insert(2 * pages.len(), VISITORS).await?);
        out.push(pressed(server.address, &pages, "opt-out", "entry=keep").await?);
        back.push(pressed(server.address, &pages, "come-back", "back=yes").await?);
    }
    drop(server);
    bare.close().await;
    databases.remove().await?;
    print(
        engine,
        [("opt out", middle(out)), ("come back: take the seat again", middle(back))],
        &middle(best),
    );
    Ok(())
}

/// One button on everybody's page.
async fn pressed(
    server: SocketAddr,
    pages: &[String],
    button: &str,
    form: &str,
) -> anyhow::Result<Latencies> {
    let visits = Visits {
        requests: pages.iter().map(|page| post(&format!("{page}/{button}"), form)).collect(),
        status: "HTTP/1.1 303",
        count: pages.len(),
        patience: Duration::from_secs(60),
        connections: VISITORS,
    };
    let pressed = visitors::visit(server, visits).await?;
    ensure!(pressed.count() == pages.len(), "not everybody got through in a minute");
    Ok(pressed)
}

fn middle(mut rounds: Vec<Latencies>) -> Latencies {
    rounds.sort_by(|one, other| one.per_second().total_cmp(&other.per_second()));
    rounds.swap_remove(rounds.len() / 2)
}

fn print(engine: &str, measured: [(&str, Latencies); 2], best: &Latencies) {
    println!("{VISITORS} at once, {engine}; the middle of {ROUNDS} rounds.\n");
    println!("{:<44} {:>9} {:>12} {:>9} {:>9}", "", "a second", "of the best", "p50", "p99");
    let milli = |took: Duration| format!("{:.1} ms", took.as_secs_f64() * 1000.0);
    let share = |one: &Latencies| one.per_second() / best.per_second();
    let line = |words: &str, one: &Latencies| {
        println!(
            "{words:<44} {:>9.0} {:>11.0}% {:>9} {:>9}",
            one.per_second(),
            share(one) * 100.0,
            milli(one.percentile(50)),
            milli(one.percentile(99))
        );
    };
    line("bare: three inserts in a transaction", best);
    for (words, one) in &measured {
        line(words, one);
    }
    let rounded = |figure: f64| (figure * 1000.0).round() / 1000.0;
    println!(
        "{}",
        json!({"bench": "booking", "engine": engine, "visitors": VISITORS, "rounds": ROUNDS,
               "bare_per_second": rounded(best.per_second()),
               "opt_out_share": rounded(share(&measured[0].1)), "booking_share": rounded(share(&measured[1].1))})
    );
}
