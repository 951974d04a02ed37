//! Who is placed where not everybody can be: the order of a lottery decides, never a cost. Says nothing of where they sit.
//!
//! Sets of people that can be placed together are the independent sets of a transversal matroid (J. Edmonds and D. R.
//! Fulkerson, 1965). So adding one after another, each where those before can move over and nobody loses their seat, gives a set
//! of the greatest size and, among those, the first in the order.

use super::sitters::Sitters;
use super::{NONE, Rows, Supply, number};

/// Who can be placed; people are numbered in the order of the lottery. Seats of classes count, groups do not.
pub fn draw<R: Rows>(rows: &R, supply: &Supply) -> Vec<bool> {
    let mut lottery = Lottery::new(rows, supply);
    (0..number(rows.people())).map(|person| lottery.admit(person)).collect()
}

/// For everybody who is left out of a seating, in their order: from their row to the people who sit there, on to the rows of
/// those, and so on. A class that is first reached from the k-th of them, counted from 1, is shut with k; 0 where it is open.
///
/// Everything that is reached is full, or somebody could have moved there.
pub fn shut<R: Rows>(rows: &R, supply: &Supply, class_of: &[u32]) -> Vec<u32> {
    let classes = supply.seats.len();
    let mut sitters = Sitters::new(class_of.len(), classes);
    for (person, class) in class_of.iter().enumerate().filter(|(_, class)| **class != NONE) {
        sitters.sit(number(person), *class);
    }
    let mut shut = vec![0; classes];
    let mut reached = Vec::new();
    let left_out = class_of.iter().enumerate().filter(|(_, class)| **class == NONE);
    for (turn, (person, _)) in left_out.enumerate() {
        let mut note = |person: u32, reached: &mut Vec<u32>| {
            rows.visit(person, |choice| {
                if shut[choice.class as usize] == 0 {
                    shut[choice.class as usize] = number(turn + 1);
                    reached.push(choice.class);
                }
                true
            });
        };
        note(number(person), &mut reached);
        while let Some(class) = reached.pop() {
            let mut sitter = sitters.first(class);
            while sitter != NONE {
                note(sitter, &mut reached);
                sitter = sitters.after(sitter);
            }
        }
    }
    shut
}

/// A class from which no free seat can be reached, now or ever.
const DEAD: u32 = u32::MAX;

struct Lottery<'a, R> {
    rows: &'a R,
    supply: &'a Supply,
    sitters: Sitters,
    /// In whose turn each class was reached last, counted from 1; [`DEAD`] for ever.
    reached: Vec<u32>,
    /// Who would move to each class that was reached.
    mover: Vec<u32>,
    queue: Vec<u32>,
}

impl<'a, R: Rows> Lottery<'a, R> {
    fn new(rows: &'a R, supply: &'a Supply) -> Self {
        let classes = supply.seats.len();
        Self {
            rows,
            supply,
            sitters: Sitters::new(rows.people(), classes),
            reached: vec![0; classes],
            mover: vec![NONE; classes],
            queue: Vec::new(),
        }
    }

    /// Places one person more, if those before them can move over.
    fn admit(&mut self, person: u32) -> bool {
        self.queue.clear();
        let mut free = self.reach_row(person, person + 1);
        let mut at = 0;
        while free == NONE && at < self.queue.len() {
            let mut sitter = self.sitters.first(self.queue[at]);
            while free == NONE && sitter != NONE {
                free = self.reach_row(sitter, person + 1);
                sitter = self.sitters.after(sitter);
            }
            at += 1;
        }
        if free == NONE {
            // Whatever was reached is full, and so is all that can be reached from there: later turns need not look.
            for class in &self.queue {
                self.reached[*class as usize] = DEAD;
            }
            return false;
        }
        self.move_over(free);
        true
    }

    /// Notes the classes of a row that this turn had not reached. Returns one with a free seat as soon as there is one.
    fn reach_row(&mut self, person: u32, turn: u32) -> u32 {
        let Self { supply, sitters, reached, mover, queue, .. } = self;
        let mut free = NONE;
        self.rows.visit(person, |choice| {
            let class = choice.class as usize;
            if reached[class] == DEAD || reached[class] == turn {
                return true;
            }
            reached[class] = turn;
            mover[class] = person;
            if sitters.count(choice.class) < supply.seats[class] {
                free = choice.class;
            } else {
                queue.push(choice.class);
            }
            free == NONE
        });
        free
    }

    fn move_over(&mut self, free: u32) {
        let mut class = free;
        while class != NONE {
            let person = self.mover[class as usize];
            let left = self.sitters.stand(person);
            self.sitters.sit(person, class);
            class = left;
        }
    }
}
