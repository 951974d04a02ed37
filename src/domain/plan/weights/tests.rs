//! What holds of points, whatever the weights are.

use proptest::prelude::*;

use super::*;
use crate::domain::id::SiteId;
use crate::domain::plan::tests::world::{a_weighting, a_wish, hours, opening, resident, therapist};

/// A wish for everything that a therapist of the tests has not.
fn all_unmet(wishes: &Wishes) -> Wishes {
    Wishes {
        language: wishes.language.as_ref().map(|_| "Basque".to_owned()),
        gender: wishes.gender.as_ref().map(|_| "another".to_owned()),
        modality: wishes.modality.map(|_| Modality::InPerson),
    }
}

fn points(weights: &Weights, wishes: Wishes) -> u32 {
    let mut person = resident(1, None, Vec::new());
    person.wishes = wishes;
    weights.visit(&person, &therapist(0), Modality::Video)
}

fn wishes(language: bool, gender: bool, modality: bool) -> Wishes {
    Wishes {
        language: language.then(|| "Spanish".to_owned()),
        gender: gender.then(|| "male".to_owned()),
        modality: modality.then_some(Modality::InPerson),
    }
}

proptest! {
    #[test]
    fn whoever_states_a_wish_has_the_same_budget_and_it_is_never_exceeded(
        weights in a_weighting(), stated in a_wish()
    ) {
        let counts = [
            (stated.language.is_some(), weights.language),
            (stated.gender.is_some(), weights.gender),
            (stated.modality.is_some(), weights.modality),
        ];
        let any = counts.iter().any(|(stated, weight)| *stated && *weight > 0);
        let budget = if any { weights.budget() } else { 0 };
        prop_assert_eq!(weights.shares(&stated).iter().sum::<u32>(), budget);
        prop_assert_eq!(points(&weights, all_unmet(&stated)), budget);
        prop_assert!(points(&weights, stated) <= budget);
    }

    #[test]
    fn a_wish_that_weighs_more_never_costs_less(weights in a_weighting(), stated in a_wish()) {
        let shares = weights.shares(&stated);
        let weighs = [weights.language, weights.gender, weights.modality];
        let has = [stated.language.is_some(), stated.gender.is_some(), stated.modality.is_some()];
        for (one, other) in (0..3).flat_map(|one| (0..3).map(move |other| (one, other))) {
            if has[one] && has[other] && weighs[one] > weighs[other] {
                prop_assert!(shares[one] >= shares[other], "{shares:?} for {weighs:?}");
            }
            prop_assert!(has[one] || shares[one] == 0);
        }
    }

    #[test]
    fn another_seat_never_costs_less_than_the_one_before(most in 0..=1000_u32, seats in 1..200_u32) {
        let steps: Vec<i64> = (0..seats).map(|taken| rising(most, taken, seats)).collect();
        prop_assert!(steps.is_sorted(), "{steps:?}");
        prop_assert!(steps[0] * 2 * i64::from(seats) <= i64::from(most), "the first costs little");
        prop_assert!(*steps.last().unwrap() <= i64::from(most));
        // The last comes as near to the weight as half a seat's rise and the rounding let it.
        let short = i64::from(most) - steps.last().unwrap();
        prop_assert!(short * 2 * i64::from(seats) < i64::from(most) + 20 * i64::from(seats));
    }

    #[test]
    fn every_cost_is_a_multiple_of_ten(
        weights in a_weighting(), stated in a_wish(), week in 0..60_i64, taken in 0..9_u32
    ) {
        let mut person = resident(1, None, Vec::new());
        person.wishes = stated;
        person.site = Some(SiteId::from_bytes([99; 16]));
        let visit = weights.visit(&person, &therapist(0), Modality::Video);
        let later = weights.later(opening(), hours(7 * week, 0, 1).starts_at());
        let steps = [weights.day_load, weights.therapist_load, weights.site_load].map(|most| rising(most, taken, 9));
        prop_assert!(steps.into_iter().chain([visit, later].map(i64::from)).all(|cost| cost % 10 == 0));
    }
}

#[test]
fn with_the_usual_weights_two_hundred_points_are_shared_out_by_what_was_stated() {
    let weights = Weights::default();
    for (stated, shares) in [
        (wishes(true, true, true), [100, 60, 40]),
        (wishes(true, true, false), [130, 70, 0]),
        (wishes(true, false, true), [140, 0, 60]),
        (wishes(false, true, true), [0, 120, 80]),
        (wishes(true, false, false), [200, 0, 0]),
        (wishes(false, true, false), [0, 200, 0]),
        (wishes(false, false, true), [0, 0, 200]),
        (wishes(false, false, false), [0, 0, 0]),
    ] {
        assert_eq!(weights.shares(&stated), shares, "{stated:?}");
    }
}

#[test]
fn a_wish_that_the_offering_does_not_weigh_costs_nothing_however_alone_it_is() {
    let weights = Weights { language: 0, ..Weights::default() };
    assert_eq!(weights.shares(&wishes(true, false, false)), [0, 0, 0]);
    assert_eq!(weights.shares(&wishes(true, true, false)), [0, 100, 0]);
}

#[test]
fn a_therapist_of_another_site_costs_the_same_for_everybody_who_has_a_site() {
    let weights = Weights::default();
    let mut host = therapist(0);
    let mut person = resident(1, None, Vec::new());
    assert_eq!(weights.visit(&person, &host, Modality::Video), 0);
    host.practice.sites.clear();
    assert_eq!(weights.visit(&person, &host, Modality::Video), 20);
    person.wishes = wishes(true, false, false);
    assert_eq!(weights.visit(&person, &host, Modality::Video), 220, "site is no wish and never scaled");
    person.site = None;
    assert_eq!(weights.visit(&person, &host, Modality::Video), 200);
}

#[test]
fn a_visit_costs_by_the_whole_weeks_since_the_first_day() {
    let weights = Weights { earlier: 10, ..Weights::default() };
    let later = |day, hour| weights.later(opening(), hours(day, hour, hour + 1).starts_at());
    assert_eq!([later(0, 0), later(6, 23), later(7, 0), later(20, 9), later(21, 0)], [0, 0, 10, 20, 30]);
    assert_eq!(later(-30, 0), 0, "nothing is saved before the first day");
    assert_eq!(Weights::default().later(opening(), hours(70, 0, 1).starts_at()), 0);
}

#[test]
fn a_weight_out_of_bounds_is_refused_by_its_name_and_its_bounds() {
    assert_eq!(Weights::default().check(), Ok(Weights::default()));
    for setting in &Setting::ALL {
        let (least, most) = setting.bounds().into_inner();
        let with = |value| {
            let mut weights = Weights::default();
            setting.set(&mut weights, value);
            weights.check().map(|weights| setting.of(weights)).map_err(|refusal| refusal.to_string())
        };
        assert_eq!((with(least), with(most)), (Ok(least), Ok(most)));
        let refusal = format!("weight {}: give {least} to {most} {}", setting.name, setting.unit());
        for wrong in [most + 1, u32::MAX].into_iter().chain(least.checked_sub(1)) {
            assert_eq!(with(wrong), Err(refusal.clone()));
        }
    }
}

#[test]
fn an_unknown_weight_is_answered_with_those_that_there_are() {
    let refusal = Setting::named("langauge").err().unwrap().to_string();
    assert!(refusal.starts_with("“langauge” is not a weight; give one of language, gender,"), "{refusal}");
}

#[test]
fn the_command_line_and_the_stored_offering_call_a_weight_the_same() {
    let stored = serde_json::to_value(Weights::default()).unwrap();
    let stored: Vec<String> = stored.as_object().unwrap().keys().map(|name| name.replace('_', "-")).collect();
    let mut named = Setting::ALL.map(|setting| setting.name.to_owned());
    named.sort_unstable();
    let mut stored = stored;
    stored.sort_unstable();
    assert_eq!(stored, named);
    // And each name sets the field that it is read from.
    for setting in &Setting::ALL {
        let body = format!("{{\"{}\": 77}}", setting.name.replace('-', "_"));
        let weights: Weights = serde_json::from_str(&body).unwrap();
        assert_eq!(setting.of(weights), 77, "{}", setting.name);
        assert_eq!(weights.unusual(), [(setting.name, 77)]);
    }
    assert!(serde_json::from_str::<Weights>("{\"colour\": 1}").is_err());
}
