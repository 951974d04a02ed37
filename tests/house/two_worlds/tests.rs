//! What runs with every change: each deed once, some random pairs, and every planted leak. Never all that can be drawn: that
//! is for the night. Several tests, because worlds take seconds and machines have more cores than one.

use super::deeds::Deed;
use super::leaks::{Leak, Planted};
use super::random::pair_of;
use super::script::{Behaviour, Placed, Script};
use super::season::Event;
use super::{differ, on_a_thread, pair};
use crate::harness::engines::Engine;

/// In each of these worlds three residents do one deed each.
const WORLDS: [[Deed; 3]; 9] = [
    [Deed::ComesBack, Deed::Moves, Deed::AnswersTheSurvey],
    [Deed::DeclinesInTheCalendar, Deed::MovesBack, Deed::TakesTheOtherVisit],
    [Deed::OptsOutAndKeepsTheEntry, Deed::AttendsInAnotherWay, Deed::LosesTheMark],
    [Deed::ChoosesALanguage, Deed::AsksToBeMoved, Deed::OptsOutAndRemovesTheEntry],
    [Deed::IsMarkedKept, Deed::ProposesATimeInTheCalendar, Deed::HasLettersSentHome],
    [Deed::AnswersAndIsAskedByLetter, Deed::WishesForATherapist, Deed::IsMarkedMissed],
    [Deed::GivesUpTheOtherVisit, Deed::WantsConfirmations, Deed::IsTentativeInTheCalendar],
    [Deed::StopsReminders, Deed::Looks, Deed::IsOfferedAnotherVisit],
    [Deed::HasLettersSentHere, Deed::AnswersUnreadably, Deed::WantsNoLetters],
];

/// A world without any deed, and worlds in which three residents do one each; every deed of these was allowed.
fn these_look_like_a_world_without_deeds(worlds: &[[Deed; 3]]) {
    let mut script = Script::plain(11);
    let nothing = [(); 3].map(|()| Behaviour::default());
    let mut plain = on_a_thread(&script, &nothing, Planted::Nothing, Engine::Sqlite).unwrap();
    assert!(plain.mail.len() > 4 * 16 && plain.seen.len() > 300, "{} {}", plain.mail.len(), plain.seen.len());
    let failed = |text: &str| text.starts_with('5') || text.starts_with("429");
    assert!(!plain.seen.iter().any(|seen| seen.place.starts_with("GET") && failed(&seen.text)));
    for deeds in worlds {
        let behaviours = deeds.map(Behaviour::of);
        let mut refused = deeds.to_vec();
        // Who has a time to move to, or a visit that can be attended otherwise, hangs on the lottery.
        for first in 0..8 {
            script.flipped = 2 * first;
            let world = on_a_thread(&script, &behaviours, Planted::Nothing, Engine::Sqlite).unwrap();
            plain.flipped.clone_from(&world.flipped);
            if let Some(where_) = differ::difference(&plain, &world, &[&nothing, &behaviours]) {
                panic!("{deeds:?} show: {where_}");
            }
            refused.retain(|deed| !world.done.contains_key(deed));
            if refused.is_empty() {
                break;
            }
        }
        assert!(refused.is_empty(), "{refused:?} are refused to everybody, so this proves nothing");
    }
}

#[test]
fn every_deed_is_done_in_one_of_the_worlds() {
    let mut all: Vec<Deed> = WORLDS.into_iter().flatten().collect();
    all.sort_unstable();
    assert_eq!(all, Deed::ALL);
}

#[test]
fn the_first_deeds_look_like_none() {
    these_look_like_a_world_without_deeds(&WORLDS[..3]);
}

#[test]
fn the_next_deeds_look_like_none() {
    these_look_like_a_world_without_deeds(&WORLDS[3..6]);
}

#[test]
fn the_last_deeds_look_like_none() {
    these_look_like_a_world_without_deeds(&WORLDS[6..]);
}

/// Pairs of the harness's own seeds: the same in every run, so that nobody's change fails by chance.
fn pairs_look_alike(seeds: std::ops::Range<u64>, engine: Engine) {
    for seed in seeds {
        pair_of(seed, engine).unwrap_or_else(|where_| panic!("{where_}"));
    }
}

#[test]
fn a_dozen_random_pairs_look_alike() {
    pairs_look_alike(1..13, Engine::Sqlite);
}

#[test]
fn a_second_dozen_random_pairs_look_alike() {
    pairs_look_alike(13..25, Engine::Sqlite);
}

#[test]
fn a_third_dozen_random_pairs_look_alike() {
    pairs_look_alike(25..37, Engine::Sqlite);
}

#[test]
fn a_fourth_dozen_random_pairs_look_alike() {
    pairs_look_alike(37..49, Engine::Sqlite);
}

#[test]
fn two_random_pairs_look_alike_on_postgresql() {
    pairs_look_alike(7..9, Engine::Postgres);
}

/// A season that is short enough to be lived through for every leak, in which the mail server of the one who does something
/// stops taking letters.
fn short() -> Script {
    let mut script = Script::plain(5);
    script.cohort = None;
    script.released = false;
    script.events = Default::default();
    script.looks = [false, true, false, false, false, false];
    script
}

fn does(deeds: &[Deed]) -> [Behaviour; 1] {
    [Behaviour(deeds.iter().map(|deed| Placed { phase: deed.early(), deed: *deed, way: 0 }).collect())]
}

#[test]
fn every_careless_page_is_found_and_the_same_worlds_look_alike_without_it() {
    let mut script = short();
    script.events[0].push(Event::Refuses(0, 550));
    let all = [
        does(&[]),
        does(&[Deed::Looks, Deed::ChoosesALanguage, Deed::OptsOutAndRemovesTheEntry]),
        does(&[Deed::IsMarkedKept]),
    ];
    let worlds = all.clone().map(|one| on_a_thread(&script, &one, Planted::Pages, Engine::Sqlite).unwrap());
    let [plain, others @ ..] = &worlds;
    for (other, does) in others.iter().zip(&all[1..]) {
        assert_eq!(differ::difference(plain, other, &[&all[0], does]), None);
    }
    for leak in Leak::ON_PAGES {
        let of = |world: &super::World| -> Vec<String> {
            world.leaked.iter().filter(|(one, _)| *one == leak).map(|(_, text)| text.clone()).collect()
        };
        let shown = of(plain);
        assert_eq!(shown.len(), 2, "{leak:?} was looked at so often");
        assert!(others.iter().any(|other| of(other) != shown), "{leak:?} is not found");
    }
}

/// Nobody learns that there is such an address from a letter that is still owed.
#[test]
fn an_address_of_ones_own_that_puts_letters_off_shows_nowhere() {
    let mut script = short();
    script.looks[2] = true;
    script.events[1].push(Event::HomesRefuse(451));
    let (does, nothing) = (does(&[Deed::HasLettersSentHome]), does(&[]));
    let both: [&[Behaviour]; 2] = [&does, &nothing];
    pair(&script, &both, Planted::Nothing, Engine::Sqlite).unwrap_or_else(|where_| panic!("{where_}"));
}

/// Whoever gives another address for somebody, theirs or not, learns nothing by it: whatever was done before, and whichever of
/// the two addresses is chosen.
#[test]
fn whoever_gives_another_address_for_somebody_sees_the_same_whatever_they_did() {
    let mut script = short();
    script.events[1].push(Event::Readdressed(0));
    script.looks = [false, true, true, true, false, false];
    let nothing = does(&[]);
    let mut plain = on_a_thread(&script, &nothing, Planted::Nothing, Engine::Sqlite).unwrap();
    let kinds: Vec<String> =
        plain.mail.iter().map(|arrival| crate::harness::person::kind(&arrival.received.read())).collect();
    assert!(kinds.contains(&"other-address".to_owned()), "nobody was told, so this proves nothing");
    for deed in [Deed::OptsOutAndRemovesTheEntry, Deed::KeepsTheOldAddress, Deed::UsesTheNewAddress] {
        let does = does(&[deed]);
        let world = on_a_thread(&script, &does, Planted::Nothing, Engine::Sqlite).unwrap();
        assert!(world.done.contains_key(&deed), "{deed:?} was refused, so this proves nothing");
        plain.flipped.clone_from(&world.flipped);
        assert_eq!(differ::difference(&plain, &world, &[&nothing, &does]), None, "{deed:?}");
    }
}

/// A careless letter or log line is found, and the same worlds look alike without it.
fn is_found(leak: Leak) {
    let (script, does, nothing) = (short(), does(&[Deed::OptsOutAndKeepsTheEntry]), does(&[]));
    let both: [&[Behaviour]; 2] = [&does, &nothing];
    let found = pair(&script, &both, Planted::One(leak), Engine::Sqlite).err();
    let found = found.unwrap_or_else(|| panic!("{leak:?} is not found"));
    assert!(!found.contains("fell over"), "{leak:?}: {found}");
}

#[test]
fn the_worlds_of_careless_letters_look_alike_without_them() {
    let (script, does, nothing) = (short(), does(&[Deed::OptsOutAndKeepsTheEntry]), does(&[]));
    let both: [&[Behaviour]; 2] = [&does, &nothing];
    pair(&script, &both, Planted::Nothing, Engine::Sqlite).unwrap_or_else(|where_| panic!("{where_}"));
}

#[test]
fn a_skipped_reminder_and_a_letter_of_another_size_are_found() {
    Leak::ELSEWHERE[..2].iter().copied().for_each(is_found);
}

#[test]
fn a_letter_at_another_moment_and_a_line_in_the_log_are_found() {
    Leak::ELSEWHERE[2..].iter().copied().for_each(is_found);
}
