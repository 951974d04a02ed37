//! Who may do what among the staff: invited by a director, taken away at once. Never a resident, and never a therapist,
//! whose rights follow from holding visits.

use std::collections::HashMap;

use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::id::{InstitutionId, StaffId};
use crate::domain::identity::{Address, Identity};
use crate::domain::people::Program;
use crate::domain::staff::{Grants, Role};
use crate::storage::{Db, places, sessions, staff};

/// A member of staff, as a director sees them. Holds a name: cannot be printed.
pub struct Colleague {
    /// Identifier.
    pub id: StaffId,
    /// Who they are.
    pub identity: Identity,
    /// What they were granted.
    pub roles: Vec<Role>,
}

impl Desk {
    /// Everybody among the staff who was granted something.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director.
    pub async fn colleagues(&self, session: &Session) -> Result<Vec<Colleague>> {
        session.director()?;
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let mut granted: HashMap<StaffId, Vec<Role>> = HashMap::new();
        for (id, role) in staff::grants_of_all(&mut db, institution).await? {
            granted.entry(id).or_default().push(role);
        }
        let mut colleagues = Vec::new();
        for row in staff::all(&mut db, institution).await? {
            if let Some(roles) = granted.remove(&row.id) {
                let identity = self.open_staff(&row.id.to_string(), &row.sealed)?;
                colleagues.push(Colleague { id: row.id, identity, roles });
            }
        }
        colleagues
            .sort_by_key(|one| (one.identity.reveal_name(), one.identity.address().reveal().to_owned()));
        Ok(colleagues)
    }

    /// Grants a role to whoever has an address; says whether it is new to them.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director, and for a program that there is not.
    pub async fn grant(
        &self,
        session: &Session,
        name: &str,
        address: &Address,
        role: Role,
    ) -> Result<(StaffId, bool)> {
        session.director()?;
        let mut tx = self.store.write().await?;
        let granted = self.acting(session).entrust(&mut tx, name, address, role).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(granted)
    }

    /// Grants a role inside a transaction; says to whom, and whether it is new to them.
    pub(super) async fn entrust(
        &self,
        db: &mut Db,
        name: &str,
        address: &Address,
        role: Role,
    ) -> Result<(StaffId, bool)> {
        let institution = self.institution(db).await?;
        // Two who grant at once must see what the other granted.
        places::lock_institution(db, institution).await?;
        if let Some(program) = role.program() {
            let programs = places::programs(db, institution).await?;
            programs.iter().find(|known| known.id == program).ok_or(Error::Link)?;
        }
        let id = self.member(db, institution, name, address).await?;
        let grants: Grants = staff::grants(db, id).await?.into_iter().collect();
        if !grants.admit(role) {
            let problem = "whoever leads the clinic sees who visits whom, so nobody does that and has a part in a program; name \
                somebody else, or take the other role away first";
            return Err(Error::Refused(problem.to_owned()));
        }
        let new = staff::grant(db, id, role, self.now()).await?;
        if new {
            let to = self.colleague_called(db, id).await?;
            let act = Act::Granted { role: self.role_told(db, role).await?, to };
            self.note(db, &act).await?;
        }
        Ok((id, new))
    }

    /// What a colleague is called, for the log of what staff did.
    async fn colleague_called(&self, db: &mut Db, id: StaffId) -> Result<String> {
        let sealed = staff::sealed(db, id).await?.ok_or(Error::Link)?;
        Ok(super::invite::called(&self.open_staff(&id.to_string(), &sealed)?))
    }

    /// A role in words, with the code of its program.
    async fn role_told(&self, db: &mut Db, role: Role) -> Result<String> {
        let institution = self.institution(db).await?;
        let Some(id) = role.program() else { return Ok(role.name().to_owned()) };
        let programs = places::programs(db, institution).await?;
        let code = programs.into_iter().find(|known| known.id == id).map(|known| known.code);
        Ok(format!("{} of {}", role.name(), code.unwrap_or_default()))
    }

    /// The member of staff who has an address, added if there is none.
    async fn member(
        &self,
        db: &mut Db,
        institution: InstitutionId,
        name: &str,
        address: &Address,
    ) -> Result<StaffId> {
        let key = self.vault.address_key(address);
        if let Some(id) = staff::by_address(db, institution, &key).await? {
            return Ok(id);
        }
        let id = StaffId::from_bytes(self.draw());
        let (given, family) = name.trim().rsplit_once(' ').unwrap_or((name.trim(), ""));
        let sealed = self.seal_staff(&id.to_string(), &Identity::new(given, family, address.clone()))?;
        if staff::add(db, institution, id, &key, sealed).await? { Ok(id) } else { Err(Error::Contended) }
    }

    /// Takes a role away. Whoever has none left is signed out everywhere.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director; [`Error::Refused`] where nobody would direct any more.
    pub async fn revoke(&self, session: &Session, id: StaffId, role: Role) -> Result<()> {
        session.director()?;
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        places::lock_institution(&mut tx, institution).await?;
        let had = staff::revoke(&mut tx, id, role).await?;
        if role == Role::Director && staff::with_role(&mut tx, Role::Director).await? == 0 {
            let problem = "somebody must direct: make another director first, and then take this role away";
            return Err(Error::Refused(problem.to_owned()));
        }
        if staff::grants(&mut tx, id).await?.is_empty() {
            sessions::end_all(&mut tx, "staff", &id.to_string()).await?;
        }
        let from = self.colleague_called(&mut tx, id).await?;
        let act = Act::TakenAway { role: self.role_told(&mut tx, role).await?, from };
        if had {
            self.note_of(&mut tx, session, &act).await?;
        }
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    /// The programs in which somebody may do what a coordinator may, by code.
    ///
    /// # Errors
    /// [`Error::Link`] for a therapist.
    pub async fn programs_of(&self, session: &Session) -> Result<Vec<Program>> {
        let (_, grants) = session.staff()?;
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let programs = places::programs(&mut db, institution).await?;
        Ok(programs.into_iter().filter(|program| grants.coordinates(program.id)).collect())
    }

    /// The program of a code, for somebody who may do there what a coordinator may.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody else's program and for one that there is not, alike.
    pub async fn program_of(&self, session: &Session, code: &str) -> Result<Program> {
        let programs = self.programs_of(session).await?;
        programs.into_iter().find(|program| program.code.eq_ignore_ascii_case(code)).ok_or(Error::Link)
    }

    /// What a member of staff is called, for the frame of their pages.
    ///
    /// # Errors
    /// [`Error::Link`] for a therapist.
    pub async fn own_name(&self, session: &Session) -> Result<(Identity, Grants)> {
        let (id, grants) = session.staff()?;
        let mut db = self.store.read().await?;
        let sealed = staff::sealed(&mut db, id).await?.ok_or(Error::Link)?;
        Ok((self.open_staff(&id.to_string(), &sealed)?, grants.clone()))
    }
}
