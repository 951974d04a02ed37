//! A coordinator's pages of one program: roster, protected time, plan, coverage and releases. Nothing on any of them
//! depends on what a resident did.

mod book;
mod booking;
mod choice;
mod coverage;
mod lines;
mod plan;
mod protected;
mod protected_import;
mod releases;
mod roster;
mod roster_import;
mod roster_look;
mod roster_person;
mod season;

use super::program_path;
use super::shell::{Door, Shell};
use super::words::season::season;
use crate::domain::people::Program;
use crate::web::doors::Doors;

/// The routes of a program.
pub fn routes() -> Doors {
    season::routes()
        .merge(roster::routes())
        .merge(roster_import::routes())
        .merge(roster_person::routes())
        .merge(protected::routes())
        .merge(protected_import::routes())
        .merge(plan::routes())
        .merge(book::routes())
        .merge(coverage::routes())
        .merge(releases::routes())
}

/// The frame of a program's page; `current` is the last part of the address of the page that is open, such as
/// `/roster`, and empty for the first.
fn shell(program: &Program, current: &str) -> Shell {
    let w = season();
    let path = program_path(&program.code);
    let doors = [
        ("", w.season_title),
        ("/roster", w.roster_door),
        ("/protected", w.protected_door),
        ("/plan", w.plan_title),
        ("/book", w.book_title),
        ("/coverage", w.coverage_title),
        ("/releases", w.releases_title),
    ];
    let doors = doors.map(|(page, label)| Door::new(format!("{path}{page}"), label));
    Shell::new(program.name.clone(), doors.into(), &format!("{path}{current}"))
}
