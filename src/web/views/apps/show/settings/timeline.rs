//! How long a person stays connected, drawn: what the limits of an application mean for somebody who signs in today.

use time::{Duration, OffsetDateTime};

use crate::web::views::apps::fields::AppValues;
use crate::web::views::apps::kind::AppKind;
use crate::web::views::text;

/// The limits as a sentence and as bars over one span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// The one sentence.
    pub sentence: String,
    /// The bars, the longest first.
    pub bars: Vec<Bar>,
    /// Where the bars end on the right: a day, or nothing when they go on.
    pub ends: Option<String>,
    /// What happens with each refresh token.
    pub refresh: Option<String>,
}

/// One course that things can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Which.
    pub label: &'static str,
    /// When it ends, in words.
    pub ends: String,
    /// Its length as a share of the whole, `16.7%`.
    pub width: String,
    /// Whether it goes on beyond the drawing.
    pub goes_on: bool,
    /// Where the application is used, as shares of the whole.
    pub uses: Vec<String>,
}

/// As many uses are drawn at most.
const MOST_USES: i64 = 12;

impl Timeline {
    /// Draws what `values` mean for somebody who signs in at `now`; nothing for an application without people, or when the numbers
    /// cannot be read.
    pub fn draw(now: OffsetDateTime, values: &AppValues, kind: AppKind) -> Option<Self> {
        if !kind.has_people() {
            return None;
        }
        let access: i64 = seconds(&values.access_token_lifetime)?;
        if values.refresh_tokens == "never" {
            return Some(Self::without_refresh(now, access));
        }
        let absolute = limit(&values.absolute_lifetime)?;
        let idle = limit(&values.idle_lifetime)?.filter(|idle| absolute.is_none_or(|absolute| *idle < absolute));
        let whole = absolute.or(idle.map(|idle| idle.saturating_mul(3)));
        let mut bars = vec![Bar {
            label: "Used regularly",
            ends: absolute.map_or_else(|| "goes on".to_owned(), |absolute| day(now, absolute)),
            width: "100%".to_owned(),
            goes_on: absolute.is_none(),
            uses: uses(idle, whole),
        }];
        if let (Some(idle), Some(whole)) = (idle, whole) {
            bars.push(Bar {
                label: "Never used again",
                ends: day(now, idle),
                width: share(idle, whole),
                goes_on: false,
                uses: vec!["0%".to_owned()],
            });
        }
        let asked = if values.refresh_tokens == "offline_access" { "If the application asks for offline_access, a user" } else { "A user" };
        Some(Self {
            sentence: format!("{asked} who signs in today stays connected {}", lasting(now, absolute, idle)),
            bars,
            ends: absolute.map(|absolute| day(now, absolute)),
            refresh: Some(refresh(values, kind, access)?),
        })
    }

    fn without_refresh(now: OffsetDateTime, access: i64) -> Self {
        let bar = Bar {
            label: "One access token",
            ends: day(now, access),
            width: "100%".to_owned(),
            goes_on: false,
            uses: vec!["0%".to_owned()],
        };
        Self {
            sentence: format!(
                "A user who signs in today is connected for {}; then the application sends them here again.",
                text::span(access)
            ),
            bars: vec![bar],
            ends: Some(day(now, access)),
            refresh: None,
        }
    }
}

fn lasting(now: OffsetDateTime, absolute: Option<i64>, idle: Option<i64>) -> String {
    match (absolute, idle) {
        (Some(absolute), Some(idle)) => {
            format!("until {}, or until {} after the last use, whichever comes first.", day(now, absolute), text::span(idle))
        }
        (Some(absolute), None) => format!("until {}, used or not.", day(now, absolute)),
        (None, Some(idle)) => format!("until {} after the last use; each use begins the count anew.", text::span(idle)),
        (None, None) => "until somebody ends it.".to_owned(),
    }
}

fn refresh(values: &AppValues, kind: AppKind, access: i64) -> Option<String> {
    let retry: i64 = seconds(&values.retry_window)?;
    let each = text::span(access);
    let often = format!("It gets a new access token at least every {}", each.strip_prefix("1 ").unwrap_or(&each));
    Some(match (values.rotation || kind.is_spa(), retry) {
        (false, _) => format!("{often}, with the same refresh token each time."),
        (true, 0) => format!("{often}. Each refresh token works once, and if its answer is lost on the way the connection ends."),
        (true, retry) => {
            format!(
                "{often}. Each refresh token works once; if its answer is lost on the way, it can be asked for again for {}.",
                text::span(retry)
            )
        }
    })
}

/// Uses along a bar, closer than the idle limit.
fn uses(idle: Option<i64>, whole: Option<i64>) -> Vec<String> {
    let Some(whole) = whole else { return (0..MOST_USES).map(|place| share(place, MOST_USES)).collect() };
    let apart = idle.map_or(whole / 8, |idle| idle * 2 / 3).max(whole / MOST_USES).max(1);
    (0..MOST_USES).map(|place| place * apart).take_while(|at| *at < whole).map(|at| share(at, whole)).collect()
}

/// `16.7%`, so that the shortest can still be seen.
fn share(part: i64, whole: i64) -> String {
    let tenths = part.saturating_mul(1000) / whole.max(1);
    let tenths = if part > 0 { tenths.clamp(8, 1000) } else { 0 };
    format!("{}.{}%", tenths / 10, tenths % 10)
}

fn day(now: OffsetDateTime, after: i64) -> String {
    let at = now.checked_add(Duration::seconds(after)).unwrap_or(now);
    if after < 2 * 86_400 { text::exact(&at) } else { text::day(&at) }
}

fn seconds(text: &str) -> Option<i64> {
    text.trim().parse().ok().filter(|seconds| *seconds >= 0)
}

/// A limit: seconds, or none.
#[expect(clippy::option_option, reason = "outside: can it be read; inside: is there one")]
fn limit(text: &str) -> Option<Option<i64>> {
    if text == "none" { Some(None) } else { seconds(text).filter(|seconds| *seconds > 0).map(Some) }
}

#[cfg(test)]
mod tests;
