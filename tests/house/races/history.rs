//! Histories of calls with the moments at which each began and was answered, and whether there is an order in which all of
//! them can have happened, each at one moment between the two (linearizability; Herlihy and Wing 1990, searched as Wing and
//! Gong did, with what was tried before remembered as Lowe does). Knows nothing of seats or people.

use std::collections::HashSet;
use std::hash::Hash;

/// A call that was answered, or may have happened without an answer.
#[derive(Debug, Clone)]
pub struct Call<A> {
    /// The moment at which it began.
    pub from: u64,
    /// The moment of its answer; none where none came, and then it happened at any moment since or never.
    pub until: Option<u64>,
    /// What it did.
    pub act: A,
}

/// An act on something that has one state at a time.
pub trait Act {
    /// What it acts on.
    type State: Clone + Eq + Hash;

    /// The state afterwards; none where it cannot have happened in this one.
    fn after(&self, state: &Self::State) -> Option<Self::State>;

    /// Whether it changes nothing in any state.
    fn only_looks(&self) -> bool;
}

/// One point of the search: which calls have happened, all before `first` and those named beside it, and what is so then.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Point<S> {
    first: usize,
    beyond: Vec<usize>,
    state: S,
}

impl<S: Clone> Point<S> {
    fn has(&self, call: usize) -> bool {
        call < self.first || self.beyond.contains(&call)
    }

    fn with(&self, call: usize, state: S) -> Self {
        let mut next = Self { first: self.first, beyond: self.beyond.clone(), state };
        next.beyond.push(call);
        next.beyond.sort_unstable();
        while let Some(at) = next.beyond.iter().position(|beyond| *beyond == next.first) {
            next.beyond.remove(at);
            next.first += 1;
        }
        next
    }
}

/// Whether some order of all calls explains them. On failure: how many of them could be explained at best.
///
/// # Errors
/// The largest number of calls that fit together.
pub fn explained<A: Act>(start: &A::State, calls: &[Call<A>]) -> Result<(), usize> {
    let mut calls: Vec<&Call<A>> = calls.iter().collect();
    calls.sort_by_key(|call| call.from);
    // Of the first so many calls, how many were answered.
    let mut answered = vec![0];
    answered.extend(calls.iter().scan(0, |sum, call| {
        *sum += usize::from(call.until.is_some());
        Some(*sum)
    }));
    let mut open = vec![Point { first: 0, beyond: Vec::new(), state: start.clone() }];
    let (mut tried, mut best) = (HashSet::new(), 0);
    while let Some(point) = open.pop() {
        let beyond = point.beyond.iter().filter(|call| calls[**call].until.is_some()).count();
        let so_far = answered[point.first] + beyond;
        best = best.max(so_far);
        if so_far == answered[calls.len()] {
            return Ok(());
        }
        if !tried.insert(point.clone()) {
            continue;
        }
        let mut ways: Vec<(usize, A::State)> = Vec::new();
        for call in next(&point, &calls) {
            let Some(state) = calls[call].act.after(&point.state) else { continue };
            if calls[call].act.only_looks() {
                // It fits now, and no other order gains by its waiting.
                ways = vec![(call, state)];
                break;
            }
            ways.push((call, state));
        }
        open.extend(ways.into_iter().rev().map(|(call, state)| point.with(call, state)));
    }
    Err(best)
}

/// The calls that can be the next to happen: those that began before every other that has not happened was answered.
fn next<A: Act>(point: &Point<A::State>, calls: &[&Call<A>]) -> Vec<usize> {
    let mut earliest_answer = u64::MAX;
    let mut open = Vec::new();
    for (number, call) in calls.iter().enumerate().skip(point.first) {
        if call.from > earliest_answer {
            break;
        }
        if !point.has(number) {
            earliest_answer = earliest_answer.min(call.until.unwrap_or(u64::MAX));
            open.push(number);
        }
    }
    open.retain(|number| calls[*number].from <= earliest_answer);
    // Whoever was answered first happened first, as a rule.
    open.sort_by_key(|number| calls[*number].until.unwrap_or(u64::MAX));
    open
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A register: somebody writes a number into it, or reads one.
    #[derive(Debug, Clone)]
    enum Register {
        Write(u8),
        Read(u8),
    }

    impl Act for Register {
        type State = u8;

        fn after(&self, state: &u8) -> Option<u8> {
            match self {
                Self::Write(value) => Some(*value),
                Self::Read(value) => (value == state).then_some(*state),
            }
        }

        fn only_looks(&self) -> bool {
            matches!(self, Self::Read(_))
        }
    }

    fn call(from: u64, until: u64, act: Register) -> Call<Register> {
        Call { from, until: Some(until), act }
    }

    #[test]
    fn who_reads_while_somebody_writes_may_read_either() {
        for read in [0, 1] {
            let calls = [call(0, 10, Register::Write(1)), call(5, 7, Register::Read(read))];
            assert_eq!(explained(&0, &calls), Ok(()));
        }
    }

    #[test]
    fn who_reads_after_a_write_was_answered_reads_no_older_value() {
        let calls = [call(0, 10, Register::Write(1)), call(11, 12, Register::Read(0))];
        assert_eq!(explained(&0, &calls), Err(1));
    }

    #[test]
    fn two_readers_do_not_see_two_orders() {
        let calls =
            [call(0, 20, Register::Write(1)), call(1, 2, Register::Read(1)), call(3, 4, Register::Read(0))];
        assert!(explained(&0, &calls).is_err(), "what was seen once cannot be unseen");
    }

    #[test]
    fn what_nobody_answered_may_have_happened_late_or_never() {
        let unanswered = Call { from: 0, until: None, act: Register::Write(1) };
        for reads in [vec![0, 0], vec![0, 1], vec![1, 1]] {
            let mut calls = vec![unanswered.clone()];
            calls.extend(
                (0..).zip(&reads).map(|(n, read)| call(10 * n + 1, 10 * n + 2, Register::Read(*read))),
            );
            assert_eq!(explained(&0, &calls), Ok(()), "{reads:?}");
        }
        let calls = [unanswered, call(1, 2, Register::Read(1)), call(3, 4, Register::Read(0))];
        assert!(explained(&0, &calls).is_err());
    }

    /// All orders, one after another.
    fn explained_by_trying(start: u8, calls: &[Call<Register>]) -> bool {
        fn goes_on(state: u8, left: &[Call<Register>]) -> bool {
            left.iter().all(|call| call.until.is_none())
                || left.iter().enumerate().any(|(at, call)| {
                    let before = |other: &Call<Register>| other.until.is_some_and(|until| until < call.from);
                    let Some(after) = call.act.after(&state) else { return false };
                    let mut rest = left.to_vec();
                    rest.remove(at);
                    !rest.iter().any(before) && goes_on(after, &rest)
                })
        }
        goes_on(start, calls)
    }

    proptest! {
        #[test]
        fn it_finds_what_trying_every_order_finds(
            calls in proptest::collection::vec((0..12_u64, 0..8_u64, any::<bool>(), 0..3_u8, 0..8_u8), 0..7)
        ) {
            let calls: Vec<_> = calls.into_iter().map(|(from, lasts, writes, value, answered)| Call {
                from: 2 * from,
                until: (answered > 0).then_some(2 * (from + lasts) + 1),
                act: if writes { Register::Write(value) } else { Register::Read(value) },
            }).collect();
            prop_assert_eq!(explained(&0, &calls).is_ok(), explained_by_trying(0, &calls));
        }
    }
}
