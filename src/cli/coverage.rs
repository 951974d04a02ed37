//! `coverage`: a program's protected blocks as a file for whoever arranges coverage. Knows nothing of visits.

use serde::Serialize;

use super::answer::Answer;
use super::args::{Coverage, Table};
use super::house::House;
use crate::desk::coverage::Coverage as Blocks;
use crate::domain::audit::Act;

#[derive(Serialize)]
struct Exported<'a> {
    format: &'static str,
    #[serde(flatten)]
    blocks: &'a Blocks,
    file: &'a str,
}

/// Exports protected blocks: the file itself on standard output, or inside an object with `--json`.
///
/// # Errors
/// For a code of no program.
pub async fn coverage(house: &House, words: Coverage) -> anyhow::Result<Answer> {
    let blocks = house.desk.coverage(&words.program).await?;
    let (format, file) = match words.format {
        Table::Csv => ("csv", blocks.csv()?),
        Table::Ics => ("ics", blocks.ics()),
    };
    let program = words.program.to_uppercase();
    house.desk.note_alone(&Act::Exported { what: "the coverage", program }).await?;
    Answer::new(&Exported { format, blocks: &blocks, file: &file }, file.as_str())
}
