//! PostgreSQL's own tools, as the guide has them: what they carry over is a season that holds together. Never tries other words than
//! those that stand in the guide.

use std::path::PathBuf;
use std::process::Command;

use holdspace::storage::Store;

use super::{bookings_in, count, desk_on};
use crate::harness::engines::TestDatabase;
use crate::harness::house::House;
use crate::harness::postgres::{drop_database, fresh_database};

/// The guide for whoever keeps a server.
const GUIDE: &str = include_str!("../../../docs/operating.md");

/// A tool of PostgreSQL's: on the path, or in Debian's place beside the server.
fn tool(name: &str) -> PathBuf {
    let places = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        places.map(|place| place.path().join("bin").join(name)).filter(|path| path.exists()).collect();
    found.sort();
    found.pop().unwrap_or_else(|| name.into())
}

/// Types a command of the guide that begins and ends so, with the addresses of this test in the place of the guide's.
fn types(begins: &str, ends: &str, folder: &std::path::Path, addresses: &[(&str, &str)]) {
    let guide = GUIDE.replace("\\\n", " ");
    let line = guide.lines().find(|line| line.starts_with(begins) && line.contains(ends));
    let mut line = line.unwrap_or_else(|| panic!("the guide has no {begins} with {ends}")).to_owned();
    for (theirs, ours) in addresses {
        line = line.replace(theirs, ours);
    }
    let mut words = line.split_whitespace();
    let done = Command::new(tool(words.next().unwrap())).args(words).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_season_comes_back_from_dumps_that_were_made_as_the_guide_says() {
    let db = TestDatabase::postgres().await;
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let _session = house.director_again().await;
    let other = fresh_database().await;
    let folder = tempfile::tempdir().unwrap();
    // The longer address first: the other one is its beginning.
    let addresses = [
        ("postgres://holdspace@db/holdspace2", other.as_str()),
        ("postgres://holdspace@db/holdspace", db.url()),
    ];
    types("pg_dump", "--exclude-schema=keys", folder.path(), &addresses);
    types("pg_dump", "--schema=keys --file", folder.path(), &addresses);
    types("pg_restore", " holdspace.dump", folder.path(), &addresses);
    types("pg_restore", " holdspace.keys.dump", folder.path(), &addresses);
    let store = Store::open(&other).await.unwrap();
    store.migrate().await.unwrap();
    store.check_statements().await.unwrap();
    assert_eq!(bookings_in(&house, &store).await, bookings_in(&house, &house.store).await);
    let sound = desk_on(&house, store.clone(), None).settle_restored(house.now()).await.unwrap().soundness;
    assert_eq!((sound.findings, sound.bookings), (Vec::new(), 16));
    for table in ["sessions", "sign_ins", "drafts"] {
        assert_eq!(count(&store, table).await, 0, "{table}");
    }
    store.close().await;
    let url = db.url().to_owned();
    drop((house, db));
    drop_database(&other).await;
    drop_database(&url).await;
}
