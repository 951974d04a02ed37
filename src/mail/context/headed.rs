//! The same letter from another office, or under another title: for looking at letters. Never a letter that is sent.

use super::Context;

impl Context {
    /// The same from another office.
    #[must_use]
    pub fn from_office(mut self, office: &str, contact: &str) -> Self {
        let frame = match &mut self {
            Self::Announcement(it) => &mut it.frame,
            Self::Invitation(it) | Self::Reminder(it) | Self::Rearranged(it) | Self::Retimed(it) => {
                &mut it.frame
            }
            Self::Afterwards(it)
            | Self::Removed(it)
            | Self::Confirmation(it)
            | Self::CalendarAnswer(it)
            | Self::CalendarUnread(it) => &mut it.frame,
            Self::NearTimes(it) => &mut it.frame,
            Self::Moved(it)
            | Self::MovedReminder(it)
            | Self::Released(it)
            | Self::Replaced(it)
            | Self::Lapsed(it)
            | Self::Further(it)
            | Self::FurtherOff(it) => &mut it.frame,
            Self::FreeTime(it) => &mut it.frame,
            Self::NewAddress(it) => &mut it.frame,
            Self::OtherAddress(it) => &mut it.frame,
            Self::TherapistDay(it) | Self::TherapistToday(it) => &mut it.frame,
            Self::TherapistWelcome(it) => &mut it.frame,
            Self::StaffWelcome(it) => &mut it.frame,
            Self::SignIn(it) => &mut it.frame,
        };
        office.clone_into(&mut frame.office);
        contact.clone_into(&mut frame.contact);
        self
    }

    /// The same with an offering's own title, where the letter has one.
    #[must_use]
    pub fn titled(mut self, own: &str) -> Self {
        let title = match &mut self {
            Self::Announcement(it) => &mut it.title,
            Self::Invitation(it) | Self::Reminder(it) | Self::Rearranged(it) | Self::Retimed(it) => {
                &mut it.title
            }
            Self::Afterwards(it)
            | Self::Removed(it)
            | Self::Confirmation(it)
            | Self::CalendarAnswer(it)
            | Self::CalendarUnread(it) => &mut it.title,
            Self::NearTimes(it) => &mut it.title,
            Self::Moved(it)
            | Self::MovedReminder(it)
            | Self::Released(it)
            | Self::Replaced(it)
            | Self::Lapsed(it)
            | Self::Further(it)
            | Self::FurtherOff(it) => &mut it.title,
            Self::FreeTime(it) => &mut it.title,
            Self::OtherAddress(it) => &mut it.title,
            _ => return self,
        };
        own.clone_into(title);
        self
    }
}
