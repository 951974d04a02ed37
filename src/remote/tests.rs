//! What a server on this machine does to whoever asks it. Never leaves this machine.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A server that answers one request with these bytes and then keeps quiet.
async fn server(answer: Vec<u8>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a?b=c", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = vec![0; 4096];
        let _ = stream.read(&mut heard).await;
        let _ = stream.write_all(&answer).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    url
}

async fn asked(url: &Url) -> Result<Response<Bytes>, Trouble> {
    let mut remote = Remote::new(Reach::Loopback).unwrap();
    remote.patience = Duration::from_millis(500);
    remote.get(url, HeaderMap::new()).await
}

#[tokio::test]
async fn an_answer_is_read_and_a_redirect_is_not_followed() {
    let url = server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_vec()).await;
    let answer = asked(&url).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.body()[..]), (200, &b"hi"[..]));
    let away = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(asked(&server(away.to_vec()).await).await.unwrap().status().as_u16(), 302);
}

#[tokio::test]
async fn an_answer_beyond_its_bounds_is_not_read() {
    let endless = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; MAX_BYTES + 1]].concat();
    assert_eq!(asked(&server(endless).await).await.unwrap_err(), Trouble::TooLarge);
    let silent = server(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_vec()).await;
    assert_eq!(asked(&silent).await.unwrap_err(), Trouble::TooSlow);
    assert_eq!(asked(&server(b"no such thing\r\n\r\n".to_vec()).await).await.unwrap_err(), Trouble::NotHttp);
}

#[tokio::test]
async fn whoever_may_reach_the_public_alone_does_not_reach_this_machine() {
    let url = server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    let secure: Url = url.as_str().replace("http:", "https:").parse().unwrap();
    let remote = Remote::new(Reach::Public).unwrap();
    assert_eq!(remote.get(&secure, HeaderMap::new()).await.unwrap_err(), Trouble::Private);
    assert_eq!(remote.get(&url, HeaderMap::new()).await.unwrap_err(), Trouble::Address);
}

/// A name service that gives the answers of a list, one after another, and counts how often it was asked.
fn tells(answers: Vec<Vec<SocketAddr>>) -> (LookUp, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let look_up: LookUp = Box::new(move |_, _| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let answer = answers.get(number).or(answers.last()).cloned().unwrap_or_default();
        Box::pin(async move { Ok(answer) })
    });
    (look_up, asked)
}

/// A public address that belongs to nobody: that part of the network was never given away.
const NOBODYS: &str = "[2d00:dead::1]:443";

#[tokio::test]
async fn a_name_that_changes_its_mind_leads_nobody_inside() {
    let inside = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = inside.local_addr().unwrap();
    let nobody: SocketAddr = NOBODYS.parse().unwrap();
    let mapped: SocketAddr = format!("[::ffff:127.0.0.1]:{}", here.port()).parse().unwrap();
    let url: Url = format!("https://calendar.example.org:{}/a.ics", here.port()).parse().unwrap();
    let ask = async |answers: Vec<Vec<SocketAddr>>| {
        let (look_up, asked) = tells(answers);
        let mut remote = Remote::new(Reach::Public).unwrap();
        (remote.patience, remote.look_up) = (Duration::from_millis(300), look_up);
        let first = remote.get(&url, HeaderMap::new()).await.map(|_| ());
        assert_eq!(asked.load(Ordering::SeqCst), 1, "whoever asks twice may be told something else");
        (first, remote.get(&url, HeaderMap::new()).await.map(|_| ()))
    };
    let unreached = [Err(Trouble::Silent), Err(Trouble::TooSlow)];
    // First public, then inside: between two requests and, if anybody asked again, within one.
    let (first, second) = ask(vec![vec![nobody], vec![here]]).await;
    assert!(unreached.contains(&first), "{first:?}");
    assert_eq!(second, Err(Trouble::Private));
    // Both at once: what is inside is not tried where the public one does not answer.
    let (first, _) = ask(vec![vec![nobody, here, mapped]]).await;
    assert!(unreached.contains(&first), "{first:?}");
    for inside_only in [vec![here], vec![mapped], vec![here; 200]] {
        assert_eq!(ask(vec![inside_only]).await.0, Err(Trouble::Private));
    }
    assert_eq!(ask(vec![vec![]]).await.0, Err(Trouble::Name));
    let came = tokio::time::timeout(Duration::from_millis(50), inside.accept()).await;
    assert!(came.is_err(), "somebody connected");
}
