//! `demo`: a season with invented people from file to invitations, then a site to look at it from every side, with a
//! clock to move. Needs nothing, keeps nothing, and sends nothing anywhere.

mod hand;
mod life;
mod samples;
mod season;
mod stage;
mod stop;
mod telling;

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;
use tokio::net::TcpListener;

use super::answer::{Answer, say};
use super::args;
use crate::web::listen::{self, Patience};
use crate::web::{WebState, demo as pages, router_with};
use hand::ClockHand;
use samples::Host;
use season::Season;
use stage::{COORDINATOR, DIRECTOR, Stage};
use stop::told_to_stop;
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
    let stop = told_to_stop();
    let listener = listen(words.port).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let directory = tempfile::Builder::new().prefix("holdspace-demo-").tempdir()?;
    let telling = Telling::new(json);
    telling.line("");
    telling.line(
        telling.bold("A season with invented people. Nothing is kept, and no mail leaves this machine."),
    );
    telling.line("");
    let stage = Stage::set(directory.path(), &url).await?;
    let store = stage.desk.store().clone();
    // Whoever stops it in the middle of the season leaves no files behind either.
    tokio::select! {
        evening = evening(listener, stage, &telling, json, &url) => evening?,
        () = stop => {}
    }
    // A clock on its way stops at its next step, because nothing can be saved any more.
    let _ = tokio::time::timeout(Duration::from_secs(3), store.close()).await;
    directory.close().context("the demo's temporary directory could not be removed")?;
    telling.line("\nThe demo is over, and its database is gone.");
    Ok(Answer::of_json(String::new(), String::new()))
}

/// A port of this machine that nobody outside it reaches.
async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(|| {
        format!("port {port} is not free here; choose another with --port, or any with --port 0")
    })
}

async fn evening(
    listener: TcpListener,
    stage: Stage,
    telling: &Telling,
    json: bool,
    url: &str,
) -> anyhow::Result<()> {
    let season = season::run(&stage, telling).await?;
    let Season { residents, booked, .. } = season;
    let state = WebState::new(stage.desk.clone());
    let demo = pages_of(&state, stage, season).await?;
    let app = router_with(state, pages::routes(demo));
    farewell(telling, url);
    if json {
        say(&serde_json::to_string(&Open { url, residents, booked })?);
    }
    listen::serve(listener, app, Patience::default(), std::future::pending()).await;
    Ok(())
}

/// The demo's pages, with the hand that they ask to move the clock.
async fn pages_of(state: &WebState, stage: Stage, season: Season) -> anyhow::Result<pages::Demo> {
    let person = |host: &Host| pages::Person { name: host.name.clone(), address: host.address.clone() };
    let therapists = stage.hosts.iter().map(person).collect();
    let (mailbox, programs) = (stage.mailbox.clone(), season.programs.clone());
    let hand = Box::new(ClockHand::on(stage, season));
    let coordinator = pages::Person { name: COORDINATOR.1.to_owned(), address: COORDINATOR.2.to_owned() };
    Ok(pages::Demo::new(state.clone(), hand, mailbox, DIRECTOR, coordinator, therapists, &programs).await?)
}

/// What to try, once the site is there.
fn farewell(telling: &Telling, url: &str) {
    telling.line("");
    telling.line(format_args!("  Open           {}", telling.bold(&format!("{url}/demo"))));
    telling.line("");
    telling.line("  Try this: open a letter in the mailbox, press its button and opt out; then look at the");
    telling
        .line("  coordinator's coverage, of which not one byte has changed. Be the therapist for a while.");
    telling.line("  Let everyone live, move the clock to the day of release, and be the director.");
    telling.line("");
    telling.line("  Ctrl+C ends it.");
}
