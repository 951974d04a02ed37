//! Opaque identifiers: 128 random bits, one type for each kind of thing. Never derived from a name or an order.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is not an identifier: 26 characters of lower-case base32 (RFC 4648, section 6) are expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: 26 letters and digits are expected")]
pub struct NotAnId;

fn write(bytes: [u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
}

fn read(text: &str) -> Result<[u8; 16], NotAnId> {
    // Only the lower-case form is accepted, so that one identifier has one spelling.
    if text.len() != 26 || text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(NotAnId);
    }
    BASE32_NOPAD
        .decode(text.to_ascii_uppercase().as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(NotAnId)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Makes an identifier of 128 bits that the caller drew.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 128 bits, for keyed hashes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                read(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// A sponsoring institution.
    InstitutionId;
    /// An institution's academic year.
    CycleId;
    /// A place with an address, a zone and a state.
    SiteId;
    /// One residency or fellowship program.
    ProgramId;
    /// A trainee on a roster.
    ResidentId;
    /// Somebody who holds visits.
    TherapistId;
    /// What is held for people.
    OfferingId;
    /// A bookable span of one therapist.
    SlotId;
    /// One place in a slot.
    SeatId;
    /// One resident's place in one offering.
    BookingId;
    /// A capability to act on one booking or one feed.
    LinkId;
    /// One mail that is owed to one person.
    LetterId;
    /// One frozen aggregate.
    ReleaseId;
    /// A span in which a resident is free of duty, or can never be booked.
    BlockId;
    /// A member of staff, such as a director.
    StaffId;
    /// A span in which a therapist holds no visits.
    AbsenceId;
    /// A calendar that a therapist keeps elsewhere.
    BusyCalendarId;
    /// Another visit that a therapist offers to somebody they have seen.
    FollowUpId;
    /// A signed-in browser of a member of staff or a therapist.
    SessionId;
    /// A file that is looked through before it is taken.
    DraftId;
    /// The code of one anonymous sheet.
    CodeId;
    /// What one calendar program of a therapist comes in with.
    AppPasswordId;
    /// An event that a therapist put into the calendar of their busy time.
    BusyEventId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_reads_back_as_written_and_has_one_spelling() {
        let id = SlotId::from_bytes(*b"sixteen bytes ok");
        let text = id.to_string();
        assert_eq!(text.len(), 26);
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(text.to_uppercase().parse::<SlotId>(), Err(NotAnId));
        assert_eq!("".parse::<SlotId>(), Err(NotAnId));
        assert_eq!("é".repeat(13).parse::<SlotId>(), Err(NotAnId));
    }
}
