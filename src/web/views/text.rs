//! Numbers and times as people say them.

use time::{Duration, OffsetDateTime, macros::format_description};

/// `14 Aug 2026, 09:30 UTC`.
pub fn exact(at: &OffsetDateTime) -> String {
    let form = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
    at.to_offset(time::UtcOffset::UTC).format(form).unwrap_or_default()
}

/// `14 Aug 2026`.
pub fn day(at: &OffsetDateTime) -> String {
    let form = format_description!("[day padding:none] [month repr:short] [year]");
    at.to_offset(time::UtcOffset::UTC).format(form).unwrap_or_default()
}

/// `2026-08-14T09:30:00Z`, for `datetime` attributes.
pub fn iso(at: &OffsetDateTime) -> String {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    at.to_offset(time::UtcOffset::UTC).format(form).unwrap_or_default()
}

/// `at` seen from `now`: `just now`, `5 minutes ago`, `in 3 days`; further than 60 days away, the date.
pub fn relative(now: OffsetDateTime, at: OffsetDateTime) -> String {
    let distance = now - at;
    let past = distance >= Duration::ZERO;
    let seconds = distance.unsigned_abs().as_secs();
    let words = match seconds {
        0..45 => return if past { "just now".into() } else { "in a moment".into() },
        45..3_570 => count(seconds.div_ceil(60).max(1), "minute"),
        3_570..84_600 => count((seconds + 1_800) / 3_600, "hour"),
        84_600..5_184_000 => count((seconds + 43_200) / 86_400, "day"),
        _ => return day(&at),
    };
    if past { format!("{words} ago") } else { format!("in {words}") }
}

/// `1 user`, `38 users`, `1,204 users`.
pub fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// The pieces of a text, and whether each stood between backticks, as code does in the API's document.
pub fn marked(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(index, piece)| (index % 2 == 1, piece))
}

/// `1204` as `1,204`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A span of seconds in its largest even unit: `30 days`, `1 hour`, `90 minutes`.
pub fn span(seconds: i64) -> String {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    for (unit, noun) in [(86_400, "day"), (3_600, "hour"), (60, "minute")] {
        if seconds >= unit && seconds.is_multiple_of(unit) {
            return count(seconds / unit, noun);
        }
    }
    count(seconds, "second")
}

/// A wait in seconds, rounded up to what people count in: `20 seconds`, `5 minutes`.
pub fn wait(seconds: u64) -> String {
    match seconds {
        0..=90 => count(seconds.max(1), "second"),
        91..=5_400 => count(seconds.div_ceil(60), "minute"),
        _ => count(seconds.div_ceil(3_600), "hour"),
    }
}

#[cfg(test)]
mod tests;
