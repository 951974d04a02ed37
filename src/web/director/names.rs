//! What letters are called. Never what became of one.

use crate::domain::letter::Letter;
use crate::web::words::director::DirectorWords;

/// What a letter is called.
pub fn name(d: &DirectorWords, letter: Letter) -> &'static str {
    match letter {
        Letter::Announcement => d.letter_announcement,
        Letter::Invitation => d.letter_invitation,
        Letter::Reminder => d.letter_reminder,
        Letter::Afterwards => d.letter_afterwards,
        Letter::Rearranged => d.letter_rearranged,
        Letter::Retimed => d.letter_retimed,
        Letter::Released => d.letter_released,
        Letter::Moved => d.letter_moved,
        Letter::Removed => d.letter_removed,
        Letter::Replaced => d.letter_replaced,
        Letter::Lapsed => d.letter_lapsed,
        Letter::FreeTime => d.letter_free_time,
        Letter::Confirmation => d.letter_confirmation,
        Letter::MovedReminder => d.letter_moved_reminder,
        Letter::Further => d.letter_further,
        Letter::FurtherOff => d.letter_further_off,
        Letter::NewAddress => d.letter_new_address,
        Letter::OtherAddress => d.letter_other_address,
        Letter::CalendarAnswer => d.letter_calendar_answer,
        Letter::CalendarUnread => d.letter_calendar_unread,
        Letter::NearTimes => d.letter_near_times,
        Letter::TherapistDay => d.letter_therapist_day,
        Letter::TherapistToday => d.letter_therapist_today,
        Letter::TherapistWelcome => d.letter_therapist_welcome,
        Letter::StaffWelcome => d.letter_staff_welcome,
        Letter::SignIn => d.letter_sign_in,
    }
}
