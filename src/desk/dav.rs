//! What a therapist's calendar programs see: visits, with names only where the therapist wants that, and busy time. Shows
//! one therapist's and never another's.

use std::collections::BTreeMap;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest, Sha256};

use super::app_password::DavAccess;
use super::{Desk, Error, Result, TRIES};
use crate::calendar::feed::{self, FeedEvent};
use crate::domain::sync::{Difference, SyncLog, Tag};
use crate::domain::time::Span;
use crate::storage::{Db, app_passwords, busy_events};

/// One of a therapist's two calendars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// Their visits.
    Held,
    /// Events of their own, during which they hold none.
    Busy,
}

impl Collection {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Held, Self::Busy];

    /// Its one spelling, also in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Busy => "busy",
        }
    }
}

/// An object of a calendar. May hold a name: cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DavObject {
    /// What it is called, with its ending.
    pub name: String,
    /// A hash that is another one whenever its text is.
    pub tag: Tag,
    /// The text.
    pub body: String,
    /// When it is, where that is known without reading the text.
    pub span: Option<Span>,
}

/// The objects of a calendar by name, each with the hash of its text.
pub type Listing = BTreeMap<String, Tag>;

/// So many visits are listed at most: more than anybody holds in the time that is shown.
const MAX_HELD: usize = 2_000;

/// A strong entity tag (RFC 9110, section 8.8.3).
#[must_use]
pub fn etag(tag: &Tag) -> String {
    format!("\"{}\"", HEXLOWER.encode(tag))
}

/// A word that changes exactly when a listing does.
#[must_use]
pub fn state(listing: &Listing) -> String {
    let mut hash = Sha256::new();
    for (name, tag) in listing {
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(tag);
    }
    HEXLOWER.encode(&hash.finalize()[..16])
}

impl Desk {
    /// What a calendar holds.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn dav_listing(&self, access: &DavAccess, collection: Collection) -> Result<Listing> {
        let mut db = self.store.read().await?;
        self.listing(&mut db, access, collection).await
    }

    async fn listing(&self, db: &mut Db, access: &DavAccess, collection: Collection) -> Result<Listing> {
        match collection {
            Collection::Held => {
                let held = self.held_events(db, access).await?;
                Ok(held.iter().map(|event| (name_of(event), feed::tag(event))).collect())
            }
            Collection::Busy => {
                let rows = busy_events::names(db, access.therapist).await?;
                rows.iter().map(|row| Ok((self.open_event_name(row)?, tag_of(&row.tag)?))).collect()
            }
        }
    }

    /// The objects of a calendar with their texts, those whose name is `wanted`.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn dav_objects(
        &self,
        access: &DavAccess,
        collection: Collection,
        wanted: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Vec<DavObject>> {
        let mut db = self.store.read().await?;
        match collection {
            Collection::Held => {
                let held = self.held_events(&mut db, access).await?;
                Ok(held.iter().filter(|event| wanted(&name_of(event))).map(held_object).collect())
            }
            Collection::Busy => {
                let rows = busy_events::events(&mut db, access.therapist).await?;
                let objects = rows.iter().map(|row| self.busy_object(row, wanted));
                objects.filter_map(Result::transpose).collect()
            }
        }
    }

    /// One object of a calendar; none where there is none of the name.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn dav_object(
        &self,
        access: &DavAccess,
        collection: Collection,
        name: &str,
    ) -> Result<Option<DavObject>> {
        match collection {
            Collection::Held => Ok(self.dav_objects(access, collection, &|known| known == name).await?.pop()),
            Collection::Busy => {
                let mut db = self.store.read().await?;
                let key = self.event_key(access, name);
                let row = busy_events::event(&mut db, access.therapist, &key).await?;
                Ok(row.map(|row| self.busy_object(&row, &|_| true)).transpose()?.flatten())
            }
        }
    }

    async fn held_events(&self, db: &mut Db, access: &DavAccess) -> Result<Vec<FeedEvent>> {
        let mut events = self.feed_events(db, access.therapist, access.names).await?;
        events.retain(|event| !event.cancelled);
        events.sort_unstable_by(|a, b| (a.span, &a.uid).cmp(&(b.span, &b.uid)));
        events.truncate(MAX_HELD);
        Ok(events)
    }

    /// The entity tag of a visit's object; none where there is none of the name.
    pub(super) async fn held_tag(&self, db: &mut Db, access: &DavAccess, name: &str) -> Result<Option<Tag>> {
        let held = self.held_events(db, access).await?;
        Ok(held.iter().find(|event| name_of(event) == name).map(feed::tag))
    }

    fn busy_object(
        &self,
        row: &busy_events::BusyEventRow,
        wanted: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Option<DavObject>> {
        let name = self.open_event_name(row)?;
        if !wanted(&name) {
            return Ok(None);
        }
        Ok(Some(DavObject { name, tag: tag_of(&row.tag)?, body: self.open_event(row)?, span: None }))
    }

    /// The keyed hash by which an event of a name is found.
    pub(super) fn event_key(&self, access: &DavAccess, name: &str) -> String {
        self.vault.blind("busy-event", &[access.therapist.as_bytes(), name.as_bytes()])
    }

    /// What changed in a calendar since a program was given `word`, or all of it without one, and the word for now. None
    /// where the difference is not known any more.
    ///
    /// What is noted here is only what this program was told, sealed at one size.
    ///
    /// # Errors
    /// Those of loading and saving; [`Error::Link`] where the password was ended meanwhile.
    pub async fn dav_changes(
        &self,
        access: &DavAccess,
        collection: Collection,
        word: Option<&str>,
    ) -> Result<Option<(Difference, Listing, String)>> {
        for _ in 0..TRIES {
            let (sealed, listing) = {
                let mut db = self.store.read().await?;
                let sealed = app_passwords::log(&mut db, access.password, collection.name()).await?;
                (sealed.ok_or(Error::Link)?, self.listing(&mut db, access, collection).await?)
            };
            let mut log = self.open_log(access.password, collection, &sealed)?;
            if log.note(&listing) && !self.save_log(access, collection, &sealed, &mut log).await? {
                continue;
            }
            let difference = word.map_or_else(|| Some(log.whole()), |word| log.since(word));
            return Ok(difference.map(|difference| (difference, listing, log.token())));
        }
        Err(Error::Contended)
    }

    async fn save_log(
        &self,
        access: &DavAccess,
        collection: Collection,
        before: &[u8],
        log: &mut SyncLog,
    ) -> Result<bool> {
        let after = self.seal_log(access.password, collection, log)?;
        let mut tx = self.store.write().await?;
        let name = collection.name();
        let saved = app_passwords::swap_log(&mut tx, access.password, name, before, after).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(saved)
    }
}

/// What the object of a visit is called.
fn name_of(event: &FeedEvent) -> String {
    format!("{}.ics", event.uid)
}

fn held_object(event: &FeedEvent) -> DavObject {
    DavObject {
        name: name_of(event),
        tag: feed::tag(event),
        body: feed::object(event),
        span: Some(event.span),
    }
}

/// Reads a stored tag.
fn tag_of(text: &str) -> Result<Tag> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
    let tag = bytes.and_then(|bytes| bytes.try_into().ok());
    Ok(tag.ok_or(crate::storage::Error::Unreadable("busy_events.tag"))?)
}
