//! `deliver`: sends what is due, with a progress bar where somebody watches. Counts letters, and names none.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::answer::{Answer, count};
use super::args::Deliver;
use super::dkim;
use super::house::{House, mail_url, templates, transport};
use crate::config::Config;
use crate::domain::pace::{Shares, about, grouped};
use crate::jobs::post::{Delivered, Pace, PostOffice};
use crate::jobs::writing::Writer;
use crate::mail::compose::Sender;
use crate::mail::smtp::Limits;
use crate::mail::url::MailUrl;

/// Connections at a time: Exchange Online allows three.
const CONNECTIONS: u32 = 3;
/// How long to wait for the pace before looking again.
const PAUSE: Duration = Duration::from_secs(2);
/// The sender where letters go to nobody.
const NOBODY: &str = "holdspace@localhost.localdomain";

/// Puts together what the post needs.
///
/// # Errors
/// Where letters have no way out, no sender or no words, or where their links would lead nowhere.
pub fn post_office(house: &House) -> anyhow::Result<PostOffice> {
    let House { config, desk } = house;
    if config.is_local() && config.mail_url.is_some() && !config.mail_is_local() {
        bail!(
            "links in letters would lead to this machine only; set public_url, such as https://holdspace.hospital.org"
        );
    }
    let goes_out = matches!(mail_url(config)?, MailUrl::Smtp(_));
    let sender = sender(config, goes_out)?;
    // Revealed to everyone who gets a letter: it is the installation's own address.
    let contact = config.contact.clone().unwrap_or_else(|| sender.address.reveal().to_owned());
    Ok(PostOffice {
        writer: Arc::new(Writer {
            templates: templates(config)?,
            sender,
            signing: dkim::signing(config)?,
            office: config.office.clone(),
            contact,
        }),
        desk: desk.clone(),
        transport: transport(config, Limits::default())?,
        bounces: config.mail_bounces.clone().filter(|_| goes_out),
        pace: Pace { per_minute: config.mail_rate.filter(|_| goes_out), connections: CONNECTIONS },
    })
}

/// How a minute's letters are shared out; none where there is no limit, or letters go to nobody.
#[must_use]
pub fn shares(config: &Config) -> Option<Shares> {
    let goes_out = matches!(mail_url(config), Ok(MailUrl::Smtp(_)));
    config.mail_rate.filter(|_| goes_out).map(Shares::of)
}

/// How long so many letters for everyone take: `1,500 at 25 a minute: about 60 minutes`.
#[must_use]
pub fn estimate(shares: Shares, letters: usize) -> String {
    let long = about(shares.minutes_for(letters));
    format!("{} at {} a minute: {long}", grouped(letters), shares.everyone)
}

fn sender(config: &Config, goes_out: bool) -> anyhow::Result<Sender> {
    if let Some(sender) = &config.mail_from {
        return Ok(Sender { name: sender.name.clone(), address: sender.address.clone() });
    }
    if goes_out {
        bail!("letters have no sender; set mail_from, such as Holdspace <holdspace@hospital.org>");
    }
    Ok(Sender { name: "Holdspace".to_owned(), address: NOBODY.parse().context("the sender of no letters")? })
}

/// Sends what is due.
///
/// # Errors
/// Those of [`post_office`] and of loading and saving.
pub async fn deliver(house: &House, words: &Deliver) -> anyhow::Result<Answer> {
    let post = post_office(house)?;
    let bar = bar(post.due().await?);
    let mut all = Delivered::default();
    loop {
        let before = all;
        let round = post.deliver(&|so_far| show(&bar, sum(before, so_far))).await?;
        all = sum(before, round);
        if words.once || all.drained {
            break;
        }
        bar.set_message(format!("{} wait for the pace{}", count(all.waiting, "letter"), left(&post).await?));
        tokio::time::sleep(PAUSE).await;
    }
    bar.finish_and_clear();
    let Delivered { sent, retrying, failed, waiting, .. } = all;
    let mut people =
        format!("{} sent, {retrying} to be tried again, {failed} refused for good", count(sent, "letter"));
    if waiting > 0 && all.stuck {
        people += &format!(", {waiting} wait until the mail server can be reached");
    } else if waiting > 0 {
        people += &format!(", {waiting} wait for the pace{}", left(&post).await?);
    }
    Ok(Answer::new(&all, people + ".")?.refused_if(failed > 0))
}

/// How long what everyone gets still takes, in brackets; how many others wait is in no estimate.
async fn left(post: &PostOffice) -> anyhow::Result<String> {
    let due = post.due_to_everyone().await?;
    let shares = post.pace.per_minute.map(Shares::of).filter(|_| due > 0);
    Ok(shares.map(|shares| format!(" ({})", estimate(shares, due))).unwrap_or_default())
}

fn sum(a: Delivered, b: Delivered) -> Delivered {
    Delivered {
        sent: a.sent + b.sent,
        retrying: a.retrying + b.retrying,
        failed: a.failed + b.failed,
        waiting: b.waiting,
        drained: b.drained,
        stuck: b.stuck,
    }
}

fn show(bar: &ProgressBar, so_far: Delivered) {
    bar.set_position((so_far.sent + so_far.retrying + so_far.failed) as u64);
    bar.set_message(format!("{} sent, {} later, {} refused", so_far.sent, so_far.retrying, so_far.failed));
}

/// A bar on a terminal; nothing elsewhere.
fn bar(due: usize) -> ProgressBar {
    let target =
        if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(due as u64), target);
    match ProgressStyle::with_template("letters {wide_bar} {pos}/{len}  {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
