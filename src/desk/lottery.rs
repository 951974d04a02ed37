//! What decides by lot: the seed of the next batch, which is published with it, and the reserve's own secret, which
//! never is. Decides no batch, and writes only inside the transaction that books one.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::offering::Offering;
use super::{Desk, Error, Result};
use crate::domain::id::OfferingId;
use crate::domain::plan::{Plan, Seed};
use crate::domain::time::Instant;
use crate::storage::batches::{self, BatchRow, NewBatch};
use crate::storage::{Db, offerings};

/// The version that is noted with a batch: another one may plan otherwise.
const SOLVER: &str = env!("CARGO_PKG_VERSION");

/// The two secrets of one batch.
pub(super) struct Lottery {
    /// Decides who is placed, and every tie.
    pub(super) seed: Seed,
    /// Decides which seats stay free: the same for every batch and every preview of an offering.
    pub(super) reserve: Seed,
}

/// A batch that was booked, as it is published. Depends on what batches planned, and on nothing that residents did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchShown {
    /// Its number within the offering, from 1.
    pub number: i64,
    /// When it was booked.
    pub booked_at: DateTime<Utc>,
    /// The seed that decided it and decides nothing any more: 64 hexadecimal digits.
    pub seed: String,
    /// SHA-256 of the seed's 32 bytes: what was shown before.
    pub seed_hash: String,
    /// Hash of who sits where, under this installation's key.
    pub plan_hash: String,
    /// Version of the program that computed the plan.
    pub solver: String,
}

impl From<BatchRow> for BatchShown {
    fn from(row: BatchRow) -> Self {
        let BatchRow { number, booked_at, seed, seed_hash, plan_hash, solver } = row;
        Self { number, booked_at, seed, seed_hash, plan_hash, solver }
    }
}

impl Desk {
    /// What the next batch of an offering is drawn with; `seed` asks for another lottery over the same reserve.
    pub(super) fn lottery(&self, offering: &Offering, seed: Option<Seed>) -> Result<Lottery> {
        let seed = seed.map_or_else(|| self.open_seed(&offering.row), Ok)?;
        let reserve = self.vault.derived("reserved seats", &[offering.id().as_bytes()]);
        Ok(Lottery { seed, reserve: Seed::from_bytes(*reserve) })
    }

    /// Draws a seed; gives it sealed, with its hash.
    pub(super) fn mint_seed(&self, offering: OfferingId) -> Result<(Vec<u8>, String)> {
        let seed: [u8; 32] = self.entropy.bytes();
        Ok((self.seal_seed(offering, seed)?, Seed::from_bytes(seed).hash()))
    }

    /// A hash of who sits where and how, in order of the opaque identifiers. Keyed, because a batch of one or two is
    /// otherwise soon guessed by somebody with the file: identifiers and slots stand there in the clear.
    pub(super) fn plan_hash(&self, offering: OfferingId, plan: &Plan) -> String {
        let mut seats = Vec::new();
        for placement in &plan.placed {
            seats.extend_from_slice(placement.resident.as_bytes());
            seats.extend_from_slice(placement.slot.therapist.as_bytes());
            seats.extend_from_slice(&placement.slot.starts_at.timestamp().to_be_bytes());
            seats.push(placement.modality as u8);
        }
        let hash = self.vault.derived("plan", &[offering.as_bytes(), &seats]);
        data_encoding::HEXLOWER.encode(&*hash)
    }

    /// Publishes the seed that decided a batch, and draws the next one, whose hash is shown from then on. Gives that
    /// hash too. The caller's transaction books the batch: one does not happen without the other.
    pub(super) async fn publish_seed(
        &self,
        db: &mut Db,
        offering: &Offering,
        (seed, plan): (&Seed, &Plan),
        now: Instant,
    ) -> Result<(BatchShown, String)> {
        let (text, seed_hash) = (seed.to_hex(), seed.hash());
        let plan_hash = self.plan_hash(offering.id(), plan);
        let new = NewBatch {
            offering: offering.id(),
            booked_at: now,
            seed: &text,
            seed_hash: &seed_hash,
            plan_hash: &plan_hash,
            solver: SOLVER,
        };
        let number = batches::add(db, &new).await?;
        let (sealed, next) = self.mint_seed(offering.id())?;
        if !offerings::swap_seed(db, offering.id(), &seed_hash, sealed, &next).await? {
            return Err(Error::Contended);
        }
        let solver = SOLVER.to_owned();
        Ok((BatchShown { number, booked_at: now, seed: text, seed_hash, plan_hash, solver }, next))
    }

    /// The batches of an offering, oldest first.
    pub(super) async fn batches(&self, db: &mut Db, offering: OfferingId) -> Result<Vec<BatchShown>> {
        Ok(batches::batches(db, offering).await?.into_iter().map(BatchShown::from).collect())
    }
}
