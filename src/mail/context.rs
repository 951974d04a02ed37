//! What each letter may say: one type a letter, so that a template has no other words at hand. Never an outcome
//! in a letter that everyone gets.

mod headed;
mod kept;
mod other_address;
mod samples;

pub use self::kept::KeptTime;
pub use self::other_address::OtherAddress;

use minijinja::value::{Serde, Value};
use serde::Serialize;

use crate::domain::letter::Letter;

/// What every letter has.
#[derive(Clone, Serialize)]
pub struct Frame {
    /// Whom it greets; may be empty.
    pub greeting: String,
    /// Who stands behind the letters, in words.
    pub office: String,
    /// Where a person answers questions.
    pub contact: String,
}

/// The letter before the first: who writes, and why. Without a link, because the address is not proved yet.
#[derive(Clone, Serialize)]
pub struct Announcement {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The offering's neutral title.
    pub title: String,
    /// The day of the invitation, in words.
    pub invitation_on: String,
}

/// The protected time: the same for everyone, whatever they did.
#[derive(Clone, Serialize)]
pub struct HeldTime {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The offering's neutral title.
    pub title: String,
    /// The protected block of the default visit, in words with its zone.
    pub protected_time: String,
    /// The resident's link.
    pub link: String,
}

/// A letter whose matter is behind the link.
#[derive(Clone, Serialize)]
pub struct BehindTheLink {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The offering's neutral title.
    pub title: String,
    /// The resident's link.
    pub link: String,
    /// Whether anonymous questions wait behind the link: said in the letter after the visit alone, and to everyone.
    pub survey: bool,
}

/// The very time of a visit: one that a resident chose, or one that was lost.
#[derive(Clone, Serialize)]
pub struct ChosenTime {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The offering's neutral title.
    pub title: String,
    /// The visit, in words with its zone.
    pub visit_time: String,
    /// The resident's link.
    pub link: String,
}

/// The question whether letters should go to an address. Whoever reads it may be a stranger: it holds no title and no time.
#[derive(Clone, Serialize)]
pub struct NewAddress {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The link that opens the one button.
    pub link: String,
}

/// The times that are nearest to one that was proposed and cannot be had.
#[derive(Clone, Serialize)]
pub struct NearTimes {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The offering's neutral title.
    pub title: String,
    /// The times, in words with their zone; may be none.
    pub times: Vec<String>,
    /// Where a time is chosen.
    pub link: String,
}

/// A day of a therapist's agenda, without names.
#[derive(Clone, Serialize)]
pub struct AgendaDay {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The day, in words.
    pub day: String,
    /// The agenda's address; it asks for a sign-in.
    pub link: String,
}

/// What a new therapist needs.
#[derive(Clone, Serialize)]
pub struct Welcome {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The secret address of their feed.
    pub feed_url: String,
    /// The page where a sign-in link is asked for, or such a link.
    pub link: String,
}

/// What a new member of staff needs. The address is the plain one: this letter opens nothing.
#[derive(Clone, Serialize)]
pub struct StaffWelcome {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// What the colleague who asked is called.
    pub asked_by: String,
    /// Whether they direct.
    pub directs: bool,
    /// Whether they lead the clinic.
    pub leads: bool,
    /// The names of the programs that they look after.
    pub programs: Vec<String>,
    /// The page where a sign-in link is asked for.
    pub link: String,
}

/// The way in.
#[derive(Clone, Serialize)]
pub struct SignIn {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The sign-in link.
    pub link: String,
    /// How long it is valid, in minutes.
    pub minutes: u32,
}

/// A letter with all that it says. Holds a name: neither `Debug` nor `Display`.
#[derive(Clone)]
pub enum Context {
    /// See [`Letter::Announcement`].
    Announcement(Announcement),
    /// See [`Letter::Invitation`].
    Invitation(HeldTime),
    /// See [`Letter::Reminder`].
    Reminder(HeldTime),
    /// See [`Letter::Afterwards`].
    Afterwards(BehindTheLink),
    /// See [`Letter::Rearranged`].
    Rearranged(HeldTime),
    /// See [`Letter::Retimed`].
    Retimed(HeldTime),
    /// See [`Letter::Released`].
    Released(ChosenTime),
    /// See [`Letter::Moved`].
    Moved(ChosenTime),
    /// See [`Letter::Removed`].
    Removed(BehindTheLink),
    /// See [`Letter::Replaced`].
    Replaced(ChosenTime),
    /// See [`Letter::Lapsed`].
    Lapsed(ChosenTime),
    /// See [`Letter::FreeTime`].
    FreeTime(KeptTime),
    /// See [`Letter::Confirmation`].
    Confirmation(BehindTheLink),
    /// See [`Letter::MovedReminder`].
    MovedReminder(ChosenTime),
    /// See [`Letter::Further`].
    Further(ChosenTime),
    /// See [`Letter::FurtherOff`].
    FurtherOff(ChosenTime),
    /// See [`Letter::NewAddress`].
    NewAddress(NewAddress),
    /// See [`Letter::OtherAddress`].
    OtherAddress(OtherAddress),
    /// See [`Letter::CalendarAnswer`].
    CalendarAnswer(BehindTheLink),
    /// See [`Letter::CalendarUnread`].
    CalendarUnread(BehindTheLink),
    /// See [`Letter::NearTimes`].
    NearTimes(NearTimes),
    /// See [`Letter::TherapistDay`].
    TherapistDay(AgendaDay),
    /// See [`Letter::TherapistToday`].
    TherapistToday(AgendaDay),
    /// See [`Letter::TherapistWelcome`].
    TherapistWelcome(Welcome),
    /// See [`Letter::StaffWelcome`].
    StaffWelcome(StaffWelcome),
    /// See [`Letter::SignIn`].
    SignIn(SignIn),
}

impl Context {
    /// The letter that says it.
    #[must_use]
    pub const fn letter(&self) -> Letter {
        match self {
            Self::Announcement(_) => Letter::Announcement,
            Self::Invitation(_) => Letter::Invitation,
            Self::Reminder(_) => Letter::Reminder,
            Self::Afterwards(_) => Letter::Afterwards,
            Self::Rearranged(_) => Letter::Rearranged,
            Self::Retimed(_) => Letter::Retimed,
            Self::Released(_) => Letter::Released,
            Self::Moved(_) => Letter::Moved,
            Self::Removed(_) => Letter::Removed,
            Self::Replaced(_) => Letter::Replaced,
            Self::Lapsed(_) => Letter::Lapsed,
            Self::FreeTime(_) => Letter::FreeTime,
            Self::Confirmation(_) => Letter::Confirmation,
            Self::MovedReminder(_) => Letter::MovedReminder,
            Self::Further(_) => Letter::Further,
            Self::FurtherOff(_) => Letter::FurtherOff,
            Self::NewAddress(_) => Letter::NewAddress,
            Self::OtherAddress(_) => Letter::OtherAddress,
            Self::CalendarAnswer(_) => Letter::CalendarAnswer,
            Self::CalendarUnread(_) => Letter::CalendarUnread,
            Self::NearTimes(_) => Letter::NearTimes,
            Self::TherapistDay(_) => Letter::TherapistDay,
            Self::TherapistToday(_) => Letter::TherapistToday,
            Self::TherapistWelcome(_) => Letter::TherapistWelcome,
            Self::StaffWelcome(_) => Letter::StaffWelcome,
            Self::SignIn(_) => Letter::SignIn,
        }
    }

    /// As the template sees it.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Announcement(it) => Value::from(Serde(it)),
            Self::Invitation(it) | Self::Reminder(it) | Self::Rearranged(it) | Self::Retimed(it) => {
                Value::from(Serde(it))
            }
            Self::Afterwards(it)
            | Self::Removed(it)
            | Self::Confirmation(it)
            | Self::CalendarAnswer(it)
            | Self::CalendarUnread(it) => Value::from(Serde(it)),
            Self::NearTimes(it) => Value::from(Serde(it)),
            Self::Moved(it)
            | Self::MovedReminder(it)
            | Self::Released(it)
            | Self::Replaced(it)
            | Self::Lapsed(it)
            | Self::Further(it)
            | Self::FurtherOff(it) => Value::from(Serde(it)),
            Self::FreeTime(it) => Value::from(Serde(it)),
            Self::NewAddress(it) => Value::from(Serde(it)),
            Self::OtherAddress(it) => Value::from(Serde(it)),
            Self::TherapistDay(it) | Self::TherapistToday(it) => Value::from(Serde(it)),
            Self::TherapistWelcome(it) => Value::from(Serde(it)),
            Self::StaffWelcome(it) => Value::from(Serde(it)),
            Self::SignIn(it) => Value::from(Serde(it)),
        }
    }
}
