//! Letters as `.eml` files in a directory. A letter written twice is one file; a half-written one is never seen.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use mail_parser::MessageParser;

use super::envelope::Envelope;
use super::failure::{Failure, Reason, Stage};
use crate::domain::identity::Address;

/// Most bytes of a letter's head.
const MAX_HEAD: u64 = 64 * 1024;

/// A directory of letters.
#[derive(Debug, Clone)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// The directory at `path`; made when the first session opens.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Deletes the letters to these addresses; says how many there were. A directory that is not there holds none.
    ///
    /// # Errors
    /// Where it cannot be read, or a letter in it cannot be deleted.
    pub fn forget(&self, addresses: &[Address]) -> io::Result<usize> {
        if !self.path.is_dir() {
            return Ok(0);
        }
        let mut forgotten = 0;
        for file in std::fs::read_dir(&self.path)? {
            let path = file?.path();
            if path.extension().is_some_and(|end| end == "eml") && is_to(&path, addresses)? {
                std::fs::remove_file(path)?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }

    pub(super) async fn prepare(&self) -> Result<(), Failure> {
        let path = self.path.clone();
        blocking(move || std::fs::create_dir_all(path), "the directory cannot be made; check its path").await
    }

    pub(super) async fn send(&self, envelope: &Envelope<'_>, letter: &[u8]) -> Result<(), Failure> {
        let name = file_name(envelope.message_id);
        let (path, letter) = (self.path.clone(), letter.to_vec());
        blocking(move || write(&path, &name, &letter), "the letter cannot be written; check space and rights")
            .await
    }
}

/// Whether a letter of ours goes to one of these. Its head is at the beginning, and no head of ours is longer.
fn is_to(path: &Path, addresses: &[Address]) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(MAX_HEAD).read_to_end(&mut head)?;
    let parsed = MessageParser::default().parse_headers(&head);
    let to = parsed.as_ref().and_then(|letter| letter.to()).into_iter().flat_map(|to| to.iter());
    let mut to = to.filter_map(|one| one.address()?.parse::<Address>().ok());
    Ok(to.any(|to| addresses.contains(&to)))
}

async fn blocking(
    work: impl FnOnce() -> io::Result<()> + Send + 'static,
    otherwise: &'static str,
) -> Result<(), Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Failure::Later(Reason::at(Stage::File, otherwise))),
    }
}

/// Writes beside the place, makes it last, and then moves it in: whoever reads the directory sees whole letters.
fn write(directory: &Path, name: &str, letter: &[u8]) -> io::Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let beside = directory.join(format!(".{}.{number}.part", std::process::id()));
    let written = owner_only(&beside)
        .and_then(|mut file| file.write_all(letter).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, directory.join(name)));
    if written.is_err() {
        // What is left behind would be only litter; the first error is the one to report.
        drop(std::fs::remove_file(&beside));
    }
    written
}

/// Letters hold links, and a link is a key.
fn owner_only(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The file of a letter, named by its Message-ID.
#[must_use]
pub fn file_name(message_id: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '@') { c } else { '_' };
    let name: String = message_id.trim_matches(['<', '>']).chars().map(kept).take(200).collect();
    // A leading dot would hide it, or lead up the tree.
    format!("{}.eml", name.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_letter_sent_twice_is_one_file_and_nothing_is_left_beside_it() {
        let temp = tempfile::tempdir().unwrap();
        let directory = Directory::at(temp.path().join("out"));
        directory.prepare().await.unwrap();
        let address = "a@x.org".parse().ok().unwrap();
        let envelope = Envelope { from: &address, to: &address, message_id: "<u.0.invitation@x.org>" };
        for _ in 0..2 {
            directory.send(&envelope, b"Subject: x\r\n\r\nbody\r\n").await.unwrap();
        }
        let files: Vec<_> = std::fs::read_dir(temp.path().join("out"))
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        assert_eq!(files, ["u.0.invitation@x.org.eml"]);
        let bytes = std::fs::read(temp.path().join("out/u.0.invitation@x.org.eml")).unwrap();
        assert_eq!(bytes, b"Subject: x\r\n\r\nbody\r\n");
    }

    #[tokio::test]
    async fn a_directory_that_cannot_be_is_tried_again_and_its_reason_names_nobody() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let failure = Directory::at(file.path().join("x")).prepare().await.unwrap_err();
        assert_eq!(failure.reason().to_string(), "file: the directory cannot be made; check its path");
        assert!(failure.may_try_again());
    }

    #[tokio::test]
    async fn letters_to_somebody_who_is_erased_are_deleted_and_no_others() {
        let temp = tempfile::tempdir().unwrap();
        let directory = Directory::at(temp.path().join("out"));
        let [her, other] = ["ann@x.org", "bob@x.org"].map(|text| text.parse::<Address>().ok().unwrap());
        assert_eq!(directory.forget(std::slice::from_ref(&her)).unwrap(), 0);
        directory.prepare().await.unwrap();
        for (to, id) in [(&her, "<1@x>"), (&other, "<2@x>"), (&her, "<3@x>")] {
            let envelope = Envelope { from: &other, to, message_id: id };
            let text =
                format!("Subject: x\r\nTo: \"A, Nn\" <{}>\r\n\r\nann@x.org\r\n", to.reveal().to_uppercase());
            directory.send(&envelope, text.as_bytes()).await.unwrap();
        }
        assert_eq!(directory.forget(&[her]).unwrap(), 2);
        let left: Vec<_> = std::fs::read_dir(temp.path().join("out")).unwrap().collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn no_message_id_leads_out_of_the_directory() {
        assert_eq!(file_name("<../../etc/passwd@x>"), "_.._etc_passwd@x.eml");
    }
}
