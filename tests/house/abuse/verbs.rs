//! Hostile files at the command line and in the pipe of a mail server, through the real binary: each is refused, or read
//! within its bounds, and none costs more memory than an honest one and a hundred megabytes.

use super::calendars::calendars;
use super::files::Hostile;
use super::mails::mails;
use super::run::{LONGEST, MORE_KB, Place, Ran};
use super::tables::tables;
use super::workbooks::workbooks;

#[expect(clippy::print_stdout, reason = "what came of it is told")]
/// Fails unless a run ended by itself, soon, and held little more than an honest one did.
fn ended_well(file: &Hostile, ran: &Ran, honest: &Ran, codes: &[i32]) {
    let Ran { code, most_kb, took, said } = ran;
    let more = most_kb.saturating_sub(honest.most_kb);
    println!("{} ({} bytes): {code:?}, {more} kB more, {took:?}", file.name, file.bytes.len());
    assert!(code.is_some_and(|code| codes.contains(&code)), "{}: {code:?}: {said}", file.name);
    assert!(more <= MORE_KB, "{}: {more} kB more than an honest one", file.name);
    assert!(*took < LONGEST, "{}: {took:?}", file.name);
    assert!(!said.contains("panicked"), "{}: {said}", file.name);
}

fn sample(name: &str) -> String {
    format!("{}/demo/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_hostile_table_is_refused_by_its_verb_within_its_memory() {
    let place = Place::founded();
    let honest = place.runs(&["roster", "import", &sample("roster.csv"), "--dry-run"], None);
    assert_eq!(honest.code, Some(0), "{}", honest.said);
    assert!(honest.most_kb > 1000, "its memory was not seen: {honest:?}");
    for (ending, files) in [("csv", tables()), ("xlsx", workbooks())] {
        for file in files {
            let path = place.file(&format!("bomb.{ending}"), &file.bytes);
            let ran = place.runs(&["roster", "import", path.to_str().unwrap(), "--dry-run"], None);
            ended_well(&file, &ran, &honest, &[0, 1]);
        }
    }
}

#[test]
fn a_hostile_calendar_is_refused_by_its_verb_within_its_memory() {
    let place = Place::founded();
    let reads = |path: &str| {
        place.runs(&["busy", "import", path, "--therapist", "mxiong@counseling.example.org"], None)
    };
    let honest = reads(&sample("busy_therapist_1.ics"));
    assert_eq!(honest.code, Some(0), "{}", honest.said);
    for file in calendars() {
        let path = place.file("bomb.ics", &file.bytes);
        ended_well(&file, &reads(path.to_str().unwrap()), &honest, &[0, 1]);
    }
}

#[test]
fn a_hostile_mail_is_taken_from_the_mail_server_and_comes_to_nothing() {
    let place = Place::founded();
    let honest = place.runs(&["receive"], Some(b"Subject: x\r\n\r\nwords\r\n"));
    assert_eq!((honest.code, honest.said.as_str()), (Some(0), ""));
    for file in mails() {
        let ran = place.runs(&["receive"], Some(&file.bytes));
        ended_well(&file, &ran, &honest, &[0, 65]);
        assert_eq!(ran.said, "", "{}: a mail server sends on what a program says", file.name);
    }
}
