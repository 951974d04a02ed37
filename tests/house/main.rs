//! The one test binary: people walking through seasons, and the walls of the house. Never holds product code.
//!
//! | module | holds |
//! | --- | --- |
//! | [`architecture`] | who may use whom, where sqlx, lettre, time and randomness may be named, the size of a file |
//! | [`command_line`], [`command_line_serve`] | words, exit codes and JSON of the binary itself; starting and stopping |
//! | [`demo`] | the demo as a newcomer meets it |
//! | [`harness`] | throw-away PostgreSQL, SMTP sink, both engines, captured log; tested in its own files |
//! | [`links`] | residents, scanners, therapists and a director behind their links, against a served season |
//!
//! Each module links into this one binary, because every further one links everything again.

#![expect(clippy::unwrap_used, reason = "what fails here is a test, and should")]

mod architecture;
mod command_line;
mod command_line_serve;
mod demo;
mod harness;
mod links;
