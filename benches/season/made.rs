//! A made-up institution of any size: the files that its offices would hand in. The same size gives the same files;
//! nobody in them exists.

use std::fmt::Write as _;

use chrono::{Datelike, Duration, NaiveDate};
use holdspace::domain::offering::Rules;
use holdspace::domain::plan::Weights;
use holdspace::domain::time::Instant;

/// How many people, and how their time is protected.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Residents on the roster.
    pub residents: usize,
    /// Therapists, with 24 hours a week each.
    pub therapists: usize,
    /// Whether every resident has time of their own, as a schedule from Amion gives it, instead of their cohort's.
    pub own_time: bool,
}

/// The files of an institution.
pub struct Files {
    pub programs: String,
    pub sites: String,
    pub therapists: String,
    pub availability: String,
    pub roster: String,
    pub protected: String,
}

/// Residents of one program.
const PROGRAM: usize = 80;
/// How long the booking period is.
const WEEKS: i64 = 12;
/// Where programs are, in turn.
const ZONES: [(&str, &str); 4] = [
    ("America/Denver", "CO"),
    ("America/Chicago", "IL"),
    ("America/New_York", "NY"),
    ("America/Phoenix", "AZ"),
];
const COHORTS: [char; 5] = ['A', 'B', 'C', 'D', 'E'];
const WEEKDAYS: [&str; 5] = ["MO", "TU", "WE", "TH", "FR"];
const FIRST: [&str; 8] = ["Ada", "Bao", "Chidi", "Dana", "Emre", "Fatima", "Giulia", "Hiro"];
const LAST: [&str; 7] = ["Abara", "Brandt", "Castellanos", "Dubois", "Eriksen", "Farouk", "Guerrero"];

/// The first day of a season that is far enough ahead for every letter to be still in its time.
pub fn first_day(now: Instant) -> NaiveDate {
    let day = now.date_naive() + Duration::days(60);
    day - Duration::days(i64::from(day.weekday().num_days_from_monday()))
}

/// The offering, without an announcement: so the invitations, the heaviest letters, are due at once.
pub fn rules(from: NaiveDate) -> Rules {
    Rules {
        title: "Protected time".to_owned(),
        visit_minutes: 50,
        buffer_minutes: 10,
        from,
        until: from + Duration::days(7 * WEEKS - 3),
        notice_hours: 24,
        reserve_percent: 15,
        reminder_hours: vec![48],
        announce_days: None,
        release_on: None,
        epsilon_millis: 1000,
        survey: true,
        breakdowns: false,
        weights: Weights::default(),
    }
}

/// Writes the files.
pub fn files(size: Size, from: NaiveDate) -> Result<Files, std::fmt::Error> {
    let mut programs = "code,name,zone,state,coordinator_email\n".to_owned();
    let mut sites = "site,zone,state,address\n".to_owned();
    for number in 0..size.residents.div_ceil(PROGRAM) {
        let (zone, state) = ZONES[number % ZONES.len()];
        writeln!(programs, "P{number:02},Program {number},{zone},{state},office{number}@example.edu")?;
        writeln!(sites, "Site {number},{zone},{state},{number} Example Avenue")?;
    }
    let (therapists, availability) = care(size.therapists, from)?;
    let roster = roster(size.residents, from)?;
    Ok(Files { programs, sites, therapists, availability, roster, protected: protected(size, from)? })
}

/// Therapists who work three weekdays each, from nine to five in their own zone.
fn care(count: usize, from: NaiveDate) -> Result<(String, String), std::fmt::Error> {
    let mut therapists =
        "name,email,gender,sites,modality,languages,licensed_states,video_url,phone,room,supervises\n"
            .to_owned();
    let mut hours = "therapist_email,weekday,start,end,zone,from,until\n".to_owned();
    let until = from + Duration::days(7 * WEEKS - 3);
    for number in 0..count {
        let (zone, _) = ZONES[number % ZONES.len()];
        let name = LAST[number % LAST.len()];
        let address = format!("therapist{number}@counseling.example.org");
        writeln!(
            therapists,
            "\"Robin {name}, PhD\",{address},female,,video,English,CO;IL;NY;AZ,https://video.example.org/{number},,,"
        )?;
        for day in 0..3 {
            let weekday = WEEKDAYS[(number + 2 * day) % WEEKDAYS.len()];
            writeln!(hours, "{address},{weekday},09:00,17:00,{zone},{from},{until}")?;
        }
    }
    Ok((therapists, hours))
}

fn roster(count: usize, from: NaiveDate) -> Result<String, std::fmt::Error> {
    let mut roster = "program,last_name,first_name,email,pgy,cohort,site,start_date\n".to_owned();
    for number in 0..count {
        let (program, pgy) = (number / PROGRAM, 1 + number % 3);
        let (last, first) = (LAST[number % LAST.len()], FIRST[number % FIRST.len()]);
        let cohort = COHORTS[number % COHORTS.len()];
        writeln!(
            roster,
            "P{program:02},{last}{number},{first},resident{number}@example.edu,{pgy},{cohort},Site {program},{from}"
        )?;
    }
    Ok(roster)
}

/// An afternoon of every other week: the cohort's weekday, the odd programs in the odd weeks.
fn protected(size: Size, from: NaiveDate) -> Result<String, std::fmt::Error> {
    let afternoon = |program: usize, week: i64, weekday: usize| {
        let days = 7 * (2 * week + i64::from(program % 2 == 1)) + i64::try_from(weekday).unwrap_or(0);
        from + Duration::days(days)
    };
    let programs = size.residents.div_ceil(PROGRAM);
    if !size.own_time {
        let mut text = "program,cohort,date,start,end\n".to_owned();
        for (program, (weekday, cohort)) in
            (0..programs).flat_map(|program| COHORTS.iter().enumerate().map(move |cohort| (program, cohort)))
        {
            for week in 0..WEEKS / 2 {
                let date = afternoon(program, week, weekday);
                writeln!(text, "P{program:02},{cohort},{date},13:00,17:00")?;
            }
        }
        return Ok(text);
    }
    let mut text = "program,email,date,start,end\n".to_owned();
    for number in 0..size.residents {
        for week in 0..WEEKS / 2 {
            // Each on weekdays of their own, so that hardly two residents fit the same slots.
            let weekday = (number / 7 + number * usize::try_from(week).unwrap_or(0)) % WEEKDAYS.len();
            let date = afternoon(number, week, weekday);
            writeln!(text, "P{:02},resident{number}@example.edu,{date},13:00,17:00", number / PROGRAM)?;
        }
    }
    Ok(text)
}
