//! What everybody else does: the coordinator, therapists, time itself, and what fails. Never checks anything.

use holdspace::desk::admit::RosterOptions;
use holdspace::desk::protect::Format;
use holdspace::desk::session::{Session, Who};
use holdspace::domain::absence::{Absence, Typed};
use holdspace::domain::booking::Mark;
use holdspace::domain::protection::Mapping;
use holdspace::domain::time::Zone;

use super::base::{HEADING, THERAPISTS};
use super::checks::{Asked, Cause, Heard, Holds, holds};
use super::disk;
use super::life::{Did, Strike};
use super::residents::{ADDRESSES, Person};
use super::season::{Season, told};
use crate::harness::smtp::{ALWAYS, Deed, Stage, Times};
use crate::harness::town::tables;

/// So often somebody tries what must succeed before the season goes on.
const TRIES: usize = 8;

impl Season {
    /// The roster comes, the offering is made, and everybody is booked; each as often as it takes.
    pub async fn opens(&mut self) -> Holds {
        let all = 6 + self.draw.below(5);
        let first: Vec<usize> = (0..all).collect();
        for tried in 0..TRIES {
            let strike = self.strikes(tried, 60);
            if self.imports(&first, false, strike).await? {
                break;
            }
        }
        let rules = self.rules();
        for tried in 0..TRIES {
            let strike = self.strikes(tried, 12);
            let rules = rules.clone();
            let did = self.world.under(strike, async |life| life.desk.create_offering(rules).await).await;
            self.answered(&did, strike, "making an offering")?;
            self.looks(&format!("an offering {strike:?} {}", told(&did)), &did, &Cause::Nothing, true)
                .await?;
            // Who heard no answer looks before they make another one.
            let mut db = self.world.life.store.read().await.unwrap();
            if !self.world.life.desk.offerings(&mut db).await.unwrap().is_empty() {
                break;
            }
        }
        for tried in 0..TRIES {
            let strike = self.strikes(tried, 160);
            if self.books(strike).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Something strikes before the last try, in one of three.
    fn strikes(&mut self, tried: usize, most: usize) -> Strike {
        if tried + 1 < TRIES && self.draw.percent(35) { self.strike(most) } else { Strike::None }
    }

    fn strike(&mut self, most: usize) -> Strike {
        let at = u32::try_from(self.draw.below(most)).unwrap();
        match self.draw.below(3) {
            0 => Strike::Draw(at),
            1 => Strike::Row(at),
            _ => Strike::BadDisk(at),
        }
    }

    /// Somebody acts, or something fails.
    pub async fn acts(&mut self) -> Holds {
        let struck = self.draw.percent(18);
        let strike = if struck { self.strike(14) } else { Strike::None };
        match self.draw.below(100) {
            0..=41 => {
                let strike = match self.draw.below(4) {
                    0 if struck => Strike::Letter(1 + self.draw.below(3)),
                    _ if struck => self.strike(90),
                    _ => Strike::None,
                };
                self.round(strike).await
            }
            42..=75 => self.resident_acts(strike).await,
            76..=79 => self.marks(strike).await,
            80..=82 => self.is_away(strike).await,
            83..=85 => self.roster_changes(strike).await,
            86 => self.protects(strike).await,
            87 | 88 => {
                let strike = if struck { self.strike(60) } else { Strike::None };
                self.books(strike).await.map(drop)
            }
            89..=92 => self.mail_fails().await,
            93 | 94 => self.disk_fills().await,
            95 | 96 => {
                self.heals().await;
                self.looks("all is well", &Did::Answered(()), &Cause::Nothing, true).await
            }
            _ => self.looks::<()>("the process is killed", &Did::Died, &Cause::Nothing, true).await,
        }
    }

    /// Brings a roster of these people; says whether that was acknowledged.
    async fn imports(&mut self, who: &[usize], replace: bool, strike: Strike) -> Result<bool, String> {
        let lines = who.iter().map(|who| Person::line(*who, ["A", "B", "A", "B", "B"][who % 5]));
        let text: String = std::iter::once(HEADING.to_owned()).chain(lines).collect();
        let options = RosterOptions { replace, ..RosterOptions::default() };
        let did = self
            .world
            .under(strike, async |life| life.desk.import_roster(&tables(&text), &options).await)
            .await;
        self.answered(&did, strike, "importing a roster")?;
        let done = matches!(did, Did::Answered(Ok(_)));
        if done {
            if replace {
                self.roster.clear();
            }
            self.roster.extend(who);
        }
        // Who may be on it or not is on it for sure again after the next whole one.
        self.roster_is_known =
            if done { replace || self.roster_is_known } else { !replace && self.roster_is_known };
        let step = format!("a roster of {who:?}, whole: {replace} {strike:?} {}", told(&did));
        self.looks(&step, &did, &Cause::Nothing, true).await?;
        Ok(done)
    }

    async fn roster_changes(&mut self, strike: Strike) -> Holds {
        let who = self.draw.below(ADDRESSES.len());
        let all: Vec<usize> = self.roster.iter().copied().collect();
        // Who leaves or comes back may lose or regain what a default visit hangs on.
        self.moved = true;
        match self.draw.below(5) {
            0 => {
                let left: Vec<usize> = all.into_iter().filter(|one| *one != who).collect();
                self.imports(&left, true, strike).await.map(drop)
            }
            1 => self.imports(&all, true, strike).await.map(drop),
            _ => self.imports(&[who], false, strike).await.map(drop),
        }
    }

    /// A batch; says whether it was acknowledged. Then everybody on the roster has a booking, or a reason.
    pub async fn books(&mut self, strike: Strike) -> Result<bool, String> {
        let did = self.world.under(strike, async |life| life.desk.book(None).await).await;
        self.answered(&did, strike, "a batch")?;
        let cause = Cause::Batch(self.moved);
        let step = format!("a batch {strike:?} {}", told(&did));
        self.looks(&step, &did, &cause, true).await?;
        let Did::Answered(Ok(_)) = did else { return Ok(false) };
        self.moved = false;
        let shown = self.world.life.desk.plan(None, None).await.map_err(|why| format!("a plan: {why}"))?;
        let active = self.truth.residents.iter().filter(|(_, (_, active))| *active);
        let mut waiting = 0;
        for (resident, _) in active {
            let one = self.truth.bookings.values().find(|one| one.resident == *resident);
            let one = one.ok_or_else(|| format!("{resident} was booked by no batch"))?;
            waiting += usize::from(one.booking.default_visit.is_none());
        }
        let reasons = shown.unplaced.iter().filter(|unplaced| !unplaced.reason.is_empty()).count();
        holds(reasons == waiting, || format!("{waiting} wait, and {reasons} are told why"))?;
        Ok(true)
    }

    async fn protects(&mut self, strike: Strike) -> Holds {
        let (cohort, other) = self.draw.pick(&[("A", "2027-07-07"), ("B", "2027-07-15")]);
        let first = if cohort == "A" { "2027-07-05" } else { "2027-07-13" };
        let from = self.draw.pick(&["13:00", "14:00"]);
        let text = format!(
            "program,cohort,date,start,end\nIM,{cohort},{first},{from},17:00\nIM,{cohort},{other},08:00,12:00\n"
        );
        self.moved = true;
        let did = self.world.under(strike, async |life| {
            life.desk.replace_protection(&tables(&text), Format::Csv, &Mapping::default(), false).await
        });
        let did = did.await;
        self.answered(&did, strike, "protected time")?;
        self.looks(
            &format!("protected time from {from} {strike:?} {}", told(&did)),
            &did,
            &Cause::Nothing,
            true,
        )
        .await
    }

    async fn is_away(&mut self, strike: Strike) -> Holds {
        let who = THERAPISTS[self.draw.below(THERAPISTS.len())];
        let day = format!("2027-07-{:02}", [5, 7, 13, 15][self.draw.below(4)]).parse().unwrap();
        let at = self.draw.pick(&[None, Some("14:00:00".parse().unwrap())]);
        let (from, until) = (Typed { on: day, at }, Some(Typed { on: day, at: None }));
        let address = who.parse().unwrap();
        if self.draw.percent(30) {
            let did =
                self.world.under(strike, async |life| life.desk.back(&address, from, until).await).await;
            self.answered(&did, strike, "coming back")?;
            return self
                .looks(
                    &format!("{who} is there on {day} {strike:?} {}", told(&did)),
                    &did,
                    &Cause::Nothing,
                    true,
                )
                .await;
        }
        let zone: Zone = "America/Denver".parse().unwrap();
        let therapist = self.therapist(who);
        let did = self.world.under(strike, async |life| life.desk.away(&address, from, until).await).await;
        self.answered(&did, strike, "an absence")?;
        let cause = match (Absence::new(from, until, zone, self.world.now()), therapist) {
            (Ok(absence), Some(therapist)) => Cause::Away(therapist, absence),
            _ => Cause::Nothing,
        };
        self.looks(&format!("{who} is away on {day} {at:?} {strike:?} {}", told(&did)), &did, &cause, true)
            .await
    }

    /// A therapist marks a visit, of their own or not, begun or not.
    async fn marks(&mut self, strike: Strike) -> Holds {
        let all: Vec<_> = self
            .truth
            .bookings
            .iter()
            .filter_map(|(id, one)| Some((*id, one.booking.visit()?.clone())))
            .collect();
        if all.is_empty() {
            return self.round(strike).await;
        }
        let (booking, visit) = all[self.draw.below(all.len())].clone();
        let mark = self.draw.pick(&[Some(Mark::Kept), Some(Mark::Missed), Some(Mark::Missed), None]);
        let session = Session { who: Who::Therapist(visit.therapist) };
        let did =
            self.world.under(strike, async |life| life.desk.mark(&session, visit.seat, mark).await).await;
        self.answered(&did, strike, "a mark")?;
        let heard = match &did {
            Did::Answered(Ok(())) => Heard::Done,
            Did::Answered(Err(holdspace::desk::Error::Booking(_))) => Heard::Refused,
            _ => Heard::Nothing,
        };
        let cause = Cause::Resident(booking, Asked::Other, heard);
        self.looks(&format!("a mark {mark:?} of {booking} {strike:?} {}", told(&did)), &did, &cause, true)
            .await
    }

    async fn mail_fails(&mut self) -> Holds {
        let (who, often) =
            (self.draw.below(ADDRESSES.len()), Times(1 + u32::try_from(self.draw.below(4)).unwrap()));
        let (stage, deed, times) = match self.draw.below(9) {
            0 => (Stage::AnyRecipient, Deed::Answer(451), often),
            1 => (Stage::Recipient(ADDRESSES[who]), Deed::Answer(550), Times(1)),
            2 | 3 => (Stage::Dot, Deed::Drop, often),
            4 => (Stage::Body, Deed::Drop, often),
            5 => (Stage::Greeting, Deed::Answer(421), often),
            6 => (Stage::Dot, Deed::Answer(451), often),
            7 => (Stage::Recipient(ADDRESSES[who]), Deed::Answer(451), ALWAYS),
            _ => (Stage::Greeting, Deed::Drop, ALWAYS),
        };
        if deed == Deed::Answer(550) {
            self.deaf.push(self.world.life.vault.address_key(&ADDRESSES[who].parse().unwrap()));
        }
        self.world.sink.fails(stage, deed, times);
        self.ill.get_or_insert(self.world.now());
        self.looks(
            &format!("mail fails: {stage:?} {deed:?} {times:?}"),
            &Did::Answered(()),
            &Cause::Nothing,
            true,
        )
        .await
    }

    async fn disk_fills(&mut self) -> Holds {
        let pages = u32::try_from(self.draw.below(8)).unwrap();
        disk::grows_by(&self.world.life.store, Some(pages)).await;
        self.full.get_or_insert(self.world.now());
        self.looks(&format!("the disk has {pages} pages left"), &Did::Answered(()), &Cause::Nothing, true)
            .await
    }

    /// Who a therapist is, as far as slots tell.
    fn therapist(&self, address: &str) -> Option<holdspace::domain::id::TherapistId> {
        // The first of the two is the only one on Monday afternoons after three.
        let late: holdspace::domain::time::Instant = "2027-07-05T22:00:00Z".parse().unwrap();
        let first = self.truth.slots.values().find(|slot| slot.span.starts_at() == late)?.therapist;
        let other = self.truth.slots.values().map(|slot| slot.therapist).find(|one| *one != first);
        if address == THERAPISTS[0] { Some(first) } else { other }
    }
}
