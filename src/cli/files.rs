//! Files of the person at the terminal: read within a bound, written only where nothing lies. Never overwrites.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::vault::{KeyRing, MasterKey};

/// Most bytes of a mapping file.
const MAX_MAP: u64 = 64 * 1024;
/// Most bytes of a key file.
const MAX_KEY: u64 = 1024;

/// Reads a file of at most `max` bytes; a larger one is refused before it is read.
///
/// # Errors
/// With the file's name and what to do.
pub fn read(path: &Path, max: u64) -> anyhow::Result<Vec<u8>> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("{name}: cannot be opened; correct the path"))?;
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        bail!("{name}: not a file");
    }
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).with_context(|| format!("{name}: cannot be read"))?;
    if bytes.len() as u64 > max {
        bail!("{name}: larger than {max} bytes; export only the table itself, or split the file");
    }
    Ok(bytes)
}

/// Reads a TOML file that says what columns or assignments mean.
///
/// # Errors
/// With the file's name, the line, and what is wrong.
pub fn read_map<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let bytes = read(path, MAX_MAP)?;
    let name = path.display();
    let text = String::from_utf8(bytes).with_context(|| format!("{name}: not UTF-8 text"))?;
    toml::from_str(&text).map_err(|problem| {
        let line = problem.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        anyhow::anyhow!("{name}: line {line}: {}", problem.message())
    })
}

/// Makes a file that only its owner may read, where none lies.
///
/// # Errors
/// Where something lies there already, or it cannot be written.
pub fn create_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let name = path.display();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("{name}: cannot be made"))?;
    file.write_all(text.as_bytes()).with_context(|| format!("{name}: cannot be written"))?;
    file.sync_all().with_context(|| format!("{name}: cannot be written"))
}

/// Draws a key and keeps it in a new file.
///
/// # Errors
/// As [`create_private`].
pub fn create_key(path: &Path, entropy: &dyn Entropy) -> anyhow::Result<KeyRing> {
    let key = MasterKey::draw(entropy);
    // Revealed to its own file, which only its owner may read.
    create_private(path, &format!("{}\n", *key.reveal_hex()))?;
    Ok(KeyRing::of(key))
}

/// Reads the keys of a key file, and refuses one that others can read.
///
/// # Errors
/// With the file's name and what to do.
pub fn read_key(path: &Path) -> anyhow::Result<KeyRing> {
    let name = path.display();
    if !path.exists() {
        bail!(
            "{name}: there is no key file; make one with `holdspace init`, or correct the setting key_file"
        );
    }
    refuse_public(path)?;
    let bytes = Zeroizing::new(read(path, MAX_KEY)?);
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    KeyRing::read(text).map_err(|problem| {
        anyhow::anyhow!("{name}: {problem}; restore it from the copy that was kept apart from the database")
    })
}

/// Puts other keys into a key file: beside it first and then in its place, so that whoever reads it finds the old ones or the new.
///
/// # Errors
/// Where it cannot be written, or somebody else changed it since it was read; then what was there is still there.
pub fn replace_key(path: &Path, before: &KeyRing, after: &KeyRing) -> anyhow::Result<()> {
    let name = path.display();
    let beside = path.with_added_extension("new");
    // Revealed to its own file, which only its owner may read. Whoever makes it is the one who changes the key file: of two
    // rotations at once, one would lose its key, and everything with it.
    create_private(&beside, &after.reveal()).with_context(|| {
        format!("{name}: somebody else changes the keys; if nobody does, delete {}", beside.display())
    })?;
    if read_key(path)?.ids() != before.ids() {
        std::fs::remove_file(&beside).with_context(|| format!("{}: cannot be deleted", beside.display()))?;
        bail!("{name}: was changed meanwhile; call this again");
    }
    std::fs::rename(&beside, path).with_context(|| format!("{name}: cannot be replaced"))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("{name}: whether it was replaced for good is not known"))
}

/// Where the key file lies: as the setting says, or among the credentials that systemd hands to the service, under the same name.
#[must_use]
pub fn key_path(setting: &Path) -> PathBuf {
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let credential = credentials.zip(setting.file_name()).map(|(folder, name)| folder.join(name));
    match credential {
        Some(credential) if !setting.exists() && credential.exists() => credential,
        _ => setting.to_owned(),
    }
}

/// Reads a private file of at most `max` bytes of text, and refuses one that others can read.
///
/// # Errors
/// With the file's name and what to do.
pub fn read_private(path: &Path, max: u64) -> anyhow::Result<Zeroizing<String>> {
    let name = path.display();
    if !path.exists() {
        bail!("{name}: there is no such file");
    }
    refuse_public(path)?;
    let bytes = Zeroizing::new(read(path, max)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| anyhow::anyhow!("{name}: not text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(unix)]
fn refuse_public(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let name = path.display();
    let about = path.metadata().with_context(|| format!("{name}: cannot be read"))?;
    if about.permissions().mode() & 0o077 != 0 {
        bail!("{name}: others on this machine may read the key; close it with `chmod 600 {name}`");
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the form that Unix needs")]
fn refuse_public(_: &Path) -> anyhow::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    #[test]
    fn a_key_is_kept_from_others_and_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        create_key(&path, &SeededEntropy::new(1)).unwrap();
        assert!(read_key(&path).is_ok());
        let again = create_key(&path, &SeededEntropy::new(2)).err().unwrap();
        assert!(again.to_string().ends_with("key: cannot be made"), "{again}");
    }

    #[test]
    fn of_two_who_change_the_keys_at_once_one_is_refused_and_no_key_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let old = create_key(&path, &SeededEntropy::new(1)).unwrap();
        let at = "2027-07-01T10:00:00Z".parse().unwrap();
        let [one, other] = [2, 3].map(|n| old.with(MasterKey::draw(&SeededEntropy::new(n)), at).unwrap());
        replace_key(&path, &old, &one).unwrap();
        assert!(replace_key(&path, &old, &other).unwrap_err().to_string().contains("changed meanwhile"));
        assert_eq!(read_key(&path).unwrap().ids(), one.ids());
        std::fs::write(path.with_added_extension("new"), "left behind").unwrap();
        let busy = format!("{:#}", replace_key(&path, &one, &one.without_old()).unwrap_err());
        assert!(busy.contains("somebody else changes the keys"), "{busy}");
        assert_eq!(read_key(&path).unwrap().ids(), one.ids());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_remedy() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        create_key(&path, &SeededEntropy::new(1)).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read_key(&path).err().unwrap().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_file_beyond_its_bound_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("big.csv");
        std::fs::write(&path, [b'x'; 11]).unwrap();
        assert!(read(&path, 10).err().unwrap().to_string().contains("larger than 10 bytes"));
        assert_eq!(read(&path, 11).unwrap().len(), 11);
        assert!(read(dir.path(), 10).is_err());
    }
}
