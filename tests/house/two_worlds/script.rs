//! What a pair of worlds is made of, all drawn from one seed: the town, what happens to both, whose behaviour differs, and
//! what each of the two does. Never does anything itself.

use holdspace::domain::offering::Rules;

use super::deeds::Deed;
use super::draw::Draw;
use super::season::Event;
use crate::harness::house::fortnight;
use crate::harness::town::Town;

/// How many times people act in a season: twice before the late batch and the visits, then between and after them.
pub const PHASES: usize = 5;
/// Slots for events: one before each phase, and one after the last.
pub const SLOTS: usize = PHASES + 1;
/// Nobody does more than this.
const MOST_DEEDS: usize = 5;
/// A cohort of so many is asked an anonymous question.
pub const ASKED: usize = 150;

/// Something that somebody does at some time, with a number where it could be done in several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// When.
    pub phase: usize,
    /// What.
    pub deed: Deed,
    /// Which way.
    pub way: usize,
}

/// All that one resident does, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Behaviour(pub Vec<Placed>);

impl Behaviour {
    /// Up to five deeds of any kind; one in ten does nothing.
    pub fn drawn(draw: &mut Draw, most: usize) -> Self {
        if draw.percent(10) {
            return Self::default();
        }
        let mut deeds: Vec<Placed> = (0..=draw.below(most)).map(|_| placed(draw)).collect();
        deeds.sort_by_key(|placed| placed.phase);
        Self(deeds)
    }

    /// One deed at the first time at which it is likely to be allowed, after whatever makes it possible.
    pub fn of(deed: Deed) -> Self {
        let mut deeds: Vec<Placed> =
            deed.prepared_by().iter().map(|&deed| Placed { phase: deed.early(), deed, way: 0 }).collect();
        deeds.push(Placed { phase: deed.early(), deed, way: 0 });
        Self(deeds)
    }

    /// What is done in a phase.
    pub fn in_phase(&self, phase: usize) -> impl Iterator<Item = &Placed> {
        self.0.iter().filter(move |placed| placed.phase == phase)
    }

    /// Whether any of it is of a kind.
    pub fn any(&self, is: impl Fn(Deed) -> bool) -> bool {
        self.0.iter().any(|placed| is(placed.deed))
    }
}

fn placed(draw: &mut Draw) -> Placed {
    let deed = draw.pick(&Deed::ALL);
    // Mostly when it is allowed, and sometimes when it is not: a refusal must not show either.
    let early = deed.early();
    let phase = if draw.percent(15) { draw.below(PHASES) } else { early + draw.below(PHASES - early) };
    Placed { phase, deed, way: draw.below(1 << 16) }
}

/// What both worlds have in common.
#[derive(Debug, Clone)]
pub struct Script {
    /// What it was drawn from.
    pub seed: u64,
    /// Who lives there.
    pub town: Town,
    /// The offering.
    pub rules: Rules,
    /// How many the cycle has, where it has more than the town.
    pub cohort: Option<usize>,
    /// Whose behaviour differs: by number among those who were invited.
    pub flipped: usize,
    /// What others do, by the same number.
    pub others: Vec<(usize, Behaviour)>,
    /// What happens, slot by slot.
    pub events: [Vec<Event>; SLOTS],
    /// Whether the program looks after a slot, beside the end of the season.
    pub looks: [bool; SLOTS],
    /// Whether the season goes on to its release.
    pub released: bool,
    /// Whether mail servers take every letter to the roster's address of whoever the worlds differ in. Counts of letters by
    /// state and reason tell of a mail server that refuses, as they should; whether a letter is sent there at all is for
    /// its reader to say. So nothing is drawn of both together.
    pub hers_are_taken: bool,
}

impl Script {
    /// The script of a seed.
    pub fn of(seed: u64) -> Self {
        let draw = &mut Draw::of(seed, 1);
        let (a, b, neph) = (4 + draw.below(6), 4 + draw.below(6), draw.percent(70));
        let town = drawn_town(draw, a, b, neph);
        let asked = draw.percent(15);
        let rules = Rules {
            reserve_percent: draw.pick(&[0, 15, 30, 30]),
            notice_hours: draw.pick(&[2, 24]),
            reminder_hours: draw.pick(&[&[48][..], &[168, 24][..]]).to_vec(),
            ..fortnight()
        };
        let flipped = draw.below(64);
        let others = (0..draw.below(4)).map(|_| (draw.below(64), Behaviour::drawn(draw, 3))).collect();
        let mut events: [Vec<Event>; SLOTS] = Default::default();
        for (slot, events) in events.iter_mut().enumerate() {
            events.extend((0..draw.below(3)).map(|_| Event::drawn(draw, slot)));
        }
        let looks = std::array::from_fn(|_| draw.percent(40));
        let cohort = asked.then_some(ASKED);
        Self {
            seed,
            town,
            rules,
            cohort,
            flipped,
            others,
            events,
            looks,
            released: draw.percent(60),
            hers_are_taken: false,
        }
    }

    /// A season of few events in which every deed can be done by whoever is chosen, with a survey.
    pub fn plain(seed: u64) -> Self {
        let draw = &mut Draw::of(seed, 2);
        Self {
            seed,
            town: Town::small(),
            rules: Rules { reserve_percent: 30, ..fortnight() },
            cohort: Some(ASKED),
            flipped: 0,
            others: Vec::new(),
            events: [
                vec![Event::Hours(12)],
                vec![Event::Hours(12), Event::Late(draw.below(8)), Event::Book],
                vec![Event::Away(1, 2), Event::Away(0, 8)],
                vec![],
                vec![],
                vec![],
            ],
            looks: [false, true, true, false, true, false],
            released: true,
            hers_are_taken: false,
        }
    }

    /// Both behaviours of the pair of this seed.
    pub fn behaviours(&self) -> [Behaviour; 2] {
        let draw = &mut Draw::of(self.seed, 3);
        [(); 2].map(|()| Behaviour::drawn(draw, MOST_DEEDS))
    }
}

fn drawn_town(draw: &mut Draw, a: usize, b: usize, neph: bool) -> Town {
    let mut left = [a, b, if neph { 2 } else { 0 }];
    Town::of(|line| {
        let whose = match (line.starts_with("NEPH"), line.split(',').nth(5)) {
            (true, _) => 2,
            (_, Some("A")) => 0,
            _ => 1,
        };
        let stays = left[whose] > 0 && (whose == 2 || draw.percent(70));
        left[whose] -= usize::from(stays);
        stays
    })
}
