//! The server as an operator starts and stops it. Runs the binary itself, on a port that the system picks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Starts the server in a directory; gives it with the rest of its log and its address.
fn started(directory: &Path) -> (Child, impl BufRead, String) {
    started_with(directory, &[], &[])
}

/// The same with further words and variables.
fn started_with(
    directory: &Path,
    words: &[&str],
    variables: &[(&str, &str)],
) -> (Child, impl BufRead + use<>, String) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_holdspace"))
        .current_dir(directory)
        .args(["serve", "--listen", "127.0.0.1:0", "--json"])
        .args(words)
        .envs(variables.iter().copied())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap());
    let mut line = String::new();
    while log.read_line(&mut line).unwrap() > 0 {
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        if let Some(address) = event["fields"]["address"].as_str() {
            return (server, log, address.to_owned());
        }
        line.clear();
    }
    panic!("the server ended before it listened: {:?}", server.wait());
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_ends_well() {
    let directory = tempfile::tempdir().unwrap();
    let init = ["init", "--institution", "Example", "--director", "lead@hospital.org"];
    let mut holdspace = Command::new(env!("CARGO_BIN_EXE_holdspace"));
    assert!(holdspace.current_dir(&directory).args(init).output().unwrap().status.success());
    let (mut server, mut log, address) = started(directory.path());
    let mut line = TcpStream::connect(&address).unwrap();
    line.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    line.read_to_string(&mut page).unwrap();
    assert!(page.starts_with("HTTP/1.1 "), "{page}");
    let id = server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(server.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("told to stop") && rest.contains("\"stopped\""), "{rest}");
}

/// What a plain client reads at a path; empty where nobody answers.
fn asked(address: &str, path: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut line) = TcpStream::connect(address) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        line.write_all(request.as_bytes()).unwrap();
        line.read_to_string(&mut answer).unwrap();
    }
    answer
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_sends_people_elsewhere_first_and_is_watched_to_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let init = ["init", "--institution", "Example", "--director", "lead@hospital.org"];
    let mut holdspace = Command::new(env!("CARGO_BIN_EXE_holdspace"));
    assert!(holdspace.current_dir(&directory).args(init).output().unwrap().status.success());
    // A port that was free a moment ago: the server does not tell this one.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let figures = free.local_addr().unwrap().to_string();
    drop(free);
    let manager = std::os::unix::net::UnixDatagram::bind(directory.path().join("notify")).unwrap();
    let further = [("HOLDSPACE_METRICS_LISTEN", figures.as_str()), ("NOTIFY_SOCKET", "notify")];
    let (mut server, _log, address) = started_with(directory.path(), &["--drain", "3"], &further);
    let mut told = [0; 64];
    assert!(heard(&manager, &mut told).starts_with("READY=1"));
    assert!(asked(&address, "/ready").starts_with("HTTP/1.1 200 "));
    let text = asked(&figures, "/metrics");
    assert!(text.contains("holdspace_letters_due 0") && text.contains("holdspace_stopping 0"), "{text}");
    assert!(
        asked(&address, "/metrics").starts_with("HTTP/1.1 404 "),
        "figures are for whoever runs the server"
    );
    let id = server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(heard(&manager, &mut told).starts_with("STOPPING=1"));
    assert!(asked(&address, "/ready").starts_with("HTTP/1.1 503 "));
    assert!(asked(&figures, "/metrics").contains("holdspace_stopping 1"));
    assert!(asked(&address, "/about").starts_with("HTTP/1.1 200 "), "who comes meanwhile is still answered");
    assert_eq!(server.wait().unwrap().code(), Some(0));
    assert_eq!(asked(&address, "/ready"), "");
}

#[cfg(unix)]
fn heard<'a>(manager: &std::os::unix::net::UnixDatagram, told: &'a mut [u8]) -> &'a str {
    let length = manager.recv(told).unwrap();
    std::str::from_utf8(&told[..length]).unwrap()
}
