//! What is answered where an operation was not carried out: a problem in JSON (RFC 9457). Never a name or an address.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use super::file::LineTold;
use crate::desk::Error;
use crate::web::refusal::Dressed;
use crate::web::words::words;

/// The kind of every problem.
pub const KIND: &str = "application/problem+json";

/// Why an operation was not carried out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Written {
    /// What kind it is, in words.
    #[schema(example = "Nothing was changed")]
    title: String,
    /// The status code once more.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong and what to do.
    detail: String,
    /// The lines of a file that are refused; left away where it is not about a file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    lines: Vec<LineTold>,
}

/// An operation that was not carried out.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
    lines: Vec<LineTold>,
}

/// The answers that every operation may give beside its own. A bad request names what is wrong with it.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only described, never made")]
pub enum Problems {
    /// Something in the address or the body cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Written),
    /// There is no token, or it opens nothing.
    #[response(status = 401, content_type = "application/problem+json")]
    NoToken(Written),
    /// There is no such thing, or it is somebody else's.
    #[response(status = 404, content_type = "application/problem+json")]
    Nothing(Written),
    /// It contradicts what holds already.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Written),
    /// The body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Written),
    /// The body is not JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(Written),
    /// It is refused; the detail says why.
    #[response(status = 422, content_type = "application/problem+json")]
    Refused(Written),
    /// Too many requests: try again after the seconds in `Retry-After`.
    #[response(status = 429, content_type = "application/problem+json")]
    TooOften(Written),
    /// The service cannot answer just now.
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(Written),
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into(), lines: Vec::new() }
    }

    /// What is unknown and what is somebody else's, alike.
    pub fn nothing() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            words().nothing_title,
            "there is nothing here, or not for this token",
        )
    }

    /// No token, or one that opens nothing.
    pub fn no_token() -> Self {
        let detail = "send Authorization: Bearer and a token, which is made on the page of your account";
        Self::new(StatusCode::UNAUTHORIZED, "A token is needed", detail)
    }

    /// What a status says where nothing more is known.
    pub fn of(status: StatusCode) -> Self {
        let w = words();
        let (title, detail) = match status {
            StatusCode::NOT_FOUND => return Self::nothing(),
            StatusCode::METHOD_NOT_ALLOWED => (w.method_title, w.method),
            StatusCode::PAYLOAD_TOO_LARGE => (w.too_large_title, w.too_large),
            StatusCode::TOO_MANY_REQUESTS => (w.busy_title, w.too_fast),
            StatusCode::FORBIDDEN => (w.foreign_title, w.foreign),
            StatusCode::SERVICE_UNAVAILABLE => (w.busy_title, w.busy),
            status if status.is_server_error() => (w.broken_title, w.broken),
            _ => (w.no_choice_title, w.no_choice),
        };
        Self::new(status, title, detail)
    }

    /// A file that is not taken because of some of its lines: each with its column, and what to do.
    pub fn of_lines(lines: Vec<LineTold>) -> Self {
        let detail = "nothing of the file was taken; mend the lines named here, and send it again";
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, words().conflict_title, detail);
        Self { lines, ..problem }
    }

    /// A body that is no CSV.
    pub fn not_csv() -> Self {
        let detail = "send the file as it is, with Content-Type: text/csv";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, words().no_choice_title, detail)
    }

    /// What was shown is not what would be done now.
    pub fn changed() -> Self {
        let detail = "something else changed since; ask again without `shown`, and look it through";
        Self::new(StatusCode::CONFLICT, words().conflict_title, detail)
    }

    /// Something in the request that cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, words().no_choice_title, detail)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let title = words().conflict_title;
        match error {
            Error::Link | Error::UnknownOffering(_) | Error::UnknownProgram(_) | Error::UnknownTherapist => {
                Self::nothing()
            }
            Error::Taken | Error::Contended | Error::Booking(_) | Error::FollowUp(_) => {
                Self::new(StatusCode::CONFLICT, title, error.to_string())
            }
            Error::Refused(_) | Error::Rule(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, title, error.to_string())
            }
            Error::NotSetUp | Error::NoOffering | Error::WhichOffering(_) => Self::nothing(),
            other => {
                tracing::error!(problem = %other, "an operation could not be carried out");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, words().busy_title, words().busy)
            }
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, words().too_large_title, words().too_large)
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                words().no_choice_title,
                "send JSON, with Content-Type: application/json",
            ),
            _ => Self::unreadable("the body is not the JSON that the description asks for"),
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(_: QueryRejection) -> Self {
        Self::unreadable("the part of the address after the question mark cannot be read")
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::nothing()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let written = Written {
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            lines: self.lines,
        };
        let mut response = (self.status, Json(written)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(KIND));
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("10"));
            }
            _ => {}
        }
        response.extensions_mut().insert(Dressed);
        response
    }
}
