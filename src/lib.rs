//! Holdspace books one confidential default visit for every resident on a roster, inside time that is
//! already protected, and tells the program nothing but frozen aggregates.
//!
//! # The plan of the house
//!
//! Doors (`web`, `jobs`, `cli`) translate and never decide. `desk` loads, asks [`domain`], saves. The domain
//! never waits: values in, values out. Mail leaves only through the outbox, whose rows are written in the
//! transaction that changed the booking. `docs/architecture.md` walks three pieces of data through the rooms;
//! `tests/house/architecture.rs` holds the table of who may use whom. Apart from all that, `solve` reads an instance of
//! numbers and has the engine of the plan answer it; it knows no person.
//!
//! And one rule outranks the others: **an outcome never reaches the program.** Not by a page, a count, a
//! bounce, an error text, a log line, a file name, a response time or a subtraction of two reports.
//!
//! # Words, one a thing
//!
//! | word | meaning |
//! | --- | --- |
//! | institution | a sponsoring institution: owns programs, sites, therapists, offerings |
//! | cycle | an institution's academic year; offerings belong to one; the privacy ledger sums over it |
//! | site | a place with an address, a zone and a state |
//! | program | one residency or fellowship program |
//! | roster | the residents of a program as its coordinator imports them |
//! | resident | a trainee on a roster |
//! | protected block | a span in which a resident is free of duty, whether or not they use it |
//! | therapist | who holds visits; brings availability, modality, sites, licensed states |
//! | availability | a therapist's weekly pattern with exceptions; yields slots |
//! | absence | days or hours in which a therapist holds no visits, with or without an end; closes slots |
//! | place | how a visit is attended: video address, telephone or room |
//! | offering | what is held for people: a neutral title, visit length, booking period, notice and reminder rules |
//! | season | one offering's life: roster, protected time, plan, book, visits, release |
//! | slot, seat | a bookable span of one therapist; the one or more places in it |
//! | plan | the batch's answer: who sits where, who could not be placed and why; computed, not yet booked |
//! | mend | what a batch does first: who lost a default visit to an absence or a changed week is given another |
//! | booking | one resident's place in one offering, through all its changes |
//! | opt out, opt back in, reschedule | what a resident does to a booking |
//! | follow-up | another visit that a therapist offers to a resident they have seen; outside every plan and release |
//! | mark | a therapist's note that a visit was kept or missed; nothing clinical |
//! | letter | one mail that a change owes to one person |
//! | link | a capability to act on one booking or one feed |
//! | release | a noisy, frozen aggregate: the only thing a program ever sees of outcomes |
//! | outbox | letters owed and not yet accepted by the mail server |
//! | staff log | what staff and operators did, for the institution to read; names no resident |
//! | outcome log, history | what happened to bookings, for the privacy officer's verb; the part of it that lies sealed in each booking |
//! | witness | how far all histories had come at a fixed hour, so that one that is put back is found |
//! | data key | the key of one resident, booking or season, in a second store: erasing destroys it |
//! | mirror | the file outside the database to which each release is written before anybody can see it |
//! | breakdown | a release's figures by training year or site, asked for before the first booking |
//! | withdrawal | the end of showing a release, with its reason; never a new draw |
//! | role, grant | what somebody of the offices may do: coordinator of a program, director, clinic lead; and the row that says so |
//! | draft | a file that somebody looks through before it is taken: sealed, for an hour, for its sender alone |

pub mod calendar;
pub mod cli;
pub mod clock;
pub mod config;
pub mod desk;
pub mod domain;
pub mod entropy;
pub mod intake;
pub mod jobs;
pub mod mail;
pub mod remote;
pub mod solve;
pub mod storage;
pub mod telemetry;
pub mod vault;
pub mod web;

// Of the service and of everything that measures or tries it, so that what is measured is what runs. A fuzzer brings its own.
// SQLite, which calls malloc, gets it from there, too.
#[cfg(not(fuzzing))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
