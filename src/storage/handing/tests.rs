//! Who has a connection after whom, over a pool of one that notes each time it is given back.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use tokio::task::JoinHandle;

use super::*;

/// What a test waits for comes within this, or never.
const SOON: Duration = Duration::from_secs(20);

struct Bench {
    handing: Handing,
    pool: AnyPool,
    given_back: Arc<AtomicU32>,
}

impl Bench {
    async fn with(connections: u32) -> Self {
        sqlx::any::install_default_drivers();
        let given_back = Arc::new(AtomicU32::new(0));
        let noted = Arc::clone(&given_back);
        let pool = AnyPoolOptions::new().max_connections(connections).after_release(move |_, _| {
            noted.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(true) })
        });
        let pool = pool.connect("sqlite::memory:").await.unwrap();
        let bench = Self { handing: Handing::default(), pool, given_back };
        bench.settle(connections.min(1)).await;
        bench.given_back.store(0, Ordering::SeqCst);
        bench
    }

    async fn take(&self) -> Handed {
        tokio::time::timeout(SOON, self.handing.take(&self.pool)).await.unwrap().unwrap()
    }

    /// Somebody else, who has come to the line once this returns.
    async fn another(&self) -> JoinHandle<Handed> {
        let (handing, pool) = (self.handing.clone(), self.pool.clone());
        let before = self.waiting();
        let other =
            tokio::spawn(
                async move { tokio::time::timeout(SOON, handing.take(&pool)).await.unwrap().unwrap() },
            );
        while self.waiting() == before {
            tokio::task::yield_now().await;
        }
        other
    }

    fn waiting(&self) -> usize {
        self.handing.waiting().len()
    }

    fn given_back(&self) -> u32 {
        self.given_back.load(Ordering::SeqCst)
    }

    /// Until so many connections lie in the pool.
    async fn settle(&self, idle: u32) {
        let settled = async {
            while self.pool.num_idle() < usize::try_from(idle).unwrap() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(SOON, settled).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_waits_has_the_connection_of_whoever_is_done_and_the_pool_is_not_asked() {
    let bench = Bench::with(1).await;
    let mine = bench.take().await;
    let (first, second) = (bench.another().await, bench.another().await);
    bench.handing.give(mine);
    let first = first.await.unwrap();
    assert!(!second.is_finished(), "one has it at a time, in the order in which they came");
    bench.handing.give(first);
    assert_eq!(second.await.unwrap().before, 2);
    bench.settle(1).await;
    assert_eq!(bench.given_back(), 1, "by the last of them alone");
}

#[tokio::test]
async fn a_connection_for_which_nobody_waits_goes_back_to_the_pool() {
    let bench = Bench::with(1).await;
    bench.handing.give(bench.take().await);
    bench.settle(1).await;
    assert_eq!(bench.given_back(), 1);
    assert_eq!(bench.take().await.before, 0);
}

#[tokio::test]
async fn a_connection_goes_back_to_the_pool_after_so_many_and_whoever_waits_there_has_it() {
    let bench = Bench::with(1).await;
    let mut mine = bench.take().await;
    let pool = bench.pool.clone();
    let at_the_pool = tokio::spawn(async move { pool.acquire().await.unwrap() });
    tokio::task::yield_now().await;
    for before in 1..IN_A_ROW {
        let next = bench.another().await;
        bench.handing.give(mine);
        mine = next.await.unwrap();
        assert_eq!(mine.before, before);
    }
    assert!(!at_the_pool.is_finished());
    let next = bench.another().await;
    bench.handing.give(mine);
    drop(tokio::time::timeout(SOON, at_the_pool).await.unwrap().unwrap());
    assert_eq!(next.await.unwrap().before, 0);
}

#[tokio::test]
async fn whoever_went_away_or_has_one_of_the_pool_meanwhile_is_passed_over() {
    let bench = Bench::with(2).await;
    let (mine, other) = (bench.take().await, bench.take().await);
    let (gone, from_pool, last) = (bench.another().await, bench.another().await, bench.another().await);
    gone.abort();
    assert!(gone.await.is_err_and(|gone| gone.is_cancelled()));
    drop(other);
    let from_pool = from_pool.await.unwrap();
    assert_eq!(from_pool.before, 0);
    bench.handing.give(mine);
    assert_eq!(last.await.unwrap().before, 1);
}

#[tokio::test]
async fn those_who_went_away_are_forgotten_although_nobody_hands_anything_on() {
    let bench = Bench::with(1).await;
    let _mine = bench.take().await;
    for _ in 0..20 {
        let (handing, pool) = (bench.handing.clone(), bench.pool.clone());
        let waits = tokio::spawn(async move { drop(handing.take(&pool).await) });
        tokio::task::yield_now().await;
        waits.abort();
        drop(waits.await);
    }
    assert!(bench.waiting() <= 1, "{} wait who are gone", bench.waiting());
}

#[tokio::test]
async fn a_pool_that_can_still_open_connections_is_asked_for_them() {
    let bench = Bench::with(2).await;
    let (_mine, _other) = (bench.take().await, bench.take().await);
    assert_eq!((bench.waiting(), bench.pool.size()), (0, 2));
}
