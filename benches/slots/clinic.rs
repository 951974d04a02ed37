//! Fifty therapists with every working hour of thirty days, and residents who could come at any of them. Nobody exists.

use std::fmt::Write as _;

use anyhow::{Context, ensure};
use chrono::{Datelike, Duration, NaiveDate, Weekday};
use holdspace::clock::{Clock, SystemClock};
use holdspace::desk::admit::RosterOptions;
use holdspace::desk::protect::Format;
use holdspace::domain::protection::Mapping;
use holdspace::domain::table::Table;

use crate::made::{self, Size};
use crate::stages::Season;

/// Therapists.
pub const THERAPISTS: usize = 50;
/// Days of the booking period.
pub const DAYS: i64 = 30;
const RESIDENTS: usize = 200;
const ZONE: &str = "America/New_York";

/// Everybody, booked.
pub struct Clinic {
    season: Season,
    /// Tokens of the residents' links.
    links: Vec<String>,
}

impl Clinic {
    pub async fn booked(database: &str) -> anyhow::Result<Self> {
        let size = Size { residents: RESIDENTS, therapists: THERAPISTS, own_time: false };
        let mut season = Season::found(database, size).await?;
        let from = made::first_day(SystemClock.now());
        let read = |text: String| -> anyhow::Result<Vec<Table>> {
            Ok(holdspace::intake::read(text.as_bytes(), "slots.csv")?)
        };
        let desk = &season.desk;
        desk.import_programs(
            &read(format!(
                "code,name,zone,state,coordinator_email\nP,Program,{ZONE},NY,office@example.edu\n"
            ))?,
            false,
        )
        .await?;
        desk.import_sites(
            &read(format!("site,zone,state,address\nSite,{ZONE},NY,1 Example Avenue\n"))?,
            false,
        )
        .await?;
        let [therapists, hours] = care(from)?;
        desk.import_therapists(&read(therapists)?, false).await?;
        desk.import_availability(&read(hours)?, false).await?;
        let roster = desk.import_roster(&read(roster(from)?)?, &RosterOptions::default()).await?;
        let protected = read(protected(from)?)?;
        let protected = desk.import_protection(&protected, Format::Csv, &Mapping::default(), false).await?;
        ensure!(roster.refused.is_empty() && protected.refused.is_empty(), "a made-up file was refused");
        let rules = made::rules(from);
        desk.create_offering(holdspace::domain::offering::Rules { until: last(from), ..rules }).await?;
        season.plan().await?;
        season.book().await?;
        let pages = season.pages().await?;
        let links = pages.iter().filter_map(|page| page.strip_prefix("/v/")).map(str::to_owned).collect();
        Ok(Self { season, links })
    }

    /// One resident looks; says how many times they are offered.
    pub async fn look(&self, number: usize) -> anyhow::Result<usize> {
        let link = self.links.get(number % self.links.len()).context("somebody has a link")?;
        Ok(self.season.desk.offers(link).await?.times.len())
    }

    /// Seats of the offering.
    pub async fn free(&self) -> anyhow::Result<i64> {
        let mut db = self.season.store.read().await?;
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM seats").fetch_one(&mut *db).await?)
    }

    pub async fn close(self) {
        self.season.store.close().await;
    }
}

fn last(from: NaiveDate) -> NaiveDate {
    from + Duration::days(DAYS - 1)
}

fn care(from: NaiveDate) -> Result<[String; 2], std::fmt::Error> {
    let mut therapists =
        "name,email,gender,sites,modality,languages,licensed_states,video_url,phone,room,supervises\n"
            .to_owned();
    let mut hours = "therapist_email,weekday,start,end,zone,from,until\n".to_owned();
    let until = last(from);
    for number in 0..THERAPISTS {
        let address = format!("therapist{number}@counseling.example.org");
        writeln!(
            therapists,
            "Robin {number},{address},female,,video,English,NY,https://video.example.org/{number},,,"
        )?;
        for weekday in ["MO", "TU", "WE", "TH", "FR"] {
            writeln!(hours, "{address},{weekday},09:00,17:00,{ZONE},{from},{until}")?;
        }
    }
    Ok([therapists, hours])
}

fn roster(from: NaiveDate) -> Result<String, std::fmt::Error> {
    let mut roster = "program,last_name,first_name,email,pgy,cohort,site,start_date\n".to_owned();
    for number in 0..RESIDENTS {
        writeln!(roster, "P,Resident{number},Alex,resident{number}@example.edu,1,A,Site,{from}")?;
    }
    Ok(roster)
}

fn protected(from: NaiveDate) -> Result<String, std::fmt::Error> {
    let mut text = "program,cohort,date,start,end\n".to_owned();
    let days = (0..DAYS).map(|day| from + Duration::days(day));
    for date in days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)) {
        writeln!(text, "P,A,{date},08:00,18:00")?;
    }
    Ok(text)
}
