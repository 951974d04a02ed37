//! Importing programs, sites and therapists. What a file does not name stays; nothing is ever removed here.
//!
//! Codes and names are found again without regard to case and punctuation, and keep the spelling under which they
//! came on file first: rosters and protected time refer to it.

use std::collections::HashMap;

use super::imported::{Imported, Meets};
use super::link::Purpose;
use super::{Desk, Error, Result};
use crate::domain::follow_up::FollowUps;
use crate::domain::id::{ProgramId, SiteId, TherapistId};
use crate::domain::letter::Letter;
use crate::domain::owed::{Errand, Recipient};
use crate::domain::people::{Practice, Program, Site, Therapist};
use crate::domain::places::{self, ProgramDraft, SiteDraft, TherapistDraft};
use crate::domain::roster::KnownPlaces;
use crate::domain::table::{Reader, RowRefusal, Table};
use crate::domain::written::plain;
use crate::storage::therapists::{self, TherapistRow};
use crate::storage::{self, Db, follow_ups, places as stored};

impl Desk {
    /// Imports programs with their coordinators.
    ///
    /// # Errors
    /// Those of loading and saving; then nothing is imported. Lines that cannot be taken are no error.
    pub async fn import_programs(&self, tables: &[Table], dry_run: bool) -> Result<Imported> {
        let (mut imported, drafts) = Imported::of(places::programs(tables));
        let mut tx = self.store.write().await?;
        let institution = self.lock_for_import(&mut tx).await?;
        let on_file = by_name(stored::programs(&mut tx, institution).await?, |program| &program.code);
        let coordinators: HashMap<_, _> =
            stored::coordinators(&mut tx, institution).await?.into_iter().collect();
        for (line, draft) in drafts {
            let known = on_file.get(&plain(&draft.code));
            let id = known.map_or_else(|| ProgramId::from_bytes(self.draw()), |known| known.id);
            // Revealed to be sealed, and to be compared with what was.
            let address = draft.coordinator.reveal().to_owned();
            let program = program(draft, id, known);
            let same_coordinator = match coordinators.get(&id) {
                Some(sealed) => self.open_coordinator(id, sealed)? == address,
                None => false,
            };
            let meets = meets(known.map(|known| *known == program && same_coordinator));
            imported.count(meets);
            if known.is_some_and(|known| known.zone != program.zone) {
                imported.warnings.push(zone_changed(line));
            }
            if meets != Meets::Same {
                let sealed = self.seal_coordinator(id, &address)?;
                stored::save_program(&mut tx, institution, &program, sealed.clone()).await?;
                stored::set_coordinator(&mut tx, id, sealed).await?;
            }
        }
        if !dry_run {
            self.note(&mut tx, &imported.act("programs")).await?;
            tx.commit().await.map_err(storage::Error::from)?;
        }
        Ok(imported)
    }

    /// Imports sites.
    ///
    /// # Errors
    /// Those of loading and saving; then nothing is imported.
    pub async fn import_sites(&self, tables: &[Table], dry_run: bool) -> Result<Imported> {
        let (mut imported, drafts) = Imported::of(places::sites(tables));
        let mut tx = self.store.write().await?;
        let institution = self.lock_for_import(&mut tx).await?;
        let on_file = by_name(stored::sites(&mut tx, institution).await?, |site| &site.name);
        for (_, draft) in drafts {
            let known = on_file.get(&plain(&draft.name));
            let SiteDraft { name, zone, state, address } = draft;
            let site = Site {
                id: known.map_or_else(|| SiteId::from_bytes(self.draw()), |known| known.id),
                name: known.map_or(name, |known| known.name.clone()),
                zone,
                state,
                address,
            };
            let meets = meets(known.map(|known| *known == site));
            imported.count(meets);
            if meets != Meets::Same {
                stored::save_site(&mut tx, institution, &site).await?;
            }
        }
        if !dry_run {
            self.note(&mut tx, &imported.act("sites")).await?;
            tx.commit().await.map_err(storage::Error::from)?;
        }
        Ok(imported)
    }

    /// Imports therapists, found again by address. Who is new is owed a letter of welcome.
    ///
    /// # Errors
    /// Those of loading and saving; then nothing is imported and no letter is owed.
    pub async fn import_therapists(&self, tables: &[Table], dry_run: bool) -> Result<Imported> {
        self.take_therapists(tables, dry_run, Reader::Terminal).await
    }

    /// The same, with refusals for whoever reads them.
    pub(super) async fn take_therapists(
        &self,
        tables: &[Table],
        dry_run: bool,
        reader: Reader,
    ) -> Result<Imported> {
        let mut tx = self.store.write().await?;
        let institution = self.lock_for_import(&mut tx).await?;
        let directory = Directory {
            programs: by_name(stored::programs(&mut tx, institution).await?, |program| &program.code),
            sites: by_name(stored::sites(&mut tx, institution).await?, |site| &site.name),
        };
        let (mut imported, drafts) = Imported::of(places::therapists(tables, &directory.known(reader)));
        let rows = therapists::therapists(&mut tx, institution).await?;
        let on_file: HashMap<&str, &TherapistRow> =
            rows.iter().map(|row| (row.address_key.as_str(), row)).collect();
        for (_, draft) in drafts {
            let known = on_file.get(self.vault.address_key(draft.identity.address()).as_str());
            let known = known.map(|row| self.open_therapist(row)).transpose()?;
            let id =
                known.as_ref().map_or_else(|| TherapistId::from_bytes(self.draw()), |therapist| therapist.id);
            let therapist = directory.therapist(id, draft);
            let meets = meets(known.map(|known| known == therapist));
            imported.count(meets);
            match meets {
                Meets::Same => {}
                Meets::Other => {
                    therapists::change_therapist(&mut tx, self.seal_therapist(&therapist)?).await?
                }
                Meets::Nothing => {
                    therapists::add_therapist(&mut tx, institution, self.seal_therapist(&therapist)?).await?;
                    let none = self.seal_follow_ups(id, &FollowUps::default())?;
                    follow_ups::add(&mut tx, id, none).await?;
                    self.owe_welcome(&mut tx, id).await?;
                }
            }
        }
        if !dry_run {
            self.note(&mut tx, &imported.act("therapists")).await?;
            tx.commit().await.map_err(storage::Error::from)?;
        }
        Ok(imported)
    }

    async fn owe_welcome(&self, db: &mut Db, therapist: TherapistId) -> Result<()> {
        let now = self.now();
        let welcome = Errand {
            to: Recipient::Therapist(therapist),
            letter: Letter::TherapistWelcome,
            occasion: String::new(),
            due_at: now,
            owed_at: now,
            sequence: 0,
            visit: None,
            number: 0,
            bare: false,
        };
        self.owe(db, &welcome).await?;
        // The feed's address is made here, so that looking at the agenda changes nothing.
        self.url(db, Purpose::Feed, &therapist.to_string()).await?;
        Ok(())
    }

    /// The program of a code.
    ///
    /// # Errors
    /// [`Error::UnknownProgram`].
    pub(super) async fn program(&self, db: &mut Db, code: &str) -> Result<Program> {
        let institution = self.institution(db).await?;
        let mut programs = by_name(stored::programs(db, institution).await?, |program| &program.code);
        programs
            .remove(&plain(code))
            .ok_or_else(|| Error::UnknownProgram(code.chars().filter(|c| !c.is_control()).take(40).collect()))
    }
}

/// Things by the name under which files refer to them.
fn by_name<T>(things: Vec<T>, name: impl Fn(&T) -> &str) -> HashMap<String, T> {
    things.into_iter().map(|thing| (plain(name(&thing)), thing)).collect()
}

fn meets(same: Option<bool>) -> Meets {
    match same {
        None => Meets::Nothing,
        Some(false) => Meets::Other,
        Some(true) => Meets::Same,
    }
}

fn program(draft: ProgramDraft, id: ProgramId, known: Option<&Program>) -> Program {
    let ProgramDraft { code, name, zone, state, coordinator: _ } = draft;
    Program { id, code: known.map_or(code, |known| known.code.clone()), name, zone, state }
}

fn zone_changed(line: u32) -> RowRefusal {
    RowRefusal {
        sheet: None,
        line,
        column: None,
        problem:
            "the program's zone has changed; protected time that is on file keeps its hours in the old zone"
                .to_owned(),
        remedy: "if the old zone was a slip, have that protected time removed before it is imported again"
            .to_owned(),
    }
}

/// Programs and sites by name.
struct Directory {
    programs: HashMap<String, Program>,
    sites: HashMap<String, Site>,
}

impl Directory {
    fn known(&self, reader: Reader) -> KnownPlaces {
        KnownPlaces {
            programs: self.programs.values().map(|program| program.code.clone()).collect(),
            sites: self.sites.values().map(|site| site.name.clone()).collect(),
            reader,
        }
    }

    /// A therapist whose sites and programs are the identifiers of what their file names.
    fn therapist(&self, id: TherapistId, draft: TherapistDraft) -> Therapist {
        let sites = draft.sites.iter().filter_map(|name| self.sites.get(&plain(name)));
        let supervises = draft.supervises.iter().filter_map(|code| self.programs.get(&plain(code)));
        let practice = Practice {
            sites: sites.map(|site| site.id).collect(),
            supervises: supervises.map(|program| program.id).collect(),
            modalities: draft.modalities,
            licensed_states: draft.licensed_states,
            languages: draft.languages,
            gender: draft.gender,
            places: draft.places,
        };
        Therapist { id, identity: draft.identity, practice }
    }
}
