//! The state machine, row by row, and the two checks at every combination.

use rstest::rstest;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::model::client::{ClientKind, ClientRecord};
use crate::model::credential::{Credential, CredentialKind, LastUse};
use crate::model::ids::{CredentialId, MigrationId, TechnicalAccountId};
use crate::model::jwt_deadlines::JwtDeadlines;
use crate::model::migration::{ActsAs, Change, Direction, Migration, MigrationState, Obstacle, Proof, Shown};
use crate::model::public_key::{Jwk, KeyAlgorithm, PublicKey};
use crate::protocol::authorize::tests as fixtures;
use crate::protocol::migration::{
    check_is_running, check_may_add_key, check_may_change, check_may_complete, check_may_start, check_may_use, check_subject, checks,
    deprecation, subjects,
};
use crate::secret::Digest;
use crate::wire::GrantType;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-08-14 09:30 UTC);
const OLD: u128 = 1;
const NEW: u128 = 2;
/// How late other servers tell.
const LAG: Duration = Duration::seconds(5);

fn credential(id: u128, kind: CredentialKind, last_token: Option<OffsetDateTime>) -> Credential {
    Credential {
        id: CredentialId(Uuid::from_u128(id)),
        kind,
        note: String::new(),
        created_at: NOW,
        created_by: None,
        expires_at: None,
        technical_account: None,
        paired_key: None,
        last_use: last_token.map(|at| LastUse { at, grant_type: Some(GrantType::ClientCredentials), token_at: Some(at) }),
    }
}

pub(crate) fn key(id: u128, last_token: Option<OffsetDateTime>) -> Credential {
    let jwk = Jwk::Okp { crv: "Ed25519".into(), x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".into() };
    let key = PublicKey {
        algorithm: KeyAlgorithm::EdDsa,
        jwk,
        thumbprint: format!("{id:043}"),
        bits: 256,
        certificate: None,
        is_current: false,
        revoked_at: None,
    };
    credential(id, CredentialKind::Key(Box::new(key)), last_token)
}

pub(crate) fn secret(id: u128, last_token: Option<OffsetDateTime>) -> Credential {
    credential(id, CredentialKind::Secret { digest: Digest::new([7; 32]), hint: "abcd".into() }, last_token)
}

pub(crate) fn app(credentials: Vec<Credential>, migration: Option<Migration>) -> ClientRecord {
    ClientRecord { credentials, migration, ..fixtures::record(fixtures::client(ClientKind::M2m)) }
}

pub(crate) fn migration(direction: Direction, state: MigrationState) -> Migration {
    Migration {
        id: MigrationId(Uuid::from_u128(9)),
        direction,
        state,
        new_credential: CredentialId(Uuid::from_u128(NEW)),
        started_at: NOW - Duration::days(2),
        finished_at: (state == MigrationState::Completed).then_some(NOW),
        brown_out_until: None,
    }
}

/// A secret that came with the old key.
fn paired(id: u128, last_token: Option<OffsetDateTime>) -> Credential {
    Credential { paired_key: Some(CredentialId(Uuid::from_u128(OLD))), ..secret(id, last_token) }
}

/// Something of this kind.
fn some(proof: Proof) -> Credential {
    if proof == Proof::Key { key(7, None) } else { secret(7, None) }
}

fn running(direction: Direction) -> Migration {
    migration(direction, MigrationState::Running)
}

/// An app that migrates from a key to a secret, last tokens given as hours ago.
fn migrating(old: Option<i64>, new: Option<i64>) -> ClientRecord {
    let ago = |hours: Option<i64>| hours.map(|hours| NOW - Duration::hours(hours));
    app(vec![secret(NEW, ago(new)), key(OLD, ago(old))], Some(running(Direction::KeyToSecret)))
}

/// Hours since the last tokens, told by servers that tell at once.
#[rstest]
#[case::both_pass(Some(30), Some(1), (true, true))]
#[case::new_is_behind_and_old_is_quiet(Some(30), Some(40), (false, true))]
#[case::new_is_ahead_and_old_is_in_use(Some(2), Some(1), (true, false))]
#[case::neither(Some(1), Some(2), (false, false))]
#[case::old_never_used(None, Some(1), (true, true))]
#[case::new_never_used(Some(30), None, (false, true))]
#[case::new_never_used_and_old_in_use(Some(3), None, (false, false))]
#[case::neither_ever_used(None, None, (false, true))]
#[case::at_the_same_instant(Some(30), Some(30), (false, true))]
#[case::exactly_a_day(Some(24), Some(1), (true, true))]
fn r41_the_two_checks(#[case] old: Option<i64>, #[case] new: Option<i64>, #[case] expected: (bool, bool)) {
    let ago = |hours: Option<i64>| hours.map(|hours| NOW - Duration::hours(hours));
    let back = app(vec![key(NEW, ago(new)), secret(OLD, ago(old))], Some(running(Direction::SecretToKey)));
    for record in [migrating(old, new), back] {
        let found = checks(&record, record.migration.as_ref().expect("it runs"), Duration::ZERO, NOW);
        assert_eq!((found.new_is_ahead, found.old_is_quiet), expected);
        assert_eq!(found.pass(), expected == (true, true));
        assert_eq!((found.old_last_token_at, found.new_last_token_at), (ago(old), ago(new)));
        assert_eq!(check_may_complete(found, false).is_ok(), found.pass());
        assert_eq!(check_may_complete(found, true), Ok(()), "an override needs no passing check");
    }
}

#[rstest]
#[case::told_at_once(Duration::ZERO)]
#[case::told_late(LAG)]
fn r41_a_moment_less_than_a_day_is_too_short_even_if_it_was_at_another_server(#[case] lag: Duration) {
    let record = migrating(Some(24), Some(1));
    let own = record.migration.as_ref().expect("it runs");
    assert!(checks(&record, own, lag, NOW + lag).old_is_quiet);
    assert!(!checks(&record, own, lag, NOW + lag - Duration::microseconds(1)).old_is_quiet);
    assert_eq!(checks(&record, own, lag, NOW).quiet_from, Some(NOW + lag));
}

#[test]
fn r41_the_latest_of_several_old_keys_counts() {
    let mut record = migrating(Some(40), Some(2));
    record.credentials.push(key(3, Some(NOW - Duration::hours(1))));
    let found = checks(&record, record.migration.as_ref().expect("it runs"), LAG, NOW);
    assert_eq!((found.new_is_ahead, found.old_is_quiet), (false, false));
}

#[test]
fn r40_a_use_that_gave_no_token_does_not_count() {
    let mut record = migrating(Some(30), Some(1));
    let introspected = LastUse { at: NOW, grant_type: None, token_at: Some(NOW - Duration::hours(30)) };
    record.credentials[1].last_use = Some(introspected);
    let found = checks(&record, record.migration.as_ref().expect("it runs"), LAG, NOW);
    assert_eq!((found.pass(), found.old_last_token_at), (true, Some(NOW - Duration::hours(30))));
}

#[test]
fn r41_a_token_by_a_published_key_counts_as_one_of_the_old_ones() {
    let mut record = migrating(Some(40), Some(1));
    record.published_token_at = Some(NOW - Duration::hours(3));
    let own = record.migration.clone().expect("it runs");
    let found = |record: &ClientRecord| {
        let found = checks(record, &own, LAG, NOW);
        (found.old_last_token_at, found.new_is_ahead, found.old_is_quiet)
    };
    assert_eq!(found(&record).0, Some(NOW - Duration::hours(40)), "a set that is published no more is as gone as a deleted key");
    record.client.profile.jwks_uri = Some("https://app.example/jwks".into());
    assert_eq!(found(&record), (record.published_token_at, true, false));
    record.client.last_used_at = Some(NOW);
    assert_eq!(found(&record), (record.published_token_at, true, false), "the use of the new secret says nothing about it");
    record.published_token_at = Some(NOW - Duration::minutes(1));
    assert_eq!(found(&record), (record.published_token_at, false, false));
    record.published_token_at = None;
    assert_eq!(found(&record), (Some(NOW - Duration::hours(40)), true, true));
}

#[test]
fn r41_r42_a_secret_that_came_with_a_key_is_old_when_keys_are_and_no_other_secret_is() {
    let mut record = migrating(Some(40), Some(2));
    record.credentials.push(secret(3, Some(NOW)));
    let own = record.migration.clone().expect("it runs");
    let found = |record: &ClientRecord| checks(record, &own, LAG, NOW).pass();
    assert!(found(&record), "a secret of the app's own stays, so its use does not matter");
    record.credentials.push(paired(4, Some(NOW - Duration::hours(1))));
    assert!(!found(&record));

    let none = JwtDeadlines::default();
    let dated = JwtDeadlines { disabled: Some(NOW), ..JwtDeadlines::default() };
    let (file, apart) = (paired(4, None), secret(3, None));
    let [file, apart] = [&file, &apart].map(Shown::Credential);
    assert_eq!((deprecation(&record, file, &none), deprecation(&record, apart, &none)), (Some((own.started_at, None)), None));
    assert_eq!(check_may_use(&record, file, &dated, NOW), Ok(()), "r46: what ends then is keys");
    let brown = Migration { brown_out_until: Some(NOW + Duration::SECOND), ..own };
    record.migration = Some(brown);
    assert!(
        check_may_use(&record, file, &none, NOW).expect_err("refused").description.starts_with("Brown-out: this secret came with a key")
    );
    assert_eq!(check_may_use(&record, apart, &none, NOW), Ok(()));
    record.migration = Some(migration(Direction::KeyToSecret, MigrationState::Completed));
    assert!(check_may_use(&record, file, &none, NOW).expect_err("refused").description.contains("came with its keys"));
    assert_eq!(check_may_use(&record, apart, &none, NOW), Ok(()));
}

#[test]
fn r36_the_new_credential_acts_as_the_old_ones_or_as_the_one_of_them_that_was_named() {
    let account = |id| TechnicalAccountId(Uuid::from_u128(id));
    let of = |id: u128, own: Credential| Credential { technical_account: Some(account(id)), ..own };
    let to_secret = |record: &ClientRecord| subjects(record, Direction::KeyToSecret, NOW);
    let one = ActsAs::Account(account(1));
    let mut record = app(vec![of(1, key(3, None)), of(1, paired(4, None)), secret(5, None)], None);
    assert_eq!(to_secret(&record), [one]);
    assert_eq!(subjects(&record, Direction::SecretToKey, NOW), [one, ActsAs::App]);
    record.credentials.push(Credential { expires_at: Some(NOW), ..key(OLD, None) });
    assert_eq!(to_secret(&record), [one], "what works no more has no say");
    record.client.profile.jwks_uri = Some("https://app.example/jwks".into());
    assert_eq!(to_secret(&record), [one, ActsAs::App], "published keys act as the app");
    let expired = app(vec![Credential { expires_at: Some(NOW), ..of(2, key(OLD, None)) }], None);
    assert_eq!(to_secret(&expired), [ActsAs::Account(account(2))], "unless nothing works");

    let both = [one, ActsAs::App];
    assert_eq!((check_subject(&[one], None), check_subject(&[], None)), (Ok(Some(one)), Ok(Some(ActsAs::App))));
    assert_eq!(check_subject(&both, None), Err(Obstacle::SubjectsDiffer));
    assert_eq!(check_subject(&both, Some(ActsAs::App)), Ok(Some(ActsAs::App)));
    assert_eq!(check_subject(&both, Some(ActsAs::Account(account(2)))), Ok(None), "not one of theirs");
    assert_eq!(check_subject(&[one], Some(ActsAs::App)), Ok(None));
}

#[test]
fn r36_r43_a_migration_starts_once_and_from_what_is_there() {
    use Direction::{KeyToSecret, SecretToKey};
    let no_dates = JwtDeadlines::default();
    let start = |record: &ClientRecord, direction| check_may_start(record, direction, &no_dates, NOW);
    let fresh = app(vec![key(OLD, None)], None);
    assert_eq!(start(&fresh, KeyToSecret), Ok(()));
    assert_eq!(start(&fresh, SecretToKey), Err(Obstacle::NothingToMigrate(SecretToKey)));
    assert_eq!(start(&app(Vec::new(), None), KeyToSecret), Err(Obstacle::NothingToMigrate(KeyToSecret)));
    for direction in Direction::ALL {
        let both = vec![key(OLD, None), secret(NEW, None)];
        assert_eq!(start(&app(both.clone(), Some(running(direction))), direction), Err(Obstacle::Running(None)));
        let done = app(both, Some(migration(direction, MigrationState::Completed)));
        for again in Direction::ALL {
            assert_eq!(start(&done, again), Err(Obstacle::Completed(direction)), "r43: it cannot be started again");
        }
        assert_eq!(check_is_running(&done).err(), Some(Obstacle::Completed(direction)), "r43: nor cancelled");
    }
    assert_eq!(check_is_running(&fresh).err(), Some(Obstacle::NotRunning));
    let mut revoked = app(vec![key(OLD, None)], None);
    if let CredentialKind::Key(own) = &mut revoked.credentials[0].kind {
        own.revoked_at = Some(NOW);
    }
    assert_eq!(start(&revoked, KeyToSecret), Err(Obstacle::NothingToMigrate(KeyToSecret)));
}

#[rstest]
#[case(Direction::KeyToSecret, MigrationState::Running, [false, false, true])]
#[case(Direction::SecretToKey, MigrationState::Running, [false, false, false])]
#[case(Direction::KeyToSecret, MigrationState::Completed, [true, true, false])]
#[case(Direction::SecretToKey, MigrationState::Completed, [true, false, true])]
fn r38_r43_what_may_be_changed_beside_and_after(#[case] direction: Direction, #[case] state: MigrationState, #[case] expected: [bool; 3]) {
    let record = app(Vec::new(), Some(migration(direction, state)));
    let changes = [Change::Scopes, Change::Secrets, Change::Keys];
    assert_eq!(changes.map(|change| check_may_change(&record, change).is_ok()), expected);
    assert!(changes.into_iter().all(|change| check_may_change(&app(Vec::new(), None), change).is_ok()));
}

#[rstest]
#[case(Direction::KeyToSecret, Proof::Key, Proof::Secret)]
#[case(Direction::SecretToKey, Proof::Secret, Proof::Key)]
fn r37_r43_who_may_get_tokens(#[case] direction: Direction, #[case] old: Proof, #[case] new: Proof) {
    let no_dates = JwtDeadlines::default();
    let may = |own: Migration, proof| {
        check_may_use(&app(Vec::new(), Some(own)), Shown::Credential(&some(proof)), &no_dates, NOW).map_err(|refusal| refusal.description)
    };
    assert_eq!((may(running(direction), old), may(running(direction), new)), (Ok(()), Ok(())), "r37: both work");
    let done = migration(direction, MigrationState::Completed);
    assert!(may(done.clone(), old).expect_err("r43: the old kind is refused").contains("has migrated"));
    assert_eq!(may(done, new), Ok(()));
    let brown = |seconds| Migration { brown_out_until: Some(NOW + Duration::seconds(seconds)), ..running(direction) };
    assert!(may(brown(1), old).expect_err("refused on trial").starts_with("Brown-out:"));
    assert_eq!((may(brown(0), old), may(brown(1), new)), (Ok(()), Ok(())), "it ends by itself, and never touches the new one");
}

#[test]
fn r46_the_deadlines_close_one_door_after_the_other() {
    let at = |days| Some(NOW + Duration::days(days));
    let own = JwtDeadlines { announcement: String::new(), no_new_apps: at(10), no_renewal: at(20), disabled: at(30) };
    let (fresh, keyed) = (app(Vec::new(), None), app(vec![key(OLD, None)], None));
    let on = |day| {
        let now = NOW + Duration::days(day);
        let uses = check_may_use(&keyed, Shown::Credential(&keyed.credentials[0]), &own, now).is_ok()
            && check_may_use(&keyed, Shown::PublishedKey, &own, now).is_ok();
        [check_may_add_key(&fresh, &own, now).is_ok(), check_may_add_key(&keyed, &own, now).is_ok(), uses]
    };
    assert_eq!([on(9), on(10), on(20), on(30)], [[true, true, true], [false, true, true], [false, false, true], [false, false, false]]);
    assert!(check_may_use(&keyed, Shown::Credential(&secret(3, None)), &own, NOW + Duration::days(99)).is_ok());
    let to_key = app(vec![secret(OLD, None)], None);
    assert_eq!(check_may_start(&to_key, Direction::SecretToKey, &own, NOW + Duration::days(10)), Err(Obstacle::DeadlinePassed));
}

#[test]
fn r46_what_ends_is_announced_to_whoever_still_uses_it() {
    let none = JwtDeadlines::default();
    let dated = JwtDeadlines { no_new_apps: Some(NOW), disabled: Some(NOW + Duration::days(90)), ..none.clone() };
    let idle = app(Vec::new(), None);
    assert_eq!(deprecation(&idle, Shown::Credential(&some(Proof::Key)), &none), None);
    assert_eq!(deprecation(&idle, Shown::Credential(&some(Proof::Key)), &dated), Some((NOW, dated.disabled)));
    assert_eq!(deprecation(&idle, Shown::Credential(&some(Proof::Secret)), &dated), None);
    let own = running(Direction::KeyToSecret);
    let moving = app(Vec::new(), Some(own.clone()));
    assert_eq!(deprecation(&moving, Shown::Credential(&some(Proof::Key)), &none), Some((own.started_at, None)));
    assert_eq!(
        deprecation(&moving, Shown::Credential(&some(Proof::Key)), &dated),
        Some((own.started_at, dated.disabled)),
        "the earlier of both"
    );
    assert_eq!(deprecation(&moving, Shown::Credential(&some(Proof::Secret)), &dated), None);
    let back = app(Vec::new(), Some(running(Direction::SecretToKey)));
    assert_eq!(deprecation(&back, Shown::Credential(&some(Proof::Secret)), &dated), Some((own.started_at, None)));
}
