//! What is true of rosters, plans, bookings and releases. Values in, values out: never a clock, a database,
//! randomness or a log.

pub mod id;
pub mod identity;
pub mod letter;
pub mod offering;
pub mod people;
pub mod table;
pub mod time;
