//! Puts the provider of sign-ins together for the pages, and looks at it for the doctor. Never says whom it lets in.

use std::sync::Arc;

use super::doctor::Finding;
use crate::config::Config;
use crate::desk::provider::Asked;
use crate::remote::provider::{self as remote, Problem, Way};
use crate::web::provider::{Answer, Back, Provider, SharedProvider, Trouble};

/// The provider as pages know it.
pub struct Institution {
    label: String,
    origin: String,
    provider: remote::Provider,
}

impl Institution {
    /// A provider, and what its button says.
    #[must_use]
    pub fn new(label: &str, provider: remote::Provider) -> Self {
        Self { label: label.to_owned(), origin: provider.origin(), provider }
    }
}

/// The one of the settings, if there is one.
///
/// # Errors
/// Where its issuer is no address, which the settings refuse already.
pub fn provider(config: &Config) -> Result<SharedProvider, Problem> {
    let Some(oidc) = &config.oidc else { return Ok(None) };
    Ok(Some(Arc::new(Institution::new(&oidc.label, asked(config, oidc)?))))
}

fn asked(config: &Config, oidc: &crate::config::Oidc) -> Result<remote::Provider, Problem> {
    let redirect = format!("{}/sign-in/back", config.public_url);
    remote::Provider::new(&oidc.issuer, &oidc.client_id, oidc.client_secret.clone(), redirect)
}

/// Whether the provider says of itself what the settings say; nothing where there is none.
pub async fn finding(config: &Config) -> Option<Finding> {
    const CHECK: &str = "sign-in";
    let oidc = config.oidc.as_ref()?;
    let looked = async { asked(config, oidc)?.check().await };
    Some(match looked.await {
        Ok(()) => Finding::ok(
            CHECK,
            format!("{} answers; register {}/sign-in/back there", oidc.issuer, config.public_url),
        ),
        Err(problem) => Finding::fail(
            CHECK,
            format!("{}: {problem}", oidc.issuer),
            "until then people sign in by mail; docs/sign-in.md says what to register where",
        ),
    })
}

fn told(problem: &Problem) -> Trouble {
    // Without it, nobody could find out why a provider lets nobody in. It names no person.
    tracing::warn!(%problem, "a sign-in through the provider did not go on");
    if problem.is_outage() { Trouble::Outage } else { Trouble::Refused }
}

impl Provider for Institution {
    fn label(&self) -> &str {
        &self.label
    }

    fn origin(&self) -> &str {
        &self.origin
    }

    fn door<'a>(&'a self, asked: &'a Asked) -> Answer<'a> {
        Box::pin(async move {
            let challenge = asked.challenge();
            let way = Way { state: &asked.state, nonce: &asked.nonce, challenge: &challenge };
            self.provider.door(way).await.map_err(|problem| told(&problem))
        })
    }

    fn address<'a>(&'a self, asked: &'a Asked, back: &'a Back, now: i64) -> Answer<'a> {
        Box::pin(async move {
            let issuer = back.iss.as_deref();
            let (verifier, nonce) = (asked.verifier.as_str(), asked.nonce.as_str());
            let back = remote::Back { code: &back.code, issuer, verifier, nonce, now };
            self.provider.address(back).await.map_err(|problem| told(&problem))
        })
    }
}
