//! Which letters there are, who gets them, and what their calendar part asks of a calendar. Never holds a person.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One kind of mail that a change owes to one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Letter {
    /// To everyone on the roster, days before the invitation: who writes, and why.
    Announcement,
    /// To everyone booked: the protected time, with the calendar entry.
    Invitation,
    /// To everyone, hours before the default visit, whether or not they opted out.
    Reminder,
    /// To everyone, after the visit date: the way to book again.
    Afterwards,
    /// To everyone whose default visit was lost and given again, whatever they did: the new one.
    Rearranged,
    /// To everyone whose default visit is at another moment because the rules of a time zone changed, whatever they did.
    Retimed,
    /// To everyone whose default visit was lost and who has no other at present, whatever they did.
    Released,
    /// To who moved: the calendar entry at its new time.
    Moved,
    /// To who wants the entry off the calendar.
    Removed,
    /// To who chose a time that is no longer possible, and holds another.
    Replaced,
    /// To who chose a time that is no longer possible, and holds none.
    Lapsed,
    /// To who waits since the batch: a time inside their protected time is kept for them for a while.
    FreeTime,
    /// To who asked, on the page, for a letter about the change.
    Confirmation,
    /// To who moved and wants to be reminded of the new time.
    MovedReminder,
    /// To who asked for mail about a further time that is held for them alone: its calendar entry.
    Further,
    /// To the same, once that time is not held any more.
    FurtherOff,
    /// To an address that a resident asked for: whether letters should go there.
    NewAddress,
    /// To the address that a roster had: until when letters come there, and where that is changed.
    OtherAddress,
    /// To who answered in their calendar, or in whose name somebody did: what was asked, to be confirmed by a button.
    CalendarAnswer,
    /// To who answered in a form that cannot be read: the link.
    CalendarUnread,
    /// To who proposed a time that cannot be had: the nearest ones.
    NearTimes,
    /// To a therapist in the evening: tomorrow changed.
    TherapistDay,
    /// To a therapist at once: today changed.
    TherapistToday,
    /// To a new therapist: the feed's address and the way to the agenda.
    TherapistWelcome,
    /// To somebody of the staff who was granted something: who asked, what they may do, and where to sign in.
    StaffWelcome,
    /// To staff or a therapist who asked for a way in.
    SignIn,
}

/// A text that names no letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a letter; one of Letter::ALL, such as invitation, is expected")]
pub struct NotALetter;

impl Letter {
    /// Every letter, in the order of a season.
    pub const ALL: [Self; 26] = [
        Self::Announcement,
        Self::Invitation,
        Self::Reminder,
        Self::Afterwards,
        Self::Rearranged,
        Self::Retimed,
        Self::Released,
        Self::Moved,
        Self::Removed,
        Self::Replaced,
        Self::Lapsed,
        Self::FreeTime,
        Self::Confirmation,
        Self::MovedReminder,
        Self::Further,
        Self::FurtherOff,
        Self::NewAddress,
        Self::OtherAddress,
        Self::CalendarAnswer,
        Self::CalendarUnread,
        Self::NearTimes,
        Self::TherapistDay,
        Self::TherapistToday,
        Self::TherapistWelcome,
        Self::StaffWelcome,
        Self::SignIn,
    ];

    /// Its one spelling: in the outbox, in a Message-ID, and as the name of its folder of templates.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Announcement => "announcement",
            Self::Invitation => "invitation",
            Self::Reminder => "reminder",
            Self::Afterwards => "afterwards",
            Self::Rearranged => "rearranged",
            Self::Retimed => "retimed",
            Self::Released => "released",
            Self::Moved => "moved",
            Self::Removed => "removed",
            Self::Replaced => "replaced",
            Self::Lapsed => "lapsed",
            Self::FreeTime => "free-time",
            Self::Confirmation => "confirmation",
            Self::MovedReminder => "moved-reminder",
            Self::Further => "further",
            Self::FurtherOff => "further-off",
            Self::NewAddress => "new-address",
            Self::OtherAddress => "other-address",
            Self::CalendarAnswer => "calendar-answer",
            Self::CalendarUnread => "calendar-unread",
            Self::NearTimes => "near-times",
            Self::TherapistDay => "therapist-day",
            Self::TherapistToday => "therapist-today",
            Self::TherapistWelcome => "therapist-welcome",
            Self::StaffWelcome => "staff-welcome",
            Self::SignIn => "sign-in",
        }
    }

    /// Whether every resident of an offering, or everyone whose default visit it is about, gets it at the same moment,
    /// whatever they did. Only these may be counted where staff can see.
    #[must_use]
    pub const fn for_everyone(self) -> bool {
        matches!(
            self,
            Self::Announcement
                | Self::Invitation
                | Self::Reminder
                | Self::Afterwards
                | Self::Rearranged
                | Self::Retimed
                | Self::Released
        )
    }

    /// Whether it may be counted where an operator sees it: nothing that a resident did makes it be owed.
    #[must_use]
    pub const fn tells_nothing(self) -> bool {
        self.for_everyone() || matches!(self, Self::TherapistWelcome | Self::StaffWelcome | Self::SignIn)
    }

    /// Whether it reminds of a time: these alone stop at a mail program's "unsubscribe".
    #[must_use]
    pub const fn reminds(self) -> bool {
        matches!(self, Self::Reminder | Self::MovedReminder)
    }

    /// Whether it goes to a resident, so that a colleague may read its subject over their shoulder.
    #[must_use]
    pub const fn for_residents(self) -> bool {
        !matches!(
            self,
            Self::TherapistDay
                | Self::TherapistToday
                | Self::TherapistWelcome
                | Self::StaffWelcome
                | Self::SignIn
        )
    }

    /// Whether it is about the booking's own calendar entry, and so belongs to the thread of its invitation. A further time has
    /// an entry of its own, and who reads the letter to a new address may be a stranger.
    #[must_use]
    pub const fn follows_the_invitation(self) -> bool {
        self.for_residents()
            && !matches!(
                self,
                Self::Announcement
                    | Self::Invitation
                    | Self::FreeTime
                    | Self::NewAddress
                    | Self::Further
                    | Self::FurtherOff
            )
    }

    /// Whether it answers a mail that came in the resident's name: it goes to who wants no letters, too.
    #[must_use]
    pub const fn answers(self) -> bool {
        matches!(self, Self::CalendarAnswer | Self::CalendarUnread | Self::NearTimes)
    }

    /// What its calendar part asks; none where it never has such a part.
    #[must_use]
    pub const fn method(self) -> Option<Method> {
        match self {
            Self::Invitation
            | Self::Moved
            | Self::Rearranged
            | Self::Retimed
            | Self::Replaced
            | Self::Further => Some(Method::Request),
            Self::Removed | Self::Released | Self::Lapsed | Self::FurtherOff => Some(Method::Cancel),
            _ => None,
        }
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Letter {
    type Err = NotALetter;

    fn from_str(text: &str) -> Result<Self, NotALetter> {
        Self::ALL.into_iter().find(|letter| letter.name() == text).ok_or(NotALetter)
    }
}

/// What a calendar part asks of the calendar that reads it (RFC 5546, section 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Put it in, or change it.
    Request,
    /// Take it out.
    Cancel,
}

impl Method {
    /// The word of the METHOD property and of the `method` parameter of the MIME part, which must be equal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// Beginnings of words that say what the time is for, in English and in Spanish.
const PURPOSE: [&str; 44] = [
    "addict",
    "anxi",
    "burnout",
    "burn-out",
    "care ",
    "clinic",
    "coach",
    "couns",
    "depress",
    "doctor",
    "emotional",
    "health ",
    "mental",
    "patient",
    "psych",
    "resilien",
    "stress",
    "therap",
    "well-being",
    "wellness",
    "adicci",
    "agotamiento",
    "ansiedad",
    "asesoramiento",
    "asesoría",
    "bienestar",
    "clínic",
    "consejer",
    "consulta",
    "depresi",
    "desgaste",
    "emocional",
    "estrés",
    "estres",
    "médic",
    "medico",
    "orientador",
    "paciente",
    "psico",
    "psicó",
    "psiqui",
    "salud",
    "sicólog",
    "terap",
];

/// Beginnings of words that say what somebody did, or that there is something to hide, in English and in Spanish.
const CONDUCT: [&str; 20] = [
    "attend",
    "cancel",
    "confidential",
    "declin",
    "opt out",
    "opt-out",
    "opted",
    "session",
    "acudi",
    "asist",
    "ausen",
    "confidencial",
    "falt",
    "inasist",
    "privad",
    "rechaz",
    "renunci",
    "secret",
    "sesión",
    "sesion",
];

/// The first telling word in a text that a colleague can see (a subject, a calendar title, a file name, a
/// sender's name), for a warning to whoever wrote it. Reads English and Spanish.
#[must_use]
pub fn telling_word(text: &str) -> Option<&'static str> {
    purpose_word(text).or_else(|| first_of(&CONDUCT, text))
}

/// The first word that says what the time is for. Reads English and Spanish.
#[must_use]
pub fn purpose_word(text: &str) -> Option<&'static str> {
    first_of(&PURPOSE, text)
}

fn first_of(beginnings: &[&'static str], text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let padded = format!(" {} ", lower.split_whitespace().collect::<Vec<_>>().join(" "));
    let begins_a_word =
        |at: usize| padded[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
    beginnings.iter().copied().find(|word| padded.match_indices(word).any(|(at, _)| begins_a_word(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_has_one_spelling_everywhere() {
        for letter in Letter::ALL {
            assert_eq!(letter.name().parse(), Ok(letter));
            assert_eq!(serde_json::to_string(&letter).unwrap(), format!("\"{letter}\""));
        }
        assert_eq!("Invitation".parse::<Letter>(), Err(NotALetter));
    }

    #[test]
    fn what_everyone_gets_takes_an_entry_away_only_with_the_time_itself() {
        for letter in Letter::ALL.into_iter().filter(|letter| letter.for_everyone()) {
            assert!(letter.for_residents());
            assert_eq!(letter.method() == Some(Method::Cancel), letter == Letter::Released, "{letter}");
        }
    }

    #[test]
    fn a_telling_word_is_found_in_any_dress_and_a_neutral_title_has_none() {
        for text in [
            "Therapy",
            "Your THERAPIST",
            "Counseling visit",
            "a counsellor",
            "Mental health day",
            "Psych appt",
            "Opt out",
            "opt-out form",
            "Cancelled: hold",
            "clinic.ics",
            "Wellness hour",
            "Burnout check-in",
            "session-1.ics",
            "Well-being & Psychology",
            "Su TERAPIA",
            "Cita con la psicóloga",
            "Salud mental",
            "Consulta médica",
            "Bienestar",
            "Sesión confidencial",
            "Cancelado: cita",
            "Usted no asistió",
        ] {
            assert!(telling_word(text).is_some(), "{text}");
        }
        for text in ["Protected time", "Hold – 50 min", "invite.ics", "Holdspace", "Professional development"]
            .into_iter()
            .chain(["Tiempo protegido", "Recordatorio: su horario", "Su calendario", "Nueva dirección"])
        {
            assert_eq!(telling_word(text), None, "{text}");
        }
    }
}
