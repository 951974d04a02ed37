//! The words of `dkim`. Never does anything.

use std::path::PathBuf;

use clap::Subcommand;

use crate::config::dns_name;

/// See [`super::Verb::Dkim`].
#[derive(Debug, Subcommand)]
pub enum Dkim {
    /// Make an Ed25519 key, and print its record and its settings
    #[command(after_help = "Example:\n  holdspace dkim new --out dkim-ed25519.pem --selector hold2027ed\n\n\
        Overwrites nothing. Google and Microsoft read RSA signatures only; any tool makes such a key:\n  \
        openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out dkim-rsa.pem && chmod 600 dkim-rsa.pem")]
    New {
        /// Where to keep the key
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The name under which DNS says its public half; a new one for every key
        #[arg(long, value_name = "NAME", value_parser = selector)]
        selector: Selector,
    },
    /// Print the SPF, DKIM and DMARC records of the sender's domain, ready to paste
    #[command(
        after_help = "Example:\n  holdspace dkim records\n\nAsks nobody: what DNS says already, `dig TXT` shows."
    )]
    Records,
}

/// A name that DNS takes.
#[derive(Debug, Clone)]
pub struct Selector(pub String);

fn selector(text: &str) -> Result<Selector, String> {
    let refusal = "use letters, digits and hyphens, such as hold2027";
    dns_name(text).map(Selector).ok_or_else(|| refusal.to_owned())
}
