//! The program as it is installed: started, asked, weighed. Never outlives the measurement.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::{stages, visitors};

/// The program.
const BINARY: &str = env!("CARGO_BIN_EXE_holdspace");

/// A running `holdspace serve`.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to the first page.
    pub cold_start: Duration,
}

impl Server {
    /// Starts it over a database that exists, with these arguments besides, and waits until it has answered one page.
    pub async fn start(home: &Path, database: &str, page: &str, besides: &[&str]) -> anyhow::Result<Self> {
        let key = home.join("holdspace.key");
        fs::write(&key, stages::KEY)?;
        #[cfg(unix)]
        fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        let watch = Instant::now();
        let mut child = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(besides)
            .current_dir(home)
            .env_clear()
            .env("HOLDSPACE_DATABASE_URL", database)
            .env("HOLDSPACE_KEY_FILE", &key)
            .env("HOLDSPACE_MAIL_URL", format!("file://{}", home.join("letters").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut log = BufReader::new(child.stderr.take().context("the server has a log")?);
        let mut server = Self { child, address: ([127, 0, 0, 1], 0).into(), cold_start: Duration::ZERO };
        server.address = listens(&mut log)?;
        visitors::once(server.address, page).await?;
        server.cold_start = watch.elapsed();
        // A log that nobody reads would stop the server once the pipe is full.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Ok(server)
    }

    /// By which the system knows it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Memory in use, in bytes, where the system tells.
    pub fn memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads the log up to the line that names the address.
fn listens(log: &mut impl BufRead) -> anyhow::Result<SocketAddr> {
    let mut said = String::new();
    loop {
        let begin = said.len();
        anyhow::ensure!(log.read_line(&mut said)? > 0, "the server did not start: {said}");
        if let Some((_, rest)) = said[begin..].split_once("address=") {
            let address = rest.split_whitespace().next().context("an address has a port")?;
            return Ok(address.parse()?);
        }
    }
}

/// How long the program takes to say which version it is: what starting costs at least.
pub fn version() -> anyhow::Result<Duration> {
    let watch = Instant::now();
    let status = Command::new(BINARY).arg("--version").stdout(Stdio::null()).status()?;
    anyhow::ensure!(status.success(), "the program does not say its version");
    Ok(watch.elapsed())
}

/// Bytes of the program.
pub fn size() -> anyhow::Result<u64> {
    Ok(fs::metadata(BINARY)?.len())
}
