//! What the doctor says of the institution's own sign-in.

use super::Terminal;
use crate::harness::provider::{CLIENT, Provider, SECRET, Says};

#[test]
fn the_doctor_asks_the_provider_whether_it_is_the_one_of_the_settings() {
    let provider = Provider::start("http://127.0.0.1:1/sign-in/back", 0, Says::InToken);
    let examined = |issuer: &str| {
        let mut terminal = Terminal::founded();
        for (name, value) in [
            ("HOLDSPACE_OIDC_ISSUER", issuer),
            ("HOLDSPACE_OIDC_CLIENT_ID", CLIENT),
            ("HOLDSPACE_OIDC_CLIENT_SECRET", SECRET),
            ("HOLDSPACE_OIDC_LABEL", "Sign in with Example Health"),
        ] {
            terminal.set(name, value);
        }
        terminal.types(&["doctor"])
    };
    let got = examined(&provider.issuer);
    assert_eq!(got.code, 0, "{}", got.out);
    assert!(got.out.contains("answers; register http://localhost:8080/sign-in/back there"), "{}", got.out);
    assert!(!got.out.contains(SECRET));
    let other = examined(&format!("{}/", provider.issuer));
    assert!(other.code == 1 && other.out.contains("names another issuer"), "{}", other.out);
    let nobody = examined("http://127.0.0.1:1");
    assert!(nobody.code == 1 && nobody.out.contains("it does not answer"), "{}", nobody.out);
    let half = {
        let mut terminal = Terminal::founded();
        terminal.set("HOLDSPACE_OIDC_ISSUER", &provider.issuer);
        terminal.types(&["doctor"])
    };
    assert!(half.code == 1 && half.out.contains("give all four settings"), "{}", half.out);
}
