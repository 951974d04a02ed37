//! The one test binary: people walking through seasons, and the walls of the house. Never holds product code.
//!
//! | module | holds |
//! | --- | --- |
//! | [`architecture`] | who may use whom, where sqlx, lettre, time and randomness may be named, the size of a file |
//! | [`harness`] | throw-away PostgreSQL, SMTP sink, both engines, captured log; tested in its own files |
//!
//! Each module links into this one binary, because every further one links everything again.

#![expect(clippy::unwrap_used, reason = "what fails here is a test, and should")]

mod architecture;
mod harness;
mod season;
mod storage;
