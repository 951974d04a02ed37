//! Puts the mailbox together for the workers, and looks at it, and at where letters come back to, for the doctor.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::sync::watch;

use super::doctor::Finding;
use super::house::House;
use crate::config::Config;
use crate::jobs::mailbox::{self, MailRoom};
use crate::mail::mailbox::Mailbox;
use crate::mail::mailbox_url::MailboxUrl;

/// How long each answer of the mail server may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The mailbox of the settings, if there is one.
///
/// # Errors
/// Where it cannot be used.
pub fn mail_room(house: &House) -> anyhow::Result<Option<Arc<MailRoom>>> {
    let Some((_, mailbox)) = mailbox_of(&house.config, PATIENCE)? else { return Ok(None) };
    let trusted = house.config.mail_authserv.clone();
    Ok(Some(Arc::new(MailRoom { desk: house.desk.clone(), mailbox, trusted })))
}

/// Looks into it until told to stop; where there is none, there is nothing to do.
pub async fn go(room: Option<Arc<MailRoom>>, stop: watch::Receiver<bool>) {
    if let Some(room) = room {
        mailbox::go(room, stop).await;
    }
}

fn mailbox_of(config: &Config, patience: Duration) -> anyhow::Result<Option<(MailboxUrl, Mailbox)>> {
    let Some(url) = &config.mailbox_url else { return Ok(None) };
    let url: MailboxUrl = url.expose_secret().parse()?;
    Ok(Some((url.clone(), Mailbox::new(url, patience)?)))
}

/// The mailbox: connects, encrypts, logs in and opens the folder. Reads no message; nothing where there is none.
pub async fn finding(config: &Config, patience: Duration) -> Option<Finding> {
    const CHECK: &str = "mailbox";
    let (url, mailbox) = match mailbox_of(config, patience) {
        Ok(None) => return None,
        Ok(Some(found)) => found,
        Err(problem) => return Some(Finding::refused(CHECK, &problem)),
    };
    Some(match mailbox.open().await {
        Ok(folder) => {
            folder.close().await;
            Finding::ok(CHECK, format!("{url} opens"))
        }
        Err(trouble) => {
            let remedy = "correct mailbox_url, or have the mail server allow IMAP for this user";
            Finding::fail(CHECK, format!("{url}: {trouble}"), remedy)
        }
    })
}

/// Where letters come back to. Nothing where letters go to nobody.
pub fn bounces(config: &Config) -> Option<Finding> {
    const CHECK: &str = "returned mail";
    let Some(bounces) = &config.mail_bounces else {
        let remedy =
            "set mail_bounces to an address that takes what stands after a +, such as bounces@hospital.org";
        let says = "letters that come back go to the sender's address, where nothing reads them";
        return (!config.mail_is_local()).then(|| Finding::warn(CHECK, says, remedy));
    };
    // The domain of the installation's own address names nobody.
    let from = config.mail_from.as_ref().map(|sender| sender.address.reveal());
    let domain = from.and_then(|from| from.rsplit('@').next()).unwrap_or_default();
    let below = |one: &str, other: &str| one == other || one.ends_with(&format!(".{other}"));
    if !below(domain, bounces.domain()) && !below(bounces.domain(), domain) {
        let says = format!("{bounces} is not of the sender's domain, so SPF does not vouch for the sender");
        return Some(Finding::warn(
            CHECK,
            says,
            "take an address of the sender's domain, or rely on DKIM alone",
        ));
    }
    let read = match &config.mailbox_url {
        Some(_) => "read from the mailbox",
        None => "if the mail server hands them to `holdspace receive`; else set mailbox_url",
    };
    Some(Finding::ok(CHECK, format!("{bounces}, {read}")))
}
