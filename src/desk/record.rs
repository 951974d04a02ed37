//! What is sealed where: the one place that knows which column holds what, and at which size. Never decides.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Desk, Result};
use crate::domain::booking::Booking;
use crate::domain::eligibility::Wishes;
use crate::domain::follow_up::FollowUps;
use crate::domain::id::{BookingId, CodeId, ProgramId, ResidentId, TherapistId};
use crate::domain::identity::{Address, Identity};
use crate::domain::owed::Errand;
use crate::domain::people::{Practice, Therapist};
use crate::domain::plan::{Here, Seed};
use crate::domain::seating::Seat;
use crate::domain::survey::Sheet;
use crate::storage::bookings::BookingRow;
use crate::storage::offerings::{OfferingRow, SeatRow};
use crate::storage::people::ResidentRow;
use crate::storage::survey_codes::CodeRow;
use crate::storage::therapists::TherapistRow;
use crate::vault::{Location, Vault, VaultError};

/// Bytes of a sealed booking: room for a default, a present, a given up and three past visits, six offered seats, and two
/// long addresses.
const BOOKING_BYTES: usize = 4096;
/// Bytes of what is sealed of why a booking is where it is: room for every part and the longest times.
const WHY_BYTES: usize = 1024;
/// Bytes of a sealed seat.
const SEAT_BYTES: usize = 320;
/// Bytes of what is sealed of a therapist's follow-ups: room for as many as there can be.
const FOLLOW_UPS_BYTES: usize = 32_768;
/// Bytes of a sealed sheet of the survey: room for six answers.
const SHEET_BYTES: usize = 256;
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

const fn at<'a>(column: &'static str, row: &'a str) -> Location<'a> {
    Location { column, row }
}

impl Desk {
    pub(super) fn open_resident(&self, row: &ResidentRow) -> Result<Resident> {
        let sealed: SealedResident =
            self.vault.open_value(at("residents.sealed", &row.id.to_string()), &row.sealed)?;
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

    pub(super) fn seal_resident(&self, resident: &Resident) -> Result<ResidentRow> {
        let plain = resident.identity.to_plain();
        let sealed = SealedResident {
            identity: String::from_utf8_lossy(&plain).into_owned(),
            attributes: resident.attributes.clone(),
        };
        Ok(ResidentRow {
            id: resident.id,
            program: resident.program,
            address_key: self.vault.address_key(resident.identity.address()),
            sealed: self.vault.seal_value(at("residents.sealed", &resident.id.to_string()), &sealed)?,
            admitted_at: resident.admitted_at,
            active: resident.active,
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

    pub(super) fn open_booking(&self, row: &BookingRow) -> Result<Booking> {
        Ok(self.vault.open_value(at("bookings.sealed", &row.id.to_string()), &row.sealed)?)
    }

    pub(super) fn seal_booking(&self, booking: &Booking) -> Result<Vec<u8>> {
        Ok(self.vault.seal_at_size(at("bookings.sealed", &booking.id.to_string()), booking, BOOKING_BYTES)?)
    }

    pub(super) fn open_why(&self, id: BookingId, sealed: &[u8]) -> Result<Option<Here>> {
        Ok(self.vault.open_value(at("bookings.why", &id.to_string()), sealed)?)
    }

    pub(super) fn seal_why(&self, id: BookingId, why: Option<&Here>) -> Result<Vec<u8>> {
        Ok(self.vault.seal_at_size(at("bookings.why", &id.to_string()), &why, WHY_BYTES)?)
    }

    pub(super) fn open_seat(&self, row: &SeatRow) -> Result<Seat> {
        Ok(self.vault.open_value(at("seats.sealed", &row.id.to_string()), &row.sealed)?)
    }

    pub(super) fn seal_seat(&self, id: crate::domain::id::SeatId, seat: &Seat) -> Result<Vec<u8>> {
        Ok(self.vault.seal_at_size(at("seats.sealed", &id.to_string()), seat, SEAT_BYTES)?)
    }

    pub(super) fn open_follow_ups(&self, therapist: TherapistId, sealed: &[u8]) -> Result<FollowUps> {
        Ok(self.vault.open_value(at("follow_ups.sealed", &therapist.to_string()), sealed)?)
    }

    pub(super) fn seal_follow_ups(&self, therapist: TherapistId, all: &FollowUps) -> Result<Vec<u8>> {
        let place = therapist.to_string();
        Ok(self.vault.seal_at_size(at("follow_ups.sealed", &place), all, FOLLOW_UPS_BYTES)?)
    }

    pub(super) fn open_sheet(&self, row: &CodeRow) -> Result<Sheet> {
        Ok(self.vault.open_value(at("survey_codes.sealed", &row.id.to_string()), &row.sealed)?)
    }

    pub(super) fn seal_sheet(&self, id: CodeId, sheet: &Sheet) -> Result<Vec<u8>> {
        Ok(self.vault.seal_at_size(at("survey_codes.sealed", &id.to_string()), sheet, SHEET_BYTES)?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::testing::desk_in;
    use crate::domain::booking::{Visit, Wanted};
    use crate::domain::plan::{Next, Parts, Wish, here};
    use crate::domain::time::{Instant, Span};

    /// A visit so many days on, in the zone with the longest name.
    fn visit(n: u8) -> Visit {
        let at = |minutes| {
            let at: Instant = "2027-07-01T15:00:00.123456789Z".parse().unwrap();
            at + chrono::Duration::days(i64::from(n)) + chrono::Duration::minutes(minutes)
        };
        Visit {
            seat: crate::domain::id::SeatId::from_bytes([n; 16]),
            slot: crate::domain::id::SlotId::from_bytes([n; 16]),
            therapist: TherapistId::from_bytes([n; 16]),
            therapist_zone: "America/Argentina/ComodRivadavia".parse().unwrap(),
            span: Span::new(at(0), at(50)).unwrap(),
            block: Span::new(at(-60), at(180)).unwrap(),
            modality: crate::domain::people::Modality::InPerson,
        }
    }

    #[tokio::test]
    async fn a_booking_to_which_everything_happened_is_sealed_at_the_size_of_one_to_which_nothing_did() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, _) = desk_in(folder.path()).await;
        let plain = Booking::new(BookingId::from_bytes([255; 16]), Some(visit(1)));
        let mut full = plain.clone();
        let after = |n: u8| visit(n).span.ends_at();
        for n in 1..4 {
            full = full.take(visit(n + 1), after(n), after(n)).unwrap().booking;
            full = full.marked(visit(n).seat, Some(crate::domain::booking::Mark::Missed), after(n)).unwrap();
        }
        full = full.countered(visit(9), after(3), after(3)).unwrap().booking;
        for minute in 0..3 {
            let span = Wanted::At(Some(visit(9 + minute).span));
            let at = after(3) + chrono::Duration::minutes(i64::from(minute));
            full = full.asks_about(span, at).unwrap().heeded(at, at);
        }
        let later = after(3) + chrono::Duration::days(2);
        full = full.cannot_meet(Some(visit(10).span), later).unwrap().cannot_read(later).unwrap();
        let long = format!("{}@{}.org", "a".repeat(64), vec!["b".repeat(60); 3].join("."));
        full = full.asks_for(long.parse().ok().unwrap(), later).unwrap().confirmed(later).unwrap();
        full.own.prefers.language = Some("x".repeat(60));
        full.own.prefers.gender = Some("x".repeat(30));
        let sizes = [&plain, &full].map(|booking| desk.seal_booking(booking).unwrap().len());
        assert_eq!(sizes, [BOOKING_BYTES; 2]);
    }

    #[tokio::test]
    async fn the_longest_why_and_that_of_who_waits_are_sealed_at_one_size() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, _) = desk_in(folder.path()).await;
        let (most, unmet) = (u32::MAX, Wish::Unmet(u32::MAX));
        let parts = Parts {
            language: unmet,
            gender: unmet,
            modality: unmet,
            site: most,
            earlier: most,
            day: most,
            therapist: most,
        };
        let at = |text: &str| text.parse().unwrap();
        let span = Span::new(at("2027-12-31T10:10:10.123456789Z"), at("2027-12-31T11:10:10.123456789Z"));
        let longest = here(parts, [Next { span: span.unwrap(), more: Some(most) }; 3]);
        let id = BookingId::from_bytes([255; 16]);
        for why in [Some(&longest), None] {
            let sealed = desk.seal_why(id, why).unwrap();
            assert_eq!(sealed.len(), WHY_BYTES);
            assert_eq!(desk.open_why(id, &sealed).unwrap().as_ref(), why);
        }
    }

    /// Everything that a booking can remember, at its longest.
    #[tokio::test]
    async fn the_fullest_booking_is_sealed_at_the_size_of_every_booking() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, _) = desk_in(folder.path()).await;
        let id = "a".repeat(26);
        let (starts_at, ends_at) = ("2027-12-31T10:10:10.123456789Z", "2027-12-31T11:10:10.123456789Z");
        let span = serde_json::json!({ "starts_at": starts_at, "ends_at": ends_at });
        let visit = serde_json::json!({
            "seat": id, "slot": id, "therapist": id, "therapist_zone": "America/Argentina/ComodRivadavia",
            "span": span, "block": span, "modality": "in_person",
        });
        let none = Booking::new(BookingId::from_bytes([255; 16]), None);
        let mut full = serde_json::to_value(&none).unwrap();
        let modality = serde_json::to_value(crate::domain::people::Modality::InPerson).unwrap();
        let visit = {
            let mut visit = visit;
            visit["modality"] = modality;
            visit
        };
        full["default_visit"] = visit.clone();
        full["standing"] = serde_json::json!({ "held": visit });
        full["past"] = serde_json::json!([{ "visit": visit, "mark": "missed" }, { "visit": visit, "mark": "missed" },
            { "visit": visit, "mark": "missed" }]);
        let address = format!("{}@{}.example", "a".repeat(64), "b".repeat(60));
        full["own"]["address"] = address.clone().into();
        full["own"]["asked"] = serde_json::json!({ "address": address, "at": starts_at, "done": false });
        full["own"]["last"] = starts_at.into();
        full["own"]["before"] = visit;
        full["own"]["follow_ups"] = vec![id; 8].into();
        let full: Booking = serde_json::from_value(full).unwrap();
        assert_eq!(full.own.follow_ups.len(), 8);
        assert_eq!(desk.seal_booking(&full).unwrap().len(), BOOKING_BYTES);
    }
}
