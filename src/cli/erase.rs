//! `erase`: says what would be destroyed, asks, and has it destroyed. Never decides what that is.

use anyhow::bail;

use super::answer::{Answer, ask, count};
use super::args::keys::{Erase, Season};
use super::house::House;
use crate::desk::erase::Erased;
use crate::domain::id::OfferingId;
use crate::domain::identity::Address;

/// Erases a resident or a season.
///
/// # Errors
/// Where nobody is meant, nobody agreed, or something holds it up; then nothing is erased, or calling again finishes it.
pub async fn erase(house: &House, words: Erase) -> anyhow::Result<Answer> {
    match words {
        Erase::Resident { address, yes } => resident(house, &address.0, yes).await,
        Erase::Season(words) => season(house, words).await,
    }
}

async fn resident(house: &House, address: &Address, yes: bool) -> anyhow::Result<Answer> {
    let id = house.desk.resident_to_erase(address).await?;
    let would = house.desk.would_erase_resident(id).await?;
    let what = format!(
        "This destroys who this resident is, {}, their links and letters, and {}. Their place in reports stays as a random \
         number. It cannot be undone.",
        count(would.bookings, "booking"),
        count(would.keys, "data key"),
    );
    // Revealed to whoever typed it.
    agreed(yes, &what, address.reveal())?;
    answer(&house.desk.erase_resident(id).await?)
}

async fn season(house: &House, words: Season) -> anyhow::Result<Answer> {
    let shown = house.desk.show_offering(Some(&words.offering)).await?;
    let id: OfferingId = shown.id;
    let would = house.desk.would_erase_season(id).await?;
    let what = format!(
        "This destroys “{}”, {} to {}: {}, {}, {} of the survey, their links and letters, and {}. A frozen release \
         stays. It cannot be undone.",
        shown.title,
        shown.from,
        shown.until,
        count(would.bookings, "booking"),
        count(would.seats, "seat"),
        count(would.sheets, "sheet"),
        count(would.keys, "data key"),
    );
    agreed(words.yes, &what, &words.offering)?;
    let erased = match words.without_release {
        true => house.desk.erase_season_before_its_release(id).await?,
        false => house.desk.erase_season(id).await?,
    };
    answer(&erased)
}

fn agreed(yes: bool, what: &str, word: &str) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    let typed = ask(&format!("{what}\nType {word} to go on: "))?;
    if typed.trim() != word {
        bail!("that is another word; nothing was erased");
    }
    Ok(())
}

fn answer(erased: &Erased) -> anyhow::Result<Answer> {
    let text = format!(
        "Destroyed {}, with everything that they sealed. Letters that were sent are where they were sent to. Backups of the \
         database from before open no more; let backups of the store of keys run out soon.\n",
        count(erased.keys, "data key"),
    );
    let lingers = erased.lingers.then_some(
        "somebody was reading, so deleted bytes may still lie in the database's files: on SQLite until the next fixed hour, on PostgreSQL until VACUUM FULL keys.data_keys",
    );
    Ok(Answer::new(erased, text)?.with_notes(lingers))
}
