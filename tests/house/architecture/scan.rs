//! Reads one source file as tokens and says which paths and macros it names, where, and whether in test code.
//! Never judges them. Comments, doc comments and string literals name nothing.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path that a file names, resolved as far as the file alone allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The line, counted from 1.
    pub line: usize,
    /// From the root of the crate for [`Root::House`]; as written otherwise. A glob import ends in `*`.
    pub path: Vec<String>,
    /// Where the path starts.
    pub root: Root,
    /// Whether it stands in code that only tests compile.
    pub in_test: bool,
}

/// Where a path starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// `crate::`, `self::`, `super::` or `holdspace::`.
    House,
    /// Another crate, or a name that the file brought in before.
    Elsewhere,
}

/// A macro call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MacroCall {
    /// The line, counted from 1.
    pub line: usize,
    /// The macro's name without its path.
    pub name: String,
    /// Whether it stands in code that only tests compile.
    pub in_test: bool,
}

/// What a file names.
#[derive(Debug, Default)]
pub struct Scan {
    /// Paths of two or more segments, and every import.
    pub namings: Vec<Naming>,
    /// Macro calls.
    pub macros: Vec<MacroCall>,
    /// Lines that declare `mod tests` without `#[cfg(test)]`.
    pub unguarded_tests: Vec<usize>,
}

/// Reads a file, given by its path inside src.
///
/// # Errors
/// Where it cannot be read as Rust tokens.
pub fn scan(file: &str, text: &str) -> Result<Scan, String> {
    let tokens: TokenStream = text.parse().map_err(|problem| format!("src/{file}: not Rust: {problem}"))?;
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let mut module: Vec<String> = stem.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") || matches!(stem, "lib" | "main") {
        module.pop();
    }
    let in_test = module.iter().any(|part| part == "tests" || part.ends_with("_tests"));
    let mut scan = Scan::default();
    walk(&mut scan, &tokens.into_iter().collect::<Vec<_>>(), &module, in_test);
    Ok(scan)
}

/// Walks the tokens of one module, block or bracket.
fn walk(scan: &mut Scan, tokens: &[TokenTree], module: &[String], mut in_test: bool) {
    let mut around = in_test;
    let mut at = 0;
    while at < tokens.len() {
        let line = tokens[at].span().start().line;
        at += match &tokens[at] {
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                let inner = sign_at(tokens, at + 1, '!');
                in_test |= tokens.get(at + 1 + usize::from(inner)).is_some_and(is_cfg_test);
                around |= inner && in_test;
                1 + usize::from(inner)
            }
            TokenTree::Punct(sign) => {
                in_test = if sign.as_char() == ';' { around } else { in_test };
                1
            }
            TokenTree::Group(group) => {
                walk(scan, &inside(group), module, in_test);
                in_test = if group.delimiter() == Delimiter::Brace { around } else { in_test };
                1
            }
            TokenTree::Literal(_) => 1,
            TokenTree::Ident(word) if word == "mod" => {
                let name = word_at(tokens, at + 1).unwrap_or_default();
                if name == "tests" && !in_test {
                    scan.unguarded_tests.push(line);
                }
                if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
                    let inner: Vec<String> = module.iter().cloned().chain([name]).collect();
                    walk(scan, &inside(body), &inner, in_test);
                    in_test = around;
                }
                3
            }
            TokenTree::Ident(word) if word == "use" && !sign_at(tokens, at + 1, '<') => {
                let end = (at..tokens.len()).find(|&end| sign_at(tokens, end, ';')).unwrap_or(tokens.len());
                let mut leaves = Vec::new();
                import(&tokens[at + 1..end], &[], &mut leaves);
                scan.namings.extend(leaves.into_iter().map(|path| resolve(path, line, module, in_test)));
                end - at
            }
            TokenTree::Ident(_) if continues_after_generics(tokens, at) => 1,
            TokenTree::Ident(word) => {
                let (path, length) = path_at(tokens, at);
                if sign_at(tokens, at + length, '!')
                    && matches!(tokens.get(at + length + 1), Some(TokenTree::Group(_)))
                {
                    let name = path.last().cloned().unwrap_or_default();
                    scan.macros.push(MacroCall { line, name, in_test });
                }
                if path.len() > 1 || word == "getrandom" {
                    scan.namings.push(resolve(path, line, module, in_test));
                }
                length
            }
        };
    }
}

/// The leaves of an import: one path a name that it brings in.
fn import(tokens: &[TokenTree], before: &[String], leaves: &mut Vec<Vec<String>>) {
    let mut path = before.to_vec();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == "as" => break,
            TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
            TokenTree::Ident(word) => path.push(word.to_string()),
            TokenTree::Punct(sign) if sign.as_char() == '*' => path.push("*".to_owned()),
            TokenTree::Group(group) => {
                let inner = inside(group);
                let branches = inner.split(|token| is_sign(token, ','));
                branches.filter(|branch| !branch.is_empty()).for_each(|branch| import(branch, &path, leaves));
                debug_assert_eq!(at + 1, tokens.len(), "a group ends its branch");
                return;
            }
            _ => {}
        }
    }
    leaves.push(path);
}

/// The path that starts at a word, and how many tokens it takes. It ends before a turbofish.
fn path_at(tokens: &[TokenTree], at: usize) -> (Vec<String>, usize) {
    let mut path = vec![word_at(tokens, at).unwrap_or_default()];
    let mut length = 1;
    while sign_at(tokens, at + length, ':') && sign_at(tokens, at + length + 1, ':') {
        let Some(word) = word_at(tokens, at + length + 2) else { break };
        path.push(word);
        length += 3;
    }
    (path, length)
}

/// Whether the word goes on with a path that generics interrupted, as `new` does in `Vec::<u8>::new`.
fn continues_after_generics(tokens: &[TokenTree], at: usize) -> bool {
    let sign_before = |back: usize, sign| at >= back && sign_at(tokens, at - back, sign);
    let arrow = sign_before(4, '-') || sign_before(4, '=');
    sign_before(1, ':') && sign_before(2, ':') && sign_before(3, '>') && !arrow
}

/// Follows `crate`, `holdspace`, `self` and `super` from the module where the path stands.
fn resolve(path: Vec<String>, line: usize, module: &[String], in_test: bool) -> Naming {
    let mut place = match path[0].as_str() {
        "crate" | "holdspace" => Vec::new(),
        "self" | "super" => module.to_vec(),
        _ => return Naming { line, path, root: Root::Elsewhere, in_test },
    };
    for step in path {
        match step.as_str() {
            "crate" | "holdspace" | "self" => {}
            "super" => drop(place.pop()),
            _ => place.push(step),
        }
    }
    Naming { line, path: place, root: Root::House, in_test }
}

/// Whether an attribute's bracket is `[cfg(test)]`, or another cfg that asks for `test` and negates nothing.
fn is_cfg_test(attribute: &TokenTree) -> bool {
    let TokenTree::Group(group) = attribute else { return false };
    let tokens = inside(group);
    let Some(TokenTree::Group(condition)) = tokens.get(1) else { return false };
    let words = condition.stream().to_string();
    let mut words = words.split(|sign: char| !(sign.is_alphanumeric() || sign == '_'));
    word_at(&tokens, 0).as_deref() == Some("cfg")
        && words.clone().any(|word| word == "test")
        && !words.any(|word| matches!(word, "not" | "any"))
}

fn inside(group: &proc_macro2::Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

fn word_at(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(word)) => Some(word.to_string()),
        _ => None,
    }
}

fn sign_at(tokens: &[TokenTree], at: usize, sign: char) -> bool {
    tokens.get(at).is_some_and(|token| is_sign(token, sign))
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == sign)
}
