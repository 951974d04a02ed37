//! Where people train, where visits are held and who holds them. Never holds a resident.

use serde::{Deserialize, Serialize};

use super::id::{ProgramId, SiteId, TherapistId};
use super::identity::Identity;
use super::time::Zone;

/// A two-letter state, province or territory, in upper case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(String);

impl State {
    /// Reads two letters in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()))
            .then(|| Self(text.to_ascii_uppercase()))
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One residency or fellowship program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Opaque identifier.
    pub id: ProgramId,
    /// What the office calls it, such as `IM`; unique in an institution, compared without regard to case.
    pub code: String,
    /// Its name in full.
    pub name: String,
    /// The zone in which its residents live and its files are written.
    pub zone: Zone,
    /// Where its residents are when they attend by video.
    pub state: State,
}

/// A place with an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Opaque identifier.
    pub id: SiteId,
    /// Its name, unique in an institution.
    pub name: String,
    /// Its zone.
    pub zone: Zone,
    /// Its state.
    pub state: State,
    /// The postal address; may be empty.
    pub address: String,
}

/// How a visit is attended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Modality {
    /// By a video address.
    Video,
    /// In a room at a site.
    InPerson,
    /// By telephone.
    Phone,
}

/// How a therapist's visits are attended: needed before anybody is booked, shown only behind the resident's link.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Places {
    /// An `https` address.
    pub video_url: Option<String>,
    /// A telephone number to call.
    pub phone: Option<String>,
    /// A room, in words.
    pub room: Option<String>,
}

impl Places {
    /// The place of a visit by one modality.
    #[must_use]
    pub fn of(&self, modality: Modality) -> Option<&str> {
        match modality {
            Modality::Video => self.video_url.as_deref(),
            Modality::Phone => self.phone.as_deref(),
            Modality::InPerson => self.room.as_deref(),
        }
    }
}

/// Somebody who holds visits, without their name: what planning needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practice {
    /// How they hold visits; one without a place holds none.
    pub modalities: Vec<Modality>,
    /// The sites they serve in person.
    pub sites: Vec<SiteId>,
    /// Where they are licensed.
    pub licensed_states: Vec<State>,
    /// Languages, as their file has them.
    pub languages: Vec<String>,
    /// Gender, as their file has it; may be empty.
    pub gender: String,
    /// Programs whose residents they supervise and are therefore never booked with.
    pub supervises: Vec<ProgramId>,
    /// How their visits are attended.
    pub places: Places,
}

/// Somebody who holds visits. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Therapist {
    /// Opaque identifier.
    pub id: TherapistId,
    /// Name (with credentials, in the family name) and address.
    pub identity: Identity,
    /// What planning needs to know.
    pub practice: Practice,
}
