//! A throw-away mail server with mailboxes: Dovecot, with IMAP and LMTP. Never skips a test where there is none. It lives as
//! long as the pipe that this process holds (see `dovecot.sh`).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, Command, Stdio};

/// A running server.
pub struct Dovecot {
    imap: u16,
    imaps: u16,
    lmtp: u16,
    certificate: String,
    _lifeline: ChildStdin,
}

impl Dovecot {
    /// Starts one.
    ///
    /// # Panics
    /// With the remedy, where Dovecot is missing.
    #[expect(
        clippy::zombie_processes,
        reason = "it outlives this process by a moment, to clean up behind it"
    )]
    pub fn start() -> Self {
        let mut child = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/harness/dovecot.sh"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own: an interrupt at the terminal must not end the script before it has cleaned up.
            .process_group(0)
            .spawn()
            .expect("bash is needed to start a throw-away Dovecot");
        let lifeline = child.stdin.take().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        if said.is_empty() {
            let mut why = String::new();
            child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            panic!("{}", why.trim());
        }
        let words: Vec<&str> = said.split_whitespace().collect();
        let port = |at: usize| words[at].parse().unwrap();
        let (imap, imaps, lmtp, certificate) = (port(0), port(1), port(2), words[3].to_owned());
        Self { imap, imaps, lmtp, certificate, _lifeline: lifeline }
    }

    /// The address of somebody's mailbox, over a line that is not encrypted.
    pub fn plain(&self, user: &str) -> String {
        format!("imap://{user}:secret@127.0.0.1:{}/INBOX", self.imap)
    }

    /// The same over STARTTLS.
    pub fn start_tls(&self, user: &str) -> String {
        format!("imap://{user}:secret@localhost:{}/INBOX?tls=required&ca={}", self.imap, self.certificate)
    }

    /// The same over TLS from the first byte.
    pub fn tls(&self, user: &str) -> String {
        format!("imaps://{user}:secret@localhost:{}/INBOX?ca={}", self.imaps, self.certificate)
    }

    /// The same, without the authority that vouches for it.
    pub fn tls_of_a_stranger(&self, user: &str) -> String {
        format!("imaps://{user}:secret@localhost:{}/INBOX", self.imaps)
    }

    /// Hands over a mail as a mail server does, by LMTP (RFC 2033); lines end with CRLF already.
    pub fn delivers(&self, to: &str, mail: &str) {
        let stream = TcpStream::connect(("127.0.0.1", self.lmtp)).unwrap();
        let mut answers = BufReader::new(stream.try_clone().unwrap());
        let mut says = |line: &str, wanted: &str| {
            if !line.is_empty() {
                (&stream).write_all(line.as_bytes()).unwrap();
            }
            loop {
                let mut answer = String::new();
                answers.read_line(&mut answer).unwrap();
                if answer.as_bytes().get(3) == Some(&b' ') {
                    assert!(answer.starts_with(wanted), "{line:.60}: {answer}");
                    return;
                }
                assert!(!answer.is_empty(), "{line:.60}: the line was dropped");
            }
        };
        says("", "220");
        says("LHLO test.example\r\n", "250");
        says("MAIL FROM:<>\r\n", "250");
        says(&format!("RCPT TO:<{to}>\r\n"), "250");
        says("DATA\r\n", "354");
        says(&format!("{}\r\n.\r\n", mail.replace("\r\n.", "\r\n..")), "250");
        says("QUIT\r\n", "221");
    }
}
