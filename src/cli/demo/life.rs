//! People who live: residents answer letters and therapists note who came, by published rates. Uses the uses of the
//! desk and nothing else, as people do through their pages.

use chrono::{Days, NaiveDate};

use super::stage::Stage;
use crate::desk::session::{Session, Who};
use crate::desk::{Error, Result};
use crate::domain::booking::{Entry, Mark};
use crate::domain::letter::Letter;
use crate::entropy::{Entropy, SystemEntropy};
use crate::mail::captured::Captured;
use crate::storage::{places, therapists};

/// How many in a thousand opt out on reading each letter: 14, 16 and 10 percent, so that of all about 35 percent do,
/// two fifths of them at once, and most of the others after a reminder.
const OPT_OUT_AT_INVITATION: u16 = 140;
const OPT_OUT_AT_REMINDER: [u16; 2] = [160, 100];
/// How many in a thousand move on reading the invitation.
const MOVE: u16 = 150;
/// How many in a thousand of those who did not opt out stay away, so that of all about 10 percent do.
const MISS: u16 = 150;

/// What people did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lived {
    /// Opted out.
    pub opted_out: usize,
    /// Took another time.
    pub moved: usize,
    /// Came, by their therapist's note.
    pub kept: usize,
    /// Did not come.
    pub missed: usize,
}

/// How far the simulated people have come.
pub struct Life {
    /// Letters up to this number are answered.
    read: u64,
    /// Visits before this day are marked.
    marked: NaiveDate,
}

impl Life {
    /// People who have done nothing yet; visits begin on `from`.
    #[must_use]
    pub const fn from(from: NaiveDate) -> Self {
        Self { read: 0, marked: from }
    }

    /// Everybody does what it is time for: residents read new letters, and once a week therapists note who came; all
    /// of them where the clock comes to rest.
    ///
    /// # Errors
    /// Those of the desk, but no refusal: people who are too late have just done nothing.
    pub async fn live(&mut self, stage: &Stage, rests: bool, lived: &mut Lived) -> Result<()> {
        let mut fresh: Vec<Captured> =
            stage.mailbox.list().into_iter().take_while(|letter| letter.number > self.read).collect();
        fresh.reverse();
        for letter in fresh {
            self.read = letter.number;
            answer(stage, &letter, lived).await?;
        }
        let today = stage.now().date_naive();
        if today >= self.marked && (rests || (today - self.marked).num_days() >= 7) {
            self.mark(stage, today, lived).await?;
            // Yesterday's last visits may have ended after this was looked at.
            self.marked = today.pred_opt().unwrap_or(today);
        }
        Ok(())
    }

    async fn mark(&self, stage: &Stage, today: NaiveDate, lived: &mut Lived) -> Result<()> {
        for session in therapists(stage).await? {
            let mut from = self.marked;
            while from <= today {
                for visit in
                    stage.desk.agenda(&session, Some(from), 14).await?.days.iter().flat_map(|d| &d.visits)
                {
                    if !visit.may_mark || visit.mark.is_some() {
                        continue;
                    }
                    let missed = happens(MISS);
                    let mark = if missed { Mark::Missed } else { Mark::Kept };
                    stage.desk.mark(&session, visit.seat, Some(mark)).await?;
                    if missed { lived.missed += 1 } else { lived.kept += 1 }
                }
                from = from.checked_add_days(Days::new(14)).unwrap_or(NaiveDate::MAX);
            }
        }
        Ok(())
    }
}

async fn answer(stage: &Stage, letter: &Captured, lived: &mut Lived) -> Result<()> {
    let opts_out = match letter.letter() {
        Some(Letter::Invitation) => OPT_OUT_AT_INVITATION,
        Some(Letter::Reminder) => OPT_OUT_AT_REMINDER[usize::from(letter.occasion() == "24h")],
        _ => return Ok(()),
    };
    let text = letter.open().text;
    let Some(token) = token(&text) else { return Ok(()) };
    if happens(opts_out) {
        let entry = if happens(700) { Entry::Keep } else { Entry::Remove };
        return done(stage.desk.opt_out(token, entry).await, &mut lived.opted_out);
    }
    if letter.letter() == Some(Letter::Invitation) && happens(MOVE) {
        let times = match stage.desk.offers(token).await {
            Ok(offers) => offers.times,
            Err(Error::Booking(_)) => return Ok(()),
            Err(other) => return Err(other),
        };
        if let Some(offer) = times.get(usize::from(draw()) % times.len().max(1)) {
            return done(stage.desk.reschedule(token, offer.seat, true).await, &mut lived.moved);
        }
    }
    Ok(())
}

/// Counts what was done; who was too late has done nothing.
fn done(result: Result<()>, count: &mut usize) -> Result<()> {
    match result {
        Ok(()) => *count += 1,
        Err(Error::Booking(_) | Error::Taken | Error::Contended) => {}
        Err(other) => return Err(other),
    }
    Ok(())
}

/// The token of the link in a letter to a resident.
fn token(text: &str) -> Option<&str> {
    let rest = text.split_once("/v/")?.1;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
    Some(&rest[..end])
}

/// Every therapist at their agenda, whoever may be signed in elsewhere.
async fn therapists(stage: &Stage) -> Result<Vec<Session>> {
    let mut db = stage.desk.store().read().await?;
    let institution = places::institution(&mut db).await?.ok_or(Error::NotSetUp)?;
    let rows = therapists::therapists(&mut db, institution).await?;
    Ok(rows.into_iter().map(|row| Session { who: Who::Therapist(row.id) }).collect())
}

fn draw() -> u16 {
    let entropy: &dyn Entropy = &SystemEntropy;
    u16::from_be_bytes(entropy.bytes())
}

/// Whether something befalls somebody that befalls so many in a thousand.
fn happens(in_a_thousand: u16) -> bool {
    draw() % 1000 < in_a_thousand
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_a_letter_ends_where_the_address_does() {
        assert_eq!(token("See: http://127.0.0.1:7878/v/abc-d_9.\nBye"), Some("abc-d_9"));
        assert_eq!(token("http://x/v/abc"), Some("abc"));
        assert_eq!(token("nothing here"), None);
    }
}
