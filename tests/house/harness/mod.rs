//! What the tests stand on: databases, a mail server, a captured log. Never asserts anything about the product.

pub mod engines;
pub mod letter;
pub mod log;
pub mod postgres;
pub mod smtp;
mod smtp_talk;
mod smtp_tests;
