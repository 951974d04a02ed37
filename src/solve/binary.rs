//! The binary form: little-endian words of 32 bits. Never trusts a number of the header before the size of the file
//! bears it out.
//!
//! Header: residents n, slots m, therapists t, pairs a, pieces k. Then where each row begins (n + 1 words), slots of the
//! pairs (a), their costs (a, signed), seats of the slots (m), their therapists (m), their times (m), cohorts of the
//! residents (n), seats of every therapist's pieces (t x k), cost of each piece (k, signed).

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::source::{MOST_PAIRS, MOST_PEOPLE, MOST_SLOTS, Offer, Refusal, Row, Source, Twice, Visit};
use crate::domain::matching::NONE;

/// Bytes of the header.
const HEADER: u64 = 20;
/// Bytes that a reader fetches at once.
const BUFFER: usize = 1 << 18;

/// An instance in the binary form.
pub struct Binary {
    path: PathBuf,
    /// Where each row begins among the pairs; one more than residents.
    first: Vec<u32>,
    offer: Offer,
}

/// Numbers of the header.
struct Header {
    people: u64,
    slots: u64,
    therapists: u64,
    pairs: u64,
    pieces: u64,
}

impl Header {
    fn read(words: &mut Words) -> Result<Self, Refusal> {
        let words = words.take(5)?;
        let [people, slots, therapists, pairs, pieces] = [0, 1, 2, 3, 4].map(|at| u64::from(words[at]));
        Ok(Self { people, slots, therapists, pairs, pieces })
    }

    fn bytes(&self) -> u64 {
        let words = 2 * self.people + 1 + 2 * self.pairs + 3 * self.slots + self.pieces;
        HEADER + 4 * (words + self.therapists.saturating_mul(self.pieces).min(u64::MAX / 8))
    }

    /// Where the slots of the pairs begin.
    const fn slots_at(&self) -> u64 {
        slots_at(self.people)
    }

    fn check(&self, size: u64) -> Result<(), Refusal> {
        for (byte, what, number, most) in [
            (0, "residents", self.people, MOST_PEOPLE),
            (4, "slots", self.slots, MOST_SLOTS),
            (12, "pairs", self.pairs, MOST_PAIRS),
        ] {
            if number > most {
                let what = format!("{number} {what}, more than the {most} that are read; split the instance");
                return Err(Refusal::at(format_args!("byte {byte}"), what));
            }
        }
        if self.bytes() != size {
            let what = format!(
                "the header promises {} bytes, the file has {size}; it was cut short or is of another form: write it again",
                self.bytes()
            );
            return Err(Refusal::at("byte 0", what));
        }
        Ok(())
    }
}

const fn slots_at(people: u64) -> u64 {
    HEADER + 4 * (people + 1)
}

impl Binary {
    /// Reads everything but the pairs from a file of `size` bytes.
    ///
    /// # Errors
    /// What is wrong, with its byte.
    pub fn open(path: &Path, size: u64, fair: bool) -> Result<Self, Refusal> {
        if size < HEADER {
            let what =
                format!("the file ends after {size} bytes, before its header of {HEADER}; write it again");
            return Err(Refusal::at("byte 0", what));
        }
        let mut words = Words::open(path, 0)?;
        let header = Header::read(&mut words)?;
        header.check(size)?;
        let first = words.take(header.people as usize + 1)?.to_vec();
        check_first(&first, &header)?;
        let seats_at = header.slots_at() + 8 * header.pairs;
        words.skip(8 * header.pairs)?;
        let seats = words.take(header.slots as usize)?.to_vec();
        let therapist = words.take(header.slots as usize)?.to_vec();
        if let Some(slot) = therapist.iter().position(|one| u64::from(*one) >= header.therapists) {
            let byte = seats_at + 4 * (header.slots + slot as u64);
            let what = format!(
                "slot {slot} is therapist {}'s, and there are {}; correct the therapist or their number",
                therapist[slot], header.therapists
            );
            return Err(Refusal::at(format_args!("byte {byte}"), what));
        }
        let mut offer = Offer { group: vec![NONE; seats.len()], seats, ..Offer::default() };
        if fair {
            words.skip(4 * (header.slots + header.people))?;
            read_groups(&mut words, &header, size, &mut offer)?;
            offer.group = therapist;
        }
        Ok(Self { path: path.to_owned(), first, offer })
    }
}

fn check_first(first: &[u32], header: &Header) -> Result<(), Refusal> {
    let fault = |at: usize, what: String| {
        Err(Refusal::at(format_args!("byte {}", HEADER + 4 * at as u64), format!("{what}; write it again")))
    };
    if first[0] != 0 {
        return fault(0, format!("the first row begins at pair {}, not 0", first[0]));
    }
    for (at, pair) in first.windows(2).enumerate() {
        if pair[1] < pair[0] {
            return fault(at + 1, format!("resident {at}'s row ends at pair {}, before its begin", pair[1]));
        }
        if u64::from(pair[1] - pair[0]) > header.slots {
            return fault(at + 1, format!("resident {at} names more slots than there are"));
        }
    }
    let last = first[first.len() - 1];
    if u64::from(last) != header.pairs {
        return fault(
            first.len() - 1,
            format!("the last row ends at pair {last}, and there are {}", header.pairs),
        );
    }
    Ok(())
}

fn read_groups(words: &mut Words, header: &Header, size: u64, offer: &mut Offer) -> Result<(), Refusal> {
    let pieces = header.pieces as usize;
    let seats = words.take(header.therapists as usize * pieces)?.to_vec();
    let costs: Vec<i32> = words.take(pieces)?.iter().map(|cost| *cost as i32).collect();
    let costs_at = size - 4 * header.pieces;
    if costs.is_empty() {
        return Err(Refusal::at(
            "byte 16",
            "the file has no pieces of therapists' costs; leave out --fair, or add them",
        ));
    }
    if let Some(at) = (0..pieces).find(|at| costs[*at] < if *at == 0 { 0 } else { costs[at - 1] }) {
        let what =
            "a piece of therapists' costs is below 0 or below the one before; only costs that rise are read";
        return Err(Refusal::at(format_args!("byte {}", costs_at + 4 * at as u64), what));
    }
    for seats in seats.chunks_exact(pieces) {
        offer.push_group(seats.iter().copied().zip(costs.iter().copied()));
    }
    Ok(())
}

impl Source for Binary {
    fn offer(&self) -> &Offer {
        &self.offer
    }

    fn people(&self) -> usize {
        self.first.len() - 1
    }

    fn pass(&self, visit: &mut Visit<'_>) -> Result<(), Refusal> {
        let at = slots_at(self.people() as u64);
        let pairs = u64::from(self.first[self.first.len() - 1]);
        // Slots and costs stand in two parts of the file, so two readers walk through it side by side.
        let (mut slots, mut costs) = (Words::open(&self.path, at)?, Words::open(&self.path, at + 4 * pairs)?);
        let mut signed: Vec<i32> = Vec::new();
        for (person, row) in self.first.windows(2).enumerate() {
            let length = (row[1] - row[0]) as usize;
            let slots = slots.take(length)?;
            signed.clear();
            signed.extend(costs.take(length)?.iter().map(|cost| *cost as i32));
            let wrong = |choice: usize, what: &str| {
                let byte = at + 4 * (u64::from(row[0]) + choice as u64);
                let slot = slots[choice];
                Refusal::at(
                    format_args!("byte {byte}"),
                    format_args!("resident {person} names slot {slot} {what}"),
                )
            };
            // One comparison with the greatest is all that a sound row costs.
            let greatest = slots.iter().copied().max().unwrap_or(0);
            let offered = self.offer.seats.len();
            if greatest as usize >= offered && length > 0 {
                let choice = slots.iter().position(|slot| *slot == greatest).unwrap_or(0);
                return Err(wrong(choice, &format!("and there are {offered}; correct it")));
            }
            visit(Row { slots, costs: &signed })
                .map_err(|Twice { choice }| wrong(choice, "twice; take one of them out"))?;
        }
        Ok(())
    }
}

/// Reads words one after the other.
struct Words {
    file: BufReader<File>,
    bytes: Vec<u8>,
    words: Vec<u32>,
}

impl Words {
    fn open(path: &Path, at: u64) -> Result<Self, Refusal> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(at))?;
        let file = BufReader::with_capacity(BUFFER, file);
        Ok(Self { file, bytes: Vec::new(), words: Vec::new() })
    }

    /// The next so many words. The size of the file bears out every number that is asked for.
    fn take(&mut self, words: usize) -> Result<&[u32], Refusal> {
        self.bytes.resize(4 * words, 0);
        self.file.read_exact(&mut self.bytes)?;
        self.words.clear();
        let (chunks, _) = self.bytes.as_chunks();
        self.words.extend(chunks.iter().map(|word| u32::from_le_bytes(*word)));
        Ok(&self.words)
    }

    fn skip(&mut self, bytes: u64) -> Result<(), Refusal> {
        self.file.seek_relative(bytes.cast_signed())?;
        Ok(())
    }
}
