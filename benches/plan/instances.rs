//! The made-up instances, written once per seed and kept in the target directory. Never reads a pair of them.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use sha2::{Digest, Sha256};

use crate::python::Python;

/// Sizes by the name that the command line takes.
pub const SIZES: [&str; 4] = ["80", "1500", "20k", NATIONAL];
/// Every resident of a nation.
pub const NATIONAL: &str = "160k";

/// How an instance is made.
#[derive(Debug)]
pub struct Shape {
    /// One of [`SIZES`].
    pub size: &'static str,
    /// Whether there are too few places.
    pub short: bool,
    arguments: &'static [&'static str],
}

const fn shape(size: &'static str, short: bool, arguments: &'static [&'static str]) -> Shape {
    Shape { size, short, arguments }
}

/// All of them, small ones first.
pub const SHAPES: [Shape; 8] = [
    shape("80", false, &["--n=80", "--ratio=3", "--one"]),
    shape("80", true, &["--n=80", "--ratio=1.5", "--tight=1", "--one"]),
    shape("1500", false, &["--n=1500", "--ratio=2"]),
    shape("1500", true, &["--n=1500", "--ratio=1.5", "--tight=0.08"]),
    shape("20k", false, &["--n=20000", "--inst=110", "--ratio=2"]),
    shape("20k", true, &["--n=20000", "--inst=110", "--ratio=1.5", "--tight=0.08"]),
    shape(NATIONAL, false, &["--n=160000", "--inst=880", "--ratio=2"]),
    shape(NATIONAL, true, &["--n=160000", "--inst=880", "--ratio=1.5", "--tight=0.08"]),
];

/// An instance that lies in a file.
#[derive(Debug, Clone)]
pub struct Instance {
    /// What the table calls it.
    pub name: String,
    /// One of [`SIZES`].
    pub size: &'static str,
    /// Whether there are too few places.
    pub short: bool,
    /// Where it lies.
    pub file: PathBuf,
    /// Who is to be booked.
    pub people: usize,
    /// What they may be booked into.
    pub slots: usize,
    /// Who may take what.
    pub pairs: usize,
}

impl Instance {
    /// Makes it, unless the same generator has made it before.
    pub fn make(python: &Python, place: &Path, shape: &Shape, seed: u32) -> anyhow::Result<Self> {
        let kept = place.join(format!("instances-{}", generator()));
        fs::create_dir_all(&kept).with_context(|| format!("{} cannot be made", kept.display()))?;
        let name = if shape.short { format!("{} short", shape.size) } else { shape.size.to_owned() };
        let stem = format!("{}-seed{seed}", name.replace(' ', "-"));
        let file = kept.join(format!("{stem}.bin"));
        if !file.exists() {
            eprintln!("making the instance {name}, seed {seed}");
            // Under another name until it is whole, so that a run that was broken off leaves no half of one.
            let draft = kept.join(format!("{stem}.draft"));
            let seed = format!("--seed={seed}");
            let mut arguments = vec![draft.as_os_str(), seed.as_ref()];
            arguments.extend(shape.arguments.iter().map(std::ffi::OsStr::new));
            python.run("instances.py", &arguments)?;
            fs::rename(kept.join(format!("{stem}.draft.bin")), &file)?;
        }
        let [people, slots, _, pairs] = header(&file)?;
        Ok(Self { name, size: shape.size, short: shape.short, file, people, slots, pairs })
    }
}

/// Tells one text of the generator from another: an instance that an older one made must not be measured.
fn generator() -> String {
    let digest = Sha256::digest(include_bytes!("instances.py"));
    data_encoding::HEXLOWER.encode(&digest[..4])
}

/// People, slots, therapists and pairs.
fn header(file: &Path) -> anyhow::Result<[usize; 4]> {
    let mut bytes = [0; 16];
    let read = File::open(file).and_then(|mut open| open.read_exact(&mut bytes));
    read.with_context(|| format!("{} is no instance; remove it", file.display()))?;
    let mut counts = [0; 4];
    for (count, bytes) in counts.iter_mut().zip(bytes.chunks_exact(4)) {
        *count = usize::try_from(u32::from_le_bytes(bytes.try_into()?))?;
    }
    Ok(counts)
}
