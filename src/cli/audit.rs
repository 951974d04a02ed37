//! `audit`: what staff did, what happened to bookings, and whether either was tampered with. Never decides who may read.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};

use super::answer::{Answer, count, table};
use super::args::audit::{Audit, Outcomes, Staff, Verify};
use super::house::House;
use crate::desk::audit_check::{Checked, HeadShown, Kept};
use crate::desk::outcomes::{Asked, OutcomeLine};
use crate::domain::audit::{Entry, csv};

/// Bytes of the longest file of heads: some hundred thousand.
const LONGEST: u64 = 16 * 1024 * 1024;
/// Entries read at once for a whole table.
const AT_ONCE: i64 = 500;

/// Does what the words say.
///
/// # Errors
/// Those of the desk.
pub async fn audit(house: &House, words: Audit) -> anyhow::Result<Answer> {
    match words {
        Audit::Staff(words) => staff(house, &words).await,
        Audit::Outcomes(words) => outcomes(house, &words).await,
        Audit::Verify(words) => verify(house, &words).await,
        Audit::Head => head(house).await,
    }
}

async fn staff(house: &House, words: &Staff) -> anyhow::Result<Answer> {
    if words.csv {
        let (mut all, mut before) = (Vec::new(), words.before);
        loop {
            let entries = house.desk.staff_entries(before, AT_ONCE).await?;
            let Some(last) = entries.last() else { break };
            before = Some(last.number);
            all.extend(entries);
        }
        return Answer::new(&all, csv(&all));
    }
    let entries = house.desk.staff_entries(words.before, words.limit.into()).await?;
    let row = |entry: &Entry| {
        let at = entry.at.format("%Y-%m-%d %H:%M").to_string();
        [entry.number.to_string(), at, entry.who.clone(), entry.details.clone()]
    };
    let people = table(["No.", "UTC", "Who", "What"], entries.iter().map(row));
    Answer::new(&entries, people)
}

async fn outcomes(house: &House, words: &Outcomes) -> anyhow::Result<Answer> {
    let asked = match (&words.of.resident, words.of.since) {
        (Some(resident), _) => Asked::Of(&resident.0),
        (None, Some(day)) => Asked::Since(day),
        (None, None) => bail!("say of whom with --resident, or since when with --since"),
    };
    let read = house.desk.read_outcomes(&asked, &words.reason).await?;
    let row = |line: &OutcomeLine| {
        let at = |at: crate::domain::time::Instant| at.format("%Y-%m-%d %H:%M").to_string();
        let visit = line.visit.map(at).unwrap_or_default();
        [
            at(line.at),
            line.resident.clone(),
            line.what.to_owned(),
            visit,
            line.by.to_owned(),
            line.offering.clone(),
        ]
    };
    let mut people =
        table(["UTC", "Resident", "What", "Visit (UTC)", "By", "Offering"], read.lines.iter().map(row));
    if read.lines.is_empty() {
        people += "Nothing is on file.\n";
    }
    if read.fallen > 0 {
        people += &format!("{} are not kept any more.\n", count(read.fallen as usize, "older line"));
    }
    if read.unread > 0 {
        people += "Some histories do not open; `holdspace audit verify` tells which.\n";
    }
    people += "That this was read stands in the staff log, with your name here and the reason.\n";
    Answer::new(&read, people)
}

async fn head(house: &House) -> anyhow::Result<Answer> {
    let heads = house.desk.audit_heads().await?;
    let line = |head: &HeadShown| format!("{} {} {}\n", head.log, head.entries, head.mac);
    let people: String = heads.iter().filter(|head| head.entries > 0).map(line).collect();
    Answer::new(&heads, people)
}

async fn verify(house: &House, words: &Verify) -> anyhow::Result<Answer> {
    let kept = words.heads.as_deref().map(kept).transpose()?.unwrap_or_default();
    let checked = house.desk.check_audit(&kept).await?;
    let people = told(&checked, kept.len());
    let refused = !checked.findings.is_empty();
    Ok(Answer::new(&checked, people)?.refused_if(refused))
}

fn told(checked: &Checked, kept: usize) -> String {
    let Checked { staff, outcomes, histories, findings, too_old } = checked;
    let mut text = String::new();
    for finding in findings {
        text += &format!("{}, {}: {}\n", finding.log, finding.at, finding.found);
    }
    text += &format!(
        "Read: {staff} entries of the staff log, {outcomes} of the fixed hours, {histories} histories of bookings.\n"
    );
    if *too_old > 0 {
        text += &format!("{} older than what is kept could not be compared.\n", count(*too_old, "kept head"));
    }
    if !findings.is_empty() {
        return text
            + "Something is not as it was written. Keep a copy of the database as it is before anything else is done.\n";
    }
    text += "Everything is as it was written.\n";
    if kept == 0 {
        text += "Whether an older copy of the whole database was put back is found only with heads that were kept elsewhere: \
                 `holdspace audit head`, and then `audit verify --heads FILE`.\n";
    }
    text
}

/// The heads in a file, one a line as `audit head` prints them.
fn kept(path: &Path) -> anyhow::Result<Vec<Kept>> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown}: cannot be read"))?;
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).with_context(|| format!("{shown}: is no text"))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(at, line): (usize, &str)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [log, entries, mac] = words[..] else {
            bail!("{shown}, line {}: give lines as `holdspace audit head` prints them", at + 1)
        };
        let entries = entries.parse().with_context(|| format!("{shown}, line {}: is no number", at + 1))?;
        Ok(Kept { log: log.to_owned(), entries, mac: mac.to_owned() })
    };
    lines.map(read).collect()
}
