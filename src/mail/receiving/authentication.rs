//! What the institution's own mail server found out about a sender (RFC 8601). Believes only the topmost line that bears
//! the server's own name: whoever sends a mail can write such lines too, and a server puts its own above them.

use mail_parser::Message;

/// Longest line that is read.
const MAX_LINE: usize = 8 * 1024;

/// Whether the server of this name vouches for the domain of an address: by DMARC, or by DKIM or SPF for that very domain
/// or one above it.
pub(super) fn aligned(message: &Message<'_>, trusted: &str, address: &str) -> bool {
    let Some((_, domain)) = address.rsplit_once('@') else { return false };
    let lines = message.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("Authentication-Results"));
    let own = lines
        .filter_map(|(_, value)| results(value))
        .find(|(server, _)| server.eq_ignore_ascii_case(trusted));
    own.is_some_and(|(_, results)| results.iter().any(|result| result.vouches_for(domain)))
}

/// One method's result with its properties, all in lower case.
struct Found {
    method: String,
    result: String,
    properties: Vec<(String, String)>,
}

impl Found {
    /// The domains that properties of a name speak of.
    fn of<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.properties.iter().filter(move |(own, _)| own == name).map(|(_, value)| domain_of(value))
    }

    fn vouches_for(&self, domain: &str) -> bool {
        if self.result != "pass" {
            return false;
        }
        match self.method.as_str() {
            // Without `header.from` it is about the one From there is.
            "dmarc" => self.of("header.from").all(|found| found == domain),
            "dkim" => self.of("header.d").chain(self.of("header.i")).any(|found| is_above(found, domain)),
            "spf" => self.of("smtp.mailfrom").any(|found| is_above(found, domain)),
            _ => false,
        }
    }
}

fn domain_of(value: &str) -> &str {
    value.rsplit_once('@').map_or(value, |(_, domain)| domain)
}

/// Who runs a domain runs those below it. The other way round a lookup would be needed, which DMARC does.
fn is_above(found: &str, domain: &str) -> bool {
    let below = || domain.strip_suffix(found).is_some_and(|rest| rest.ends_with('.'));
    found.contains('.') && (found == domain || below())
}

/// The server's name and its results; none where the line is not of that form.
fn results(value: &str) -> Option<(String, Vec<Found>)> {
    if value.len() > MAX_LINE {
        return None;
    }
    let pieces = pieces(value)?;
    let mut pieces = pieces.iter().map(String::as_str);
    // A version may stand behind the name.
    let server = pieces.next()?.split_whitespace().next()?.to_owned();
    Some((server, pieces.filter_map(found).collect()))
}

fn found(piece: &str) -> Option<Found> {
    let spaced = piece.to_ascii_lowercase().replace('=', " = ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut pairs = words.windows(3).filter(|three| three[1] == "=").map(|three| (three[0], three[2]));
    let (method, result) = pairs.next()?;
    // `dkim/1` is DKIM in its first version.
    let method = method.split('/').next().unwrap_or_default().to_owned();
    let properties = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Some(Found { method, result: result.to_owned(), properties })
}

/// The line without its comments, divided at semicolons. None where a comment or a quotation does not end. What is quoted
/// loses whatever could be taken for a result: such text is chosen by others.
fn pieces(value: &str) -> Option<Vec<String>> {
    let mut pieces = vec![String::new()];
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for c in value.chars() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' if quoted || depth > 0 => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.checked_sub(1)?,
            _ if depth > 0 => {}
            ';' if !quoted => pieces.push(String::new()),
            c if quoted && (c.is_whitespace() || matches!(c, ';' | '=')) => {}
            c => pieces.last_mut()?.push(c),
        }
    }
    (depth == 0 && !quoted).then_some(pieces)
}
