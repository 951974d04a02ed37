//! What `holdspace solve` answers, held against trying every seating, in all forms of an instance; and what it refuses.
//! Runs the binary itself on files that stand here in full. Never looks inside.

mod forms;
mod refused;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use forms::{Forms, Instance};

/// Runs the verb on bytes; gives code, standard output and standard error.
fn solve(bytes: &[u8], options: &[&str]) -> (i32, String, String) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("instance");
    std::fs::write(&file, bytes).unwrap();
    run(&file, options)
}

fn run(file: &Path, options: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_holdspace"))
        .arg("solve")
        .arg(file)
        .args(options)
        .current_dir(file.parent().unwrap())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn answer(bytes: &[u8], options: &[&str]) -> Value {
    let (code, out, err) = solve(bytes, options);
    assert_eq!((code, out.lines().count()), (0, 1), "{options:?}: {out}{err}");
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer["certificate"], true);
    answer
}

fn placed_and_cost(answer: &Value) -> (i64, i64) {
    (answer["placed"].as_i64().unwrap(), answer["cost"].as_i64().unwrap())
}

#[test]
fn every_form_gives_what_trying_every_seating_gives() {
    for seed in 1..=12 {
        let instance = Instance::invented(seed);
        let (plain, fair) = (instance.best(false), instance.best(true));
        for form in [Forms::binary, Forms::listing] {
            let bytes = form(&instance);
            assert_eq!(placed_and_cost(&answer(&bytes, &[])), plain, "seed {seed}");
            assert_eq!(placed_and_cost(&answer(&bytes, &["--fair"])), fair, "seed {seed}, fair");
        }
        assert_eq!(placed_and_cost(&answer(&instance.flow(false), &[])), plain, "seed {seed}, flow");
        assert_eq!(placed_and_cost(&answer(&instance.flow(true), &[])), fair, "seed {seed}, fair flow");
        let single = instance.of_single_seats();
        let best = single.best(false);
        assert_eq!(placed_and_cost(&answer(&single.assignment(), &[])), best, "seed {seed}, assignment");
    }
}

#[test]
fn some_of_the_invented_instances_leave_somebody_out_and_some_cost_more_when_fair() {
    let invented = || (1..=12).map(Instance::invented);
    assert!(invented().any(|one| one.best(false).0 < one.rows.len() as i64));
    assert!(invented().any(|one| one.best(false).1 < one.best(true).1));
    assert!(invented().any(|one| one.rows.iter().flatten().any(|(_, cost)| *cost < 0)));
}

#[test]
fn slots_that_are_the_same_to_everybody_become_one_and_the_answer_stays() {
    let mut merged = 0;
    for seed in 1..=12 {
        let bytes = Instance::invented(seed).binary();
        for options in [&["--fair"][..], &[]] {
            let (together, apart) =
                (answer(&bytes, options), answer(&bytes, &[options, &["--no-merge"]].concat()));
            assert_eq!(placed_and_cost(&together), placed_and_cost(&apart), "seed {seed}");
            assert_eq!(together["unplaced"], apart["unplaced"], "seed {seed}");
            let size = |answer: &Value, of: &str| answer["size"][of].as_u64().unwrap();
            assert_eq!(size(&apart, "classes"), size(&apart, "slots"));
            assert!(size(&together, "choices") <= size(&apart, "choices"));
            merged += usize::from(size(&together, "classes") < size(&apart, "classes"));
        }
    }
    assert!(merged > 6, "only {merged} of 24 had anything to merge");
}

#[test]
fn who_has_no_slot_is_told_from_who_would_displace_another() {
    // The first names nothing, the second a slot without seats, and two share one seat.
    let instance = Instance {
        seats: vec![0, 1],
        therapist: vec![0, 0],
        rows: vec![vec![], vec![(0, 5)], vec![(1, 30)], vec![(1, 20)]],
    };
    for bytes in [instance.binary(), instance.listing()] {
        let answer = answer(&bytes, &[]);
        assert_eq!(placed_and_cost(&answer), (1, 20));
        assert_eq!(answer["unplaced"], serde_json::json!({ "no_slot": 2, "shortage": 1 }));
    }
}

#[test]
fn the_written_pairs_are_a_plan_of_that_cost_in_the_numbers_of_the_file() {
    for seed in 1..=12 {
        let instance = Instance::invented(seed);
        let (people, slots) = (instance.rows.len() as u32, instance.seats.len() as u32);
        for (bytes, from) in [(instance.binary(), [0, 0]), (instance.flow(false), [1, people + 1])] {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("instance");
            std::fs::write(&file, bytes).unwrap();
            let (code, out, err) = run(&file, &["--assignment", "pairs"]);
            assert_eq!(code, 0, "{err}");
            let text = std::fs::read_to_string(directory.path().join("pairs")).unwrap();
            let pairs: Vec<[u32; 2]> = text
                .lines()
                .map(|line| line.split_once(' ').unwrap())
                .map(|(resident, slot)| [resident.parse().unwrap(), slot.parse().unwrap()])
                .map(|[resident, slot]: [u32; 2]| [resident - from[0], slot - from[1]])
                .collect();
            assert!(pairs.is_sorted_by(|one, next| one[0] < next[0]), "nobody twice, in order: {text}");
            let of = |pair: &[u32; 2]| instance.cost(pair[0], pair[1]).unwrap();
            let cost: i64 = pairs.iter().map(of).sum();
            let told: Value = serde_json::from_str(&out).unwrap();
            assert_eq!(placed_and_cost(&told), (pairs.len() as i64, cost));
            for slot in 0..slots {
                let taken = pairs.iter().filter(|pair| pair[1] == slot).count();
                assert!(taken <= instance.seats[slot as usize] as usize, "slot {slot}: {text}");
            }
            let (code, _, err) = run(&file, &["--assignment", "pairs"]);
            assert!(code == 1 && err.contains("lies there already"), "{err}");
        }
    }
}

#[test]
fn a_network_with_days_between_slots_and_therapists_is_read() {
    // Slots 3 and 4 on one day that takes one at 0 and one at 7; slot 5 past it; a therapist at 0, then 100.
    let network = "c two residents\np min 8 10\nn 1 1\nn 2 1\nn 8 -2\n\
        a 1 3 0 1 5\na 1 8 0 1 99999\na 2 4 0 1 5\na 2 5 0 1 10\na 3 6 0 1 0\na 4 6 0 1 0\n\
        a 6 7 0 1 7\na 6 7 0 1 0\na 7 8 0 9 3\na 5 8 0 1 0\n";
    assert_eq!(placed_and_cost(&answer(network.as_bytes(), &[])), (2, 5 + 3 + 10));
    let dear = network.replace("a 2 5 0 1 10", "a 2 5 0 1 16");
    assert_eq!(placed_and_cost(&answer(dear.as_bytes(), &[])), (2, 5 + 3 + 5 + 3 + 7));
}

#[test]
fn what_it_cost_stands_beside_the_answer() {
    let answer = answer(&Instance::invented(1).binary(), &[]);
    for phase in ["total", "read", "merge", "auction", "repair", "certificate"] {
        let seconds = &answer["cpu_seconds"][phase];
        assert!(seconds.as_f64().is_some_and(|seconds| seconds >= 0.0), "{phase}: {seconds}");
    }
    let memory = &answer["peak_memory_mb"];
    assert!(memory.is_null() || memory.as_f64().unwrap() > 1.0, "{memory}");
}
