//! What happens in both worlds alike: time, rosters, absences, mail servers. Never anything that a resident does.

use holdspace::desk::admit::RosterOptions;
use holdspace::desk::protect::Format;
use holdspace::domain::absence::Typed;
use holdspace::domain::letter::Letter;
use holdspace::domain::protection::Mapping;

use super::acts::other_of;
use super::draw::Draw;
use super::world::Life;
use crate::harness::person::kind;
use crate::harness::smtp::{ALWAYS, Deed as Fault, Stage};
use crate::harness::town::tables;

/// Who holds visits in the small town.
pub const THERAPISTS: [&str; 3] =
    ["mxiong@counseling.example.org", "pmbeki@counseling.example.org", "tdsouza@counseling.example.org"];

/// Something that happens. People are numbers among those who were invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// So many hours go by, with a round in every six.
    Hours(i64),
    /// The roster comes again with one more resident.
    Late(usize),
    /// The roster comes again as the whole of it, without somebody.
    Without(usize),
    /// The roster comes again as the whole of it, with everybody.
    Whole,
    /// A batch.
    Book,
    /// A therapist is away on a day of the two weeks, counted from the fifth of July.
    Away(usize, u32),
    /// They are there after all.
    Back(usize, u32),
    /// A cohort's protected time in the second week or the first moves by an hour.
    Protected(usize),
    /// A therapist offers more hours.
    MoreHours(usize),
    /// The mail server of somebody's address on the roster answers so.
    Refuses(usize, u16),
    /// So do those of the addresses that residents have of their own.
    HomesRefuse(u16),
    /// All mail servers are well again.
    Recovers,
    /// The newest letter that everyone gets comes back from somebody's address on the roster.
    Returned(usize),
    /// A coordinator gives another address for somebody.
    Readdressed(usize),
}

impl Event {
    /// One that fits a slot of the season.
    pub fn drawn(draw: &mut Draw, slot: usize) -> Self {
        let whom = draw.below(64);
        let day = u32::try_from(draw.below(11)).unwrap();
        let therapist = draw.below(THERAPISTS.len());
        match draw.below(if slot < 3 { 16 } else { 12 }) {
            0 | 1 => Self::Hours(6 * (1 + i64::try_from(draw.below(4)).unwrap())),
            2 => Self::Refuses(whom, draw.pick(&[451, 550])),
            3 => Self::HomesRefuse(draw.pick(&[451, 550])),
            4 => Self::Recovers,
            5 => Self::Returned(whom),
            6 => Self::Back(therapist, day),
            7 | 8 => Self::Away(therapist, day),
            9 => Self::Without(whom),
            10 => Self::Whole,
            11 => Self::Book,
            12 => Self::Late(draw.below(8)),
            13 => Self::Protected(draw.below(2)),
            14 => Self::MoreHours(therapist),
            _ => Self::Book,
        }
    }
}

impl Life<'_> {
    /// It happens; what it answers is seen by the program or the operator.
    pub async fn happens(&mut self, event: Event) {
        self.turn();
        let desk = &self.house.desk;
        let told = match event {
            Event::Hours(hours) => return self.passes(hours, 6).await,
            Event::Late(number) => {
                let name = ["Okafor", "Sato", "Ibsen", "Quist", "Varga", "Weiss", "Xu", "Yilmaz"][number % 8];
                let line = format!("IM,{name},Lena,late{number}@im.example.edu,1,A,Denver Main,2027-07-01\n");
                if !self.roster.contains(&line) {
                    self.roster += &line;
                }
                json(desk.import_roster(&tables(&self.roster), &RosterOptions::default()).await)
            }
            Event::Whole => json(desk.import_roster(&tables(&self.roster), &whole()).await),
            Event::Without(whom) => {
                let address = self.person(whom);
                let left: String =
                    self.roster.split_inclusive('\n').filter(|line| !line.contains(&address)).collect();
                json(desk.import_roster(&tables(&left), &whole()).await)
            }
            Event::Book => json(desk.book(None).await),
            Event::Away(therapist, day) => {
                let day = typed(day);
                json(desk.away(&THERAPISTS[therapist].parse().unwrap(), day, Some(day)).await)
            }
            Event::Back(therapist, day) => {
                let day = typed(day);
                json(desk.back(&THERAPISTS[therapist].parse().unwrap(), day, Some(day)).await)
            }
            Event::Protected(cohort) => {
                let (cohort, day) = [("A", "2027-07-07"), ("B", "2027-07-15")][cohort % 2];
                let first = if cohort == "A" { "2027-07-05" } else { "2027-07-13" };
                let text = format!(
                    "program,cohort,date,start,end\nIM,{cohort},{first},13:00,17:00\nIM,{cohort},{day},09:00,13:00\n"
                );
                let mapping = Mapping::default();
                json(desk.replace_protection(&tables(&text), Format::Csv, &mapping, false).await)
            }
            Event::MoreHours(therapist) => {
                let heading = self.script.town.availability.lines().next().unwrap_or_default();
                let who = THERAPISTS[therapist];
                let text = format!("{heading}\n{who},TH,08:00,12:00,America/Denver,2027-07-05,2027-07-30\n");
                json(desk.import_availability(&tables(&text), false).await)
            }
            Event::Refuses(whom, _) | Event::Returned(whom) if self.must_take(whom) => return,
            Event::Refuses(whom, code) => return self.refuses(self.person(whom), code),
            Event::HomesRefuse(code) => {
                let homes: Vec<String> = self.homes().collect();
                return homes.into_iter().for_each(|home| self.refuses(home, code));
            }
            Event::Recovers => return self.house.sink.recovers(),
            Event::Returned(whom) => return self.comes_back(whom).await,
            Event::Readdressed(whom) => self.readdressed(whom).await,
        };
        self.sees(&format!("the answer to {event:?}"), told);
        self.post_goes().await;
    }

    /// The coordinator types another address for somebody.
    async fn readdressed(&mut self, whom: usize) -> String {
        let (old, new) = (self.person(whom), other_of(&self.person(whom)));
        crate::readdressed::on_the_page(self.house, &old, &new).await;
        self.roster = self.roster.replace(&old, &new);
        String::new()
    }

    fn refuses(&self, address: String, code: u16) {
        // A test's process lives a few minutes, and a fault wants an address for all of them.
        let address: &'static str = Box::leak(address.into_boxed_str());
        self.house.sink.fails(Stage::Recipient(address), Fault::Answer(code), ALWAYS);
    }

    /// A mail server reports that a letter did not arrive.
    async fn comes_back(&mut self, whom: usize) {
        let address = self.person(whom);
        let received = self.house.sink.received().into_iter().rev();
        let everyone =
            |name: &str| Letter::ALL.into_iter().any(|letter| letter.for_everyone() && letter.name() == name);
        let mut theirs = received.filter(|one| one.to == [address.as_str()] && everyone(&kind(&one.read())));
        let Some(letter) = theirs.next() else { return };
        let to = letter.from;
        let report = format!(
            "From: MAILER-DAEMON@relay.hospital.example\nTo: {to}\nMessage-ID: <{whom}@relay.example>\n\
             Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
             --b\nContent-Type: text/plain\n\nIt did not work.\n\
             --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.hospital.example\n\n\
             Final-Recipient: rfc822; somebody@example.edu\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
        );
        let told = self.house.receives_bytes(report.replace('\n', "\r\n").as_bytes(), None).await;
        self.sees("what a report of a mail server came to", format!("{told:?}"));
    }
}

fn whole() -> RosterOptions {
    RosterOptions { replace: true, ..RosterOptions::default() }
}

fn typed(day: u32) -> Typed {
    Typed { on: format!("2027-07-{:02}", 5 + day).parse().unwrap(), at: None }
}

/// What a verb prints, or why it does not.
pub fn json<T: serde::Serialize>(answer: Result<T, holdspace::desk::Error>) -> String {
    match answer {
        Ok(told) => serde_json::to_string(&told).unwrap(),
        Err(why) => format!("refused: {why}"),
    }
}
