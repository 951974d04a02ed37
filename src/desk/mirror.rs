//! The mirror of releases, kept in step with the database: written before a release is committed, and read back where the
//! database is an older copy or a crash came between. Never draws, and never charges more than was charged.
//!
//! Nobody can see a release before it is committed, and it is not committed before the disk has its line. So whatever anybody
//! may have seen is in the mirror, and what is in the mirror is never drawn again: its own bytes are put back.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use chrono::DateTime;
use data_encoding::HEXLOWER;

use super::mirror_stand::checked;
use super::{Desk, Error, Result};
use crate::domain::id::{CycleId, InstitutionId, OfferingId, ReleaseId, ResidentId};
use crate::domain::release::{
    Document, Entry, MIRROR_FORMAT, Mirrored, MirroredCharge, Note, Partition, Release,
};
use crate::storage::mirror::{Mirror, MirrorTrouble};
use crate::storage::releases::{self, Charge};
use crate::storage::{Db, offerings, places, survey_codes};

/// What the vault authenticates lines for.
const PURPOSE: &str = "release-mirror";
/// What the vault hashes members for.
const MEMBER: &str = "release-member";

impl From<MirrorTrouble> for Error {
    fn from(trouble: MirrorTrouble) -> Self {
        match trouble {
            MirrorTrouble::Moved => Self::Contended,
            other => Self::Refused(other.to_string()),
        }
    }
}

impl Desk {
    /// The same desk with a mirror of its releases. A desk without one keeps its releases in the database alone, as a
    /// demonstration does.
    #[must_use]
    pub fn with_mirror(self, path: &Path) -> Self {
        Self { mirror: Some(Arc::new(Mirror::at(path))), ..self }
    }

    /// Puts back whatever the mirror holds and the database does not.
    ///
    /// # Errors
    /// [`Error::Refused`] where the mirror is missing, changed, or another one.
    pub(super) async fn catch_up(&self) -> Result<()> {
        if self.mirror.is_none() {
            return Ok(());
        }
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        places::lock_institution(&mut tx, institution).await?;
        self.follow_mirror(&mut tx, institution).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    /// The same where something was written to the mirror since this process looked last.
    pub(super) async fn catch_up_on_news(&self) -> Result<()> {
        if self.mirror.as_ref().is_some_and(|mirror| mirror.is_news()) {
            self.catch_up().await
        } else {
            Ok(())
        }
    }

    /// The same within a transaction; founds the mirror where neither it nor the database knows of one.
    pub(super) async fn follow_mirror(&self, db: &mut Db, institution: InstitutionId) -> Result<()> {
        let Some(mirror) = &self.mirror else { return Ok(()) };
        let known = releases::mirror(db, institution).await?;
        let Some((mirrored, lines)) = checked(mirror, self.read_mirror(mirror)?, institution, known)? else {
            return self.found_mirror(db, institution).await;
        };
        for note in &mirrored.notes[lines..] {
            self.put_back(db, institution, note).await?;
        }
        if lines < mirrored.notes.len() {
            set_known(db, institution, &mirrored).await?;
        }
        Ok(())
    }

    /// The mirror, verified; nothing where there is no file.
    pub(super) fn read_mirror(&self, mirror: &Mirror) -> Result<Option<Mirrored>> {
        let Some(lines) = mirror.read()? else { return Ok(None) };
        if lines.is_empty() {
            return Ok(None);
        }
        let read = Mirrored::read(&lines, |before, text| self.authenticate(before, text));
        read.map(Some).map_err(|broken| {
            Error::Refused(format!(
                "the mirror of releases {} was changed: {broken}. Put an untouched copy there; nothing is released \
                 until then, because nobody could tell what was released before",
                mirror.path().display()
            ))
        })
    }

    fn authenticate(&self, before: &str, text: &str) -> String {
        HEXLOWER.encode(&*self.vault.derived(PURPOSE, &[before.as_bytes(), text.as_bytes()]))
    }

    /// Begins a mirror with everything that the database holds, which most often is nothing.
    pub(super) async fn found_mirror(&self, db: &mut Db, institution: InstitutionId) -> Result<()> {
        releases::set_mirror(db, institution, 0, "").await?;
        let at = self.now().timestamp();
        self.mirrored(db, institution, Note::Founded { format: MIRROR_FORMAT, institution, at }).await?;
        for row in releases::all(db).await? {
            let charges = self.charges_of(db, row.cycle, row.offering).await?;
            let (document, _) = read_document(row.document)?;
            let (offering, cycle) = (row.offering, row.cycle);
            self.mirrored(
                db,
                institution,
                release_note(offering, cycle, row.at.timestamp(), &document, charges),
            )
            .await?;
            if let Some((at, reason)) = releases::withdrawal(db, offering).await? {
                let at = at.timestamp();
                self.mirrored(db, institution, Note::Withdrawal { offering, at, reason }).await?;
            }
        }
        Ok(())
    }

    /// Adds a note to the mirror, and to the database that it is known. The mirror has it before this comes back; so let a
    /// commit follow and nothing else that could fail.
    pub(super) async fn mirrored(&self, db: &mut Db, institution: InstitutionId, note: Note) -> Result<()> {
        let Some(mirror) = &self.mirror else { return Ok(()) };
        let mut mirrored = self.read_mirror(mirror)?.unwrap_or_default();
        let known = releases::mirror(db, institution).await?.unwrap_or_default();
        if known != (as_lines(&mirrored), mirrored.head().to_owned()) {
            // Another process wrote since this transaction looked, or a crash left something to be put back first.
            return Err(Error::Contended);
        }
        let after = mirrored.notes.len();
        let line = mirrored.add(note, |before, text| self.authenticate(before, text));
        set_known(db, institution, &mirrored).await?;
        mirror.append(after, &line)?;
        Ok(())
    }

    /// Notes a release that is about to be committed.
    pub(super) async fn note_release(
        &self,
        db: &mut Db,
        institution: InstitutionId,
        release: &Release,
        document: &Document,
        entries: &[Entry],
    ) -> Result<()> {
        let terms = &release.terms;
        let charges = self.mirrored_charges(entries);
        let at = self.now().timestamp();
        self.mirrored(db, institution, release_note(terms.offering, terms.cycle, at, document, charges)).await
    }

    /// Puts back what one line holds, where the database lacks it.
    async fn put_back(&self, db: &mut Db, institution: InstitutionId, note: &Note) -> Result<()> {
        let known = offerings::offerings(db).await?;
        let is_known =
            |of: &OfferingId| known.iter().any(|row| row.id == *of && row.institution == institution);
        match note {
            Note::Founded { .. } => {}
            Note::Release { offering, cycle, at, sha256, charges, document } => {
                let (document, _) = read_document(document.clone().into_bytes())?;
                if document.hash() != *sha256 {
                    return Err(crate::storage::Error::Unreadable("the mirror of releases").into());
                }
                let frozen = releases::release(db, *offering).await?;
                if frozen.as_ref().is_some_and(|bytes| bytes != document.bytes()) {
                    tracing::error!(%offering, "the mirror holds another release than the database: withdraw this one");
                }
                if is_known(offering) && frozen.is_none() {
                    let id = ReleaseId::from_bytes(self.draw());
                    releases::add(db, id, *offering, moment(*at)?, document.bytes(), sha256).await?;
                    survey_codes::destroy(db, *offering).await?;
                    tracing::warn!(%offering, "a release was put back from its mirror");
                }
                self.charge_again(db, (*offering, *cycle), moment(*at)?, sha256, charges).await?;
            }
            Note::Withdrawal { offering, at, reason } => {
                if is_known(offering) {
                    releases::withdraw(db, *offering, moment(*at)?, reason).await?;
                }
            }
        }
        Ok(())
    }

    /// Charges whom the mirror names and the ledger lacks. Whoever is not in the cohort cannot be drawn for either.
    async fn charge_again(
        &self,
        db: &mut Db,
        (offering, cycle): (OfferingId, CycleId),
        at: chrono::DateTime<chrono::Utc>,
        sha256: &str,
        charges: &[MirroredCharge],
    ) -> Result<()> {
        let members = releases::members(db, cycle).await?;
        let named: HashMap<String, ResidentId> =
            members.iter().map(|(resident, _)| (self.member_key(cycle, *resident), *resident)).collect();
        for mirrored in charges {
            let partition = name_of(Partition { offering, division: mirrored.division })?;
            for resident in mirrored.members.iter().filter_map(|key| named.get(key)) {
                let epsilon_millis = mirrored.epsilon.thousandths();
                let line =
                    Charge { cycle, partition: &partition, resident: *resident, epsilon_millis, at, sha256 };
                releases::charge(db, &line).await?;
            }
        }
        Ok(())
    }

    fn member_key(&self, cycle: CycleId, resident: ResidentId) -> String {
        self.vault.blind(MEMBER, &[cycle.as_bytes(), resident.as_bytes()])
    }

    fn mirrored_charges(&self, entries: &[Entry]) -> Vec<MirroredCharge> {
        let mut charges = BTreeMap::new();
        for entry in entries {
            let key = (entry.partition.division, entry.epsilon);
            let members: &mut Vec<String> = charges.entry(key).or_default();
            members.push(self.member_key(entry.cycle, entry.resident));
        }
        // By their hashes, which tell nothing, and not in the order of anything else.
        let one = |((division, epsilon), mut members): (_, Vec<String>)| {
            members.sort();
            MirroredCharge { division, epsilon, members }
        };
        charges.into_iter().map(one).collect()
    }

    async fn charges_of(&self, db: &mut Db, cycle: CycleId, of: OfferingId) -> Result<Vec<MirroredCharge>> {
        let entries = self.ledger(db, cycle).await?;
        let own: Vec<Entry> = entries.into_iter().filter(|entry| entry.partition.offering == of).collect();
        Ok(self.mirrored_charges(&own))
    }
}

/// The name of a partition in the ledger.
pub(super) fn name_of(partition: Partition) -> Result<String> {
    serde_json::to_string(&partition).map_err(|why| Error::Refused(why.to_string()))
}

fn release_note(
    offering: OfferingId,
    cycle: CycleId,
    at: i64,
    document: &Document,
    charges: Vec<MirroredCharge>,
) -> Note {
    let text = String::from_utf8_lossy(document.bytes()).into_owned();
    Note::Release { offering, cycle, at, sha256: document.hash(), charges, document: text }
}

fn read_document(bytes: Vec<u8>) -> Result<(Document, Release)> {
    Document::read(bytes).map_err(|unreadable| Error::Refused(unreadable.to_string()))
}

fn moment(at: i64) -> Result<DateTime<chrono::Utc>> {
    let unreadable = || crate::storage::Error::Unreadable("the mirror of releases");
    Ok(DateTime::from_timestamp(at, 0).ok_or_else(unreadable)?)
}

fn as_lines(mirrored: &Mirrored) -> i64 {
    i64::try_from(mirrored.notes.len()).unwrap_or(i64::MAX)
}

async fn set_known(db: &mut Db, institution: InstitutionId, mirrored: &Mirrored) -> Result<()> {
    Ok(releases::set_mirror(db, institution, as_lines(mirrored), mirrored.head()).await?)
}
