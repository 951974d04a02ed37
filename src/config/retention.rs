//! How long things are kept, as settings. Bounds only: what is destroyed is said elsewhere.

use super::ConfigRefusal;
use super::written::{Layers, Setting};
use crate::domain::retention::Retention;

/// The days of each kind.
pub(super) fn retention(layers: &Layers) -> Result<Retention, ConfigRefusal> {
    let usual = Retention::default();
    Ok(Retention {
        visits: days(layers, Setting::KeepVisitsDays, 7)?.unwrap_or(usual.visits),
        former_residents: days(layers, Setting::KeepFormerResidentsDays, 30)?
            .unwrap_or(usual.former_residents),
        staff_log: days(layers, Setting::KeepStaffLogDays, 365)?.unwrap_or(usual.staff_log),
    })
}

fn days(layers: &Layers, setting: Setting, least: u32) -> Result<Option<u32>, ConfigRefusal> {
    let Some(text) = layers.text(setting) else { return Ok(None) };
    match text.parse() {
        Ok(days) if (least..=3650).contains(&days) => Ok(Some(days)),
        _ => Err(layers.refuse(setting, format!("give {least} to 3650 days; nothing is kept for ever"))),
    }
}
