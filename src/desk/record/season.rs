//! What is sealed of a season by keys that can be destroyed: bookings by one each, seats and sheets by the season's. And how such
//! keys are drawn and unwrapped. Never decides.

use super::at;
use crate::desk::offering::Offering;
use crate::desk::{Desk, Error, Result};
use crate::domain::booking::Booking;
use crate::domain::id::{BookingId, CodeId, SeatId};
use crate::domain::plan::Here;
use crate::domain::seating::Seat;
use crate::domain::survey::Sheet;
use crate::storage::bookings::BookingRow;
use crate::storage::keys::{self, WrappedKey};
use crate::storage::offerings::SeatRow;
use crate::storage::survey_codes::CodeRow;
use crate::vault::DataKey;

/// Bytes of a sealed booking: room for a default, a present, a given up and three past visits, six offered seats, and three
/// long addresses.
const BOOKING_BYTES: usize = 4608;
/// Bytes of what is sealed of why a booking is where it is: room for every part and the longest times.
const WHY_BYTES: usize = 1024;
/// Bytes of a sealed seat.
const SEAT_BYTES: usize = 320;
/// Bytes of a sealed sheet of the survey: room for six answers.
const SHEET_BYTES: usize = 256;

impl Offering {
    /// The key of its seats and its survey.
    pub(in crate::desk) fn key(&self) -> Result<&WrappedKey> {
        self.row.key.as_ref().ok_or_else(|| Error::Refused("this season was erased".to_owned()))
    }
}

impl Desk {
    /// Draws a data key and keeps it, before the row that needs it is written.
    pub(in crate::desk) async fn draw_key(&self, name: &str) -> Result<WrappedKey> {
        let mut drawn = self.draw_keys(&[name.to_owned()]).await?;
        drawn.pop().ok_or(Error::Contended)
    }

    /// The same for several names, in their order. Where nothing comes of the rows, the keys seal nothing and harm nobody.
    pub(in crate::desk) async fn draw_keys(&self, names: &[String]) -> Result<Vec<WrappedKey>> {
        let draw = |id: &String| Ok(WrappedKey { id: id.clone(), wrapped: self.vault.draw_key(id)? });
        let drawn: Vec<WrappedKey> = names.iter().map(draw).collect::<Result<_>>()?;
        if !drawn.is_empty() {
            let mut tx = self.store.write_keys().await?;
            for key in &drawn {
                keys::add(&mut tx, key).await?;
            }
            tx.commit().await.map_err(crate::storage::Error::from)?;
        }
        Ok(drawn)
    }

    pub(in crate::desk) fn data_key(&self, key: &WrappedKey) -> Result<DataKey<'_>> {
        Ok(self.vault.unwrap(&key.id, &key.wrapped)?)
    }

    pub(in crate::desk) fn open_booking(&self, row: &BookingRow) -> Result<Booking> {
        Ok(self.data_key(&row.key)?.open_value(at("bookings.sealed", &row.id.to_string()), &row.sealed)?)
    }

    pub(in crate::desk) fn seal_booking(&self, key: &WrappedKey, booking: &Booking) -> Result<Vec<u8>> {
        Ok(self.data_key(key)?.seal_at_size(
            at("bookings.sealed", &booking.id.to_string()),
            booking,
            BOOKING_BYTES,
        )?)
    }

    pub(in crate::desk) fn open_why(
        &self,
        key: &WrappedKey,
        id: BookingId,
        sealed: &[u8],
    ) -> Result<Option<Here>> {
        Ok(self.data_key(key)?.open_value(at("bookings.why", &id.to_string()), sealed)?)
    }

    pub(in crate::desk) fn seal_why(
        &self,
        key: &WrappedKey,
        id: BookingId,
        why: Option<&Here>,
    ) -> Result<Vec<u8>> {
        Ok(self.data_key(key)?.seal_at_size(at("bookings.why", &id.to_string()), &why, WHY_BYTES)?)
    }

    pub(in crate::desk) fn open_seat(&self, row: &SeatRow) -> Result<Seat> {
        Ok(self.data_key(&row.key)?.open_value(at("seats.sealed", &row.id.to_string()), &row.sealed)?)
    }

    pub(in crate::desk) fn seal_seat(&self, key: &WrappedKey, id: SeatId, seat: &Seat) -> Result<Vec<u8>> {
        Ok(self.data_key(key)?.seal_at_size(at("seats.sealed", &id.to_string()), seat, SEAT_BYTES)?)
    }

    pub(in crate::desk) fn open_sheet(&self, row: &CodeRow) -> Result<Sheet> {
        Ok(self
            .data_key(&row.key)?
            .open_value(at("survey_codes.sealed", &row.id.to_string()), &row.sealed)?)
    }

    pub(in crate::desk) fn seal_sheet(&self, key: &WrappedKey, id: CodeId, sheet: &Sheet) -> Result<Vec<u8>> {
        Ok(self.data_key(key)?.seal_at_size(
            at("survey_codes.sealed", &id.to_string()),
            sheet,
            SHEET_BYTES,
        )?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::testing::desk_in;
    use crate::domain::booking::{Visit, Wanted};
    use crate::domain::id::TherapistId;
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
        let key = desk.draw_key("a").await.unwrap();
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
        let long: crate::domain::identity::Address = long.parse().ok().unwrap();
        full = full.asks_for(long.clone(), later).unwrap().confirmed(later).unwrap();
        let other = "ann@x.org".parse().ok().unwrap();
        (full, _) = full.readdressed(&long, &other, crate::domain::booking::Reached::Perhaps, later);
        full.own.prefers.language = Some("x".repeat(60));
        full.own.prefers.gender = Some("x".repeat(30));
        let sizes = [&plain, &full].map(|booking| desk.seal_booking(&key, booking).unwrap().len());
        assert_eq!(sizes, [BOOKING_BYTES; 2]);
    }

    #[tokio::test]
    async fn the_longest_why_and_that_of_who_waits_are_sealed_at_one_size() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, _) = desk_in(folder.path()).await;
        let key = desk.draw_key("a").await.unwrap();
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
            let sealed = desk.seal_why(&key, id, why).unwrap();
            assert_eq!(sealed.len(), WHY_BYTES);
            assert_eq!(desk.open_why(&key, id, &sealed).unwrap().as_ref(), why);
        }
    }

    /// Everything that a booking can remember, at its longest.
    #[tokio::test]
    async fn the_fullest_booking_is_sealed_at_the_size_of_every_booking() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, _) = desk_in(folder.path()).await;
        let key = desk.draw_key("a").await.unwrap();
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
        full["own"]["formerly"] =
            serde_json::json!({ "address": address, "since": starts_at, "proof": "invitation" });
        full["own"]["last"] = starts_at.into();
        full["own"]["before"] = visit;
        full["own"]["follow_ups"] = vec![id; 8].into();
        full["skipped"] = vec![u32::MAX; 2].into();
        let full: Booking = serde_json::from_value(full).unwrap();
        assert_eq!(full.own.follow_ups.len(), 8);
        assert_eq!(desk.seal_booking(&key, &full).unwrap().len(), BOOKING_BYTES);
    }
}
