//! What is sealed where: the one place that knows which column holds what, and at which size. Never decides.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

mod season;

use super::{Desk, Error, Result};
use crate::domain::eligibility::Wishes;
use crate::domain::follow_up::FollowUps;
use crate::domain::id::{ProgramId, ResidentId, TherapistId};
use crate::domain::identity::{Address, Identity};
use crate::domain::owed::Errand;
use crate::domain::people::{Practice, Therapist};
use crate::domain::plan::Seed;
use crate::storage::Db;
use crate::storage::keys::{self, WrappedKey};
use crate::storage::offerings::OfferingRow;
use crate::storage::people::ResidentRow;
use crate::storage::therapists::TherapistRow;
use crate::vault::{Location, Vault, VaultError};

/// Bytes of what is sealed of a therapist's follow-ups: room for as many as there can be.
const FOLLOW_UPS_BYTES: usize = 32_768;
/// Bytes of a sealed errand.
const ERRAND_BYTES: usize = 1024;

/// What the roster says of a resident beside who they are. Sealed with the identity; cannot be printed.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attributes {
    /// Year of training.
    pub pgy: Option<u8>,
    /// Cohort, as written.
    pub cohort: Option<String>,
    /// Site, as written.
    pub site: Option<String>,
    /// First day on the roster.
    pub starts_on: Option<NaiveDate>,
    /// Last day on the roster.
    pub ends_on: Option<NaiveDate>,
    /// What they would rather have.
    pub wishes: Wishes,
    /// Addresses of therapists they must not be booked with: of ones, too, who are not on file yet.
    #[serde(with = "addresses")]
    pub avoids: Vec<Address>,
}

/// Addresses as texts, only to be sealed.
mod addresses {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::domain::identity::Address;

    pub(super) fn serialize<S: Serializer>(addresses: &[Address], serializer: S) -> Result<S::Ok, S::Error> {
        // Revealed to the seal, which is the only serializer that attributes meet.
        serializer.collect_seq(addresses.iter().map(Address::reveal))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Address>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
    }
}

/// A resident, opened. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Resident {
    /// Identifier.
    pub id: ResidentId,
    /// Program.
    pub program: ProgramId,
    /// Who they are.
    pub identity: Identity,
    /// What the roster says.
    pub attributes: Attributes,
    /// When they came onto the roster.
    pub admitted_at: crate::domain::time::Instant,
    /// Whether they are still on it.
    pub active: bool,
}

#[derive(Serialize, Deserialize)]
struct SealedResident {
    identity: String,
    attributes: Attributes,
}

pub(super) const fn at<'a>(column: &'static str, row: &'a str) -> Location<'a> {
    Location { column, row }
}

impl Desk {
    pub(super) fn open_resident(&self, row: &ResidentRow) -> Result<Resident> {
        let key = self.data_key(&row.key)?;
        let sealed: SealedResident =
            key.open_value(at("residents.sealed", &row.id.to_string()), &row.sealed)?;
        let identity = Identity::from_plain(sealed.identity.as_bytes());
        Ok(Resident {
            id: row.id,
            program: row.program,
            identity: identity.map_err(|_| VaultError::DoesNotOpen)?,
            attributes: sealed.attributes,
            admitted_at: row.admitted_at,
            active: row.active,
        })
    }

    /// Seals a resident who is on file by the key that is theirs.
    pub(super) async fn reseal_resident(&self, db: &mut Db, resident: &Resident) -> Result<ResidentRow> {
        let key = keys::key(db, &resident.id.to_string()).await?.ok_or(Error::Contended)?;
        self.seal_resident(key, resident)
    }

    pub(super) fn seal_resident(&self, key: WrappedKey, resident: &Resident) -> Result<ResidentRow> {
        let plain = resident.identity.to_plain();
        let sealed = SealedResident {
            identity: String::from_utf8_lossy(&plain).into_owned(),
            attributes: resident.attributes.clone(),
        };
        Ok(ResidentRow {
            id: resident.id,
            program: resident.program,
            address_key: self.vault.address_key(resident.identity.address()),
            sealed: self
                .data_key(&key)?
                .seal_value(at("residents.sealed", &resident.id.to_string()), &sealed)?,
            admitted_at: resident.admitted_at,
            active: resident.active,
            key,
        })
    }

    pub(super) fn open_therapist(&self, row: &TherapistRow) -> Result<Therapist> {
        let id = row.id.to_string();
        let identity = self.vault.open(at("therapists.sealed", &id), &row.sealed)?;
        Ok(Therapist {
            id: row.id,
            identity: Identity::from_plain(&identity).map_err(|_| VaultError::DoesNotOpen)?,
            practice: self.open_practice(row)?,
        })
    }

    pub(super) fn open_practice(&self, row: &TherapistRow) -> Result<Practice> {
        open_practice(&self.vault, row)
    }

    pub(super) fn seal_therapist(&self, therapist: &Therapist) -> Result<TherapistRow> {
        let id = therapist.id.to_string();
        Ok(TherapistRow {
            id: therapist.id,
            address_key: self.vault.address_key(therapist.identity.address()),
            sealed: self.vault.seal(at("therapists.sealed", &id), &therapist.identity.to_plain())?,
            practice: self.vault.seal_value(at("therapists.practice", &id), &therapist.practice)?,
        })
    }

    pub(super) fn seal_staff(&self, id: &str, identity: &Identity) -> Result<Vec<u8>> {
        Ok(self.vault.seal(at("staff.sealed", id), &identity.to_plain())?)
    }

    pub(super) fn open_staff(&self, id: &str, sealed: &[u8]) -> Result<Identity> {
        let plain = self.vault.open(at("staff.sealed", id), sealed)?;
        Ok(Identity::from_plain(&plain).map_err(|_| VaultError::DoesNotOpen)?)
    }

    pub(super) fn seal_coordinator(&self, program: ProgramId, address: &str) -> Result<Vec<u8>> {
        Ok(self.vault.seal_value(at("programs.coordinator", &program.to_string()), &address)?)
    }

    pub(super) fn open_coordinator(&self, program: ProgramId, sealed: &[u8]) -> Result<String> {
        Ok(self.vault.open_value(at("programs.coordinator", &program.to_string()), sealed)?)
    }

    pub(super) fn open_follow_ups(&self, therapist: TherapistId, sealed: &[u8]) -> Result<FollowUps> {
        Ok(self.vault.open_value(at("follow_ups.sealed", &therapist.to_string()), sealed)?)
    }

    pub(super) fn seal_follow_ups(&self, therapist: TherapistId, all: &FollowUps) -> Result<Vec<u8>> {
        let place = therapist.to_string();
        Ok(self.vault.seal_at_size(at("follow_ups.sealed", &place), all, FOLLOW_UPS_BYTES)?)
    }

    pub(super) fn open_errand(&self, id: &str, sealed: &[u8]) -> Result<Errand> {
        Ok(self.vault.open_value(at("outbox.errand", id), sealed)?)
    }

    pub(super) fn seal_errand(&self, id: &str, errand: &Errand) -> Result<Vec<u8>> {
        Ok(self.vault.seal_at_size(at("outbox.errand", id), errand, ERRAND_BYTES)?)
    }

    pub(super) fn open_seed(&self, row: &OfferingRow) -> Result<Seed> {
        let plain = self.vault.open(at("offerings.seed", &row.id.to_string()), &row.seed)?;
        let bytes: [u8; 32] = plain.as_slice().try_into().map_err(|_| VaultError::DoesNotOpen)?;
        Ok(Seed::from_bytes(bytes))
    }

    pub(super) fn seal_seed(
        &self,
        offering: crate::domain::id::OfferingId,
        seed: [u8; 32],
    ) -> Result<Vec<u8>> {
        Ok(self.vault.seal(at("offerings.seed", &offering.to_string()), &seed)?)
    }
}

/// What a therapist offers, without who they are.
pub(super) fn open_practice(vault: &Vault, row: &TherapistRow) -> Result<Practice> {
    Ok(vault.open_value(at("therapists.practice", &row.id.to_string()), &row.practice)?)
}

/// The therapists whose addresses a resident's exclusions name.
pub(super) fn avoided(
    vault: &Vault,
    attributes: &Attributes,
    therapists: &[TherapistRow],
) -> Vec<TherapistId> {
    let keys: Vec<String> = attributes.avoids.iter().map(|address| vault.address_key(address)).collect();
    therapists.iter().filter(|row| keys.contains(&row.address_key)).map(|row| row.id).collect()
}
