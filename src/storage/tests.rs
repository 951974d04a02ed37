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
