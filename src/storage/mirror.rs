//! The mirror of releases: a file of lines beside the key and outside the database, to which lines are added and from which
//! none is taken. Never knows what a line says, and never answers that it was written before the disk has it.
//!
//! Whole lines count. What a crash left of a line after the last line break was never answered for, and is cut off by whoever
//! writes next.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// More than all releases of an installation come to: some hundred of 1,500 residents.
const MOST_BYTES: u64 = 64 << 20;

/// The file.
#[derive(Debug)]
pub struct Mirror {
    path: PathBuf,
    /// How long it was when it was looked through last.
    looked_at: AtomicU64,
}

/// What can go wrong with the file: where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum MirrorTrouble {
    /// It cannot be read or written.
    #[error("the mirror of releases {path} cannot be {done} ({kind}): allow it, or correct `release_mirror`")]
    Unusable {
        /// Where it is.
        path: String,
        /// `read` or `written`.
        done: &'static str,
        /// What the system says.
        kind: ErrorKind,
    },
    /// It is too long, or no text.
    #[error("{path} is no mirror of releases: put the right file there, or correct `release_mirror`")]
    Foreign {
        /// Where it is.
        path: String,
    },
    /// Somebody else wrote to it meanwhile.
    #[error("the mirror of releases was written to by somebody else at the same moment; try again")]
    Moved,
}

impl Mirror {
    /// The mirror at a path. Nothing is opened yet.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), looked_at: AtomicU64::new(u64::MAX) }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is of another length than when this process looked last, or was never looked at; from now on it was.
    #[must_use]
    pub fn is_news(&self) -> bool {
        let long = std::fs::metadata(&self.path).map_or(0, |known| known.len());
        self.looked_at.swap(long, Ordering::Relaxed) != long
    }

    /// Its whole lines, or nothing where there is no file.
    ///
    /// # Errors
    /// [`MirrorTrouble::Unusable`], [`MirrorTrouble::Foreign`].
    pub fn read(&self) -> Result<Option<Vec<String>>, MirrorTrouble> {
        let trouble = |problem: std::io::Error| self.unusable("read", &problem);
        let mut file = match File::open(&self.path) {
            Err(problem) if problem.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(trouble)?,
        };
        // Whoever writes is waited for; the lock goes with the file.
        file.lock_shared().map_err(trouble)?;
        let text = self.text(&mut file)?;
        Ok(Some(whole(&text).lines().map(str::to_owned).collect()))
    }

    /// Adds a line after so many, makes the file if that is none, and comes back when the disk has it.
    ///
    /// # Errors
    /// [`MirrorTrouble::Moved`] where the file has another number of whole lines; otherwise as [`Mirror::read`].
    pub fn append(&self, after: usize, line: &str) -> Result<(), MirrorTrouble> {
        let trouble = |problem: std::io::Error| self.unusable("written", &problem);
        let is_new = after == 0;
        let mut file = private(is_new).open(&self.path).map_err(trouble)?;
        file.lock().map_err(trouble)?;
        let text = self.text(&mut file)?;
        let known = whole(&text);
        if known.lines().count() != after {
            return Err(MirrorTrouble::Moved);
        }
        let end = known.len() as u64;
        file.set_len(end).map_err(trouble)?;
        file.seek(SeekFrom::Start(end)).map_err(trouble)?;
        // One write, so that a crash leaves a beginning of the line and never its end.
        file.write_all(format!("{line}\n").as_bytes()).map_err(trouble)?;
        file.sync_all().map_err(trouble)?;
        if is_new { self.sync_directory().map_err(trouble) } else { Ok(()) }
    }

    /// Puts the file aside under a name of its own; gives that name.
    ///
    /// # Errors
    /// [`MirrorTrouble::Unusable`].
    pub fn put_aside(&self, mark: &str) -> Result<Option<PathBuf>, MirrorTrouble> {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{mark}"));
        let aside = self.path.with_file_name(name);
        match std::fs::rename(&self.path, &aside) {
            Err(problem) if problem.kind() == ErrorKind::NotFound => Ok(None),
            moved => moved.map(|()| Some(aside)).map_err(|problem| self.unusable("written", &problem)),
        }
    }

    /// A new file's name lies in its directory, and is lost with a crash unless that is written too.
    fn sync_directory(&self) -> std::io::Result<()> {
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    }

    fn text(&self, file: &mut File) -> Result<String, MirrorTrouble> {
        let mut text = String::new();
        match file.take(MOST_BYTES + 1).read_to_string(&mut text) {
            Ok(_) if text.len() as u64 <= MOST_BYTES => Ok(text),
            Err(problem) if problem.kind() != ErrorKind::InvalidData => Err(self.unusable("read", &problem)),
            _ => Err(MirrorTrouble::Foreign { path: self.path.display().to_string() }),
        }
    }

    fn unusable(&self, done: &'static str, problem: &std::io::Error) -> MirrorTrouble {
        MirrorTrouble::Unusable { path: self.path.display().to_string(), done, kind: problem.kind() }
    }
}

/// Everything up to the last line break.
fn whole(text: &str) -> &str {
    &text[..text.rfind('\n').map_or(0, |end| end + 1)]
}

/// For its owner alone where it is made.
fn private(create: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(create);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_a_crash_cut_off_was_never_there() {
        let folder = tempfile::tempdir().unwrap();
        let mirror = Mirror::at(&folder.path().join("m"));
        assert!(mirror.read().unwrap().is_none());
        mirror.append(0, "one").unwrap();
        mirror.append(1, "two").unwrap();
        let mut bytes = std::fs::read(mirror.path()).unwrap();
        bytes.extend_from_slice("three, cut o".as_bytes());
        std::fs::write(mirror.path(), bytes).unwrap();
        assert_eq!(mirror.read().unwrap().unwrap(), ["one", "two"]);
        mirror.append(2, "3").unwrap();
        assert_eq!(std::fs::read(mirror.path()).unwrap(), b"one\ntwo\n3\n");
    }

    #[test]
    fn nobody_writes_after_lines_that_they_have_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let mirror = Mirror::at(&folder.path().join("m"));
        mirror.append(0, "one").unwrap();
        assert!(matches!(mirror.append(0, "other"), Err(MirrorTrouble::Moved)));
        assert!(matches!(mirror.append(2, "other"), Err(MirrorTrouble::Moved)));
        assert_eq!(mirror.read().unwrap().unwrap(), ["one"]);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told_by_its_path_and_its_setting() {
        let folder = tempfile::tempdir().unwrap();
        let told =
            Mirror::at(&folder.path().join("missing").join("m")).append(0, "x").unwrap_err().to_string();
        assert!(told.contains("missing") && told.contains("release_mirror"), "{told}");
        std::fs::write(folder.path().join("m"), [0xff, 0xfe]).unwrap();
        assert!(matches!(Mirror::at(&folder.path().join("m")).read(), Err(MirrorTrouble::Foreign { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mirror = Mirror::at(&folder.path().join("m"));
        mirror.append(0, "one").unwrap();
        assert_eq!(std::fs::metadata(mirror.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_process_looks_again_only_where_something_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let mirror = Mirror::at(&folder.path().join("m"));
        assert!(mirror.is_news() && !mirror.is_news());
        mirror.append(0, "one").unwrap();
        assert!(mirror.is_news() && !mirror.is_news());
    }
}
