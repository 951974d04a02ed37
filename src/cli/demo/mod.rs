//! `demo`: a season with invented people from file to invitations, then a site to look at it from every side, with a
//! clock to move. Needs nothing, keeps nothing, and sends nothing anywhere.

mod hand;
mod life;
mod samples;
mod season;
mod stage;
mod telling;

use std::net::Ipv4Addr;

use anyhow::Context;
use serde::Serialize;
use tokio::net::TcpListener;

use super::answer::{Answer, say};
use super::args;
use crate::web::{WebState, demo as pages, router_with};
use hand::ClockHand;
use season::Season;
use stage::{DIRECTOR, Stage};
use telling::Telling;

/// What machines are told once the site is there.
#[derive(Serialize)]
struct Open<'a> {
    url: &'a str,
    residents: usize,
    booked: usize,
}

/// Runs the season, serves the site until it is told to stop, and leaves nothing behind.
///
/// # Errors
/// Where the port is taken, or there is no room for temporary files.
pub async fn demo(words: args::Demo, json: bool) -> anyhow::Result<Answer> {
    let listener = listen(words.port).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let directory = tempfile::Builder::new().prefix("holdspace-demo-").tempdir()?;
    let telling = Telling::new(json);
    telling.line("");
    telling.line(telling.bold("A season with invented people. Nothing is kept, and no mail leaves this machine."));
    telling.line("");
    let stage = Stage::set(directory.path(), &url).await?;
    let season = season::run(&stage, &telling).await?;
    if json {
        let Season { residents, booked, .. } = season;
        say(&serde_json::to_string(&Open { url: &url, residents, booked })?);
    }
    serve(listener, stage, season, &telling, &url).await?;
    telling.line("\nThe demo is over, and its database is gone.");
    Ok(Answer::of_json(String::new(), String::new()))
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(|| {
        format!("port {port} is not free here; choose another with --port, or any with --port 0")
    })
}

async fn serve(
    listener: TcpListener,
    stage: Stage,
    season: Season,
    telling: &Telling,
    url: &str,
) -> anyhow::Result<()> {
    let state = WebState::new(stage.desk.clone());
    let mailbox = stage.mailbox.clone();
    let host = |host: &samples::Host| pages::Person { name: host.name.clone(), address: host.address.clone() };
    let hosts = stage.hosts.iter().map(host).collect();
    let programs = season.programs.clone();
    let hand = ClockHand::on(stage, season);
    let demo =
        pages::Demo::new(state.clone(), Box::new(hand.clone()), mailbox, DIRECTOR, hosts, &programs).await?;
    farewell(telling, url);
    let app = router_with(state, pages::routes(demo));
    axum::serve(listener, app).with_graceful_shutdown(told_to_stop()).await?;
    hand.clear().await;
    Ok(())
}

/// What to try, once the site is there.
fn farewell(telling: &Telling, url: &str) {
    telling.line("");
    telling.line(format_args!("  Open           {}", telling.bold(&format!("{url}/demo"))));
    telling.line("");
    telling.line("  Try this: open a letter in the mailbox, press its button and opt out; then look at the");
    telling.line("  coordinator's coverage, of which not one byte has changed. Be the therapist for a while.");
    telling.line("  Let everyone live, move the clock to the day of release, and be the director.");
    telling.line("");
    telling.line("  Ctrl+C ends it.");
}

/// Ends with Ctrl+C, or when the system says so.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
