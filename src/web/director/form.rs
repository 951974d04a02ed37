//! A form of labelled fields, as programs, sites, therapists and offerings have them: what was typed is kept, and what
//! cannot be taken is told beside its field. Never decides what can be taken.

use askama::Template;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::desk::furnish::{Kind, Saved};
use crate::desk::session::Session;
use crate::domain::table::{Row, RowRefusal, Table};
use crate::web::body::Fields;
use crate::web::refusal::Refusal;
use crate::web::session::with_origin;
use crate::web::shell::{Door, Shell};
use crate::web::words::setup::{SetupWords, setup};
use crate::web::words::{Words, words};
use crate::web::{WebState, page, told};

/// More fields, or a longer value in bytes, no form of ours sends.
const MOST: (usize, usize) = (400, 2000);

/// What a form sends: names with values, a name as often as it has boxes ticked.
pub struct Typed(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Typed {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let Fields(typed) = Fields::<Vec<(String, String)>>::from_request(request, state).await?;
        let (fields, bytes) = MOST;
        if typed.len() > fields || typed.iter().any(|(_, value)| value.len() > bytes) {
            return Err(Refusal::too_large());
        }
        Ok(Self(typed))
    }
}

impl Typed {
    /// The trimmed value of a field; empty where there is none.
    pub fn get(&self, name: &str) -> String {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    }

    /// Every value of a field of boxes.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }
}

/// One field.
pub struct Field {
    /// Its name, which is also the heading of its column in a file.
    pub name: &'static str,
    /// What it asks for.
    pub label: &'static str,
    /// What helps to answer.
    pub hint: &'static str,
    /// `text`, `email`, `date`, `number` or `url`, as browsers know them; `zone`; `boxes`; or `fixed`.
    pub kind: &'static str,
    /// What stands in it.
    pub value: String,
    /// Boxes: value, label, and whether it is ticked.
    pub boxes: Vec<(String, String, bool)>,
    /// Whether it may not stay empty.
    pub needed: bool,
    /// What is wrong with it.
    pub problem: String,
}

impl Field {
    /// A field of one value.
    pub fn new(name: &'static str, kind: &'static str, words: (&'static str, &'static str)) -> Self {
        let (label, hint) = words;
        let (value, problem) = (String::new(), String::new());
        Self { name, label, hint, kind, value, boxes: Vec::new(), needed: false, problem }
    }

    /// The same with a value.
    pub fn with(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    /// The same, which may not stay empty.
    pub fn needed(self) -> Self {
        Self { needed: true, ..self }
    }

    /// A field of boxes, each with its value and label.
    pub fn boxes(
        name: &'static str,
        words: (&'static str, &'static str),
        boxes: Vec<(String, String)>,
        ticked: &[String],
    ) -> Self {
        let boxes = boxes
            .into_iter()
            .map(|(value, label)| (ticked.contains(&value), value, label))
            .collect::<Vec<_>>();
        let boxes = boxes.into_iter().map(|(ticked, value, label)| (value, label, ticked)).collect();
        Self { boxes, ..Self::new(name, "boxes", words) }
    }

    /// Its value as a cell of a file.
    fn cell(&self) -> String {
        if self.kind != "boxes" {
            return self.value.clone();
        }
        let ticked = self.boxes.iter().filter(|(_, _, ticked)| *ticked);
        ticked.map(|(value, _, _)| value.as_str()).collect::<Vec<_>>().join(";")
    }
}

/// The fields as the file that they stand for: a row of headings and one line.
fn table(fields: &[Field]) -> Table {
    let headings = fields.iter().map(|field| field.name.to_owned()).collect();
    let cells = fields.iter().map(Field::cell).collect();
    Table { sheet: None, rows: vec![Row { line: 1, cells: headings }, Row { line: 2, cells }] }
}

/// Puts refusals beside the fields that they are about; gives what is about none.
fn mark(fields: &mut [Field], refused: &[RowRefusal]) -> String {
    let mut rest = Vec::new();
    for refusal in refused {
        // What helps in a file and not in a form is left out.
        let remedy = refusal.remedy.replace(", or remove the line", "").replace(" or remove the line", "");
        let told = told::sentence(&format!("{}: {remedy}", refusal.problem));
        let field = fields.iter_mut().find(|field| refusal.column.as_deref() == Some(field.name));
        match field {
            Some(field) => field.problem = told,
            None => rest.push(told),
        }
    }
    rest.join(" ")
}

/// The page of a form.
#[derive(Template)]
#[template(path = "director/form.html")]
pub struct FormPage {
    w: &'static Words,
    s: &'static SetupWords,
    shell: Shell,
    beside: Vec<Door>,
    title: String,
    lead: String,
    warning: String,
    action: String,
    back: &'static str,
    button: &'static str,
    problem: String,
    fields: Vec<Field>,
    more: Vec<Field>,
    zones: &'static [&'static str],
}

/// Zones that a field suggests; any other may be typed.
const ZONES: [&str; 13] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "America/Halifax",
    "America/Toronto",
    "America/Winnipeg",
    "America/Edmonton",
    "America/Vancouver",
];

impl FormPage {
    /// A form that belongs to the list at `back`.
    pub fn new(title: impl Into<String>, action: String, back: &'static str, fields: Vec<Field>) -> Self {
        let s = setup();
        Self {
            w: words(),
            s,
            shell: super::shell(super::PROGRAMS),
            beside: super::beside(back),
            title: title.into(),
            lead: String::new(),
            warning: String::new(),
            action,
            back,
            button: s.form_save,
            problem: String::new(),
            fields,
            more: Vec::new(),
            zones: &ZONES,
        }
    }

    /// With a sentence above the fields.
    pub fn lead(self, lead: impl Into<String>) -> Self {
        Self { lead: lead.into(), ..self }
    }

    /// With something to look at that is no mistake.
    pub fn warning(self, warning: String) -> Self {
        Self { warning, ..self }
    }

    /// With another word on its button.
    pub fn button(self, button: &'static str) -> Self {
        Self { button, ..self }
    }

    /// With fields that most people leave alone.
    pub fn more(self, more: Vec<Field>) -> Self {
        Self { more, ..self }
    }

    /// What is wrong, each with its field.
    fn wrong(&self) -> Vec<(&'static str, String)> {
        let fields = self.fields.iter().chain(&self.more).filter(|field| !field.problem.is_empty());
        fields.map(|field| (field.name, format!("{}: {}", field.label, field.problem))).collect()
    }

    /// Whether something among the fields that most people leave alone is wrong.
    fn more_is_wrong(&self) -> bool {
        self.more.iter().any(|field| !field.problem.is_empty())
    }

    /// The page as it is.
    pub fn shown(self) -> Response {
        with_origin(page::ok(&self))
    }

    /// Saves what was typed as one line of a file of this kind, and leads back to its list; or shows what cannot be taken,
    /// beside its field where it is about one. `new` says that it is to be something that is not on file yet.
    pub async fn save(
        mut self,
        state: &WebState,
        session: &Session,
        kind: Kind,
        new: bool,
    ) -> Result<Response, Refusal> {
        let problem = match state.desk.furnish_one(session, kind, table(&self.fields), new).await? {
            Saved::Done => return Ok(Redirect::to(&format!("{}?said=saved", self.back)).into_response()),
            Saved::Empty => self.first_is(self.s.form_empty),
            Saved::Known => self.first_is(self.s.form_known),
            Saved::Refused(refused) => mark(&mut self.fields, &refused),
        };
        Ok(self.refused(problem))
    }

    /// Something is wrong with the first field that may not stay empty.
    fn first_is(&mut self, problem: &str) -> String {
        if let Some(field) = self.fields.iter_mut().find(|field| field.needed) {
            problem.clone_into(&mut field.problem);
        }
        String::new()
    }

    /// The page with what cannot be taken; `problem` is about no field.
    pub fn refused(self, problem: String) -> Response {
        let problem = if problem.is_empty() { self.s.form_wrong.to_owned() } else { problem };
        with_origin(page::page(StatusCode::UNPROCESSABLE_ENTITY, &Self { problem, ..self }))
    }
}
