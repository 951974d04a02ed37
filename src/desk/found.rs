//! Founding an institution, and letting its directors in. Never asks who may: whoever has the key file may.

use chrono::Duration;
use serde::Serialize;
use zeroize::Zeroizing;

use super::link::{Purpose, SIGN_IN_MINUTES};
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::id::{InstitutionId, StaffId};
use crate::domain::identity::Address;
use crate::domain::staff::Role;
use crate::storage::{self, Db, people, places, staff, therapists};

/// How long the link is valid that `init` prints, in minutes: a day, because somebody else may have to open it.
const FIRST_LINK_MINUTES: u32 = 24 * 60;

/// A way in for a director. Cannot be printed by accident: whoever has the link is the director.
#[derive(Clone, Serialize)]
pub struct Entrance {
    link: String,
    /// How long it opens anything, in minutes.
    pub valid_minutes: u32,
}

impl Entrance {
    /// The link itself. Say nearby why it must be seen.
    #[must_use]
    pub fn reveal_link(&self) -> &str {
        &self.link
    }
}

/// What an installation holds, for whoever sets it up. Facts without outcomes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Whether an institution was founded.
    pub founded: bool,
    /// Programs.
    pub programs: usize,
    /// Residents who are on a roster.
    pub residents: usize,
    /// Therapists.
    pub therapists: usize,
    /// Offerings.
    pub offerings: usize,
}

impl Desk {
    /// Counts what there is, and opens one sealed value of each kind, which finds a key of another database.
    ///
    /// # Errors
    /// [`Error::Vault`] where the key opens nothing; [`Error::Storage`].
    pub async fn standing(&self) -> Result<Standing> {
        let mut db = self.store.read().await?;
        let Some(institution) = places::institution(&mut db).await? else { return Ok(Standing::default()) };
        let residents = people::residents(&mut db, institution).await?;
        let therapists = therapists::therapists(&mut db, institution).await?;
        let offerings = self.offerings(&mut db).await?;
        residents.first().map(|row| self.open_resident(row)).transpose()?;
        therapists.first().map(|row| self.open_practice(row)).transpose()?;
        offerings.first().map(|offering| self.open_seed(&offering.row)).transpose()?;
        Ok(Standing {
            founded: true,
            programs: places::programs(&mut db, institution).await?.len(),
            residents: residents.iter().filter(|row| row.active).count(),
            therapists: therapists.len(),
            offerings: offerings.len(),
        })
    }

    /// Founds the institution with its first director, and gives the director's sign-in link.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is an institution already; then nothing changes.
    pub async fn found(&self, name: &str, director: &Address) -> Result<Entrance> {
        let mut tx = self.store.write().await?;
        if places::institution(&mut tx).await?.is_some() {
            return Err(Error::Refused(
                "there is an institution already; `holdspace director link EMAIL` lets a director in"
                    .to_owned(),
            ));
        }
        let institution = InstitutionId::from_bytes(self.draw());
        places::add_institution(&mut tx, institution, name).await?;
        self.note(&mut tx, &Act::Founded).await?;
        let staff = self.add_director(&mut tx, director).await?;
        let entrance = self.entrance(&mut tx, staff, FIRST_LINK_MINUTES).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(entrance)
    }

    /// A fresh sign-in link of a director, who is added if the address is new and `add` says so.
    ///
    /// # Errors
    /// [`Error::NotSetUp`]; [`Error::Refused`] for an address of no director.
    pub async fn director_entrance(&self, director: &Address, add: bool) -> Result<Entrance> {
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        let key = self.vault.address_key(director);
        let known = staff::by_address(&mut tx, institution, &key).await?;
        let directs = match known {
            Some(id) => staff::grants(&mut tx, id).await?.contains(&Role::Director),
            None => false,
        };
        let staff = match known {
            Some(staff) if directs => staff,
            _ if add => self.add_director(&mut tx, director).await?,
            _ => {
                let problem =
                    "no director has this address; correct it, or add --new to let a new director in";
                return Err(Error::Refused(problem.to_owned()));
            }
        };
        let entrance = self.entrance(&mut tx, staff, SIGN_IN_MINUTES).await?;
        self.note(&mut tx, &Act::LinkPrinted).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(entrance)
    }

    async fn add_director(&self, db: &mut Db, director: &Address) -> Result<StaffId> {
        Ok(self.entrust(db, "", director, Role::Director).await?.0)
    }

    async fn entrance(&self, db: &mut Db, staff: StaffId, valid_minutes: u32) -> Result<Entrance> {
        let ends_at = self.now() + Duration::minutes(i64::from(valid_minutes));
        let link: Zeroizing<String> =
            self.url_until(db, Purpose::StaffSignIn, &staff.to_string(), ends_at).await?;
        Ok(Entrance { link: link.to_string(), valid_minutes })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::HandSetClock;
    use crate::entropy::{Entropy, SeededEntropy};
    use crate::storage::Store;
    use crate::vault::{MasterKey, Vault};

    async fn empty(folder: &std::path::Path) -> (Desk, Arc<HandSetClock>) {
        let store = Store::open(&format!("sqlite://{}/desk.db", folder.display())).await.unwrap();
        store.migrate().await.unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
        let vault = Arc::new(Vault::new(&MasterKey::draw(&*entropy), Arc::clone(&entropy)));
        let clock = Arc::new(HandSetClock::at("2027-06-01T15:00:00Z".parse().unwrap()));
        let clone = Arc::clone(&clock);
        (Desk::new(store, vault, clone, entropy, "https://holdspace.example.org"), clock)
    }

    fn token(entrance: &Entrance) -> String {
        entrance.reveal_link().rsplit('/').next().unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn the_first_director_comes_in_once_within_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, clock) = empty(folder.path()).await;
        let director: Address = "lead@hospital.org".parse().ok().unwrap();
        assert!(!desk.standing().await.unwrap().founded);
        let entrance = desk.found("Example Health", &director).await.unwrap();
        assert!(desk.standing().await.unwrap().founded);
        clock.advance(Duration::hours(23));
        assert!(desk.sign_in(&token(&entrance)).await.is_ok());
        assert!(matches!(desk.sign_in(&token(&entrance)).await, Err(Error::Link)));
        assert!(matches!(desk.found("Again", &director).await, Err(Error::Refused(_))));
        // A later link is valid for a quarter of an hour.
        let later = desk.director_entrance(&director, false).await.unwrap();
        clock.advance(Duration::minutes(16));
        assert!(matches!(desk.sign_in(&token(&later)).await, Err(Error::Link)));
    }

    #[tokio::test]
    async fn a_stranger_is_let_in_only_where_somebody_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, _) = empty(folder.path()).await;
        let [lead, other] = ["lead@hospital.org", "other@hospital.org"].map(|a| a.parse().ok().unwrap());
        desk.found("Example Health", &lead).await.unwrap();
        assert!(matches!(desk.director_entrance(&other, false).await, Err(Error::Refused(_))));
        let entrance = desk.director_entrance(&other, true).await.unwrap();
        assert!(desk.sign_in(&token(&entrance)).await.is_ok());
    }
}
