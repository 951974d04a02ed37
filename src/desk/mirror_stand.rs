//! How the mirror of releases stands to the database: for the doctor, for whoever must put a file back, and for a mirror that is
//! lost for good. Never puts a release back, and never draws.

use super::{Desk, Error, Result};
use crate::domain::id::InstitutionId;
use crate::domain::release::{Mirrored, Note};
use crate::storage::mirror::Mirror;
use crate::storage::{places, releases};

/// How the mirror stands to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorStand {
    /// Where it is.
    pub path: String,
    /// Releases in it.
    pub releases: usize,
    /// Withdrawals in it.
    pub withdrawals: usize,
    /// Lines that the database does not know yet: put back at the next round.
    pub unknown: usize,
    /// Whether there is no line yet, because nothing was ever booked.
    pub is_new: bool,
}

/// A mirror that is whole, ours, and no shorter than the database knows, with the number of lines that the database knows; nothing
/// where neither of them has begun.
pub(super) fn checked(
    mirror: &Mirror,
    found: Option<Mirrored>,
    institution: InstitutionId,
    known: Option<(i64, String)>,
) -> Result<Option<(Mirrored, usize)>> {
    let Some(mirrored) = found else {
        return known.map_or(Ok(None), |(lines, _)| Err(missing(mirror, lines)));
    };
    if mirrored.institution() != Some(institution) {
        return Err(foreign(mirror));
    }
    let (lines, head) = known.unwrap_or_default();
    let lines = usize::try_from(lines).unwrap_or_default();
    if !mirrored.continues(lines, &head) {
        return Err(shorter(mirror, lines, mirrored.notes.len()));
    }
    Ok(Some((mirrored, lines)))
}

impl Desk {
    /// How the mirror stands, for the doctor. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] where nothing could be released, with what to do.
    pub async fn mirror_stand(&self) -> Result<Option<MirrorStand>> {
        let Some(mirror) = &self.mirror else { return Ok(None) };
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let known = releases::mirror(&mut db, institution).await?;
        let path = mirror.path().display().to_string();
        let Some((mirrored, lines)) = checked(mirror, self.read_mirror(mirror)?, institution, known)? else {
            return Ok(Some(MirrorStand { path, releases: 0, withdrawals: 0, unknown: 0, is_new: true }));
        };
        let count = |of: fn(&Note) -> bool| mirrored.notes.iter().filter(|note| of(note)).count();
        Ok(Some(MirrorStand {
            path,
            releases: count(|note| matches!(note, Note::Release { .. })),
            withdrawals: count(|note| matches!(note, Note::Withdrawal { .. })),
            unknown: mirrored.notes.len() - lines,
            is_new: false,
        }))
    }

    /// Writes a new mirror from what the database holds, and puts the old file aside; says where that is now.
    ///
    /// # Errors
    /// [`Error::Refused`] where the mirror is well: then there is nothing to renew.
    pub async fn renew_mirror(&self) -> Result<Option<String>> {
        let Some(mirror) = &self.mirror else {
            return Err(Error::Refused("there is no mirror here".to_owned()));
        };
        if let Ok(Some(stand)) = self.mirror_stand().await {
            let path = stand.path;
            return Err(Error::Refused(format!(
                "{path} is whole and fits this database; there is nothing to renew"
            )));
        }
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        places::lock_institution(&mut tx, institution).await?;
        let aside = mirror.put_aside(&format!("before-{}", self.now().format("%Y%m%dT%H%M%SZ")))?;
        self.found_mirror(&mut tx, institution).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        tracing::warn!("the mirror of releases was written anew from the database");
        Ok(aside.map(|path| path.display().to_string()))
    }
}

/// What stands at the end of every refusal for want of a mirror.
const RENEW: &str = "If it is lost for good and this database is no restored copy, `holdspace release mirror --renew` \
    writes a new one; of a restored copy, that would allow a second draw of what was released already";

fn missing(mirror: &Mirror, lines: i64) -> Error {
    Error::Refused(format!(
        "the mirror of releases {} is missing or empty, and this database knows of {lines} lines in it. Put it there \
         again, or correct `release_mirror`: every process needs the same file. {RENEW}",
        mirror.path().display()
    ))
}

fn shorter(mirror: &Mirror, lines: usize, found: usize) -> Error {
    Error::Refused(format!(
        "the mirror of releases {} is an older or another one: it has {found} lines, and this database knows of {lines}, \
         which are not its beginning. Put the newest copy there, or correct `release_mirror`. {RENEW}",
        mirror.path().display()
    ))
}

fn foreign(mirror: &Mirror) -> Error {
    Error::Refused(format!(
        "the mirror of releases {} belongs to another institution; give each installation its own with `release_mirror`",
        mirror.path().display()
    ))
}
