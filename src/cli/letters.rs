//! `letters preview`: every letter with invented people. Never a real name, and sends nothing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use super::answer::{Answer, count};
use super::args::Letters;
use super::house;
use crate::config::Config;
use crate::mail::preview::{PreviewFile, previews};

#[derive(Serialize)]
struct Shown {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[derive(Serialize)]
struct Preview {
    files: Vec<Shown>,
}

/// Renders all letters into a directory, or prints their texts.
///
/// # Errors
/// The first template that cannot be used, or the directory.
pub fn letters(config: &Config, words: Letters) -> anyhow::Result<Answer> {
    let Letters::Preview { out, lang } = words;
    let files = previews(&house::templates(config)?, lang)?;
    match out {
        Some(directory) => written(&directory, files),
        None => printed(files),
    }
}

fn written(directory: &Path, files: Vec<PreviewFile>) -> anyhow::Result<Answer> {
    let shown = directory.display();
    fs::create_dir_all(directory).with_context(|| format!("{shown}: cannot be made"))?;
    let mut preview = Preview { files: Vec::new() };
    for file in files {
        let path = directory.join(&file.name);
        fs::write(&path, file.bytes).with_context(|| format!("{}: cannot be written", path.display()))?;
        preview.files.push(Shown { name: file.name, path: Some(path), text: None });
    }
    let people = format!("{} in {shown}\n", count(preview.files.len(), "file"));
    Answer::new(&preview, people)
}

fn printed(files: Vec<PreviewFile>) -> anyhow::Result<Answer> {
    let texts = files.into_iter().filter(|file| file.name.ends_with(".txt"));
    let shown = texts.map(|file| Shown {
        text: Some(String::from_utf8_lossy(&file.bytes).into_owned()),
        name: file.name,
        path: None,
    });
    let preview = Preview { files: shown.collect() };
    let people: Vec<String> = preview
        .files
        .iter()
        .map(|file| format!("── {} ──\n{}", file.name, file.text.as_deref().unwrap_or_default()))
        .collect();
    Answer::new(&preview, people.join("\n"))
}
