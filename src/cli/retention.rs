//! `retention`: what is destroyed when, and the same done now. Never decides what is past its time.

use super::answer::{Answer, table};
use super::args::Retention;
use super::house::House;
use crate::desk::retention::RetentionShown;
use crate::domain::retention::{Due, Kind};

/// Shows it, or destroys what is past its time.
///
/// # Errors
/// Those of the desk.
pub async fn retention(house: &House, words: &Retention) -> anyhow::Result<Answer> {
    if words.now {
        let done = house.desk.destroy_due().await?;
        house.desk.store().truncate_log().await?;
        let people = format!(
            "Destroyed: {} seasons, {} residents who had left a roster, {} entries of the staff log.\n",
            done.seasons, done.residents, done.entries
        );
        return Answer::new(&done, people);
    }
    let shown = house.desk.retention_shown().await?;
    Answer::new(&shown, told(&shown))
}

fn told(shown: &RetentionShown) -> String {
    let days = &shown.days;
    let row = |due: &Due| [when(due), what(due)];
    format!(
        "Kept: bookings {} days after the release, residents {} days after they left a roster, the staff log {} days.\n{}\
         The workers of `holdspace serve` do this by themselves; `holdspace retention --now` does what is past its time.\n",
        days.visits,
        days.former_residents,
        days.staff_log,
        table(["Day (UTC)", "What is destroyed"], shown.due.iter().map(row)),
    )
}

fn when(due: &Due) -> String {
    match due.on {
        None => "destroyed".to_owned(),
        Some(on) if due.after_release => format!("{on} at the earliest"),
        Some(on) => on.to_string(),
    }
}

fn what(due: &Due) -> String {
    match due.kind {
        Kind::Season => format!("bookings, marks and choices of “{}”", due.name),
        Kind::FormerResidents => format!("{} who left a roster", due.people.unwrap_or_default()),
        Kind::StaffLog => "the oldest entries of the staff log".to_owned(),
    }
}
