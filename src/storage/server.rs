//! Connections to a PostgreSQL: how many, and whether the other end is still there. Never asks it anything else.

use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, Connection as _};

/// A connection that lay idle so long is asked whether it is still there.
const IDLE: Duration = Duration::from_secs(1);
/// A server that takes longer to answer nothing is gone.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// So many connections to PostgreSQL: three for each of this machine's processors, at least 6 and at most 16. With more than its
/// own processors can serve at once, the server spends its time on changing from one to the next. Nobody holds two at
/// once, so one would be enough to go on.
pub(super) fn connections() -> u32 {
    let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    u32::try_from(3 * processors).unwrap_or(16).clamp(6, 16)
}

/// Connections to a server, which are asked when they are given back, and again only if they lay idle since.
pub(super) fn over_a_network(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move { Ok(about.idle_for < IDLE || still_answers(connection).await) })
        })
        .after_release(|connection, _| Box::pin(async move { Ok(still_answers(connection).await) }))
}

/// Whether the server at the other end is still there. One whose machine lost its power does not hang up, and the driver would wait
/// for its last words for ever: a pool of such connections, and the service stands still although another server took over.
async fn still_answers(connection: &mut AnyConnection) -> bool {
    matches!(tokio::time::timeout(ANSWERS_WITHIN, connection.ping()).await, Ok(Ok(())))
}
