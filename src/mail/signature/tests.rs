//! Keys that serve and keys that do not, and what a signature covers. That it is right, two other programs say, in
//! `tests/house/signatures.rs`.

use super::*;

/// An invented key, for tests alone.
const RSA: &str = include_str!("../../../tests/house/harness/signatures/rsa2048.pem");
const LETTER: &[u8] =
    b"Message-ID: <u@example.org>\r\nFrom: Hold\r\n <hold@example.org>\r\nTo: a@x.org\r\nSubject: s\r\n\
    List-Unsubscribe: <https://x.org/a>\r\nDate: Tue, 15 Jun 2027 15:00:00 +0000\r\n\r\nbody: x\r\n";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn pair(pem: &str) -> SigningPair {
    SigningPair::from_pem(pem).unwrap_or_else(|problem| panic!("{problem}"))
}

fn signing(keys: Vec<SigningPair>) -> Signing {
    let signers =
        keys.into_iter().enumerate().map(|(at, pair)| Signer { selector: format!("hold{at}"), pair });
    Signing { domain: "example.org".to_owned(), signers: signers.collect() }
}

#[test]
fn a_new_key_and_one_of_another_tool_are_read_and_anything_else_is_refused() {
    let new = pair(&SigningPair::ed25519_pem(&[7; 32]));
    assert_eq!((new.kind, new.public.len()), ("ed25519", 32));
    let rsa = pair(RSA);
    assert_eq!((rsa.kind, rsa.bits), ("rsa", 2048));
    // SubjectPublicKeyInfo: the first bytes of every such record begin with MIIBIjAN.
    assert!(data_encoding::BASE64.encode(&rsa.public).starts_with("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"));
    let refused = |pem: &str| SigningPair::from_pem(pem).err().unwrap();
    assert_eq!(refused("secret"), KeyRefusal::NotPem);
    let empty = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert_eq!(refused(empty), KeyRefusal::NotUsable);
    assert!(!refused(empty).to_string().contains("AAAA"));
}

#[test]
fn the_same_letter_is_signed_to_the_same_bytes_by_both_keys() {
    let signing = signing(vec![pair(RSA), pair(&SigningPair::ed25519_pem(&[7; 32]))]);
    let date = at("2027-06-15T15:00:00Z");
    let signed = signing.sign(LETTER, date).unwrap();
    assert!(signed == signing.sign(LETTER, date).unwrap());
    assert!(signed.ends_with(LETTER));
    let text = String::from_utf8(signed).unwrap();
    assert_eq!(text.matches("DKIM-Signature: v=1; a=").count(), 2);
    assert!(text.contains("a=rsa-sha256; s=hold0; d=example.org; c=relaxed/relaxed;"));
    assert!(text.contains("a=ed25519-sha256; s=hold1;") && text.contains("t=1813071600;"));
    assert!(text.split("\r\n").all(|line| line.len() <= 100), "{text}");
}

#[test]
fn what_nobody_may_add_is_covered_once_more_and_what_is_not_there_is_not_claimed() {
    let covered = covered(LETTER);
    let times = |name: &str| covered.iter().filter(|one| *one == name).count();
    assert_eq!((times("From"), times("Message-ID"), times("Date")), (2, 2, 2));
    assert_eq!((times("Reply-To"), times("Cc"), times("List-Unsubscribe")), (1, 1, 1));
    assert_eq!((times("References"), times("List-Unsubscribe-Post")), (0, 0));
}
