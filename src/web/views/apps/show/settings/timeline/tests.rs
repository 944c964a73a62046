//! What the limits mean, in words and in lengths.

use time::macros::datetime;

use crate::web::views::apps::fields::AppValues;
use crate::web::views::apps::kind::AppKind;
use crate::web::views::apps::show::settings::timeline::Timeline;

fn drawn(absolute: &str, idle: &str) -> Timeline {
    let values = AppValues { absolute_lifetime: absolute.into(), idle_lifetime: idle.into(), ..AppValues::defaults(3_600) };
    Timeline::draw(datetime!(2026-08-14 09:30 UTC), &values, AppKind::Web).expect("a web app has a timeline")
}

#[test]
fn both_limits_are_told_with_the_day_and_the_span() {
    let line = drawn("15552000", "2592000");
    assert_eq!(
        line.sentence,
        "A user who signs in today stays connected until 10 Feb 2027, or until 30 days after the last use, whichever comes first."
    );
    let bars: Vec<_> = line.bars.iter().map(|bar| (bar.label, bar.ends.as_str(), bar.width.as_str(), bar.goes_on)).collect();
    assert_eq!(bars, [("Used regularly", "10 Feb 2027", "100%", false), ("Never used again", "13 Sep 2026", "16.6%", false)]);
    assert!(line.refresh.expect("words").contains("at least every hour. Each refresh token works once; if its answer is lost"));
}

#[test]
fn one_limit_or_none_changes_the_sentence_and_the_bars() {
    assert!(drawn("3600", "none").sentence.ends_with("until 14 Aug 2026, 10:30 UTC, used or not."));
    assert_eq!(drawn("2592000", "2592000").bars.len(), 1, "an idle limit that is not shorter has no effect");
    let idle = drawn("none", "86400");
    assert!(idle.sentence.ends_with("until 1 day after the last use; each use begins the count anew."));
    assert!(idle.bars[0].goes_on && idle.ends.is_none() && idle.bars[1].width == "33.3%");
    assert!(drawn("none", "none").sentence.ends_with("stays connected until somebody ends it."));
    assert_eq!(drawn("31536000", "3600").bars[1].width, "0.8%", "the shortest can still be seen");
}

#[test]
fn without_refresh_tokens_the_access_token_is_all_there_is() {
    let values = AppValues { refresh_tokens: "never".into(), ..AppValues::defaults(3_600) };
    let line = Timeline::draw(datetime!(2026-08-14 09:30 UTC), &values, AppKind::Web).expect("a timeline");
    assert!(line.sentence.starts_with("A user who signs in today is connected for 1 hour; then"), "{}", line.sentence);
    assert_eq!(Timeline::draw(datetime!(2026-08-14 09:30 UTC), &values, AppKind::M2m), None);
}

#[test]
fn numbers_that_cannot_be_read_draw_nothing() {
    for text in ["", "soon", "-1", "0"] {
        let values = AppValues { absolute_lifetime: text.into(), ..AppValues::defaults(3_600) };
        assert_eq!(Timeline::draw(datetime!(2026-08-14 09:30 UTC), &values, AppKind::Web), None, "{text}");
    }
}
