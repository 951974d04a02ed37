//! Tokens for programs that act for somebody: derived like a link, never stored, with the rights of their owner at the
//! moment of each request. Never a way for a resident.

use zeroize::Zeroizing;

use super::link::Purpose;
use super::session::{Session, Who};
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::id::{StaffId, TherapistId};
use crate::domain::staff::Grants;
use crate::storage::{Db, links, staff, therapists};

/// How the subjects of tokens are told apart.
const THERAPIST: &str = "therapist:";
const STAFF: &str = "staff:";

fn subject(session: &Session) -> String {
    match &session.who {
        Who::Therapist(id) => format!("{THERAPIST}{id}"),
        Who::Staff(id, _) => format!("{STAFF}{id}"),
    }
}

impl Desk {
    /// Whether somebody has a token that works.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn has_token(&self, session: &Session) -> Result<bool> {
        let mut db = self.store.read().await?;
        Ok(self.known_url(&mut db, Purpose::Api, &subject(session)).await?.is_some())
    }

    /// Makes a token; any earlier one of the same person opens nothing any more.
    ///
    /// # Errors
    /// Those of saving.
    pub async fn make_token(&self, session: &Session) -> Result<Zeroizing<String>> {
        let subject = subject(session);
        let mut tx = self.store.write().await?;
        links::end(&mut tx, Purpose::Api.name(), &subject).await?;
        let url = self.fresh_url(&mut tx, Purpose::Api, &subject).await?;
        self.note_of(&mut tx, session, &Act::TokenMade).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        let token = url.rsplit('/').next().unwrap_or_default();
        Ok(Zeroizing::new(token.to_owned()))
    }

    /// Takes somebody's token away.
    ///
    /// # Errors
    /// Those of saving.
    pub async fn drop_token(&self, session: &Session) -> Result<()> {
        let mut tx = self.store.write().await?;
        links::end(&mut tx, Purpose::Api.name(), &subject(session)).await?;
        self.note_of(&mut tx, session, &Act::TokenEnded).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    /// Whoever a token speaks for, with the rights that they have now.
    ///
    /// # Errors
    /// [`Error::Link`] for a token that opens nothing, and for somebody who may do nothing any more.
    pub async fn behind_token(&self, token: &str) -> Result<Session> {
        let mut db = self.store.read().await?;
        let subject = self.subject(&mut db, Purpose::Api, token).await?;
        Ok(Session { who: who(&mut db, &subject).await?.ok_or(Error::Link)? })
    }
}

async fn who(db: &mut Db, subject: &str) -> Result<Option<Who>> {
    if let Some(id) = subject.strip_prefix(THERAPIST).and_then(|id| id.parse::<TherapistId>().ok()) {
        let known = therapists::therapist(db, id).await?.is_some();
        return Ok(known.then_some(Who::Therapist(id)));
    }
    let Some(id) = subject.strip_prefix(STAFF).and_then(|id| id.parse::<StaffId>().ok()) else {
        return Ok(None);
    };
    let grants: Grants = staff::grants(db, id).await?.into_iter().collect();
    Ok(Some(Who::Staff(id, grants)).filter(|who| !matches!(who, Who::Staff(_, grants) if grants.is_empty())))
}
