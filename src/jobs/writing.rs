//! Writes a letter: what is owed, in words and bytes. Never sends one.

use crate::desk::errand::{Granted, Parcel};
use crate::desk::link::SIGN_IN_MINUTES;
use crate::domain::identity::Identity;
use crate::domain::letter::Letter;
use crate::domain::time::{Instant, wall};
use crate::mail::compose::{ComposeError, Composed, Particulars, Sender, compose};
use crate::mail::context::{
    AgendaDay, Announcement, BehindTheLink, ChosenTime, Context, Frame, HeldTime, KeptTime, NearTimes,
    NewAddress, OtherAddress, SignIn, StaffWelcome, Welcome,
};
use crate::mail::signature::Signing;
use crate::mail::template::Templates;
use crate::mail::words::{date_in_words, in_words, moment_in_words};

/// Everything that writing a letter takes.
pub struct Writer {
    /// The words of letters.
    pub templates: Templates,
    /// Who writes.
    pub sender: Sender,
    /// What letters are signed with; none where the relay signs, or nobody.
    pub signing: Option<Signing>,
    /// Who stands behind the letters, in words.
    pub office: String,
    /// Where a person answers questions.
    pub contact: String,
}

impl Writer {
    /// The letter in words and bytes.
    pub(super) fn write(&self, parcel: &Parcel) -> Result<Composed, ComposeError> {
        self.write_to(&parcel.to, parcel)
    }

    /// The same to somebody else than it is for at first.
    pub(super) fn write_to(&self, to: &Identity, parcel: &Parcel) -> Result<Composed, ComposeError> {
        let errand = &parcel.errand;
        let particulars = Particulars {
            uid: &parcel.uid,
            sequence: errand.sequence,
            announced: parcel.announced,
            unsubscribe_url: parcel.unsubscribe.as_ref().map(|url| url.as_str()),
            occasion: &errand.occasion,
            date: errand.due_at,
            stamp: errand.owed_at,
            visit: parcel.entry,
            title: &parcel.title,
            language: parcel.language,
        };
        let composed = compose(&self.templates, &self.sender, to, &self.context(parcel), &particulars)?;
        let Some(signing) = &self.signing else { return Ok(composed) };
        Ok(Composed { bytes: signing.sign(&composed.bytes, errand.due_at)?, ..composed })
    }

    fn frame(&self, to: &Identity) -> Frame {
        Frame {
            // The letter greets the one person it goes to.
            greeting: to.reveal_greeting().to_owned(),
            office: self.office.clone(),
            contact: self.contact.clone(),
        }
    }

    fn context(&self, parcel: &Parcel) -> Context {
        let errand = &parcel.errand;
        let frame = self.frame(&parcel.to);
        let language = parcel.language;
        let (title, link) = (parcel.title.clone(), parcel.link.to_string());
        let on = |at: Instant| date_in_words(wall(at, parcel.zone).date(), language);
        let visit = errand.visit.as_ref();
        let block = || visit.map(|visit| in_words(visit.block, parcel.zone, language)).unwrap_or_default();
        let time = || visit.map(|visit| in_words(visit.span, parcel.zone, language)).unwrap_or_default();
        let held = |frame, title, link| HeldTime { frame, title, protected_time: block(), link };
        let behind = |frame, title, link| BehindTheLink { frame, title, link, survey: parcel.survey };
        let chosen = |frame, title, link| ChosenTime { frame, title, visit_time: time(), link };
        let day = || visit.map(|visit| on(visit.span.starts_at())).unwrap_or_default();
        match errand.letter {
            Letter::Announcement => {
                let invitation_on = parcel.invitation_at.map(on).unwrap_or_default();
                Context::Announcement(Announcement { frame, title, invitation_on })
            }
            Letter::Invitation => Context::Invitation(held(frame, title, link)),
            Letter::Reminder => Context::Reminder(held(frame, title, link)),
            Letter::Afterwards => Context::Afterwards(behind(frame, title, link)),
            Letter::Rearranged => Context::Rearranged(held(frame, title, link)),
            Letter::Retimed => Context::Retimed(held(frame, title, link)),
            Letter::Released => Context::Released(chosen(frame, title, link)),
            Letter::Moved => Context::Moved(chosen(frame, title, link)),
            Letter::Removed => Context::Removed(behind(frame, title, link)),
            Letter::Replaced => Context::Replaced(chosen(frame, title, link)),
            Letter::Lapsed => Context::Lapsed(chosen(frame, title, link)),
            Letter::FreeTime => {
                let until = errand.kept_until().map(|at| moment_in_words(at, parcel.zone, language));
                let kept_until = until.unwrap_or_default();
                Context::FreeTime(KeptTime { frame, title, protected_time: block(), kept_until, link })
            }
            Letter::Confirmation => Context::Confirmation(behind(frame, title, link)),
            Letter::MovedReminder => Context::MovedReminder(chosen(frame, title, link)),
            Letter::Further => Context::Further(chosen(frame, title, link)),
            Letter::FurtherOff => Context::FurtherOff(chosen(frame, title, link)),
            Letter::NewAddress => Context::NewAddress(NewAddress { frame, link }),
            Letter::OtherAddress => {
                let until = errand.kept_until().map(on).unwrap_or_default();
                Context::OtherAddress(OtherAddress { frame, title, until, link })
            }
            Letter::CalendarAnswer => Context::CalendarAnswer(behind(frame, title, link)),
            Letter::CalendarUnread => Context::CalendarUnread(behind(frame, title, link)),
            Letter::NearTimes => {
                let near = parcel.near.iter().map(|span| in_words(*span, parcel.zone, language));
                Context::NearTimes(NearTimes { frame, title, times: near.collect(), link })
            }
            Letter::TherapistDay => Context::TherapistDay(AgendaDay { frame, day: day(), link }),
            Letter::TherapistToday => Context::TherapistToday(AgendaDay { frame, day: day(), link }),
            Letter::TherapistWelcome => {
                let feed_url = parcel.feed.as_ref().map(|feed| feed.to_string()).unwrap_or_default();
                Context::TherapistWelcome(Welcome { frame, feed_url, link })
            }
            Letter::StaffWelcome => {
                let Granted { asked_by, directs, leads, programs } =
                    parcel.granted.clone().unwrap_or_default();
                Context::StaffWelcome(StaffWelcome { frame, asked_by, directs, leads, programs, link })
            }
            Letter::SignIn => Context::SignIn(SignIn { frame, link, minutes: SIGN_IN_MINUTES }),
        }
    }
}
