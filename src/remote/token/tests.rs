//! Tokens that keys of our own signed, right but for one thing. Never asks a provider.

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;

use super::*;

const ISSUER: &str = "https://login.example.org/tenant";
const NOW: i64 = 1_800_000_000;

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn published(seed: u8) -> Jwk {
    let x = BASE64URL_NOPAD.encode(pair(seed).public_key().as_ref());
    serde_json::from_value(json!({ "kty": "OKP", "crv": "Ed25519", "kid": "a", "use": "sig", "x": x }))
        .unwrap()
}

fn signed_as(header: &Value, claims: &Value, seed: u8) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = BASE64URL_NOPAD.encode(pair(seed).sign(message.as_bytes()).as_ref());
    format!("{message}.{signature}")
}

fn right() -> Value {
    json!({
        "iss": ISSUER, "aud": "holdspace", "sub": "1", "exp": NOW + 300, "iat": NOW, "nonce": "n",
        "email": "dana@example.edu", "email_verified": true,
    })
}

/// What becomes of the right token with some claims changed; `null` takes a claim away.
fn with(changes: Value) -> Result<String, Flaw> {
    with_issuer(ISSUER, changes)
}

fn with_issuer(issuer: &str, changes: Value) -> Result<String, Flaw> {
    let mut claims = right();
    claims["iss"] = issuer.into();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    held(&signed_as(&json!({ "alg": "EdDSA", "kid": "a" }), &claims, 1), issuer)
}

fn held(token: &str, issuer: &str) -> Result<String, Flaw> {
    let expected = Expected { issuer, client_id: "holdspace", nonce: "n", now: NOW };
    person(token, &[published(1)], &expected)?.address(issuer)
}

#[test]
fn a_token_that_says_what_it_must_gives_the_address() {
    assert_eq!(with(json!({})).as_deref(), Ok("dana@example.edu"));
    assert_eq!(with(json!({ "aud": ["holdspace"] })).as_deref(), Ok("dana@example.edu"));
    assert_eq!(
        with(json!({ "aud": ["holdspace", "x"], "azp": "holdspace" })).as_deref(),
        Ok("dana@example.edu")
    );
}

#[test]
fn a_token_of_or_for_somebody_else_is_refused() {
    assert_eq!(with(json!({ "iss": "https://login.example.org/other" })), Err(Flaw::Issuer));
    assert_eq!(with(json!({ "iss": null })), Err(Flaw::Unreadable));
    assert_eq!(with(json!({ "aud": "another" })), Err(Flaw::Audience));
    assert_eq!(with(json!({ "aud": ["another", "third"] })), Err(Flaw::Audience));
    assert_eq!(with(json!({ "aud": ["holdspace", "another"] })), Err(Flaw::Audience));
    assert_eq!(with(json!({ "azp": "another" })), Err(Flaw::Audience));
}

#[test]
fn a_token_of_another_sign_in_is_refused() {
    assert_eq!(with(json!({ "nonce": "m" })), Err(Flaw::Nonce));
    assert_eq!(with(json!({ "nonce": null })), Err(Flaw::Nonce));
}

#[test]
fn a_token_past_its_end_or_from_the_future_is_refused() {
    assert_eq!(with(json!({ "exp": NOW - LEEWAY })), Err(Flaw::Time));
    assert_eq!(with(json!({ "iat": NOW + LEEWAY + 1 })), Err(Flaw::Time));
    assert!(with(json!({ "exp": NOW - LEEWAY + 1 })).is_ok());
    assert_eq!(with(json!({ "exp": null })), Err(Flaw::Unreadable));
}

#[test]
fn an_address_that_the_provider_does_not_vouch_for_is_refused() {
    assert_eq!(with(json!({ "email_verified": false })), Err(Flaw::Unverified));
    assert_eq!(with(json!({ "email_verified": null })), Err(Flaw::Unverified));
    assert_eq!(with(json!({ "email": null })), Err(Flaw::NoAddress));
    assert!(with(json!({ "email_verified": "true" })).is_ok());
}

#[test]
fn what_a_provider_says_when_asked_must_be_about_the_same_person() {
    let said = |sub: &str, email: Value| {
        let claims = json!({ "sub": sub, "email": email, "email_verified": true });
        serde_json::from_value::<Said>(claims).unwrap()
    };
    let token = || said("1", Value::Null);
    assert!(token().lacks_address());
    let same = token().completed_by(said("1", "a@example.org".into())).unwrap();
    assert_eq!(same.address(ISSUER).as_deref(), Ok("a@example.org"));
    assert_eq!(token().completed_by(said("2", "a@example.org".into())).unwrap_err(), Flaw::Subject);
}

#[test]
fn the_word_of_entra_id_counts_from_entra_id_alone() {
    let edov = json!({ "email_verified": null, "xms_edov": true });
    assert_eq!(with(edov.clone()), Err(Flaw::Unverified));
    let entra = "https://login.microsoftonline.com/7d5c/v2.0";
    assert_eq!(with_issuer(entra, edov).as_deref(), Ok("dana@example.edu"));
    assert_eq!(with_issuer(entra, json!({ "email_verified": null })), Err(Flaw::Unverified));
}

#[test]
fn a_token_that_the_provider_did_not_sign_is_refused() {
    let header = json!({ "alg": "EdDSA", "kid": "a" });
    assert_eq!(held(&signed_as(&header, &right(), 2), ISSUER), Err(Flaw::Signature));
    let other = json!({ "alg": "EdDSA", "kid": "b" });
    assert_eq!(held(&signed_as(&other, &right(), 1), ISSUER), Err(Flaw::Signature));
    let unnamed = json!({ "alg": "EdDSA" });
    assert!(held(&signed_as(&unnamed, &right(), 1), ISSUER).is_ok());
    // A changed claim under the old signature.
    let token = signed_as(&header, &right(), 1);
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims = right();
    claims["email"] = "mallory@example.edu".into();
    let forged = BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
    assert_eq!(held(&format!("{}.{forged}.{}", parts[0], parts[2]), ISSUER), Err(Flaw::Signature));
}

#[test]
fn a_token_without_a_signature_or_under_a_shared_secret_is_refused() {
    for algorithm in ["HS256", "none", "ES256", "RS256"] {
        let token = signed_as(&json!({ "alg": algorithm, "kid": "a" }), &right(), 1);
        assert!(matches!(held(&token, ISSUER), Err(Flaw::Signature | Flaw::Unreadable)), "{algorithm}");
    }
    for token in ["", "a.b", "a.b.c", &"x".repeat(MAX_TOKEN + 1)] {
        assert_eq!(held(token, ISSUER), Err(Flaw::Unreadable));
    }
}
