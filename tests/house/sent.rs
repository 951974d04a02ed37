//! Whatever outsiders send is read without harm: every file of the fuzzers' corpora, every input that once broke a reader, and
//! some thousand changed ones. The checks are those of `fuzz/`, where `tests/nightly fuzz` looks for inputs by coverage.

mod changed;
#[path = "../../fuzz/src/lib.rs"]
mod checks;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use changed::Changed;
use checks::Check;

/// Changed inputs for each reader.
const CHANGED: usize = 1_000;
/// Inputs are at most so large, in bytes, as they are for the fuzzers.
const LARGEST: usize = 16 * 1024;
/// Nothing so small takes longer to read, in a build that is not optimised on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// The files of a folder, in the order of their names; none where there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn kept(kind: &str, name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(kind).join(name);
    files(&folder).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Reads an input; one that does harm is told by its sentence.
fn harm(check: Check, bytes: &[u8]) -> Option<String> {
    let begun = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| check(bytes)));
    let took = begun.elapsed();
    match outcome {
        Err(_) => Some("does harm: its sentence stands above".to_owned()),
        Ok(()) if took > PATIENCE => Some(format!("took {took:?}")),
        Ok(()) => None,
    }
}

#[test]
fn every_file_of_the_corpora_and_every_input_that_once_broke_a_reader_is_read_without_harm() {
    for (name, check) in checks::ALL {
        let corpus = kept("corpus", name);
        assert!(corpus.len() >= 5, "fuzz/corpus/{name} has hardly any files");
        for (path, bytes) in corpus.into_iter().chain(kept("found", name)) {
            assert!(bytes.len() <= LARGEST, "{}: keep the files of a corpus small", path.display());
            if let Some(harm) = harm(check, &bytes) {
                panic!("{} {harm}", path.display());
            }
        }
    }
}

#[test]
fn thousands_of_changed_files_are_read_without_harm() {
    for (name, check) in checks::ALL {
        let corpus: Vec<Vec<u8>> = kept("corpus", name).into_iter().map(|(_, bytes)| bytes).collect();
        for (number, bytes) in Changed::of(&corpus, 20_260_701).take(CHANGED).enumerate() {
            if let Some(harm) = harm(check, &bytes) {
                let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{number}"));
                fs::write(&path, &bytes).unwrap();
                panic!("{} {harm}; mend the reader, and keep the file in fuzz/found/{name}", path.display());
            }
        }
    }
}

#[test]
fn every_reader_has_a_target_of_its_own_for_the_fuzzer() {
    let manifest: toml::Table =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/Cargo.toml")).unwrap().parse().unwrap();
    let targets = manifest["bin"].as_array().unwrap().iter().map(|bin| bin["name"].as_str().unwrap());
    assert!(targets.eq(checks::ALL.iter().map(|(name, _)| *name)));
}
