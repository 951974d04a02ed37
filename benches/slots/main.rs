//! What it costs to look up the free times of fifty therapists over thirty days for one resident, whose time is protected on
//! every working day of them: the longest list that anybody asks for. Counted in processor time of this process (and, on
//! PostgreSQL, told beside the clock, because the server works in processes of its own).
//!
//! ```text
//! benches/run slots               on SQLite, in about half a minute
//! benches/run slots --postgres    on a throw-away PostgreSQL; HOLDSPACE_TEST_POSTGRES names one that runs
//! ```

#![expect(clippy::print_stdout, reason = "a bench exists to print its figures")]

mod clinic;
#[path = "../season/database.rs"]
mod database;
#[path = "../season/made.rs"]
mod made;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/stages.rs"]
mod stages;

use std::time::Instant;

use anyhow::ensure;
use serde_json::json;

use clinic::Clinic;
use database::Databases;

/// Looks, of which the one in the middle counts.
const LOOKS: usize = 60;

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
    let clinic = Clinic::booked(&databases.fresh("slots").await?).await?;
    let (mut cpu, mut clock, mut offered) = (Vec::new(), Vec::new(), 0);
    for look in 0..LOOKS + 5 {
        let watch = Instant::now();
        let before = cpu_seconds();
        offered = clinic.look(look).await?;
        let spent = cpu_seconds() - before;
        // The first ones warm it up.
        if look >= 5 {
            cpu.push(spent * 1000.0);
            clock.push(watch.elapsed().as_secs_f64() * 1000.0);
        }
    }
    let free = clinic.free().await?;
    clinic.close().await;
    databases.remove().await?;
    let middle = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        (all[all.len() / 2] * 1000.0).round() / 1000.0
    };
    let (cpu, clock) = (middle(cpu), middle(clock));
    println!(
        "{} therapists, {} days, {free} seats, {engine}; the middle of {LOOKS} looks.\n",
        clinic::THERAPISTS,
        clinic::DAYS
    );
    println!(
        "processor time of a look   {cpu:>7.2} ms\nby the clock               {clock:>7.2} ms\ntimes offered              {offered:>7}"
    );
    println!(
        "{}",
        json!({"bench": "slots", "engine": engine, "therapists": clinic::THERAPISTS, "days": clinic::DAYS, "seats": free,
               "cpu_ms": cpu, "clock_ms": clock, "offered": offered})
    );
    Ok(())
}

/// Processor time of this process so far.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    std::time::Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
    .as_secs_f64()
}
