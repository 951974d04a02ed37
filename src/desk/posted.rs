//! What a director sees of the mail: counts of the letters that everyone gets alike, and who could not be reached by the
//! announcement, which goes out before there is any outcome. Never a later letter by person.

use std::collections::HashSet;

use super::session::Session;
use super::{Desk, Result};
use crate::storage::outbox::LetterCount;
use crate::storage::{Db, bounces, outbox, people, places};

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
    /// Letters that everyone gets and that came back after they had left, by reason.
    pub returned: Vec<(String, i64)>,
    /// Reports of mail servers about no letter of ours.
    pub strays: i64,
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
        let mut returned = bounces::counts(&mut db).await?;
        let strays =
            returned.iter().filter(|(reason, _)| reason == bounces::STRAY).map(|(_, count)| count).sum();
        returned.retain(|(reason, _)| reason != bounces::STRAY);
        Ok(Posted { letters: outbox::counts(&mut db).await?, unreached, more, returned, strays })
    }

    /// Keyed hashes of the addresses to which the announcement could not be delivered. Later letters say nothing here: they
    /// might come back because of what somebody did.
    pub(super) async fn unannounced(&self, db: &mut Db) -> Result<HashSet<String>> {
        Ok(outbox::failed_for(db).await?.into_iter().collect())
    }

    /// Of who has such an address still: once it was mended, nothing is wrong with it as far as anybody knows.
    async fn unreached(&self, db: &mut Db) -> Result<(Vec<String>, usize)> {
        let institution = self.institution(db).await?;
        let programs = places::programs(db, institution).await?;
        let failed = self.unannounced(db).await?;
        let rows = people::residents(db, institution).await?;
        let found: Vec<_> = rows.iter().filter(|row| failed.contains(&row.address_key)).collect();
        let more = found.len().saturating_sub(NAMED);
        let mut names = Vec::new();
        for row in found.into_iter().take(NAMED) {
            let resident = self.open_resident(row)?;
            let program = programs.iter().find(|program| program.id == resident.program);
            let code = program.map(|program| program.code.as_str()).unwrap_or_default();
            // The director mends the roster, and needs to know of whom the address is wrong.
            names.push(format!("{} ({code})", resident.identity.reveal_name()));
        }
        names.sort();
        Ok((names, more))
    }
}
