//! Times and numbers as people say them.

use time::{Duration, macros::datetime};

use crate::web::views::text::{count, grouped, relative, span};

#[test]
fn relative_times_read_like_speech() {
    let now = datetime!(2026-08-14 09:30 UTC);
    let cases = [
        (Duration::seconds(3), "just now"),
        (Duration::seconds(-3), "in a moment"),
        (Duration::seconds(60), "1 minute ago"),
        (Duration::minutes(59), "59 minutes ago"),
        (Duration::minutes(60), "1 hour ago"),
        (Duration::hours(23), "23 hours ago"),
        (Duration::hours(24), "1 day ago"),
        (Duration::days(-29), "in 29 days"),
        (Duration::days(90), "16 May 2026"),
    ];
    for (distance, words) in cases {
        assert_eq!(relative(now, now - distance), words);
    }
}

#[test]
fn numbers_are_grouped_and_nouns_agree() {
    assert_eq!(grouped(999), "999");
    assert_eq!(grouped(1_204_000), "1,204,000");
    assert_eq!(count(1, "user"), "1 user");
    assert_eq!(count(0, "user"), "0 users");
}

#[test]
fn spans_take_the_largest_even_unit() {
    assert_eq!(span(2_592_000), "30 days");
    assert_eq!(span(3_600), "1 hour");
    assert_eq!(span(5_400), "90 minutes");
    assert_eq!(span(45), "45 seconds");
}
