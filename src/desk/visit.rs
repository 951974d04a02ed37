//! What a resident sees behind their link: the visit, and the times they may choose instead. Changes nothing, and
//! names nobody.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::OnceLock;

use super::at_hand::{AtHand, Take};
use super::follow_up::answer::Further;
use super::ground::Surroundings;
use super::own::Choices;
use super::record::Resident;
use super::survey::Stand;
use super::waiting::KeptTime;
use super::wished::Better;
use super::{Desk, Error, Result};
use crate::domain::booking::{MoveMe, Standing, Visit, Wanted, Wishes};
use crate::domain::eligibility::{self, Host, Person};
use crate::domain::id::{BookingId, OfferingId, SeatId, SlotId, TherapistId};
use crate::domain::identity::Address;
use crate::domain::language::Language;
use crate::domain::people::Modality;
use crate::domain::plan::Here;
use crate::domain::seating::Seat;
use crate::domain::time::{Instant, Span, Zone};
use crate::storage::bookings::{self, BookingRow};
use crate::storage::offerings::{self, SeatRow, SlotRow};
use crate::storage::{Db, people, releases};

/// A visit with the place where it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// When.
    pub span: Span,
    /// The protected block that it lies in.
    pub block: Span,
    /// How it is attended.
    pub modality: Modality,
    /// The video address, telephone number or room.
    pub place: String,
    /// The address of the site, for a visit in person.
    pub site_address: String,
}

/// Where a booking stands, for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standings {
    /// No seat was found yet.
    Waiting,
    /// A visit is held.
    Held(Shown),
    /// A visit was held and has begun or is over.
    Past(Shown),
    /// The resident opted out; the visit is what they could have back, while that is so.
    OptedOut(Option<Shown>),
}

/// What a resident's page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The offering's neutral title.
    pub title: String,
    /// The zone in which times are told.
    pub zone: Zone,
    /// Where the booking stands.
    pub standing: Standings,
    /// The time that is kept for whoever waits.
    pub kept: Option<KeptTime>,
    /// Whether other times may be chosen.
    pub may_choose: bool,
    /// Whether the calendar entry is there to be removed.
    pub on_calendar: bool,
    /// About mail.
    pub wishes: Wishes,
    /// Where letters go, if not to the address of the roster.
    pub address: Option<String>,
    /// The address that was asked for and is not confirmed.
    pub asked_address: Option<String>,
    /// The other address that the roster has now, and from when on letters go there.
    pub other_address: Option<(String, Instant)>,
    /// Whether letters came back from the address of the roster.
    pub roster_returned: bool,
    /// Whether letters came back from the other one.
    pub address_returned: bool,
    /// The time that the last move gave up, while it can be had back.
    pub came_from: Option<Span>,
    /// Follow-ups that were offered to the resident, soonest first, until their time is over.
    pub further: Vec<Further>,
    /// Whether that move was the one that the resident asked to happen by itself.
    pub moved_as_asked: bool,
    /// In which other ways the visit that is held can be attended.
    pub ways: Vec<Modality>,
    /// What an answer in the resident's calendar changed, and when, as long as nothing else was done since.
    pub answered: Option<(Wanted, Instant)>,
    /// The default visit's time, and why the batch chose it; the same whatever the resident did since.
    pub why: Option<(Span, Here)>,
    /// The survey, while it is open to this resident.
    pub survey: Option<Stand>,
    /// What releases spent on this resident in this cycle, in thousandths of epsilon.
    pub spent_millis: i64,
    /// The present moment.
    pub now: Instant,
}

/// A time that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The seat.
    pub seat: SeatId,
    /// When.
    pub span: Span,
    /// How it would be attended.
    pub modality: Modality,
    /// Whether it has everything that the resident wishes for; never where they wish for nothing.
    pub matches: bool,
}

/// Times that may be chosen, soonest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    /// The offering's neutral title.
    pub title: String,
    /// The zone in which times are told.
    pub zone: Zone,
    /// The times.
    pub times: Vec<Offer>,
    /// Whether something is held already, so that choosing means moving.
    pub holds_one: bool,
    /// Whether a reminder of the new time is wanted.
    pub remind: bool,
    /// The language that the resident chose.
    pub language: Option<Language>,
    /// What the resident would rather have.
    pub prefers: eligibility::Wishes,
    /// What there is to wish for, whoever has it.
    pub choices: Choices,
    /// What would bring the visit that is held nearer to the wishes.
    pub better: Option<Better>,
    /// Whether the resident asked to be moved by itself.
    pub move_me: bool,
}

/// A booking at hand with all that choosing among seats needs: who the resident is to a plan, and every therapist.
pub(super) struct Loaded {
    at_hand: AtHand,
    pub(super) person: Option<Person>,
    /// The therapists of the surroundings, each opened when first asked for: most pages are about one of them.
    hosts: Vec<OnceLock<Host>>,
    pub(super) around: Surroundings,
    pub(super) resident: Resident,
}

impl Deref for Loaded {
    type Target = AtHand;

    fn deref(&self) -> &AtHand {
        &self.at_hand
    }
}

impl AsRef<AtHand> for Loaded {
    fn as_ref(&self) -> &AtHand {
        &self.at_hand
    }
}

impl Take for Loaded {
    async fn take(desk: &Desk, db: &mut Db, at_hand: AtHand) -> Result<Self> {
        desk.with_surroundings(db, at_hand).await
    }
}

impl Loaded {
    pub(super) fn zone(&self) -> Zone {
        let program = self.around.programs.get(&self.resident.program);
        program.map_or(Zone::UTC, |program| program.zone)
    }

    pub(super) fn host(&self, id: TherapistId) -> Result<Option<&Host>> {
        let rows = self.around.therapists();
        let Some(at) = rows.iter().position(|row| row.id == id) else { return Ok(None) };
        if let Some(host) = self.hosts[at].get() {
            return Ok(Some(host));
        }
        let host = self.around.host(&rows[at])?;
        Ok(Some(self.hosts[at].get_or_init(|| host)))
    }

    /// A visit in a seat, if this resident may sit there.
    ///
    /// # Errors
    /// Where the therapist's practice does not open.
    pub(super) fn visit(
        &self,
        slot: &SlotRow,
        seat: SeatId,
        earliest_start: Instant,
    ) -> Result<Option<Visit>> {
        let (Some(person), Some(host)) = (&self.person, self.host(slot.therapist)?) else { return Ok(None) };
        if self.around.is_away(slot.therapist, &slot.span) {
            return Ok(None);
        }
        let Ok(modality) = eligibility::fits(person, host, &slot.span, earliest_start) else {
            return Ok(None);
        };
        let block = person.protected.iter().copied().find(|block| block.contains(&slot.span));
        Ok(block.map(|block| Visit {
            seat,
            slot: slot.id,
            therapist: slot.therapist,
            therapist_zone: slot.zone,
            span: slot.span,
            block,
            modality,
        }))
    }

    pub(super) fn shown(&self, visit: &Visit) -> Result<Shown> {
        let host = self.host(visit.therapist)?;
        let place = host.and_then(|host| host.practice.places.of(visit.modality)).unwrap_or_default();
        let site = self.person.as_ref().and_then(|person| self.around.site(person));
        let in_person = visit.modality == Modality::InPerson;
        Ok(Shown {
            span: visit.span,
            block: visit.block,
            modality: visit.modality,
            place: place.to_owned(),
            site_address: site.filter(|_| in_person).map(|s| s.address.clone()).unwrap_or_default(),
        })
    }
}

impl Desk {
    /// What the link's page shows.
    ///
    /// # Errors
    /// [`Error::Link`] for a link that opens nothing.
    pub async fn visit(&self, token: &str) -> Result<View> {
        let mut db = self.store.read().await?;
        let loaded = self.load(&mut db, token).await?;
        let now = self.now();
        let standing = match &loaded.booking.standing {
            Standing::Waiting => Standings::Waiting,
            Standing::Held(visit) if visit.span.starts_at() <= now => Standings::Past(loaded.shown(visit)?),
            Standing::Held(visit) => Standings::Held(loaded.shown(visit)?),
            Standing::OptedOut(_) => {
                let way_back = loaded.booking.way_back(now);
                let open = way_back.filter(|visit| !loaded.around.is_away(visit.therapist, &visit.span));
                Standings::OptedOut(open.map(|visit| loaded.shown(visit)).transpose()?)
            }
        };
        let cycle = loaded.offering.row.cycle;
        let why = match bookings::why(&mut db, loaded.row.id).await? {
            Some(sealed) => self.open_why(&loaded.row.key, loaded.row.id, &sealed)?,
            None => None,
        };
        let chosen = loaded.booking.default_visit.as_ref().map(|visit| visit.span);
        let survey =
            self.survey_of(&mut db, &loaded.offering, &loaded.row, &loaded.booking, loaded.zone()).await?;
        let returned = |address: &Address| loaded.booking.came_back_from(&self.vault.address_key(address));
        Ok(View {
            survey,
            title: loaded.offering.rules.title.clone(),
            zone: loaded.zone(),
            standing,
            kept: self.kept_time(&mut db, &loaded).await?,
            may_choose: loaded.person.is_some() && loaded.booking.may_choose(now).is_ok(),
            on_calendar: loaded.booking.on_calendar,
            wishes: loaded.booking.wishes,
            // Shown to the resident alone, who must see where their letters go.
            address: loaded.booking.own_address().map(|it| it.reveal().to_owned()),
            other_address: loaded.other_address(now),
            roster_returned: returned(loaded.resident.identity.address()),
            address_returned: loaded.booking.own_address().is_some_and(returned),
            asked_address: loaded.booking.asked_address(now).map(|(it, _)| it.reveal().to_owned()),
            came_from: loaded.came_from(now),
            further: self.further(&mut db, &loaded, now).await?,
            moved_as_asked: loaded.booking.was_moved_from(now).is_some(),
            ways: loaded.ways(now)?,
            answered: loaded.booking.changed_by_answer(),
            why: chosen.zip(why),
            spent_millis: releases::spent_on(&mut db, cycle, loaded.row.resident).await?,
            now,
        })
    }

    /// The times that may be chosen: those of the last fixed hour, inside the resident's own protected time.
    ///
    /// # Errors
    /// [`Error::Link`], and [`Error::Booking`] where nothing may be chosen any more.
    pub async fn offers(&self, token: &str) -> Result<Offers> {
        let mut db = self.store.read().await?;
        let loaded = self.load(&mut db, token).await?;
        loaded.booking.may_choose(self.now())?;
        let times = self.times(&mut db, &loaded, loaded.offering.row.offers_of).await?;
        Ok(Offers {
            better: loaded.better(&times, self.now())?,
            move_me: loaded.booking.own.move_me == MoveMe::Asked,
            title: loaded.offering.rules.title.clone(),
            zone: loaded.zone(),
            times,
            holds_one: loaded.booking.visit().is_some(),
            remind: loaded.booking.wishes.remind_of_new_time,
            language: loaded.booking.wishes.language,
            prefers: loaded.booking.own.prefers.clone(),
            choices: loaded.choices()?,
        })
    }

    pub(super) async fn seats_in(
        &self,
        db: &mut Db,
        offering: OfferingId,
        within: Span,
    ) -> Result<Vec<(SlotRow, SeatRow, Seat)>> {
        let slots = offerings::slots_between(db, offering, within).await?;
        let elsewhere = self.elsewhere_between(db, within).await?;
        let free = |slot: &SlotRow| !elsewhere.is_closed(slot.therapist, &slot.span);
        let slots: HashMap<SlotId, SlotRow> =
            slots.into_iter().filter(free).map(|slot| (slot.id, slot)).collect();
        let mut seats = Vec::new();
        for row in offerings::seats_between(db, offering, within).await? {
            let Some(slot) = slots.get(&row.slot) else { continue };
            let seat = self.open_seat(&row)?;
            seats.push((slot.clone(), row, seat));
        }
        Ok(seats)
    }

    /// Loads the booking that a token opens, with what a choice needs.
    pub(super) async fn load(&self, db: &mut Db, token: &str) -> Result<Loaded> {
        let at_hand = self.at_hand_behind(db, token).await?;
        self.with_surroundings(db, at_hand).await
    }

    /// Loads a booking with what a choice needs.
    pub(super) async fn load_booking(&self, db: &mut Db, id: BookingId) -> Result<Loaded> {
        let row = bookings::booking(db, id).await?.ok_or(Error::Link)?;
        self.loaded(db, row).await
    }

    /// The same of a booking that was found in another way.
    pub(super) async fn loaded(&self, db: &mut Db, row: BookingRow) -> Result<Loaded> {
        let at_hand = self.at_hand(db, row).await?;
        self.with_surroundings(db, at_hand).await
    }

    async fn with_surroundings(&self, db: &mut Db, at_hand: AtHand) -> Result<Loaded> {
        let resident = people::resident(db, at_hand.row.resident).await?.ok_or(Error::Link)?;
        let resident = self.open_resident(&resident)?;
        let around = self.surroundings_of(db, &resident).await?;
        let mut person = around.person(&resident, &at_hand.offering).filter(|_| resident.active);
        if let Some(modality) = at_hand.booking.own.prefers.modality {
            // How a therapist who offers several ways is met: the roster knows nothing of this wish.
            person = person.map(|person| Person {
                wishes: eligibility::Wishes { modality: Some(modality), ..person.wishes.clone() },
                ..person
            });
        }
        Ok(Loaded {
            hosts: around.therapists().iter().map(|_| OnceLock::new()).collect(),
            at_hand,
            person,
            around,
            resident,
        })
    }
}
