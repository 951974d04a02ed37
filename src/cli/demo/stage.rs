//! An installation for one evening: a temporary database, a fresh key, a clock that is moved by hand and a mailbox
//! instead of a mail server. Never touches an installation that is there.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Duration};

use super::samples::{self, Host};
use crate::clock::HandSetClock;
use crate::desk::Desk;
use crate::desk::session::Session;
use crate::domain::identity::Address;
use crate::domain::staff::Role;
use crate::domain::time::Instant;
use crate::entropy::{Entropy, SystemEntropy};
use crate::jobs::post::{Delivered, Pace, PostOffice};
use crate::jobs::writing::Writer;
use crate::mail::captured::Mailbox;
use crate::mail::compose::Sender;
use crate::mail::template::Templates;
use crate::mail::transport::Transport;
use crate::storage::Store;
use crate::vault::{MasterKey, Vault};

/// Monday, June 14, 2027, nine in the morning in Denver: three weeks before the sample season.
const CURTAIN: i64 = 1_812_985_200;
/// Of the institution, whose people are all invented.
pub const INSTITUTION: &str = "Example University Hospital";
/// The director, who is as invented as everybody else.
pub const DIRECTOR: &str = "director@gme.example.edu";
/// The code and name of a program, and the address of who looks after it.
pub const COORDINATOR: (&str, &str, &str) = ("IM", "Internal Medicine", "coordinator@im.example.edu");
const OFFICE: &str = "the Wellness Office";
const OFFICE_ADDRESS: &str = "hold@wellness.example.edu";

/// Everything that the demo plays with.
pub struct Stage {
    /// Moved by whoever looks on.
    pub clock: Arc<HandSetClock>,
    /// The desk of every installation.
    pub desk: Desk,
    /// The post of every installation, with another way out.
    pub post: PostOffice,
    /// That way out.
    pub mailbox: Mailbox,
    /// Who holds visits.
    pub hosts: Vec<Host>,
}

impl Stage {
    /// Sets the stage in an empty directory; links will lead to `url`.
    ///
    /// # Errors
    /// Where the directory cannot be written.
    pub async fn set(directory: &Path, url: &str) -> anyhow::Result<Self> {
        let file = directory.join("holdspace.db");
        let path = file.to_str().context("the temporary directory has a name that is no text; set TMPDIR")?;
        let store = Store::open(&format!("sqlite://{path}")).await?;
        store.migrate().await?;
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let vault = Arc::new(Vault::new(&MasterKey::draw(&*entropy), Arc::clone(&entropy)));
        let clock = Arc::new(HandSetClock::at(DateTime::from_timestamp(CURTAIN, 0).unwrap_or_default()));
        let desk = Desk::new(store, vault, Arc::clone(&clock) as Arc<_>, entropy, url);
        desk.found(INSTITUTION, &address(DIRECTOR)?).await?;
        let mailbox = Mailbox::default();
        let post = PostOffice {
            writer: Arc::new(Writer {
                templates: Templates::embedded()?,
                sender: Sender { name: "Holdspace".to_owned(), address: address(OFFICE_ADDRESS)? },
                signing: None,
                office: OFFICE.to_owned(),
                contact: OFFICE_ADDRESS.to_owned(),
            }),
            desk: desk.clone(),
            transport: Transport::Captured(mailbox.clone()),
            bounces: None,
            pace: Pace { per_minute: None, connections: 1 },
        };
        Ok(Self { clock, desk, post, mailbox, hosts: samples::hosts()? })
    }

    /// The time on the demo's clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.desk.now()
    }

    /// Gives a program to its coordinator, as a director does. The program is on file.
    ///
    /// # Errors
    /// Those of the desk.
    pub async fn entrust(&self) -> anyhow::Result<()> {
        let (code, _, coordinator) = COORDINATOR;
        let entrance = self.desk.director_entrance(&address(DIRECTOR)?, false).await?;
        // The desk's own way in for a director; the link goes nowhere else.
        let token = entrance.reveal_link().rsplit('/').next().unwrap_or_default();
        let entered = self.desk.sign_in(token).await?;
        let session = Session { who: entered.who };
        let program = self.desk.program_of(&session, code).await?;
        let role = Role::Coordinator(program.id);
        self.desk.grant(&session, "Cory Coordinator", &address(coordinator)?, role).await?;
        self.desk.sign_out(&entered.cookie).await?;
        Ok(())
    }

    /// Has somebody ask for a way in, and delivers the letter with it.
    ///
    /// # Errors
    /// Those of the desk.
    pub async fn ask_in(&self, address: &str) -> Result<Delivered, crate::desk::Error> {
        // At most one sign-in letter a minute goes to one person, and here the clock stands still.
        self.clock.advance(Duration::minutes(1));
        self.desk.ask_to_sign_in(address).await?;
        self.post.deliver(&|_| {}).await
    }
}

/// An address that stands in this program.
///
/// # Errors
/// None, as long as it is one.
pub fn address(text: &str) -> anyhow::Result<Address> {
    text.parse().ok().context("an address of the demo is none")
}
