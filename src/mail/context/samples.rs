//! Letters with invented people: for previews, and to prove a template before it meets real ones. Never a real name.

use super::{
    AgendaDay, Announcement, BehindTheLink, ChosenTime, Context, Frame, HeldTime, KeptTime, NearTimes,
    NewAddress, OtherAddress, SignIn, StaffWelcome, Welcome,
};
use crate::domain::language::Language;
use crate::domain::letter::Letter;
use crate::domain::time::{Span, Zone};
use crate::mail::words::{date_in_words, in_words};

impl Context {
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
            Letter::FreeTime => Self::FreeTime(KeptTime::sample_in(language)),
            Letter::Confirmation => Self::Confirmation(BehindTheLink::sample()),
            Letter::MovedReminder => Self::MovedReminder(ChosenTime::sample_in(language)),
            Letter::Further => Self::Further(ChosenTime::sample_in(language)),
            Letter::FurtherOff => Self::FurtherOff(ChosenTime::sample_in(language)),
            Letter::NewAddress => Self::NewAddress(NewAddress::sample()),
            Letter::OtherAddress => Self::OtherAddress(OtherAddress::sample_in(language)),
            Letter::CalendarAnswer => Self::CalendarAnswer(BehindTheLink::sample()),
            Letter::CalendarUnread => Self::CalendarUnread(BehindTheLink::sample()),
            Letter::NearTimes => Self::NearTimes(NearTimes::sample_in(language)),
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
        Self {
            frame: Frame::sample(),
            title: "Protected time".to_owned(),
            link: SAMPLE_LINK.to_owned(),
            survey: true,
        }
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

impl NearTimes {
    /// With invented times.
    #[must_use]
    pub fn sample_in(language: Language) -> Self {
        let times = vec![
            sample_span("2027-07-15T14:00:00Z", "2027-07-15T14:50:00Z", language),
            sample_span("2027-07-15T19:00:00Z", "2027-07-15T19:50:00Z", language),
        ];
        let link = format!("{SAMPLE_LINK}/times");
        Self { frame: Frame::sample(), title: "Protected time".to_owned(), times, link }
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
