//! One conversation of the SMTP sink with one client (RFC 5321), encrypted after STARTTLS where the sink can.
//! Where it takes several commands in one go, it answers them in one go (RFC 2920).

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, BufWriter};

use super::smtp::{Deed, Received, Shared, Stage};

/// What one step of the conversation means for the next.
enum Next {
    Go,
    Close,
    Encrypt,
}

/// What a conversation goes over.
pub(super) trait Line: AsyncRead + AsyncWrite + Unpin + Send {}

impl<L: AsyncRead + AsyncWrite + Unpin + Send> Line for L {}

/// A conversation.
pub(super) struct Talk {
    stream: BufReader<BufWriter<Box<dyn Line>>>,
    encrypted: bool,
    shared: Arc<Shared>,
    from: Option<String>,
    to: Vec<String>,
    /// Whether a letter went over it.
    used: bool,
}

impl Talk {
    pub(super) fn new(stream: Box<dyn Line>, shared: Arc<Shared>) -> Self {
        Self {
            stream: BufReader::new(BufWriter::new(stream)),
            encrypted: false,
            shared,
            from: None,
            to: Vec::new(),
            used: false,
        }
    }

    /// Talks until the client quits, the connection breaks or a fault ends it.
    pub(super) async fn hold(mut self) -> io::Result<()> {
        let greeting = self.shared.fault(Stage::Greeting);
        if matches!(self.answer(greeting, "220 sink.invalid ESMTP").await?, Next::Close) {
            return Ok(());
        }
        while let Some(line) = self.line().await? {
            let line = String::from_utf8_lossy(&line).into_owned();
            match self.obey(line.trim_end()).await? {
                Next::Go => {}
                Next::Close => break,
                Next::Encrypt => self = self.encrypts().await?,
            }
        }
        Ok(())
    }

    /// The same conversation from its beginning, over an encrypted line.
    async fn encrypts(mut self) -> io::Result<Self> {
        match self.shared.fault(Stage::Handshake) {
            None => {}
            Some(Deed::Hang) => {
                self.hang().await?;
            }
            Some(_) => return Err(io::ErrorKind::ConnectionAborted.into()),
        }
        let acceptor = self.shared.acceptor.clone().ok_or(io::ErrorKind::Unsupported)?;
        let stream = acceptor.accept(self.stream.into_inner().into_inner()).await?;
        Ok(Self { encrypted: true, ..Self::new(Box::new(stream), self.shared) })
    }

    /// Answers one command.
    async fn obey(&mut self, line: &str) -> io::Result<Next> {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                self.forget();
                let offers = self.shared.acceptor.is_some() && !self.encrypted;
                let last = if offers { "STARTTLS" } else { "AUTH PLAIN" };
                let fault = self.shared.fault(Stage::Hello);
                let groups = if self.shared.groups() { "250-PIPELINING\r\n" } else { "" };
                let well = format!("250-sink.invalid\r\n{groups}250-8BITMIME\r\n250-SMTPUTF8\r\n250 {last}");
                self.answer(fault, &well).await
            }
            "STARTTLS" if self.shared.acceptor.is_some() && !self.encrypted => {
                let fault = self.shared.fault(Stage::Encryption);
                let next = self.answer(fault, "220 Go ahead").await?;
                Ok(if fault.is_none() { Next::Encrypt } else { next })
            }
            "HELO" | "RSET" => {
                self.forget();
                self.say("250 OK").await
            }
            "AUTH" => {
                let fault = self.shared.fault(Stage::Login);
                self.answer(fault, "235 Authenticated").await
            }
            "MAIL" => self.sender(argument).await,
            "RCPT" => self.recipient(argument).await,
            "DATA" if self.to.is_empty() => self.say("503 Who is it for?").await,
            "DATA" => self.message().await,
            "NOOP" => self.say("250 OK").await,
            "QUIT" => self.say("221 Bye").await.map(|_| Next::Close),
            _ => self.say("502 Not here").await,
        }
    }

    async fn sender(&mut self, argument: &str) -> io::Result<Next> {
        let fault = self.shared.fault(Stage::Sender);
        if fault.is_none() {
            self.from = Some(address(argument));
        }
        self.answer(fault, "250 OK").await
    }

    async fn recipient(&mut self, argument: &str) -> io::Result<Next> {
        if self.from.is_none() {
            return self.say("503 Who writes?").await;
        }
        let address = address(argument);
        let fault = self.shared.fault_for(&address, self.used);
        if fault.is_none() {
            self.to.push(address);
        }
        self.answer(fault, "250 OK").await
    }

    /// Takes the message up to the dot.
    async fn message(&mut self) -> io::Result<Next> {
        if let Some(fault) = self.shared.fault_at_content(self.used) {
            return self.answer(Some(fault), "").await;
        }
        self.say("354 Go on, end with a dot").await?;
        let mut bytes = Vec::new();
        loop {
            let Some(line) = self.line().await? else { return Ok(Next::Close) };
            if line == b".\r\n" {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            match self.shared.fault(Stage::Body) {
                None => {}
                Some(Deed::Hang) => return self.hang().await,
                Some(_) => return Ok(Next::Close),
            }
        }
        let from = self.from.take().unwrap_or_default();
        let message = Received { from, to: std::mem::take(&mut self.to), bytes };
        let fault = self.shared.fault(Stage::Dot);
        if !matches!(fault, Some(Deed::Answer(_))) {
            self.shared.keep(message);
            self.used = true;
        }
        self.answer(fault, "250 Kept").await
    }

    /// Does what the fault says, or says that all is well.
    async fn answer(&mut self, fault: Option<Deed>, well: &str) -> io::Result<Next> {
        match fault {
            None => self.say(well).await,
            Some(Deed::Answer(421)) => self.say("421 Closing as the test asks").await.map(|_| Next::Close),
            Some(Deed::Answer(code)) => self.say(&format!("{code} As the test asks")).await,
            Some(Deed::Say(lines)) => self.say(lines).await,
            Some(Deed::Flood(bytes)) => self.flood(bytes, well).await,
            Some(Deed::Drop) => Ok(Next::Close),
            Some(Deed::Hang) => self.hang().await,
        }
    }

    /// Says so many bytes and then that all is well; a greeting without the end of a line.
    async fn flood(&mut self, bytes: usize, well: &str) -> io::Result<Next> {
        let line = if well.starts_with("220") {
            "220-".to_owned() + &"x".repeat(96)
        } else {
            "250-".to_owned() + &"X".repeat(94) + "\r\n"
        };
        for _ in 0..bytes / line.len() {
            self.stream.write_all(line.as_bytes()).await?;
        }
        self.say(well).await
    }

    /// Stays silent until the client gives up.
    async fn hang(&mut self) -> io::Result<Next> {
        while self.line().await?.is_some() {}
        Ok(Next::Close)
    }

    async fn say(&mut self, text: &str) -> io::Result<Next> {
        self.stream.write_all(text.as_bytes()).await?;
        self.stream.write_all(b"\r\n").await?;
        // An answer may wait as long as there is more to be answered, and this one does.
        if self.stream.buffer().is_empty() || !self.shared.groups() || text.starts_with("421") {
            self.stream.flush().await?;
        }
        Ok(Next::Go)
    }

    /// The next line with its end; none where the client has gone.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line).await?;
        Ok((read > 0).then_some(line))
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
    }
}

/// What stands between the angle brackets of MAIL FROM:<...> or RCPT TO:<...>.
fn address(argument: &str) -> String {
    let inner = argument.split_once('<').map_or(argument, |(_, rest)| rest);
    inner.split('>').next().unwrap_or_default().to_owned()
}
