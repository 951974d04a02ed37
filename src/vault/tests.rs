//! What the vault promises, each as a sentence.

use super::*;
use crate::entropy::SeededEntropy;

fn vault() -> Vault {
    let entropy = Arc::new(SeededEntropy::new(1));
    Vault::new(&MasterKey::draw(&*entropy), entropy)
}

fn of_another_key() -> Vault {
    Vault::new(&MasterKey::draw(&SeededEntropy::new(2)), Arc::new(SeededEntropy::new(1)))
}

fn address(text: &str) -> Address {
    text.parse().ok().unwrap()
}

const HERE: Location<'_> = Location { column: "bookings.sealed", row: "a" };

#[test]
fn a_sealed_value_opens_in_its_own_place_and_nowhere_else() {
    let vault = vault();
    let sealed = vault.seal_value(HERE, &"kept").unwrap();
    assert_eq!(vault.open_value::<String>(HERE, &sealed).as_deref(), Ok("kept"));
    for elsewhere in [Location { row: "b", ..HERE }, Location { column: "seats.sealed", ..HERE }] {
        assert_eq!(vault.open_value::<String>(elsewhere, &sealed), Err(VaultError::DoesNotOpen));
    }
    let mut changed = sealed;
    changed[40] ^= 1;
    assert_eq!(vault.open_value::<String>(HERE, &changed), Err(VaultError::DoesNotOpen));
    assert_eq!(vault.open_value::<String>(HERE, b"short"), Err(VaultError::DoesNotOpen));
}

#[test]
fn long_and_short_outcomes_are_sealed_at_one_size() {
    let vault = vault();
    let short = vault.seal_at_size(HERE, &"", 256).unwrap();
    let long = vault.seal_at_size(HERE, &"x".repeat(200), 256).unwrap();
    assert_eq!((short.len(), long.len()), (256, 256));
    assert_eq!(vault.open_value::<String>(HERE, &short).as_deref(), Ok(""));
    assert_eq!(vault.seal_at_size(HERE, &"x".repeat(300), 256), Err(VaultError::TooLong));
}

#[test]
fn a_token_fits_its_link_purpose_and_generation_only() {
    let vault = vault();
    let link = LinkId::from_bytes([7; 16]);
    let token = vault.token(link, "visit", 1);
    assert_eq!(Vault::link_of(&token), Some(link));
    assert!(vault.fits(&token, link, "visit", 1));
    assert!(!vault.fits(&token, link, "visit", 2));
    assert!(!vault.fits(&token, link, "feed", 1));
    assert!(!vault.fits(&token.to_uppercase(), link, "visit", 1));
    assert_eq!(Vault::link_of("é"), None);
}

#[test]
fn a_letter_that_comes_back_is_known_by_its_token_whatever_the_case_and_a_guess_is_not() {
    let vault = vault();
    let (letter, to) = (LetterId::from_bytes([7; 16]), address("a@x.org"));
    let token = vault.return_token(letter, &to);
    assert_eq!(token.len(), crate::domain::bounce::TOKEN);
    assert_eq!(Vault::returned_letter(&token.to_uppercase()), Some(letter));
    assert!(vault.returns(&token.to_uppercase(), letter, &to));
    assert!(!vault.returns(&token, letter, &address("b@x.org")));
    assert!(!vault.returns(&token, LetterId::from_bytes([8; 16]), &to));
    let guessed = format!("{}{}", &token[..40], if token.ends_with("aa") { "ba" } else { "aa" });
    assert!(!vault.returns(&guessed, letter, &to));
    assert_eq!(Vault::returned_letter("é"), None);
}

#[test]
fn what_is_derived_hangs_on_the_key_the_purpose_and_every_word() {
    let (vault, again, other) = (vault(), vault(), of_another_key());
    let all = [
        vault.derived("reserve", &[b"ab"]),
        vault.derived("plan", &[b"ab"]),
        vault.derived("reserve", &[b"a", b"b"]),
        other.derived("reserve", &[b"ab"]),
    ];
    assert_eq!(again.derived("reserve", &[b"ab"]), all[0]);
    for (at, one) in all.iter().enumerate() {
        assert!(all[..at].iter().all(|before| before != one), "{at}");
    }
}

#[test]
fn somebody_is_found_again_by_a_hash_of_their_address_and_nobody_elses_is_the_same() {
    let (vault, ann) = (vault(), address("ann@x.org"));
    let found = vault.address_key(&ann);
    assert_eq!((self::vault().address_key(&ann), found.len()), (found.clone(), 2 * TAG));
    let others = [
        vault.address_key(&address("bob@x.org")),
        of_another_key().address_key(&ann),
        vault.blind("word", &[b"ann@x.org"]),
        vault.blind("address", &[b"ann", b"@x.org"]),
    ];
    assert!(others.iter().all(|other| *other != found));
}

/// So that the same plan comes out again years later, whichever version draws.
#[test]
fn the_lot_of_somebody_is_what_the_hash_of_seed_and_identifier_begins_with() {
    let (seed, ann) = (vault().derived("plan", &[b"spring"]), [7; 16]);
    let hash = Sha256::digest([seed.as_slice(), &ann].concat());
    let begins: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(format!("{:016x}", vault().lots("plan", &[b"spring"]).of(&ann)), begins);
}

fn two_keys() -> (KeyRing, KeyRing) {
    let old = KeyRing::of(MasterKey::draw(&SeededEntropy::new(1)));
    let at = "2027-07-01T10:00:00Z".parse().unwrap();
    let both = old.with(MasterKey::draw(&SeededEntropy::new(2)), at).unwrap();
    (old, both)
}

#[test]
fn a_data_key_opens_under_its_own_name_and_what_it_seals_opens_by_nothing_else() {
    let vault = vault();
    let (ann, bob) = (vault.draw_key("ann").unwrap(), vault.draw_key("bob").unwrap());
    let sealed = vault.unwrap("ann", &ann).unwrap().seal_value(HERE, &"kept").unwrap();
    assert_eq!(vault.unwrap("ann", &ann).unwrap().open_value::<String>(HERE, &sealed).as_deref(), Ok("kept"));
    assert!(vault.unwrap("bob", &ann).is_err_and(|why| why == VaultError::DoesNotOpen));
    let other = vault.unwrap("bob", &bob).unwrap();
    assert_eq!(other.open_value::<String>(HERE, &sealed), Err(VaultError::DoesNotOpen));
    assert_eq!(vault.open_value::<String>(HERE, &sealed), Err(VaultError::DoesNotOpen));
}

#[test]
fn what_somebody_did_or_did_not_do_is_sealed_at_one_size_by_their_data_key_too() {
    let vault = vault();
    let wrapped = vault.draw_key("ann").unwrap();
    let key = vault.unwrap("ann", &wrapped).unwrap();
    let [nothing, much] =
        [String::new(), "x".repeat(200)].map(|told| key.seal_at_size(HERE, &told, 256).unwrap());
    assert_eq!((nothing.len(), much.len()), (256, 256));
    assert_eq!(key.open_value::<String>(HERE, &much), Ok("x".repeat(200)));
    assert_eq!(key.seal_at_size(HERE, &"x".repeat(300), 256), Err(VaultError::TooLong));
}

#[test]
fn whatever_fills_a_value_up_it_opens_as_it_was() {
    let vault = vault();
    let wrapped = vault.draw_key("ann").unwrap();
    let key = vault.unwrap("ann", &wrapped).unwrap();
    let told = format!("ends in spaces {}", " ".repeat(130));
    // With its quotation marks the text is two longer.
    for filling in 0..200 {
        let sealed = key.seal_at_size(HERE, &told, told.len() + 2 + OVERHEAD + filling).unwrap();
        assert_eq!(key.open_value(HERE, &sealed).as_ref(), Ok(&told), "{filling}");
    }
}

#[test]
fn after_a_rotation_both_keys_open_and_only_the_new_one_seals_while_links_stay() {
    let (old, both) = two_keys();
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(3));
    let before = Vault::of(&old, Arc::clone(&entropy));
    let sealed = before.seal_value(HERE, &"kept").unwrap();
    let after = Vault::of(&both, Arc::clone(&entropy));
    let again = after.reseal(HERE, &sealed).unwrap().unwrap();
    assert_eq!((again.len(), KeyId::of(&again)), (sealed.len(), after.sealing()));
    assert_eq!(after.reseal(HERE, &again), Ok(None));
    let alone = Vault::of(&both.without_old(), entropy);
    assert_eq!(alone.open_value::<String>(HERE, &again).as_deref(), Ok("kept"));
    assert_eq!(alone.open_value::<String>(HERE, &sealed), Err(VaultError::DoesNotOpen));
    assert_eq!(before.open_value::<String>(HERE, &again), Err(VaultError::DoesNotOpen));
    let link = LinkId::from_bytes([7; 16]);
    assert!(alone.fits(&before.token(link, "visit", 1), link, "visit", 1));
}

#[test]
fn a_running_vault_reads_its_key_file_again_for_a_key_that_it_does_not_know_and_once_for_each() {
    let (old, both) = two_keys();
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(3));
    let (reads, counted) = (Arc::new(Mutex::new(0)), two_keys().1);
    let counter = Arc::clone(&reads);
    let source = Box::new(move || {
        *counter.lock().unwrap() += 1;
        Some(counted.clone())
    });
    let running = Vault::of(&old, Arc::clone(&entropy)).reading(source);
    let sealed = Vault::of(&both, entropy).seal_value(HERE, &"kept").unwrap();
    assert_eq!(running.open_value::<String>(HERE, &sealed).as_deref(), Ok("kept"));
    assert_eq!(running.sealing(), Some(both.ids()[0]));
    for n in 0..200_u8 {
        let mut unknown = sealed.clone();
        unknown[..4].copy_from_slice(&[n, 1, 2, 3]);
        assert!(running.open(HERE, &unknown).is_err());
    }
    assert_eq!(*reads.lock().unwrap(), MOST_MISSED);
}
