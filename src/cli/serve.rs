//! `serve` and `work`: what goes on until it is told to stop. Never decides what a round or a page does.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::signal;
use tokio::sync::watch;

use super::answer::Answer;
use super::args::Serve;
use super::house::{House, letterhead};
use super::mailbox::{self, mail_room};
use super::post::{post_office, shares};
use super::provider::provider;
use super::zones;
use crate::desk::Desk;
use crate::jobs::{busy, rounds};
use crate::remote::Reach;
use crate::remote::published::Published;
use crate::telemetry;
use crate::web::listen::{self, Patience};
use crate::web::metrics::{self, Watched};
use crate::web::{self, WebState};

/// Workers only, until told to stop. A round that has begun is finished.
///
/// # Errors
/// Where letters have no way out, or somebody insists on stopping at once.
pub async fn work(house: &House) -> anyhow::Result<Answer> {
    let post = Arc::new(post_office(house)?);
    let room = mail_room(house)?;
    zones::at_start(house).await?;
    let stop = Stop::listen()?;
    tracing::info!("the workers go their rounds");
    notify(Told::Ready);
    let published = Arc::new(Published::new(Reach::Public)?);
    let all = async {
        let told = || stop.told.clone();
        tokio::join!(
            rounds::go(post, told()),
            mailbox::go(room, told()),
            reads(&house.desk, published, &stop)
        )
    };
    stop.unless_insisted(all).await?;
    stopped()
}

/// Pages, and workers unless they run elsewhere, until told to stop. Requests and rounds that have begun are finished.
///
/// # Errors
/// Where the address cannot be listened on, letters have no way out, or somebody insists on stopping at once.
pub async fn serve(house: &House, words: &Serve) -> anyhow::Result<Answer> {
    let post = if words.no_workers { None } else { Some(Arc::new(post_office(house)?)) };
    let room = if words.no_workers { None } else { mail_room(house)? };
    zones::at_start(house).await?;
    let listen = words.listen.unwrap_or(house.config.listen);
    let stop = Stop::listen()?;
    let state = WebState::new(house.desk.clone())
        .with_letters(letterhead(&house.config)?)
        .with_pace(shares(&house.config))
        .with_provider(provider(&house.config)?)
        .until(stop.told.clone());
    let router = web::router(state.behind(house.config.trusted_proxies.clone()));
    let listener = TcpListener::bind(listen).await;
    let listener =
        listener.with_context(|| format!("{listen} cannot be listened on; set listen to another"))?;
    let drain = Duration::from_secs(words.drain);
    let figures = figures(house, drained(stop.told.clone(), drain), &stop).await?;
    tracing::info!(address = %listener.local_addr()?, workers = post.is_some(), "the pages are open");
    let published = Arc::new(Published::new(Reach::Public)?);
    let rounds = async {
        if let Some(post) = post {
            tokio::join!(rounds::go(post, stop.told.clone()), reads(&house.desk, published, &stop));
        }
    };
    let pages = listen::serve(listener, router, Patience::default(), drained(stop.told.clone(), drain));
    // Whoever started us may wait to hear that the pages are open; if nobody does, this says nothing to nobody.
    notify(Told::Ready);
    let all = async { tokio::join!(pages, rounds, figures, mailbox::go(room, stop.told.clone())) };
    stop.unless_insisted(all).await?;
    stopped()
}

/// Figures for whoever runs the server, where a setting asks for them.
async fn figures<F>(house: &House, end: F, stop: &Stop) -> anyhow::Result<impl Future<Output = ()> + use<F>>
where
    F: Future<Output = ()> + Send + 'static,
{
    let watched =
        Watched { desk: house.desk.clone(), stopping: stop.told.clone(), logged: telemetry::logged };
    let listener = match house.config.metrics_listen {
        Some(address) => Some(TcpListener::bind(address).await.with_context(|| {
            format!("{address} cannot be listened on; set metrics_listen to another, or leave it away")
        })?),
        None => None,
    };
    Ok(async move {
        let Some(listener) = listener else { return };
        listen::serve(listener, metrics::router(watched), Patience::default(), end).await;
    })
}

/// Tells the service manager, where one listens.
#[cfg_attr(not(unix), expect(unused_variables, reason = "only systems with systemd have one that listens"))]
fn notify(told: Told) {
    #[cfg(unix)]
    if let Err(problem) = sd_notify::notify(&[match told {
        Told::Ready => sd_notify::NotifyState::Ready,
        Told::Stopping => sd_notify::NotifyState::Stopping,
    }]) {
        tracing::warn!("the service manager could not be told: {problem}");
    }
}

/// What a service manager hears.
#[derive(Clone, Copy)]
enum Told {
    Ready,
    Stopping,
}

/// Waits until told to stop, and then for as long as proxies need to notice.
async fn drained(told: watch::Receiver<bool>, further: Duration) {
    until(told).await;
    tokio::time::sleep(further).await;
}

/// Calendars elsewhere are read beside the rounds, so that a slow one delays no letter.
fn reads(desk: &Desk, published: Arc<Published>, stop: &Stop) -> impl Future<Output = ()> + use<> {
    busy::go(desk.clone(), published, stop.told.clone())
}

fn stopped() -> anyhow::Result<Answer> {
    tracing::info!("stopped");
    Ok(Answer::of_json(String::new(), ""))
}

/// Told once, everything finishes what it has begun; told twice, it is broken off.
struct Stop {
    told: watch::Receiver<bool>,
    insisted: watch::Receiver<bool>,
}

impl Stop {
    fn listen() -> anyhow::Result<Self> {
        let (tell, told) = watch::channel(false);
        let (insist, insisted) = watch::channel(false);
        let mut terminate = Terminate::listen()?;
        tokio::spawn(async move {
            terminate.or_interrupt().await;
            tracing::info!("told to stop: finishing what has begun; told again, breaking it off");
            tell.send_replace(true);
            notify(Told::Stopping);
            terminate.or_interrupt().await;
            insist.send_replace(true);
        });
        Ok(Self { told, insisted })
    }

    async fn unless_insisted<T>(&self, work: impl Future<Output = T>) -> anyhow::Result<T> {
        tokio::select! {
            done = work => Ok(done),
            () = until(self.insisted.clone()) => {
                bail!("broken off; a letter that was on its way may go twice, which mail programs show as one")
            }
        }
    }
}

/// Waits until a flag is raised; for ever, if nobody is left to raise it.
async fn until(mut flag: watch::Receiver<bool>) {
    if flag.wait_for(|raised| *raised).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// SIGTERM, where there is one.
struct Terminate(#[cfg(unix)] signal::unix::Signal);

impl Terminate {
    fn listen() -> anyhow::Result<Self> {
        #[cfg(unix)]
        let kind = signal::unix::SignalKind::terminate();
        Ok(Self(
            #[cfg(unix)]
            signal::unix::signal(kind).context("the signal to stop cannot be heard")?,
        ))
    }

    async fn told(&mut self) {
        #[cfg(unix)]
        self.0.recv().await;
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    }

    /// SIGTERM or Ctrl-C.
    async fn or_interrupt(&mut self) {
        tokio::select! {
            // An error means that Ctrl-C cannot be heard; then only the other way is left.
            Ok(()) = signal::ctrl_c() => {}
            () = self.told() => {}
        }
    }
}
