//! The outcome log, for the privacy officer's verb alone: what happened to bookings, by name. That it was read, by whom and
//! why is written into the log of what staff did before a line is given out; about whom is not said there.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use serde::Serialize;

use super::{Desk, Error, Result};
use crate::domain::audit::{Act, short};
use crate::domain::booking::Line;
use crate::domain::id::BookingId;
use crate::domain::identity::Address;
use crate::domain::time::Instant;
use crate::storage::{bookings, histories, people};

/// Of whom, or since when.
pub enum Asked<'a> {
    /// One resident's bookings, in every offering.
    Of(&'a Address),
    /// Everybody's, from a day on in UTC.
    Since(NaiveDate),
}

/// One line. Holds a name: cannot be printed but by the verb.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeLine {
    /// When.
    pub at: Instant,
    /// Whose.
    pub resident: String,
    /// The offering's title.
    pub offering: String,
    /// What happened, in words.
    pub what: &'static str,
    /// By whose hand.
    pub by: &'static str,
    /// When the visit begins or began that it was about.
    pub visit: Option<Instant>,
}

/// What was read.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct OutcomesRead {
    /// In order of time.
    pub lines: Vec<OutcomeLine>,
    /// Older lines of the same bookings that are not kept any more.
    pub fallen: u32,
    /// Histories that do not open: `audit verify` tells of them.
    pub unread: usize,
}

impl Desk {
    /// Reads what happened, and writes down that it was read.
    ///
    /// # Errors
    /// [`Error::Refused`] without a reason, and for an address of nobody; those of loading and saving, and then nothing is
    /// given out.
    pub async fn read_outcomes(&self, asked: &Asked<'_>, reason: &str) -> Result<OutcomesRead> {
        if short(reason).len() < 3 {
            let problem =
                "say with --reason why this is read; the reason stands in the log that the institution reads";
            return Err(Error::Refused(problem.to_owned()));
        }
        // First: who is refused afterwards has asked all the same.
        self.note_alone(&Act::OutcomesRead { reason: reason.to_owned() }).await?;
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let mut residents = people::residents(&mut db, institution).await?;
        if let Asked::Of(address) = asked {
            let key = self.vault.address_key(address);
            residents.retain(|row| row.address_key == key);
            if residents.is_empty() {
                let problem =
                    "nobody on file has this address; somebody who was erased has no history any more";
                return Err(Error::Refused(problem.to_owned()));
            }
        }
        let mut read = OutcomesRead::default();
        for offering in self.offerings(&mut db).await? {
            let mut histories: BTreeMap<BookingId, Vec<u8>> =
                histories::of_offering(&mut db, offering.id()).await?.into_iter().collect();
            for booking in bookings::of_offering(&mut db, offering.id()).await? {
                let Some(row) = residents.iter().find(|row| row.id == booking.resident) else { continue };
                let sealed = histories.remove(&booking.id).unwrap_or_default();
                let Ok(history) = self.open_history(&booking.key, booking.id, &sealed) else {
                    read.unread += 1;
                    continue;
                };
                read.fallen += history.fallen;
                let name = self.open_resident(row)?.identity;
                // Revealed to whoever was asked to look, by name because that is the question.
                let name = format!("{} <{}>", name.reveal_name(), name.address().reveal());
                let told = |line: &Line| told(line, &name, &offering.rules.title);
                read.lines.extend(history.lines.iter().map(told));
            }
        }
        if let Asked::Since(day) = asked {
            read.lines.retain(|line| line.at.date_naive() >= *day);
        }
        read.lines.sort_by(|one, other| (one.at, &one.resident).cmp(&(other.at, &other.resident)));
        Ok(read)
    }
}

fn told(Line(at, deed, by, visit): &Line, resident: &str, offering: &str) -> OutcomeLine {
    let instant = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    OutcomeLine {
        at: instant(*at),
        resident: resident.to_owned(),
        offering: offering.to_owned(),
        what: deed.told(),
        by: by.told(),
        visit: visit.map(instant),
    }
}
