//! A therapist's pages: own visits, hours and calendars. Never anybody else's visits.

mod agenda;
mod another;
mod away;
mod busy;
mod calendars;
mod hours;
mod passwords;

use super::shell::{Door, Shell};
use super::words::busy::busy as busy_words;
use super::words::therapist::therapist;
use crate::web::doors::Doors;

/// The routes of a therapist.
pub fn routes() -> Doors {
    Doors::new()
        .merge(agenda::routes())
        .merge(another::routes())
        .merge(calendars::routes())
        .merge(passwords::routes())
        .merge(hours::routes())
        .merge(away::routes())
        .merge(busy::routes())
}

/// The frame of a therapist's page; `current` is the address of the page that is open.
fn shell(current: &str) -> Shell {
    let t = therapist();
    let doors = [
        ("/agenda", t.agenda_title),
        ("/agenda/hours", t.hours_door),
        ("/agenda/away", t.away_door),
        ("/agenda/busy", busy_words().door),
        ("/agenda/calendars", t.calendars_door),
    ];
    Shell::new(String::new(), doors.map(|(href, label)| Door::new(href, label)).into(), current)
}
