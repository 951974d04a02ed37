//! A program's coordinator at their pages. Never looks past what the pages answer.

mod roster;
