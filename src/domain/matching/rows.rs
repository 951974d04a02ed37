//! Rows written out: every person's choices in ascending order of cost, each packed into 32 bits or, where they do
//! not fit, 64. Never knows what a cost stands for.

use super::{Choice, Rows, number};

/// The greatest cost of a choice, in units: finer or wider costs are refused before they come here.
pub const MOST: u32 = (1 << 20) - 1;

/// Rows of packed choices in one list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Where each person's row begins; one number more than people.
    first: Vec<u32>,
    words: Words,
    /// How many low bits of a word hold the class.
    bits: u32,
}

/// Cost above class in each word, so that the order of words is the order of costs.
#[derive(Debug, Clone)]
enum Words {
    Narrow(Vec<u32>),
    Wide(Vec<u64>),
}

impl Listed {
    /// No rows yet, for classes numbered below `classes` and costs of at most `most`. Room for `choices` of them is
    /// set aside, which costs nothing until it is used.
    #[must_use]
    pub fn new(classes: usize, most: u32, people: usize, choices: usize) -> Self {
        let bits = u32::BITS - number(classes).leading_zeros();
        let narrow = bits + (u32::BITS - most.leading_zeros()) <= u32::BITS && bits < u32::BITS;
        let words = if narrow {
            Words::Narrow(Vec::with_capacity(choices))
        } else {
            Words::Wide(Vec::with_capacity(choices))
        };
        let mut first = Vec::with_capacity(people + 1);
        first.push(0);
        Self { first, words, bits }
    }

    /// Adds the next person's row, in any order, each class at most once.
    pub fn push(&mut self, choices: impl IntoIterator<Item = Choice>) {
        let (bits, begin) = (self.bits, self.first.last().map_or(0, |first| *first as usize));
        match &mut self.words {
            Words::Narrow(words) => {
                words.extend(choices.into_iter().map(|choice| choice.cost << bits | choice.class));
                words[begin..].sort_unstable();
                self.first.push(number(words.len()));
            }
            Words::Wide(words) => {
                let word = |choice: Choice| u64::from(choice.cost) << bits | u64::from(choice.class);
                words.extend(choices.into_iter().map(word));
                words[begin..].sort_unstable();
                self.first.push(number(words.len()));
            }
        }
    }

    /// How many choices all rows hold.
    #[must_use]
    pub fn choices(&self) -> usize {
        self.first.last().map_or(0, |last| *last as usize)
    }
}

impl Rows for Listed {
    const ASCENDING: bool = true;

    fn people(&self) -> usize {
        self.first.len() - 1
    }

    #[inline]
    fn visit(&self, person: u32, mut visit: impl FnMut(Choice) -> bool) {
        let row = self.first[person as usize] as usize..self.first[person as usize + 1] as usize;
        match &self.words {
            Words::Narrow(words) => {
                let low = (1 << self.bits) - 1;
                for word in &words[row] {
                    if !visit(Choice { cost: word >> self.bits, class: word & low }) {
                        return;
                    }
                }
            }
            Words::Wide(words) => {
                let low = (1 << self.bits) - 1;
                for word in &words[row] {
                    if !visit(Choice { cost: (word >> self.bits) as u32, class: (word & low) as u32 }) {
                        return;
                    }
                }
            }
        }
    }
}

impl FromIterator<Vec<Choice>> for Listed {
    /// Rows as they come; for few people, as there is no telling beforehand how many bits a choice needs.
    fn from_iter<T: IntoIterator<Item = Vec<Choice>>>(rows: T) -> Self {
        let rows: Vec<Vec<Choice>> = rows.into_iter().collect();
        let all = || rows.iter().flatten();
        let classes = all().map(|choice| choice.class as usize + 1).max().unwrap_or(0);
        let most = all().map(|choice| choice.cost).max().unwrap_or(0);
        let mut listed = Self::new(classes, most, rows.len(), all().count());
        rows.into_iter().for_each(|row| listed.push(row));
        listed
    }
}
