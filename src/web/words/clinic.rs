//! What a language must have for the pages of whoever leads the clinic. Never holds a sentence itself.

use super::catalogue;
use super::english::clinic::CLINIC;

catalogue! {
    /// Every sentence of the pages of whoever leads the clinic, by what it is for.
    ClinicWords {}
    clinic_title clinic_lead clinic_door clinic_week_title clinic_zone clinic_when clinic_who clinic_code
    clinic_empty_title clinic_empty clinic_turn clinic_earlier clinic_later clinic_now clinic_day_count
    clinic_day_one clinic_load_door clinic_load_title clinic_load_lead clinic_load_total
    clinic_load_empty_title clinic_load_empty clinic_waiting_door clinic_waiting_title
    clinic_waiting_lead clinic_waiting_none_title clinic_waiting_none clinic_waiting_one clinic_waiting_many
    clinic_waiting_name clinic_waiting_program clinic_waiting_offering clinic_away_door clinic_away_title
    clinic_away_choose clinic_away_of clinic_away_none clinic_away_others
}

/// The sentences in use.
pub const fn clinic() -> &'static ClinicWords {
    &CLINIC
}
