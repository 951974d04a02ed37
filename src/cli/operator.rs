//! Who types: the operating system's name for whoever runs this process, for the log of what staff did. Never asks anybody.

use std::process::Command;

/// Longest name that is believed.
const LONGEST: usize = 64;

/// The user's name by the operating system, with whoever became that user by `sudo`.
#[must_use]
pub fn name() -> String {
    let asked = Command::new("id").arg("-un").output().ok().filter(|output| output.status.success());
    let known = asked.and_then(|output| String::from_utf8(output.stdout).ok()).and_then(|name| plain(&name));
    let known = known.unwrap_or_else(|| "somebody".to_owned());
    // Set by sudo, and by whoever is root as they like: it adds, and never replaces.
    match std::env::var("SUDO_USER").ok().and_then(|name| plain(&name)) {
        Some(by) if by != known => format!("{known} (sudo by {by})"),
        _ => known,
    }
}

fn plain(name: &str) -> Option<String> {
    let name = name.trim();
    let fits = !name.is_empty() && name.len() <= LONGEST && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}
