//! One person of a roster: looked at, corrected, added, taken off and put back. Never moves or frees a visit by itself.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::admit::known;
use super::readdress::Readdressed;
use super::record::Resident;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::audit::{Act, Done};
use crate::domain::id::ResidentId;
use crate::domain::people::Program;
use crate::domain::roster::merge::Known;
use crate::domain::roster::{self, Column, Typed};
use crate::domain::table::Reader;
use crate::storage::people::{self, ResidentRow};
use crate::storage::{self, Db, places};

/// Somebody on a roster, to be looked at or corrected.
pub struct OnRoster {
    /// What the roster says.
    pub known: Known,
    /// Stands for all that it says.
    pub seen: String,
}

/// What came of saving a person.
pub enum Saved {
    /// They are saved.
    Done(ResidentId),
    /// Something typed cannot be, by field: what is wrong, and what to do.
    Wrong(BTreeMap<Column, String>),
    /// Somebody else changed them since they were looked at.
    Changed(Box<OnRoster>),
}

impl Desk {
    /// The names of the institution's sites.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but the program's coordinators and the directors.
    pub async fn site_names(&self, session: &Session, program: &Program) -> Result<Vec<String>> {
        session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        Ok(places::sites(&mut db, institution).await?.into_iter().map(|site| site.name).collect())
    }

    /// Somebody who is or was on a program's roster.
    ///
    /// # Errors
    /// [`Error::Link`] for somebody of another program and for nobody, alike.
    pub async fn on_roster(&self, session: &Session, program: &Program, id: ResidentId) -> Result<OnRoster> {
        session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        let resident = self.resident_of(&mut db, program, id).await?;
        Ok(shown(&resident, program))
    }

    /// Adds somebody to a roster.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but the program's coordinators and the directors.
    pub async fn add_person(&self, session: &Session, program: &Program, typed: &Typed) -> Result<Saved> {
        session.coordinator(program.id)?;
        let mut tx = self.store.write().await?;
        let institution = self.lock_for_import(&mut tx).await?;
        let all = people::residents(&mut tx, institution).await?;
        let id = ResidentId::from_bytes(self.draw());
        let resident = match self.typed(&mut tx, program, typed, &all, (id, self.now())).await? {
            Ok(resident) => resident,
            Err(wrong) => return Ok(Saved::Wrong(wrong)),
        };
        let key = self.draw_key(&id.to_string()).await?;
        people::add_resident(&mut tx, institution, self.seal_resident(key, &resident)?).await?;
        let act = Act::Person { program: program.code.clone(), done: Done::Added };
        self.note_of(&mut tx, session, &act).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(Saved::Done(id))
    }

    /// Corrects somebody, unless they changed since they were `seen`.
    ///
    /// # Errors
    /// As [`Desk::on_roster`].
    pub async fn save_person(
        &self,
        session: &Session,
        program: &Program,
        id: ResidentId,
        typed: &Typed,
        seen: &str,
    ) -> Result<Saved> {
        session.coordinator(program.id)?;
        let mut tx = self.store.write().await?;
        let institution = self.lock_for_import(&mut tx).await?;
        let before = self.resident_of(&mut tx, program, id).await?;
        let now = shown(&before, program);
        if now.seen != seen {
            return Ok(Saved::Changed(Box::new(now)));
        }
        let all = people::residents(&mut tx, institution).await?;
        match self.typed(&mut tx, program, typed, &all, (id, before.admitted_at)).await? {
            Ok(after) => {
                let after = Resident { active: before.active, ..after };
                if after != before {
                    let sealed = self.reseal_resident(&mut tx, &after).await?;
                    people::change_resident(&mut tx, sealed).await?;
                    self.readdress(&mut tx, Readdressed::of(&before, &after).as_slice()).await?;
                    let act = Act::Person { program: program.code.clone(), done: Done::Corrected };
                    self.note_of(&mut tx, session, &act).await?;
                    tx.commit().await.map_err(storage::Error::from)?;
                }
                Ok(Saved::Done(id))
            }
            Err(wrong) => Ok(Saved::Wrong(wrong)),
        }
    }

    /// Takes somebody off the roster, or puts them back.
    ///
    /// # Errors
    /// As [`Desk::on_roster`].
    pub async fn set_on_roster(
        &self,
        session: &Session,
        program: &Program,
        id: ResidentId,
        active: bool,
    ) -> Result<()> {
        session.coordinator(program.id)?;
        let mut tx = self.store.write().await?;
        self.lock_for_import(&mut tx).await?;
        let resident = self.resident_of(&mut tx, program, id).await?;
        if resident.active != active {
            let changed = Resident { active, ..resident };
            let sealed = self.reseal_resident(&mut tx, &changed).await?;
            people::change_resident(&mut tx, sealed).await?;
            let done = if active { Done::PutBack } else { Done::TakenOff };
            let act = Act::Person { program: program.code.clone(), done };
            self.note_of(&mut tx, session, &act).await?;
            tx.commit().await.map_err(storage::Error::from)?;
        }
        Ok(())
    }

    async fn resident_of(&self, db: &mut Db, program: &Program, id: ResidentId) -> Result<Resident> {
        let row = people::resident(db, id).await?.filter(|row| row.program == program.id);
        self.open_resident(&row.ok_or(Error::Link)?)
    }

    /// Somebody as typed, or what is wrong.
    async fn typed(
        &self,
        db: &mut Db,
        program: &Program,
        typed: &Typed,
        all: &[ResidentRow],
        (id, admitted_at): (ResidentId, crate::domain::time::Instant),
    ) -> Result<Result<Resident, BTreeMap<Column, String>>> {
        let institution = self.institution(db).await?;
        let file = self.roster_on_file(db, institution, Vec::new(), Reader::Page).await?;
        let entry = match roster::person(&program.code, typed, &file.places) {
            Ok(entry) => entry,
            Err(wrong) => {
                let sentence = |(column, refusal): (Column, crate::domain::table::RowRefusal)| {
                    (column, format!("{}: {}", capital(&refusal.problem), refusal.remedy))
                };
                return Ok(Err(wrong.into_iter().map(sentence).collect()));
            }
        };
        let key = self.vault.address_key(&entry.address);
        let other = all.iter().find(|row| row.address_key == key && row.id != id);
        if let Some(other) = other {
            let problem = taken(other, program);
            return Ok(Err(BTreeMap::from([(Column::Email, problem.to_owned())])));
        }
        Ok(Ok(file.resident(id, &entry, admitted_at)?))
    }
}

const fn taken_here(active: bool) -> &'static str {
    if active {
        "Somebody else on this roster has this address: correct one of the two"
    } else {
        "Somebody who left this roster has this address: look among the people who left, and put them back"
    }
}

fn taken(other: &ResidentRow, program: &Program) -> &'static str {
    if other.program == program.id {
        taken_here(other.active)
    } else {
        "This address is on the roster of another program: correct it, or ask the director to move the person"
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn shown(resident: &Resident, program: &Program) -> OnRoster {
    let known = known(resident, &program.code);
    let mut sum = Sha256::new();
    for text in known.written().values() {
        sum.update(text.len().to_be_bytes());
        sum.update(text.as_bytes());
    }
    sum.update([u8::from(known.active)]);
    OnRoster { known, seen: HEXLOWER.encode(&sum.finalize()) }
}
