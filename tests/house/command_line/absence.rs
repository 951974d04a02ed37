//! `plan --without` and `away` at the command line: told in words and in numbers, refused with what to do.

use super::Terminal;

#[test]
fn who_asks_what_an_absence_would_do_is_told_and_nothing_is_done() {
    let terminal = Terminal::founded();
    terminal.imports_the_demo();
    let words = ["offering", "create", "--title", "Protected time", "--length", "50"];
    let dates = ["--from", "2027-07-05", "--until", "2027-09-24"];
    assert_eq!(terminal.types(&[&words[..], &dates].concat()).code, 0);
    let without = ["plan", "--without", "mxiong@counseling.example.org"];
    let early = terminal.types(&without);
    assert!(early.code == 1 && early.err.contains("nothing is booked yet"), "{}", early.err);
    let planned = terminal.asks(&["plan"]).1["per_therapist"]["María-José Xiong, LCSW"].clone();
    assert_eq!(terminal.types(&["book"]).code, 0);
    let (code, shown) = terminal.asks(&without);
    assert_eq!((code, &shown["visits"]), (0, &planned));
    let told = terminal.types(&without).out;
    assert!(told.contains(&format!("{planned} default visits would be lost: ")), "{told}");
    assert!(told.contains("Nothing of this was done; `holdspace away` does it."), "{told}");
    let day = |words: &[&str]| terminal.types(&[&without[..], words].concat());
    assert!(day(&["--on", "2027-06-01"]).out.starts_with("No default visit would be lost."));
    assert_eq!(day(&["--on", "2027-07-05"]).out, day(&["--from", "2027-07-05", "--until", "2027-07-05"]).out);
    for wrong in [&["--on", "2027-07-05", "--from", "2027-07-05"][..], &["--seed", "00"], &["--on", "July"]] {
        assert_eq!(day(wrong).code, 2, "{wrong:?}");
    }
    assert_eq!(terminal.types(&["plan", "--on", "2027-07-05"]).code, 2);
}

#[test]
fn who_enters_an_absence_is_told_the_numbers_that_were_foretold_and_no_name() {
    let terminal = Terminal::founded();
    terminal.imports_the_demo();
    let words = ["offering", "create", "--title", "Protected time", "--length", "50"];
    let dates = ["--from", "2027-07-05", "--until", "2027-09-24"];
    assert_eq!(terminal.types(&[&words[..], &dates].concat()).code, 0);
    assert_eq!(terminal.types(&["book"]).code, 0);
    let therapist = "mxiong@counseling.example.org";
    let days = ["--from", "2027-07-05", "--until", "2027-07-16"];
    let (_, foretold) = terminal.asks(&[&["plan", "--without", therapist][..], &days].concat());
    let away = |words: &[&str]| terminal.asks(&[&["away", therapist][..], words].concat());
    let (code, shown) = away(&days);
    assert_eq!(code, 0);
    for number in ["visits", "another_time", "without"] {
        assert_eq!(shown[number], foretold[number], "{number}");
    }
    assert!(shown["visits"].as_u64().unwrap() > 0, "{shown}");
    assert_eq!((&shown["until"], &shown["zone"]), (&"2027-07-17T00:00:00".into(), &"America/Denver".into()));
    assert_eq!(away(&days).1["visits"], 0, "a second time nothing happens");
    let told = terminal.types(&["away", therapist, "--from", "2027-08-03T09:00"]).out;
    assert!(
        told.starts_with("Away from 2027-08-03 09:00:00 until further notice, America/Denver.\n"),
        "{told}"
    );
    assert_eq!(away(&["--from", "2027-07-05", "--until", "2027-07-16", "--undo"]).1["undone"], true);
    let again =
        terminal.types(&["away", therapist, "--from", "2027-07-05", "--until", "2027-07-16", "--undo"]);
    assert!(again.code == 1 && again.err.contains("On file: from 2027-08-03 09:00:00"), "{}", again.err);
    let backwards = terminal.types(&["away", therapist, "--from", "2027-07-05", "--until", "2027-07-01"]);
    assert!(backwards.code == 1 && backwards.err.contains("ends before it begins"), "{}", backwards.err);
    assert_eq!(terminal.types(&["away", therapist]).code, 2);
}
