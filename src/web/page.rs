//! A rendered template as an answer. Never holds a sentence.

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::refusal::{Dressed, Refusal};

/// The page with its status.
pub fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Extension(Dressed), Html(html)).into_response(),
        Err(problem) => {
            tracing::error!(%problem, "a page could not be rendered");
            Refusal::broken().into_response()
        }
    }
}

/// The page of a request that went well.
pub fn ok(template: &impl Template) -> Response {
    page(StatusCode::OK, template)
}
