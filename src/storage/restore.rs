//! Putting a backup in the place of a database that is lost: beside that place first, looked through there, and then in one step
//! each file. Never where a database lies, and never under somebody who has one open.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::backup::{BackupTrouble, KEYS, MAIN, Manifest, hash, on_disk};
use super::engine::keys_file;
use super::{Error, Result, copies};

/// What stands behind the name of a database's file in the names of its logs.
const LOGS: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// What the folder is called in which a backup lies meanwhile.
const BESIDE: &str = ".holdspace-restore-";

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Holds the folder of a database together with everybody else who has it open. Where a folder cannot be held so, as on some
/// systems, nothing is.
pub(super) fn come_in(keys: &Path) -> Result<Option<Arc<File>>> {
    let Ok(folder) = File::open(folder_of(keys)) else { return Ok(None) };
    match folder.try_lock_shared() {
        Err(fs::TryLockError::WouldBlock) => Err(Error::Held),
        Err(fs::TryLockError::Error(_)) => Ok(None),
        Ok(()) => Ok(Some(Arc::new(folder))),
    }
}

/// A backup on its way into its place. Dropped, nothing of it is left.
pub struct Staged {
    beside: TempDir,
    main: PathBuf,
    keys: PathBuf,
    /// Held alone, so that nobody opens a database here meanwhile.
    folder: File,
}

impl Staged {
    /// Begins beside the place of a database.
    ///
    /// # Errors
    /// [`BackupTrouble`] where one lies there, or somebody has one open there.
    pub fn begin(main: &Path) -> Result<Self, BackupTrouble> {
        let keys = main.to_str().and_then(keys_file);
        let keys =
            keys.ok_or_else(|| BackupTrouble::at(main, "is no name of a database; correct database_url"))?;
        let path = folder_of(main);
        let folder = File::open(path).map_err(BackupTrouble::io(path, "opened"))?;
        if let Err(fs::TryLockError::WouldBlock) = folder.try_lock() {
            let problem = "somebody has a database open in this directory; stop `holdspace serve` and `holdspace work` first";
            return Err(BackupTrouble::at(path, problem));
        }
        for file in [main, &keys] {
            for end in LOGS {
                let mut name = file.as_os_str().to_owned();
                name.push(end);
                if Path::new(&name).exists() {
                    let problem = "lies in the place; a backup is put only where nothing is. Move it aside first, and keep it: \
                        it may hold what was done since the backup";
                    return Err(BackupTrouble::at(Path::new(&name), problem));
                }
            }
        }
        clear(path)?;
        let beside = tempfile::Builder::new().prefix(BESIDE).tempdir_in(path);
        let beside = beside.map_err(BackupTrouble::io(path, "written to"))?;
        Ok(Self { beside, main: main.to_owned(), keys, folder })
    }

    /// Where the main store lies meanwhile.
    #[must_use]
    pub fn main(&self) -> PathBuf {
        self.beside.path().join(self.main.file_name().unwrap_or_default())
    }

    fn keys(&self) -> PathBuf {
        self.beside.path().join(self.keys.file_name().unwrap_or_default())
    }

    /// Fetches both stores of a backup, held against its manifest; the store of keys from elsewhere where that is named.
    ///
    /// # Errors
    /// [`BackupTrouble`] for a file that is missing or was changed.
    pub async fn fetch(
        &self,
        folder: &Path,
        manifest: &Manifest,
        other_keys: Option<&Path>,
    ) -> Result<(), BackupTrouble> {
        fetch(folder, manifest, MAIN, &self.main())?;
        match other_keys {
            None if !folder.join(KEYS).exists() => Err(BackupTrouble::at(
                &folder.join(KEYS),
                format!(
                    "is no longer there: copies of the store of keys are kept for {} days only. Name the present store of keys, \
                 or that of a newer backup, with --keys: whoever was erased since stays erased",
                    super::backup::KEYS_DAYS
                ),
            )),
            None => fetch(folder, manifest, KEYS, &self.keys()),
            Some(other) => {
                let problem = |why: Error| {
                    BackupTrouble::at(other, format!("is no store of keys that can be read: {why}"))
                };
                if !other.is_file() {
                    return Err(BackupTrouble::at(other, "there is no such file"));
                }
                copies::copy_keys(other, &self.keys()).await.map_err(problem)
            }
        }
    }

    /// Puts both files in their place, once nobody has them open any more: the keys first, because a database without them is one
    /// that every process refuses.
    ///
    /// # Errors
    /// [`BackupTrouble`]; where only the keys are in their place, the next call says so.
    pub fn put(self) -> Result<(), BackupTrouble> {
        for file in [self.main(), self.keys()] {
            let mut log = file.as_os_str().to_owned();
            log.push("-wal");
            if fs::metadata(&log).is_ok_and(|about| about.len() > 0) {
                return Err(BackupTrouble::at(&file, "is still open somewhere; call this again"));
            }
            on_disk(&file, "")?;
        }
        for (from, to) in [(self.keys(), &self.keys), (self.main(), &self.main)] {
            // A link is refused where something lies, which a renaming would overwrite.
            let linked = fs::hard_link(&from, to);
            let put = linked.or_else(|why| if to.exists() { Err(why) } else { fs::rename(&from, to) });
            put.map_err(BackupTrouble::io(to, "put in its place"))?;
        }
        self.folder.sync_all().map_err(BackupTrouble::io(folder_of(&self.main), "written"))
    }
}

/// Deletes what was left by one that was broken off: keys lie in it.
fn clear(folder: &Path) -> Result<(), BackupTrouble> {
    for entry in fs::read_dir(folder).map_err(BackupTrouble::io(folder, "listed"))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(BESIDE) {
            fs::remove_dir_all(entry.path()).map_err(BackupTrouble::io(&entry.path(), "deleted"))?;
        }
    }
    Ok(())
}

fn fetch(folder: &Path, manifest: &Manifest, name: &str, to: &Path) -> Result<(), BackupTrouble> {
    let from = folder.join(name);
    let noted = manifest.files.iter().find(|file| file.name == name);
    let noted = noted
        .ok_or_else(|| BackupTrouble::at(&from, "does not stand in the manifest; take another backup"))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(to).map_err(BackupTrouble::io(to, "written"))?;
    let source = File::open(&from).map_err(BackupTrouble::io(&from, "read"))?;
    let (bytes, sha256) = hash(source, &mut file).map_err(BackupTrouble::io(&from, "copied"))?;
    file.sync_all().map_err(BackupTrouble::io(to, "written"))?;
    if (bytes, &sha256) != (noted.bytes, &noted.sha256) {
        return Err(BackupTrouble::at(
            &from,
            "is not what was backed up: it was changed or damaged. Take another backup",
        ));
    }
    Ok(())
}
