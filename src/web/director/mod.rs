//! A director's pages: facts without outcomes across the institution, what is offered, and who helps. Never a count of
//! what residents did.

mod capacity;
mod files;
mod form;
mod letters;
mod log;
mod mail;
mod names;
mod offerings;
mod overview;
mod people;
mod programs;
mod releases;
mod rules;
mod sites;
mod therapists;

use super::shell::{Door, Shell};
use super::words::director::director;
use super::words::log::log as log_words;
use super::words::setup::setup;
use crate::web::doors::Doors;

/// The routes of a director.
pub fn routes() -> Doors {
    overview::routes()
        .merge(programs::routes())
        .merge(sites::routes())
        .merge(therapists::routes())
        .merge(offerings::routes())
        .merge(letters::routes())
        .merge(capacity::routes())
        .merge(releases::routes())
        .merge(mail::routes())
        .merge(people::routes())
        .merge(log::routes())
}

const OVERVIEW: &str = "/overview";
const PROGRAMS: &str = "/institution/programs";
const THERAPISTS: &str = "/institution/therapists";
const OFFERINGS: &str = "/institution/offerings";
const LETTERS: &str = "/institution/letters";
const CAPACITY: &str = "/institution/capacity";
const RELEASES: &str = "/institution/releases";
const MAIL: &str = "/institution/mail";
const PEOPLE: &str = "/institution/people";
const LOG: &str = "/institution/log";
const RETENTION: &str = "/institution/retention";

/// The frame of a director's page; `current` is the address of the page that is open, or of the group it belongs to.
pub(super) fn shell(current: &str) -> Shell {
    let d = director();
    let doors = [
        (OVERVIEW, d.door_overview),
        (PROGRAMS, d.door_setup),
        (CAPACITY, d.door_capacity),
        (RELEASES, d.door_releases),
        (MAIL, d.door_mail),
        (PEOPLE, d.door_people),
        (LOG, log_words().log_title),
    ];
    let doors = doors.map(|(href, label)| Door::new(href, label));
    Shell::new(String::new(), doors.into(), current)
}

/// The pages beside each other under “Setting up”; `current` is the one that is open.
fn beside(current: &str) -> Vec<Door> {
    let s = setup();
    let doors = [
        (PROGRAMS, s.programs_title),
        (THERAPISTS, s.therapists_title),
        (OFFERINGS, s.offerings_title),
        (LETTERS, s.letters_title),
    ];
    doors.map(|(href, label)| Door { current: href == current, ..Door::new(href, label) }).into()
}
