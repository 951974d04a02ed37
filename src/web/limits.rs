//! How often one may come: whoever sends requests, and whoever holds one link. It keeps out floods, not people: a
//! hospital behind one address must not notice it. Never keeps an address or a token longer than the flood lasts, and
//! never logs one.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;

use super::WebState;
use super::dav;
use super::refusal::Refusal;

/// Requests of one peer: so many at once, and so many a second on and on. A whole hospital may be one peer.
const PEER: (u32, u32) = (1_200, 60);
/// Requests with one link: somebody who presses and reloads a lot, and calendar programs that ask for a feed.
const LINK: (u32, u32) = (120, 4);
/// Sign-ins begun by one peer, by letter or through a provider.
const SIGN_IN: (u32, u32) = (40, 1);
/// Requests with the user name of one therapist: several calendar programs, each with many small questions at once.
const ACCOUNT: (u32, u32) = (300, 10);
/// Wrong passwords of one peer.
const WRONG: (u32, u32) = (40, 1);
/// After so many requests, peers and links are forgotten that did not come lately.
const FORGET_EVERY: u32 = 4_096;
/// The header in which a proxy says for whom it asks. The last entry was written by the proxy nearest to us.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// What is counted, and by whom requests may be passed on.
pub struct Limits {
    peers: DefaultKeyedRateLimiter<IpAddr>,
    links: DefaultKeyedRateLimiter<u64>,
    sign_ins: DefaultKeyedRateLimiter<IpAddr>,
    accounts: DefaultKeyedRateLimiter<u64>,
    wrong: DefaultKeyedRateLimiter<IpAddr>,
    /// Tokens are counted by a hash that differs from start to start.
    hasher: RandomState,
    requests: AtomicU32,
    proxies: Vec<IpNet>,
}

impl Limits {
    /// Limits that nothing has been counted against. `proxies` are believed when they say for whom they ask.
    pub fn new(proxies: Vec<IpNet>) -> Self {
        Self {
            peers: RateLimiter::keyed(quota(PEER)),
            links: RateLimiter::keyed(quota(LINK)),
            sign_ins: RateLimiter::keyed(quota(SIGN_IN)),
            accounts: RateLimiter::keyed(quota(ACCOUNT)),
            wrong: RateLimiter::keyed(quota(WRONG)),
            hasher: RandomState::new(),
            requests: AtomicU32::new(0),
            proxies,
        }
    }

    /// Counts a request; answers for how many seconds its sender should stay away, if it came too often.
    fn too_often(&self, request: &Request) -> Option<u64> {
        self.forget();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(peer)| whole(client(peer.ip(), request.headers(), &self.proxies)));
        let path = request.uri().path();
        let asks_in = matches!(path, "/sign-in" | "/sign-in/provider") && *request.method() == Method::POST;
        // Somebody without an address, as behind a socket file, is held back by links alone.
        let by_peer = peer.and_then(|peer| wait(&self.peers, &peer));
        let by_link = || token(path).and_then(|token| wait(&self.links, &self.hasher.hash_one(token)));
        let by_door = || peer.filter(|_| asks_in).and_then(|peer| wait(&self.sign_ins, &peer));
        let by_account = || {
            let login = dav::login(request.headers()).filter(|_| dav::is_here(path))?;
            wait(&self.accounts, &self.hasher.hash_one(login))
        };
        by_peer.or_else(by_link).or_else(by_door).or_else(by_account)
    }

    /// Counts a wrong password; answers for how many seconds whoever sent it should stay away, if there were too many.
    pub fn was_wrong(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<u64> {
        wait(&self.wrong, &whole(client(peer?, headers, &self.proxies)))
    }

    fn forget(&self) {
        if self.requests.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET_EVERY) {
            self.peers.retain_recent();
            self.links.retain_recent();
            self.sign_ins.retain_recent();
            self.accounts.retain_recent();
            self.wrong.retain_recent();
        }
    }
}

fn quota((at_once, a_second): (u32, u32)) -> Quota {
    let (at_once, a_second) = (NonZeroU32::new(at_once), NonZeroU32::new(a_second));
    Quota::per_second(a_second.unwrap_or(NonZeroU32::MIN)).allow_burst(at_once.unwrap_or(NonZeroU32::MIN))
}

/// Seconds to wait, if this one comes too early.
fn wait<K: Clone + Eq + std::hash::Hash>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Option<u64> {
    let early = limiter.check_key(key).err()?;
    Some(early.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
}

/// The token of a link: the part of the address after `/v/`, `/survey/`, `/feed/`, `/coverage/` or `/sign-in/`.
fn token(path: &str) -> Option<&str> {
    let rest = ["/v/", "/survey/", "/feed/", "/coverage/", "/sign-in/"]
        .iter()
        .find_map(|begin| path.strip_prefix(begin))?;
    // Pages of signing in that are everybody's, not somebody's link.
    let shared = |token: &&str| matches!(*token, "provider" | "back" | "choice");
    rest.split(['/', '.']).next().filter(|token| !shared(token))
}

/// For whom a request is made: the peer, or whom a trusted proxy names. What stands before the first address that is not
/// a trusted proxy's may have been written by anybody, and is not believed.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let trusted = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
    if !trusted(&peer) {
        return peer;
    }
    let texts = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<&str> = texts.flat_map(|text| text.split(',')).map(str::trim).collect();
    let mut nearest = peer;
    for text in named.into_iter().rev() {
        let Ok(address) = text.parse::<IpAddr>() else { break };
        nearest = address.to_canonical();
        if !trusted(&nearest) {
            break;
        }
    }
    nearest
}

/// The one who is counted: of IPv6 the network of a household, within which anybody has as many addresses as they like.
fn whole(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

/// Answers whoever comes too often with when to come again, before anything is read.
pub async fn held_back(State(state): State<WebState>, request: Request, next: Next) -> Response {
    match state.limits.too_often(&request) {
        None => next.run(request).await,
        Some(seconds) => Refusal::too_often(seconds).into_response(),
    }
}

/// Shared by all requests of a process.
pub type SharedLimits = Arc<Limits>;

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &'static str) -> HeaderMap {
        [(axum::http::HeaderName::from_static(FORWARDED_FOR), text.parse().unwrap())].into_iter().collect()
    }

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_a_trusted_proxy_says_for_whom_it_asks() {
        let headers = named("198.51.100.7");
        let proxies = ["127.0.0.0/8".parse().unwrap()];
        assert_eq!(client(at("127.0.0.1"), &headers, &proxies), at("198.51.100.7"));
        assert_eq!(client(at("203.0.113.5"), &headers, &proxies), at("203.0.113.5"));
        assert_eq!(client(at("127.0.0.1"), &headers, &[]), at("127.0.0.1"));
    }

    #[test]
    fn what_somebody_wrote_before_the_proxy_is_not_believed() {
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        let headers = named("1.2.3.4, 198.51.100.7, 10.0.0.9");
        assert_eq!(client(at("10.0.0.1"), &headers, &proxies), at("198.51.100.7"));
        assert_eq!(client(at("10.0.0.1"), &named("nonsense"), &proxies), at("10.0.0.1"));
        assert_eq!(client(at("10.0.0.1"), &HeaderMap::new(), &proxies), at("10.0.0.1"));
    }

    #[test]
    fn a_household_counts_as_one_and_an_old_address_in_new_dress_too() {
        assert_eq!(whole(at("2001:db8:1:2:3:4:5:6")), whole(at("2001:db8:1:2::1")));
        assert_ne!(whole(at("2001:db8:1:2::1")), whole(at("2001:db8:1:3::1")));
        assert_eq!(whole(at("::ffff:192.0.2.1")), at("192.0.2.1"));
    }

    #[test]
    fn a_link_is_counted_whatever_is_done_with_it() {
        assert_eq!(token("/v/abc/opt-out"), Some("abc"));
        assert_eq!(token("/survey/abc"), Some("abc"));
        assert_eq!(token("/feed/abc.ics"), Some("abc"));
        assert_eq!(token("/overview"), None);
        assert_eq!(token("/sign-in/back"), None, "everybody comes back there");
    }

    #[test]
    fn who_comes_too_often_is_told_when_to_come_again() {
        let limits = Limits::new(Vec::new());
        let ask = || Request::builder().uri("/v/abc").body(axum::body::Body::empty()).unwrap();
        let (at_once, _) = LINK;
        for _ in 0..at_once {
            assert_eq!(limits.too_often(&ask()), None);
        }
        let other = Request::builder().uri("/v/other").body(axum::body::Body::empty()).unwrap();
        assert_eq!(limits.too_often(&other), None, "another link is another person");
        // A token comes back every quarter of a second, so one more may slip through on a slow machine.
        let told = (0..4).find_map(|_| limits.too_often(&ask()));
        assert_eq!(told, Some(1));
    }

    fn from(peer: &str, method: Method, path: &str) -> Request {
        let peer: SocketAddr = format!("{peer}:4000").parse().unwrap();
        let request = Request::builder().method(method).uri(path).extension(ConnectInfo(peer));
        request.body(axum::body::Body::empty()).unwrap()
    }

    #[test]
    fn who_asks_for_one_sign_in_letter_after_another_is_held_back_and_who_looks_at_the_page_is_not() {
        let limits = Limits::new(Vec::new());
        let (at_once, _) = SIGN_IN;
        let ask = |peer| limits.too_often(&from(peer, Method::POST, "/sign-in"));
        for _ in 0..at_once {
            assert_eq!(ask("192.0.2.1"), None);
        }
        // One comes back every second, so a few more may slip through on a slow machine.
        assert_eq!((0..20).find_map(|_| ask("192.0.2.1")), Some(1));
        assert_eq!(ask("192.0.2.2"), None, "another hospital");
        for _ in 0..2 * at_once {
            assert_eq!(limits.too_often(&from("192.0.2.3", Method::GET, "/sign-in")), None);
            assert_eq!(limits.too_often(&from("192.0.2.3", Method::POST, "/sign-out")), None);
        }
    }

    #[test]
    fn who_guesses_passwords_is_held_back_and_only_they() {
        let limits = Limits::new(Vec::new());
        let (at_once, _) = WRONG;
        let guess = |peer| limits.was_wrong(Some(at(peer)), &HeaderMap::new());
        for _ in 0..at_once {
            assert_eq!(guess("192.0.2.1"), None);
        }
        assert_eq!((0..20).find_map(|_| guess("192.0.2.1")), Some(1));
        assert_eq!(guess("192.0.2.2"), None);
    }

    #[test]
    fn whose_requests_are_long_over_is_forgotten() {
        let limits = Limits::new(Vec::new());
        assert_eq!(limits.too_often(&from("192.0.2.1", Method::GET, "/v/abc")), None);
        assert_eq!((limits.peers.len(), limits.links.len()), (1, 1));
        // Twice as long as one request of a link counts, and a little longer.
        std::thread::sleep(std::time::Duration::from_millis(600));
        limits.requests.store(FORGET_EVERY, Ordering::Relaxed);
        assert_eq!(limits.too_often(&from("192.0.2.2", Method::GET, "/overview")), None);
        assert_eq!((limits.peers.len(), limits.links.len()), (1, 0));
    }
}
