//! The one test binary: people walking through seasons, and the walls of the house. Never holds product code.
//!
//! | module | holds |
//! | --- | --- |
//! | [`absence`] | what would become of a season if a therapist were away |
//! | [`abuse`] | files that are bombs, slow people, addresses that lead inside, names with line breaks, scanners that press |
//! | [`access`] | every door of the router and whoever knocks there; links that open nothing answer alike |
//! | [`architecture`] | who may use whom, where sqlx, lettre, time and randomness may be named, the size of a file |
//! | [`audit`] | what staff did and what happened to bookings: who reads which, and what tampering is found; what is destroyed when |
//! | [`away`] | a therapist is away: who is given which other visit, and what shows of it |
//! | [`browser`] | whole errands in Chromium, on a phone, by keyboard, without scripts; every page, light and dark |
//! | [`choices`] | what residents choose behind their link: from the mail to the seat, the calendar and the coverage |
//! | [`command_line`], [`command_line_serve`] | words, exit codes and JSON of the binary itself; starting and stopping |
//! | [`coordinator`] | a program’s pages: its roster |
//! | [`dav`] | calendar programs of therapists: what they send, what they are shown, real ones, what a moved event does |
//! | [`demo`] | the demo as a newcomer meets it |
//! | [`director`] | a director sets up a season, invites colleagues, and reads what may be read |
//! | [`disks`] | on the disk before it is acknowledged; a disk that fails or is full |
//! | [`failover`] | a PostgreSQL that dies, and its standby |
//! | [`feeds`] | what therapists follow and mark |
//! | [`follow_ups`] | another visit that a therapist offers: offered, taken, given up, lapsed, and nobody else's matter |
//! | [`harness`] | the house under test and its people, throw-away PostgreSQL, SMTP sink, Chromium, both engines, captured log |
//! | [`keep`] | backups under load and what putting one back cannot do; a whole database looked through; the move to PostgreSQL |
//! | [`kills`] | the real binary under `kill -9`, amid a batch, letters and clicks |
//! | [`letters`] | letters as they arrive, and what becomes of them when they do not |
//! | [`links`] | residents, scanners, therapists and a director behind their links, against a served season |
//! | [`lottery`] | the seed's hash before, the seed afterwards, each for one batch |
//! | [`mailbox`] | letters that come back into a real mailbox, or to the program that a mail server runs |
//! | [`mirror`] | releases after a crash or a restore: the same bytes again, or none |
//! | [`outgoing`] | letters as receivers judge them: signatures, threads, the one click that stops reminders |
//! | [`own`] | what residents keep for themselves: language, wishes, another address, a way back |
//! | [`privacy`] | logs and files that name nobody |
//! | [`processes`] | three equal processes on one PostgreSQL; a newer version among older ones |
//! | [`program`] | a program's coordinator: season, plan, one batch for all, coverage, own figures |
//! | [`races`] | sixty-four residents and twenty seats: a history that some order must explain |
//! | [`readdressed`] | another address on the roster: who gets letters then, and who is asked |
//! | [`relays`] | mail servers that misbehave at every step, under one name and under several addresses |
//! | [`release_parts`] | figures by training year and by site, where they were asked for beforehand |
//! | [`releases`] | refused before the day, drawn once, frozen, charged |
//! | [`replies`] | answers of calendar programs that come in by mail, and what forges them |
//! | [`retimed`] | laws change clocks: everyone concerned is told once |
//! | [`sealed`] | erased people, a key that changes under a running service, a thief of the database |
//! | [`season`] | from the roster to the letter afterwards |
//! | [`sent`] | what outsiders send, and what is made of it, is read without harm |
//! | [`sign_in`] | the institution's own sign-in through a real provider, and everybody who stays outside |
//! | [`simulator`] | seasons in one thread with a faulty disk, a faulty mail server and crashes, told by a seed |
//! | [`solve`] | instances of numbers in every form against trying every seating; files that are refused |
//! | [`storage`] | statements, races and crashes on both engines |
//! | [`survey`] | anonymous questions: whom they are offered, what joins a code to nobody, what is told of them |
//! | [`therapist`] | a therapist's own pages, and those of whoever leads the clinic |
//! | [`two_worlds`] | worlds that differ in what one resident did and must look alike; leaks that must be found; telling words |
//! | [`waiting`] | free seats kept, one after another, for those who could not be placed |
//! | [`wished`] | moves to what somebody wished for, and the same visit attended in another way |
//! | [`withdrawn`] | a release that is no longer shown: what everybody is told instead |
//!
//! Each module links into this one binary, because every further one links everything again.

#![expect(clippy::unwrap_used, reason = "what fails here is a test, and should")]

mod absence;
mod abuse;
mod access;
mod architecture;
mod audit;
mod away;
mod browser;
mod changing;
mod choices;
mod command_line;
mod command_line_serve;
mod coordinator;
mod dav;
mod demo;
mod director;
mod disks;
mod failover;
mod feeds;
mod follow_ups;
mod harness;
mod keep;
mod kills;
mod letters;
mod links;
mod lottery;
mod mailbox;
mod mirror;
mod outgoing;
mod owed;
mod own;
mod privacy;
mod processes;
mod program;
mod published;
mod races;
mod readdressed;
mod relays;
mod release_parts;
mod releases;
mod replies;
mod retimed;
mod sealed;
mod season;
mod sent;
mod sign_in;
mod simulator;
mod solve;
mod storage;
mod survey;
mod therapist;
mod two_worlds;
mod waiting;
mod wished;
mod withdrawn;
