//! The weights of a plan at the command line: set, read back, refused, explained.

use chrono::NaiveDate;
use serde_json::Value;

use super::Terminal;

/// `offering create` with the usual words and some more.
fn offering_with<'a>(weights: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["offering", "create", "--title", "Protected time", "--length", "50"];
    words.extend(["--from", "2027-07-05", "--until", "2027-09-24"]);
    words.extend(weights.iter().flat_map(|weight| ["--weight", *weight]));
    words
}

#[test]
fn who_sets_a_weight_reads_it_back_and_the_usual_ones_are_not_told() {
    let terminal = Terminal::founded();
    terminal.imports_the_demo();
    let (code, made) =
        terminal.asks(&offering_with(&["day-load=90", "earlier=10", "gender=60", "earlier=5"]));
    assert_eq!((code, &made["weights"]), (0, &serde_json::json!({ "day-load": 90, "earlier": 5 })));
    assert_eq!(terminal.asks(&["plan"]).1["weights"], made["weights"]);
    let told = terminal.types(&["plan"]).out;
    assert!(told.contains("weights other than usual: day-load 90, earlier 5\n"), "{told}");
    // Another offering, with the usual weights, tells of none.
    let usual = terminal.types(&offering_with(&["language=100"]));
    assert!(usual.code == 0 && !usual.out.contains("weight"), "{}", usual.out);
}

#[test]
fn a_weight_that_cannot_be_is_refused_with_its_name_and_what_could_be() {
    let terminal = Terminal::founded();
    let refused = |weight| {
        let got = terminal.types(&offering_with(&[weight]));
        (got.code, got.err)
    };
    assert_eq!(
        refused("day-load=1001"),
        (1, "holdspace: weight day-load: give 0 to 1000 points\n".to_owned())
    );
    assert_eq!(refused("away-percent=0").1, "holdspace: weight away-percent: give 1 to 100 percent\n");
    for (weight, remedy) in [
        ("day_load=10", "give one of language, gender,"),
        ("language", "a name and points, such as language=80"),
        ("site=many", "site: give 0 to 1000 points"),
        ("site=-1", "site: give 0 to 1000 points"),
    ] {
        let (code, err) = refused(weight);
        assert!(code == 2 && err.contains(remedy), "{weight}: {err}");
    }
    let help = terminal.types(&["offering", "create", "--help"]).out;
    for (name, usual) in [("language", 100), ("therapist-load", 120), ("site-load", 0), ("away-percent", 50)]
    {
        let told = help.lines().find(|line| line.trim_start().starts_with(name));
        assert!(told.is_some_and(|line| line.ends_with(&format!("[{usual}]"))), "{name}: {help}");
    }
}

/// The days from the first one on which visits are, all together.
fn days_waited(plan: &Value) -> (i64, u64) {
    let per_day = plan["per_day"].as_object().unwrap();
    let first: NaiveDate = "2027-07-05".parse().unwrap();
    per_day.iter().fold((0, 0), |(days, visits), (day, count)| {
        let count = count.as_u64().unwrap();
        let day: NaiveDate = day.parse().unwrap();
        (days + (day - first).num_days() * i64::try_from(count).unwrap(), visits + count)
    })
}

#[test]
fn an_offering_that_weighs_early_weeks_plans_the_same_number_of_visits_and_earlier_ones() {
    let terminal = Terminal::founded();
    terminal.imports_the_demo();
    let planned = |weights: &[&str]| {
        let (_, made) = terminal.asks(&offering_with(weights));
        days_waited(&terminal.asks(&["plan", "--offering", made["id"].as_str().unwrap()]).1)
    };
    let ((usual, visits), (early, as_many)) = (planned(&[]), planned(&["earlier=100"]));
    assert!(visits > 0 && visits == as_many, "{visits} and {as_many}");
    assert!(early * 2 < usual, "{early} days waited in all against {usual}");
}
