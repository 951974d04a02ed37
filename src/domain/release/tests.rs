//! A whole release, from counts to bytes, and what somebody could learn from all of it together.

use std::collections::HashMap;

use proptest::prelude::*;

use super::geometric::tests::stream;
use super::*;

fn program(number: u8) -> ProgramId {
    ProgramId::from_bytes([number; 16])
}

fn terms(thousandths: u32) -> Terms {
    Terms {
        id: ReleaseId::from_bytes([1; 16]),
        offering: OfferingId::from_bytes([2; 16]),
        cycle: CycleId::from_bytes([3; 16]),
        title: "Protected time".to_owned(),
        institution: "Example Hospital".to_owned(),
        closing_date: "2027-05-28".parse().unwrap(),
        released_on: "2027-05-29".parse().unwrap(),
        epsilon: Epsilon::try_from(thousandths).unwrap(),
    }
}

/// Programs numbered from 1, with their people and those of them who attended.
fn cohort(programs: &[(usize, usize)]) -> (Units, Vec<Counted>, BTreeMap<ProgramId, String>) {
    let numbered = || programs.iter().zip(1_u8..);
    let units = units(&numbered().map(|((size, _), n)| (program(n), *size)).collect::<Vec<_>>());
    let attended: HashMap<_, _> = numbered().map(|((_, count), n)| (program(n), *count)).collect();
    let counted = units.iter().map(|unit| Counted {
        unit: unit.key(),
        size: unit.size(),
        count: unit.programs().iter().map(|p| attended[p]).sum(),
    });
    let counted = counted.collect();
    (units, counted, numbered().map(|(_, n)| (program(n), format!("Program {n}"))).collect())
}

fn release(programs: &[(usize, usize)], thousandths: u32, seed: u64) -> Release {
    let (units, counted, names) = cohort(programs);
    draw(terms(thousandths), &units, counted, &names, &mut stream(seed)).unwrap()
}

fn subjects(release: &Release) -> Vec<(&str, u32)> {
    release.figures.iter().map(|f| (f.name.as_str(), f.people)).collect()
}

#[test]
fn the_units_are_shown_and_then_the_institution() {
    let drawn = release(&[(80, 23), (9, 4), (40, 20), (3, 1)], 1000, 1);
    assert_eq!(
        subjects(&drawn),
        [("Program 1", 80), ("Program 3", 40), ("Smaller programs together", 12), ("Example Hospital", 132)]
    );
    assert_eq!(drawn.spent_millis(), 1000);
}

#[test]
fn a_pool_of_seven_counts_in_the_total_and_draws_its_own_noise() {
    let drawn = release(&[(80, 23), (7, 4)], 1000, 1);
    assert_eq!(subjects(&drawn), [("Program 1", 80), ("Example Hospital", 87)]);
    // Two draws, one for each unit: the stream stands where two draws leave it.
    let (mut together, mut one_by_one) = (stream(4), stream(4));
    let (units, counted, names) = cohort(&[(80, 23), (7, 4)]);
    draw(terms(1000), &units, counted, &names, &mut together).unwrap();
    let epsilon = Epsilon::try_from(1000).unwrap();
    let _ = (geometric::draw(epsilon, &mut one_by_one), geometric::draw(epsilon, &mut one_by_one));
    let next = |random: &mut Random<'_>| {
        let mut bytes = [0; 8];
        random(&mut bytes);
        bytes
    };
    assert_eq!(next(&mut together), next(&mut one_by_one));
}

#[test]
fn an_institution_of_eleven_gets_no_figure_and_nobody_is_charged() {
    let (units, counted, names) = cohort(&[(6, 6), (5, 0)]);
    let mut nothing = |_: &mut [u8]| panic!("nothing is drawn for nobody");
    let drawn = draw(terms(1000), &units, counted, &names, &mut nothing).unwrap();
    assert_eq!((drawn.figures.len(), drawn.spent_millis()), (0, 0));
    assert_eq!(csv(&drawn).lines().count(), 1);
}

#[test]
fn a_coordinator_sees_their_own_unit_and_no_other() {
    let drawn = release(&[(80, 23), (9, 4), (40, 20), (5, 1)], 1000, 1);
    assert_eq!(subjects(&drawn.of_program(program(3))), [("Program 3", 40)]);
    assert_eq!(subjects(&drawn.of_program(program(2))), [("Smaller programs together", 14)]);
    assert_eq!(subjects(&drawn.of_program(program(9))), []);
    let small_pool = release(&[(80, 23), (7, 4)], 1000, 1);
    assert_eq!(subjects(&small_pool.of_program(program(2))), []);
}

#[test]
fn counts_of_other_people_than_the_frozen_ones_are_refused_before_anything_is_drawn() {
    let spoilt: [fn(&mut Vec<Counted>); 5] = [
        |counted| counted[0].size += 1,
        |counted| counted[0].count = 81,
        |counted| counted[1].unit = counted[0].unit,
        |counted| counted.truncate(1),
        |counted| counted[1].unit = UnitKey::Program(program(9)),
    ];
    for spoil in spoilt {
        let (units, mut counted, names) = cohort(&[(80, 23), (40, 20)]);
        spoil(&mut counted);
        let mut nothing = |_: &mut [u8]| panic!("refused before anything is drawn");
        let refused = draw(terms(1000), &units, counted, &names, &mut nothing);
        assert_eq!(refused, Err(DrawRefusal::OtherUnits));
    }
    let (units, counted, _) = cohort(&[(80, 23)]);
    let unnamed = draw(terms(1000), &units, counted, &BTreeMap::new(), &mut stream(1));
    assert_eq!(unnamed, Err(DrawRefusal::NoName));
}

#[test]
fn the_frozen_bytes_read_back_and_hold_no_count() {
    let drawn = release(&[(80, 23), (9, 4), (5, 1)], 1000, 7);
    let document = Document::of(&drawn);
    let (again, read) = Document::read(document.bytes().to_vec()).unwrap();
    assert_eq!((&again, &read), (&document, &drawn));
    assert_eq!(Document::of(&read).bytes(), document.bytes());
    assert_eq!(document.hash().len(), 64);
    insta::assert_snapshot!(String::from_utf8_lossy(document.bytes()));
    insta::assert_snapshot!(csv(&read));

    // Whatever number the bytes hold is a public one: sizes, shares in steps, epsilon, dates, version.
    let figures = serde_json::to_value(&read.figures).unwrap();
    for figure in figures.as_array().unwrap() {
        let keys: Vec<_> = figure.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["name", "people", "programs", "shown", "subject"]);
        let shown: Vec<_> = figure["shown"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(shown, ["high", "low", "share"]);
    }
}

#[test]
fn bytes_that_are_no_release_are_refused() {
    let good = Document::of(&release(&[(80, 23)], 1000, 7)).bytes().to_vec();
    let text = String::from_utf8(good).unwrap();
    for bad in [
        String::new(),
        text.replace("\"format\":1", "\"format\":2"),
        text.replace("\"people\"", "\"count\":3,\"people\""),
        text.replace("\"epsilon\":1000", "\"epsilon\":1001"),
        " ".repeat(2 << 20),
    ] {
        assert_eq!(Document::read(bad.into_bytes()), Err(NotADocument));
    }
}

#[test]
fn a_chart_can_be_heard_and_a_name_cannot_break_out_of_it() {
    let mut drawn = release(&[(80, 80)], 1000, 7);
    drawn.figures[0].name = "<script>\"Q&A\"".to_owned();
    drawn.terms.title = "=cmd()\",x".to_owned();
    let svg = chart::bar(&drawn.figures[0], 3);
    insta::assert_snapshot!(svg);
    insta::assert_snapshot!(chart::table(&drawn));
    assert!(!svg.contains("<script>") && !chart::table(&drawn).contains("<script>"));
    assert!(csv(&drawn).lines().nth(1).unwrap().starts_with("\"'=cmd()\"\",x\",unit,"));
}

#[test]
fn the_seasons_of_each_group_stand_side_by_side_with_their_intervals_newest_first() {
    let mut last = release(&[(80, 80), (9, 4)], 1000, 7);
    last.terms.title = "<b>A title that goes on and on & on".to_owned();
    let before = release(&[(82, 0), (40, 20)], 1000, 8);
    let groups = seasons([&last, &before]);
    let counts: Vec<(&str, usize)> = groups.iter().map(|group| (group.name(), group.count())).collect();
    assert_eq!(counts, [("Program 1", 2), ("Example Hospital", 2), ("Program 2", 1)]);

    let svg = groups[0].chart(0);
    assert!(svg.contains("&lt;b&gt;A title that goes o…, May 2027") && !svg.contains("<b>"), "{svg}");
    // An end that stands for everything beyond it is drawn to the edge of the scale.
    assert!(svg.contains("H360.0") && svg.contains("M20.0 79H"), "{svg}");
    let (first, second) =
        (svg.find("90 % or more, of").or(svg.find("90 % or more, most")), svg.find("10 % or less"));
    assert!(first.unwrap() < second.unwrap(), "the newest is heard first: {svg}");
    let table = groups[0].table();
    for (terms, figure) in [(&last, &last.figures[0]), (&before, &before.figures[0])] {
        assert!(table.contains(&figure.words()) && svg.contains(&figure.words()), "{table}");
        assert!(table.contains(&terms.terms.epsilon.to_string()));
    }
    let rows = 1 + last.figures.len() + before.figures.len();
    let (last, before) = (Frozen::Shown(last.into()), Frozen::Shown(before.into()));
    assert_eq!(csv_of_all([&last, &before]).lines().count(), rows);
    let Frozen::Shown(release) = &last else { panic!("it is shown") };
    assert_eq!(csv_of_all([&last]), csv(release));
}

/// The exact joint probability of what is shown of a unit of 12 and of the total of this unit with a hidden pool.
fn joint_law(unit: i64, pool: i64, pool_size: u32, thousandths: u32) -> HashMap<(Shown, Shown), f64> {
    let ratio = (-f64::from(thousandths) / 1000.0).exp();
    let p = |x: i64| (1.0 - ratio) / (1.0 + ratio) * ratio.powi(i32::try_from(x.abs()).unwrap());
    let epsilon = Epsilon::try_from(thousandths).unwrap();
    let (one, both) = (reach(epsilon, 1), reach(epsilon, 2));
    let mut law = HashMap::new();
    for a in -60_i64..=72 {
        for b in -60_i64..=72 {
            let shown = (display::show(a, 12, one), display::show(a + b, 12 + pool_size, both));
            *law.entry(shown).or_insert(0.0) += p(a - unit) * p(b - pool);
        }
    }
    law
}

#[test]
fn subtracting_the_units_from_the_total_moves_a_belief_about_one_of_the_pool_by_no_more_than_epsilon() {
    for (thousandths, pool_size) in [(1000, 1), (1000, 5), (700, 11)] {
        let limit = (f64::from(thousandths) / 1000.0).exp() * (1.0 + 1e-6);
        for (unit, pool) in [(0, 0), (12, 0), (6, i64::from(pool_size) - 1)] {
            let one = joint_law(unit, pool, pool_size, thousandths);
            let other = joint_law(unit, pool + 1, pool_size, thousandths);
            for (shown, p) in &one {
                let q = other[shown];
                // Far out, the cut-off of the sums is as large as what is summed.
                let worst = if *p < 1e-18 { 1.0 } else { (p / q).max(q / p) };
                assert!(worst <= limit, "{unit} and {pool} of {pool_size}: {shown:?} {worst}");
            }
        }
    }
}

#[test]
fn a_published_pilot_of_eighty_reads_close_to_its_truth() {
    // 23 of 80 attended (28.75 %): over many releases, nearly all intervals hold it.
    let held = (0..2000).filter(|seed| {
        let shown = release(&[(80, 23)], 700, *seed).figures[0].shown;
        (f64::from(shown.low.percent())..=f64::from(shown.high.percent())).contains(&28.75)
    });
    assert!(held.count() >= 1800);
}

proptest! {
    #[test]
    fn two_worlds_with_the_same_noise_differ_only_in_the_figures_of_who_differs(
        sizes in prop::collection::vec(1_usize..60, 1..8), whose in 0_usize..8, seed: u64, thousandths in 50_u32..=1000,
    ) {
        let whose = whose % sizes.len();
        let world = |one_more: usize| {
            let programs: Vec<_> = sizes.iter().enumerate()
                .map(|(n, size)| (*size, if n == whose { size / 2 + one_more } else { size / 2 }))
                .collect();
            release(&programs, thousandths, seed)
        };
        let (without, with) = (world(0), world(1.min(sizes[whose] - sizes[whose] / 2)));
        prop_assert_eq!(&without.terms, &with.terms);
        prop_assert_eq!(subjects(&without), subjects(&with));
        let own = program(u8::try_from(whose + 1).unwrap());
        for (a, b) in without.figures.iter().zip(&with.figures) {
            prop_assert!(a == b || a.programs.contains(&own));
        }
    }
}
