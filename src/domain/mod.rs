//! What is true of rosters, plans, bookings and releases. Values in, values out: never a clock, a database,
//! randomness or a log.

pub mod absence;
pub mod audit;
pub mod availability;
pub mod booking;
pub mod bounce;
pub mod busy;
pub mod capacity;
pub mod eligibility;
pub mod follow_up;
pub mod headings;
pub mod id;
pub mod identity;
pub mod incoming;
pub mod language;
pub mod letter;
pub mod matching;
pub mod offering;
pub mod owed;
pub mod pace;
pub mod people;
pub mod places;
pub mod plan;
pub mod protection;
pub mod published;
pub mod relay;
pub mod release;
pub mod retention;
pub mod retiming;
pub mod roster;
pub mod seating;
pub mod staff;
pub mod survey;
pub mod sync;
pub mod table;
pub mod time;
pub mod written;

#[cfg(test)]
mod time_properties;
