//! What a language must have for a therapist's pages. Never holds a sentence itself.

use super::catalogue;
use super::english::therapist::THERAPIST;

catalogue! {
    /// Every sentence of a therapist's pages, by what it is for.
    TherapistWords {}
    agenda_title agenda_week_title agenda_zone agenda_today agenda_today_free agenda_empty_title agenda_empty
    agenda_turn agenda_earlier agenda_later agenda_now mark_kept mark_missed mark_undo marked_kept
    marked_missed mark_later mark_why unmarked_none unmarked_one unmarked_many unmarked_show hours_add code load_title load_week
    load_hours load_visits load_empty load_why hours_door hours_title hours_lead hours_zone hours_stay
    hours_away hours_saved hours_week_title hours_week_lead hours_from hours_to hours_some hours_first
    hours_last hours_other_zone hours_more hours_save hours_dates_title hours_dates_none hours_date_off
    hours_date_off_hours hours_date_extra hours_date_remove hours_date_legend hours_date_kind_off
    hours_date_kind_off_why hours_date_kind_extra hours_date_kind_extra_why hours_date hours_date_add
    hours_problems hours_problem_one hours_not_from hours_not_to hours_too_long hours_not_first
    hours_not_last hours_backwards hours_not_date hours_date_over away_door away_title calendars_door
    calendars_title feed_lead feed_address feed_secret feed_none_title feed_none feed_rotate rotate_title
    feed_rotate_why feed_delay subscribe_title apple_title apple apple_button by_hand google_button outlook_button thunderbird_button google_title google_1 google_2
    google_3 outlook_title outlook_1 outlook_2 outlook_3 thunderbird_title thunderbird_1 thunderbird_2
    thunderbird_3
}

/// The sentences in use.
pub const fn therapist() -> &'static TherapistWords {
    &THERAPIST
}
