//! What runs with every change: two hundred seasons, in parts that run side by side; that a seed is lived through twice the
//! same way; and that each broken behaviour is caught. Never a new seed: that is for the night.

use super::breaks::Broken;
use super::on_a_thread;
use super::random::season_of;
use super::season::lives;

/// Seasons in which nothing may go wrong, and in which enough must happen.
fn seasons_hold(seeds: std::ops::Range<u64>) {
    let (mut letters, mut copies, mut deaths) = (0, 0, 0);
    let many = seeds.end - seeds.start;
    for seed in seeds {
        let lived = season_of(seed, Broken::Nothing).unwrap_or_else(|wrong| panic!("{wrong}"));
        letters += lived.letters;
        copies += lived.copies;
        deaths += u64::from(lived.deaths);
    }
    assert!(letters > 10 * usize::try_from(many).unwrap(), "only {letters} letters arrived");
    assert!(copies > 0 && deaths > many, "{copies} copies and {deaths} deaths: this proves little");
}

#[test]
fn the_first_seasons_hold() {
    seasons_hold(0..25);
}

#[test]
fn the_second_seasons_hold() {
    seasons_hold(25..50);
}

#[test]
fn the_third_seasons_hold() {
    seasons_hold(50..75);
}

#[test]
fn the_fourth_seasons_hold() {
    seasons_hold(75..100);
}

#[test]
fn the_fifth_seasons_hold() {
    seasons_hold(100..125);
}

#[test]
fn the_sixth_seasons_hold() {
    seasons_hold(125..150);
}

#[test]
fn the_seventh_seasons_hold() {
    seasons_hold(150..175);
}

#[test]
fn the_last_seasons_hold() {
    seasons_hold(175..200);
}

#[test]
fn a_season_is_lived_through_twice_the_same_way() {
    for seed in [11] {
        let [one, other] = [(), ()].map(|()| on_a_thread(|| lives(seed, Broken::Nothing)).unwrap());
        for (one, other) in one.steps.iter().zip(&other.steps) {
            assert_eq!(one, other);
        }
        assert_eq!((one.hash, one.steps.len()), (other.hash, other.steps.len()));
    }
}

#[test]
fn every_broken_behaviour_is_caught() {
    for (broken, word) in Broken::ALL {
        let caught = (0..12).find_map(|seed| season_of(seed, broken).err());
        let caught = caught.unwrap_or_else(|| panic!("{broken:?} is not caught"));
        assert!(caught.contains(word), "{broken:?} is caught as something else: {caught}");
    }
}
