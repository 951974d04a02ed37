//! What must hold of whatever an outsider sends: one function for each reader, which is given bytes and fails where they do
//! harm. libFuzzer calls them, and so do the tests of the house with what is kept in `corpus` and `found`.
//!
//! | function | reads |
//! | --- | --- |
//! | [`calendars`] | a calendar file, and the busy time in it |
//! | [`mails`] | a mail that came in: answers, reports of mail servers |
//! | [`requests`] | the body of a calendar program's request |
//! | [`answers`] | what a CalDAV server answers |
//! | [`tables`] | a roster, as text or as a workbook |
//! | [`workbooks`] | the parts of a workbook, before they are packed |

mod answers;
mod calendars;
mod mails;
mod requests;
mod tables;
mod workbooks;

pub use answers::answers;
pub use calendars::calendars;
pub use mails::mails;
pub use requests::requests;
pub use tables::tables;
pub use workbooks::workbooks;

/// A reader under test.
pub type Check = fn(&[u8]);

/// Each reader with the name of its corpus.
pub const ALL: [(&str, Check); 6] = [
    ("answers", answers),
    ("calendars", calendars),
    ("mails", mails),
    ("requests", requests),
    ("tables", tables),
    ("workbooks", workbooks),
];
