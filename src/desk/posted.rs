//! What a director sees of the mail: counts of the letters that everyone gets alike, and who could not be reached by the
//! announcement, which goes out before there is any outcome. Never a later letter by person.

use std::collections::HashSet;

use super::session::Session;
use super::{Desk, Result};
use crate::domain::id::ResidentId;
use crate::domain::letter::Letter;
use crate::domain::owed::Recipient;
use crate::storage::outbox::LetterCount;
use crate::storage::{Db, bookings, outbox, people, places};

/// More names than this are not looked up for one page.
const NAMED: usize = 200;

/// The mail as a director sees it.
pub struct Posted {
    /// Counts of the letters that everyone gets alike.
    pub letters: Vec<LetterCount>,
    /// Who could not be reached by the announcement, by name and program, for mending the roster. Later letters
    /// never lead to anybody: they might bounce because of what somebody did.
    pub unreached: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

impl Desk {
    /// Letters that everyone gets.
    ///
    /// # Errors
    /// [`Error::Link`](super::Error::Link) for anybody but a director.
    pub async fn posted(&self, session: &Session) -> Result<Posted> {
        session.director()?;
        let mut db = self.store.read().await?;
        let (unreached, more) = self.unreached(&mut db).await?;
        Ok(Posted { letters: outbox::counts(&mut db).await?, unreached, more })
    }

    /// Residents whose announcement could not be delivered. Later letters say nothing here: they might bounce because
    /// of what somebody did.
    pub(super) async fn unannounced(&self, db: &mut Db) -> Result<HashSet<ResidentId>> {
        let mut failed = HashSet::new();
        for (id, sealed) in outbox::failed_errands(db, Letter::Announcement.name()).await? {
            if let Recipient::Resident(booking) = self.open_errand(&id.to_string(), &sealed)?.to {
                failed.insert(booking);
            }
        }
        let mut residents = HashSet::new();
        if failed.is_empty() {
            return Ok(residents);
        }
        for offering in self.offerings(db).await? {
            let rows = bookings::of_offering(db, offering.id()).await?;
            residents.extend(rows.iter().filter(|row| failed.contains(&row.id)).map(|row| row.resident));
        }
        Ok(residents)
    }

    async fn unreached(&self, db: &mut Db) -> Result<(Vec<String>, usize)> {
        let institution = self.institution(db).await?;
        let programs = places::programs(db, institution).await?;
        let mut names = Vec::new();
        let failed = outbox::failed_errands(db, Letter::Announcement.name()).await?;
        let more = failed.len().saturating_sub(NAMED);
        for (id, sealed) in failed.into_iter().take(NAMED) {
            let Recipient::Resident(booking) = self.open_errand(&id.to_string(), &sealed)?.to else {
                continue;
            };
            let Some(row) = bookings::booking(db, booking).await? else { continue };
            let Some(row) = people::resident(db, row.resident).await? else { continue };
            let resident = self.open_resident(&row)?;
            let program = programs.iter().find(|program| program.id == resident.program);
            let code = program.map(|program| program.code.as_str()).unwrap_or_default();
            // The director mends the roster, and needs to know of whom the address is wrong.
            names.push(format!("{} ({code})", resident.identity.reveal_name()));
        }
        names.sort();
        Ok((names, more))
    }
}
