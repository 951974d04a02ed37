//! Quick checks on the embedded engine; every walk through both engines lives in `tests/house`.

use super::*;

#[tokio::test]
async fn every_statement_fits_the_tables() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite://{}/a.db", folder.path().display())).await.unwrap();
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    assert!(store.check_statements().await.unwrap() > 60);
}

/// A later version may add columns while this one runs: so nothing is read or written by place.
#[test]
fn every_statement_names_its_columns() {
    for text in all_statements(Engine::Postgres) {
        let words = text.replace("COUNT(*)", "");
        assert!(!words.contains('*'), "{text}");
        if let Some((_, rest)) = words.split_once("INSERT INTO ") {
            let (_, after) = rest.split_once(' ').unwrap_or_default();
            assert!(after.trim_start().starts_with('('), "{text}");
        }
    }
}
