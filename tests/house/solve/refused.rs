//! Files that are wrong in one place each: refused with that place and what is expected there. Never a panic, and never
//! an answer.

use super::forms::{Forms, Instance};
use super::{answer, run, solve};

fn sound() -> Instance {
    let rows = vec![vec![(0, 10), (1, 20)], vec![(1, 30)], vec![]];
    Instance { seats: vec![1, 1], therapist: vec![0, 1], rows }
}

/// The binary form with one word changed. Words: header 0 to 4, rows 5 to 8, slots 9 to 11, costs 12 to 14, seats 15 and 16,
/// therapists 17 and 18.
fn with(word: usize, value: u32) -> Vec<u8> {
    let mut bytes = sound().binary();
    bytes[4 * word..4 * word + 4].copy_from_slice(&value.to_le_bytes());
    bytes
}

fn refused(bytes: &[u8], options: &[&str], words: &[&str]) {
    let (code, out, err) = solve(bytes, options);
    assert_eq!((code, out.as_str()), (1, ""), "{words:?}: {err}");
    for word in words {
        assert!(err.contains(word), "`{word}` is missing: {err}");
    }
}

#[test]
fn a_binary_file_that_is_wrong_is_refused_with_its_byte() {
    let whole = sound().binary();
    answer(&whole, &["--fair"]);
    refused(&whole[..whole.len() - 4], &[], &["byte 0", "cut short"]);
    refused(&whole[..11], &[], &["byte 0", "ends after 11 bytes"]);
    refused(&[whole.clone(), vec![0; 4]].concat(), &[], &["byte 0", "promises"]);
    refused(&with(0, 4_000_000), &[], &["byte 0", "promises 3200"]);
    refused(&with(0, 5_000_001), &[], &["byte 0", "5000001 residents, more than the 5000000"]);
    refused(&with(1, 30_000_000), &[], &["byte 4", "slots, more than"]);
    refused(&with(3, u32::MAX), &[], &["byte 12", "pairs, more than"]);
    refused(&with(4, u32::MAX), &[], &["byte 0", "promises"]);
    refused(&with(5, 1), &[], &["byte 20", "begins at pair 1"]);
    refused(&with(6, 9), &[], &["byte 24", "resident 0 names more slots than there are"]);
    refused(&with(7, 1), &[], &["byte 28", "resident 1's row ends at pair 1, before its begin"]);
    refused(&with(8, 2), &[], &["byte 32", "before its begin"]);
    refused(&with(10, 2), &[], &["byte 40", "resident 0 names slot 2 and there are 2"]);
    refused(&with(10, 0), &[], &["byte 40", "resident 0 names slot 0 twice"]);
    refused(&with(18, 2), &[], &["byte 72", "slot 1 is therapist 2's, and there are 2"]);
    refused(&with(13, 100_000_001), &[], &["units of 1 points", "round them"]);
    let last = whole.len() / 4 - 1;
    refused(&with(last, 1), &["--fair"], &[&format!("byte {}", 4 * last), "only costs that rise are read"]);
    answer(&with(last, 1), &[]);
}

#[test]
fn a_text_file_that_is_wrong_is_refused_with_its_line() {
    let whole = String::from_utf8(sound().listing()).unwrap();
    answer(whole.replace('\n', "\r\n").as_bytes(), &[]);
    let changed = |from: &str, to: &str, words: &[&str]| {
        assert!(whole.contains(from), "{from}");
        refused(whole.replacen(from, to, 1).as_bytes(), &[], words);
    };
    refused(b"", &[], &["byte 0", "neither"]);
    refused(b"hello", &[], &["byte 0", "neither"]);
    refused(b"c only a comment\n", &[], &["line 1", "begins with `p`"]);
    refused(b"place\n", &[], &["line 1", "begin with `p asg`"]);
    refused(&[b'p'; 70_000], &[], &["line 1", "longer than 65536 bytes"]);
    changed(
        "p asg 3 2 2 3",
        "p asg 3000000 2 2 3",
        &["line 1", "`3000000` stands where the number of residents"],
    );
    changed("p asg 3 2 2 3", "p asg 3 2 2 4", &["line 6", "hold 3 pairs", "promises 4"]);
    changed("p asg 3 2 2 3", "p asg 4 2 2 3", &["line 7", "ends before resident 3"]);
    changed("p asg 3 2 2 3", "p asg 2 2 2 3", &["line 6", "after the last resident"]);
    changed("s 1 1 1 1", "s 2 1 1 1", &["line 3", "`2` stands where slot 1"]);
    changed("s 1 1 1 1\n", "", &["line 3", "`r` stands where `s 1` is expected"]);
    changed("s 1 1 1 1", "s 1 1 2 1", &["line 3", "the therapist", "from 0 to 1"]);
    changed("0:10", "2:10", &["line 4", "a slot before `:` is expected: a whole number from 0 to 1"]);
    changed("1:20", "0:20", &["line 4", "resident 0 names slot 0 twice"]);
    changed("0:10", "0:1O", &["line 4", "`1O` stands where a cost"]);
    changed("0:10", "0:10000000000", &["line 4", "a cost"]);
    changed("1:20", "1", &["line 4", "`1` stands where a slot before `:`"]);
}

#[test]
fn a_network_that_is_no_assignment_is_refused_with_its_line() {
    let whole = String::from_utf8(sound().flow(true)).unwrap();
    answer(whole.as_bytes(), &[]);
    // Residents 1 to 3, slots 4 and 5, therapists 6 and 7, sink 8.
    let changed = |from: &str, to: &str, words: &[&str]| {
        assert!(whole.contains(from), "{from} is not in\n{whole}");
        refused(whole.replacen(from, to, 1).as_bytes(), &[], words);
    };
    changed("p min", "p max", &["line 2", "kind `max`"]);
    changed("n 1 1", "n 1 2", &["line 3", "`2` stands where what the node supplies"]);
    changed("n 2 1", "n 2 -1\nn 3 1", &["line 6", "node 3 has a line already"]);
    changed("n 8 -3", "n 8 -2", &["line 6", "3 nodes supply 1 each and the sink takes 2"]);
    changed("n 8 -3", "n 8 -3\nn 7 -1", &["line 7", "second sink"]);
    changed("a 1 4 0 1 10", "a 1 4 1 1 10", &["line 7", "the least flow"]);
    changed("a 1 4 0 1 10", "a 1 4 0 1", &["line 7", "`` stands where a cost"]);
    changed("a 1 4 0 1 10", "a 1 4 0 1 10 9", &["line 7", "`9` stands where the line should end"]);
    changed("a 1 4 0 1 10", "a 1 99 0 1 10", &["line 7", "the node of the head", "from 1 to 8"]);
    changed("a 1 4 0 1 10", "a 1 2 0 1 10", &["line 7", "leads to resident 2"]);
    changed("a 1 4 0 1 10", "a 1 5 0 1 10", &["line 8", "resident 1 names slot 5 twice"]);
    changed("a 1 4 0 1 10", "a 2 4 0 1 10", &["line 8", "resident 1 after those of resident 2; sort"]);
    changed("a 1 4 0 1 10", "a 1 4 0 1 9999999999", &["line 7", "does not fit 32 bits"]);
    changed("a 1 4 0 1 10", "b 1 4 0 1 10", &["line 7", "`b` stands where an arc"]);
    changed("a 4 6 0 1 0", "a 8 6 0 1 0", &["line 13", "leaves the sink 8"]);
    changed("a 4 6 0 1 0", "a 4 5 0 1 0", &["line 13", "residents as well as slots lead to node 5"]);
    changed("a 4 6 0 1 0", "a 4 6 0 1 -1", &["line 13", "costs below 0 from residents only"]);
    changed("a 4 6 0 1 0", "a 5 6 0 1 0", &["line 14", "node 5 leads to node 6 and to node 7"]);
    changed("a 6 8 ", "a 6 6 ", &["from node 6", "a circle"]);
    changed("p min 8 1", "p min 8 9", &["promises 9"]);
    let assignment = String::from_utf8(sound().of_single_seats().assignment()).unwrap();
    answer(assignment.as_bytes(), &[]);
    refused(
        assignment.replace("n 2\n", "").as_bytes(),
        &[],
        &["line 6", "leaves node 2, which is no resident"],
    );
}

#[test]
fn what_is_no_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    for path in [directory.path().to_owned(), directory.path().join("nothing")] {
        let (code, out, err) = run(&path, &[]);
        assert!(code == 1 && out.is_empty() && err.contains(path.to_str().unwrap()), "{err}");
    }
}
