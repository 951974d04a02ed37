//! `keys` and `erase` at the terminal: what is asked, what is refused, and what a key file holds afterwards.

use super::Terminal;

#[test]
fn a_key_is_changed_and_the_old_one_leaves_the_file_only_when_nobody_writes_by_it() {
    let terminal = Terminal::founded();
    terminal.imports_the_demo();
    let old = std::fs::read_to_string(terminal.path("holdspace.key")).unwrap();
    let (code, shown) = terminal.asks(&["keys", "show"]);
    assert_eq!((code, shown["keys"].as_array().unwrap().len(), &shown["unknown"]), (0, 1, &0.into()));
    let values = shown["keys"][0]["values"].as_i64().unwrap();
    assert!(values > 149, "{values}");

    let refused = terminal.types(&["keys", "rotate", "--drop"]);
    assert!(refused.code == 1 && refused.err.contains("one key only"), "{}", refused.err);
    let (code, rotated) = terminal.asks(&["keys", "rotate"]);
    assert_eq!((code, &rotated["resealed"]), (0, &values.into()));
    let by: Vec<_> = rotated["keys"].as_array().unwrap().iter().map(|key| key["values"].clone()).collect();
    // One more: the log says that keys were changed.
    assert_eq!(by, [values + 1, 0]);
    // Called again, it goes on with the same key instead of drawing a third one.
    let (_, again) = terminal.asks(&["keys", "rotate"]);
    assert_eq!((&again["keys"], &again["resealed"]), (&rotated["keys"], &0.into()));

    let early = terminal.types(&["keys", "rotate", "--drop"]);
    assert!(early.code == 1 && early.err.contains("call this again after"), "{}", early.err);
    let both = std::fs::read_to_string(terminal.path("holdspace.key")).unwrap();
    assert!(both.contains(old.trim()), "the old key must stay while somebody may write by it");
    let day = both.lines().nth(1).unwrap().split(' ').nth(2).unwrap().to_owned();
    std::fs::write(terminal.path("holdspace.key"), both.replace(&day, "2020-01-01T00:00:00Z")).unwrap();
    let (code, alone) = terminal.asks(&["keys", "rotate", "--drop"]);
    assert_eq!((code, alone["keys"].as_array().unwrap().len()), (0, 1));
    let alone = std::fs::read_to_string(terminal.path("holdspace.key")).unwrap();
    assert!(!alone.contains(old.trim()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let about = std::fs::metadata(terminal.path("holdspace.key")).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(terminal.types(&["roster", "import", &super::demo("roster.csv")]).code, 0);
    std::fs::write(terminal.path("holdspace.key"), old).unwrap();
    assert_eq!(
        terminal.types(&["roster", "import", &super::demo("roster.csv")]).code,
        1,
        "the old key still opens"
    );
}

#[test]
fn who_is_erased_is_erased_only_when_somebody_says_so_twice() {
    let terminal = Terminal::founded();
    terminal.imports_the_demo();
    let words = ["erase", "resident", "tcastellanos@im.example.edu"];
    let asked = terminal.types(&words);
    assert_eq!(asked.code, 1);
    assert!(
        asked.err.contains("cannot be undone") && asked.err.contains("nothing was erased"),
        "{}",
        asked.err
    );
    std::fs::create_dir_all(terminal.path("letters")).unwrap();
    for (name, to) in [("hers.eml", words[2]), ("his.eml", "tmbeki@im.example.edu")] {
        std::fs::write(terminal.path("letters").join(name), format!("To: <{to}>\r\n\r\nhello\r\n")).unwrap();
    }
    let (code, erased) = terminal.asks(&[&words[..], &["--yes"]].concat());
    assert!(!terminal.path("letters/hers.eml").exists() && terminal.path("letters/his.eml").exists());
    assert_eq!((code, &erased["residents"], &erased["keys"]), (0, &1.into(), &1.into()));
    let gone = terminal.types(&words);
    assert!(gone.code == 1 && gone.err.contains("no resident has this address"), "{}", gone.err);
    let offering = terminal.makes_an_offering();
    let early = terminal.types(&["erase", "season", &offering, "--yes"]);
    assert!(early.code == 1 && early.err.contains("not frozen"), "{}", early.err);
    assert_eq!(terminal.types(&["erase", "season", &offering, "--yes", "--without-release"]).code, 0);
}

#[test]
fn the_store_of_keys_is_for_its_owner_only() {
    let terminal = Terminal::founded();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let about = std::fs::metadata(terminal.path("holdspace.keys.db")).unwrap();
        assert_eq!(about.permissions().mode() & 0o077, 0);
    }
    std::fs::remove_file(terminal.path("holdspace.keys.db")).unwrap();
    let empty = terminal.types(&["keys", "show"]);
    assert_eq!(empty.code, 0, "without residents there is nothing to lose: {}", empty.err);
}
