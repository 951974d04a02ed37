//! The pages of whoever leads the clinic: inside care, and open to no program. Visits by code, the load, who waits, and
//! blocking time.

mod away;
mod load;
mod visits;
mod waiting;

use super::shell::{Door, Shell};
use super::words::clinic::clinic;
use crate::web::doors::Doors;

/// The routes of the clinic.
pub fn routes() -> Doors {
    Doors::new().merge(visits::routes()).merge(load::routes()).merge(waiting::routes()).merge(away::routes())
}

/// The frame of a page of the clinic; `current` is the address of the page that is open.
fn shell(current: &str) -> Shell {
    let c = clinic();
    let doors = [
        ("/clinic", c.clinic_door),
        ("/clinic/load", c.clinic_load_door),
        ("/clinic/waiting", c.clinic_waiting_door),
        ("/clinic/away", c.clinic_away_door),
    ];
    let doors = doors.map(|(href, label)| Door::new(href, label)).into();
    Shell::new(c.clinic_title.to_owned(), doors, current)
}
