//! What the tests stand on: the house under test with its people, databases, a mail server, a browser, a provider of
//! sign-ins, a captured log. Never asserts anything about the product.

pub mod browser;
pub mod cohort;
pub mod dovecot;
pub mod engines;
pub mod house;
pub mod installation;
pub mod letter;
pub mod log;
pub mod person;
pub mod postgres;
pub mod provider;
pub mod replies;
pub mod rest;
pub mod server;
pub mod smtp;
mod smtp_talk;
mod smtp_tests;
pub mod snapshot;
pub mod town;
