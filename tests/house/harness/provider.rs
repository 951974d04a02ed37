//! An OpenID Connect provider of somebody else's making on this machine: npm's `oidc-provider` behind a small script. A
//! test that needs one fails where Node is missing, and never skips.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Stdio};

/// How Holdspace is known to it.
pub const CLIENT: &str = "holdspace";
/// What proves that; with characters that a header cannot take as they are.
pub const SECRET: &str = "a secret of tests: 100% private";

/// Where a provider says somebody's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// In the token itself.
    InToken,
    /// When it is asked with the token.
    WhenAsked,
}

/// A provider that runs until it is dropped.
pub struct Provider {
    /// Who issues its tokens.
    pub issuer: String,
    child: Child,
    lifeline: Option<ChildStdin>,
}

impl Provider {
    /// Starts one that sends people back to `redirect`, and whose clock is some seconds ahead of this machine's.
    pub fn start(redirect: &str, ahead: i64, says: Says) -> Self {
        let says = if says == Says::InToken { "token" } else { "asked" };
        let mut child = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/harness/provider.sh"))
            .args([redirect, &ahead.to_string(), says])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("bash is needed to start the provider");
        let lifeline = child.stdin.take();
        let mut issuer = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut issuer).unwrap();
        if issuer.is_empty() {
            drop(lifeline);
            let mut why = String::new();
            child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            panic!("{}", why.trim());
        }
        Self { issuer: issuer.trim().to_owned(), child, lifeline }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It ends when its input does.
        drop(self.lifeline.take());
        let _ = self.child.wait();
    }
}
