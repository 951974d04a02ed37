//! The same desk for programs: JSON under `/api/v1`, described at `/api/openapi.json` (OpenAPI 3.1). Never an operation
//! that a page lacks, and never a resident's: they have no account.

mod agenda;
mod file;
mod me;
mod offerings;
mod problem;
mod programs;
mod protected;
mod releases;
mod rosters;
mod setup;
mod staff;
mod told;
mod who;

use std::sync::LazyLock;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::doors::{Doors, Operations};
use problem::Problem;

/// What the description says beside its operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Holdspace",
        version = "1",
        description = "What the pages of staff and therapists do, for programs. Nothing here tells what a resident \
            did: not to a coordinator, and not to a director.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(problem::Written)),
    security(("token" = [])),
    modifiers(&Token),
)]
struct Description;

/// A token stands in the header of each request.
struct Token;

impl Modify for Token {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = description.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", scheme);
    }
}

fn operations() -> Operations {
    Operations::about(Description::openapi())
        .merge(me::operations())
        .merge(programs::operations())
        .merge(rosters::operations())
        .merge(protected::operations())
        .merge(releases::operations())
        .merge(offerings::operations())
        .merge(setup::operations())
        .merge(staff::operations())
        .merge(agenda::operations())
}

/// The description, written once.
static WRITTEN: LazyLock<String> =
    LazyLock::new(|| operations().description().to_pretty_json().unwrap_or_default());

/// The operations and their description.
pub fn routes() -> Doors {
    let described = async || ([(CONTENT_TYPE, "application/json")], WRITTEN.as_str()).into_response();
    operations()
        .doors()
        .route("/api/openapi.json", get(described))
        .route("/api/{*nothing}", axum::routing::any(nothing))
}

/// Whether an address is one of operations, so that what goes wrong is told as a problem and not as a page.
pub fn is_here(path: &str) -> bool {
    path.starts_with("/api/")
}

/// A problem in the place of a page that tells one.
pub fn dress(answer: Response) -> Response {
    let status = answer.status();
    let told = answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == problem::KIND);
    if told || !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    let wait = answer.headers().get(RETRY_AFTER).cloned();
    let mut answer = Problem::of(status).into_response();
    answer.headers_mut().extend(wait.map(|wait| (RETRY_AFTER, wait)));
    answer
}

async fn nothing() -> Problem {
    Problem::nothing()
}
