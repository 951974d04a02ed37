//! How a world goes on: time, post, and whoever looks. Never compares, and never says what people do.

use holdspace::domain::time::Instant;

use super::draw::Draw;
use super::leaks::{Leak, Planted};
use super::seen::Seen;
use super::world::Life;
use crate::harness::house::Arrival;

impl Life<'_> {
    /// What a release counts: who attended, and what was answered.
    pub(super) async fn truth(&self) -> String {
        let attended = self.house.bookings().await.into_iter().filter(|booking| booking.attended());
        let mut attended: Vec<String> = attended.map(|booking| booking.id.to_string()).collect();
        attended.sort();
        let given = self.house.sheets().await.into_iter().filter(|(_, _, sheet)| sheet.given);
        let mut given: Vec<String> =
            given.map(|(.., sheet)| serde_json::to_string(&sheet).unwrap()).collect();
        given.sort();
        format!("{attended:?} {given:?}")
    }

    /// From here on randomness is drawn alike in both worlds, because what a resident does draws too.
    pub fn turn(&mut self) {
        self.steps += 1;
        self.house.dice.turn_to(Draw::of(self.script.seed, 1000 + self.steps).number());
    }

    /// Hours go by, with a round in every so many.
    pub async fn passes(&mut self, hours: i64, every: i64) {
        for _ in 0..(hours / every).max(1) {
            self.house.clock.advance(chrono::Duration::hours(every));
            self.round().await;
        }
    }

    /// The same up to a moment, with a round then.
    pub(super) async fn goes_to(&mut self, moment: &str, every: i64) {
        let until: Instant = moment.parse().unwrap();
        while self.house.now() < until {
            let next = (self.house.now() + chrono::Duration::hours(every)).min(until);
            self.house.clock.set(next);
            self.round().await;
        }
    }

    pub(super) async fn round(&mut self) {
        self.turn();
        self.pane.before_the_round(self.house).await;
        let round = self.house.round().await;
        let told = serde_json::to_string(&round.delivered).unwrap();
        self.sees("what a round came to", format!("{told} {} {}", round.refreshed, round.released));
        self.fetches().await;
    }

    /// What is due leaves, and is noted with its moment.
    pub async fn post_goes(&mut self) {
        self.pane.before_the_round(self.house).await;
        self.house.post_goes().await;
        self.fetches().await;
    }

    async fn fetches(&mut self) {
        let known = self.mail.len();
        let at = self.house.now();
        let received = self.house.sink.received().into_iter().skip(known);
        let mut fresh: Vec<Arrival> = received.map(|received| Arrival { at, received }).collect();
        self.pane.on_the_way(&mut fresh).await;
        self.mail.extend(fresh);
    }

    /// The program, and whoever runs the server, look at everything.
    pub(super) async fn looks(&mut self, moment: &str) {
        self.moment = moment.to_owned();
        self.turn();
        let eyes = self.eyes.take().unwrap();
        let shown = eyes.look(self.house, self.script, &self.roster).await;
        for leak in Leak::ON_PAGES.into_iter().filter(|_| self.pane.planted() == Planted::Pages) {
            self.pane.switch(Some(leak));
            self.leaked.push((leak, eyes.look_at(self.house, leak.shows_at()).await));
            self.pane.switch(None);
        }
        self.eyes = Some(eyes);
        for (place, text) in shown {
            self.sees(&place, text);
        }
        self.post_goes().await;
        let text = self.log.text();
        let mut lines: Vec<&str> = text[self.logged..]
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(_, line)| line)
            .collect();
        lines.sort_unstable();
        let lines = lines.join("\n");
        self.logged = text.len();
        self.sees("the log", lines);
    }

    /// Notes what was seen at a place.
    pub fn sees(&mut self, place: &str, text: String) {
        self.seen.push(Seen { moment: self.moment.clone(), place: place.to_owned(), text });
    }

    /// The address on the roster of somebody invited.
    pub fn person(&self, number: usize) -> String {
        if self.invited.is_empty() {
            String::new()
        } else {
            self.invited[number % self.invited.len()].clone()
        }
    }

    /// Whether letters to somebody on the roster are not to be refused.
    pub fn must_take(&self, whom: usize) -> bool {
        let address = self.person(whom);
        self.script.hers_are_taken && self.flipped.iter().any(|actor| actor.address == address)
    }

    /// The addresses of their own of everybody who acts.
    pub fn homes(&self) -> impl Iterator<Item = String> {
        let all = self.flipped.iter().chain(self.others.iter().map(|(actor, _)| actor));
        all.map(|actor| actor.home.clone())
    }
}
