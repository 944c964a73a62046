//! What of a request may be shown. Any field may hold a secret by mistake, so a value is repeated only when it is close to
//! something that is registered here; of all others only the length is told.

use time::OffsetDateTime;

/// How much of a value is repeated, in characters.
const MOST: usize = 200;
/// A word of this length with digits and letters mixed is taken for a secret.
const LONG: usize = 20;

/// `came` if it is, or almost is, one of `known`; else its length.
pub fn word<'k>(came: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let mut nearest: Option<(usize, &str)> = None;
    for candidate in known {
        let away = distance(came, candidate);
        if nearest.is_none_or(|(least, _)| away < least) {
            nearest = Some((away, candidate));
        }
    }
    match nearest {
        Some((0, _)) => format!("“{came}”"),
        Some((away, candidate)) if away <= candidate.len() / 4 + 1 && !is_secret_like(came) => {
            format!("“{}”, which is almost “{candidate}”", plain(came))
        }
        _ => length(came),
    }
}

/// `1 Mar 2026, 12:00:59 UTC`.
pub fn instant(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    let month = at.month().to_string();
    format!("{} {} {}, {:02}:{:02}:{:02} UTC", at.day(), &month[..3], at.year(), at.hour(), at.minute(), at.second())
}

/// How long a value is, in place of the value.
pub fn length(came: &str) -> String {
    match came.chars().count() {
        0 => "nothing".to_owned(),
        1 => "1 character".to_owned(),
        many => format!("a value of {many} characters"),
    }
}

/// A registered redirect URI without userinfo, query and fragment, and without parts of the path that look like secrets.
pub fn uri(registered: &str) -> String {
    uri_beside(registered, [registered])
}

/// A redirect URI as sent; of its path only what is, or almost is, a part of one of the `known`.
pub fn uri_beside<'k>(came: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().flat_map(|known| path_of(known).split('/')).collect();
    let is_near = |part: &str| known.iter().any(|own| distance(part, own) <= own.len() / 4);
    let Ok(url) = url::Url::parse(came) else { return format!("no absolute URI ({})", length(came)) };
    let mut shown = match url.host_str() {
        Some(host) => {
            let host: Vec<_> = host.split('.').map(|label| if is_secret_like(label) { "…" } else { label }).collect();
            format!("{}://{}", url.scheme(), host.join("."))
        }
        None => format!("{}:", url.scheme()),
    };
    if let Some(port) = url.port() {
        shown.push(':');
        shown.push_str(&port.to_string());
    }
    // The path as sent: parsing would repair what is compared letter by letter.
    let path: Vec<_> =
        path_of(came).split('/').map(|part| if part.is_empty() || (is_near(part) && !is_secret_like(part)) { part } else { "…" }).collect();
    shown.push_str(&path.join("/"));
    if url.query().is_some() {
        // Not even the names: a value with an `&` in it has become one.
        shown.push_str("?…");
    }
    if url.fragment().is_some() {
        shown.push_str("#…");
    }
    plain(&shown)
}

fn path_of(uri: &str) -> &str {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    let rest = match rest.strip_prefix("//") {
        Some(rest) => rest.find(['/', '?', '#']).map_or("", |at| &rest[at..]),
        None => rest,
    };
    rest.split(['?', '#']).next().unwrap_or_default()
}

/// Without control characters and not too long.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MOST).collect()
}

/// Whether a word may be a token, a secret or a password rather than a name: ours by their prefix, JWTs, and anything long.
pub fn is_secret_like(word: &str) -> bool {
    ["grs_", "grc_", "grr_", "gra_", "eyJ"].iter().any(|prefix| word.contains(prefix))
        || (word.len() >= LONG && (word.bytes().any(|b| b.is_ascii_digit()) || word.bytes().any(|b| b.is_ascii_uppercase())))
        || word.len() >= 2 * LONG
}

/// How many letters differ (Levenshtein), for words of ordinary length.
fn distance(left: &str, right: &str) -> usize {
    if left.len() > 64 || right.len() > 64 {
        return if left == right { 0 } else { usize::MAX };
    }
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let above = row[column + 1];
            row[column + 1] = (above + 1).min(row[column] + 1).min(diagonal + usize::from(letter != *other));
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests;
