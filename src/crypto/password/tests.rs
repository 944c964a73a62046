//! Hashes, their parameters, and how many run at a time.

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Waker};

use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};

use crate::crypto::password::{Busy, NOBODYS, Passwords, Verified, parse};
use crate::secret::Secret;

const MATCHES: Verified = Verified { matches: true, needs_rehash: false };
const NO: Verified = Verified { matches: false, needs_rehash: false };

fn cheap_hash(algorithm: Algorithm, memory: u32, passes: u32, password: &str) -> String {
    let params = Params::new(memory, passes, 1, None).expect("valid parameters");
    Argon2::new(algorithm, Version::V0x13, params).hash_password(password.as_bytes()).expect("hashes").to_string()
}

#[tokio::test]
async fn n6_a_password_matches_its_own_hash_only() {
    let passwords = Passwords::new(2, 8);
    let password = Secret::from("correct horse");
    let hash = passwords.hash(&password).await.expect("not busy");
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert_eq!(passwords.verify(&password, Some(&hash)).await, Ok(MATCHES));
    for wrong in ["", "correct hors", "correct horse ", "Correct horse", " correct horse"] {
        assert_eq!(passwords.verify(&Secret::from(wrong), Some(&hash)).await, Ok(NO), "{wrong:?}");
    }
    assert_ne!(passwords.hash(&password).await.expect("not busy"), hash, "each has its own salt");
}

#[tokio::test]
async fn n1_nothing_is_cut_off_and_nothing_normalized() {
    let passwords = Passwords::new(2, 8);
    let long = "x".repeat(1_000);
    let hash = passwords.hash(&Secret::new(format!("{long}a"))).await.expect("not busy");
    assert_eq!(passwords.verify(&Secret::new(format!("{long}a")), Some(&hash)).await, Ok(MATCHES));
    assert_eq!(passwords.verify(&Secret::new(format!("{long}b")), Some(&hash)).await, Ok(NO));
    let composed = passwords.hash(&Secret::from("caf\u{e9} noir")).await.expect("not busy");
    assert_eq!(passwords.verify(&Secret::from("cafe\u{301} noir"), Some(&composed)).await, Ok(NO));
}

#[tokio::test]
async fn n4_an_unknown_user_never_matches_at_the_same_cost() {
    let passwords = Passwords::new(2, 8);
    assert_eq!(passwords.verify(&Secret::from("nobody"), None).await, Ok(NO), "not even the dummy's own password");
    assert!(NOBODYS.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "the parameters decide the time");
    assert!(parse(NOBODYS).is_some(), "it is computed like any other");
}

#[tokio::test]
async fn n6_a_hash_with_other_parameters_matches_and_asks_to_be_renewed() {
    let passwords = Passwords::new(2, 8);
    for (memory, passes) in [(8_192, 2), (19_456, 1), (20_000, 2)] {
        let hash = cheap_hash(Algorithm::Argon2id, memory, passes, "correct horse");
        let verified = passwords.verify(&Secret::from("correct horse"), Some(&hash)).await;
        assert_eq!(verified, Ok(Verified { matches: true, needs_rehash: true }), "{hash}");
        assert_eq!(passwords.verify(&Secret::from("wrong"), Some(&hash)).await, Ok(NO), "a wrong password renews nothing");
    }
}

#[tokio::test]
async fn n6_a_foreign_or_absurdly_costly_hash_never_matches() {
    let passwords = Passwords::new(2, 8);
    let good = cheap_hash(Algorithm::Argon2id, 8_192, 1, "correct horse");
    let hashes = [
        cheap_hash(Algorithm::Argon2d, 8_192, 1, "correct horse"),
        cheap_hash(Algorithm::Argon2i, 8_192, 1, "correct horse"),
        good.replace("m=8192", "m=4194304"),
        good.replace("t=1", "t=4294967295"),
        good.replace("p=1", "p=255"),
        good[..good.len() - 1].to_owned(),
        good[..good.rfind('$').expect("a PHC string has dollars")].to_owned(),
        "correct horse".to_owned(),
        "$2b$12$KIXQ1s2ZQO1oQ1o1Q1o1QOKIXQ1s2ZQO1oQ1o1Q1o1QO".to_owned(),
        String::new(),
    ];
    for hash in hashes {
        assert_eq!(passwords.verify(&Secret::from("correct horse"), Some(&hash)).await, Ok(NO), "{hash}");
    }
}

#[tokio::test]
async fn n7_beyond_permits_and_queue_callers_are_told_to_come_back() {
    let passwords = Passwords::new(2, 3);
    let all = Arc::clone(&passwords.running).acquire_many_owned(2).await.expect("open");
    let password = Secret::from("correct horse");
    let mut context = Context::from_waker(Waker::noop());
    let mut waiting: Vec<_> = (0..5).map(|_| Box::pin(passwords.hash(&password))).collect();
    assert!(waiting.iter_mut().all(|caller| caller.as_mut().poll(&mut context).is_pending()));
    assert_eq!(pin!(passwords.hash(&password)).await, Err(Busy), "two places to run and three to wait are taken");
    assert_eq!(passwords.verify(&password, None).await, Err(Busy));

    // A caller that hangs up leaves its place to the next.
    waiting.pop();
    let mut next = Box::pin(passwords.hash(&password));
    assert!(next.as_mut().poll(&mut context).is_pending());
    drop(all);
    // First come, first served: the places go to those who asked first.
    waiting.push(next);
    for caller in waiting {
        assert!(caller.await.is_ok());
    }
    assert_eq!(passwords.present.load(Ordering::Acquire), 0);
    assert_eq!(passwords.running.available_permits(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn n7_no_more_than_the_permitted_number_run_at_once() {
    let passwords = Arc::new(Passwords::new(2, 100));
    let (now, most) = (Arc::new(std::sync::atomic::AtomicUsize::new(0)), Arc::new(std::sync::atomic::AtomicUsize::new(0)));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (passwords, now, most) = (Arc::clone(&passwords), Arc::clone(&now), Arc::clone(&most));
        callers.spawn(async move {
            let work = move || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let _ = cheap_hash(Algorithm::Argon2id, 1_024, 1, "correct horse");
                now.fetch_sub(1, Ordering::SeqCst);
            };
            passwords.run(work).await
        });
    }
    assert!(callers.join_all().await.into_iter().all(|done| done.is_ok()));
    assert!(most.load(Ordering::SeqCst) <= 2);
}
