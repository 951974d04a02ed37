//! The pages that people open, a folder for each of them: residents, therapists, coordinators, directors. Translates between
//! the browser and the desk, and never decides.
//!
//! Nothing here needs JavaScript; residents are sent none, and the others one small file that saves them steps. Every sentence stands in `words`; status codes in `refusal`;
//! what holds for every answer in `manners`.

mod account;
mod agreed;
mod api;
mod away;
mod body;
mod clinic;
mod coordinator;
pub mod dav;
pub mod demo;
mod director;
mod doors;
mod front;
mod language;
mod limits;
pub mod listen;
mod load;
mod manners;
pub mod metrics;
mod page;
pub mod provider;
mod reading;
mod refusal;
mod resident;
mod seasons;
mod session;
mod shell;
mod sign_in;
mod therapist;
mod told;
mod words;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;

use ipnet::IpNet;
use tokio::sync::{Semaphore, watch};

use crate::desk::Desk;
use crate::domain::pace::Shares;
use crate::mail::preview::Letterhead;
use doors::Doors;
use limits::{Limits, SharedLimits};
use provider::SharedProvider;

/// What every page needs. Each request is given it several times over, so that giving it must cost nothing.
#[derive(Clone)]
pub struct WebState(Arc<Needed>);

/// What is behind it.
#[derive(Clone)]
pub struct Needed {
    desk: Desk,
    /// Whether browsers come by https, so that cookies can insist on it.
    secure: bool,
    /// The letters in use, for previews; none for those built in.
    letterhead: Option<Arc<Letterhead>>,
    /// How a minute's letters are shared out; none where there is no limit.
    pace: Option<Shares>,
    /// Scheme, host and port of the public address, as a browser writes them in `Origin`.
    origin: Arc<str>,
    limits: SharedLimits,
    /// How long a request may take, from its head to its answer.
    patience: Duration,
    /// Files that may come in at once.
    files: Arc<Semaphore>,
    provider: SharedProvider,
    /// Raised when the server was told to stop; none where nobody can tell it.
    stopping: Option<watch::Receiver<bool>>,
}

impl WebState {
    /// The pages of a desk; its public address says whether they are served by https.
    #[must_use]
    pub fn new(desk: Desk) -> Self {
        let url = desk.public_url();
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let host = rest.split('/').next().unwrap_or_default();
        let origin = format!("{scheme}://{host}").to_ascii_lowercase();
        Self(Arc::new(Needed {
            secure: scheme.eq_ignore_ascii_case("https"),
            origin: origin.into(),
            letterhead: None,
            pace: None,
            desk,
            limits: Arc::new(Limits::new(Vec::new())),
            patience: manners::PATIENCE,
            files: Arc::new(Semaphore::new(body::FILES_AT_ONCE)),
            provider: None,
            stopping: None,
        }))
    }

    fn with(mut self, set: impl FnOnce(&mut Needed)) -> Self {
        set(Arc::make_mut(&mut self.0));
        self
    }

    /// With the letters of this installation, for previews.
    #[must_use]
    pub fn with_letters(self, letterhead: Letterhead) -> Self {
        self.with(|needed| needed.letterhead = Some(Arc::new(letterhead)))
    }

    /// The same with the pace of letters, so that whoever books is told how long they take.
    #[must_use]
    pub fn with_pace(self, pace: Option<Shares>) -> Self {
        self.with(|needed| needed.pace = pace)
    }

    /// The same behind proxies, which are believed when they say for whom they ask.
    #[must_use]
    pub fn behind(self, proxies: Vec<IpNet>) -> Self {
        self.with(|needed| needed.limits = Arc::new(Limits::new(proxies)))
    }

    /// The same for which a request, its body too, may take so long.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        self.with(|needed| needed.patience = patience)
    }

    /// The same with a flag that is raised when the server was told to stop, so that proxies ask another one.
    #[must_use]
    pub fn until(self, stopping: watch::Receiver<bool>) -> Self {
        self.with(|needed| needed.stopping = Some(stopping))
    }

    /// The same with the institution's own sign-in.
    #[must_use]
    pub fn with_provider(self, provider: SharedProvider) -> Self {
        self.with(|needed| needed.provider = provider)
    }
}

impl Deref for WebState {
    type Target = Needed;

    fn deref(&self) -> &Needed {
        &self.0
    }
}

/// Every route, with the manners of the house around it.
pub fn router(state: WebState) -> Router {
    router_with(state, Router::new())
}

/// The same with further routes, which get the same manners: the demo adds its mailbox.
pub fn router_with(state: WebState, further: Router) -> Router {
    let routes = doors().with_state(state.clone()).merge(further).fallback(refusal::nothing_here);
    manners::around(routes, state)
}

/// The template of every address that an installation answers to, as `/program/{program}/roster`, sorted.
#[must_use]
pub fn every_door() -> Vec<String> {
    doors().templates()
}

fn doors() -> Doors {
    Doors::new()
        .merge(front::routes())
        .merge(resident::routes())
        .merge(sign_in::routes())
        .merge(provider::routes())
        .merge(account::routes())
        .merge(api::routes())
        .merge(dav::routes())
        .merge(therapist::routes())
        .merge(clinic::routes())
        .merge(coordinator::routes())
        .merge(director::routes())
}

/// The address of a program's pages: its code, as an address writes it.
fn program_path(code: &str) -> String {
    format!("/program/{}", percent_encoding::utf8_percent_encode(code, percent_encoding::NON_ALPHANUMERIC))
}
