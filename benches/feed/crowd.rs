//! Therapists with five hundred visits each, booked as in service, and what their calendar programs come in with. Nobody
//! in them exists.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, ensure};
use chrono::{Datelike, Duration, NaiveDate, Weekday};
use holdspace::clock::{Clock, SystemClock};
use holdspace::desk::admit::RosterOptions;
use holdspace::desk::errand::Opened;
use holdspace::desk::protect::Format;
use holdspace::desk::session::{Session, Who};
use holdspace::domain::booking::Entry;
use holdspace::domain::id::TherapistId;
use holdspace::domain::letter::Letter;
use holdspace::domain::protection::Mapping;
use holdspace::domain::table::Table;
use holdspace::storage::outbox;

use crate::made::{self, Size};
use crate::stages::Season;

/// Visits of a therapist.
pub const VISITS: usize = 500;
/// Each therapist is licensed in one state, and each program is in one: so each has the visits of one program.
const STATES: [&str; 8] = ["NY", "NJ", "PA", "MA", "CT", "VA", "OH", "GA"];
/// Therapists. Several, because a calendar is answered only so many times a second, on and on.
pub const THERAPISTS: usize = STATES.len();
/// Eleven hours a day for so many weeks: 660 hours, of which a share is kept back for moves, drawn from everybody's together.
const WEEKS: i64 = 12;
const ZONE: &str = "America/New_York";

/// What opens the calendars of one therapist.
pub struct Calendar {
    pub login: String,
    pub password: String,
    /// Path of the secret address of the feed.
    pub feed: String,
    /// The link of somebody who comes.
    visitor: String,
}

/// Everybody.
pub struct Crowd {
    season: Season,
    pub calendars: Vec<Calendar>,
}

impl Crowd {
    /// Books everybody's visit, and lets a calendar program of each therapist in. Not a single letter is left to be sent
    /// while others are measured.
    pub async fn booked(database: &str) -> anyhow::Result<Self> {
        let residents = VISITS * THERAPISTS;
        let size = Size { residents, therapists: THERAPISTS, own_time: false };
        let mut season = Season::found(database, size).await?;
        import(&season).await?;
        season.plan().await?;
        season.book().await?;
        ensure!(season.placed == residents, "of {residents} residents {} have a visit", season.placed);
        let mut crowd = Self { season, calendars: Vec::new() };
        for (therapist, visitor) in crowd.visitors().await? {
            let calendar = crowd.let_in(therapist, visitor).await?;
            crowd.calendars.push(calendar);
        }
        ensure!(crowd.calendars.len() == THERAPISTS, "a therapist has no visit");
        crowd.owe_nothing().await?;
        Ok(crowd)
    }

    /// Takes one visit off each therapist's calendars.
    pub async fn one_opts_out_of_each(&self) -> anyhow::Result<()> {
        for calendar in &self.calendars {
            self.season.desk.opt_out(&calendar.visitor, Entry::Remove).await?;
        }
        self.owe_nothing().await
    }

    /// One resident's link for each therapist.
    async fn visitors(&self) -> anyhow::Result<BTreeMap<TherapistId, String>> {
        let desk = &self.season.desk;
        let now = desk.now();
        let mut tx = self.season.store.write().await?;
        let limit = i64::try_from(self.season.letters())?;
        let due = outbox::lease(&mut tx, outbox::Audience::Everyone, now, now + Duration::minutes(5), limit)
            .await?;
        tx.rollback().await?;
        let mut visitors = BTreeMap::new();
        for letter in due {
            let Opened::Send(parcel) = desk.open_letter(&letter).await? else { continue };
            let Some(visit) = &parcel.errand.visit else { continue };
            if parcel.errand.letter != Letter::Invitation {
                continue;
            }
            let (_, token) = parcel.link.split_once("/v/").context("an invitation leads to a page")?;
            visitors.entry(visit.therapist).or_insert_with(|| token.to_owned());
        }
        Ok(visitors)
    }

    async fn let_in(&self, therapist: TherapistId, visitor: String) -> anyhow::Result<Calendar> {
        let desk = &self.season.desk;
        let session = Session { who: Who::Therapist(therapist) };
        desk.rotate_feed(&session).await?;
        let address = desk.feed_address(&session).await?.context("a therapist has a feed")?;
        let at = address.find("/feed/").context("a feed has a path")?;
        let password = desk.make_app_password(&session, "Bench", false).await?;
        Ok(Calendar {
            login: desk.calendar_login(&session)?,
            password: password.to_string(),
            feed: address[at..].to_owned(),
            visitor,
        })
    }

    async fn owe_nothing(&self) -> anyhow::Result<()> {
        let mut tx = self.season.store.write().await?;
        sqlx::query("UPDATE outbox SET state = 'sent' WHERE state = 'owed'").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn import(season: &Season) -> anyhow::Result<()> {
    let from = made::first_day(SystemClock.now());
    let read = |text: String| -> anyhow::Result<Vec<Table>> {
        Ok(holdspace::intake::read(text.as_bytes(), "feed.csv")?)
    };
    let desk = &season.desk;
    let [programs, sites, therapists, availability] = institution(from)?;
    desk.import_programs(&read(programs)?, false).await?;
    desk.import_sites(&read(sites)?, false).await?;
    desk.import_therapists(&read(therapists)?, false).await?;
    desk.import_availability(&read(availability)?, false).await?;
    let roster = desk.import_roster(&read(roster(from)?)?, &RosterOptions::default()).await?;
    let protected = read(protected(from)?)?;
    let protected = desk.import_protection(&protected, Format::Csv, &Mapping::default(), false).await?;
    ensure!(roster.refused.is_empty() && protected.refused.is_empty(), "a made-up file was refused");
    desk.create_offering(made::rules(from)).await?;
    Ok(())
}

/// A program, a site and a therapist a state, and the therapist's hours.
fn institution(from: NaiveDate) -> Result<[String; 4], std::fmt::Error> {
    let mut programs = "code,name,zone,state,coordinator_email\n".to_owned();
    let mut sites = "site,zone,state,address\n".to_owned();
    let mut therapists =
        "name,email,gender,sites,modality,languages,licensed_states,video_url,phone,room,supervises\n"
            .to_owned();
    let mut hours = "therapist_email,weekday,start,end,zone,from,until\n".to_owned();
    let until = from + Duration::days(7 * WEEKS - 3);
    for (number, state) in STATES.iter().enumerate() {
        let address = format!("therapist{number}@counseling.example.org");
        writeln!(programs, "P{number},Program {number},{ZONE},{state},office{number}@example.edu")?;
        writeln!(sites, "Site {number},{ZONE},{state},{number} Example Avenue")?;
        writeln!(
            therapists,
            "Robin {number},{address},female,,video,English,{state},https://video.example.org/{number},,,"
        )?;
        for weekday in ["MO", "TU", "WE", "TH", "FR"] {
            writeln!(hours, "{address},{weekday},08:00,19:00,{ZONE},{from},{until}")?;
        }
    }
    Ok([programs, sites, therapists, hours])
}

fn roster(from: NaiveDate) -> Result<String, std::fmt::Error> {
    let mut roster = "program,last_name,first_name,email,pgy,cohort,site,start_date\n".to_owned();
    for (program, number) in (0..THERAPISTS).flat_map(|program| (0..VISITS).map(move |n| (program, n))) {
        let address = format!("resident{program}x{number}@example.edu");
        writeln!(roster, "P{program},Resident{number},Alex,{address},1,A,Site {program},{from}")?;
    }
    Ok(roster)
}

/// Every working day, whole, for everybody: what is measured here is calendars, not planning.
fn protected(from: NaiveDate) -> Result<String, std::fmt::Error> {
    let mut text = "program,cohort,date,start,end\n".to_owned();
    let days = (0..7 * WEEKS).map(|day| from + Duration::days(day));
    let days: Vec<_> = days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)).collect();
    for program in 0..THERAPISTS {
        for date in &days {
            writeln!(text, "P{program},A,{date},08:00,19:00")?;
        }
    }
    Ok(text)
}
