//! The matching itself: successive shortest paths, one person after another in lottery order.
//! Knows numbers only; never a person, a clock or a rule.
//!
//! Each person is added by the cheapest path to a free seat, on which people placed before may change their seats
//! but never lose one. Sets of people that can be placed together are the independent sets of a transversal
//! matroid, so whoever finds no path is left out of every set that holds all who were placed before them: the
//! outcome is of the largest possible size and, among those, the best in lottery order. And by the invariant of
//! shortest paths no other seating of the same people costs less.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::rows::{Choice, Field, to_u32};
use super::supply::Supply;

/// Who sits where, by number.
pub(super) struct Seating {
    /// Each person's slot; none for who is left out.
    pub slot_of: Vec<Option<u32>>,
    /// The people in each slot.
    pub occupants: Vec<Vec<u32>>,
    /// Prices of slots, days and therapists in one list: they prove the seating.
    pub price: Vec<i64>,
}

/// Seats everybody who can be seated.
pub(super) fn seat_everyone(field: &Field<'_>, supply: &Supply) -> Seating {
    let mut solver = Solver::new(field, supply);
    for person in 0..field.people.len() {
        solver.add(to_u32(person));
    }
    solver.finish()
}

/// From where the shortest path came to a node.
#[derive(Clone, Copy)]
enum Origin {
    /// The person being added takes this slot.
    Newcomer,
    /// This person moves here from the slot where they sit.
    Occupant(u32),
    /// Load passes between a slot, its day and its therapist.
    Node(u32),
}

/// Points that no path is worth.
const CLOSED: i64 = 1 << 40;

/// Farther than any path.
const FAR: i64 = i64::MAX;

struct Solver<'a> {
    field: &'a Field<'a>,
    supply: &'a Supply,
    seating: Seating,
    day_load: Vec<u32>,
    therapist_load: Vec<u32>,
    /// What one more visit costs each day and each therapist.
    day_cost: Vec<i64>,
    therapist_cost: Vec<i64>,
    /// Slots from which no free seat can be reached, now or ever: each is full, and so is all that its people
    /// could move to. Each with the number of the search that closed it, from 1; 0 where it is open.
    closed: Vec<u32>,
    closures: u32,
    /// Prices of slots, days and therapists, one list; they keep every arc's reduced cost from being negative.
    price: Vec<i64>,
    distance: Vec<i64>,
    origin: Vec<Origin>,
    touched: Vec<u32>,
    /// The least label with which a row was searched: a higher one from another occupant finds nothing better.
    row_label: Vec<i64>,
    searched_rows: Vec<u32>,
    queue: BinaryHeap<Reverse<(i64, u32)>>,
    /// The length of the shortest path found so far in this search.
    bound: i64,
}

/// Where a path ends: a slot with a free seat, and what the whole path costs.
#[derive(Clone, Copy)]
struct End {
    length: i64,
    slot: u32,
}

impl<'a> Solver<'a> {
    fn new(field: &'a Field<'a>, supply: &'a Supply) -> Self {
        let slots = supply.seats.len();
        let nodes = slots + supply.days.len() + supply.therapists.len();
        Self {
            field,
            supply,
            seating: Seating {
                slot_of: vec![None; field.people.len()],
                occupants: vec![Vec::new(); slots],
                price: Vec::new(),
            },
            day_load: vec![0; supply.days.len()],
            therapist_load: vec![0; supply.therapists.len()],
            day_cost: supply.days.iter().map(|day| supply.weights.day(0, day.seats)).collect(),
            therapist_cost: supply
                .therapists
                .iter()
                .map(|one| supply.weights.therapist(0, one.seats))
                .collect(),
            closed: vec![0; slots],
            closures: 0,
            price: vec![0; nodes],
            distance: vec![FAR; nodes],
            origin: vec![Origin::Newcomer; nodes],
            touched: Vec::new(),
            row_label: vec![FAR; field.rows.len()],
            searched_rows: Vec::new(),
            queue: BinaryHeap::new(),
            bound: FAR,
        }
    }

    /// The seating with its proof: what was closed is priced below everything that it could be reached from, and what
    /// was closed first the lowest, since nothing leads out of it.
    fn finish(mut self) -> Seating {
        for (slot, closed) in self.closed.iter().enumerate().filter(|(_, closed)| **closed > 0) {
            self.price[slot] -= CLOSED * i64::from(self.closures - closed + 1);
        }
        Seating { price: self.price, ..self.seating }
    }

    /// Places one more person, or finds that nobody before them can make room.
    fn add(&mut self, person: u32) {
        if let Some(end) = self.search(person) {
            self.raise_prices(end.length);
            self.shift_along(person, end.slot);
        } else {
            self.closures += 1;
            for node in &self.touched {
                self.closed[*node as usize] = self.closures;
            }
        }
        self.forget();
    }

    /// Dijkstra's search over reduced costs, from a newcomer to the free seat that costs least.
    fn search(&mut self, person: u32) -> Option<End> {
        let row = self.field.row_of[person as usize];
        let mut end = self.nearest_free(row);
        if let Some(end) = end {
            self.bound = end.length;
            self.origin[end.slot as usize] = Origin::Newcomer;
        }
        self.search_row(row, 0, Origin::Newcomer);
        while let Some(Reverse((distance, node))) = self.queue.pop() {
            if distance >= self.bound {
                break;
            }
            if distance > self.distance[node as usize] {
                continue;
            }
            let slots = self.supply.seats.len();
            if (node as usize) < slots {
                if let Some(length) = self.leave_slot(node, distance)
                    && length < self.bound
                {
                    self.bound = length;
                    end = Some(End { length, slot: node });
                }
            } else if (node as usize) < slots + self.supply.days.len() {
                self.leave_day(node, distance);
            } else {
                self.leave_therapist(node, distance);
            }
        }
        end
    }

    /// The cheapest free seat of a row without anybody moving: the search need not look beyond its length.
    fn nearest_free(&self, row: u32) -> Option<End> {
        let free = self.field.rows[row as usize].iter().filter(|choice| self.has_room(choice.slot));
        free.map(|choice| End {
            length: i64::from(choice.points) + self.seat_cost(choice.slot),
            slot: choice.slot,
        })
        .min_by_key(|end| end.length)
    }

    /// From a slot: into its day where a seat is free, which ends a path of the length returned; and to wherever its
    /// people could move.
    fn leave_slot(&mut self, slot: u32, distance: i64) -> Option<i64> {
        let number = slot as usize;
        let mut length = None;
        if self.has_room(slot) {
            length = Some(distance + self.price[number] + self.seat_cost(slot));
            let day = self.day_node(self.supply.day_of[number]);
            self.reach(day, distance + self.price[number] - self.price[day as usize], Origin::Node(slot));
        }
        for seat in 0..self.seating.occupants[number].len() {
            let occupant = self.seating.occupants[number][seat];
            let row = self.field.row_of[occupant as usize];
            let label = distance + self.price[number] - self.points(row, slot);
            self.search_row(row, label, Origin::Occupant(occupant));
        }
        length
    }

    fn has_room(&self, slot: u32) -> bool {
        to_u32(self.seating.occupants[slot as usize].len()) < self.supply.seats[slot as usize]
    }

    /// What one more visit costs the therapist of a slot and their day.
    fn seat_cost(&self, slot: u32) -> i64 {
        let day = self.supply.day_of[slot as usize] as usize;
        let therapist = self.supply.therapist_of[day] as usize;
        self.day_cost[day] + self.therapist_cost[therapist]
    }

    /// From a therapist's day: on to the therapist, or back to any slot of the day that could give up a seat.
    fn leave_day(&mut self, node: u32, distance: i64) {
        let number = node as usize - self.supply.seats.len();
        let day = &self.supply.days[number];
        let price = self.price[node as usize];
        if self.day_load[number] < day.seats {
            let step = self.day_cost[number];
            let therapist = self.therapist_node(self.supply.therapist_of[number]);
            self.reach(
                therapist,
                distance + step + price - self.price[therapist as usize],
                Origin::Node(node),
            );
        }
        for slot in &day.members {
            if !self.seating.occupants[*slot as usize].is_empty() {
                self.reach(*slot, distance + price - self.price[*slot as usize], Origin::Node(node));
            }
        }
    }

    /// From a therapist: back to any day that could give up a seat. Paths that end here were measured at their slot.
    fn leave_therapist(&mut self, node: u32, distance: i64) {
        let number = node as usize - self.supply.seats.len() - self.supply.days.len();
        let therapist = &self.supply.therapists[number];
        let price = self.price[node as usize];
        for day in &therapist.members {
            let load = self.day_load[*day as usize];
            if load > 0 {
                let saved = self.supply.weights.day(load - 1, self.supply.days[*day as usize].seats);
                let back = self.day_node(*day);
                self.reach(back, distance - saved + price - self.price[back as usize], Origin::Node(node));
            }
        }
    }

    fn search_row(&mut self, row: u32, label: i64, origin: Origin) {
        if label >= self.row_label[row as usize] {
            return;
        }
        self.row_label[row as usize] = label;
        self.searched_rows.push(row);
        let field = self.field;
        for choice in &field.rows[row as usize] {
            let distance = label + i64::from(choice.points) - self.price[choice.slot as usize];
            self.reach(choice.slot, distance, origin);
        }
    }

    fn reach(&mut self, node: u32, distance: i64, origin: Origin) {
        let number = node as usize;
        if distance >= self.bound.min(self.distance[number])
            || self.closed.get(number).is_some_and(|closed| *closed > 0)
        {
            return;
        }
        if self.distance[number] == FAR {
            self.touched.push(node);
        }
        self.distance[number] = distance;
        self.origin[number] = origin;
        self.queue.push(Reverse((distance, node)));
    }

    /// Keeps every reduced cost from being negative once the path is used: what was nearer than the end pays less.
    fn raise_prices(&mut self, end: i64) {
        for node in &self.touched {
            self.price[*node as usize] += (self.distance[*node as usize] - end).min(0);
        }
    }

    /// Walks the path back from its end, and gives each person on it the seat that it leads to.
    fn shift_along(&mut self, newcomer: u32, end: u32) {
        let mut node = end;
        loop {
            match self.origin[node as usize] {
                Origin::Node(before) => node = before,
                Origin::Newcomer => {
                    self.sit(newcomer, node);
                    return;
                }
                Origin::Occupant(person) => {
                    // Only who sits somewhere is an occupant.
                    let Some(from) = self.stand_up(person) else { return };
                    self.sit(person, node);
                    node = from;
                }
            }
        }
    }

    fn sit(&mut self, person: u32, slot: u32) {
        self.seating.slot_of[person as usize] = Some(slot);
        self.seating.occupants[slot as usize].push(person);
        self.load(slot, |load| load + 1);
    }

    fn stand_up(&mut self, person: u32) -> Option<u32> {
        let slot = self.seating.slot_of[person as usize].take()?;
        self.seating.occupants[slot as usize].retain(|occupant| *occupant != person);
        self.load(slot, |load| load - 1);
        Some(slot)
    }

    /// Changes the load of a slot's day and therapist, and what one more visit costs them.
    fn load(&mut self, slot: u32, change: impl Fn(u32) -> u32) {
        let day = self.supply.day_of[slot as usize] as usize;
        let therapist = self.supply.therapist_of[day] as usize;
        self.day_load[day] = change(self.day_load[day]);
        self.therapist_load[therapist] = change(self.therapist_load[therapist]);
        self.day_cost[day] = self.supply.weights.day(self.day_load[day], self.supply.days[day].seats);
        let seats = self.supply.therapists[therapist].seats;
        self.therapist_cost[therapist] = self.supply.weights.therapist(self.therapist_load[therapist], seats);
    }

    fn forget(&mut self) {
        for node in self.touched.drain(..) {
            self.distance[node as usize] = FAR;
        }
        for row in self.searched_rows.drain(..) {
            self.row_label[row as usize] = FAR;
        }
        self.queue.clear();
        self.bound = FAR;
    }

    fn points(&self, row: u32, slot: u32) -> i64 {
        points(&self.field.rows[row as usize], slot)
    }

    fn day_node(&self, day: u32) -> u32 {
        to_u32(self.supply.seats.len()) + day
    }

    fn therapist_node(&self, therapist: u32) -> u32 {
        to_u32(self.supply.seats.len() + self.supply.days.len()) + therapist
    }
}

/// What a slot of a row costs by wishes; the row is sorted by slot.
fn points(row: &[Choice], slot: u32) -> i64 {
    row.binary_search_by_key(&slot, |choice| choice.slot).map_or(0, |found| i64::from(row[found].points))
}
