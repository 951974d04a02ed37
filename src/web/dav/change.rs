//! What a calendar program writes.

use axum::http::StatusCode;
use axum::response::Response;

use super::Asked;
use super::answer::refused;
use super::report::Unanswered;
use super::xml::DAV;
use crate::web::words::dav::dav;

impl Asked<'_> {
    pub(super) async fn put(&self) -> Result<Response, Unanswered> {
        Ok(refused(StatusCode::FORBIDDEN, (DAV, "need-privileges"), dav().not_yours_to_change))
    }

    pub(super) async fn delete(&self) -> Result<Response, Unanswered> {
        Ok(refused(StatusCode::FORBIDDEN, (DAV, "need-privileges"), dav().visit_cannot_be_deleted))
    }
}
