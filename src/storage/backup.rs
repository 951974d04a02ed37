//! A place of backups: a folder for each, named by its moment, with both stores and a manifest in it. Each appears whole or not
//! at all, and nothing is ever overwritten. The key file and the mirror of releases are never in it.
//!
//! Copies of the store of keys go after seven days, by the next backup in the same place: as long as one lies there, whoever
//! was erased since can be read again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, NaiveDateTime};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::time::Instant;

/// The form that this program writes and reads.
pub const FORMAT: u32 = 1;
/// So many days a copy of the store of keys is kept.
pub const KEYS_DAYS: i64 = 7;
/// The main store in a backup.
pub const MAIN: &str = "holdspace.db";
/// The store of keys in a backup.
pub const KEYS: &str = "holdspace.keys.db";
const MANIFEST: &str = "manifest.json";
/// How folders are named: the moment, in UTC.
const NAMED: &str = "%Y%m%dT%H%M%SZ";
/// What a folder is called before it is whole.
const UNFINISHED: &str = ".unfinished-";
/// Most bytes of a manifest.
const MOST_BYTES: u64 = 256 * 1024;

/// What can go wrong with the files of a backup: which, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct BackupTrouble {
    path: String,
    problem: String,
}

impl BackupTrouble {
    pub(super) fn at(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.display().to_string(), problem: problem.into() }
    }

    pub(super) fn io<'p>(path: &'p Path, what: &'p str) -> impl FnOnce(io::Error) -> Self + use<'p> {
        move |why| Self::at(path, format!("cannot be {what} ({})", why.kind()))
    }
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileNote {
    /// Its name in the folder.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of it, in hexadecimal.
    pub sha256: String,
}

/// How far the database knew the mirror of releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MirrorNote {
    /// Lines of it.
    pub lines: i64,
    /// What the last of them ends in.
    pub head: String,
}

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Of which form it is.
    pub format: u32,
    /// The version of the program that made it.
    pub program: String,
    /// Whatever was answered for before this moment is in it.
    pub at: Instant,
    /// The newest migration of its tables.
    pub schema: i64,
    /// Its files.
    pub files: Vec<FileNote>,
    /// How far the mirror of releases is known in it; none before the first booking.
    pub mirror: Option<MirrorNote>,
    /// The names of the keys of the key file that seal what is in it.
    pub sealed_by: Vec<String>,
    /// What does not hold together in it.
    pub findings: Vec<String>,
}

/// A place of backups, held for one who writes there.
pub struct Place {
    path: PathBuf,
    /// Kept open, because the lock goes with it.
    held: File,
}

impl Place {
    /// Opens a place, or makes it where nothing is; clears away what was broken off.
    ///
    /// # Errors
    /// [`BackupTrouble`] where something else lies there, somebody else writes there, or it cannot be written.
    pub fn open(path: &Path) -> Result<Self, BackupTrouble> {
        if !path.exists() {
            private_folder(path)?;
        }
        let names = names(path)?;
        let ours = |name: &&String| name.starts_with(UNFINISHED) || moment(name).is_some();
        if let Some(foreign) = names.iter().find(|name| !ours(name)) {
            let shown: String = foreign.chars().take(60).collect();
            return Err(BackupTrouble::at(
                path,
                format!(
                    "holds something that is no backup ({shown}); give a directory of its own, empty or not there yet"
                ),
            ));
        }
        let held = File::open(path).map_err(BackupTrouble::io(path, "opened"))?;
        held.try_lock()
            .map_err(|_| BackupTrouble::at(path, "another backup is being written here; wait for it"))?;
        for left in names.iter().filter(|name| name.starts_with(UNFINISHED)).map(|name| path.join(name)) {
            if left.exists() {
                fs::remove_dir_all(&left).map_err(BackupTrouble::io(&left, "deleted"))?;
            }
        }
        Ok(Self { path: path.to_owned(), held })
    }

    /// Begins a backup of a moment.
    ///
    /// # Errors
    /// [`BackupTrouble`] where there is one of the same second, or it cannot be written.
    pub fn begin(&self, at: Instant) -> Result<Unfinished<'_>, BackupTrouble> {
        let name = at.format(NAMED).to_string();
        let whole = self.path.join(&name);
        if whole.exists() {
            return Err(BackupTrouble::at(&whole, "was written in this very second; try again"));
        }
        let folder = self.path.join(format!("{UNFINISHED}{name}"));
        private_folder(&folder)?;
        Ok(Unfinished { place: self, folder, whole, finished: false })
    }

    /// Deletes the copies of the store of keys that are past their days; says how many.
    ///
    /// # Errors
    /// [`BackupTrouble`] where one cannot be deleted.
    pub fn expire_keys(&self, now: Instant) -> Result<usize, BackupTrouble> {
        let mut gone = 0;
        for name in names(&self.path)? {
            let Some(at) = moment(&name).filter(|at| *at < now - Duration::days(KEYS_DAYS)) else { continue };
            let file = self.path.join(at.format(NAMED).to_string()).join(KEYS);
            match fs::remove_file(&file) {
                Ok(()) => gone += 1,
                Err(why) if why.kind() == io::ErrorKind::NotFound => {}
                Err(why) => return Err(BackupTrouble::io(&file, "deleted")(why)),
            }
        }
        Ok(gone)
    }
}

/// A backup that is not whole yet. Dropped, it is gone.
pub struct Unfinished<'p> {
    place: &'p Place,
    folder: PathBuf,
    whole: PathBuf,
    finished: bool,
}

impl Unfinished<'_> {
    /// Where the main store goes.
    #[must_use]
    pub fn main(&self) -> PathBuf {
        self.folder.join(MAIN)
    }

    /// Where the store of keys goes.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.folder.join(KEYS)
    }

    /// What is to be said of both in the manifest, once the disk has them.
    ///
    /// # Errors
    /// [`BackupTrouble`].
    pub fn files(&self) -> Result<Vec<FileNote>, BackupTrouble> {
        [MAIN, KEYS].iter().map(|name| on_disk(&self.folder.join(name), name)).collect()
    }

    /// Writes the manifest and lets the backup appear under its name; gives that.
    ///
    /// # Errors
    /// [`BackupTrouble`]; then there is no backup.
    pub fn finish(mut self, manifest: &Manifest) -> Result<PathBuf, BackupTrouble> {
        let path = self.folder.join(MANIFEST);
        let text = serde_json::to_string_pretty(manifest)
            .map_err(|why| BackupTrouble::at(&path, why.to_string()))?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&path).and_then(|mut file| {
            file.write_all(format!("{text}\n").as_bytes())?;
            file.sync_all()
        });
        written.map_err(BackupTrouble::io(&path, "written"))?;
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(BackupTrouble::io(&self.folder, "written"))?;
        fs::rename(&self.folder, &self.whole).map_err(BackupTrouble::io(&self.whole, "written"))?;
        self.finished = true;
        self.place.held.sync_all().map_err(BackupTrouble::io(&self.place.path, "written"))?;
        Ok(self.whole.clone())
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be deleted now is by the next backup in this place.
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

/// Reads the manifest of a backup.
///
/// # Errors
/// [`BackupTrouble`] where there is none, or one that this program does not know.
pub fn manifest(folder: &Path) -> Result<Manifest, BackupTrouble> {
    let path = folder.join(MANIFEST);
    let file = File::open(&path).map_err(|_| {
        BackupTrouble::at(
            folder,
            format!("is no backup: there is no {MANIFEST} in it; name a folder that `holdspace backup` made"),
        )
    })?;
    let mut text = String::new();
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(BackupTrouble::io(&path, "read"))?;
    #[derive(Deserialize)]
    struct Form {
        format: u32,
    }
    let damaged =
        |why: serde_json::Error| BackupTrouble::at(&path, format!("is damaged ({why}); take another backup"));
    let form: Form = serde_json::from_str(&text).map_err(damaged)?;
    if form.format != FORMAT {
        let problem = format!(
            "is of form {}, and this program reads form {FORMAT}: take the program that made it",
            form.format
        );
        return Err(BackupTrouble::at(&path, problem));
    }
    serde_json::from_str(&text).map_err(damaged)
}

fn names(folder: &Path) -> Result<Vec<String>, BackupTrouble> {
    let listed = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let listed = listed.map_err(BackupTrouble::io(folder, "listed"))?;
    Ok(listed.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

/// The moment in a folder's name.
fn moment(name: &str) -> Option<Instant> {
    let at = NaiveDateTime::parse_from_str(name, NAMED).ok()?.and_utc();
    DateTime::from_timestamp(at.timestamp(), 0).filter(|at| at.format(NAMED).to_string() == name)
}

fn private_folder(path: &Path) -> Result<(), BackupTrouble> {
    let mut options = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut options, 0o700);
    options.create(path).map_err(BackupTrouble::io(path, "made"))
}

/// A file that the disk has for good, with its length and its hash.
pub(super) fn on_disk(path: &Path, name: &str) -> Result<FileNote, BackupTrouble> {
    let hashed = File::open(path).and_then(|file| {
        file.sync_all()?;
        hash(file, &mut io::sink())
    });
    let (bytes, sha256) = hashed.map_err(BackupTrouble::io(path, "read"))?;
    Ok(FileNote { name: name.to_owned(), bytes, sha256 })
}

/// Copies what it hashes; gives how long it was and its SHA-256.
pub(super) fn hash(mut from: impl Read, to: &mut impl Write) -> io::Result<(u64, String)> {
    let (mut sha, mut long, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok((long, HEXLOWER.encode(&sha.finalize())));
        }
        sha.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
        long += read as u64;
    }
}
