//! People behind their links: residents on a phone, mail scanners, therapists and a director. Never looks inside a
//! page further than a reader would.

mod ends;
mod manners;
mod programs;
mod residents;
pub mod season;
mod staff;
