//! A Python of a bench's own in the target directory, with pinned packages. Never touches the system's.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, bail};

/// Where the scripts lie.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/plan");

/// A Python that can import some packages.
pub struct Python {
    program: PathBuf,
}

impl Python {
    /// The one of an earlier run, or a new one. `packages` are all that it gets: what they in turn depend on is among
    /// them, or not needed.
    pub fn ready(place: &Path, packages: &[&str]) -> anyhow::Result<Self> {
        let home = place.join(packages.join("-").replace("==", "-"));
        let program = home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        // Written last: an installation that was broken off is done again.
        let whole = home.join("whole");
        if !whole.exists() {
            eprintln!("installing {} into {}", packages.join(" and "), home.display());
            install(&home, &program, packages)?;
            fs::write(&whole, "")?;
        }
        Ok(Self { program })
    }

    /// What a script prints.
    pub fn run(&self, script: &str, arguments: &[&OsStr]) -> anyhow::Result<String> {
        let script_file = Path::new(SCRIPTS).join(script);
        let output = self.command().arg(script_file).args(arguments).output();
        let output = output
            .with_context(|| format!("{} does not start; remove its directory", self.program.display()))?;
        said(script, output)
    }

    /// It, to be started with arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // No compiled files beside the sources.
        command.arg("-B");
        command
    }
}

fn install(home: &Path, program: &Path, packages: &[&str]) -> anyhow::Result<()> {
    if home.exists() {
        fs::remove_dir_all(home).with_context(|| format!("{} cannot be removed", home.display()))?;
    }
    let made = Command::new("python3").args(["-m", "venv"]).arg(home).output();
    let made = made.context("python3 does not start: install Python 3.11 or later")?;
    said("python3 -m venv", made).context("on Debian and Ubuntu the package python3-venv is needed too")?;
    let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
    let installed = Command::new(program).args(options).args(packages).output()?;
    said("pip install", installed).with_context(|| {
        format!(
            "{} could not be installed: that needs the network once, and Python 3.11 or later",
            packages[0]
        )
    })?;
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
