//! Residents who press their buttons again and again, and remember what they were told: what was acknowledged holds for
//! ever, and what nobody answered either happened or did not. Never asks the database what to expect.

use std::sync::Arc;
use std::time::Duration;

use holdspace::entropy::{Entropy, SystemEntropy};
use holdspace::vault::Vault;
use reqwest::Method;
use tokio::task::JoinSet;

use crate::harness::server::Browser;
use crate::harness::snapshot::{Snapshot, Stand};

/// Longer than some changes take on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A number below `end`, from the system's randomness: a kill is never the same twice anyway.
pub fn below(end: usize) -> usize {
    let mut bytes = [0; 8];
    SystemEntropy.fill(&mut bytes);
    usize::try_from(u64::from_be_bytes(bytes) % u64::try_from(end.max(1)).unwrap()).unwrap()
}

/// What somebody was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It is done.
    Done,
    /// It is not done, and why.
    Refused,
    /// Nothing: the connection broke.
    Nothing,
    /// Nobody was there to be told anything.
    Unheard,
    /// The server failed, with this status.
    Failed(u16),
}

/// A resident with a link.
#[derive(Debug, Clone)]
pub struct Resident {
    /// Who.
    pub address: String,
    /// The link of their invitation.
    pub link: String,
    /// Where they stand: several where nobody answered.
    pub possible: Vec<Stand>,
}

impl Resident {
    /// Presses a button. `seats` are those that may be wished for.
    pub async fn presses(&mut self, browser: &Browser, seats: &[String]) -> Told {
        let [stand] = self.possible.as_slice() else { panic!("they do not know where they stand") };
        let seat = seats.get(below(seats.len())).cloned().unwrap_or_default();
        let take = ("times", vec![("seat", seat.clone()), ("remind", "on".to_owned())], Stand::Held(seat));
        let entry = ["keep", "remove"][below(2)].to_owned();
        let (door, fields, after) = match (stand, below(2)) {
            (_, 0) => take,
            (Stand::Held(seat), _) => ("opt-out", vec![("entry", entry)], Stand::Out(seat.clone())),
            (Stand::Out(seat), _) => {
                ("come-back", vec![("back", "yes".to_owned())], Stand::Held(seat.clone()))
            }
        };
        let told = self.sends(browser, door, &fields).await;
        match told {
            Told::Done => self.possible = vec![after],
            Told::Nothing | Told::Failed(_) => self.possible.push(after),
            Told::Refused | Told::Unheard => {}
        }
        told
    }

    /// Sends a form of their page.
    pub async fn sends(&self, browser: &Browser, door: &str, fields: &[(&str, String)]) -> Told {
        // Everybody comes from a place of their own; all of one place would be held back as a flood.
        let digits: usize = self
            .address
            .bytes()
            .filter(u8::is_ascii_digit)
            .fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
        let from = format!("198.51.{}.{}", digits / 250, digits % 250);
        let request = browser.request(Method::POST, &format!("{}/{door}", self.link)).form(fields);
        match request.header("x-forwarded-for", from).send().await {
            Err(problem) if problem.is_connect() => Told::Unheard,
            Err(_) => Told::Nothing,
            Ok(answer) => match answer.status().as_u16() {
                303 => Told::Done,
                409 | 422 | 429 => Told::Refused,
                status @ 500.. => Told::Failed(status),
                status => panic!("the {door} of a resident was answered with {status}"),
            },
        }
    }

    /// Fails where what was acknowledged does not hold; from here on it is known where they stand.
    ///
    /// # Panics
    /// With what they were told and what is so.
    pub fn stands_as_told(&mut self, snapshot: &Snapshot, vault: &Vault) {
        let stands = Stand::of(snapshot.of(vault, &self.address));
        assert!(
            self.possible.contains(&stands),
            "{} was told {:?} and stands {stands:?}",
            self.address,
            self.possible
        );
        self.possible = vec![stands];
    }
}

/// What a crowd came back with.
#[derive(Debug, Default)]
pub struct Pressed {
    /// The residents.
    pub residents: Vec<Resident>,
    /// Changes that were acknowledged.
    pub done: usize,
    /// Those that were not done.
    pub refused: usize,
    /// Failures of a server, with their status.
    pub failed: Vec<u16>,
}

impl Pressed {
    fn with(mut self, other: Self) -> Self {
        self.residents.extend(other.residents);
        self.failed.extend(other.failed);
        Self { done: self.done + other.done, refused: self.refused + other.refused, ..self }
    }
}

/// So many press at a time.
const HANDS: usize = 6;

/// Has everybody press buttons, one after another and several at a time, each time with one of the browsers, until all of
/// those are dead or `enough` is dropped.
pub fn press(residents: Vec<Resident>, browsers: Vec<Browser>, seats: Arc<Vec<String>>) -> Crowd {
    let (enough, told) = tokio::sync::watch::channel(false);
    let all_done = tokio::sync::watch::Sender::new(0);
    let mut hands: Vec<Vec<Resident>> = vec![Vec::new(); HANDS];
    for (n, resident) in residents.into_iter().enumerate() {
        hands[n % HANDS].push(resident);
    }
    // One that is dead stays dead; of several, each may be back soon.
    let most_unheard = if browsers.len() == 1 { 1 } else { 1000 };
    let mut tasks = JoinSet::new();
    for mut mine in hands {
        let (browsers, seats, told) = (browsers.clone(), Arc::clone(&seats), told.clone());
        let all_done = all_done.clone();
        tasks.spawn(async move {
            let mut pressed = Pressed::default();
            let mut unheard = 0;
            while !*told.borrow() && unheard < most_unheard {
                // Who got no answer waits for it.
                let known: Vec<_> = mine.iter_mut().filter(|resident| resident.possible.len() == 1).collect();
                let at = below(known.len());
                let Some(resident) = known.into_iter().nth(at) else { break };
                match resident.presses(&browsers[below(browsers.len())], &seats).await {
                    Told::Done => {
                        pressed.done += 1;
                        all_done.send_modify(|done| *done += 1);
                    }
                    Told::Refused => pressed.refused += 1,
                    Told::Failed(status) => pressed.failed.push(status),
                    Told::Nothing => {}
                    Told::Unheard => {
                        unheard += 1;
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            }
            pressed.residents = mine;
            pressed
        });
    }
    Crowd { tasks, enough, done: all_done }
}

/// People who press buttons.
pub struct Crowd {
    tasks: JoinSet<Pressed>,
    enough: tokio::sync::watch::Sender<bool>,
    done: tokio::sync::watch::Sender<usize>,
}

impl Crowd {
    /// Waits until so many of their changes are acknowledged, however slow the machine is.
    ///
    /// # Panics
    /// After a minute, saying how many there are.
    pub async fn has_done(&self, changes: usize) {
        let mut done = self.done.subscribe();
        let enough = tokio::time::timeout(PATIENCE, done.wait_for(|done| *done >= changes)).await;
        assert!(enough.is_ok(), "{} of {changes} changes were acknowledged", *self.done.borrow());
    }

    /// Waits until everybody has got their last answer, or knows that none comes.
    pub async fn ends(self) -> Pressed {
        self.enough.send_replace(true);
        self.tasks.join_all().await.into_iter().fold(Pressed::default(), Pressed::with)
    }
}
