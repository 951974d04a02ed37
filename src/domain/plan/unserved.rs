//! What would help a shortage: the half-days of the week that the group has protected and in which no slot fits.
//! Never promises how many would be placed.

use std::collections::HashSet;

use chrono::{Datelike, Duration, NaiveDate, NaiveTime, Timelike, Weekday};

use super::reason::HalfDay;
use super::rows::Field;
use super::why::{Rivals, bookable};
use crate::domain::time::{Instant, Span, Zone, resolve, wall};

/// Half-days of a week.
const HALF_DAYS: usize = 14;

/// The half-days of the week, each in its resident's own zone and long enough for a visit, in which the group has
/// protected time but none of the slots that it may use. In the order of the week.
pub(super) fn unserved(field: &Field<'_>, rivals: &Rivals<'_>) -> Vec<HalfDay> {
    let slots = || rivals.slots.iter().map(|slot| field.slots[*slot as usize].span);
    let Some(visit) = slots().map(|span| span.ends_at() - span.starts_at()).min() else {
        return Vec::new();
    };
    let blocks: HashSet<(Span, Zone)> = rivals
        .people
        .iter()
        .flat_map(|person| {
            person.protected.iter().filter_map(|block| Some((bookable(block, person, field)?, person.zone)))
        })
        .collect();
    let zones: HashSet<Zone> = rivals.people.iter().map(|person| person.zone).collect();
    let mut state = [State::Free; HALF_DAYS];
    for (block, zone) in &blocks {
        for half in halves(block, *zone, visit) {
            state[half] = State::Protected;
        }
    }
    for span in slots() {
        for zone in &zones {
            state[half_of(span.starts_at(), *zone)] = State::Served;
        }
    }
    (0..HALF_DAYS).filter(|half| state[*half] == State::Protected).filter_map(half_day).collect()
}

/// What is known of a half-day of the week.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Free,
    Protected,
    Served,
}

fn half_day(number: usize) -> Option<HalfDay> {
    let weekday = Weekday::try_from(u8::try_from(number / 2).ok()?).ok()?;
    Some(HalfDay { weekday, afternoon: number % 2 == 1 })
}

fn half_of(at: Instant, zone: Zone) -> usize {
    let local = wall(at, zone).naive;
    half_number(local.date(), local.hour() >= 12)
}

fn half_number(on: NaiveDate, afternoon: bool) -> usize {
    on.weekday().num_days_from_monday() as usize * 2 + usize::from(afternoon)
}

/// The half-days of which a block covers enough for a visit. A block longer than a week covers no more than a week.
fn halves(block: &Span, zone: Zone, visit: Duration) -> Vec<usize> {
    let first = wall(block.starts_at(), zone).date();
    let mut halves = Vec::new();
    for date in first.iter_days().take(8) {
        let Some(next) = date.succ_opt() else { break };
        let noon = resolve(date.and_time(NaiveTime::MIN) + Duration::hours(12), zone);
        let morning = resolve(date.and_time(NaiveTime::MIN), zone)..noon;
        let afternoon = noon..resolve(next.and_time(NaiveTime::MIN), zone);
        for (is_afternoon, half) in [(false, morning), (true, afternoon)] {
            let covered = half.end.min(block.ends_at()) - half.start.max(block.starts_at());
            if covered >= visit {
                halves.push(half_number(date, is_afternoon));
            }
        }
    }
    halves
}
