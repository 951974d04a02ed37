//! The real binary as somebody runs it, with an eye on its memory: how much it held at most, and how it ended.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// More than before is never needed for a hostile file, in kilobytes.
pub const MORE_KB: u64 = 100 * 1024;
/// Nor more time, on the slowest machine that runs these tests without optimizations: a person waits a second.
pub const LONGEST: Duration = Duration::from_secs(30);

/// How a run went.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// The most memory that it held, in kilobytes.
    pub most_kb: u64,
    /// How long it took.
    pub took: Duration,
    /// What it said.
    pub said: String,
}

/// A directory with an installation of the sample institution.
pub struct Place(TempDir);

/// The binary, without a setting of this machine.
pub fn binary(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdspace"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HOLDSPACE_") {
            command.env_remove(name);
        }
    }
    command.current_dir(directory).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The most memory that a process held so far, in kilobytes; none once it is over.
pub fn most_kb(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

impl Place {
    /// With an institution, its programs, sites and therapists.
    pub fn founded() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.types(&["init", "--institution", "Example", "--director", "lead@hospital.org"]);
        for kind in ["programs", "sites", "therapists"] {
            let file = format!("{}/demo/{kind}.csv", env!("CARGO_MANIFEST_DIR"));
            place.types(&[kind, "import", &file]);
        }
        place
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// What a verb says that must go well.
    pub fn types(&self, words: &[&str]) -> String {
        let output = binary(self.path()).args(words).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{words:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    /// Keeps bytes as a file.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs a verb to its end and looks at its memory meanwhile; `fed` comes to its standard input.
    pub fn runs(&self, words: &[&str], fed: Option<&[u8]>) -> Ran {
        let mut command = binary(self.path());
        if fed.is_some() {
            command.stdin(Stdio::piped());
        }
        let begun = Instant::now();
        let mut child = command.args(words).spawn().unwrap();
        std::thread::scope(|threads| {
            if let (Some(fed), Some(mut pipe)) = (fed, child.stdin.take()) {
                // One that ends before it heard everything is seen by its exit code.
                threads.spawn(move || drop(pipe.write_all(fed)));
            }
            watched(child, begun)
        })
    }
}

fn watched(mut child: Child, begun: Instant) -> Ran {
    let (mut most, id) = (0, child.id());
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let reads = |mut from: Box<dyn std::io::Read + Send>| {
        std::thread::spawn(move || {
            let mut said = Vec::new();
            drop(from.read_to_end(&mut said));
            String::from_utf8_lossy(&said).into_owned()
        })
    };
    let said = [reads(Box::new(out)), reads(Box::new(err))];
    let status = loop {
        most = most_kb(id).unwrap_or(most).max(most);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > 2 * LONGEST {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let took = begun.elapsed();
    let said = said.map(|one| one.join().unwrap()).concat();
    Ran { code: status.code(), most_kb: most, took, said }
}
