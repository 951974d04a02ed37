//! The question whether an answer that came in is the resident's own: asked by letter, seen behind its link, settled by a
//! button. The link is derived from booking, question and moment and lies in no table.

use zeroize::Zeroizing;

use super::change::Try;
use super::link::Purpose;
use super::reply::Did;
use super::{Desk, Error, Result, TRIES};
use crate::domain::booking::{Booking, Wanted};
use crate::domain::id::LinkId;
use crate::domain::language::Language;
use crate::domain::time::{Instant, Span, Zone};
use crate::storage::Db;
use crate::storage::bookings::{self, BookingRow};
use crate::vault::Vault;

/// What the page of a question shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The offering's neutral title.
    pub title: String,
    /// The zone in which times are told.
    pub zone: Zone,
    /// The language that the resident chose.
    pub language: Option<Language>,
    /// What the answer wants.
    pub wanted: Wanted,
    /// The visit that is held.
    pub held: Option<Span>,
    /// Whether there is still anything to change.
    pub open: bool,
}

/// A question that a token opens.
struct Asked {
    row: BookingRow,
    booking: Booking,
    at: i64,
    wanted: Wanted,
    done: bool,
}

impl Desk {
    /// The link of the letter that asks; none where the question is no longer known.
    pub(super) fn question_url(&self, booking: &Booking, at: Instant) -> Option<Zeroizing<String>> {
        let (wanted, _) = booking.question(at, self.now())?;
        let link = LinkId::from_bytes(*booking.id.as_bytes());
        let token = self.vault.token(link, &purpose(wanted), at.timestamp());
        Some(Zeroizing::new(format!("{}{}{}/answer", self.public_url(), Purpose::Visit.path(), *token)))
    }

    /// What an answer asks. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Link`] for a link that opens nothing, or is two days old.
    pub async fn question(&self, token: &str) -> Result<Question> {
        let mut db = self.store.read().await?;
        let asked = self.asked_about(&mut db, token).await?;
        let open = !asked.done && asked.booking.may_be_answered(asked.wanted, self.now());
        let loaded = self.loaded(&mut db, asked.row).await?;
        Ok(Question {
            title: loaded.offering.rules.title.clone(),
            zone: loaded.zone(),
            language: loaded.booking.wishes.language,
            wanted: asked.wanted,
            held: loaded.booking.visit().map(|visit| visit.span),
            open,
        })
    }

    /// The token of the resident's own page, behind the link of a question.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub async fn page_of_question(&self, token: &str) -> Result<Zeroizing<String>> {
        let mut db = self.store.read().await?;
        let id = self.asked_about(&mut db, token).await?.booking.id.to_string();
        let url = self.known_url(&mut db, Purpose::Visit, &id).await?.ok_or(Error::Link)?;
        Ok(Zeroizing::new(url.rsplit('/').next().unwrap_or_default().to_owned()))
    }

    /// Does what the answer asks. Pressed twice, it says what already holds.
    ///
    /// # Errors
    /// [`Error::Link`], and [`Error::Taken`] where the proposed time cannot be had.
    pub async fn settle(&self, token: &str) -> Result<()> {
        for _ in 0..TRIES {
            let now = self.now();
            let mut tx = self.store.write().await?;
            let Asked { row, booking, at, wanted, done } = self.asked_about(&mut tx, token).await?;
            if done || !booking.may_be_answered(wanted, now) {
                return Ok(());
            }
            let loaded = self.loaded(&mut tx, row).await?;
            match self.does(&mut tx, &loaded, wanted, now, |booking| booking.settled(at)).await {
                Ok(Did::Tried(Try::Done)) => {
                    return Ok(tx.commit().await.map_err(crate::storage::Error::from)?);
                }
                Ok(Did::Tried(Try::Again)) | Err(Error::Storage(crate::storage::Error::Contended)) => {}
                Ok(Did::Unmet) => return Err(Error::Taken),
                Ok(Did::Nothing) => return Ok(()),
                Err(other) => return Err(other),
            }
        }
        Err(Error::Contended)
    }

    async fn asked_about(&self, db: &mut Db, token: &str) -> Result<Asked> {
        let link = Vault::link_of(token).ok_or(Error::Link)?;
        let id = crate::domain::id::BookingId::from_bytes(*link.as_bytes());
        let row = bookings::booking(db, id).await?.ok_or(Error::Link)?;
        let booking = self.open_booking(&row)?;
        let fits =
            |(at, wanted, _): &(i64, Wanted, bool)| self.vault.fits(token, link, &purpose(*wanted), *at);
        let (at, wanted, done) = booking.questions(self.now()).find(fits).ok_or(Error::Link)?;
        Ok(Asked { row, booking, at, wanted, done })
    }
}

/// What the token of a question is good for.
fn purpose(wanted: Wanted) -> String {
    match wanted {
        Wanted::Out => "answer/out".to_owned(),
        Wanted::At(None) => "answer/at".to_owned(),
        Wanted::At(Some(span)) => {
            format!("answer/at/{}/{}", span.starts_at().timestamp(), span.ends_at().timestamp())
        }
    }
}
