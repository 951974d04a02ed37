//! An instance that a test of this room writes where it stands. Never part of the product.

use super::source::{Source, open};

/// The instance of a text, for as long as the file is kept.
pub fn instance(text: &str) -> (tempfile::NamedTempFile, Box<dyn Source>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let source = open(file.path(), false).unwrap();
    (file, source)
}
