//! What a browser sends: bodies of bounded size, forms, and the token in an address. Never keeps a body that is too
//! large, but hears it out, or the sender would learn of a broken connection and not of the reason.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;

use axum::Form;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Path, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::dav;
use super::refusal::Refusal;
use super::session::carries_session;

/// The largest form, in bytes.
pub const FORM_BYTES: usize = 16 * 1024;
/// The largest file, in bytes: what the readers of files take.
pub const FILE_BYTES: usize = crate::intake::MAX_FILE;
/// More fields than this no form with a file has.
const MAX_FIELDS: usize = 64;
/// So much of a body that is too large is read and thrown away, in bytes; beyond it the connection is closed.
const HEARD_OUT_BYTES: usize = 4 * 1024 * 1024;

/// Reads the whole body before anybody looks at the request; refuses one that is larger than a form, or than a file
/// from somebody who brings a session.
pub async fn bounded(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let most = if sends_file(&parts.headers) {
        FILE_BYTES + FORM_BYTES
    } else if dav::is_here(parts.uri.path()) && parts.headers.contains_key(AUTHORIZATION) {
        dav::OBJECT_BYTES
    } else {
        FORM_BYTES
    };
    match read(body, most).await {
        Ok(Some(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(None) => Refusal::too_large().into_response(),
        Err(axum::Error { .. }) => Refusal::no_choice().into_response(),
    }
}

/// Whether a request is a file of somebody who claims a session or a token: others send forms.
fn sends_file(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let by_page = kind.starts_with("multipart/form-data") && carries_session(headers);
    by_page || (kind.starts_with("text/csv") && headers.contains_key(AUTHORIZATION))
}

/// The body, or nothing where it has more than `most` bytes.
async fn read(mut body: Body, most: usize) -> Result<Option<Bytes>, axum::Error> {
    let (mut kept, mut heard) = (Vec::new(), 0_usize);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame?.into_data() else { continue };
        heard = heard.saturating_add(data.len());
        if heard <= most {
            kept.extend_from_slice(&data);
        } else if heard > HEARD_OUT_BYTES {
            break;
        }
    }
    Ok((heard <= most).then(|| kept.into()))
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
