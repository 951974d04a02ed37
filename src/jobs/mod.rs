//! Work that nobody waits for: loops that a test can run by hand, one round at a time. Never decides.

pub mod busy;
pub mod mailbox;
mod marks;
mod pace;
mod patience;
pub mod post;
mod queue;
mod ready;
pub mod receive;
mod retries;
pub mod rounds;
mod stalls;
mod supply;
mod tally;
pub mod writing;
