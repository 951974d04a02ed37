//! What the body of a request would be answered by an account in which nothing is: the readers and the writer of calendar
//! programs' requests, without a desk behind them. For checks that send what no program sends; never asked by a route.

use super::answer::{Said, Told, written};
use super::place::Place;
use super::property::{Known, Wanted, said};
use super::report::{filter, hrefs, path_of};
use super::{to_be_changed, xml};
use crate::desk::dav::Collection;
use crate::domain::time::{Instant, Span};

/// Whose account it is.
pub const LOGIN: &str = "nobody";

/// What would be answered.
pub struct Rehearsal {
    /// The names that are said again, each with its namespace.
    pub names: Vec<(String, String)>,
    /// The addresses of which something is said, in this order.
    pub hrefs: Vec<String>,
    /// The stretch of time that a query is limited to.
    pub within: Option<Span>,
    /// The answer.
    pub answer: Vec<u8>,
}

/// Reads a body in each of the ways in which one is read: as a question for properties, as one for addresses, as a query at
/// a moment, as a change of properties. None where it is refused.
#[must_use]
pub fn rehearse(body: &[u8], now: Instant) -> Option<Rehearsal> {
    let request = xml::read(body).ok()?;
    let wanted = Wanted::of(request.as_ref());
    let places = [Place::Root, Place::Own, Place::Calendar(Collection::Held)];
    let mut all: Vec<Said> =
        places.iter().map(|place| said(place, LOGIN, &wanted, Known::default())).collect();
    let mut names = match wanted {
        Wanted::These(names) => names,
        Wanted::Usual | Wanted::Names => Vec::new(),
    };
    let mut within = None;
    if let Some(request) = &request {
        within = filter(request, now).ok()?.within;
        for href in hrefs(request).ok()? {
            let told = match Place::of(path_of(href), LOGIN) {
                Some(place) => said(&place, LOGIN, &Wanted::Names, Known::default()).told,
                None => Told::Gone,
            };
            all.push(Said { href: href.to_owned(), told });
        }
        let changed = to_be_changed(request);
        names.extend(changed.iter().cloned());
        all.push(Said { href: Place::Own.href(LOGIN), told: Told::Unchangeable(changed) });
    }
    Some(Rehearsal {
        names: names.into_iter().map(|name| (name.space, name.local)).collect(),
        hrefs: all.iter().map(|said| said.href.clone()).collect(),
        within,
        answer: written(all),
    })
}
