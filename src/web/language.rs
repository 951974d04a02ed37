//! Which language a page is in: what the resident chose, else what their browser asks for, else English. Pages of those who
//! work here are in English.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;

use super::session::carries_session;
use crate::domain::language::Language;

/// No browser's list of languages is longer.
const LIST_BYTES: usize = 512;

/// The language that a browser asks for.
pub struct Asked(pub Language);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(asked(&parts.headers)))
    }
}

/// The language that the headers of a request ask for.
pub fn asked(headers: &HeaderMap) -> Language {
    let list = headers.get(ACCEPT_LANGUAGE).and_then(|list| list.to_str().ok()).unwrap_or_default();
    if carries_session(headers) || list.len() > LIST_BYTES { Language::English } else { preferred(list) }
}

/// The first of our languages that a list wants most (RFC 9110, section 12.5.4).
fn preferred(list: &str) -> Language {
    let mut best = (0.0, Language::English);
    for entry in list.split(',') {
        let (tag, parameters) = entry.split_once(';').unwrap_or((entry, ""));
        let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        let weight =
            parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.trim().parse().ok());
        if let (Ok(language), Some(weight)) = (primary.parse(), weight)
            && weight > best.0
        {
            best = (weight, language);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_answered_in_the_language_that_it_wants_most() {
        for list in ["es", "es-US,es;q=0.9,en;q=0.8", "fr, es;q=0.7, en;q=0.3", "EN;q=0.2,ES-mx;q=0.4"] {
            assert_eq!(preferred(list), Language::Spanish, "{list}");
        }
        for list in ["", "en-US,en;q=0.9,es;q=0.8", "fr", "*", "es;q=0", "es;q=x", ";;,,", "eso"] {
            assert_eq!(preferred(list), Language::English, "{list}");
        }
    }
}
