//! Places a group again: kinds of people in single seats, one seat added after another. Knows numbers only, and shares
//! no code with the plan's own solver, so that what it finds is a second opinion.

/// No kind of people: an empty seat.
const EMPTY: u32 = u32::MAX;

/// Which kinds may sit in a seat, for every seat that there is or could be.
#[derive(Default)]
pub(super) struct Table(Vec<Vec<u32>>);

impl Table {
    /// Adds a row; returns its number.
    pub fn add(&mut self, kinds: Vec<u32>) -> u32 {
        self.0.push(kinds);
        u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX)
    }
}

/// Who sits where: as many as can, always.
#[derive(Clone)]
pub(super) struct Placing {
    /// The table's row of every seat that somebody sits in, and the kind of who does.
    seats: Vec<(u32, u32)>,
    /// How many of each kind have no seat.
    waiting: Vec<u32>,
}

impl Placing {
    /// Nobody sits.
    pub fn new(count: &[u32]) -> Self {
        Self { seats: Vec::new(), waiting: count.to_vec() }
    }

    /// How many people have no seat.
    pub fn waiting(&self) -> usize {
        self.waiting.iter().map(|count| *count as usize).sum()
    }

    /// Adds a seat and has somebody more sit, others moving over where that makes room; nobody loses a seat. A seat
    /// that lets nobody more sit now never will, and is dropped. Also false, with no steps left, where it took more
    /// than `steps`.
    pub fn add(&mut self, table: &Table, row: u32, steps: &mut usize) -> bool {
        self.seats.push((row, EMPTY));
        let found = self.path(table, steps);
        if !found {
            self.seats.pop();
        }
        found
    }

    /// Looks from the empty last seat for somebody who waits, across people who would move; and moves them.
    fn path(&mut self, table: &Table, steps: &mut usize) -> bool {
        let end = self.seats.len() - 1;
        // To which seat the one who sits in a seat would move.
        let mut onward = vec![usize::MAX; self.seats.len()];
        let mut sitting: Option<Vec<Vec<usize>>> = None;
        let mut seen = vec![false; self.waiting.len()];
        let mut queue = std::collections::VecDeque::from([end]);
        while let Some(seat) = queue.pop_front() {
            for kind in &table.0[self.seats[seat].0 as usize] {
                let number = *kind as usize;
                if std::mem::replace(&mut seen[number], true) {
                    continue;
                }
                if self.waiting[number] > 0 {
                    self.waiting[number] -= 1;
                    self.shift(*kind, seat, &onward);
                    return true;
                }
                let sitting = sitting.get_or_insert_with(|| self.by_kind());
                let work = sitting[number].len() + 1;
                *steps = steps.saturating_sub(work);
                for from in &sitting[number] {
                    if onward[*from] == usize::MAX && *from != end {
                        onward[*from] = seat;
                        queue.push_back(*from);
                    }
                }
            }
            *steps = steps.saturating_sub(table.0[self.seats[seat].0 as usize].len() + 1);
            if *steps == 0 {
                return false;
            }
        }
        false
    }

    fn shift(&mut self, newcomer: u32, first: usize, onward: &[usize]) {
        let (mut kind, mut seat) = (newcomer, first);
        loop {
            let before = std::mem::replace(&mut self.seats[seat].1, kind);
            if before == EMPTY {
                return;
            }
            (kind, seat) = (before, onward[seat]);
        }
    }

    /// The seats of each kind's people.
    fn by_kind(&self) -> Vec<Vec<usize>> {
        let mut seats = vec![Vec::new(); self.waiting.len()];
        for (seat, (_, kind)) in self.seats.iter().enumerate().filter(|(_, (_, kind))| *kind != EMPTY) {
            seats[*kind as usize].push(seat);
        }
        seats
    }
}
