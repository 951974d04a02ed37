//! A mailbox over IMAP (RFC 9051): which messages there are after one, and each within bounds. Never deletes or moves a
//! message, never says a server's own words, and never waits without an end.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use async_imap::{Client, Session};
use futures_util::TryStreamExt;
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::mailbox_url::{MailboxUrl, MailboxUrlRefusal};
use super::tls::Encryption;
use super::url::Security;

/// Larger messages are left alone: no answer and no report is that large.
pub const MAX_MESSAGE: u32 = 1 << 20;

/// A line to a server, encrypted or not.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Wire for T {}

/// Why a mailbox could not be looked into, in our own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No connection.
    #[error("the mail server does not answer")]
    Connect,
    /// No common way to encrypt, or a certificate that is not the server's.
    #[error("no agreement on encryption; is the certificate valid for the server's name?")]
    Encryption,
    /// STARTTLS is not offered.
    #[error("the mail server offers no STARTTLS; use imaps://")]
    NoStartTls,
    /// User or password.
    #[error("login refused; check user and password of the setting mailbox_url")]
    Login,
    /// No such folder.
    #[error("the folder cannot be opened; check its name in the setting mailbox_url")]
    Folder,
    /// In the middle of it.
    #[error("the connection was lost")]
    Lost,
    /// Nothing came back.
    #[error("no answer in time")]
    Silent,
}

/// A mailbox and how to reach it.
pub struct Mailbox {
    url: MailboxUrl,
    encryption: Option<Encryption>,
    patience: Duration,
}

/// A folder that is open.
pub struct Folder {
    session: Session<Box<dyn Wire>>,
    validity: u32,
    patience: Duration,
}

/// A message as a folder lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its number, which no other message of this folder ever has under the same validity.
    pub uid: u32,
    /// Its size in octets.
    pub size: u32,
}

impl Mailbox {
    /// Reads what encryption needs; connects to nothing. Waits so long for each answer.
    ///
    /// # Errors
    /// Where the authority's file cannot be read, or the host cannot be in a certificate.
    pub fn new(url: MailboxUrl, patience: Duration) -> Result<Self, MailboxUrlRefusal> {
        let encryption = match url.security {
            Security::Plain => None,
            Security::StartTls | Security::Implicit => Some(
                Encryption::with(&url.host, url.authority.as_deref())
                    .map_err(MailboxUrlRefusal::Encryption)?,
            ),
        };
        Ok(Self { url, encryption, patience })
    }

    /// Which mailbox it is, as one text: of another user, server or folder it is another.
    #[must_use]
    pub fn name(&self) -> String {
        let MailboxUrl { host, port, login, folder, .. } = &self.url;
        format!("{}\n{host}\n{port}\n{folder}", login.user)
    }

    /// Connects, encrypts, logs in and opens the folder.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn open(&self) -> Result<Folder, Trouble> {
        let client = self.dial().await?;
        let login = &self.url.login;
        // The server has to learn the password: this is the login, over a line that the setting keeps private.
        let attempt = client.login(&login.user, login.password.expose_secret());
        let mut session = match timeout(self.patience, attempt).await {
            Err(_) => return Err(Trouble::Silent),
            Ok(Err(_)) => return Err(Trouble::Login),
            Ok(Ok(session)) => session,
        };
        let folder = within(self.patience, Trouble::Folder, session.select(&self.url.folder)).await?;
        let validity = folder.uid_validity.ok_or(Trouble::Folder)?;
        Ok(Folder { session, validity, patience: self.patience })
    }

    async fn dial(&self) -> Result<Client<Box<dyn Wire>>, Trouble> {
        let target = (self.url.host.as_str(), self.url.port);
        let stream = match timeout(self.patience, TcpStream::connect(target)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(_)) => return Err(Trouble::Connect),
            Err(_) => return Err(Trouble::Silent),
        };
        let wire: Box<dyn Wire> = match (&self.encryption, self.url.security) {
            (Some(encryption), Security::Implicit) => self.encrypted(encryption, stream).await?,
            (Some(encryption), _) => {
                let mut plain = Client::new(stream);
                self.greeting(&mut plain).await?;
                let upgrade = plain.run_command_and_check_ok("STARTTLS", None);
                within(self.patience, Trouble::NoStartTls, upgrade).await?;
                // What a stranger slipped in before the line was private goes with the old client's buffer.
                return Ok(Client::new(self.encrypted(encryption, plain.into_inner()).await?));
            }
            (None, _) => Box::new(stream),
        };
        let mut client = Client::new(wire);
        self.greeting(&mut client).await?;
        Ok(client)
    }

    async fn encrypted(&self, encryption: &Encryption, stream: TcpStream) -> Result<Box<dyn Wire>, Trouble> {
        let stream = within(self.patience, Trouble::Encryption, encryption.wrap(stream)).await?;
        Ok(Box::new(stream))
    }

    async fn greeting<T: Wire>(&self, client: &mut Client<T>) -> Result<(), Trouble> {
        let greeting = within(self.patience, Trouble::Lost, client.read_response()).await?;
        greeting.map(drop).ok_or(Trouble::Lost)
    }
}

impl Folder {
    /// The folder's own mark: under another one, numbers begin anew.
    #[must_use]
    pub const fn validity(&self) -> u32 {
        self.validity
    }

    /// The first messages after a number, in order; at most so many.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn after(&mut self, uid: u32, at_most: usize) -> Result<Vec<Listed>, Trouble> {
        let Some(from) = uid.checked_add(1) else { return Ok(Vec::new()) };
        let query = format!("UID {from}:*");
        let found = within(self.patience, Trouble::Lost, self.session.uid_search(query)).await?;
        // `*` is the last message, even where that lies before.
        let mut uids: Vec<u32> = found.into_iter().filter(|found| *found > uid).collect();
        uids.sort_unstable();
        uids.truncate(at_most);
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let set = uids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let sizes =
            async { self.session.uid_fetch(set, "(UID RFC822.SIZE)").await?.try_collect::<Vec<_>>().await };
        let fetched = within(self.patience, Trouble::Lost, sizes).await?;
        let listed = |uid: u32| {
            let size = fetched.iter().find(|one| one.uid == Some(uid)).and_then(|one| one.size);
            // One that is gone meanwhile has no size, and is passed like one that is too large.
            Listed { uid, size: size.unwrap_or(u32::MAX) }
        };
        Ok(uids.into_iter().map(listed).collect())
    }

    /// One message; none where it is gone. The mark that it was read stays as it is.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn message(&mut self, uid: u32) -> Result<Option<Vec<u8>>, Trouble> {
        // The bound stands in the request: a server that said another size before sends no more either.
        let query = format!("(UID BODY.PEEK[]<0.{MAX_MESSAGE}>)");
        let fetch =
            async { self.session.uid_fetch(uid.to_string(), query).await?.try_collect::<Vec<_>>().await };
        let fetched = within(self.patience, Trouble::Lost, fetch).await?;
        let one = fetched.iter().find(|one| one.uid == Some(uid));
        Ok(one.and_then(|one| one.body()).map(<[u8]>::to_vec))
    }

    /// Marks a message as read, for whoever looks into the mailbox with another program.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn mark_read(&mut self, uid: u32) -> Result<(), Trouble> {
        let mark = async {
            let answers = self.session.uid_store(uid.to_string(), "+FLAGS.SILENT (\\Seen)").await?;
            answers.try_collect::<Vec<_>>().await
        };
        within(self.patience, Trouble::Lost, mark).await.map(drop)
    }

    /// Says goodbye; what the server answers does not matter any more.
    pub async fn close(mut self) {
        drop(timeout(Duration::from_secs(2), self.session.logout()).await);
    }
}

async fn within<T, E>(
    patience: Duration,
    trouble: Trouble,
    step: impl Future<Output = Result<T, E>>,
) -> Result<T, Trouble> {
    match timeout(patience, step).await {
        Err(_) => Err(Trouble::Silent),
        Ok(answer) => answer.map_err(|_| trouble),
    }
}
