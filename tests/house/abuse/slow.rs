//! People, or programs, who sit there: they say nothing, say it letter by letter, or never read what they are answered.
//! Everybody else is answered meanwhile, and those are cut off after a while.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use holdspace::web::listen::{self, Patience};
use holdspace::web::{WebState, router};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::harness::engines::TestDatabase;
use crate::harness::house::House;

/// Cut off after so long, where a test waits for it.
const SHORT: Duration = Duration::from_secs(1);
/// And at the latest then, on a machine that has other things to do.
const LATEST: Duration = Duration::from_secs(20);

/// The pages of a house behind the product's own way of taking connections in.
struct Door {
    address: SocketAddr,
    serving: JoinHandle<()>,
    close: Option<oneshot::Sender<()>>,
}

impl Door {
    async fn of(house: &House, places: u32, request: Duration) -> Self {
        let patience = Patience { head: SHORT, answer: SHORT, farewell: SHORT / 4, places };
        Self::with(house, patience, request).await
    }

    async fn with(house: &House, patience: Patience, request: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = router(WebState::new(house.desk.clone()).with_patience(request));
        let (close, closed) = oneshot::channel();
        let end = async { drop(closed.await) };
        let serving = tokio::spawn(listen::serve(listener, routes, patience, end));
        Self { address, serving, close: Some(close) }
    }

    async fn connects(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Whether somebody honest is answered, by a connection of their own.
    async fn answers(&self) -> bool {
        let Ok(mut line) = TcpStream::connect(self.address).await else { return false };
        let asked = line.write_all(b"GET /about HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
        let mut page = String::new();
        let read = tokio::time::timeout(LATEST, line.read_to_string(&mut page)).await;
        asked.is_ok() && matches!(read, Ok(Ok(_))) && page.starts_with("HTTP/1.1 200 ")
    }
}

/// Waits until a connection is cut; how much came before.
async fn is_cut(mut line: TcpStream) -> usize {
    let mut heard = Vec::new();
    let read = tokio::time::timeout(LATEST, line.read_to_end(&mut heard)).await;
    assert!(read.is_ok(), "it was never cut off");
    heard.len()
}

/// Says one letter every now and then, until nobody listens any more.
async fn drips(mut line: TcpStream, text: Vec<u8>) {
    for letter in text {
        if line.write_all(&[letter]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it was heard to its end");
}

async fn house(db: &TestDatabase) -> House {
    House::on(db).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_sit_there_keep_nobody_out_and_are_cut_off() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    // Fewer places than there are of them.
    let door = Door::of(&house, 96, SHORT).await;
    let mut slow = JoinSet::new();
    for _ in 0..200 {
        let line = door.connects().await;
        slow.spawn(async move {
            is_cut(line).await;
        });
    }
    let head = b"GET /about HTTP/1.1\r\nhost: a\r\nx: ".iter().copied().chain(std::iter::repeat_n(b'y', 400));
    let body = b"POST /sign-in HTTP/1.1\r\nhost: a\r\ncontent-length: 4000\r\n\r\n";
    for _ in 0..40 {
        slow.spawn(drips(door.connects().await, head.clone().collect()));
        let mut line = door.connects().await;
        line.write_all(body).await.unwrap();
        slow.spawn(drips(line, vec![b'a'; 400]));
    }
    let begun = Instant::now();
    for n in 0..40 {
        assert!(door.answers().await, "the {n}th who asked like a person was not answered");
    }
    println!("forty pages among 280 who sit there: {:?}", begun.elapsed());
    while let Some(one) = slow.join_next().await {
        one.unwrap();
    }
    println!("all of those were cut off after {:?}", begun.elapsed());
    assert!(door.answers().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_who_only_sits_there_is_cut_off_early_where_there_is_room() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let patience = Patience { head: LATEST, answer: LATEST, farewell: SHORT / 4, places: 8 };
    let mut door = Door::with(&house, patience, LATEST).await;
    let mut waits = door.connects().await;
    for _ in 0..20 {
        assert!(door.answers().await);
    }
    waits.write_all(b"GET /about HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut begin = [0; 12];
    waits.read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");
    // Told to stop, the door does not wait for them longer than it must.
    let idle = door.connects().await;
    let begun = Instant::now();
    door.close.take().unwrap().send(()).unwrap();
    tokio::time::timeout(LATEST, &mut door.serving).await.unwrap().unwrap();
    assert!(begun.elapsed() < LATEST / 2, "{:?}", begun.elapsed());
    assert_eq!(is_cut(idle).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_and_never_reads_is_cut_off() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let door = Door::of(&house, 16, SHORT).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let line = socket.connect(door.address).await.unwrap();
    let (mut reads, mut asks) = line.into_split();
    let many = 1_000;
    let asking = tokio::spawn(async move {
        let asked = b"GET /staff.css HTTP/1.1\r\nhost: a\r\n\r\n".repeat(many);
        drop(asks.write_all(&asked).await);
        asks
    });
    // Longer than an answer may wait to be taken.
    tokio::time::sleep(4 * SHORT).await;
    assert!(door.answers().await, "others are answered meanwhile");
    let mut heard = Vec::new();
    let read = tokio::time::timeout(LATEST, reads.read_to_end(&mut heard)).await;
    assert!(read.is_ok(), "it was never cut off");
    let answers = heard.windows(9).filter(|window| window == b"HTTP/1.1 ").count();
    println!("{answers} answers of {many}, {} bytes, lay ready when it was cut off", heard.len());
    assert!(answers < many, "all was written for somebody who did not read");
    drop(asking.await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_without_end_is_refused() {
    let db = TestDatabase::sqlite();
    let house = house(&db).await;
    let door = Door::of(&house, 16, SHORT).await;
    let long = "y".repeat(200_000);
    let heads = [
        format!("GET /about HTTP/1.1\r\nhost: a\r\nx: {long}\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nhost: a\r\n\r\n"),
        format!("GET /about HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(5_000)),
        format!("GET /about HTTP/1.1\r\nhost: a\r\ncookie: {}\r\n\r\n", "a=b; ".repeat(20_000)),
        format!("{long}\r\n\r\n"),
    ];
    for head in heads {
        let mut line = door.connects().await;
        // The server may close before it heard all of it.
        drop(line.write_all(head.as_bytes()).await);
        let mut answer = Vec::new();
        let read = tokio::time::timeout(LATEST, line.read_to_end(&mut answer)).await.unwrap();
        let told = String::from_utf8_lossy(&answer).into_owned();
        assert!(read.is_err() || told.is_empty() || told.starts_with("HTTP/1.1 4"), "{told}");
    }
    // Chunks of one letter, and a length that is never reached.
    let chunks = format!(
        "POST /sign-in HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{}",
        "1\r\nx\r\n".repeat(30_000)
    );
    let mut line = door.connects().await;
    drop(line.write_all(chunks.as_bytes()).await);
    assert!(is_cut(line).await > 0, "it is refused in words");
    assert!(door.answers().await);
}
