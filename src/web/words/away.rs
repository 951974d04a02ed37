//! What a language must have for blocking time. Never holds a sentence itself.

use super::catalogue;
use super::english::away::AWAY;

catalogue! {
    /// Every sentence of blocking time, by what it is for.
    AwayWords {}
    away_lead away_lead_lead away_zone away_from away_from_time away_until away_last away_until_time
    away_times_hint away_no_end_label away_no_end_why away_look away_sure_title away_sure away_change
    away_visits_none away_visits_one away_visits away_further_one away_further away_done away_undone away_known_title away_known_none
    away_undo away_undo_why away_day away_days away_open away_no_day away_no_end away_no_time away_backwards
    away_over away_far
}

/// The sentences in use.
pub const fn away() -> &'static AwayWords {
    &AWAY
}
