//! What the domain of the sender must say in DNS so that receivers believe its letters: SPF, DKIM and DMARC, ready to
//! paste. Never asks DNS.

use data_encoding::BASE64;
use serde::Serialize;

use super::signature::{Signer, Signing};

/// Bytes of one text of a TXT record (RFC 1035, section 3.3.14).
const TEXT: usize = 255;

/// One TXT record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The name, without a dot at the end.
    pub name: String,
    /// The whole text; forms that ask for one text take it like this.
    pub value: String,
    /// What to know of it.
    pub about: &'static str,
}

impl Record {
    /// The line for a zone file: texts of at most 255 bytes each.
    #[must_use]
    pub fn line(&self) -> String {
        // All ASCII: domains, Base64 and our own words.
        let texts: Vec<String> = self
            .value
            .as_bytes()
            .chunks(TEXT)
            .map(|text| format!("\"{}\"", String::from_utf8_lossy(text)))
            .collect();
        format!("{}.  IN  TXT  {}", self.name, texts.join(" "))
    }
}

/// The records for letters from `domain` through `relay`, signed or not yet.
#[must_use]
pub fn records(domain: &str, relay: Option<&str>, signing: Option<&Signing>) -> Vec<Record> {
    let sends = relay.map_or_else(|| "mx".to_owned(), |relay| format!("a:{relay}"));
    let spf = Record {
        name: domain.to_owned(),
        value: format!("v=spf1 {sends} -all"),
        about: "SPF: who may send. A name has one such record: where there is one, add only what stands in the middle. \
                If the relay sends through others, whoever runs it says what to put there.",
    };
    let keys = signing
        .into_iter()
        .flat_map(|signing| signing.signers.iter().map(|signer| domain_key(signer, &signing.domain)));
    let dmarc = Record {
        name: format!("_dmarc.{domain}"),
        value: format!("v=DMARC1; p=none; rua=mailto:postmaster@{domain}"),
        about: "DMARC: what becomes of letters that are neither. Begin with p=none; once the reports are clean, \
                p=quarantine, then p=reject.",
    };
    std::iter::once(spf).chain(keys).chain([dmarc]).collect()
}

/// The record of one key.
#[must_use]
pub fn domain_key(signer: &Signer, domain: &str) -> Record {
    Record {
        name: format!("{}._domainkey.{domain}", signer.selector),
        value: format!("v=DKIM1; k={}; p={}", signer.pair.kind, BASE64.encode(&signer.pair.public)),
        about: "DKIM: the public half of the key.",
    }
}

/// Whether a signature of `signed` speaks for letters from `from` (RFC 7489, section 3.1.1): the same domain, or one
/// above or below the other. Who owns a common suffix, such as `co.uk`, this does not know.
#[must_use]
pub fn is_aligned(from: &str, signed: &str) -> bool {
    let (from, signed) = (from.to_ascii_lowercase(), signed.to_ascii_lowercase());
    let below = |a: &str, b: &str| a.strip_suffix(b).is_some_and(|rest| rest.ends_with('.'));
    from == signed || (signed.contains('.') && below(&from, &signed)) || below(&signed, &from)
}

/// An RSA key as receivers read it (SubjectPublicKeyInfo, RFC 5280): the algorithm before the key itself.
pub(super) fn public_key_info(key: &[u8]) -> Vec<u8> {
    const RSA: [u8; 15] = [0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
    let bits = wrapped(0x03, &[&[0], key].concat());
    wrapped(0x30, &[RSA.as_slice(), &bits].concat())
}

/// DER: tag, length, content.
fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
    let bytes = content.len().to_be_bytes();
    let length: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    let head = match length.as_slice() {
        [short] if *short < 0x80 => vec![tag, *short],
        // At most eight bytes of length.
        long => [&[tag, 0x80 | u8::try_from(long.len()).unwrap_or(8)], long].concat(),
    };
    [head.as_slice(), content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_speaks_for_its_own_domain_and_those_above_and_below() {
        for (from, signed) in [
            ("hospital.org", "hospital.org"),
            ("gme.hospital.org", "Hospital.org"),
            ("hospital.org", "mail.hospital.org"),
        ] {
            assert!(is_aligned(from, signed), "{from} {signed}");
        }
        for (from, signed) in
            [("hospital.org", "hospital.com"), ("evilhospital.org", "hospital.org"), ("hospital.org", "org")]
        {
            assert!(!is_aligned(from, signed), "{from} {signed}");
        }
    }

    #[test]
    fn a_long_record_is_cut_into_texts_that_a_server_takes() {
        let record = Record { name: "a.example.org".to_owned(), value: "x".repeat(300), about: "" };
        let texts: Vec<usize> =
            record.line().split('"').filter(|text| text.starts_with('x')).map(str::len).collect();
        assert_eq!(texts, [255, 45]);
    }

    #[test]
    fn records_name_the_relay_and_the_domain() {
        let values: Vec<String> = records("hospital.org", Some("mail.hospital.org"), None)
            .into_iter()
            .map(|it| it.line())
            .collect();
        assert_eq!(values[0], "hospital.org.  IN  TXT  \"v=spf1 a:mail.hospital.org -all\"");
        assert!(values[1].starts_with("_dmarc.hospital.org.  IN  TXT  \"v=DMARC1; p=none;"));
    }
}
