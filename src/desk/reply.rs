//! Answers of calendar programs. What nobody vouches for changes nothing.

use super::incoming::Counted;
use super::{Desk, Result};
use crate::domain::identity::Address;
use crate::domain::incoming::Reply;

impl Desk {
    pub(super) async fn answered(
        &self,
        _from: Option<&Address>,
        _aligned: bool,
        _reply: Reply,
    ) -> Result<Counted> {
        Ok(Counted::Stranger)
    }

    pub(super) async fn unreadable(
        &self,
        _from: Option<&Address>,
        _aligned: bool,
        _automatic: bool,
        _uid: Option<String>,
    ) -> Result<Counted> {
        Ok(Counted::Unreadable)
    }
}
