//! `audit` and `retention` as they are typed.

use super::{Terminal, keys};

#[test]
fn who_reads_outcomes_says_why_and_stands_in_the_staff_log_and_everything_is_as_it_was_written() {
    let terminal = Terminal::founded();
    terminal.imports_the_demo();
    terminal.makes_an_offering();
    assert_eq!(terminal.types(&["book"]).code, 0);
    assert_eq!(terminal.types(&["audit", "outcomes", "--since", "2026-01-01"]).code, 2, "a reason is needed");
    let nobody = ["audit", "outcomes", "--resident", "nobody@example.edu", "--reason", "Request 7"];
    let got = terminal.types(&nobody);
    assert!(got.code == 1 && got.err.contains("nobody on file"), "{}", got.err);
    let (code, read) =
        terminal.asks(&["audit", "outcomes", "--since", "2026-01-01", "--reason", "Request 8 of counsel"]);
    assert_eq!(
        (code, keys(&read["lines"][0])),
        (0, vec!["at", "by", "offering", "resident", "visit", "what"])
    );
    let got = terminal.types(&["audit", "staff"]);
    assert!(got.out.contains("read the outcome log: Request 8 of counsel"), "{}", got.out);
    assert!(got.out.contains("read the outcome log: Request 7"), "who is refused has asked all the same");
    assert!(!got.out.contains("nobody@example.edu"), "{}", got.out);
    let head = terminal.types(&["audit", "head"]).out;
    std::fs::write(terminal.path("heads.txt"), &head).unwrap();
    let got = terminal.types(&["audit", "verify", "--heads", "heads.txt"]);
    assert!(got.code == 0 && got.out.contains("Everything is as it was written."), "{}{}", got.out, got.err);
    let ahead = head.replacen("staff ", "staff 9", 1);
    std::fs::write(terminal.path("heads.txt"), ahead).unwrap();
    assert_eq!(terminal.types(&["audit", "verify", "--heads", "heads.txt"]).code, 1);
    let (_, shown) = terminal.asks(&["retention"]);
    assert_eq!(
        (shown["days"]["visits"].as_u64(), shown["due"][0]["kind"].as_str()),
        (Some(90), Some("season"))
    );
    assert!(terminal.types(&["retention", "--now"]).out.contains("Destroyed: 0 seasons"));
}
