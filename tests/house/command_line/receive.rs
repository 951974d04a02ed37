//! `receive` as a mail server runs it: a mail on standard input, an exit code, and not a word.

use std::io::Write;
use std::process::{Command, Stdio};

use holdspace::clock::{Clock, SystemClock};

use super::{Got, Terminal};
use crate::harness::replies::{Entry, Mail, NOT_VOUCHED, VOUCHED};
use crate::harness::smtp::Received;

impl Terminal {
    /// A mail server hands over a mail.
    fn hands_over(&self, mail: &[u8]) -> Got {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdspace"));
        command.current_dir(self.directory.path()).arg("receive").stdin(Stdio::piped());
        command.env_remove("HOLDSPACE_CONFIG").env_remove("HOLDSPACE_LOG");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut pipe = running.stdin.take().unwrap();
        pipe.write_all(mail).expect("the whole mail is taken");
        drop(pipe);
        let output = running.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Got { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The letters in the directory that letters go to.
    fn letters(&self) -> Vec<Received> {
        let files = std::fs::read_dir(self.path("letters")).unwrap().map(|file| file.unwrap().path());
        let letters = files.filter(|path| path.extension().is_some_and(|end| end == "eml"));
        letters
            .map(|path| Received { from: String::new(), to: Vec::new(), bytes: std::fs::read(path).unwrap() })
            .collect()
    }
}

fn says_nothing(got: &Got, code: i32) {
    assert_eq!((got.code, got.out.as_str(), got.err.as_str()), (code, "", ""));
}

#[test]
fn a_mail_server_is_told_nothing_but_an_exit_code() {
    let mut terminal = Terminal::founded();
    says_nothing(&terminal.hands_over(b""), 65);
    says_nothing(&terminal.hands_over(b"\r\n \r\n"), 65);
    says_nothing(&terminal.hands_over(b"Subject: x\r\n\r\nwords\r\n"), 0);
    says_nothing(&terminal.hands_over(&vec![b'x'; 5 << 20]), 0);
    terminal.set("HOLDSPACE_DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing");
    says_nothing(&terminal.hands_over(b"Subject: x\r\n\r\nwords\r\n"), 75);
    let nowhere = Terminal::fresh();
    says_nothing(&nowhere.hands_over(b"Subject: x\r\n\r\nwords\r\n"), 75);
}

#[test]
fn an_answer_through_the_pipe_is_asked_about_and_with_the_setting_done() {
    let mut terminal = Terminal::founded();
    terminal.imports_the_demo();
    let words = ["offering", "create", "--title", "Protected time", "--length", "50", "--announce", "0"];
    let dates = ["--from", "2027-07-05", "--until", "2027-09-24"];
    assert_eq!(terminal.types(&[&words[..], &dates].concat()).code, 0);
    assert_eq!(terminal.types(&["book"]).code, 0);
    assert_eq!(terminal.types(&["deliver"]).code, 0);
    let is_invitation = |letter: &Received| {
        String::from_utf8_lossy(&letter.bytes).contains(".0.invitation@")
            && !letter.read().calendar.is_empty()
    };
    let invitation = terminal.letters().into_iter().find(is_invitation).expect("invitations went out").read();
    let to = invitation.field("to").concat();
    let address = to.trim_end_matches('>').rsplit(['<', ' ']).next().unwrap().to_owned();
    let entry = Entry::in_letter(&invitation);
    let domain = address.rsplit('@').next().unwrap().to_owned();
    let now = SystemClock.now();
    let vouched = VOUCHED.replace("im.example.edu", &domain);
    let mail = |results: &str, later| {
        Mail::at("exchange-declined", now + chrono::Duration::seconds(later), &address, &entry)
            .with("RESULTS", results)
            .bytes()
    };
    let questions = |terminal: &Terminal| {
        assert_eq!(terminal.types(&["deliver"]).code, 0);
        let asks = |letter: &&Received| String::from_utf8_lossy(&letter.bytes).contains(".calendar-answer.");
        terminal.letters().iter().filter(asks).count()
    };
    // Without the setting nobody is believed.
    says_nothing(&terminal.hands_over(&mail(&vouched, 0)), 0);
    assert_eq!(questions(&terminal), 1);
    terminal.set("HOLDSPACE_MAIL_AUTHSERV", "mx.example.org");
    says_nothing(&terminal.hands_over(&mail(&vouched, 1)), 0);
    // It is done: nothing is left to be asked about.
    says_nothing(&terminal.hands_over(&mail(NOT_VOUCHED, 2)), 0);
    assert_eq!(questions(&terminal), 1);
    let (_, report) = terminal.asks(&["doctor"]);
    let counted = report["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == "answers");
    assert_eq!(
        counted.unwrap()["says"],
        "3 of calendars, 0 unreadable, 0 of mail servers, 0 of strangers, 0 of no use here"
    );
}
