//! A mail scanner: opens every address of every letter in every way in which one can look, follows what the pages behind it
//! lead to, keeps cookies, and sends each form as it stands by each of its buttons. It never chooses or writes anything.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::access::ask::{Answer, Asked, Hand, Knock};
use crate::harness::house::{House, PUBLIC_URL};

/// A form as it stands, once for each of its buttons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// What it sends.
    pub fields: Vec<(String, String)>,
    /// Whether it changes things, by its method.
    pub posts: bool,
}

/// A tag with its attributes, and the text behind it.
struct Tag<'p> {
    name: &'p str,
    attributes: BTreeMap<String, String>,
    text: &'p str,
}

fn plain(text: &str) -> String {
    text.replace("&amp;", "&").replace("&#38;", "&").replace("&quot;", "\"").replace("&#34;", "\"")
}

/// The end of a tag: its `>` outside of quotation marks.
fn end(tag: &str) -> usize {
    let mut quoted = false;
    tag.find(|c| {
        quoted ^= c == '"';
        c == '>' && !quoted
    })
    .unwrap_or(tag.len())
}

fn tags(page: &str) -> impl Iterator<Item = Tag<'_>> {
    page.match_indices('<').map(|(at, _)| {
        let rest = &page[at + 1..];
        let inside = &rest[..end(rest)];
        let text = rest.get(inside.len() + 1..).unwrap_or_default().split('<').next().unwrap_or_default();
        let (name, mut left) = inside.split_once([' ', '\n']).unwrap_or((inside, ""));
        let mut attributes = BTreeMap::new();
        while let Some(from) = left.find(|c: char| !c.is_whitespace()) {
            left = &left[from..];
            let name_end = left.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(left.len());
            let key = left[..name_end].to_ascii_lowercase();
            left = &left[name_end..];
            let value = match left.strip_prefix("=\"") {
                Some(rest) => {
                    let (value, after) = rest.split_once('"').unwrap_or((rest, ""));
                    left = after;
                    plain(value)
                }
                None => {
                    let after = left.find(char::is_whitespace).unwrap_or(left.len());
                    let value = left[..after].trim_start_matches('=').to_owned();
                    left = &left[after..];
                    value
                }
            };
            attributes.insert(key, value);
        }
        Tag { name, attributes, text }
    })
}

/// The forms of a page at an address.
pub fn forms(at: &str, page: &str) -> Vec<Form> {
    let mut found = Vec::new();
    let mut open: Option<(Form, Vec<(String, String)>)> = None;
    // The list that is open: its name, and what stands in it.
    let mut list: Option<(String, Option<String>)> = None;
    for Tag { name, attributes, text } in tags(page) {
        let get = |key: &str| attributes.get(key).cloned();
        if name == "form" {
            let posts = get("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
            let action = get("action").unwrap_or_else(|| at.to_owned());
            open = Some((Form { action, fields: Vec::new(), posts }, Vec::new()));
        }
        let Some((form, buttons)) = open.as_mut() else { continue };
        let field = get("name").unwrap_or_default();
        let kind = get("type").unwrap_or_default();
        match (name, kind.as_str()) {
            ("input", "submit") | ("button", "" | "submit") => {
                buttons.push((field, get("value").unwrap_or_default()));
            }
            ("input", "checkbox" | "radio") if attributes.contains_key("checked") => {
                form.fields.push((field, get("value").unwrap_or_else(|| "on".to_owned())));
            }
            ("input", "checkbox" | "radio" | "file" | "button" | "reset") => {}
            ("input", _) => form.fields.push((field, get("value").unwrap_or_default())),
            ("textarea", _) => form.fields.push((field, plain(text))),
            ("select", _) => list = Some((field, None)),
            ("option", _) => {
                if let Some((_, chosen)) = list.as_mut()
                    && (chosen.is_none() || attributes.contains_key("selected"))
                {
                    *chosen = Some(get("value").unwrap_or_else(|| text.trim().to_owned()));
                }
            }
            ("/select", _) => {
                form.fields.extend(list.take().map(|(field, chosen)| (field, chosen.unwrap_or_default())));
            }
            ("/form", _) => {
                let (form, mut buttons) = open.take().expect("it is open");
                buttons.push((String::new(), String::new()));
                for (name, value) in buttons {
                    let mut form = form.clone();
                    form.fields.push((name, value));
                    form.fields.retain(|(name, _)| !name.is_empty());
                    found.push(form);
                }
            }
            _ => {}
        }
    }
    found
}

/// Every address of this house that a page names.
fn addresses(page: &str) -> Vec<String> {
    let named = tags(page).flat_map(|tag| {
        let named = ["href", "src", "action"].map(|key| tag.attributes.get(key).cloned());
        named.into_iter().flatten().collect::<Vec<_>>()
    });
    named.filter_map(|address| own(&address)).collect()
}

/// The path of an address of this house.
fn own(address: &str) -> Option<String> {
    let path = address.strip_prefix(PUBLIC_URL).unwrap_or(address);
    let path = path.split('#').next().unwrap_or_default();
    path.starts_with('/').then(|| path.to_owned())
}

/// Every address of every letter that was sent: in both bodies, in the calendar, in the header.
pub fn addresses_in_letters(house: &House) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for received in house.sink.received() {
        let letter = received.read();
        let header = letter.field("list-unsubscribe").concat();
        let header = header.split(['<', '>', ',']).map(str::to_owned);
        let calendar = letter.calendar.iter().flat_map(|part| {
            let text = part.text.replace("\r\n ", "");
            text.split(char::is_whitespace)
                .filter_map(|word| word.find("https://").map(|at| word[at..].to_owned()))
                .collect::<Vec<_>>()
        });
        all.extend(letter.links().into_iter().chain(header).chain(calendar).filter_map(|link| own(&link)));
    }
    all
}

/// The scanner at work.
pub struct Scanner {
    asked: Asked,
    hand: Hand,
    known: BTreeSet<String>,
    /// How many requests it sent.
    pub visits: usize,
    /// How many of them were forms.
    pub forms: usize,
}

/// The ways in which one can look.
const LOOKS: [(&str, Option<(&str, &str)>); 5] = [
    ("HEAD", None),
    ("OPTIONS", None),
    ("GET", Some(("sec-purpose", "prefetch;prerender"))),
    ("GET", Some(("purpose", "prefetch"))),
    ("GET", None),
];

impl Scanner {
    /// One that has seen nothing.
    pub fn of(house: &House) -> Self {
        let asked = Asked::of(&house.desk);
        Self { asked, hand: Hand::default(), known: BTreeSet::new(), visits: 0, forms: 0 }
    }

    /// Scans what a letter holds, and whatever that leads to, until it has seen everything or has asked so often.
    pub async fn scans(&mut self, letter: impl IntoIterator<Item = String>, most: usize) {
        let mut next: VecDeque<String> = letter.into_iter().collect();
        while let Some(at) = next.pop_front() {
            if self.visits >= most || !self.known.insert(at.clone()) {
                continue;
            }
            let mut page = String::new();
            for (method, header) in LOOKS {
                let mut knock = Knock::bare(method, &at);
                knock.headers.extend(header.map(|(name, value)| (name, value.to_owned())));
                let answer = self.asks(&knock).await;
                next.extend(own(answer.header("location")));
                page = answer.body;
            }
            next.extend(addresses(&page));
            // One that posts to an address merely because there is one.
            self.asks(&Knock::bare("POST", &at)).await;
            for form in forms(&at, &page) {
                let Some(action) = own(&form.action) else { continue };
                let sent =
                    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
                let knock = if form.posts {
                    Knock::bare("POST", &action).with("application/x-www-form-urlencoded", &sent)
                } else {
                    Knock::bare("GET", &format!("{action}?{sent}"))
                };
                let answer = self.asks(&knock).await;
                self.forms += 1;
                next.extend(own(answer.header("location")));
                next.extend(addresses(&answer.body));
            }
        }
    }

    async fn asks(&mut self, knock: &Knock) -> Answer {
        self.visits += 1;
        let answer = self.asked.answers(knock, &self.hand).await;
        assert!(answer.status < 500, "{} {}: {}", knock.method, knock.at, answer.status);
        let given = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        if given.split_once('=').is_some_and(|(_, value)| !value.is_empty()) {
            self.hand.cookie = Some(given);
        }
        answer
    }

    /// Forgets what it saw, as the next scanner does that comes by.
    pub fn begins_anew(&mut self) {
        self.known.clear();
        self.hand = Hand::default();
    }

    /// Whether somebody let it in.
    pub fn is_in(&self) -> bool {
        self.hand.cookie.is_some()
    }
}

#[test]
fn a_form_is_sent_as_it_stands_once_by_each_of_its_buttons() {
    let page = r#"<form method="post" action="/a?b=1&amp;c=2"><input type="hidden" name="h" value="1">
        <input type="radio" name="r" value="x"><input type="radio" name="r" value="y" checked>
        <input type="checkbox" name="k"><select name="s"><option value="">Any</option><option value="2" selected>Two</option></select>
        <textarea name="t">words</textarea><button>Go</button><button name="b" value="yes">Or</button></form>
        <form><input name="q"></form>"#;
    let found = forms("/here", page);
    let pairs =
        |form: &Form| form.fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    assert_eq!(found[0].action, "/a?b=1&c=2");
    assert_eq!(pairs(&found[0]), ["h=1", "r=y", "s=2", "t=words"]);
    assert_eq!(pairs(&found[1]), ["h=1", "r=y", "s=2", "t=words", "b=yes"]);
    assert_eq!(
        (found[3].action.as_str(), found[3].posts, pairs(&found[3])),
        ("/here", false, vec!["q=".to_owned()])
    );
}
