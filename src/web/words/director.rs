//! What a language must have for a director's pages. Never holds a sentence itself.

use super::catalogue;
use super::english::director::DIRECTOR;

catalogue! {
    /// Every sentence of a director's pages, by what it is for.
    DirectorWords {}
    overview_title overview_lead overview_empty_title overview_empty check_title check_lead season_period
    season_residents season_booked season_booked_yes season_booked_no season_seed season_seed_why
    batches_title batches_check batches_who batch_title batch_seed batch_seed_hash batch_plan release_title
    release_fact release_people release_table release_waits release_csv release_none mail_title mail_lead
    mail_empty mail_letter mail_state mail_count mail_reason
}

/// The sentences in use.
pub const fn director() -> &'static DirectorWords {
    &DIRECTOR
}
