//! Files of tables, read beside the pages: what somebody sends may cost a second and some memory, and nobody else waits for
//! it. Never knows what a column means.

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::domain::table::Table;
use crate::intake::{self, IntakeRefusal};

/// Files that are read at once; each may unpack to as much as a file may.
static READERS: Semaphore = Semaphore::const_new(2);

/// The tables of a file, and its bytes again. `name` words a refusal better.
pub async fn tables(bytes: Vec<u8>, name: &str) -> (Vec<u8>, Result<Vec<Table>, IntakeRefusal>) {
    // Nobody closes it, so that it always lets somebody in.
    let _turn = READERS.acquire().await;
    let name = name.to_owned();
    let read = spawn_blocking(move || {
        let tables = intake::read(&bytes, &name);
        (bytes, tables)
    });
    match read.await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(read) => read,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // The process ends.
        Err(Err(_)) => std::future::pending().await,
    }
}
