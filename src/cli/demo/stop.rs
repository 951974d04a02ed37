//! Being told to stop: Ctrl+C, or the system's word. Decides nothing about what stops.

/// Listens from now on; the answer comes back once the process was told to stop.
pub fn told_to_stop() -> impl Future<Output = ()> {
    let told = tokio::spawn(signal());
    async move {
        let _ = told.await;
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return interrupted().await;
    };
    tokio::select! {
        () = interrupted() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    interrupted().await;
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Nothing can be heard: the demo goes on until the process is ended from outside.
        std::future::pending::<()>().await;
    }
}
