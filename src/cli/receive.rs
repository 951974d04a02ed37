//! `receive`: one mail on standard input, for a mail server. Its exit code is all that it answers: a mail server sends what
//! a program prints back to whoever wrote, or keeps it in a log.

use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use super::args::Receive;
use super::house::{House, settings};
use crate::jobs::receive;
use crate::mail::receiving::MAX_MAIL;

/// There was no mail (`EX_DATAERR` of sysexits.h).
const NO_MAIL: u8 = 65;
/// To be handed over again later (`EX_TEMPFAIL`).
pub(super) const LATER: u8 = 75;

/// Takes one mail in.
pub async fn receive(named: Option<&Path>, words: &Receive) -> ExitCode {
    let Ok(raw) = standard_input() else { return ExitCode::from(LATER) };
    if raw.iter().all(u8::is_ascii_whitespace) {
        return ExitCode::from(NO_MAIL);
    }
    match taken(named, words.recipient.as_deref(), &raw).await {
        Ok(()) => ExitCode::SUCCESS,
        // Whatever stands in the way here, such as a database that is being moved, is no fault of the mail.
        Err(_) => ExitCode::from(LATER),
    }
}

async fn taken(named: Option<&Path>, recipient: Option<&str>, raw: &[u8]) -> anyhow::Result<()> {
    let House { config, desk } = House::open(settings(named)?).await?;
    receive::message_for(&desk, config.mail_authserv.as_deref(), recipient, raw).await?;
    Ok(())
}

/// As much as is read of a mail; the rest is taken and thrown away, because a mail server counts a closed pipe as a failure.
fn standard_input() -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    let mut input = io::stdin().lock();
    input.by_ref().take(MAX_MAIL as u64).read_to_end(&mut raw)?;
    io::copy(&mut input, &mut io::sink())?;
    Ok(raw)
}
