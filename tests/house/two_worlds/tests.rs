//! What runs with every change: each deed once, some random pairs, and every planted leak. Never all that can be drawn: that
//! is for the night.

use super::deeds::Deed;
use super::leaks::Leak;
use super::random::pair_of;
use super::script::{Behaviour, Placed, Script};
use super::season::Event;
use super::{differ, on_a_thread, pair};
use crate::harness::engines::Engine;

/// So many residents do something in each of the worlds in which every deed is done once.
const TOGETHER: usize = 3;

/// A world without any deed, and worlds in which three residents do one each; every deed of these was allowed.
fn every_deed_looks_like_none(deeds: &[Deed]) {
    let script = Script::plain(11);
    let nothing = [(); TOGETHER].map(|()| Behaviour::default());
    let plain = on_a_thread(&script, &nothing, None, Engine::Sqlite).unwrap();
    for deeds in deeds.chunks(TOGETHER) {
        let mut behaviours = nothing.clone();
        for (behaviour, deed) in behaviours.iter_mut().zip(deeds) {
            *behaviour = Behaviour::of(*deed);
        }
        let world = on_a_thread(&script, &behaviours, None, Engine::Sqlite).unwrap();
        if let Some(where_) = differ::difference(&plain, &world, &[&nothing, &behaviours]) {
            panic!("{deeds:?} show: {where_}");
        }
        for deed in deeds {
            assert!(
                world.done.contains_key(deed),
                "{deed:?} was refused, so this proves nothing: {:?}",
                world.done
            );
        }
    }
}

#[test]
fn every_deed_once() {
    every_deed_looks_like_none(&Deed::ALL);
}

#[test]
fn one_random_pair() {
    pair_of(3, Engine::Sqlite).unwrap();
}

/// A season that is short enough to be lived through for every leak.
fn short(leak: Option<Leak>) -> Script {
    let mut script = Script::plain(5);
    script.cohort = None;
    script.released = false;
    script.events = Default::default();
    script.looks = [false, true, false, false, false, false];
    if leak == Some(Leak::BounceShown) {
        script.events[0].push(Event::Refuses(0, 550));
    }
    script
}

#[test]
fn leaks() {
    for (leak, deeds) in Leak::ALL {
        let script = short(Some(leak));
        let placed = |deed: &Deed| Placed { phase: deed.early(), deed: *deed, way: 0 };
        let does = [Behaviour(deeds.iter().map(placed).collect())];
        let both: [&[Behaviour]; 2] = [&does, &[Behaviour::default()]];
        pair(&script, &both, None, Engine::Sqlite).unwrap_or_else(|why| panic!("without {leak:?}: {why}"));
        let found = pair(&script, &both, Some(leak), Engine::Sqlite);
        assert!(found.is_err(), "{leak:?} is not found");
        println!("{leak:?}: {}", found.err().unwrap());
    }
}
