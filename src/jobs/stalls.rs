//! Which letters may go around those that have to wait. Never takes or holds one.
//!
//! An audience has so many connections. One whose letter has to wait for an answer does not count among them: another goes
//! around it, up to [`SPARE`] of them, and with letters to other destinations only, where it is the destination that makes
//! it wait.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant as Moment;

use super::ready::Destination;
use crate::mail::smtp::Stall;

/// So many more connections go around those that have to wait.
const SPARE: u32 = 3;
/// A destination that has made a letter wait for so long hangs; a slow one would have answered.
pub(super) const HANGS: Duration = Duration::from_secs(10);

/// How many may work on the letters of an audience that has so many connections.
pub(super) const fn workers(connections: u32) -> u32 {
    connections + SPARE
}

/// What a connection does with its letter.
pub(super) struct Busy {
    pub(super) worker: u32,
    pub(super) to: Option<Destination>,
    /// Who makes it wait, and since when.
    pub(super) stalled: Option<(Stall, Moment)>,
    /// Whether it tries a relay that was left alone.
    pub(super) tries: bool,
}

/// Destinations that make letters wait, for at least so long.
pub(super) fn slow(busy: &[Busy], now: Moment, at_least: Duration) -> BTreeSet<Destination> {
    let slow = busy.iter().filter(|one| {
        one.stalled.is_some_and(|(who, since)| who == Stall::Destination && now - since >= at_least)
    });
    slow.filter_map(|one| one.to.clone()).collect()
}

/// Destinations that perhaps make a letter wait, and of which another letter is about to tell.
fn looked_into(busy: &[Busy]) -> BTreeSet<Destination> {
    let goes = |to: &Destination| busy.iter().any(|one| one.stalled.is_none() && one.to.as_ref() == Some(to));
    let unclear = busy.iter().filter(|one| one.stalled.is_some_and(|(who, _)| who == Stall::Unclear));
    unclear.filter_map(|one| one.to.clone()).filter(goes).collect()
}

/// Where one more connection may not send letters to, beside these, of so many that there are; none where it may send nothing.
pub(super) fn shunned(busy: &[Busy], connections: u32, now: Moment) -> Option<BTreeSet<Destination>> {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    if count(busy.len()) < connections {
        return Some(slow(busy, now, HANGS));
    }
    let stalled = busy.iter().filter(|one| one.stalled.is_some()).count();
    let further = count(busy.len()) < connections + count(stalled).min(SPARE);
    further.then(|| &slow(busy, now, Duration::ZERO) | &looked_into(busy))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Option<Stall> = Some(Stall::Destination);

    /// Connections that are busy with letters to these destinations, stalled or not, for `seconds`.
    fn told(busy: &[(&str, Option<Stall>)], connections: u32, seconds: u64) -> String {
        let began = Moment::now();
        let busy: Vec<Busy> = busy
            .iter()
            .map(|(to, stall)| Busy {
                worker: 0,
                to: Some(Destination((*to).to_owned())),
                stalled: stall.map(|stall| (stall, began)),
                tries: false,
            })
            .collect();
        match shunned(&busy, connections, began + Duration::from_secs(seconds)) {
            Some(shunned) => shunned.iter().fold("all".to_owned(), |text, to| text + " but " + &to.0),
            None => "nothing".to_owned(),
        }
    }

    #[tokio::test]
    async fn as_long_as_letters_move_there_are_as_many_connections_as_the_setting_says() {
        let moving = [("a.org", None); 3];
        assert_eq!([0, 2, 3].map(|count| told(&moving[..count], 3, 1)), ["all", "all", "nothing"]);
    }

    #[tokio::test]
    async fn a_destination_that_makes_letters_wait_is_gone_around_and_a_slow_one_keeps_its_connections() {
        let mut all = vec![("a.org", SLOW), ("a.org", SLOW), ("b.org", None)];
        assert_eq!(told(&all, 3, 1), "all but a.org");
        assert_eq!(told(&all[..2], 3, 1), "all", "a slow one gets no more than there are, and no less");
        assert_eq!(told(&all[..2], 3, 10), "all but a.org", "one that hangs gets no more");
        all.push(("c.org", SLOW));
        assert_eq!(told(&all, 3, 1), "all but a.org but c.org");
        all.extend([("d.org", SLOW), ("e.org", SLOW)]);
        assert_eq!(told(&all, 3, 1), "nothing", "there are three more connections and no others");
    }

    #[tokio::test]
    async fn there_is_somebody_for_every_connection_that_may_be_used_and_nobody_for_any_other() {
        for connections in [1, 2, 16] {
            let all = vec![("a.org", SLOW); workers(connections) as usize];
            assert_eq!(told(&all[1..], connections, 1), "all but a.org", "{connections}");
            assert_eq!(told(&all, connections, 1), "nothing", "{connections}");
        }
    }

    #[tokio::test]
    async fn where_nobody_knows_who_makes_letters_wait_one_more_is_sent_to_find_out() {
        let unclear = ("a.org", Some(Stall::Unclear));
        assert_eq!(told(&[unclear; 3], 3, 60), "all");
        let mut one_more = vec![unclear, unclear, unclear, ("a.org", None)];
        assert_eq!(told(&one_more, 3, 1), "all but a.org", "and not two");
        one_more[3].1 = Some(Stall::Relay);
        assert_eq!(told(&one_more, 3, 1), "all");
        one_more[3].1 = SLOW;
        assert_eq!(told(&one_more, 3, 1), "all but a.org");
        one_more[0].1 = None;
        assert_eq!(
            told(&one_more, 3, 1),
            "all but a.org",
            "slow beyond doubt, and being looked into as well"
        );
    }

    #[tokio::test]
    async fn a_relay_that_makes_letters_wait_is_no_destinations_fault() {
        assert_eq!(told(&[("a.org", Some(Stall::Relay)); 3], 3, 60), "all");
    }
}
