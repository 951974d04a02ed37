//! What a server on this machine does to whoever asks it. Never leaves this machine.

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
