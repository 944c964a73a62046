//! What may be believed, and what must not be kept.

use time::{Duration, OffsetDateTime};

use crate::flows::cache::recent::{Hearing, Recent};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

#[test]
fn what_was_read_before_a_change_is_not_stored_after_it() {
    let memory: Recent<String, u32> = Recent::new(10);
    let before = memory.epoch();
    memory.forget("other");
    memory.put(before, "app".to_owned(), 1, NOW);
    assert_eq!(memory.get("app", |_| true), None);
    let before = memory.epoch();
    memory.clear();
    memory.put(before, "app".to_owned(), 1, NOW);
    assert_eq!(memory.get("app", |_| true), None);
    memory.put(memory.epoch(), "app".to_owned(), 2, NOW);
    assert_eq!(memory.get("app", |_| true), Some(2));
}

#[test]
fn without_news_an_entry_is_believed_for_one_second() {
    let hearing = Hearing::default();
    assert!(hearing.is_fresh(NOW, NOW));
    assert!(hearing.is_fresh(NOW, NOW + Duration::SECOND));
    assert!(!hearing.is_fresh(NOW, NOW + Duration::SECOND + Duration::MICROSECOND));
    assert!(!hearing.is_fresh(NOW, NOW - Duration::SECOND), "the clock was set back");
}

#[test]
fn with_news_up_to_a_second_ago_an_old_entry_is_believed() {
    let hearing = Hearing::default();
    let later = NOW + Duration::HOUR;
    hearing.proven_at(later);
    assert!(hearing.is_fresh(NOW, later + Duration::SECOND));
    assert!(!hearing.is_fresh(NOW, later + Duration::seconds(2)));
}

#[test]
fn a_full_memory_keeps_what_is_used() {
    let memory: Recent<u32, u32> = Recent::new(4);
    for key in 0..4 {
        memory.put(memory.epoch(), key, key, NOW);
    }
    assert_eq!(memory.get(&1, |_| true), Some(1));
    memory.put(memory.epoch(), 9, 9, NOW);
    assert_eq!(memory.get(&1, |_| true), Some(1));
    assert_eq!(memory.get(&9, |_| true), Some(9));
    assert_eq!(memory.get(&0, |_| true), None);
}
