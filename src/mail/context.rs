//! What each letter may say: one type a letter, so that a template has no other words at hand. Never an outcome
//! in a letter that everyone gets.

mod headed;

use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::words::{date_in_words, in_words};
use crate::domain::language::Language;
use crate::domain::letter::Letter;
use crate::domain::time::{Span, Zone};

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

/// The question whether letters should go to an address. Whoever reads it may be a stranger: it holds no title and no time.
#[derive(Clone, Serialize)]
pub struct NewAddress {
    /// Greeting and sender.
    #[serde(flatten)]
    pub frame: Frame,
    /// The link that opens the one button.
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
    /// See [`Letter::Confirmation`].
    Confirmation(BehindTheLink),
    /// See [`Letter::MovedReminder`].
    MovedReminder(ChosenTime),
    /// See [`Letter::NewAddress`].
    NewAddress(NewAddress),
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
            Self::Confirmation(_) => Letter::Confirmation,
            Self::MovedReminder(_) => Letter::MovedReminder,
            Self::NewAddress(_) => Letter::NewAddress,
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
            Self::Afterwards(it) | Self::Removed(it) | Self::Confirmation(it) => Value::from(Serde(it)),
            Self::Moved(it)
            | Self::MovedReminder(it)
            | Self::Released(it)
            | Self::Replaced(it)
            | Self::Lapsed(it) => Value::from(Serde(it)),
            Self::NewAddress(it) => Value::from(Serde(it)),
            Self::TherapistDay(it) | Self::TherapistToday(it) => Value::from(Serde(it)),
            Self::TherapistWelcome(it) => Value::from(Serde(it)),
            Self::StaffWelcome(it) => Value::from(Serde(it)),
            Self::SignIn(it) => Value::from(Serde(it)),
        }
    }

    /// The letter with invented people: for previews, and to prove a template before it meets real ones.
    #[must_use]
    pub fn sample(letter: Letter, language: Language) -> Self {
        match letter {
            Letter::Announcement => Self::Announcement(Announcement::sample_in(language)),
            Letter::Invitation => Self::Invitation(HeldTime::sample_in(language)),
            Letter::Reminder => Self::Reminder(HeldTime::sample_in(language)),
            Letter::Afterwards => Self::Afterwards(BehindTheLink::sample()),
            Letter::Rearranged => Self::Rearranged(HeldTime::sample_in(language)),
            Letter::Retimed => Self::Retimed(HeldTime::sample_in(language)),
            Letter::Released => Self::Released(ChosenTime::sample_in(language)),
            Letter::Moved => Self::Moved(ChosenTime::sample_in(language)),
            Letter::Removed => Self::Removed(BehindTheLink::sample()),
            Letter::Replaced => Self::Replaced(ChosenTime::sample_in(language)),
            Letter::Lapsed => Self::Lapsed(ChosenTime::sample_in(language)),
            Letter::Confirmation => Self::Confirmation(BehindTheLink::sample()),
            Letter::MovedReminder => Self::MovedReminder(ChosenTime::sample_in(language)),
            Letter::NewAddress => Self::NewAddress(NewAddress::sample()),
            Letter::TherapistDay => Self::TherapistDay(AgendaDay::sample()),
            Letter::TherapistToday => Self::TherapistToday(AgendaDay::sample()),
            Letter::TherapistWelcome => Self::TherapistWelcome(Welcome::sample()),
            Letter::StaffWelcome => Self::StaffWelcome(StaffWelcome::sample()),
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

/// A span of invented days in the words of a language.
fn sample_span(from: &str, to: &str, language: Language) -> String {
    let span = from.parse().ok().zip(to.parse().ok()).and_then(|(from, to)| Span::new(from, to));
    let zone = "America/Denver".parse().unwrap_or(Zone::UTC);
    span.map(|span| in_words(span, zone, language)).unwrap_or_default()
}

impl NewAddress {
    /// With an invented link.
    #[must_use]
    pub fn sample() -> Self {
        let link = "https://holdspace.example.org/v/hq3jz7m2vyt4c6dkwnbsx5pfae/new-address".to_owned();
        Self { frame: Frame { greeting: String::new(), ..Frame::sample() }, link }
    }
}

impl Announcement {
    /// With invented words.
    #[must_use]
    pub fn sample_in(language: Language) -> Self {
        let on = chrono::NaiveDate::from_ymd_opt(2027, 6, 15).unwrap_or_default();
        Self {
            frame: Frame::sample(),
            title: "Protected time".to_owned(),
            invitation_on: date_in_words(on, language),
        }
    }
}

impl HeldTime {
    /// With an invented time.
    #[must_use]
    pub fn sample_in(language: Language) -> Self {
        Self {
            frame: Frame::sample(),
            title: "Protected time".to_owned(),
            protected_time: sample_span("2027-07-13T19:00:00Z", "2027-07-13T23:00:00Z", language),
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
    pub fn sample_in(language: Language) -> Self {
        Self {
            frame: Frame::sample(),
            title: "Protected time".to_owned(),
            visit_time: sample_span("2027-07-15T14:00:00Z", "2027-07-15T14:50:00Z", language),
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

impl StaffWelcome {
    /// With an invented colleague and program.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            frame: Frame { greeting: "Rosa".to_owned(), ..Frame::sample() },
            asked_by: "Dana Whitfield".to_owned(),
            directs: false,
            leads: false,
            programs: vec!["Internal Medicine".to_owned()],
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
