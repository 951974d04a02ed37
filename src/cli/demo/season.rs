//! The main job before the user's eyes: from files to invitations, each step with what came of it. Does nothing that
//! the verbs do not do.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::{Duration, NaiveDate};

use super::samples;
use super::stage::{Stage, address};
use super::telling::Telling;
use crate::desk::admit::RosterOptions;
use crate::desk::protect::Format;
use crate::desk::season::{Booked, PlanShown};
use crate::domain::language::Language;
use crate::domain::offering::Rules;
use crate::domain::people::Program;
use crate::domain::plan::Weights;
use crate::domain::protection::Mapping;
use crate::domain::table::RowRefusal;
use crate::domain::time::{Instant, day};
use crate::mail::words::date_in_words;
use crate::storage::places;

/// Days from the announcement to the invitation.
const ANNOUNCE_DAYS: u32 = 7;
/// Refusals and reasons shown on the terminal; all of them stand in the answers of the verbs.
const SHOWN: usize = 3;

/// What the demo knows of its season once the invitations are out.
pub struct Season {
    /// Residents on the rosters.
    pub residents: usize,
    /// Residents for whom a visit is held.
    pub booked: usize,
    /// First day of visits.
    pub from: NaiveDate,
    /// The first moment at which the release may be frozen.
    pub release_at: Instant,
    /// The codes of the programs.
    pub programs: Vec<String>,
}

/// Runs the season up to the invitations.
///
/// # Errors
/// Those of the desk, which the sample files give no reason for.
pub async fn run(stage: &Stage, telling: &Telling) -> anyhow::Result<Season> {
    places_and_people(stage, telling).await?;
    stage.entrust().await?;
    let residents = rosters(stage, telling).await?;
    let blocks = stage
        .desk
        .import_protection(&samples::PROTECTED_TIME.table()?, Format::Csv, &Mapping::default(), false)
        .await?;
    let added = blocks.added;
    telling.step(
        "Protected time",
        format_args!("{added} blocks: visits lie inside them, and they stand whatever anybody does"),
    );
    let (from, release_on) = offering(stage, telling).await?;
    let shown = stage.desk.plan(None, None).await?;
    plan(telling, &shown);
    let Booked { booked, letters_owed, .. } = stage.desk.book(None).await?;
    telling.step(
        "Book",
        format_args!("{booked} visits held, and {letters_owed} letters owed in the same transaction"),
    );
    letters(stage, telling).await?;
    let (programs, release_at) = ending(stage, release_on).await?;
    Ok(Season { residents, booked, from, release_at, programs })
}

async fn places_and_people(stage: &Stage, telling: &Telling) -> anyhow::Result<()> {
    let desk = &stage.desk;
    let programs = desk.import_programs(&samples::PROGRAMS.table()?, false).await?.added;
    telling.step(
        "Programs",
        format_args!("{programs} programs in four zones: everybody reads times in their own"),
    );
    let sites = desk.import_sites(&samples::SITES.table()?, false).await?.added;
    telling.step("Sites", format_args!("{sites} sites: whoever comes in person is not sent to another city"));
    let therapists = desk.import_therapists(&samples::THERAPISTS.table()?, false).await?.added;
    telling.step(
        "Therapists",
        format_args!("{therapists} therapists: where licensed, how they meet, and whom they supervise"),
    );
    let hours = desk.import_availability(&samples::AVAILABILITY.table()?, false).await?.added;
    telling.step(
        "Availability",
        format_args!("{hours} stretches of weekly hours, to be cut into visits of 50 minutes"),
    );
    if let Some(first) = stage.hosts.first() {
        let busy = desk.import_busy(&address(&first.address)?, &samples::BUSY.calendar()?, None).await?.added;
        telling.step(
            "Busy time",
            format_args!(
                "{busy} events of a therapist's calendar are kept free; what they are about is not kept"
            ),
        );
    }
    Ok(())
}

/// The messy file first, as a dry run; then the clean one. Says how many residents there are.
async fn rosters(stage: &Stage, telling: &Telling) -> anyhow::Result<usize> {
    let options = RosterOptions { program: Some("IM".to_owned()), dry_run: true, ..RosterOptions::default() };
    let messy = stage.desk.import_roster(&samples::ROSTER_IN_EXCEL.table()?, &options).await?;
    telling.step(
        "Excel roster",
        format_args!(
            "dry run: {} lines would be taken, {} not; each says where and what to do",
            messy.added,
            messy.refused.len()
        ),
    );
    refusals(telling, &messy.refused);
    if !messy.ignored_columns.is_empty() {
        telling.detail(format_args!("columns never read: {}", messy.ignored_columns.join(", ")));
    }
    let clean = stage.desk.import_roster(&samples::ROSTER.table()?, &RosterOptions::default()).await?;
    telling.step(
        "Roster",
        format_args!("{} residents, names sealed: the database alone names nobody", clean.added),
    );
    refusals(telling, &clean.refused);
    Ok(clean.added)
}

fn refusals(telling: &Telling, refused: &[RowRefusal]) {
    for refusal in refused.iter().take(SHOWN) {
        telling.detail(refusal);
    }
}

/// Makes the offering; gives its first day and the day of its release.
async fn offering(stage: &Stage, telling: &Telling) -> anyhow::Result<(NaiveDate, NaiveDate)> {
    let rules = Rules {
        title: "Protected time".to_owned(),
        visit_minutes: 50,
        buffer_minutes: 10,
        from: NaiveDate::from_ymd_opt(2027, 7, 5).unwrap_or_default(),
        until: NaiveDate::from_ymd_opt(2027, 9, 24).unwrap_or_default(),
        notice_hours: 24,
        reserve_percent: 10,
        reminder_hours: vec![48, 24],
        announce_days: Some(ANNOUNCE_DAYS),
        release_on: None,
        epsilon_millis: 1000,
        survey: true,
        breakdowns: false,
        weights: Weights::default(),
    };
    let from = rules.from;
    let created = stage.desk.create_offering(rules).await?;
    telling.step(
        "Offering",
        format_args!("a neutral title; its lottery is drawn, and fixed by the hash {}…", {
            &created.seed_hash[..12]
        }),
    );
    Ok((from, created.release_on))
}

fn plan(telling: &Telling, shown: &PlanShown) {
    let PlanShown { residents, placed, unplaced, reserve, .. } = shown;
    telling.step(
        "Plan",
        format_args!(
            "{placed} of {residents} have a place; {reserve} seats stay free, so that a free one tells nothing"
        ),
    );
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for one in unplaced {
        *reasons.entry(&one.reason).or_default() += 1;
    }
    let mut reasons: Vec<(&str, usize)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, people)| std::cmp::Reverse(*people));
    for (reason, people) in reasons.iter().take(SHOWN) {
        telling.detail(format_args!("{people} cannot be placed: {reason}"));
    }
    let others: usize = reasons.iter().skip(SHOWN).map(|(_, people)| people).sum();
    if others > 0 {
        telling.detail(format_args!("{others} more, for {} other reasons", reasons.len() - SHOWN));
    }
}

/// The announcement now, and the invitations after its lead.
async fn letters(stage: &Stage, telling: &Telling) -> anyhow::Result<()> {
    let announced = deliver(stage, telling).await?;
    telling.step(
        "Announcement",
        format_args!(
            "{announced} delivered: who writes and why, so that the invitation is from somebody known"
        ),
    );
    stage.clock.advance(Duration::days(i64::from(ANNOUNCE_DAYS)));
    stage.desk.refresh_offers().await?;
    let invited = deliver(stage, telling).await?;
    let today = date_in_words(stage.now().date_naive(), Language::English);
    telling.step(
        "Invitations",
        format_args!("{invited} delivered on {today}: one calendar entry and one link for each resident"),
    );
    Ok(())
}

async fn deliver(stage: &Stage, telling: &Telling) -> anyhow::Result<usize> {
    let bar = telling.bar(stage.post.due().await?);
    let delivered = stage.post.deliver(&|so_far| bar.set_position(so_far.sent as u64)).await?;
    bar.finish_and_clear();
    Ok(delivered.sent)
}

/// The codes of the programs, and the moment of release: its day begins last in the west.
async fn ending(stage: &Stage, on: NaiveDate) -> anyhow::Result<(Vec<String>, Instant)> {
    let mut db = stage.desk.store().read().await?;
    let institution = places::institution(&mut db).await?.context("an institution was founded")?;
    let programs = places::programs(&mut db, institution).await?;
    let begins = |program: &Program| day(on, program.zone).starts_at();
    let at = programs.iter().map(begins).max().context("programs were imported")?;
    let mut codes: Vec<String> = programs.into_iter().map(|program| program.code).collect();
    codes.sort();
    Ok((codes, at))
}
