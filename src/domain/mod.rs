//! What is true of rosters, plans, bookings and releases. Values in, values out: never a clock, a database,
//! randomness or a log.

pub mod availability;
pub mod busy;
pub mod headings;
pub mod id;
pub mod identity;
pub mod offering;
pub mod people;
pub mod places;
pub mod protection;
pub mod roster;
pub mod table;
pub mod time;
pub mod written;
