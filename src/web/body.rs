//! What a browser sends: bodies of bounded size, forms, and the token in an address. Never keeps a body that is too
//! large, but hears it out, or the sender would learn of a broken connection and not of the reason.

use std::future::poll_fn;
use std::pin::Pin;

use axum::Form;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::refusal::Refusal;

/// The largest form, in bytes.
pub const FORM_BYTES: usize = 16 * 1024;
/// So much of a body that is too large is read and thrown away, in bytes; beyond it the connection is closed.
const HEARD_OUT_BYTES: usize = 4 * 1024 * 1024;

/// Reads the whole body before anybody looks at the request; refuses one that is larger than a form.
pub async fn bounded(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match read(body).await {
        Ok(Some(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(None) => Refusal::too_large().into_response(),
        Err(axum::Error { .. }) => Refusal::no_choice().into_response(),
    }
}

/// The body, or nothing where it is too large.
async fn read(mut body: Body) -> Result<Option<Bytes>, axum::Error> {
    let (mut kept, mut heard) = (Vec::new(), 0_usize);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame?.into_data() else { continue };
        heard = heard.saturating_add(data.len());
        if heard <= FORM_BYTES {
            kept.extend_from_slice(&data);
        } else if heard > HEARD_OUT_BYTES {
            break;
        }
    }
    Ok((heard <= FORM_BYTES).then(|| kept.into()))
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
