//! What each letter may say: one type a letter, so that a template has no other words at hand. Never an outcome
//! in a letter that everyone gets.

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
    /// See [`Letter::Confirmation`].
    Confirmation(BehindTheLink),
    /// See [`Letter::MovedReminder`].
    MovedReminder(ChosenTime),
    /// See [`Letter::TherapistDay`].
    TherapistDay(AgendaDay),
    /// See [`Letter::TherapistToday`].
    TherapistToday(AgendaDay),
    /// See [`Letter::TherapistWelcome`].
    TherapistWelcome(Welcome),
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
            Self::Released(_) => Letter::Released,
            Self::Moved(_) => Letter::Moved,
            Self::Removed(_) => Letter::Removed,
            Self::Replaced(_) => Letter::Replaced,
            Self::Lapsed(_) => Letter::Lapsed,
            Self::Confirmation(_) => Letter::Confirmation,
            Self::MovedReminder(_) => Letter::MovedReminder,
            Self::TherapistDay(_) => Letter::TherapistDay,
            Self::TherapistToday(_) => Letter::TherapistToday,
            Self::TherapistWelcome(_) => Letter::TherapistWelcome,
            Self::SignIn(_) => Letter::SignIn,
        }
    }

    /// As the template sees it.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Announcement(it) => Value::from(Serde(it)),
            Self::Invitation(it) | Self::Reminder(it) | Self::Rearranged(it) => Value::from(Serde(it)),
            Self::Afterwards(it) | Self::Removed(it) | Self::Confirmation(it) => Value::from(Serde(it)),
            Self::Moved(it)
            | Self::MovedReminder(it)
            | Self::Released(it)
            | Self::Replaced(it)
            | Self::Lapsed(it) => Value::from(Serde(it)),
            Self::TherapistDay(it) | Self::TherapistToday(it) => Value::from(Serde(it)),
            Self::TherapistWelcome(it) => Value::from(Serde(it)),
            Self::SignIn(it) => Value::from(Serde(it)),
        }
    }

    /// The letter with invented people: for previews, and to prove a template before it meets real ones.
    #[must_use]
    pub fn sample(letter: Letter) -> Self {
        match letter {
            Letter::Announcement => Self::Announcement(Announcement::sample()),
            Letter::Invitation => Self::Invitation(HeldTime::sample()),
            Letter::Reminder => Self::Reminder(HeldTime::sample()),
            Letter::Afterwards => Self::Afterwards(BehindTheLink::sample()),
            Letter::Rearranged => Self::Rearranged(HeldTime::sample()),
            Letter::Released => Self::Released(ChosenTime::sample()),
            Letter::Moved => Self::Moved(ChosenTime::sample()),
            Letter::Removed => Self::Removed(BehindTheLink::sample()),
            Letter::Replaced => Self::Replaced(ChosenTime::sample()),
            Letter::Lapsed => Self::Lapsed(ChosenTime::sample()),
            Letter::Confirmation => Self::Confirmation(BehindTheLink::sample()),
            Letter::MovedReminder => Self::MovedReminder(ChosenTime::sample()),
            Letter::TherapistDay => Self::TherapistDay(AgendaDay::sample()),
            Letter::TherapistToday => Self::TherapistToday(AgendaDay::sample()),
            Letter::TherapistWelcome => Self::TherapistWelcome(Welcome::sample()),
            Letter::SignIn => Self::SignIn(SignIn::sample()),
        }
    }
}

const SAMPLE_LINK: &str = "https://holdspace.example.org/l/hq3jz7m2vyt4c6dkwnbsx5pfae";

impl Frame {
    /// An invented resident and office.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            greeting: "Thuy-Anh".to_owned(),
            office: "Graduate Medical Education, Example Hospital".to_owned(),
            contact: "holdspace@example.org".to_owned(),
        }
    }

    fn sample_therapist() -> Self {
        Self { greeting: "Nadia".to_owned(), ..Self::sample() }
    }
}

impl Announcement {
    /// With invented words.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            frame: Frame::sample(),
            title: "Protected time".to_owned(),
            invitation_on: "Tuesday, June 15, 2027".to_owned(),
        }
    }
}

impl HeldTime {
    /// With an invented time.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            frame: Frame::sample(),
            title: "Protected time".to_owned(),
            protected_time: "Tuesday, July 13, 2027, 1:00–5:00 PM MDT".to_owned(),
            link: SAMPLE_LINK.to_owned(),
        }
    }
}

impl BehindTheLink {
    /// With an invented link.
    #[must_use]
    pub fn sample() -> Self {
        Self { frame: Frame::sample(), title: "Protected time".to_owned(), link: SAMPLE_LINK.to_owned() }
    }
}

impl ChosenTime {
    /// With an invented time.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            frame: Frame::sample(),
            title: "Protected time".to_owned(),
            visit_time: "Thursday, July 15, 2027, 8:00–8:50 AM MDT".to_owned(),
            link: SAMPLE_LINK.to_owned(),
        }
    }
}

impl AgendaDay {
    /// With an invented day.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            frame: Frame::sample_therapist(),
            day: "Wednesday, July 14, 2027".to_owned(),
            link: "https://holdspace.example.org/agenda".to_owned(),
        }
    }
}

impl Welcome {
    /// With invented addresses.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            frame: Frame::sample_therapist(),
            feed_url: "https://holdspace.example.org/feed/k4tq7w2zrjx5m3bvcy6hdnsfga.ics".to_owned(),
            link: "https://holdspace.example.org/sign-in".to_owned(),
        }
    }
}

impl SignIn {
    /// With an invented link.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            frame: Frame::sample_therapist(),
            link: "https://holdspace.example.org/in/w7mzk2hq4vjt6cdynbsx5pfaeg".to_owned(),
            minutes: 15,
        }
    }
}
