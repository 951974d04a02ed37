//! Importing therapists' hours and busy time, each in the place of what was known of that therapist. Never touches a
//! slot in which somebody sits already.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::Duration;

use super::busy::BusySource;
use super::imported::Imported;
use super::{Desk, Error, Result};
use crate::domain::availability::{self, Offered};
use crate::domain::busy::{self, Busy};
use crate::domain::id::{BlockId, InstitutionId, TherapistId};
use crate::domain::identity::Address;
use crate::domain::table::Table;
use crate::domain::time::{Span, Zone};
use crate::storage::therapists::{self, TherapistRow};
use crate::storage::{self, Db, places};

/// How many days ahead busy time is read: no further are hours cut into slots.
const BUSY_DAYS: i64 = 800;

impl Desk {
    /// Imports hours. A therapist whom the file names has afterwards the hours of the file and no others; all other
    /// therapists keep theirs. Counted are stretches of hours, and exceptions.
    ///
    /// # Errors
    /// Those of loading and saving; then nothing is imported. Lines that cannot be taken are no error.
    pub async fn import_availability(&self, tables: &[Table], dry_run: bool) -> Result<Imported> {
        let mut tx = self.store.write().await?;
        let institution = self.lock_for_import(&mut tx).await?;
        let rows = therapists::therapists(&mut tx, institution).await?;
        let addresses: Vec<Address> = rows.iter().map(|row| self.address_of(row)).collect::<Result<_>>()?;
        let (mut imported, drafts) = Imported::of(availability::read(tables, &addresses));
        let ids: HashMap<&str, TherapistId> =
            rows.iter().map(|row| (row.address_key.as_str(), row.id)).collect();
        let mut hours: BTreeMap<TherapistId, BTreeSet<String>> = BTreeMap::new();
        for (_, draft) in drafts {
            let Some(id) = ids.get(self.vault.address_key(&draft.therapist).as_str()) else { continue };
            hours.entry(*id).or_default().insert(written(&draft.offered)?);
        }
        let mut on_file: HashMap<TherapistId, BTreeSet<String>> = HashMap::new();
        for (therapist, body) in therapists::availability(&mut tx).await? {
            on_file.entry(therapist).or_default().insert(body);
        }
        for (therapist, after) in hours {
            let before = on_file.remove(&therapist).unwrap_or_default();
            if imported.count_replaced(&before, &after) {
                let bodies: Vec<_> =
                    after.into_iter().map(|body| (BlockId::from_bytes(self.draw()), body)).collect();
                therapists::replace_availability(&mut tx, therapist, &bodies).await?;
            }
        }
        if !dry_run {
            self.note(&mut tx, &imported.act("therapists' hours")).await?;
            tx.commit().await.map_err(storage::Error::from)?;
        }
        Ok(imported)
    }

    /// Imports a therapist's busy time from the events of a calendar, one table each, in the place of what was known;
    /// what the events are about is never kept. Counted are stretches of time.
    ///
    /// `zone` is where hours without a zone and whole days are meant; without it, where the therapist's hours or
    /// sites are.
    ///
    /// # Errors
    /// [`Error::UnknownTherapist`]; [`Error::Refused`] where nothing says in which zone the therapist is; those of
    /// loading and saving, and then nothing is imported.
    pub async fn import_busy(
        &self,
        therapist: &Address,
        events: &[Table],
        zone: Option<Zone>,
    ) -> Result<Imported> {
        let mut tx = self.store.write().await?;
        let institution = self.lock_for_import(&mut tx).await?;
        let key = self.vault.address_key(therapist);
        let rows = therapists::therapists(&mut tx, institution).await?;
        let row = rows.iter().find(|row| row.address_key == key).ok_or(Error::UnknownTherapist)?;
        let zone = match zone {
            Some(zone) => zone,
            None => self.home_zone(&mut tx, institution, row).await?,
        };
        let Busy { spans, refused, .. } = busy::busy(events, zone, self.busy_period()?);
        let after: BTreeSet<Span> = spans.into_iter().collect();
        let before = self.busy_from(&mut tx, row.id, &BusySource::Import).await?;
        let mut imported = Imported { refused, ..Imported::default() };
        if imported.count_replaced(&before, &after) {
            self.replace_busy_from(&mut tx, row.id, &BusySource::Import, after).await?;
            self.note(&mut tx, &imported.act("a therapist's busy time")).await?;
            tx.commit().await.map_err(storage::Error::from)?;
        }
        Ok(imported)
    }

    fn address_of(&self, row: &TherapistRow) -> Result<Address> {
        Ok(self.open_therapist(row)?.identity.address().clone())
    }

    /// From yesterday on, because a day has begun in some zones that has not ended in others.
    pub(super) fn busy_period(&self) -> Result<Span> {
        let now = self.now();
        Span::new(now - Duration::days(1), now + Duration::days(BUSY_DAYS))
            .ok_or_else(|| Error::Refused("the clock stands at the end of time".to_owned()))
    }

    /// Where a therapist is: in the zone of their hours, or else of the first site that they serve.
    pub(super) async fn home_zone(
        &self,
        db: &mut Db,
        institution: InstitutionId,
        row: &TherapistRow,
    ) -> Result<Zone> {
        if let Some((_, body)) = therapists::availability_of(db, row.id).await?.into_iter().next() {
            return Ok(match read(&body)? {
                Offered::Weekly(pattern) => pattern.zone,
                Offered::Once(exception) => exception.zone,
            });
        }
        let served = self.open_practice(row)?.sites;
        let sites = places::sites(db, institution).await?;
        let first = served.first().and_then(|id| sites.iter().find(|site| site.id == *id));
        first.map(|site| site.zone).ok_or_else(|| {
            let problem = "nothing says in which zone this therapist is";
            Error::Refused(format!(
                "{problem}; import their hours first with `holdspace availability import`"
            ))
        })
    }
}

pub(super) fn written(offered: &Offered) -> Result<String> {
    serde_json::to_string(offered).map_err(|problem| Error::Refused(problem.to_string()))
}

pub(super) fn read(body: &str) -> Result<Offered> {
    Ok(serde_json::from_str(body).map_err(|_| storage::Error::Unreadable("availability.body"))?)
}
