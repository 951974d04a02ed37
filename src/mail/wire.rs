//! The bytes between us and a relay, fenced: an answer without an end is broken off, and nothing is believed that came before
//! the line was encrypted. Knows no command but STARTTLS.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Most bytes that a relay may say before we say something again. The library reads a whole answer anew for each of its lines,
/// so that 100 kB of short ones, which it allows, take seconds of a processor; and it bounds a line only once it has come to
/// its end. Real answers have a few hundred bytes.
const UNASKED: usize = 16 * 1024;
/// The same once STARTTLS was said: certificates are longer, and who sends more has shown one.
const UNASKED_ENCRYPTED: usize = 128 * 1024;
/// What the library writes before it encrypts.
const STARTTLS: &[u8] = b"STARTTLS\r\n";
/// Most bytes of the answer to that.
const GO_AHEAD: usize = 4 * 1024;

/// A fenced line.
#[derive(Debug)]
pub(super) struct Wire {
    line: Box<dyn AsyncTokioStream>,
    heard: usize,
    encrypted: bool,
    /// What was answered to STARTTLS so far; none at any other time.
    go_ahead: Option<Vec<u8>>,
}

impl Wire {
    /// Fences a line on which nothing was said yet.
    pub(super) fn over(line: Box<dyn AsyncTokioStream>) -> Self {
        Self { line, heard: 0, encrypted: false, go_ahead: None }
    }

    /// Takes note of what was heard.
    fn hear(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.heard += bytes.len();
        let most = if self.encrypted { UNASKED_ENCRYPTED } else { UNASKED };
        if self.heard > most {
            return Err(io::Error::other("the answer has no end"));
        }
        let Some(answer) = &mut self.go_ahead else { return Ok(()) };
        answer.extend_from_slice(bytes);
        // The library keeps what it has read, and would take it for what the encrypted line said.
        if answer.len() > GO_AHEAD || says_more(answer) {
            return Err(io::Error::other("more was said than STARTTLS asks for"));
        }
        Ok(())
    }

    /// Takes note of what was said.
    fn say(&mut self, bytes: &[u8]) {
        self.heard = 0;
        self.go_ahead = (bytes == STARTTLS).then(Vec::new);
        self.encrypted |= self.go_ahead.is_some();
    }
}

/// Whether anything follows the last line of an answer: the first whose code no hyphen follows (RFC 5321, section 4.2.1).
fn says_more(answer: &[u8]) -> bool {
    let mut rest = answer;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end + 1);
        if line.get(3) != Some(&b'-') {
            return !after.is_empty();
        }
        rest = after;
    }
    false
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.line.peer_addr()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut *self.line).poll_read(context, buffer))?;
        let heard = buffer.filled().get(before..).unwrap_or_default();
        Poll::Ready(self.hear(heard))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.say(bytes);
        Pin::new(&mut *self.line).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.line).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.line).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_follows_the_last_line_of_an_answer_is_more() {
        for whole in ["220 go on\r\n", "220-go\r\n220 on\r\n", "220", "220-go\r\n", "220\r\n", "454 no\r\n"] {
            assert!(!says_more(whole.as_bytes()), "{whole:?}");
        }
        for more in [
            "220 go on\r\n250-evil\r\n",
            "220-go\r\n220 on\r\n2",
            "220\r\n\r\n",
            "454 no\r\n250 AUTH PLAIN\r\n",
        ] {
            assert!(says_more(more.as_bytes()), "{more:?}");
        }
    }
}
