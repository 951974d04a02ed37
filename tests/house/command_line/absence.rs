//! `plan --without` at the command line: told in words and in numbers, refused with what to do.

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
    assert!(told.contains("Nothing of this was done."), "{told}");
    let day = |words: &[&str]| terminal.types(&[&without[..], words].concat());
    assert!(day(&["--on", "2027-06-01"]).out.starts_with("No default visit would be lost."));
    assert_eq!(day(&["--on", "2027-07-05"]).out, day(&["--from", "2027-07-05", "--until", "2027-07-05"]).out);
    for wrong in [&["--on", "2027-07-05", "--from", "2027-07-05"][..], &["--seed", "00"], &["--on", "July"]] {
        assert_eq!(day(wrong).code, 2, "{wrong:?}");
    }
    assert_eq!(terminal.types(&["plan", "--on", "2027-07-05"]).code, 2);
}
