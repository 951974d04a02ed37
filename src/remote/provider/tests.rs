//! What a provider says of itself, held against the settings. Never asks one.

use super::*;

const ISSUER: &str = "https://login.example.org/t";

fn judged(change: impl Fn(&mut Written)) -> Result<Known, Problem> {
    let redirect = "https://holdspace.example.org/sign-in/back".to_owned();
    let provider = Provider::new(ISSUER, "holdspace", "a:b secret".into(), redirect).unwrap();
    let mut written = Written {
        issuer: ISSUER.to_owned(),
        authorization_endpoint: "https://login.example.org/authorize".to_owned(),
        token_endpoint: "https://tokens.example.org/token".to_owned(),
        jwks_uri: "https://tokens.example.org/keys".to_owned(),
        userinfo_endpoint: None,
        token_endpoint_auth_methods_supported: None,
        code_challenge_methods_supported: None,
    };
    change(&mut written);
    provider.judged(&written)
}

#[test]
fn a_provider_that_is_not_the_one_of_the_settings_is_refused() {
    assert!(judged(|_| ()).is_ok());
    assert_eq!(judged(|w| w.issuer.push('/')).unwrap_err(), Problem::OtherIssuer);
    let elsewhere = |w: &mut Written| w.authorization_endpoint = "https://example.org/a".to_owned();
    assert_eq!(judged(elsewhere).unwrap_err(), Problem::OtherHost);
    let plain = |w: &mut Written| w.code_challenge_methods_supported = Some(vec!["plain".to_owned()]);
    assert_eq!(judged(plain).unwrap_err(), Problem::Unable);
}

#[test]
fn a_secret_goes_into_the_header_unless_the_provider_wants_it_in_the_form() {
    assert!(!judged(|_| ()).unwrap().secret_in_form);
    let form = vec!["client_secret_post".to_owned()];
    let known = judged(|w| w.token_endpoint_auth_methods_supported = Some(form.clone())).unwrap();
    assert!(known.secret_in_form);
    let keys = vec!["private_key_jwt".to_owned()];
    let refused = judged(|w| w.token_endpoint_auth_methods_supported = Some(keys.clone()));
    assert_eq!(refused.unwrap_err(), Problem::Unable);
    let provider = Provider::new(ISSUER, "hold:space", "a b".into(), String::new()).unwrap();
    let header = provider.credentials().unwrap();
    assert_eq!(header.to_str().unwrap(), format!("Basic {}", BASE64.encode(b"hold%3Aspace:a+b")));
}
