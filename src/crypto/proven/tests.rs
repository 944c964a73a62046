//! A bounded memory of signatures.

use super::{Proven, SETS, SHARDS, WAYS};
use crate::crypto::token::digest;

#[test]
fn what_was_proven_is_known_and_nothing_else() {
    let proven = Proven::default();
    assert!(!proven.contains(&digest("a.b.c")));
    proven.insert(digest("a.b.c"));
    assert!(proven.contains(&digest("a.b.c")));
    assert!(!proven.contains(&digest("a.b.d")));
}

#[test]
fn it_keeps_the_newest_of_more_than_it_holds() {
    let proven = Proven::default();
    let tokens: Vec<_> = (0..4 * SHARDS * SETS * WAYS).map(|number| digest(&format!("token {number}"))).collect();
    for token in &tokens {
        proven.insert(*token);
        assert!(proven.contains(token), "the newest is always kept");
    }
    let kept = tokens.iter().filter(|token| proven.contains(token)).count();
    assert!((SHARDS * SETS * WAYS * 9 / 10..=SHARDS * SETS * WAYS).contains(&kept), "{kept}");
}
