//! Changing the key that seals, under a service that goes on: every value is opened and sealed anew in small transactions, if it
//! still is as it was read. May be broken off anywhere and called again. Never reads or writes a key file.

use std::collections::BTreeMap;

use super::{Desk, Error, Result};
use crate::storage::{keys, sealed};
use crate::vault::{KeyId, KeyRing, Location, wrapped_at};

/// So many values are sealed anew in one transaction.
const AT_ONCE: i64 = 100;
/// Whoever began with the older key may write by it once more while all is gone through; after so many times nobody should.
const PASSES: usize = 5;

/// What going through everything came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resealed {
    /// Values that were sealed anew.
    pub values: usize,
    /// Whether it ended before everything was gone through.
    pub broken_off: bool,
}

/// How far a rotation may go.
struct Budget {
    transactions: usize,
    done: Resealed,
}

impl Budget {
    /// Whether one more transaction may be made.
    fn spend(&mut self) -> bool {
        self.done.broken_off = self.transactions == 0;
        self.transactions = self.transactions.saturating_sub(1);
        !self.done.broken_off
    }
}

impl Desk {
    /// Goes on with the keys of a key file.
    pub fn take_keys(&self, ring: &KeyRing) {
        self.vault.take(ring);
    }

    /// How many values each key seals, data keys among them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sealed_by(&self) -> Result<BTreeMap<KeyId, i64>> {
        let mut all = BTreeMap::new();
        for (name, number) in sealed::counts(&mut *self.store.read().await?).await? {
            let id = KeyId::of(&name).ok_or(crate::storage::Error::Unreadable("a sealed column"))?;
            *all.entry(id).or_insert(0) += number;
        }
        Ok(all)
    }

    /// Seals everything anew that another key seals than the one that seals now; in at most so many transactions.
    ///
    /// # Errors
    /// [`Error::Vault`] for a value that does not open, and those of the database. What was done by then stays done.
    pub async fn reseal_all(&self, transactions: usize) -> Result<Resealed> {
        let mut budget = Budget { transactions, done: Resealed::default() };
        for _ in 0..PASSES {
            let before = budget.done.values;
            for column in sealed::COLUMNS {
                self.reseal_column(column, &mut budget).await?;
            }
            self.rewrap_keys(&mut budget).await?;
            if budget.done.broken_off || budget.done.values == before {
                break;
            }
        }
        Ok(budget.done)
    }

    async fn reseal_column(&self, column: &sealed::Column, budget: &mut Budget) -> Result<()> {
        let mut last = String::new();
        loop {
            let rows = sealed::after(&mut *self.store.read().await?, column, &last, AT_ONCE).await?;
            let Some(end) = rows.last() else { return Ok(()) };
            last.clone_from(&end.row);
            let mut again = Vec::new();
            for row in rows {
                let place = Location { column: column.name, row: &row.row };
                if let Some(after) = self.vault.reseal(place, &row.sealed)? {
                    again.push((row, after));
                }
            }
            if again.is_empty() {
                continue;
            }
            if !budget.spend() {
                return Ok(());
            }
            let mut tx = self.store.write().await?;
            for (row, after) in again {
                budget.done.values += usize::from(sealed::swap(&mut tx, column, &row, after).await?);
            }
            tx.commit().await.map_err(crate::storage::Error::from)?;
        }
    }

    async fn rewrap_keys(&self, budget: &mut Budget) -> Result<()> {
        let mut last = String::new();
        loop {
            let rows = keys::after(&mut *self.store.read().await?, &last, AT_ONCE).await?;
            let Some(end) = rows.last() else { return Ok(()) };
            last.clone_from(&end.id);
            let mut again = Vec::new();
            for key in rows {
                if let Some(after) = self.vault.reseal(wrapped_at(&key.id), &key.wrapped)? {
                    again.push((key, after));
                }
            }
            if again.is_empty() {
                continue;
            }
            if !budget.spend() {
                return Ok(());
            }
            let mut tx = self.store.write_keys().await?;
            for (key, after) in again {
                let swapped = keys::swap(&mut tx, &key.id, &key.wrapped, after).await?;
                budget.done.values += usize::from(swapped);
            }
            tx.commit().await.map_err(crate::storage::Error::from)?;
        }
    }

    /// Refuses a database whose second store is empty or was left behind: everybody in it would look as if they had been erased.
    ///
    /// # Errors
    /// [`Error::Refused`], and those of the database.
    pub async fn refuse_without_keys(&self) -> Result<()> {
        let mut db = self.store.read().await?;
        let without = keys::without(&mut db).await?;
        if without.iter().sum::<i64>() > 0 && keys::count(&mut db).await? == 0 {
            let problem = "the store of data keys is empty, though the database holds residents: restore it from its own \
                backup (on SQLite the file beside the database that ends in .keys.db, in PostgreSQL the schema keys)";
            return Err(Error::Refused(problem.to_owned()));
        }
        Ok(())
    }

    /// Residents and bookings whose keys are not there: erased since this database was backed up, or the store of keys is older
    /// than the database.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn without_keys(&self) -> Result<[i64; 2]> {
        Ok(keys::without(&mut *self.store.read().await?).await?)
    }
}
