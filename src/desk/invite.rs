//! Asking a colleague to help: the role and the letter that tells of it, in one transaction. The letter opens nothing:
//! it leads to the page where everybody signs in.

use super::errand::Granted;
use super::session::Session;
use super::{Desk, Result};
use crate::domain::id::StaffId;
use crate::domain::identity::{Address, Identity};
use crate::domain::letter::Letter;
use crate::domain::owed::{Errand, Recipient};
use crate::domain::staff::{Grants, Role};
use crate::storage::{places, staff};

impl Desk {
    /// Grants a role to whoever has an address, and owes them the letter that says so. Says whether it is new to them:
    /// who has it already gets no second letter.
    ///
    /// # Errors
    /// [`Error::Link`](super::Error::Link) for anybody but a director, and for a program that there is not;
    /// [`Error::Refused`](super::Error::Refused) where the role may not stand beside another one.
    pub async fn invite(&self, session: &Session, name: &str, address: &Address, role: Role) -> Result<bool> {
        let asks = session.director()?;
        let now = self.now();
        let mut tx = self.store.write().await?;
        let (id, new) = self.acting(session).entrust(&mut tx, name, address, role).await?;
        if !new {
            return Ok(false);
        }
        let welcome = Errand {
            to: Recipient::Staff(id.to_string()),
            letter: Letter::StaffWelcome,
            // Who asked, and when: what somebody may do is read when the letter is written, so that it is true then.
            occasion: format!("{asks} {}", now.timestamp()),
            due_at: now,
            owed_at: now,
            sequence: 0,
            visit: None,
            number: 0,
            bare: false,
        };
        self.owe(&mut tx, &welcome).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(true)
    }

    /// What a letter of welcome tells; none where everything was taken away again.
    pub(super) async fn granted(&self, errand: &Errand, id: StaffId) -> Result<Option<Granted>> {
        let mut db = self.store.read().await?;
        let grants: Grants = staff::grants(&mut db, id).await?.into_iter().collect();
        if grants.is_empty() {
            return Ok(None);
        }
        let institution = self.institution(&mut db).await?;
        let programs = places::programs(&mut db, institution).await?;
        let own: Vec<_> = grants.programs().collect();
        let asks = errand.occasion.split(' ').next().and_then(|id| id.parse::<StaffId>().ok());
        let asked_by = match asks {
            Some(asks) => staff::sealed(&mut db, asks).await?.map(|sealed| (asks, sealed)),
            None => None,
        };
        let asked_by =
            asked_by.map(|(asks, sealed)| self.open_staff(&asks.to_string(), &sealed)).transpose()?;
        let mut programs: Vec<String> = programs
            .into_iter()
            .filter(|program| own.contains(&program.id))
            .map(|program| program.name)
            .collect();
        programs.sort();
        Ok(Some(Granted {
            asked_by: asked_by.as_ref().map(called).unwrap_or_default(),
            directs: grants.directs(),
            leads: grants.leads(),
            programs,
        }))
    }
}

/// What a colleague is called among colleagues: by name, or by address where nobody wrote the name down.
#[must_use]
pub fn called(colleague: &Identity) -> String {
    let name = colleague.reveal_name();
    // The address of one's own director is no secret among the staff.
    if name.is_empty() { colleague.address().reveal().to_owned() } else { name }
}
