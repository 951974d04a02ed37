//! Broken behaviours, put between the service and those who check it, or done behind the service's back: each must be
//! caught. Never product code.

use holdspace::domain::letter::Method;
use holdspace::domain::seating::Seat;
use holdspace::storage::offerings;
use holdspace::vault::Location;

use super::life::Life;
use super::mailbox::Arrived;
use super::truth::Truth;

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Nothing.
    Nothing,
    /// The disk says that it has written what it has not, and the machine stops.
    TheDiskLies,
    /// Two rows of seats name the same holder.
    ASeatIsGivenTwice,
    /// A row is deleted.
    ABookingVanishes,
    /// Somebody opted out, and a clean-up seats them again.
    AnOptOutIsUndone,
    /// The mail server takes letters and loses them.
    LettersAreSwallowed,
    /// A second copy has a new number.
    ACopyHasAnotherSequence,
    /// Every letter comes twice although nothing went wrong.
    EverythingComesTwice,
    /// Reminders lie in a queue for three days.
    RemindersComeLate,
    /// A removal arrives as a request with the same number.
    ARemovalIsARequest,
    /// A move is told with the number of the one before.
    SequenceStandsStill,
    /// The post never goes.
    ThePostStandsStill,
    /// Letters are marked as sent by somebody who did not send them.
    LettersAreMarkedUnsent,
}

impl Broken {
    /// All of them, with a word of what is said when it is caught.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::TheDiskLies, "told of what did not happen"),
        (Self::ASeatIsGivenTwice, "says that it is held by"),
        (Self::ABookingVanishes, "is lost"),
        (Self::AnOptOutIsUndone, "was undone"),
        (Self::LettersAreSwallowed, "never arrived"),
        (Self::ACopyHasAnotherSequence, "the second copy"),
        (Self::EverythingComesTwice, "a second time although nothing went wrong"),
        (Self::RemindersComeLate, "of a visit at"),
        (Self::ARemovalIsARequest, "tells a calendar what is not so"),
        (Self::SequenceStandsStill, "another UID or SEQUENCE"),
        (Self::ThePostStandsStill, "the queue is never empty"),
        (Self::LettersAreMarkedUnsent, "never arrived"),
    ];

    /// What becomes of letters between the mail server and the mailboxes.
    pub fn on_the_way(self, fresh: Vec<Arrived>, held_back: &mut Vec<Arrived>) -> Vec<Arrived> {
        let mut all = Vec::new();
        for mut letter in fresh {
            match self {
                Self::LettersAreSwallowed => continue,
                Self::EverythingComesTwice => all.push(letter.clone()),
                Self::ACopyHasAnotherSequence if letter.news.is_some() => {
                    all.push(letter.clone());
                    letter.news.iter_mut().for_each(|news| news.sequence += 1);
                }
                Self::RemindersComeLate if letter.is_a("reminder") => {
                    letter.at += chrono::Duration::days(3);
                    held_back.push(letter);
                    continue;
                }
                Self::ARemovalIsARequest => {
                    letter.news.iter_mut().for_each(|news| news.method = Method::Request);
                }
                Self::SequenceStandsStill => {
                    letter.news.iter_mut().for_each(|news| news.sequence = news.sequence.saturating_sub(1));
                }
                _ => {}
            }
            all.push(letter);
        }
        all
    }

    /// What is done behind the service's back after a step; `earlier` is how things were before somebody opted out.
    pub async fn behind_its_back(self, life: &Life, before: &Truth, earlier: Option<Truth>) {
        let statement = match self {
            Self::ASeatIsGivenTwice => return gives_twice(life, before).await,
            Self::ABookingVanishes if before.bookings.is_empty() => return,
            Self::ABookingVanishes => "DELETE FROM bookings WHERE id = (SELECT MIN(id) FROM bookings)",
            Self::LettersAreMarkedUnsent => "UPDATE outbox SET state = 'sent' WHERE letter = 'reminder'",
            Self::AnOptOutIsUndone => match earlier {
                Some(earlier) => return seats_again(life, &earlier).await,
                None => return,
            },
            _ => return,
        };
        let mut tx = life.store.write().await.unwrap();
        sqlx::query(statement).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Writes the holder of one seat into another.
async fn gives_twice(life: &Life, truth: &Truth) {
    let mut tx = life.store.write().await.unwrap();
    let Some(offering) = offerings::offerings(&mut tx).await.unwrap().pop() else { return };
    let rows = offerings::seats(&mut tx, offering.id).await.unwrap();
    let holder = truth.seats.values().find_map(|(_, seat)| seat.holder);
    let free = rows.iter().find(|row| truth.seats.get(&row.id).is_some_and(|(_, seat)| !seat.is_held()));
    let (Some(holder), Some(row)) = (holder, free) else { return };
    let seat = Seat { holder: Some(holder), ..truth.seats[&row.id].1 };
    let (key, id) = (life.vault.unwrap(&row.key.id, &row.key.wrapped).unwrap(), row.id.to_string());
    let at = Location { column: "seats.sealed", row: &id };
    let sealed = key.seal_at_size(at, &seat, row.sealed.len()).unwrap();
    sqlx::query("UPDATE seats SET sealed = $2 WHERE id = $1")
        .bind(&id)
        .bind(sealed)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Puts the bookings back as they were before.
async fn seats_again(life: &Life, before: &Truth) {
    let mut tx = life.store.write().await.unwrap();
    for (id, one) in &before.bookings {
        let row = holdspace::storage::bookings::booking(&mut tx, *id).await.unwrap().unwrap();
        let (key, id) = (life.vault.unwrap(&row.key.id, &row.key.wrapped).unwrap(), id.to_string());
        let at = Location { column: "bookings.sealed", row: &id };
        let sealed = key.seal_at_size(at, &one.booking, row.sealed.len()).unwrap();
        let put = sqlx::query("UPDATE bookings SET sealed = $2 WHERE id = $1").bind(&id).bind(sealed);
        put.execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}
