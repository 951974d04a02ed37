//! The anonymous survey: codes made beforehand, one drawn by lot for whoever asks, a sheet behind each, and what all sheets
//! tell at the release, which destroys them. Nothing here stores who has which code, and no sheet knows a time.

use chrono::{Days, Duration, NaiveDate};
use zeroize::Zeroizing;

use super::link::Purpose;
use super::offering::Offering;
use super::{Desk, Error, Result, TRIES};
use crate::domain::booking::{Booking, Hand};
use crate::domain::id::{CodeId, LinkId};
use crate::domain::language::Language;
use crate::domain::release::{CYCLE_BUDGET_MILLIS, Epsilon, Survey, budget, draw_survey, questions_for};
use crate::domain::survey::{Answers, Sheet, tally};
use crate::domain::time::{Instant, Zone};
use crate::storage::bookings::{self, BookingRow};
use crate::storage::survey_codes::{self, CodeRow};
use crate::storage::{Db, people, places, releases};
use crate::vault::Vault;

/// What the vault makes the tokens of codes for.
const PURPOSE: &str = "survey";
/// The path before a code's token.
pub const PATH: &str = "/survey/";
/// Answers are taken until so many days before the release is drawn.
const CLOSES_DAYS: u64 = 1;
/// Answers of a release that is refused on its day are kept so long, and then told to nobody.
const KEPT_DAYS: i64 = 28;

/// Where a survey stands for one resident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    /// How many questions are asked.
    pub questions: usize,
    /// The last day on which answers are taken, in every zone.
    pub until: NaiveDate,
    /// Whether a code was given out to them.
    pub has_code: bool,
}

/// A code that was just given out.
pub struct Code {
    /// Its token: kept nowhere, and made again from nothing that names the resident.
    pub token: Zeroizing<String>,
    /// The language that the resident chose.
    pub language: Option<Language>,
}

/// What stands behind a code.
pub struct SheetView {
    /// How many questions are asked.
    pub questions: usize,
    /// The last day on which answers are taken.
    pub until: NaiveDate,
    /// What was answered last.
    pub answers: Option<Answers>,
}

/// The last whole day on which a survey is open, wherever one is.
fn last_day(offering: &Offering) -> NaiveDate {
    let day = offering.release_on();
    day.checked_sub_days(Days::new(CLOSES_DAYS + 1)).unwrap_or(day)
}

fn questions(offering: &Offering) -> usize {
    usize::try_from(offering.row.survey_questions).unwrap_or(0)
}

impl Desk {
    /// How many questions an offering will ask: by its rules and the size of the frozen cohort.
    pub(super) async fn survey_questions(&self, db: &mut Db, offering: &Offering) -> Result<i64> {
        if offering.row.booked_at.is_some() || !offering.rules.survey {
            return Ok(offering.row.survey_questions);
        }
        // Where the cycle's budget will not reach, there will be no release, and nobody is asked in vain.
        let others = self.offerings(db).await?.into_iter();
        let others = others.filter(|it| it.row.cycle == offering.row.cycle && it.row.booked_at.is_some());
        let planned: u32 = others.map(|other| other.rules.epsilon_millis).sum();
        if planned + offering.rules.epsilon_millis > CYCLE_BUDGET_MILLIS {
            return Ok(0);
        }
        let people = releases::members(db, offering.row.cycle).await?.len();
        // Its share is the same with breakdowns.
        let share = budget(offering.rules.breakdowns, true, offering.rules.epsilon_millis)
            .ok()
            .and_then(|budget| budget.survey);
        let questions = share.map_or(0, |share| questions_for(people, share));
        Ok(i64::try_from(questions).unwrap_or(0))
    }

    /// Makes as many codes as the cohort has members, each for nobody.
    pub(super) async fn make_codes(&self, db: &mut Db, offering: &Offering) -> Result<()> {
        let people = releases::members(db, offering.row.cycle).await?.len();
        let key = offering.key()?;
        for _ in 0..people {
            let id = CodeId::from_bytes(self.draw());
            let sealed = self.seal_sheet(key, id, &Sheet::default())?;
            survey_codes::add(db, &CodeRow { id, offering: offering.id(), sealed, key: key.clone() }).await?;
        }
        Ok(())
    }

    /// The first moment at which no answer is taken any more.
    async fn survey_closes(&self, db: &mut Db, offering: &Offering) -> Result<Instant> {
        let due = self.due(db, offering).await?;
        Ok(due - Duration::days(i64::try_from(CLOSES_DAYS).unwrap_or(1)))
    }

    /// The survey, if it is open to a resident: to every member of the cohort after the default visit, whatever they did.
    pub(super) async fn survey_of(
        &self,
        db: &mut Db,
        offering: &Offering,
        row: &BookingRow,
        booking: &Booking,
        zone: Zone,
    ) -> Result<Option<Stand>> {
        let questions = questions(offering);
        let opens = match &booking.default_visit {
            Some(visit) => visit.span.ends_at(),
            None => offering.rules.period(zone).ends_at(),
        };
        let now = self.now();
        if questions == 0 || now < opens || now >= self.survey_closes(db, offering).await? {
            return Ok(None);
        }
        if !releases::is_member(db, offering.row.cycle, row.resident).await? {
            return Ok(None);
        }
        Ok(Some(Stand { questions, until: last_day(offering), has_code: booking.own.has_code }))
    }

    /// Whether the letter to a member of the cohort that goes out at a moment speaks of the survey. The same for all of them.
    pub(super) async fn letter_tells_survey(
        &self,
        db: &mut Db,
        offering: &Offering,
        row: &BookingRow,
        at: Instant,
    ) -> Result<bool> {
        Ok(questions(offering) > 0
            && at < self.survey_closes(db, offering).await?
            && releases::is_member(db, offering.row.cycle, row.resident).await?)
    }

    /// Gives a code to the resident of a link: one of those that nobody has, drawn by lot. In one transaction the code is
    /// noted as given and the booking as having one; what joins the two is in this function's memory and nowhere else.
    ///
    /// None where there is none to be had: not yet, not any more, or they have one.
    ///
    /// # Errors
    /// [`Error::Link`].
    pub async fn take_code(&self, token: &str) -> Result<Option<Code>> {
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            let subject = self.subject(&mut tx, Purpose::Visit, token).await?;
            let id = subject.parse().map_err(|_| Error::Link)?;
            let row = bookings::booking(&mut tx, id).await?.ok_or(Error::Link)?;
            let mut booking = self.open_booking(&row)?;
            let offering = self.offering_of(&mut tx, row.offering).await?;
            let zone = self.residents_zone(&mut tx, &offering, &row).await?;
            let stand = self.survey_of(&mut tx, &offering, &row, &booking, zone).await?;
            if stand.is_none_or(|stand| stand.has_code) {
                return Ok(None);
            }
            booking.own.has_code = true;
            if !self.put_booking(&mut tx, &row, &booking, Hand::Resident).await? {
                continue;
            }
            let Some(code) = self.draw_code(&mut tx, &offering).await? else { return Err(Error::Contended) };
            let given = self.seal_sheet(&code.key, code.id, &Sheet { given: true, answers: None })?;
            if survey_codes::swap(&mut tx, code.id, &code.sealed, given).await? {
                tx.commit().await.map_err(crate::storage::Error::from)?;
                return Ok(Some(Code {
                    token: self.vault.token(LinkId::from_bytes(*code.id.as_bytes()), PURPOSE, 1),
                    language: booking.wishes.language,
                }));
            }
        }
        Err(Error::Contended)
    }

    async fn residents_zone(&self, db: &mut Db, offering: &Offering, row: &BookingRow) -> Result<Zone> {
        let resident = people::resident(db, row.resident).await?.ok_or(Error::Link)?;
        let programs = places::programs(db, offering.row.institution).await?;
        Ok(programs.iter().find(|program| program.id == resident.program).map_or(Zone::UTC, |it| it.zone))
    }

    /// One of the codes that nobody has, each as likely as the others.
    async fn draw_code(&self, db: &mut Db, offering: &Offering) -> Result<Option<CodeRow>> {
        let mut free = Vec::new();
        for row in survey_codes::of_offering(db, offering.id()).await? {
            if !self.open_sheet(&row)?.given {
                free.push(row);
            }
        }
        if free.is_empty() {
            return Ok(None);
        }
        let at = self.below(free.len());
        Ok(Some(free.swap_remove(at)))
    }

    /// A uniform number below `bound`, which is at least 1: what lies beyond its last multiple is drawn again.
    fn below(&self, bound: usize) -> usize {
        let bound = bound as u64;
        loop {
            let drawn = u64::from_le_bytes(self.entropy.bytes());
            if drawn < u64::MAX - u64::MAX % bound {
                return usize::try_from(drawn % bound).unwrap_or(0);
            }
        }
    }

    /// The sheet behind a code. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Link`] alike for a code that is unknown, was given to nobody, or whose survey is closed.
    pub async fn sheet(&self, token: &str) -> Result<SheetView> {
        let mut db = self.store.read().await?;
        let (_, sheet, offering) = self.sheet_of(&mut db, token).await?;
        let (questions, until) = (questions(&offering), last_day(&offering));
        Ok(SheetView { questions, until, answers: sheet.answers })
    }

    /// Puts answers onto the sheet behind a code, in the place of what was there.
    ///
    /// # Errors
    /// As [`Desk::sheet`].
    pub async fn answer(&self, token: &str, answers: Answers) -> Result<()> {
        for _ in 0..TRIES {
            let mut tx = self.store.write().await?;
            let (row, _, _) = self.sheet_of(&mut tx, token).await?;
            let sheet = Sheet { given: true, answers: Some(answers.clone()) };
            let sealed = self.seal_sheet(&row.key, row.id, &sheet)?;
            if survey_codes::swap(&mut tx, row.id, &row.sealed, sealed).await? {
                tx.commit().await.map_err(crate::storage::Error::from)?;
                return Ok(());
            }
        }
        Err(Error::Contended)
    }

    async fn sheet_of(&self, db: &mut Db, token: &str) -> Result<(CodeRow, Sheet, Offering)> {
        let id = Vault::link_of(token).unwrap_or(LinkId::from_bytes([0; 16]));
        let row = survey_codes::code(db, CodeId::from_bytes(*id.as_bytes())).await?;
        // Computed for an unknown code too, so that both take the same time.
        let fits = self.vault.fits(token, id, PURPOSE, 1);
        let row = row.filter(|_| fits).ok_or(Error::Link)?;
        let sheet = self.open_sheet(&row)?;
        let offering = self.offering_of(db, row.offering).await?;
        let open = sheet.given && self.now() < self.survey_closes(db, &offering).await?;
        if open { Ok((row, sheet, offering)) } else { Err(Error::Link) }
    }

    /// Destroys the answers of an offering whose release was refused so long that there will be none.
    pub(super) async fn forget_answers(&self, offering: &str) -> Result<()> {
        let mut tx = self.store.write().await?;
        let offering = self.offering(&mut tx, Some(offering)).await?;
        if self.now() >= self.due(&mut tx, &offering).await? + Duration::days(KEPT_DAYS) {
            survey_codes::destroy(&mut tx, offering.id()).await?;
        }
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(())
    }

    /// What all sheets tell, with its noise; and destroys them. For the transaction that freezes the release.
    pub(super) async fn draw_survey(
        &self,
        db: &mut Db,
        offering: &Offering,
        people: usize,
        share: Option<Epsilon>,
    ) -> Result<Option<Survey>> {
        let Some(share) = share else { return Ok(None) };
        let rows = survey_codes::of_offering(db, offering.id()).await?;
        let sheets = rows.iter().map(|row| self.open_sheet(row)).collect::<Result<Vec<_>>>()?;
        survey_codes::destroy(db, offering.id()).await?;
        let random = &mut |buffer: &mut [u8]| self.entropy.fill(buffer);
        Ok(draw_survey(people, share, tally(questions(offering), &sheets), random))
    }
}

#[cfg(test)]
mod tests {
    use crate::desk::testing::desk_in;

    #[tokio::test]
    async fn every_free_code_is_as_likely_as_any_other() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, _) = desk_in(folder.path()).await;
        for bound in [1_usize, 2, 7, 50] {
            let mut seen = vec![0_f64; bound];
            let expected = 400.0;
            (0..bound * 400).for_each(|_| seen[desk.below(bound)] += 1.0);
            let statistic: f64 = seen.iter().map(|seen| (seen - expected).powi(2) / expected).sum();
            let freedom = (bound - 1) as f64;
            assert!((statistic - freedom).abs() <= 4.0 * (2.0 * freedom).sqrt(), "{bound}: {statistic}");
        }
    }
}
