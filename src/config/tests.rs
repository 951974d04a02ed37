//! What operators write into their settings, and what they are told. Never reads a file of this machine.

use super::*;

fn read_both(file: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigRefusal> {
    let mut layers = Layers::default();
    layers.add_file(Path::new("/srv/holdspace.toml"), file)?;
    layers.add_variables(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))?;
    Config::checked(&layers)
}

fn refusal(file: &str) -> String {
    read_both(file, &[]).unwrap_err().to_string()
}

#[test]
fn an_operator_who_writes_nothing_gets_an_embedded_database_on_this_machine() {
    let config = read_both("", &[]).unwrap();
    assert_eq!(config.database_url.expose_secret(), "sqlite://holdspace.db");
    assert_eq!((config.public_url.as_str(), config.mail_rate), ("http://localhost:8080", Some(30)));
    assert!(config.is_local() && config.mail_url.is_none());
}

#[test]
fn a_misspelt_key_is_answered_with_the_nearest_right_one_and_its_line() {
    let text = refusal("office = \"x\"\n\npubic_url = \"https://x.org\"\n");
    assert!(
        text.starts_with("/srv/holdspace.toml, line 3: unknown key `pubic_url`; did you mean `public_url`?")
    );
    assert!(refusal("[mail]\nurl = \"x\"").contains("line 1: unknown key `mail`; did you mean `mail_"));
}

#[test]
fn a_misspelt_variable_is_answered_with_the_nearest_right_one() {
    let text = read_both("", &[("HOLDSPACE_MAILURL", "smtp://a:s3cret@x.org")]).unwrap_err().to_string();
    assert!(
        text.contains("unknown variable `HOLDSPACE_MAILURL`; did you mean `HOLDSPACE_MAIL_URL`?"),
        "{text}"
    );
    assert!(!text.contains("s3cret"));
    let others = [("HOLDSPACE_LOG", "debug"), ("HOLDSPACE_TEST_POSTGRES", "x"), ("HOME", "/root")];
    assert!(read_both("", &others).is_ok());
}

#[test]
fn a_variable_wins_over_the_file_and_an_empty_one_takes_the_default() {
    let config =
        read_both("mail_rate = 10\nlisten = \"[::1]:9\"", &[("HOLDSPACE_MAIL_RATE", "600")]).unwrap();
    assert_eq!((config.mail_rate, config.listen.port()), (Some(600), 9));
    assert_eq!(read_both("mail_rate = 10", &[("HOLDSPACE_MAIL_RATE", "")]).unwrap().mail_rate, Some(30));
}

#[test]
fn the_mirror_of_releases_lies_beside_the_key_and_not_beside_the_database() {
    let mirror = |file: &str| read_both(file, &[]).unwrap().release_mirror;
    let apart = "key_file = \"/etc/keys/a\"\ndatabase_url = \"sqlite:///var/b.db\"\n";
    assert_eq!(mirror(apart), Path::new("/etc/keys/holdspace.releases"));
    assert_eq!(mirror(""), Path::new("holdspace.releases"));
    assert_eq!(mirror(&format!("{apart}release_mirror = \"m\"")), Path::new("/srv/m"));
}

#[test]
fn a_path_counts_from_where_it_is_written() {
    let file = "key_file = \"keys/a\"\ndatabase_url = \"sqlite://b.db\"";
    let config = read_both(file, &[]).unwrap();
    assert_eq!(config.key_file, Path::new("/srv/keys/a"));
    assert_eq!(config.database_file().unwrap(), Path::new("/srv/b.db"));
    let config = read_both(file, &[("HOLDSPACE_DATABASE_URL", "sqlite:///var/c.db")]).unwrap();
    assert_eq!(config.database_file().unwrap(), Path::new("/var/c.db"));
}

#[test]
fn links_lead_over_an_encrypted_line_or_to_this_machine() {
    for good in
        ["https://hold.x.org", "https://hold.x.org:8443/", "http://127.0.0.1:8080", "http://localhost"]
    {
        let config = read_both(&format!("public_url = \"{good}\""), &[]).unwrap();
        assert_eq!(config.public_url, good.trim_end_matches('/'));
    }
    for wrong in ["hold.x.org", "http://hold.x.org", "https://x.org/a", "https://a:b@x.org", "ftp://x.org"] {
        let text = refusal(&format!("public_url = \"{wrong}\""));
        assert!(text.starts_with("/srv/holdspace.toml, line 1, `public_url`: "), "{text}");
        assert!(text.contains("https://") && !text.contains("a:b@"), "{text}");
    }
}

#[test]
fn letters_stay_here_or_go_out() {
    let here = |text: &str| read_both(&format!("mail_url = '{text}'"), &[]).unwrap().mail_is_local();
    for text in ["file:///a", "smtp://localhost:25", "smtp://127.0.0.1:2525", "smtp://[::1]"] {
        assert!(here(text), "{text}");
    }
    assert!(!here("smtps://a:b@mail.x.org") && !here("smtp://10.0.0.1"));
    assert_eq!(read_both("mail_rate = 0", &[]).unwrap().mail_rate, None);
    let rate = |text: &str| read_both(text, &[]).unwrap().mail_rate;
    assert_eq!(rate("mail_url = 'smtp://localhost:25'"), None, "a relay here keeps its own pace");
    assert_eq!(rate("mail_url = 'smtp://localhost:25'\nmail_rate = 9"), Some(9), "what is said holds");
    assert_eq!(rate("mail_url = 'smtps://a:b@mail.x.org'"), Some(30));
}

#[test]
fn a_sender_is_a_name_with_an_address_or_an_address_alone() {
    let sender = |text: &str| read_both(&format!("mail_from = '{text}'"), &[]).unwrap().mail_from.unwrap();
    let named = sender("\"Time Office\" <Time@X.org>");
    assert_eq!((named.name.as_str(), named.address.reveal()), ("Time Office", "time@x.org"));
    assert_eq!(sender("time@x.org").name, "Holdspace");
    assert!(refusal("mail_from = 'Time Office'").contains("Holdspace <holdspace@hospital.org>"));
}

#[test]
fn a_value_of_another_form_is_refused_where_it_stands() {
    for (file, word) in [
        ("mail_rate = 9000", "2 to 6000"),
        ("mail_rate = [1]", "one text or number"),
        ("listen = \"8080\"", "127.0.0.1:8080"),
        ("database_url = \"mysql://x/y\"", "sqlite://"),
        ("database_url = \"sqlite://\"", "names no file"),
        ("office = \"a\\nb\"", "one line"),
        ("office = ", "not TOML"),
    ] {
        let text = refusal(file);
        assert!(text.starts_with("/srv/holdspace.toml, line 1") && text.contains(word), "{text}");
    }
}

#[test]
fn no_secret_is_printed_whatever_is_wrong() {
    let file = "database_url = \"postgres://u:s3cret@db.x.org/hold\"\n\
                mail_url = \"smtp://u:s3cret@mail.x.org\"\nmail_from = \"a@x.org\"";
    let config = read_both(file, &[]).unwrap();
    assert!(!format!("{config:?}").contains("s3cret"), "{config:?}");
    assert_eq!(config.database_shown(), "postgres://db.x.org/hold");
    for wrong in
        ["database_url = \"postgres:/u:s3cret@\"", "mail_url = \"s3cret", "mail_ulr = \"s3cret\"", "s3cret"]
    {
        let refusal = read_both(wrong, &[]);
        let text =
            format!("{refusal:?} {}", refusal.as_ref().err().map(ToString::to_string).unwrap_or_default());
        assert!(wrong == "s3cret" || !text.contains("s3cret"), "{text}");
    }
}

const SIGN_IN: &str = "oidc_client_id = \"holdspace\"\noidc_client_secret = \"s3cret\"\noidc_label = \"Sign in with Example\"\n";

#[test]
fn the_institutions_own_sign_in_is_set_whole_or_not_at_all() {
    assert!(read_both("", &[]).unwrap().oidc.is_none());
    let config = read_both(&format!("{SIGN_IN}oidc_issuer = \"https://login.example.org/t\""), &[]).unwrap();
    let oidc = config.oidc.as_ref().unwrap();
    assert_eq!(
        (oidc.issuer.as_str(), oidc.label.as_str()),
        ("https://login.example.org/t", "Sign in with Example")
    );
    assert!(!format!("{config:?}").contains("s3cret"));
    let text = refusal(SIGN_IN);
    assert!(
        text.starts_with("/srv/holdspace.toml, line 1, `oidc_client_id`: oidc_issuer missing beside it"),
        "{text}"
    );
    let text = refusal("\noidc_issuer = \"https://login.example.org\"");
    assert!(
        text.contains("line 2, `oidc_issuer`: oidc_client_id, oidc_client_secret, oidc_label missing"),
        "{text}"
    );
}

#[test]
fn an_issuer_is_asked_over_https_unless_it_is_this_machine() {
    let with = |issuer: &str| read_both(&format!("{SIGN_IN}oidc_issuer = \"{issuer}\""), &[]);
    assert!(with("http://127.0.0.1:9000").is_ok() && with("http://localhost/realms/a").is_ok());
    for wrong in
        ["http://login.example.org", "login.example.org", "https://a:b@example.org", "https://example.org/?a"]
    {
        assert!(with(wrong).unwrap_err().to_string().contains("`oidc_issuer`"), "{wrong}");
    }
}
