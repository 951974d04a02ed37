//! One file a use: each loads, asks the domain, and saves in one transaction. Never talks to a mail server, and
//! never knows a status code or a terminal.

use std::sync::{Arc, OnceLock};

use crate::clock::Clock;
use crate::domain::booking;
use crate::domain::id::InstitutionId;
use crate::domain::offering::RuleRefusal;
use crate::domain::plan::Unproved;
use crate::domain::retention::Retention;
use crate::domain::time::Instant;
use crate::entropy::Entropy;
use crate::storage::{self, Db, Store};
use crate::vault::{Vault, VaultError};

pub mod absence;
pub mod admit;
#[cfg(test)]
mod admit_tests;
pub mod agenda;
pub mod app_password;
pub mod at_hand;
mod audit;
pub mod audit_check;
pub mod away;
pub mod backup;
mod batch;
pub mod booking_day;
pub mod bounce;
pub mod busy;
pub mod capacity;
pub mod change;
pub mod clash;
pub mod clinic;
pub mod coverage;
pub mod coverage_feed;
pub mod dav;
pub mod dav_busy;
pub mod dav_move;
mod dav_record;
pub mod draft;
pub mod erase;
pub mod errand;
pub mod feed;
pub mod follow_up;
pub mod found;
mod free_times;
pub mod furnish;
pub mod furniture;
mod ground;
pub mod health;
mod history;
pub mod hours;
pub mod imported;
#[cfg(test)]
mod imports_tests;
pub mod incoming;
pub mod invariants;
pub mod invite;
pub mod link;
pub mod lottery;
pub mod mend;
pub mod mirror;
pub mod mirror_stand;
pub mod offered;
pub mod offering;
pub mod opening;
pub mod outcomes;
pub mod overview;
pub mod own;
pub mod own_away;
pub mod own_hours;
mod parts;
pub mod places;
pub mod posted;
pub mod program_plan;
pub mod program_releases;
pub mod program_season;
pub mod progress;
pub mod protect;
pub mod protected;
pub mod provider;
pub mod publish;
pub mod published;
pub mod question;
mod readdress;
pub mod readiness;
pub mod received;
pub mod record;
pub mod refresh;
pub mod released;
pub mod reminders;
mod reply;
pub mod retention;
pub mod roster;
pub mod roster_import;
pub mod roster_person;
pub mod rotate;
pub mod season;
pub mod session;
pub mod sign_in;
pub mod staff;
pub mod survey;
#[cfg(test)]
pub(crate) mod testing;
pub mod tidy;
pub mod token;
pub mod visit;
pub mod waiting;
pub mod way;
pub mod wished;
pub mod withdrawn;
mod witness;
pub mod zones;

/// Everything that a use needs: where things are stored, what opens them, and what time it is.
#[derive(Clone)]
pub struct Desk {
    store: Store,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    public_url: Arc<str>,
    /// In whose name it acts, for the log of what staff did.
    actor: audit::Actor,
    /// How long things are kept.
    retention: Retention,
    mirror: Option<Arc<storage::mirror::Mirror>>,
    free: Arc<free_times::FreeTimes>,
    institution: Arc<OnceLock<InstitutionId>>,
}

/// Why a use was not carried out. Never holds a name or an address.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// A sealed value.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A booking's rules.
    #[error(transparent)]
    Booking(#[from] booking::Refusal),
    /// An offering's rules.
    #[error(transparent)]
    Rule(#[from] RuleRefusal),
    /// A follow-up that cannot be offered, taken or given up.
    #[error(transparent)]
    FollowUp(#[from] crate::domain::follow_up::Refusal),
    /// An absence that cannot be.
    #[error(transparent)]
    Absence(#[from] crate::domain::absence::Refusal),
    /// A calendar elsewhere that cannot be taken.
    #[error(transparent)]
    Published(#[from] crate::domain::published::Refusal),
    /// A plan that its own proof does not bear out; nothing was booked.
    #[error(transparent)]
    Unproved(#[from] Unproved),
    /// The seat went to somebody else, or is not offered.
    #[error("that time is no longer free; choose another one")]
    Taken,
    /// A link that opens nothing: unknown, expired, rotated or for something else.
    #[error("this link opens nothing")]
    Link,
    /// Others changed the same thing again and again.
    #[error("this was changed by somebody else at the same moment; try again")]
    Contended,
    /// Nothing was set up.
    #[error("there is no institution yet; run `holdspace init` first")]
    NotSetUp,
    /// No offering, where one is needed.
    #[error("there is no offering yet; make one with `holdspace offering create`")]
    NoOffering,
    /// Several, and none was named.
    #[error("there are several offerings; name one with --offering: {0}")]
    WhichOffering(String),
    /// None of that name.
    #[error("there is no offering {0}; leave --offering away to use the only one")]
    UnknownOffering(String),
    /// A code of no program.
    #[error(
        "there is no program “{0}”; its code stands in the file that was given to `holdspace programs import`"
    )]
    UnknownProgram(String),
    /// An address of no therapist.
    #[error("there is no therapist with this address; import them first with `holdspace therapists import`")]
    UnknownTherapist,
    /// Something that the text says.
    #[error("{0}")]
    Refused(String),
}

/// What every use answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How often a use starts again when somebody else changed the same rows meanwhile.
const TRIES: usize = 8;

impl Desk {
    /// Puts a desk together. `public_url` has no slash at its end.
    #[must_use]
    pub fn new(
        store: Store,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        public_url: &str,
    ) -> Self {
        Self {
            store,
            vault,
            clock,
            entropy,
            public_url: public_url.trim_end_matches('/').into(),
            actor: audit::Actor::Service,
            retention: Retention::default(),
            mirror: None,
            free: Arc::default(),
            institution: Arc::default(),
        }
    }

    /// The time by the desk's clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The database, for jobs and for the doctor.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Where links lead, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// An identifier of 128 fresh random bits.
    fn draw(&self) -> [u8; 16] {
        self.entropy.bytes()
    }

    /// The institution that all of this belongs to. Once founded it is the same for ever, so it is asked for once.
    async fn institution(&self, db: &mut Db) -> Result<InstitutionId> {
        if let Some(known) = self.institution.get() {
            return Ok(*known);
        }
        let found = storage::places::institution(db).await?.ok_or(Error::NotSetUp)?;
        Ok(*self.institution.get_or_init(|| found))
    }
}
