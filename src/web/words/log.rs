//! What a language must have for a director’s log of what staff did, and for what is destroyed when. Never holds a sentence
//! itself.

use super::catalogue;
use super::english::log::LOG;

catalogue! {
    /// Every sentence of these pages, by what it is for.
    LogWords {}
    log_title log_lead log_not log_table log_number log_at log_who log_what log_none log_older log_newest log_csv
    log_retention retention_title retention_lead retention_kept retention_kept_visits retention_kept_former
    retention_kept_log retention_table retention_on retention_what retention_none retention_gone
    retention_earliest retention_season retention_former retention_log retention_back
}

/// The sentences in use.
pub const fn log() -> &'static LogWords {
    &LOG
}
