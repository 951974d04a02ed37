//! Knocking: who comes with what in their hands, and what they are answered, through the real router in process. Each
//! router counts floods anew, so that a long list of questions is not taken for one.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use data_encoding::BASE64;
use holdspace::desk::Desk;
use holdspace::web::{WebState, router};
use tower::ServiceExt;

/// What somebody brings along.
#[derive(Debug, Clone, Default)]
pub struct Hand {
    /// The cookie of a session.
    pub cookie: Option<String>,
    /// A token for programs.
    pub bearer: Option<String>,
    /// A user name and a password for calendar programs.
    pub basic: Option<(String, String)>,
}

/// A request but for who sends it.
#[derive(Debug, Clone)]
pub struct Knock {
    /// Which method.
    pub method: Method,
    /// Path and query.
    pub at: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Knock {
    /// A request with nothing in it.
    pub fn bare(method: &str, at: &str) -> Self {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        Self { method, at: at.to_owned(), headers: Vec::new(), body: String::new() }
    }

    /// The same with a body of a kind.
    pub fn with(mut self, kind: &str, body: &str) -> Self {
        self.headers.push(("content-type", kind.to_owned()));
        Self { body: body.to_owned(), ..self }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Every header.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// So many requests one router hears: fewer than a flood with one link.
const HEARD: u32 = 100;

/// A house that is asked.
pub struct Asked {
    desk: Desk,
    router: axum::Router,
    left: u32,
}

impl Asked {
    /// Asks this desk's pages.
    pub fn of(desk: &Desk) -> Self {
        Self { desk: desk.clone(), router: router(WebState::new(desk.clone())), left: HEARD }
    }

    /// Sends a request.
    pub async fn answers(&mut self, knock: &Knock, hand: &Hand) -> Answer {
        if self.left == 0 {
            *self = Self::of(&self.desk);
        }
        self.left -= 1;
        let mut request = Request::builder().method(knock.method.clone()).uri(&knock.at);
        for (name, value) in &knock.headers {
            request = request.header(*name, value);
        }
        if let Some(cookie) = &hand.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(token) = &hand.bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some((login, password)) = &hand.basic {
            let coded = BASE64.encode(format!("{login}:{password}").as_bytes());
            request = request.header("authorization", format!("Basic {coded}"));
        }
        let request = request.body(Body::from(knock.body.clone())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 4 << 20).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}
