//! Destroys what is past its time: seasons whose figures were frozen long ago, residents who left a roster, old entries of the
//! log of what staff did. And says beforehand what goes when, in counts that a program knows anyway.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, Duration, NaiveDate};
use serde::Serialize;

use super::audit::{OUTCOMES, STAFF};
use super::offering::Offering;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::id::{OfferingId, ResidentId};
use crate::domain::retention::{Due, Kind, Retention, day_after, due};
use crate::domain::time::Instant;
use crate::storage::{self, Db, audit, bookings, retention};

/// So often it is looked whether something is past its time.
const EVERY_HOURS: i64 = 6;
/// Entries looked at in one transaction.
const AT_ONCE: i64 = 500;

/// What was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Destroyed {
    /// Seasons.
    pub seasons: usize,
    /// Residents who had left a roster.
    pub residents: usize,
    /// Entries of the log of what staff did.
    pub entries: i64,
}

/// What is kept how long, and what goes when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetentionShown {
    /// The settings, in days.
    pub days: Retention,
    /// Everything that has a day, the earliest first; what is destroyed already last.
    pub due: Vec<Due>,
}

/// What is known of seasons.
struct Seasons {
    offerings: Vec<Offering>,
    released: HashMap<OfferingId, Instant>,
}

impl Desk {
    /// The same desk with other days.
    #[must_use]
    pub const fn keeping(mut self, days: Retention) -> Self {
        self.retention = days;
        self
    }

    /// What is destroyed when, for a director.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody else.
    pub async fn retention_for(&self, session: &Session) -> Result<RetentionShown> {
        session.director()?;
        self.retention_shown().await
    }

    /// What is destroyed when.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn retention_shown(&self) -> Result<RetentionShown> {
        let mut db = self.store.read().await?;
        let seasons = self.seasons_kept(&mut db).await?;
        let mut all = Vec::new();
        for offering in seasons.offerings.iter().filter(|one| one.row.booked_at.is_some()) {
            let gone = bookings::ids_of_offering(&mut db, offering.id()).await?.is_empty();
            let released = seasons.released.get(&offering.id());
            let on = match released {
                Some(at) => due(*at, self.retention.visits),
                None => day_after(offering.release_on(), self.retention.visits),
            };
            all.push(Due {
                kind: Kind::Season,
                name: offering.rules.title.clone(),
                on: (!gone).then_some(on),
                people: None,
                after_release: released.is_none(),
            });
        }
        let mut leavers: BTreeMap<(NaiveDate, bool), usize> = BTreeMap::new();
        for (id, left_at) in retention::departures(&mut db).await? {
            let on = due(left_at, self.retention.former_residents);
            let held = self.held_by(&mut db, &seasons, id).await?;
            *leavers.entry((held.map_or(on, |day| on.max(day)), held.is_some())).or_default() += 1;
        }
        all.extend(leavers.into_iter().map(|((on, after_release), people)| Due {
            kind: Kind::FormerResidents,
            name: String::new(),
            on: Some(on),
            people: Some(people),
            after_release,
        }));
        if let Some(oldest) = self.oldest_entry(&mut db).await? {
            let on = Some(due(oldest, self.retention.staff_log));
            let (name, people) = (String::new(), None);
            all.push(Due { kind: Kind::StaffLog, name, on, people, after_release: false });
        }
        all.sort_by_key(|one| one.on.unwrap_or(NaiveDate::MAX));
        Ok(RetentionShown { days: self.retention, due: all })
    }

    /// Destroys what is past its time, if nobody looked in the last hours.
    ///
    /// # Errors
    /// Those of the database; the next call does the rest.
    pub async fn destroy_when_due(&self) -> Result<Destroyed> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let ours = retention::take_turn(&mut tx, now, now - Duration::hours(EVERY_HOURS)).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        if ours { self.destroy_due().await } else { Ok(Destroyed::default()) }
    }

    /// Destroys what is past its time now.
    ///
    /// # Errors
    /// As [`Desk::destroy_when_due`].
    pub async fn destroy_due(&self) -> Result<Destroyed> {
        let today = self.now().date_naive();
        let mut tx = self.store.write().await?;
        retention::note_departures(&mut tx, self.now()).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        let (seasons, residents) = self.past_their_time(today).await?;
        let mut destroyed = Destroyed::default();
        for (id, title) in seasons {
            self.erase_season(id).await?;
            let what = format!("the bookings of “{title}”");
            self.note_alone(&Act::Destroyed { what }).await?;
            destroyed.seasons += 1;
        }
        for id in residents {
            self.erase_resident(id).await?;
            destroyed.residents += 1;
        }
        if destroyed.residents > 0 {
            let what = format!("{} who had left a roster", destroyed.residents);
            self.note_alone(&Act::Destroyed { what }).await?;
        }
        let before =
            today.checked_sub_days(Days::new(self.retention.staff_log.into())).unwrap_or(NaiveDate::MIN);
        self.shorten(OUTCOMES, before).await?;
        destroyed.entries = self.shorten(STAFF, before).await?;
        Ok(destroyed)
    }

    async fn past_their_time(
        &self,
        today: NaiveDate,
    ) -> Result<(Vec<(OfferingId, String)>, Vec<ResidentId>)> {
        let mut db = self.store.read().await?;
        let known = self.seasons_kept(&mut db).await?;
        let mut seasons = Vec::new();
        for (id, at) in &known.released {
            let past = due(*at, self.retention.visits) <= today;
            if past && !bookings::ids_of_offering(&mut db, *id).await?.is_empty() {
                let offering = known.offerings.iter().find(|one| one.id() == *id);
                seasons.push((*id, offering.map(|one| one.rules.title.clone()).unwrap_or_default()));
            }
        }
        let mut residents = Vec::new();
        for (id, left_at) in retention::departures(&mut db).await? {
            let past = due(left_at, self.retention.former_residents) <= today;
            if past && self.held_by(&mut db, &known, id).await?.is_none() {
                residents.push(id);
            }
        }
        Ok((seasons, residents))
    }

    async fn seasons_kept(&self, db: &mut Db) -> Result<Seasons> {
        let offerings = self.offerings(db).await?;
        Ok(Seasons { offerings, released: retention::released(db).await?.into_iter().collect() })
    }

    /// The day of the last release that still counts somebody; none where all are frozen. Whoever is erased before it would be
    /// missing there.
    async fn held_by(&self, db: &mut Db, seasons: &Seasons, id: ResidentId) -> Result<Option<NaiveDate>> {
        let theirs = bookings::ids_of_resident(db, id).await?;
        let open = seasons.offerings.iter().filter(|one| !seasons.released.contains_key(&one.id()));
        let counts = open.filter(|one| theirs.iter().any(|(_, offering)| *offering == one.id()));
        Ok(counts.map(Offering::release_on).max())
    }

    async fn oldest_entry(&self, db: &mut Db) -> Result<Option<Instant>> {
        let which = match self.institution(db).await {
            Ok(institution) => (institution, STAFF),
            Err(Error::NotSetUp) => return Ok(None),
            Err(other) => return Err(other),
        };
        let rows = audit::after(db, which, 0, 1).await?;
        let opened = rows.first().and_then(|row| self.open_entry(which, row).ok());
        Ok(opened.map(|entry| entry.entry().at))
    }

    /// Destroys the entries of a log from before a day; says how many. The head remembers what they ended in, so that the rest
    /// can still be checked. Stops at the first that is not as it was written: what was tampered with is not tidied away.
    async fn shorten(&self, log: &'static str, before: NaiveDate) -> Result<i64> {
        let mut gone = 0;
        loop {
            let mut tx = self.store.write().await?;
            let Some(institution) = storage::places::institution(&mut tx).await? else { return Ok(gone) };
            let which = (institution, log);
            if !audit::hold_head(&mut tx, which).await? {
                return Ok(gone);
            }
            let Some(mut head) = self.head(&mut tx, which).await? else { return Ok(gone) };
            let base = head.base;
            for row in audit::after(&mut tx, which, base, AT_ONCE).await? {
                let Ok(entry) = self.open_entry(which, &row) else { break };
                let old = entry.at < before.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
                // The last one stays: a log is never empty.
                let follows = row.number == head.base + 1 && row.number < head.last;
                if !old || !follows || self.chained(which, &head.base_mac, &entry) != row.mac {
                    break;
                }
                (head.base, head.base_mac) = (row.number, row.mac);
            }
            if head.base == base {
                return Ok(gone);
            }
            gone += head.base - base;
            audit::cut(&mut tx, which, head.base).await?;
            audit::set_head(&mut tx, which, self.seal_head(which, &head)?).await?;
            let act = Act::Shortened { through: head.base, mac: head.base_mac.clone() };
            if log == STAFF {
                self.note(&mut tx, &act).await?;
            }
            tx.commit().await.map_err(storage::Error::from)?;
        }
    }
}
