//! What residents do: with the page before them, with an old one, twice, or with what they should not have. Never looks
//! into the database for what a page or a letter tells; only what a stranger would try is taken from there.

use holdspace::domain::id::SeatId;

use super::breaks::Broken;
use super::checks::{Asked, Cause, Heard, Holds, holds};
use super::life::{Did, Strike};
use super::season::Season;
use crate::harness::house::PUBLIC_URL;

/// Family names; the address is made of them.
const NAMES: [&str; 12] = [
    "Okafor", "Sato", "Ibsen", "Quist", "Varga", "Weiss", "Xanthou", "Yilmaz", "Adeyemi", "Brandt", "Castro",
    "Dvorak",
];
/// Their addresses.
pub const ADDRESSES: [&str; 12] = [
    "okafor@im.example.edu",
    "sato@im.example.edu",
    "ibsen@im.example.edu",
    "quist@im.example.edu",
    "varga@im.example.edu",
    "weiss@im.example.edu",
    "xanthou@im.example.edu",
    "yilmaz@im.example.edu",
    "adeyemi@im.example.edu",
    "brandt@im.example.edu",
    "castro@im.example.edu",
    "dvorak@im.example.edu",
];

/// A form that was sent.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where to, behind the link.
    path: &'static str,
    /// Its fields.
    fields: Vec<(&'static str, String)>,
    /// What it asks for.
    asked: Asked,
}

/// Somebody who may be on the roster, with what they know.
#[derive(Debug, Clone)]
pub struct Person {
    /// Where their letters go.
    pub address: String,
    /// The link of their letters, without the host.
    pub link: Option<String>,
    /// Seats that pages offered them, the newest last.
    seats: Vec<String>,
    /// The form that they sent last.
    last: Option<Form>,
}

impl Person {
    /// Everybody there is.
    pub fn all() -> Vec<Self> {
        let person = |address: &&str| Self {
            address: (*address).to_owned(),
            link: None,
            seats: Vec::new(),
            last: None,
        };
        ADDRESSES.iter().map(person).collect()
    }

    /// The line of somebody on a roster.
    pub fn line(number: usize, cohort: &str) -> String {
        format!("IM,{},Lena,{},1,{cohort},Denver Main,2027-07-01\n", NAMES[number], ADDRESSES[number])
    }

    fn path(&self) -> Option<String> {
        self.link.as_ref().map(|link| link.strip_prefix(PUBLIC_URL).unwrap_or(link).to_owned())
    }
}

fn form(path: &'static str, fields: &[(&'static str, &str)], asked: Asked) -> Form {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Form { path, fields, asked }
}

impl Season {
    /// Somebody who has a link does something.
    pub async fn resident_acts(&mut self, strike: Strike) -> Holds {
        let linked: Vec<usize> =
            (0..self.people.len()).filter(|who| self.people[*who].link.is_some()).collect();
        if linked.is_empty() {
            return self.round(strike).await;
        }
        let who = self.draw.pick(&linked);
        let form = match self.draw.below(20) {
            0..=2 => form("opt-out", &[("entry", "keep")], Asked::Out(false)),
            3..=5 => form("opt-out", &[("entry", "remove")], Asked::Out(true)),
            6..=8 => form("come-back", &[("back", "yes")], Asked::Back),
            9 => form("move-back", &[("back", "yes")], Asked::BackThere),
            10 => self.wishes(),
            11 => form("reminders", &[("reminders", "off")], Asked::Reminders(false)),
            12 => form("reminders", &[("reminders", "on")], Asked::Reminders(true)),
            13 => form(
                "preferences",
                &[("language", "Spanish"), ("gender", ""), ("way", ""), ("move", "on")],
                Asked::Other,
            ),
            // The same form once more, as it was.
            14 | 15 => match self.people[who].last.clone() {
                Some(last) => last,
                None => return self.looks_at_times(who, strike).await,
            },
            _ => match self.seat_for(who).await {
                Some(seat) => self.takes(&seat),
                None => return self.looks_at_times(who, strike).await,
            },
        };
        self.sends(who, form, strike).await
    }

    fn wishes(&mut self) -> Form {
        let all: [&[(&'static str, &str)]; 4] = [
            &[("letters", "1"), ("confirm", "on"), ("remind", "on")],
            &[("letters", "1"), ("remind", "on")],
            &[("letters", "1")],
            &[("letters", "1"), ("none", "on")],
        ];
        let many = if self.draw.percent(70) { 3 } else { 4 };
        let ticked = all[self.draw.below(many)];
        form("letters", ticked, Asked::Other)
    }

    fn takes(&mut self, seat: &str) -> Form {
        let remind: &[_] = if self.draw.percent(70) { &[("remind", "on")] } else { &[] };
        let fields = [&[("seat", seat)], remind].concat();
        form("times", &fields, Asked::Seat(seat.parse().unwrap()))
    }

    /// A seat that a page offers, offered once, or never should have.
    async fn seat_for(&mut self, who: usize) -> Option<String> {
        if self.draw.percent(10) {
            let all: Vec<SeatId> = self.truth.seats.keys().copied().collect();
            return (!all.is_empty()).then(|| self.draw.pick(&all).to_string());
        }
        if self.people[who].seats.is_empty() || self.draw.percent(60) {
            let path = format!("{}/times", self.people[who].path()?);
            let page = self.world.life.page(&path, None).await;
            let offered = page.values("seat");
            self.people[who].seats.extend(offered.clone());
            return (!offered.is_empty()).then(|| offered[self.draw.below(offered.len())].clone());
        }
        let old = &self.people[who].seats;
        Some(old[self.draw.below(old.len())].clone())
    }

    async fn looks_at_times(&mut self, who: usize, strike: Strike) -> Holds {
        let Some(path) = self.people[who].path() else { return Ok(()) };
        let ending = self.draw.pick(&["", "/times", "/time.ics", "/reminders"]);
        let path = format!("{path}{ending}");
        let did = self.world.under(strike, async |life| life.page(&path, None).await).await;
        let heard = self.heard(&did, strike)?;
        self.looks(
            &format!("{} looks at {ending:?} {heard:?}", self.people[who].address),
            &did,
            &Cause::Nothing,
            true,
        )
        .await
    }

    /// What a page says.
    fn heard(&self, did: &Did<crate::harness::house::Page>, strike: Strike) -> Result<Heard, String> {
        let Did::Answered(page) = did else {
            return holds(strike != Strike::None, || "a page fell over".to_owned()).map(|()| Heard::Nothing);
        };
        match page.status {
            200 | 303 => Ok(Heard::Done),
            429 => Err("somebody came too often".to_owned()),
            400..=499 => Ok(Heard::Refused),
            status => {
                let excused = strike != Strike::None || self.full.is_some();
                holds(excused, || format!("a page fell over with {status}: {}", page.body))
                    .map(|()| Heard::Nothing)
            }
        }
    }

    async fn sends(&mut self, who: usize, form: Form, strike: Strike) -> Holds {
        let person = &self.people[who];
        let Some(link) = person.path() else { return Ok(()) };
        let key = self.world.life.vault.address_key(&person.address.parse().unwrap());
        let booking = self.truth.booking_of(&key).map(|(id, _)| *id).ok_or("a link without a booking")?;
        let path = format!("{link}/{}", form.path);
        if self.broken == Broken::TheDiskLies {
            self.aside = Some(self.world.kept_aside());
        }
        let fields: Vec<(&str, &str)> =
            form.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let did = self.world.under(strike, async |life| life.page(&path, Some(&fields)).await).await;
        let heard = self.heard(&did, strike)?;
        let out = matches!(form.asked, Asked::Out(_)) && heard == Heard::Done;
        let before = (out && self.broken == Broken::AnOptOutIsUndone).then(|| self.truth.clone());
        let step =
            format!("{} {} {:?} {strike:?} {heard:?}", self.people[who].address, form.path, form.fields);
        let cause = Cause::Resident(booking, form.asked, heard);
        self.people[who].last = Some(form);
        self.looks(&step, &did, &cause, true).await?;
        self.earlier = before;
        Ok(())
    }
}
