//! Whoever a request is made for: a token in its header. Never a cookie: what a browser sends by itself does not count
//! here, so no other site can make it act.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::problem::Problem;
use crate::desk::Error;
use crate::desk::session::Session;
use crate::web::WebState;

/// The session behind the token of a request.
pub struct Bearer(pub Session);

impl FromRequestParts<WebState> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, token) = header.and_then(|text| text.split_once(' ')).ok_or_else(Problem::no_token)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::no_token());
        }
        match state.desk.behind_token(token.trim()).await {
            Ok(session) => Ok(Self(session)),
            Err(Error::Link) => Err(Problem::no_token()),
            Err(other) => Err(other.into()),
        }
    }
}
