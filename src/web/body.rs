//! What a browser sends: bodies of bounded size, forms, and the token in an address. Never keeps a body that is too
//! large, but hears it out, or the sender would learn of a broken connection and not of the reason.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use axum::Form;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Path, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::listen::Place;
use super::refusal::Refusal;
use super::session::{carries_session, secret};
use super::{WebState, dav};
use crate::desk::Error;

/// The largest form, in bytes.
pub const FORM_BYTES: usize = 16 * 1024;
/// The largest file, in bytes: what the readers of files take.
pub const FILE_BYTES: usize = crate::intake::MAX_FILE;
/// Files that may come in at once; the others wait for their turn.
pub const FILES_AT_ONCE: usize = 16;
/// More fields than this no form with a file has.
const MAX_FIELDS: usize = 64;
/// More fields than this no other form has; the longest is a week of hours.
const MAX_FORM_FIELDS: usize = 512;
/// So much of a body that is too large is read and thrown away, in bytes; beyond it the connection is closed.
const HEARD_OUT_BYTES: usize = 4 * 1024 * 1024;

/// Reads the whole body before anybody looks at the request; refuses one that is larger than a form, or than a file
/// from somebody who is signed in.
pub async fn bounded(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let place = request.extensions().get::<Arc<Place>>().cloned();
    let is_here = || place.iter().for_each(|place| place.works());
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        is_here();
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let sender = sender(&state, &parts.headers).await;
    // Held until the request is answered; nobody closes it.
    let _turn = match sender {
        Sender::OfFiles => state.files.acquire().await.ok(),
        Sender::NobodysFile | Sender::OfForms => None,
    };
    let most = match sender {
        Sender::OfFiles => FILE_BYTES + FORM_BYTES,
        Sender::NobodysFile => 0,
        Sender::OfForms if dav::is_here(parts.uri.path()) && parts.headers.contains_key(AUTHORIZATION) => {
            dav::OBJECT_BYTES
        }
        Sender::OfForms => FORM_BYTES,
    };
    let read = read(body, most).await;
    is_here();
    match read {
        Ok(Heard::All(bytes)) if crowded(&parts.headers, &bytes) => Refusal::too_large().into_response(),
        Ok(Heard::All(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        // They are told the same as with an empty hand: to sign in.
        Ok(Heard::TooMuch) if sender == Sender::NobodysFile => {
            next.run(Request::from_parts(parts, Body::empty())).await
        }
        Ok(Heard::TooMuch | Heard::Endless) => Refusal::too_large().into_response(),
        Err(axum::Error { .. }) => Refusal::no_choice().into_response(),
    }
}

/// Whether a form has more fields than any page of ours.
fn crowded(headers: &HeaderMap, form: &[u8]) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/x-www-form-urlencoded")
        && form.iter().filter(|byte| **byte == b'&').count() >= MAX_FORM_FIELDS
}

/// What may be expected of whoever sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// A file, and they are signed in.
    OfFiles,
    /// A file, but the session or token that they claim is none, or over.
    NobodysFile,
    OfForms,
}

/// Looks at the claim itself: otherwise anybody could have the server hold megabytes for them by claiming one.
async fn sender(state: &WebState, headers: &HeaderMap) -> Sender {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let known = if kind.starts_with("multipart/form-data") && carries_session(headers) {
        let Some(secret) = secret(state, headers) else { return Sender::NobodysFile };
        state.desk.session(&secret).await
    } else if kind.starts_with("text/csv") && headers.contains_key(AUTHORIZATION) {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (_, token) = header.split_once(' ').unwrap_or_default();
        state.desk.behind_token(token.trim()).await
    } else {
        return Sender::OfForms;
    };
    match known {
        Err(Error::Link) => Sender::NobodysFile,
        // Trouble with the database is told by whoever asks it next.
        _ => Sender::OfFiles,
    }
}

/// What came of a body.
enum Heard {
    /// All of it.
    All(Bytes),
    /// More than may be kept; it was heard to its end and thrown away.
    TooMuch,
    /// So much that it was not heard to its end.
    Endless,
}

/// The body, where it has at most `most` bytes.
async fn read(mut body: Body, most: usize) -> Result<Heard, axum::Error> {
    let (mut kept, mut heard) = (Vec::new(), 0_usize);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame?.into_data() else { continue };
        heard = heard.saturating_add(data.len());
        if heard <= most {
            kept.extend_from_slice(&data);
        } else if heard > HEARD_OUT_BYTES {
            return Ok(Heard::Endless);
        } else {
            // It will not be needed.
            kept = Vec::new();
        }
    }
    Ok(if heard <= most { Heard::All(kept.into()) } else { Heard::TooMuch })
}

/// The fields of a form; one that does not hold them is refused in words.
pub struct Fields<T>(pub T);

impl<T, S> FromRequest<S> for Fields<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match Form::<T>::from_request(request, state).await {
            Ok(Form(fields)) => Ok(Self(fields)),
            Err(problem) if problem.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Refusal::too_large()),
            Err(_) => Err(Refusal::no_choice()),
        }
    }
}

/// The token of an address. What cannot be one is answered like one that opens nothing.
pub struct Token(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Token {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Path(token) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| Refusal::nothing())?;
        Ok(Self(token))
    }
}

/// A form with a file.
pub struct Upload {
    /// What the sender calls the file; empty where none was chosen.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The other fields.
    pub fields: BTreeMap<String, String>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let mut parts = Multipart::from_request(request, state).await.map_err(|_| Refusal::no_choice())?;
        let mut upload = Self { file_name: String::new(), bytes: Vec::new(), fields: BTreeMap::new() };
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(|_| Refusal::no_choice())? {
            count += 1;
            if count > MAX_FIELDS {
                return Err(Refusal::too_large());
            }
            let name = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(file_name) => {
                    let bytes = part.bytes().await.map_err(|_| Refusal::too_large())?;
                    (upload.file_name, upload.bytes) = (file_name, bytes.to_vec());
                }
                None => {
                    let text = part.text().await.map_err(|_| Refusal::no_choice())?;
                    upload.fields.insert(name, text);
                }
            }
        }
        Ok(upload)
    }
}
