//! iCalendar out (RFC 5545): the entry that an invitation carries, a therapist's feed, a coordinator's coverage.
//! Never decides who sees what, and never says an outcome.
//!
//! Every instant is written in UTC and no event repeats, because a zone rule or a series is where calendar
//! programs differ most.

pub mod coverage;
pub mod feed;
pub mod invitation;
pub(crate) mod text;
