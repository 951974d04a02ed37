//! Letters: their words, their form, and the way out of the house. Never decides who is owed one, and never
//! writes a name or an address into an error.

pub mod captured;
pub mod compose;
pub mod context;
pub mod directory;
mod embedded;
pub mod envelope;
pub mod failure;
pub mod mailbox;
pub mod mailbox_url;
pub mod message;
pub mod preview;
pub mod receiving;
pub mod record;
pub mod signature;
pub mod smtp;
pub mod template;
mod tls;
pub mod transport;
pub mod url;
mod wire;
pub mod words;
