//! A Python of the bench's own in the target directory, with the pinned OR-tools. Never touches the system's packages.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, bail};

/// What the scripts import. Nothing else: the flow solver of OR-tools needs numpy alone.
const PACKAGES: [&str; 2] = ["ortools==9.15.6755", "numpy==2.4.6"];
/// Where the scripts lie.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/plan");

/// A Python that can import what the scripts need.
pub struct Python {
    program: PathBuf,
}

impl Python {
    /// The one of an earlier run, or a new one.
    pub fn ready(place: &Path) -> anyhow::Result<Self> {
        let home = place.join(PACKAGES.join("-").replace("==", "-"));
        let program = home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        // Written last: an installation that was broken off is done again.
        let whole = home.join("whole");
        if !whole.exists() {
            eprintln!("installing {} into {}", PACKAGES.join(" and "), home.display());
            install(&home, &program)?;
            fs::write(&whole, "")?;
        }
        Ok(Self { program })
    }

    /// What a script prints.
    pub fn run(&self, script: &str, arguments: &[&OsStr]) -> anyhow::Result<String> {
        // -B: no compiled files beside the sources.
        let output = Command::new(&self.program)
            .arg("-B")
            .arg(Path::new(SCRIPTS).join(script))
            .args(arguments)
            .output()
            .with_context(|| format!("{} does not start; remove its directory", self.program.display()))?;
        said(script, output)
    }
}

fn install(home: &Path, program: &Path) -> anyhow::Result<()> {
    if home.exists() {
        fs::remove_dir_all(home).with_context(|| format!("{} cannot be removed", home.display()))?;
    }
    let made = Command::new("python3").args(["-m", "venv"]).arg(home).output();
    let made = made.context("python3 does not start: install Python 3.11 or later to measure OR-tools")?;
    said("python3 -m venv", made).context("on Debian and Ubuntu the package python3-venv is needed too")?;
    let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
    let installed = Command::new(program).args(options).args(PACKAGES).output()?;
    said("pip install", installed)
        .context("OR-tools could not be installed: that needs the network once, and Python 3.11 or later")?;
    Ok(())
}

/// What a command wrote, or why there is none of it.
pub fn said(what: &str, output: Output) -> anyhow::Result<String> {
    if !output.status.success() {
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        bail!("{what} failed ({}): {}", output.status, format!("{out}\n{err}").trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}
