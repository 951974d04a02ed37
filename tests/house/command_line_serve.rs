//! The server as an operator starts and stops it. Runs the binary itself, on a port that the system picks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// Starts the server in a directory; gives it with the rest of its log and its address.
fn started(directory: &std::path::Path) -> (Child, impl BufRead, String) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_holdspace"))
        .current_dir(directory)
        .args(["serve", "--listen", "127.0.0.1:0", "--json"])
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
    panic!("the server ended before it listened");
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
