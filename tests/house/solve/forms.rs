//! Small instances, written in every form, and their best seating by trying all. Never asks the program.

/// Who names which slots at which costs.
pub struct Instance {
    pub seats: Vec<u32>,
    pub therapist: Vec<u32>,
    pub rows: Vec<Vec<(u32, i32)>>,
}

/// A therapist's seats, in hundredths of those they offer, and what each of them costs.
const FAIR: [(u32, i64); 5] = [(40, 0), (60, 10), (75, 25), (90, 50), (100, 100)];

/// The forms, as bytes.
pub trait Forms {
    fn binary(&self) -> Vec<u8>;
    fn listing(&self) -> Vec<u8>;
    fn flow(&self, fair: bool) -> Vec<u8>;
    fn assignment(&self) -> Vec<u8>;
}

impl Instance {
    /// Two to six residents and up to seven slots of two therapists; every slot but the first may be a copy of the one
    /// before it, and every third instance has costs below 0.
    pub fn invented(seed: u64) -> Self {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let (people, slots) = (2 + draw(5), 3 + draw(5) as u32);
        let least = if seed.is_multiple_of(3) { -30 } else { 0 };
        let seats = (0..slots).map(|_| draw(3) as u32).collect();
        let mut therapist: Vec<u32> = (0..slots).map(|_| draw(2) as u32).collect();
        let copy: Vec<bool> = (0..slots).map(|slot| slot > 0 && draw(2) == 0).collect();
        for slot in (0..slots as usize).filter(|slot| copy[*slot]) {
            therapist[slot] = therapist[slot - 1];
        }
        let rows = (0..people).map(|_| {
            let mut row: Vec<(u32, i32)> = Vec::new();
            let mut before = None;
            for slot in 0..slots {
                if !copy[slot as usize] {
                    before = (draw(2) == 0).then(|| least + 5 * draw(12) as i32);
                }
                row.extend(before.map(|cost| (slot, cost)));
            }
            row
        });
        Self { seats, therapist, rows: rows.collect() }
    }

    /// The same with at most one seat a slot, and none without.
    pub fn of_single_seats(&self) -> Self {
        let (therapist, rows) = (self.therapist.clone(), self.rows.clone());
        Self { seats: vec![1; self.seats.len()], therapist, rows }
    }

    pub fn cost(&self, person: u32, slot: u32) -> Option<i64> {
        let named = self.rows[person as usize].iter().find(|(one, _)| *one == slot);
        named.map(|(_, cost)| i64::from(*cost))
    }

    /// How many seats of a therapist's cost how much.
    fn pieces(&self) -> Vec<Vec<(u32, i64)>> {
        let total = |therapist: u32| -> u32 {
            let seats = self.seats.iter().zip(&self.therapist);
            seats.filter(|(_, of)| **of == therapist).map(|(seats, _)| seats).sum()
        };
        let pieces = |total: u32| {
            let upto = FAIR.map(|(share, _)| total * share / 100);
            (0..5).map(|at| (upto[at] - if at == 0 { 0 } else { upto[at - 1] }, FAIR[at].1)).collect()
        };
        (0..2).map(|therapist| pieces(total(therapist))).collect()
    }

    /// How many can be placed, and what that costs at least.
    pub fn best(&self, fair: bool) -> (i64, i64) {
        let steps = self.pieces().into_iter().map(|pieces| {
            let each = pieces.into_iter().flat_map(|(seats, cost)| vec![cost; seats as usize]);
            each.collect::<Vec<i64>>()
        });
        let steps: Vec<Vec<i64>> = if fair { steps.collect() } else { vec![vec![0; 99]; 2] };
        let (placed, cost) = self.from(0, &mut self.seats.clone(), &mut [0, 0], &steps);
        (placed, -cost)
    }

    /// The most that can be placed of the residents from `person` on, and the least cost of that, negated.
    fn from(&self, person: usize, left: &mut [u32], load: &mut [usize; 2], steps: &[Vec<i64>]) -> (i64, i64) {
        let Some(row) = self.rows.get(person) else { return (0, 0) };
        let mut best = self.from(person + 1, left, load, steps);
        for (slot, cost) in row {
            let (slot, therapist) = (*slot as usize, self.therapist[*slot as usize] as usize);
            if left[slot] == 0 {
                continue;
            }
            let step = steps[therapist][load[therapist]];
            left[slot] -= 1;
            load[therapist] += 1;
            let (placed, rest) = self.from(person + 1, left, load, steps);
            left[slot] += 1;
            load[therapist] -= 1;
            best = best.max((placed + 1, rest - i64::from(*cost) - step));
        }
        best
    }
}

impl Forms for Instance {
    fn binary(&self) -> Vec<u8> {
        let pairs: Vec<(u32, i32)> = self.rows.concat();
        let (people, slots) = (self.rows.len() as u32, self.seats.len() as u32);
        let mut words = vec![people, slots, 2, pairs.len() as u32, 5, 0];
        words.extend(self.rows.iter().scan(0, |end, row| {
            *end += row.len() as u32;
            Some(*end)
        }));
        words.extend(pairs.iter().map(|(slot, _)| *slot));
        words.extend(pairs.iter().map(|(_, cost)| cost.cast_unsigned()));
        words.extend(self.seats.iter().chain(&self.therapist));
        words.extend(0..slots + people);
        words.extend(self.pieces().iter().flatten().map(|(seats, _)| *seats));
        words.extend(FAIR.map(|(_, cost)| cost as u32));
        words.into_iter().flat_map(u32::to_le_bytes).collect()
    }

    fn listing(&self) -> Vec<u8> {
        let pairs = self.rows.concat().len();
        let mut text = format!("p asg {} {} 2 {pairs}\n", self.rows.len(), self.seats.len());
        for (slot, (seats, therapist)) in self.seats.iter().zip(&self.therapist).enumerate() {
            text += &format!("s {slot} {seats} {therapist} {slot}\n");
        }
        for (person, row) in self.rows.iter().enumerate() {
            let row: Vec<String> = row.iter().map(|(slot, cost)| format!("{slot}:{cost}")).collect();
            text += &format!("r {person} 0 {}\n", row.join(" "));
        }
        text.into_bytes()
    }

    fn flow(&self, fair: bool) -> Vec<u8> {
        let (people, slots) = (self.rows.len(), self.seats.len());
        let sink = people + slots + if fair { 2 } else { 0 } + 1;
        let mut nodes: String = (1..=people).map(|person| format!("n {person} 1\n")).collect();
        nodes += &format!("n {sink} -{people}\n");
        let mut arcs = Vec::new();
        for (person, row) in self.rows.iter().enumerate() {
            let person = person + 1;
            let named = row.iter();
            arcs.extend(
                named.map(|(slot, cost)| format!("{person} {} 0 1 {cost}", people + 1 + *slot as usize)),
            );
            arcs.push(format!("{person} {sink} 0 1 1000000"));
        }
        for (slot, seats) in self.seats.iter().enumerate().filter(|(_, seats)| **seats > 0) {
            let above = if fair { people + slots + 1 + self.therapist[slot] as usize } else { sink };
            arcs.push(format!("{} {above} 0 {seats} 0", people + 1 + slot));
        }
        for (therapist, pieces) in self.pieces().iter().enumerate().filter(|_| fair) {
            // The dearest first: the order of parallel arcs must not matter.
            let pieces = pieces.iter().rev().filter(|(seats, _)| *seats > 0);
            let from = people + slots + 1 + therapist;
            arcs.extend(pieces.map(|(seats, cost)| format!("{from} {sink} 0 {seats} {cost}")));
        }
        let lines: String = arcs.iter().map(|arc| format!("a {arc}\n")).collect();
        format!("c an instance\np min {sink} {}\n{nodes}{lines}", arcs.len()).into_bytes()
    }

    fn assignment(&self) -> Vec<u8> {
        let (people, arcs) = (self.rows.len(), self.rows.concat().len());
        let mut text = format!("p asg {} {arcs}\n", people + self.seats.len());
        text.extend((1..=people).map(|person| format!("n {person}\n")));
        for (person, row) in self.rows.iter().enumerate() {
            let named = row.iter();
            text.extend(
                named
                    .map(|(slot, cost)| format!("a {} {} {cost}\n", person + 1, people + 1 + *slot as usize)),
            );
        }
        text.into_bytes()
    }
}
