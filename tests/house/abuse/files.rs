//! A hostile file, and words that many of them are made of. Every one is made by code: none lies in the repository.

/// A file that somebody might send to bring the service down.
pub struct Hostile {
    /// What it does.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Hostile {
    /// One of bytes or of text.
    pub fn new(name: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name, bytes: bytes.into() }
    }
}

/// A text as often as that.
pub fn times(text: &str, count: usize) -> String {
    text.repeat(count)
}

/// A text for each number.
pub fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

/// XML whose entities grow by ten with each of their nine steps.
pub fn laughs(root: &str) -> String {
    let steps = each(9, |n| {
        let inner = if n == 0 { times("ha", 10) } else { times(&format!("&l{};", n - 1), 10) };
        format!("<!ENTITY l{n} \"{inner}\">")
    });
    format!("<?xml version=\"1.0\"?><!DOCTYPE {root} [{steps}]><{root}>&l8;</{root}>")
}
