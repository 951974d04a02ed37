//! Keys that open nothing: unknown, forged, cut off, of another kind, ended, used, rotated and too old ones are answered
//! alike to the byte, in the language that the browser asks for. That their time tells nothing either is by construction:
//! a link costs one row and one tag, compared in constant time, whether or not there is such a row; a cookie, a password
//! and a code are looked up by a hash of what was brought, so that nobody learns how much of it was right.

use super::ask::{Answer, Asked, Hand, Knock};
use super::town::{Town, of};
use crate::harness::engines::TestDatabase;
use crate::harness::person::SignedIn;

/// A kind of link: its doors with what is sent to them, and the good secret.
type Kind = (&'static str, &'static [(&'static str, &'static str, &'static str)]);

const FORM: &str = "application/x-www-form-urlencoded";
/// Every kind of link.
const KINDS: &[Kind] = &[
    (
        "ben",
        &[
            ("GET", "/v/{}", ""),
            ("GET", "/v/{}/times", ""),
            ("GET", "/v/{}/time.ics", ""),
            ("GET", "/v/{}/reminders", ""),
            ("POST", "/v/{}/opt-out", "entry=keep"),
            ("POST", "/v/{}/come-back", "back=yes"),
            ("POST", "/v/{}/letters", "letters=1&none=on"),
            ("POST", "/v/{}/times", "seat=aaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("POST", "/v/{}/move-back", "back=yes"),
            ("POST", "/v/{}/preferences", "language=&gender=&way="),
            ("POST", "/v/{}/way", "way=phone"),
            ("POST", "/v/{}/language", "language=en"),
            ("POST", "/v/{}/address", "address=ben%40home.example"),
            ("POST", "/v/{}/roster-address", "address=roster"),
            ("POST", "/v/{}/survey", "survey=yes"),
        ],
    ),
    (
        "unsubscribe",
        &[("GET", "/v/{}/reminders", ""), ("POST", "/v/{}/reminders", "List-Unsubscribe=One-Click")],
    ),
    ("question", &[("GET", "/v/{}/answer", ""), ("POST", "/v/{}/answer", "answer=yes")]),
    ("at-home", &[("GET", "/v/{}/new-address", ""), ("POST", "/v/{}/new-address", "address=yes")]),
    ("code", &[("GET", "/survey/{}", ""), ("POST", "/survey/{}", "again=5")]),
    ("feed", &[("GET", "/feed/{}.ics", "")]),
    ("coverage", &[("GET", "/coverage/{}.ics", "")]),
    ("way-in", &[("POST", "/sign-in/{}", "mine=yes")]),
];
/// After the last of all links has ended, but for feeds, which are for ten years.
const LATE: &str = "2038-01-01T12:00:00Z";

/// The same with one letter changed.
fn bent(secret: &str, at: usize) -> String {
    let mut letters: Vec<char> = secret.chars().collect();
    letters[at] = if letters[at] == 'a' { 'b' } else { 'a' };
    letters.into_iter().collect()
}

/// Secrets that open nothing, made of a good one and of the others.
fn dead(secret: &str, others: &[String]) -> Vec<String> {
    let end = secret.len() - 2;
    let mut dead = vec![bent(secret, 0), bent(secret, secret.len() / 2 + 2), bent(secret, end)];
    dead.extend([secret[..end].to_owned(), format!("{secret}a"), secret.repeat(2), secret.repeat(40)]);
    dead.extend(["a", "%00", "%ff", "..%2f..", "a%20b", "null", "%F0%9F%94%91"].map(str::to_owned));
    dead.extend(others.iter().filter(|other| *other != secret).cloned());
    dead
}

fn knock(door: &(&str, &str, &str), secret: &str, language: &str) -> Knock {
    let (method, at, form) = door;
    let mut knock = Knock::bare(method, &at.replace("{}", secret)).with(FORM, form);
    knock.headers.push(("accept-language", language.to_owned()));
    knock
}

async fn asks(asked: &mut Asked, door: &(&str, &str, &str), secret: &str, language: &str) -> Answer {
    asked.answers(&knock(door, secret, language), &Hand::default()).await
}

#[tokio::test]
async fn links_that_open_nothing_are_one_page_to_the_byte_until_the_last_of_them_has_ended() {
    let db = TestDatabase::sqlite();
    let town = Town::on(&db).await;
    let mut asked = Asked::of(&town.house.desk);
    let secrets: Vec<String> =
        KINDS.iter().map(|(name, _)| town.names[name].trim_end_matches(".ics").to_owned()).collect();
    let nowhere = ("GET", "/nowhere/{}", "");
    let mut compared = 0;
    for language in ["en", "es"] {
        let nothing = asks(&mut asked, &nowhere, "a", language).await;
        assert_eq!(nothing.status, 404);
        for ((_, doors), secret) in KINDS.iter().zip(&secrets) {
            for door in *doors {
                for key in dead(secret, &secrets) {
                    // The link of a booking opens its reminders too, and each its own.
                    if door.1 == "/v/{}/reminders" && secrets[..2].contains(&key) {
                        continue;
                    }
                    let answer = asks(&mut asked, door, &key, language).await;
                    assert_eq!(answer, nothing, "{door:?} with {key}");
                    compared += 1;
                }
            }
        }
    }
    // Used, and rotated.
    let way_in = ("POST", "/sign-in/{}", "mine=yes");
    assert_eq!(asks(&mut asked, &way_in, &town.names["way-in"], "en").await.status, 303);
    let tess = SignedIn::with(&town.house, &of(&town.knockers, "Tess, signed in").cookie.unwrap());
    assert_eq!(tess.sends("/agenda/feed", &[]).await.status, 303);
    let cory = SignedIn::with(&town.house, &of(&town.knockers, "Cory, signed in").cookie.unwrap());
    assert_eq!(cory.sends("/program/IM/coverage/feed", &[]).await.status, 303);
    let nothing = asks(&mut asked, &nowhere, "a", "en").await;
    for door in [way_in, ("GET", "/feed/{}.ics", ""), ("GET", "/coverage/{}.ics", "")] {
        let name = KINDS.iter().position(|(_, doors)| doors[0] == door).unwrap();
        assert_eq!(asks(&mut asked, &door, &secrets[name], "en").await, nothing, "{door:?}, used or rotated");
    }
    // Too old.
    town.house.clock.set(LATE.parse().unwrap());
    for ((_, doors), secret) in KINDS.iter().zip(&secrets) {
        for door in *doors {
            assert_eq!(asks(&mut asked, door, secret, "en").await, nothing, "{door:?}, too old");
            compared += 1;
        }
    }
    assert!(compared > 900, "only {compared} were compared");
}

#[tokio::test]
async fn keys_that_open_nothing_are_answered_like_no_key_at_all() {
    let db = TestDatabase::sqlite();
    let town = Town::on(&db).await;
    let mut asked = Asked::of(&town.house.desk);
    let (cookie, token) = (of(&town.knockers, "Tess, signed in"), of(&town.knockers, "Tess, by token"));
    let password = of(&town.knockers, "Tess, by password");
    let (login, secret) = password.basic.clone().unwrap();
    let mut doors = vec![
        (Knock::bare("GET", "/agenda"), cookie.clone()),
        (Knock::bare("GET", "/api/v1/me"), token.clone()),
        (Knock::bare("PROPFIND", &format!("/dav/{login}/")), password.clone()),
    ];
    let strangers: Vec<Hand> =
        town.knockers.iter().filter(|one| one.column == 0).map(|one| one.hand.clone()).collect();
    for late in [false, true] {
        if late {
            town.house.clock.set(LATE.parse().unwrap());
            // A password lasts until it is ended; tokens and sessions do not.
            doors.truncate(2);
        }
        for (knock, good) in &doors {
            let nobody = asked.answers(knock, &Hand::default()).await;
            let opens = asked.answers(knock, good).await.status < 300;
            assert_eq!(opens, !late, "{}", knock.at);
            let mut hands = strangers.clone();
            let text = |hand: &Option<String>| hand.clone().unwrap_or_default();
            let (kept, bearer) = (text(&good.cookie), text(&good.bearer));
            for text in ["", "a", "%00", "é", &"a".repeat(5_000)] {
                let cookie = (!text.contains('é')).then(|| format!("__Host-holdspace={text}"));
                hands.push(Hand { cookie, ..Hand::default() });
                hands.push(Hand { bearer: Some(text.to_owned()), ..Hand::default() });
                hands.push(Hand { basic: Some((login.clone(), text.to_owned())), ..Hand::default() });
                hands.push(Hand { basic: Some((text.to_owned(), secret.clone())), ..Hand::default() });
            }
            if !kept.is_empty() {
                hands.push(Hand { cookie: Some(bent(&kept, kept.len() - 3)), ..Hand::default() });
                hands.push(Hand { cookie: Some(kept.replace("__Host-", "")), ..Hand::default() });
            }
            if !bearer.is_empty() {
                hands.push(Hand { bearer: Some(bent(&bearer, bearer.len() - 3)), ..Hand::default() });
                hands.push(Hand { bearer: Some(bent(&bearer, 0)), ..Hand::default() });
            }
            hands.extend(late.then(|| good.clone()));
            for hand in hands {
                assert_eq!(asked.answers(knock, &hand).await, nobody, "{} with {hand:?}", knock.at);
            }
        }
    }
}
