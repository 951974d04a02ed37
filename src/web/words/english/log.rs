//! English for a director’s log of what staff did, and for what is destroyed when. Sentences only: plain and true, and
//! never one that names a resident.

use crate::web::words::log::LogWords;

/// English as it is spoken in the United States.
pub static LOG: LogWords = LogWords {
    log_title: "Log",
    log_lead: "What staff and those who keep the server did, newest first. Nothing can be changed or taken out of it \
        without being found.",
    log_not: "It never says what a resident did, and not who signed in when. A resident is not named here, because \
        this log is kept longer than they are.",
    log_table: "What staff did",
    log_number: "No.",
    log_at: "When",
    log_who: "Who",
    log_what: "What",
    log_none: "Nothing was done yet.",
    log_older: "Older entries",
    log_newest: "Newest entries",
    log_csv: "All of it as a table (CSV)",
    log_retention: "What is destroyed when",
    retention_title: "What is destroyed when",
    retention_lead: "Released figures stay; what they were counted from does not. On its day, each of these is destroyed together with the keys that open it. \
        Backups from before can still be read for as long as they are kept.",
    retention_kept: "How long things are kept",
    retention_kept_visits: "Bookings, marks and choices of a season: {days} days after its figures were frozen.",
    retention_kept_former: "Residents who left a roster: {days} days after they left.",
    retention_kept_log: "This log of what staff did: {days} days.",
    retention_table: "What is destroyed when",
    retention_on: "Day",
    retention_what: "What is destroyed",
    retention_none: "Nothing has a day yet.",
    retention_gone: "Destroyed",
    retention_earliest: "{date} at the earliest, after its release",
    retention_season: "Bookings, marks and choices of “{title}”",
    retention_former: "{count} who left a roster",
    retention_log: "The oldest entries of the log",
    retention_back: "Back to the log",
};
