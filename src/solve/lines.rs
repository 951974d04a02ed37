//! Lines of text with their numbers, within a bound; words and whole numbers in them. Knows no form of an instance.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::source::Refusal;

/// Most bytes of a line that holds a fixed number of words, and of a comment.
pub const SHORT: u64 = 64 * 1024;
/// The greatest number that is read anywhere: 18 digits.
pub const WIDE: i64 = 999_999_999_999_999_999;
/// Bytes that a reader fetches at once.
const BUFFER: usize = 1 << 18;

/// Where in a file a line begins.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mark {
    /// Its first byte.
    pub byte: u64,
    /// How many lines stand before it.
    pub lines: u64,
}

/// Reads one line after the other.
pub struct Lines {
    file: BufReader<File>,
    line: Vec<u8>,
    /// Where the next line begins.
    next: Mark,
}

impl Lines {
    /// Begins at a line.
    pub fn open(path: &Path, at: Mark) -> Result<Self, Refusal> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(at.byte))?;
        Ok(Self { file: BufReader::with_capacity(BUFFER, file), line: Vec::new(), next: at })
    }

    /// The next line of at most `most` bytes that is neither empty nor a comment; none at the end.
    pub fn next(&mut self, most: u64) -> Result<Option<Line<'_>>, Refusal> {
        loop {
            self.line.clear();
            let read = self.file.by_ref().take(most + 1).read_until(b'\n', &mut self.line)? as u64;
            if read == 0 {
                return Ok(None);
            }
            let at = self.next;
            self.next = Mark { byte: at.byte + read, lines: at.lines + 1 };
            if read > most {
                return Err(Refusal::at(
                    format_args!("line {}", at.lines + 1),
                    format_args!("longer than {most} bytes; correct or split it"),
                ));
            }
            let comment = matches!(self.line.as_slice(), [b'c', b' ' | b'\t' | b'\r' | b'\n', ..] | b"c");
            if !comment && !self.line.iter().all(u8::is_ascii_whitespace) {
                break;
            }
        }
        Ok(Some(Line { bytes: &self.line, number: self.next.lines }))
    }

    /// Where the next line begins.
    pub const fn mark(&self) -> Mark {
        self.next
    }
}

/// One line, from which words are taken.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    bytes: &'a [u8],
    /// Counted from 1.
    pub number: u64,
}

impl<'a> Line<'a> {
    /// The next word; empty at the end.
    pub fn word(&mut self) -> &'a [u8] {
        self.until(u8::is_ascii_whitespace)
    }

    /// Everything up to what ends it, which is taken as well; white space before it is skipped.
    pub fn until(&mut self, ends: impl Fn(&u8) -> bool) -> &'a [u8] {
        let bytes = self.bytes.trim_ascii_start();
        let end = bytes.iter().position(ends).unwrap_or(bytes.len());
        self.bytes = bytes.get(end + 1..).unwrap_or_default();
        &bytes[..end]
    }

    /// Whether no word is left.
    pub fn is_done(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }

    /// The next word as a whole number from `least` to `most`; `what` it is, for whoever must correct it.
    pub fn number(&mut self, what: &str, least: i64, most: i64) -> Result<i64, Refusal> {
        let word = self.word();
        self.within(word, what, least, most)
    }

    /// A word of this line as a whole number from `least` to `most`.
    pub fn within(&self, word: &[u8], what: &str, least: i64, most: i64) -> Result<i64, Refusal> {
        match whole(word) {
            Some(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(self.wrong(format_args!(
                "`{}` stands where {what} is expected: a whole number from {least} to {most}",
                shown(word)
            ))),
        }
    }

    /// Refuses words that nobody expects.
    pub fn end(&self) -> Result<(), Refusal> {
        if self.is_done() {
            return Ok(());
        }
        Err(self.wrong(format_args!("`{}` stands where the line should end; take it out", shown(self.bytes))))
    }

    /// A refusal of this line.
    pub fn wrong(&self, what: impl std::fmt::Display) -> Refusal {
        Refusal::at(format_args!("line {}", self.number), what)
    }
}

/// At most a few characters of what stands in a file, without anything that a terminal would obey.
pub fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|one| !one.is_control()).take(24).collect()
}

fn whole(word: &[u8]) -> Option<i64> {
    let (negative, digits) = word.strip_prefix(b"-").map_or((false, word), |digits| (true, digits));
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut number = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = 10 * number + i64::from(digit - b'0');
    }
    Some(if negative { -number } else { number })
}

/// The words after `p` of the first line that is no comment.
pub fn problem(path: &Path) -> Result<Vec<String>, Refusal> {
    let mut lines = Lines::open(path, Mark::default())?;
    let Some(mut line) = lines.next(SHORT)? else {
        return Err(Refusal::at("line 1", "the file ends before a line that begins with `p`"));
    };
    if line.word() != b"p" {
        return Err(line.wrong(
            "the first line that is no comment does not begin with `p`; begin with `p asg` or `p min`",
        ));
    }
    let mut words = Vec::new();
    while !line.is_done() && words.len() < 8 {
        words.push(shown(line.word()));
    }
    Ok(words)
}
