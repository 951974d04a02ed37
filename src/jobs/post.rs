//! The post: leases letters, opens the one identity that each needs, writes, sends and marks them. Logs counts and
//! reasons, never a name or an address.

use std::sync::atomic::Ordering;

use chrono::Duration;
use futures_util::future::{join, join_all};
use tokio::sync::Mutex;

use super::tally::Tally;

pub use super::pace::Pace;
pub use super::tally::Delivered;
use crate::desk::errand::{Elsewhere, Granted, Opened, Parcel};
use crate::desk::link::SIGN_IN_MINUTES;
use crate::desk::{Desk, Error};
use crate::domain::bounce::ReturnAddress;
use crate::domain::identity::{Address, Identity};
use crate::domain::letter::Letter;
use crate::domain::time::{Instant, wall};
use crate::mail::compose::{ComposeError, Composed, Particulars, Sender, compose};
use crate::mail::context::{
    AgendaDay, Announcement, BehindTheLink, ChosenTime, Context, Frame, HeldTime, KeptTime, NearTimes,
    NewAddress, OtherAddress, SignIn, StaffWelcome, Welcome,
};
use crate::mail::envelope::Envelope;
use crate::mail::failure::Failure;
use crate::mail::signature::Signing;
use crate::mail::template::Templates;
use crate::mail::transport::{Session, Transport};
use crate::mail::words::{date_in_words, in_words, moment_in_words};
use crate::storage::outbox::{self, Audience, Leased};

/// The first wait after a failure that may pass, in minutes; doubled each time.
const FIRST_WAIT_MINUTES: i64 = 5;
/// The longest wait.
const LONGEST_WAIT_MINUTES: i64 = 240;
/// Tried so often, over about four days, a letter is given up.
const TRIES_MAX: i64 = 30;
/// Tried so often, over about half a day, an address of a resident's own choosing is given up for that letter.
const ELSEWHERE_TRIES_MAX: i64 = 8;

/// Everything that the post needs.
pub struct PostOffice {
    /// Where letters are owed.
    pub desk: Desk,
    /// Their words.
    pub templates: Templates,
    /// The way out.
    pub transport: Transport,
    /// Who writes.
    pub sender: Sender,
    /// Where letters come back to; none for the sender's own address.
    pub bounces: Option<ReturnAddress>,
    /// What letters are signed with; none where the relay signs, or nobody.
    pub signing: Option<Signing>,
    /// Who stands behind the letters, in words.
    pub office: String,
    /// Where a person answers questions.
    pub contact: String,
    /// How fast.
    pub pace: Pace,
}

impl PostOffice {
    /// How many letters are due, of those that may be counted.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn due(&self) -> Result<usize, Error> {
        let mut db = self.desk.store().read().await?;
        Ok(usize::try_from(outbox::due_told(&mut db, self.desk.now()).await?).unwrap_or(usize::MAX))
    }

    async fn is_drained(&self) -> Result<bool, Error> {
        let mut db = self.desk.store().read().await?;
        Ok(outbox::due(&mut db, self.desk.now()).await? == 0)
    }

    /// Sends what is due as far as the pace allows, each letter once; `progress` hears of every finished one.
    ///
    /// # Errors
    /// Those of loading and saving. What was sent by then is marked, but for one letter a connection.
    pub async fn deliver(&self, progress: &(dyn Fn(Delivered) + Sync)) -> Result<Delivered, Error> {
        let tally = Tally::default();
        let [everyone, someone] = [Audience::Everyone, Audience::Someone]
            .map(|audience| self.deliver_to(audience, &tally, progress));
        if self.pace.connections > 1 {
            // Side by side: a letter of one person that takes its time delays none of everyone's.
            let (everyone, someone) = join(everyone, someone).await;
            everyone.and(someone)?;
        } else {
            everyone.await?;
            someone.await?;
        }
        let (waiting, drained) = (self.due().await?, self.is_drained().await?);
        Ok(Delivered { waiting, drained, ..tally.told() })
    }

    /// The letters of one audience, as far as its pace allows.
    async fn deliver_to(
        &self,
        audience: Audience,
        tally: &Tally,
        progress: &(dyn Fn(Delivered) + Sync),
    ) -> Result<(), Error> {
        loop {
            let leased = self.pace.lease(&self.desk, audience).await?;
            if leased.is_empty() {
                return Ok(());
            }
            let queue = Mutex::new(leased.into_iter());
            let workers = (0..self.pace.connections(audience)).map(|_| self.work(&queue, tally, progress));
            for done in join_all(workers).await {
                done?;
            }
        }
    }

    /// One connection: takes letters from the queue until it is empty.
    async fn work(
        &self,
        queue: &Mutex<std::vec::IntoIter<Leased>>,
        tally: &Tally,
        progress: &(dyn Fn(Delivered) + Sync),
    ) -> Result<(), Error> {
        let mut session = None;
        loop {
            let Some(leased) = queue.lock().await.next() else { break };
            self.one(&leased, &mut session, tally).await?;
            progress(tally.told());
        }
        if let Some(session) = session {
            session.close().await;
        }
        Ok(())
    }

    async fn one(&self, leased: &Leased, session: &mut Option<Session>, tally: &Tally) -> Result<(), Error> {
        let parcel = match self.desk.open_letter(leased).await {
            Ok(Opened::Send(parcel)) => parcel,
            // Done like any other: that a letter was not wanted shows nowhere.
            Ok(Opened::Spent) => return self.sent(leased, tally).await,
            Err(Error::Vault(why)) => return self.failed(leased, &why.to_string(), tally).await,
            Err(other) => return Err(other),
        };
        let composed = match self.write(&parcel) {
            Ok(composed) => composed,
            Err(why) => {
                if parcel.errand.letter.for_everyone() {
                    tracing::error!(letter = %parcel.errand.letter, "{why}");
                }
                return self.failed(leased, "the letter could not be written", tally).await;
            }
        };
        match self.hand_over(session, leased, parcel.to.address(), &composed).await {
            Ok(()) => self.sent(leased, tally).await,
            Err(failure) => {
                // After a failure nobody knows what the other side still expects.
                *session = None;
                match &parcel.elsewhere {
                    Some(elsewhere) => self.not_elsewhere(&failure, leased, &parcel, elsewhere, tally).await,
                    None if parcel.kept && failure.is_of_the_mailbox() => {
                        let from = parcel.to.address();
                        self.desk.old_address_is_gone(leased.id, &parcel.errand, from).await
                    }
                    None => self.after(&failure, leased, &parcel, &parcel.to, tally).await,
                }
            }
        }
    }

    async fn hand_over(
        &self,
        session: &mut Option<Session>,
        leased: &Leased,
        to: &Address,
        composed: &Composed,
    ) -> Result<(), Failure> {
        // From and ORGANIZER stay the one address that people know; only the envelope differs from letter to letter.
        let own = self
            .bounces
            .as_ref()
            .and_then(|bounces| bounces.with(&self.desk.return_token(leased.id, to)).ok());
        let from = own.as_ref().unwrap_or(&self.sender.address);
        let open = match session {
            Some(open) => open,
            None => session.insert(self.transport.connect().await?),
        };
        let envelope = Envelope { from, to, message_id: &composed.message_id };
        open.send(&envelope, &composed.bytes).await
    }

    async fn after(
        &self,
        failure: &Failure,
        leased: &Leased,
        parcel: &Parcel,
        to: &Identity,
        tally: &Tally,
    ) -> Result<(), Error> {
        let reason = failure.reason().to_string();
        // Whose address is wrong may be told of the announcement alone, and as long as they have that address.
        let announced = parcel.errand.letter == Letter::Announcement;
        let key = if announced { self.desk.address_key(to.address()) } else { String::new() };
        if !failure.may_try_again() {
            return self.failed_for(leased, &reason, &key, tally).await;
        }
        if leased.attempts >= TRIES_MAX {
            let reason = format!("given up after {TRIES_MAX} tries: {reason}");
            return self.failed_for(leased, &reason, &key, tally).await;
        }
        let at = self.desk.now() + wait(leased);
        let mut tx = self.desk.store().write().await?;
        outbox::later(&mut tx, leased.id, at, &reason).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        // No log line: that somebody was owed a letter of their own would stand in it.
        tally.retrying.fetch_add(usize::from(leased.counted), Ordering::Relaxed);
        Ok(())
    }

    /// An address of a resident's own choosing did not take a letter. That there is one shows nowhere: not as a reason and
    /// not in a count. What everyone gets goes to the address of the roster once the other is given up.
    async fn not_elsewhere(
        &self,
        failure: &Failure,
        leased: &Leased,
        parcel: &Parcel,
        elsewhere: &Elsewhere,
        tally: &Tally,
    ) -> Result<(), Error> {
        if failure.may_try_again() && leased.attempts < ELSEWHERE_TRIES_MAX {
            if leased.counted {
                // A lone letter that is still owed would tell that somebody has such an address.
                let until = self.desk.now() + wait(leased);
                self.desk.puts_off(leased.id, &parcel.errand, until).await?;
                tally.sent.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            let mut tx = self.desk.store().write().await?;
            outbox::later(&mut tx, leased.id, self.desk.now() + wait(leased), "").await?;
            return Ok(tx.commit().await.map_err(crate::storage::Error::from)?);
        }
        let Some(resident) = &elsewhere.otherwise else { return self.sent(leased, tally).await };
        let Ok(composed) = self.write_to(resident, parcel) else {
            return self.failed(leased, "the letter could not be written", tally).await;
        };
        match self.hand_over(&mut None, leased, resident.address(), &composed).await {
            Ok(()) => self.sent(leased, tally).await,
            Err(failure) => self.after(&failure, leased, parcel, resident, tally).await,
        }
    }

    async fn sent(&self, leased: &Leased, tally: &Tally) -> Result<(), Error> {
        tally.marks.sent(self.desk.store(), leased.id).await?;
        tally.sent.fetch_add(usize::from(leased.counted), Ordering::Relaxed);
        Ok(())
    }

    async fn failed(&self, leased: &Leased, reason: &str, tally: &Tally) -> Result<(), Error> {
        self.failed_for(leased, reason, "", tally).await
    }

    async fn failed_for(&self, leased: &Leased, reason: &str, key: &str, tally: &Tally) -> Result<(), Error> {
        let mut tx = self.desk.store().write().await?;
        outbox::failed(&mut tx, leased.id, reason, key).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        tally.failed.fetch_add(usize::from(leased.counted), Ordering::Relaxed);
        Ok(())
    }

    /// The letter in words and bytes.
    fn write(&self, parcel: &Parcel) -> Result<Composed, ComposeError> {
        self.write_to(&parcel.to, parcel)
    }

    fn write_to(&self, to: &Identity, parcel: &Parcel) -> Result<Composed, ComposeError> {
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

/// How long to wait before the next try: doubled each time, with up to a quarter more, so that letters which failed
/// together do not come back together.
fn wait(leased: &Leased) -> Duration {
    let doublings = u32::try_from(leased.attempts - 1).unwrap_or(0).min(6);
    let minutes = (FIRST_WAIT_MINUTES << doublings).min(LONGEST_WAIT_MINUTES);
    let jitter = minutes * 60 / 4 * i64::from(leased.id.as_bytes()[0]) / 256;
    Duration::seconds(minutes * 60 + jitter)
}
