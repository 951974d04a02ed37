//! Who is counted: somebody who writes into a request that they are somebody else is counted as who they are, and those who
//! come through a proxy that is trusted are counted one by one.

use std::net::SocketAddr;

use futures_util::future::join_all;
use holdspace::web::listen::{self, Patience};
use holdspace::web::{WebState, router};
use reqwest::Client;
use tokio::net::TcpListener;

use crate::harness::engines::TestDatabase;
use crate::harness::house::House;

/// More than one peer may ask at once, and on and on meanwhile, though the machine be busy.
const FLOOD: usize = 6_000;
/// So many ask at the same time.
const AT_ONCE: usize = 40;
/// Fewer than a peer may ask at once who was not counted before.
const FEW: usize = 800;

struct Door {
    address: SocketAddr,
    client: Client,
}

impl Door {
    async fn of(house: &House, proxies: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxies = proxies.iter().map(|net| net.parse().unwrap()).collect();
        let routes = router(WebState::new(house.desk.clone()).behind(proxies));
        tokio::spawn(listen::serve(listener, routes, Patience::default(), std::future::pending()));
        Self { address, client: Client::new() }
    }

    async fn asks(&self, headers: &[(&str, String)]) -> u16 {
        let request = self.client.get(format!("http://{}/robots.txt", self.address));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        request.send().await.unwrap().status().as_u16()
    }

    /// Asks up to so often, many at a time, until somebody is held back; whether anybody was.
    async fn is_held_back(
        &self,
        most: usize,
        headers: impl Fn(usize) -> Vec<(&'static str, String)>,
    ) -> bool {
        let headers = &headers;
        for begin in (0..most).step_by(AT_ONCE) {
            let asked = (begin..begin + AT_ONCE).map(|n| async move { self.asks(&headers(n)).await });
            if join_all(asked).await.contains(&429) {
                return true;
            }
        }
        false
    }
}

fn other(n: usize) -> String {
    format!("198.51.{}.{}", n / 250, n % 250 + 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_claims_to_be_others_is_counted_as_one() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let bare = Door::of(&house, &[]).await;
    let forged = |n| {
        let all = ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip", "true-client-ip"];
        all.map(|name| (name, if name == "forwarded" { format!("for={}", other(n)) } else { other(n) }))
            .to_vec()
    };
    assert!(
        bare.is_held_back(FLOOD, forged).await,
        "nobody stands before us: what they say of themselves is nothing"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_proxy_each_is_counted_alone_whatever_they_wrote_before_it() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let behind = Door::of(&house, &["127.0.0.0/8"]).await;
    // The proxy adds what it saw to what they wrote themselves.
    let forged = |n| vec![("x-forwarded-for", format!("{}, 203.0.113.9", other(n)))];
    assert!(behind.is_held_back(FLOOD, forged).await);
    // They may ask again soon, but not as often as somebody who is counted for the first time.
    let in_two = |n| vec![("x-forwarded-for", other(n)), ("x-forwarded-for", "203.0.113.9".to_owned())];
    assert!(behind.is_held_back(FEW, in_two).await, "in two lines as in one");
    let somebody_else = [("x-forwarded-for", "203.0.113.10".to_owned())];
    assert_eq!(behind.asks(&somebody_else).await, 200);
}
