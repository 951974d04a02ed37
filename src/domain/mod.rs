//! What is true of rosters, plans, bookings and releases. Values in, values out: never a clock, a database,
//! randomness or a log.

pub mod booking;
pub mod availability;
pub mod headings;
pub mod eligibility;
pub mod id;
pub mod identity;
pub mod letter;
pub mod offering;
pub mod owed;
pub mod people;
pub mod seating;
pub mod places;
pub mod protection;
pub mod roster;
pub mod plan;
pub mod table;
pub mod time;
pub mod written;
pub mod release;
pub mod table;
pub mod time;
#[cfg(test)]
mod time_properties;
