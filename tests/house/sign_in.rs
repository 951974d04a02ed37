//! The institution's own sign-in, through a real provider on this machine: who comes in, who stays outside, and that the
//! answer to everybody who stays outside is the same.

mod browser;
mod outside;

use std::sync::Arc;

use holdspace::cli::provider::Institution;
use holdspace::clock::{Clock, SystemClock};
use holdspace::remote::provider as remote;
use holdspace::web::{WebState, router};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, redirect};
use tokio::task::JoinHandle;
use url::Url;

use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, Page};
use crate::harness::provider::{CLIENT, Provider, SECRET, Says};

/// Holds visits in the small town.
const THERAPIST: &str = "mxiong@counseling.example.org";
/// What the button says.
const BUTTON: &str = "Sign in with Example Health";

/// A house that is entered through a provider.
struct Door {
    house: House,
    url: String,
    provider: Provider,
    serving: JoinHandle<()>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What somebody has who comes back from the provider.
#[derive(Clone)]
struct Returning {
    /// Where the provider sends them.
    back: Url,
    /// What their browser brings along.
    cookie: String,
}

impl Door {
    async fn on(db: &TestDatabase) -> Self {
        Self::whose_provider(db, 0, Says::InToken).await
    }

    /// The provider's clock is so many seconds ahead of the house's, and it says addresses there.
    async fn whose_provider(db: &TestDatabase, seconds: i64, says: Says) -> Self {
        let house = House::on(db).await;
        house.imports_the_sample_files().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let redirect = format!("{url}/sign-in/back");
        let ahead = (house.now() - SystemClock.now()).num_seconds() + seconds;
        let provider = Provider::start(&redirect, ahead, says);
        let asked = remote::Provider::new(&provider.issuer, CLIENT, SECRET.into(), redirect).unwrap();
        let state = WebState::new(house.desk.clone());
        let routes = router(state.with_provider(Some(Arc::new(Institution::new(BUTTON, asked)))));
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { house, url, provider, serving }
    }

    fn client() -> Client {
        Client::builder().redirect(redirect::Policy::none()).cookie_store(true).build().unwrap()
    }

    /// Presses the button: where it leads, and the cookie.
    async fn sets_out(&self) -> Returning {
        let press = Self::client().post(format!("{}/sign-in/provider", self.url));
        let answer = press.header("sec-fetch-site", "same-origin").send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
        let back = answer.headers()[LOCATION].to_str().unwrap().parse().unwrap();
        Returning { back, cookie }
    }

    /// Signs in at the provider with an address, as far as its answer.
    async fn comes_from_the_provider(&self, login: &str) -> Returning {
        let setting_out = self.sets_out().await;
        let cookie = setting_out.cookie.split(';').next().unwrap().to_owned();
        let (client, mut url) = (Self::client(), setting_out.back);
        for _ in 0..6 {
            let request = match url.path().starts_with("/login/") {
                true => client.post(url.clone()).form(&[("login", login)]),
                false => client.get(url.clone()),
            };
            let answer = request.send().await.unwrap();
            let location = answer.headers().get(LOCATION).expect("the provider leads on");
            url = url.join(location.to_str().unwrap()).unwrap();
            if url.as_str().starts_with(&self.url) {
                return Returning { back: url, cookie };
            }
        }
        panic!("the provider leads in circles: {url}");
    }

    /// Opens the address that the provider sent somebody to.
    async fn takes_back(&self, who: &Returning) -> Page {
        Page::of(Self::client().get(who.back.clone()).header(COOKIE, &who.cookie)).await
    }

    async fn signs_in(&self, login: &str) -> Page {
        self.takes_back(&self.comes_from_the_provider(login).await).await
    }
}

/// The value of a cookie that a page sets.
fn cookie_set(page: &Page, name: &str) -> Option<String> {
    let set = page.headers.iter().filter(|(header, _)| header == "set-cookie");
    let begin = format!("{name}=");
    set.map(|(_, value)| value.clone()).find(|value| value.starts_with(&begin))
}
