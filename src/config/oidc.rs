//! The settings of the institution's own sign-in: all four, or none. Never asks the provider.

use secrecy::SecretString;
use url::Url;

use super::written::{Layers, Setting};
use super::{ConfigRefusal, is_loopback, line};

/// The institution's own sign-in. Printing it shows no secret.
#[derive(Debug, Clone)]
pub struct Oidc {
    /// Who issues its tokens, exactly as the provider writes it: https, or this machine.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    /// What proves that.
    pub client_secret: SecretString,
    /// What the button says.
    pub label: String,
}

const SETTINGS: [Setting; 4] =
    [Setting::OidcIssuer, Setting::OidcClientId, Setting::OidcClientSecret, Setting::OidcLabel];

pub(super) fn oidc(layers: &Layers) -> Result<Option<Oidc>, ConfigRefusal> {
    let (given, missing): (Vec<_>, Vec<_>) =
        SETTINGS.into_iter().partition(|setting| layers.secret(*setting).is_some());
    let Some(first) = given.first().filter(|_| !missing.is_empty()) else { return whole(layers) };
    let missing: Vec<&str> = missing.into_iter().map(Setting::key).collect();
    let problem =
        format!("{} missing beside it; give all four settings of the sign-in, or none", missing.join(", "));
    Err(layers.refuse(*first, problem))
}

fn whole(layers: &Layers) -> Result<Option<Oidc>, ConfigRefusal> {
    let (issuer, client_id) = (issuer(layers)?, line(layers, Setting::OidcClientId)?);
    let both = layers.secret(Setting::OidcClientSecret).zip(line(layers, Setting::OidcLabel)?);
    Ok(issuer.zip(client_id).zip(both).map(|((issuer, client_id), (client_secret, label))| Oidc {
        issuer,
        client_id,
        client_secret,
        label,
    }))
}

fn issuer(layers: &Layers) -> Result<Option<String>, ConfigRefusal> {
    const SETTING: Setting = Setting::OidcIssuer;
    let Some(text) = layers.text(SETTING) else { return Ok(None) };
    let refuse = |problem: &str| Err(layers.refuse(SETTING, problem));
    let Ok(url) = Url::parse(&text) else {
        return refuse(
            "not an address; give the issuer as the provider writes it, such as https://login.hospital.org",
        );
    };
    let private = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !private {
        return refuse("must begin with https://");
    }
    let bare = url.username().is_empty() && url.password().is_none();
    if !bare || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
        return refuse("give scheme, host and path only, without user, ? or #");
    }
    Ok(Some(text))
}
