//! Whoever means harm, or is merely broken: files that are bombs, people who never finish a sentence, addresses that lead
//! inside, names with line breaks in them, scanners that press everything. The service goes on for everybody else.

mod calendars;
mod files;
mod forged;
mod injected;
mod inside;
mod mails;
mod run;
mod scanner;
mod scanners;
mod slow;
mod tables;
mod uploads;
mod verbs;
mod workbooks;
