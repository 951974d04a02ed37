//! What every form of an instance gives: what is on offer, and the rows, as often as they are asked for. Never holds
//! the pairs: a file of 22 million of them is read three times rather than kept.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::binary::Binary;
use super::dimacs::Dimacs;
use super::listing::Listing;
use crate::domain::matching::NONE;

/// Most residents of an instance.
pub const MOST_PEOPLE: u64 = 5_000_000;
/// Most slots of an instance.
pub const MOST_SLOTS: u64 = 20_000_000;
/// Most pairs of an instance: their places are counted in 32 bits.
pub const MOST_PAIRS: u64 = u32::MAX as u64 - 1;
/// What each further seat of a therapist costs where the file does not say: up to this many hundredths of the seats
/// they offer, each at this cost.
pub const FAIR: [(u64, i32); 5] = [(40, 0), (60, 10), (75, 25), (90, 50), (100, 100)];

/// Why an instance is not answered: where in the file, what is wrong, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

impl Refusal {
    /// Something at a place, such as `line 3` or `byte 20`.
    pub fn at(place: impl std::fmt::Display, what: impl std::fmt::Display) -> Self {
        Self(format!("{place}: {what}"))
    }
}

impl From<std::io::Error> for Refusal {
    fn from(problem: std::io::Error) -> Self {
        Self(format!("cannot be read: {problem}"))
    }
}

/// Somebody's choices as the file gives them.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Slots, each below the number on offer.
    pub slots: &'a [u32],
    /// What each costs, in the file's points; as many as slots.
    pub costs: &'a [i32],
}

/// A row names a slot twice; whoever knows the file's numbers says so.
#[derive(Debug, Clone, Copy)]
pub struct Twice {
    /// The second of the two, counted from 0.
    pub choice: usize,
}

/// Looks at the rows, one after the other.
pub type Visit<'a> = dyn FnMut(Row<'_>) -> Result<(), Twice> + 'a;

/// An instance in a file.
pub trait Source {
    /// What there is to fill.
    fn offer(&self) -> &Offer;

    /// How many residents there are.
    fn people(&self) -> usize;

    /// Shows the rows of all residents in order, once. May be asked again and again, and proves the form of the file
    /// every time: nothing says that it is still the same.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    fn pass(&self, visit: &mut Visit<'_>) -> Result<(), Refusal>;

    /// The numbers by which the file calls a resident and a slot, where they do not count from 0.
    fn names(&self, person: u32, slot: u32) -> (u32, u32) {
        (person, slot)
    }
}

/// What there is to fill, in the file's points.
#[derive(Debug, Default)]
pub struct Offer {
    /// Seats of each slot.
    pub seats: Vec<u32>,
    /// The group of each slot, or [`NONE`].
    pub group: Vec<u32>,
    /// Groups of slots whose further seats cost more and more.
    pub groups: Vec<Group>,
    /// The pieces of all groups: so many seats at so much each.
    pub pieces: Vec<(u32, i32)>,
}

/// A group of slots or of groups.
#[derive(Debug, Clone)]
pub struct Group {
    /// The group that it lies in, or [`NONE`].
    pub parent: u32,
    /// Where its pieces stand in [`Offer::pieces`], in ascending order of cost.
    pub pieces: std::ops::Range<usize>,
}

impl Offer {
    /// Adds the next group, in no other one.
    pub fn push_group(&mut self, pieces: impl IntoIterator<Item = (u32, i32)>) {
        let begin = self.pieces.len();
        self.pieces.extend(pieces);
        self.groups.push(Group { parent: NONE, pieces: begin..self.pieces.len() });
    }

    /// Makes a group of each therapist, with the pieces of [`FAIR`].
    pub fn group_fairly(&mut self, therapist: Vec<u32>, therapists: usize) {
        let mut total = vec![0_u64; therapists];
        for (seats, therapist) in self.seats.iter().zip(&therapist) {
            total[*therapist as usize] += u64::from(*seats);
        }
        for total in total {
            let mut given = 0;
            self.push_group(FAIR.map(|(share, cost)| {
                let upto = total * share / 100;
                let piece = upto - std::mem::replace(&mut given, upto);
                (u32::try_from(piece).unwrap_or(u32::MAX), cost)
            }));
        }
        self.group = therapist;
    }
}

/// Opens an instance in whichever form its first bytes say.
///
/// # Errors
/// What is wrong with it, with its place.
pub fn open(path: &Path, fair: bool) -> Result<Box<dyn Source>, Refusal> {
    let mut file = File::open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(Refusal("not a file; an instance is read several times, so save it as one".to_owned()));
    }
    let mut first = Vec::new();
    file.by_ref().take(4).read_to_end(&mut first)?;
    // The number of residents stands first in the binary form, and its highest byte is 0 within the bounds.
    if first.contains(&0) {
        return Ok(Box::new(Binary::open(path, about.len(), fair)?));
    }
    if !matches!(first.first(), Some(b'p' | b'c')) {
        return Err(Refusal(
            "byte 0: neither the binary form nor text that begins with `p` or `c`; give a .bin, .asg or DIMACS file"
                .to_owned(),
        ));
    }
    match super::lines::problem(path)?.as_slice() {
        [kind, _, _, _, _] if kind == "asg" => Ok(Box::new(Listing::open(path, about.len(), fair)?)),
        _ => Ok(Box::new(Dimacs::open(path, about.len())?)),
    }
}
