//! Events that a therapist puts into the calendar of their busy time: kept sealed, and told to the plan as spans. Touches no
//! slot and nobody who is booked.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;

use super::app_password::DavAccess;
use super::busy::BusySource;
use super::{Desk, Result};
use crate::domain::busy;
use crate::domain::id::BusyEventId;
use crate::domain::sync::Tag;
use crate::domain::table::Table;
use crate::storage::busy_events::{self, BusyEventRow, Keys};
use crate::storage::therapists;

/// What must be so for a write to happen (RFC 9110, section 13.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing of the name is there.
    New,
    /// What is there has one of these entity tags.
    Same(Vec<String>),
    /// Something is there.
    There,
    /// Whatever is there.
    Any,
}

/// Why an event is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusyRefusal {
    /// The condition does not hold.
    Condition,
    /// Nothing of the name is there to be removed.
    NoSuch,
    /// It has no UID, or several.
    Uid,
    /// Another event has its UID.
    UidTaken,
    /// There are too many.
    Full,
    /// It cannot be told when it is.
    Unreadable,
}

/// An event that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The hash of its text.
    pub tag: Tag,
    /// Whether there was none of its name before.
    pub new: bool,
}

/// A therapist has at most so many events.
const MAX_EVENTS: i64 = 2_000;

impl Condition {
    fn holds(&self, there: Option<&BusyEventRow>) -> bool {
        match (self, there) {
            (Self::Any, _) | (Self::New, None) | (Self::There, Some(_)) => true,
            (Self::Same(tags), Some(row)) => tags.iter().any(|tag| tag.trim_matches('"') == row.tag),
            (Self::New, Some(_)) | (Self::There | Self::Same(_), None) => false,
        }
    }
}

impl Desk {
    /// Keeps an event; `events` are what its text holds. Its busy time takes the place of what it said before.
    ///
    /// # Errors
    /// Those of loading and saving. What is wrong with the event is no error.
    pub async fn put_busy(
        &self,
        access: &DavAccess,
        name: &str,
        (text, events): (&str, &[Table]),
        condition: &Condition,
    ) -> Result<Result<Kept, BusyRefusal>> {
        let whose = access.therapist;
        let Some(uid) = busy::uid(events) else { return Ok(Err(BusyRefusal::Uid)) };
        let uid_key = self.vault.blind("busy-uid", &[whose.as_bytes(), uid.as_bytes()]);
        let tag_text = self.vault.blind("busy-text", &[whose.as_bytes(), text.as_bytes()]);
        let mut tag = Tag::default();
        if HEXLOWER.decode_mut(tag_text.as_bytes(), &mut tag).is_err() {
            return Ok(Err(BusyRefusal::Unreadable));
        }
        let name_key = self.event_key(access, name);
        let mut tx = self.store.write().await?;
        let there = busy_events::event(&mut tx, whose, &name_key).await?;
        if !condition.holds(there.as_ref()) {
            return Ok(Err(BusyRefusal::Condition));
        }
        let id = there.as_ref().map_or_else(|| BusyEventId::from_bytes(self.draw()), |row| row.id);
        if busy_events::of_uid(&mut tx, whose, &uid_key).await?.iter().any(|other| *other != id) {
            return Ok(Err(BusyRefusal::UidTaken));
        }
        if there.is_none() && busy_events::count(&mut tx, whose).await? >= MAX_EVENTS {
            return Ok(Err(BusyRefusal::Full));
        }
        let Some(therapist) = therapists::therapist(&mut tx, whose).await? else {
            return Err(super::Error::Link);
        };
        let zone = self.own_zone(&mut tx, &therapist).await?;
        let read = busy::busy(events, zone, self.busy_period()?);
        if !read.refused.is_empty() {
            return Ok(Err(BusyRefusal::Unreadable));
        }
        let sealed = self.seal_event(id, text)?;
        let name = self.seal_event_name(id, name)?;
        let row = BusyEventRow { id, name, tag: tag_text, sealed };
        let kept = match &there {
            Some(before) => busy_events::change(&mut tx, &before.tag, &uid_key, row).await?,
            None => {
                let keys = Keys { name: &name_key, uid: &uid_key };
                busy_events::add(&mut tx, whose, keys, row).await?
            }
        };
        if !kept {
            return Ok(Err(BusyRefusal::Condition));
        }
        let spans: BTreeSet<_> = read.spans.into_iter().collect();
        self.replace_busy_from(&mut tx, whose, &BusySource::Event(id), spans).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(Ok(Kept { tag, new: there.is_none() }))
    }

    /// Removes an event with its busy time.
    ///
    /// # Errors
    /// Those of loading and saving.
    pub async fn remove_busy(
        &self,
        access: &DavAccess,
        name: &str,
        condition: &Condition,
    ) -> Result<Result<(), BusyRefusal>> {
        let name_key = self.event_key(access, name);
        let mut tx = self.store.write().await?;
        let Some(there) = busy_events::event(&mut tx, access.therapist, &name_key).await? else {
            return Ok(Err(BusyRefusal::NoSuch));
        };
        if !condition.holds(Some(&there)) || !busy_events::forget(&mut tx, there.id, &there.tag).await? {
            return Ok(Err(BusyRefusal::Condition));
        }
        let source = BusySource::Event(there.id);
        self.replace_busy_from(&mut tx, access.therapist, &source, BTreeSet::new()).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(Ok(()))
    }
}
