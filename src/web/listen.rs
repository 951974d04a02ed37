//! Where connections come in. Whoever is slow, says nothing or never reads is waited for within bounds, and makes room for
//! others long before: nobody who asks like a person is kept out by those who merely sit there. Never knows what is asked.
//!
//! A connection waits for its peer while a request comes in, while an answer goes out, and between the two. Where all places
//! are taken, the one that has waited longest is cut off. What the server itself works on is never cut off so.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Sleep, sleep, timeout};

/// The head of a request has at most so many bytes: a form of ours can come back as a query.
const HEAD_BYTES: usize = 32 * 1024;
/// And at most so many fields.
const HEAD_FIELDS: usize = 100;
/// What one connection holds of what it has heard, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;
/// After a failure to take a connection in, such as a lack of file handles.
const BREATH: Duration = Duration::from_millis(50);

/// How long a peer is waited for, and how many of them at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the whole head of a request, from the end of the answer before it: longer than a proxy keeps an idle connection,
    /// which most do for a minute.
    pub head: Duration,
    /// For the whole answer to be taken, from the first moment in which it was not.
    pub answer: Duration,
    /// For those who still wait once the server was told to stop.
    pub farewell: Duration,
    /// Connections at once: fewer than the file handles that a process has everywhere.
    pub places: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(75),
            answer: Duration::from_secs(60),
            farewell: Duration::from_secs(5),
            places: 768,
        }
    }
}

/// Those who wait for their peer, in the order in which they began to.
#[derive(Debug, Default)]
struct Room(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    silent: BTreeMap<u64, Arc<Notify>>,
}

/// What a mutex holds: nothing that is done with it can panic halfway.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Room {
    /// Cuts off the one that has waited longest.
    fn makes_room(&self) {
        if let Some((_, longest)) = held(&self.0).silent.pop_first() {
            longest.notify_one();
        }
    }

    /// Cuts off everyone who waits.
    fn empties(&self) {
        for (_, one) in std::mem::take(&mut held(&self.0).silent) {
            one.notify_one();
        }
    }
}

/// One connection's place.
#[derive(Debug)]
pub struct Place {
    room: Arc<Room>,
    since: Mutex<Option<u64>>,
    leaves: Arc<Notify>,
}

impl Place {
    fn within(room: &Arc<Room>) -> Arc<Self> {
        let place = Self { room: Arc::clone(room), since: Mutex::default(), leaves: Arc::default() };
        place.waits();
        Arc::new(place)
    }

    /// From now on it waits for its peer.
    fn waits(&self) {
        let mut since = held(&self.since);
        let mut waiting = held(&self.room.0);
        if let Some(before) = since.take() {
            waiting.silent.remove(&before);
        }
        let now = waiting.next;
        waiting.next += 1;
        waiting.silent.insert(now, Arc::clone(&self.leaves));
        *since = Some(now);
    }

    /// The request is here as a whole: from now on its peer waits.
    pub fn works(&self) {
        if let Some(since) = held(&self.since).take() {
            held(&self.room.0).silent.remove(&since);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.works();
    }
}

/// Answers whoever connects, until `end`; then those who are there are answered to their end, and nobody else.
pub async fn serve(listener: TcpListener, routes: Router, patience: Patience, end: impl Future<Output = ()>) {
    let room = Arc::new(Room::default());
    let places = Arc::new(Semaphore::new(patience.places as usize));
    let (tell, told) = watch::channel(false);
    let mut end = pin!(end);
    loop {
        let next = async {
            match listener.accept().await {
                Ok((stream, peer)) => Some((taken(&places, &room).await?, stream, peer)),
                Err(_) => {
                    room.makes_room();
                    sleep(BREATH).await;
                    None
                }
            }
        };
        let next = tokio::select! {
            next = next => next,
            () = &mut end => break,
        };
        if let Some((permit, stream, peer)) = next {
            let place = Place::within(&room);
            tokio::spawn(attends(permit, stream, peer, routes.clone(), patience, place, told.clone()));
        }
    }
    drop(listener);
    tell.send_replace(true);
    let mut left = pin!(places.acquire_many(patience.places));
    while timeout(patience.farewell, &mut left).await.is_err() {
        room.empties();
    }
}

/// A free place, for which somebody who only waits may have to go.
async fn taken(places: &Arc<Semaphore>, room: &Room) -> Option<OwnedSemaphorePermit> {
    if let Ok(free) = Arc::clone(places).try_acquire_owned() {
        return Some(free);
    }
    room.makes_room();
    Arc::clone(places).acquire_owned().await.ok()
}

/// One connection from its beginning to its end.
async fn attends(
    permit: OwnedSemaphorePermit,
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    patience: Patience,
    place: Arc<Place>,
    told: watch::Receiver<bool>,
) {
    // Without it a small answer may wait for the peer's acknowledgement; where it cannot be set, it does.
    let _ = stream.set_nodelay(true);
    let stream = TokioIo::new(Timely { stream, limit: patience.answer, stalled: None });
    let pages = Pages { routes: TowerToHyperService::new(routes), peer, place: Arc::clone(&place) };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_headers(HEAD_FIELDS)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(BUFFER_BYTES);
    let mut connection = pin!(http.serve_connection(stream, pages));
    let (mut end, mut ends) = (pin!(stopped(told)), false);
    loop {
        tokio::select! {
            // How it ended is the peer's matter.
            _ = connection.as_mut() => break,
            () = place.leaves.notified() => break,
            () = &mut end, if !ends => {
                ends = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
    drop(permit);
}

async fn stopped(mut told: watch::Receiver<bool>) {
    if told.wait_for(|told| *told).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The pages as one connection sees them.
struct Pages {
    routes: TowerToHyperService<Router>,
    peer: SocketAddr,
    place: Arc<Place>,
}

impl Service<Request<Incoming>> for Pages {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let place = Arc::clone(&self.place);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        request.extensions_mut().insert(Arc::clone(&place));
        let answer = self.routes.call(request);
        Box::pin(async move {
            let answer = answer.await;
            place.waits();
            answer
        })
    }
}

/// A connection that does not wait for ever until it may write. HTTP flushes it once an answer is written as a whole.
struct Timely {
    stream: TcpStream,
    limit: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Timely {
    fn bounded<T>(&mut self, context: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            return done;
        }
        let limit = self.limit;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        stalled.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Timely {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Timely {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.bounded(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, bytes);
        this.bounded(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        if flushed.is_ready() {
            this.stalled = None;
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
