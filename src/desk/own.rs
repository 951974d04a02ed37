//! What a resident keeps for themselves behind their link: a language, what they would rather have, another address for
//! their letters, and the visit as an entry for their own calendar. Nothing of it reaches the roster, and no batch and no
//! page of the program looks at it.

use zeroize::Zeroizing;

use super::change::unchanged;
use super::link::Purpose;
use super::visit::Loaded;
use super::{Desk, Error, Result, TRIES};
use crate::domain::booking::{self, Booking, Hand, Visit};
use crate::domain::eligibility::Wishes;
use crate::domain::id::{BookingId, LinkId};
use crate::domain::identity::Address;
use crate::domain::language::Language;
use crate::domain::owed;
use crate::domain::people::Modality;
use crate::domain::time::{Instant, Span};
use crate::storage::Db;
use crate::storage::bookings::{self, BookingRow};
use crate::vault::Vault;

/// What a resident may wish for: what the therapists of the institution have, all together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// Languages, each once, in order.
    pub languages: Vec<String>,
    /// Genders, each once, in order.
    pub genders: Vec<String>,
    /// How visits are attended.
    pub modalities: Vec<Modality>,
}

/// A visit as an entry for the resident's own calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEntry {
    /// The same as in every letter about this booking.
    pub uid: String,
    /// That of the newest letter.
    pub sequence: u32,
    /// When it is.
    pub span: Span,
    /// The offering's neutral title.
    pub title: String,
    /// The present moment.
    pub now: Instant,
    /// The language that the resident chose.
    pub language: Option<Language>,
}

/// Texts of which each is there once, whatever the case that it is written in, in order.
fn each_once(mut texts: Vec<String>) -> Vec<String> {
    texts.retain(|text| !text.trim().is_empty());
    texts.sort_by_key(|text| text.to_lowercase());
    texts.dedup_by_key(|text| text.to_lowercase());
    texts
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

impl Loaded {
    /// Whether a visit has everything that the resident wishes for.
    pub(super) fn matches(&self, visit: &Visit) -> bool {
        let wishes = &self.booking.own.prefers;
        let Ok(Some(host)) = self.host(visit.therapist) else { return false };
        let practice = &host.practice;
        let speaks = |wish: &String| practice.languages.iter().any(|language| same(language, wish));
        *wishes != Wishes::default()
            && wishes.language.as_ref().is_none_or(speaks)
            && wishes.gender.as_ref().is_none_or(|wish| same(&practice.gender, wish))
            && wishes.modality.is_none_or(|wish| visit.modality == wish)
    }

    /// What there is to wish for. Of all therapists, so that it tells nothing of free times.
    pub(super) fn choices(&self) -> Result<Choices> {
        let mut choices = Choices::default();
        for row in self.around.therapists() {
            let Some(host) = self.host(row.id)? else { continue };
            choices.languages.extend(host.practice.languages.iter().cloned());
            choices.genders.push(host.practice.gender.clone());
            choices.modalities.extend(&host.practice.modalities);
        }
        choices.modalities.sort_unstable();
        choices.modalities.dedup();
        choices.languages = each_once(choices.languages);
        choices.genders = each_once(choices.genders);
        Ok(choices)
    }

    /// The address of the roster, while letters go to the one that it had before.
    pub(super) fn other_address(&self, now: Instant) -> Option<(String, Instant)> {
        let (_, until) = self.booking.kept_address(now).filter(|_| self.booking.own_address().is_none())?;
        Some((self.resident.identity.address().reveal().to_owned(), until))
    }

    /// The time that the last move gave up, while it can be had back.
    pub(super) fn came_from(&self, now: Instant) -> Option<Span> {
        let before = self.booking.came_from(now);
        before.filter(|visit| !self.around.is_away(visit.therapist, &visit.span)).map(|visit| visit.span)
    }
}

impl Desk {
    /// The language that a resident chose, for a page that says no: none too for a link that opens nothing.
    pub async fn language_of(&self, token: &str) -> Option<Language> {
        let mut db = self.store.read().await.ok()?;
        let subject = self.subject(&mut db, Purpose::Visit, token).await.ok()?;
        let row = bookings::booking(&mut db, subject.parse().ok()?).await.ok()??;
        self.open_booking(&row).ok()?.wishes.language
    }

    /// Speaks another language from now on, on pages and in letters.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub async fn speak(&self, token: &str, language: Language) -> Result<()> {
        self.change(token, |loaded, _| {
            let mut booking = loaded.booking.clone();
            booking.wishes.language = Some(language);
            Ok(unchanged(&booking))
        })
        .await
    }

    /// Notes what the resident would rather have, and whether they want to be moved to it; what no therapist has is not
    /// noted.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub async fn prefer(&self, token: &str, wishes: Wishes, move_me: bool) -> Result<()> {
        self.choose(token, |loaded, _| {
            let there = loaded.choices()?;
            let among = |wish: &Option<String>, all: &[String]| {
                all.iter().find(|one| wish.as_ref().is_some_and(|wish| same(wish, one))).cloned()
            };
            let prefers = Wishes {
                language: among(&wishes.language, &there.languages),
                gender: among(&wishes.gender, &there.genders),
                modality: wishes.modality.filter(|wish| there.modalities.contains(wish)),
            };
            let mut booking = loaded.booking.asks_to_be_moved(move_me && prefers != Wishes::default());
            booking.own.prefers = prefers;
            Ok(unchanged(&booking))
        })
        .await
    }

    /// Asks for letters to go elsewhere: a letter goes there, and everything else goes on as before until the button behind
    /// it is pressed. The address of the roster is taken at once.
    ///
    /// # Errors
    /// [`Error::Link`], and the booking's refusal where too many letters were asked for.
    pub async fn ask_address(&self, token: &str, address: Address) -> Result<()> {
        for _ in 0..TRIES {
            let now = self.now();
            let mut tx = self.store.write().await?;
            let loaded = self.load(&mut tx, token).await?;
            let known = *loaded.resident.identity.address() == address;
            let booking = match known {
                // Who names it knows it: it need not wait.
                true => {
                    let there = loaded.booking.at_the_rosters_address(now);
                    there.at_the_new_address(now).unwrap_or(there)
                }
                false => loaded.booking.asks_for(address.clone(), now)?,
            };
            if !known {
                self.owe(&mut tx, &owed::with_new_address(&booking, now)).await?;
            }
            if self.keep(&mut tx, &loaded.row, &booking).await? {
                tx.commit().await.map_err(crate::storage::Error::from)?;
                return Ok(());
            }
        }
        Err(Error::Contended)
    }

    /// Sends letters to the address of the roster again.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub async fn leave_address(&self, token: &str) -> Result<()> {
        self.change(token, |loaded, now| Ok(unchanged(&loaded.booking.at_the_rosters_address(now)))).await
    }

    /// The address that the link in the letter to it would confirm. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Link`] for one that opens nothing, was used, or is two days old.
    pub async fn new_address(&self, token: &str) -> Result<Option<Language>> {
        let mut db = self.store.read().await?;
        Ok(self.asked_by(&mut db, token).await?.1.wishes.language)
    }

    /// Sends letters to the new address from now on. Pressed twice, it says what already holds.
    ///
    /// # Errors
    /// [`Error::Link`] as for [`Desk::new_address`].
    pub async fn confirm_address(&self, token: &str) -> Result<Option<Language>> {
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            let (row, booking) = self.asked_by(&mut tx, token).await?;
            let confirmed = booking.confirmed(self.now()).ok_or(Error::Link)?;
            if self.keep(&mut tx, &row, &confirmed).await? {
                tx.commit().await.map_err(crate::storage::Error::from)?;
                return Ok(confirmed.wishes.language);
            }
        }
        Err(Error::Contended)
    }

    /// The link of the letter to a new address. It lies nowhere, so that no row tells who asked for one, and it opens nothing
    /// but the one button: whoever gets it by mistake learns nothing of a visit.
    pub(super) fn new_address_url(
        &self,
        booking: BookingId,
        address: &Address,
        at: Instant,
    ) -> Zeroizing<String> {
        let (link, purpose) = (LinkId::from_bytes(*booking.as_bytes()), self.asked_purpose(address));
        let token = self.vault.token(link, &purpose, at.timestamp());
        Zeroizing::new(format!("{}{}{}/new-address", self.public_url(), Purpose::Visit.path(), *token))
    }

    fn asked_purpose(&self, address: &Address) -> String {
        format!("address/{}", self.vault.address_key(address))
    }

    /// The booking whose new address a token confirms.
    async fn asked_by(&self, db: &mut Db, token: &str) -> Result<(BookingRow, Booking)> {
        let link = Vault::link_of(token).ok_or(Error::Link)?;
        let row = bookings::booking(db, BookingId::from_bytes(*link.as_bytes())).await?.ok_or(Error::Link)?;
        let booking = self.open_booking(&row)?;
        let fits = booking.confirmable_address(self.now()).is_some_and(|(address, at)| {
            self.vault.fits(token, link, &self.asked_purpose(address), at.timestamp())
        });
        if fits { Ok((row, booking)) } else { Err(Error::Link) }
    }

    pub(super) async fn keep(&self, db: &mut Db, row: &BookingRow, booking: &Booking) -> Result<bool> {
        self.put_booking(db, row, booking, Hand::Resident).await
    }

    /// The visit that is held, as an entry for the resident's own calendar.
    ///
    /// # Errors
    /// [`Error::Link`], and [`booking::Refusal::NothingHeld`].
    pub async fn own_entry(&self, token: &str) -> Result<OwnEntry> {
        let mut db = self.store.read().await?;
        let loaded = self.load(&mut db, token).await?;
        let visit = loaded.booking.visit().ok_or(booking::Refusal::NothingHeld)?;
        Ok(OwnEntry {
            uid: loaded.row.uid.clone(),
            sequence: loaded.booking.sequence,
            span: visit.span,
            title: loaded.offering.rules.title.clone(),
            now: self.now(),
            language: loaded.booking.wishes.language,
        })
    }
}
