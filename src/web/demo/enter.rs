//! One click to somebody's place: they ask for a way in, the letter comes, its link is followed. The way that
//! everybody takes, only faster; there is no other door.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::Demo;
use crate::mail::captured::Mailbox;
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::session;

/// The route.
pub fn routes() -> Doors<Demo> {
    Doors::new().route("/demo/enter", post(enter))
}

#[derive(Deserialize)]
struct Enter {
    address: String,
}

async fn enter(
    State(demo): State<Demo>,
    headers: HeaderMap,
    Fields(form): Fields<Enter>,
) -> Result<Response, Refusal> {
    let parts = &*demo.0;
    let mut others = parts.therapists.iter().chain([&parts.coordinator]);
    let known = parts.director == form.address || others.any(|person| person.address == form.address);
    if !known {
        return Err(Refusal::nothing());
    }
    parts.hand.ask_in(&form.address).await?;
    let token = token_for(&parts.mailbox, &form.address).ok_or_else(Refusal::nothing)?;
    let signed_in = demo.desk().sign_in(&token).await?;
    // Whoever was signed in on this device before is not any more.
    if let Some(secret) = session::secret(&parts.web, &headers) {
        demo.desk().sign_out(&secret).await?;
    }
    let jar = CookieJar::new().add(session::opened(&parts.web, &signed_in.cookie));
    Ok((jar, Redirect::to(session::home(&signed_in.who))).into_response())
}

/// The token of the latest sign-in letter to an address.
fn token_for(mailbox: &Mailbox, address: &str) -> Option<String> {
    // Revealed to be compared; the people of the demo are invented.
    let letters = mailbox.list().into_iter().filter(|letter| letter.to.reveal() == address);
    letters.take(8).find_map(|letter| {
        let text = letter.open().text;
        let rest = text.split_once("/sign-in/")?.1;
        rest.split_whitespace().next().map(|token| token.trim_end_matches(['.', ',']).to_owned())
    })
}
