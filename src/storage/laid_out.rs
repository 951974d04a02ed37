//! How PostgreSQL lays rows out where its own measure does not fit ours; the tables are the same on both engines. Never changes
//! what is in a row.

use sqlx::{AnyConnection, Executor as _};

use super::Result;

/// A booking is swapped whole, and what is sealed is no smaller for being compressed. By PostgreSQL's own measure all that is
/// sealed of it goes into a second table, in pieces of 2 kB; by this one the largest column alone does. Half of a page stays free
/// for what a row becomes, so that no index is written when it does.
const BOOKINGS: &str = "ALTER TABLE bookings SET (toast_tuple_target = 8160, fillfactor = 50)";
/// Whether it is laid out like that: asked first, because saying it again would have everybody plan their statements anew.
const ARE: &str = "SELECT COUNT(*) FROM pg_class WHERE oid = CAST('bookings' AS regclass) \
    AND reloptions @> ARRAY['toast_tuple_target=8160', 'fillfactor=50']";

/// That nothing is gained by compressing what is sealed PostgreSQL would find out anew with every row, after a kilobyte of it.
const AS_IT_IS: &str = "ALTER TABLE bookings ALTER COLUMN sealed SET STORAGE EXTERNAL, \
    ALTER COLUMN history SET STORAGE EXTERNAL";
/// How many of the two are kept as they are.
const KEPT: &str = "SELECT COUNT(*) FROM pg_attribute WHERE attrelid = CAST('bookings' AS regclass) \
    AND attname IN ('sealed', 'history') AND attstorage = 'e'";

/// Lays out what is written from now on. Has nobody wait for longer than a moment: what is in use just then is laid out at the
/// next start.
pub(super) async fn lay_out(connection: &mut AnyConnection) -> Result<()> {
    let are: i64 = sqlx::query_scalar(ARE).fetch_one(&mut *connection).await?;
    if are == 0 {
        connection.execute(BOOKINGS).await?;
    }
    let kept: i64 = sqlx::query_scalar(KEPT).fetch_one(&mut *connection).await?;
    if kept < 2 {
        // Waits for everybody who has the table, and whoever comes meanwhile waits behind it.
        connection.execute("SET lock_timeout = '1s'").await?;
        drop(connection.execute(AS_IT_IS).await);
        connection.execute("RESET lock_timeout").await?;
    }
    Ok(())
}
