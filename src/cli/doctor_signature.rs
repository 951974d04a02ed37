//! What the doctor looks at in the signature under letters, as far as this machine knows it. Never asks DNS.

use super::dkim::{sender_domain, signing};
use super::doctor::Finding;
use crate::config::Config;
use crate::mail::record::is_aligned;

const CHECK: &str = "signature";

/// Keys that can be read, of a kind that receivers take, for a domain that speaks for the sender.
pub fn findings(config: &Config) -> Vec<Finding> {
    // Who has no sender has a line about it.
    let Some(from) = sender_domain(config) else { return Vec::new() };
    let signing = match signing(config) {
        Err(problem) => return vec![Finding::refused(CHECK, &problem)],
        Ok(None) if config.mail_is_local() => return Vec::new(),
        Ok(None) => {
            let remedy =
                "have the relay sign, or set dkim_selector and dkim_key_file (docs/deliverability.md)";
            return vec![Finding::warn(
                CHECK,
                "letters leave unsigned: without DKIM many are refused",
                remedy,
            )];
        }
        Ok(Some(signing)) => signing,
    };
    let mut findings = Vec::new();
    if !is_aligned(&from, &signing.domain) {
        let says = format!("signed for {}, and sent from {from}: DMARC sees no connection", signing.domain);
        findings.push(Finding::fail(
            CHECK,
            says,
            "set dkim_domain to the domain of mail_from, or leave it out",
        ));
    }
    if signing.signers.iter().all(|signer| signer.pair.kind != "rsa") {
        let remedy = "add an RSA key of 2048 bits (docs/deliverability.md)";
        let says = "no RSA key: Google and Microsoft do not read Ed25519 signatures";
        findings.push(Finding::warn(CHECK, says, remedy));
    }
    if findings.is_empty() {
        let keys: Vec<String> = signing
            .signers
            .iter()
            .map(|signer| format!("{} ({} {})", signer.selector, signer.pair.kind, signer.pair.bits))
            .collect();
        findings.push(Finding::ok(CHECK, format!("of {}, by {}", signing.domain, keys.join(" and "))));
    }
    findings
}
