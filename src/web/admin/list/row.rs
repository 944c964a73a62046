//! A line of the list: the app in the words of views, with the marks that say why to look at it (R46, R54).

use time::OffsetDateTime;

use crate::flows::clients::list;
use crate::model::attention::{Attention, VERY_SOON};
use crate::model::client::{ClientKind, ClientRecord};
use crate::model::credential::Credential;
use crate::model::migration::Proof;
use crate::web::admin::place::Place;
use crate::web::admin::show::{kind, status};
use crate::web::views::apps::list::KeysEnd;
use crate::web::views::apps::row::{AppRow, Reason, Tone};
use crate::web::views::mark::AppMark;
use crate::web::views::text;

/// The line.
pub(super) fn row(place: &Place, record: &ClientRecord) -> AppRow {
    let client = &record.client;
    AppRow {
        mark: AppMark::of(record),
        kind: kind(client.kind),
        status: status(record),
        created_at: client.created_at,
        last_used_at: client.last_used_at,
        credentials: credentials(record, place.now),
        reasons: reasons(place, record),
        needs_attention: !list::attention(record, place.now).is_empty(),
        system: client.system,
    }
}

/// Why somebody should look at it, and the migration that runs.
pub(in crate::web::admin) fn reasons(place: &Place, record: &ClientRecord) -> Vec<Reason> {
    let needs = list::attention(record, place.now);
    needs.into_iter().map(|need| reason(place, record, need)).chain(migration(place, record)).collect()
}

/// What works now: `2 secrets, 1 key`.
fn credentials(record: &ClientRecord, now: OffsetDateTime) -> String {
    let live = |proof| {
        let own = record.credentials.iter().filter(|own| Proof::of(own) == proof && own.is_live(now)).count();
        u64::try_from(own).unwrap_or(u64::MAX)
    };
    let counted = [(Proof::Secret, "secret"), (Proof::Key, "key")].map(|(proof, noun)| (live(proof), noun));
    let mut parts: Vec<String> = counted.into_iter().filter(|(own, _)| *own > 0).map(|(own, noun)| text::count(own, noun)).collect();
    if record.client.profile.jwks_uri.is_some() {
        parts.push("key set".to_owned());
    }
    match (parts.is_empty(), record.client.kind) {
        (true, ClientKind::Spa) => "none needed".to_owned(),
        (true, _) => "none that works".to_owned(),
        (false, _) => parts.join(", "),
    }
}

fn reason(place: &Place, record: &ClientRecord, need: Attention) -> Reason {
    match need {
        Attention::KeyExpiresVerySoon | Attention::KeyExpiresSoon => ending(place, record, Proof::Key),
        Attention::SecretExpiresSoon => ending(place, record, Proof::Secret),
        Attention::JwtCredential => match place.deps.policy.jwt_deadlines.disabled {
            Some(end) if end <= place.now => {
                Reason::new(Tone::Danger, format!("JWT credential, refused since {}", text::day(&end)), "migration")
            }
            Some(end) => Reason::new(Tone::Warning, format!("JWT credential, refused from {}", text::day(&end)), "migration"),
            None => Reason::new(Tone::Info, "Has a JWT credential", "migration"),
        },
        Attention::Unused => match record.client.last_used_at {
            Some(at) => {
                let days = u64::try_from((place.now - at).whole_days()).unwrap_or_default();
                Reason::new(Tone::Info, format!("Unused for {}", text::count(days, "day")), "activity")
            }
            None => Reason::new(Tone::Info, "Never used", "activity"),
        },
    }
}

/// The credential that ends first.
fn ending(place: &Place, record: &ClientRecord, proof: Proof) -> Reason {
    let noun = if proof == Proof::Key { "Key" } else { "Secret" };
    let own = record.credentials.iter().filter(|own| Proof::of(own) == proof);
    let standing = own.filter(|own| own.key().is_none_or(|key| key.revoked_at.is_none()));
    let Some(end) = standing.filter_map(Credential::ends_at).min() else {
        return Reason::new(Tone::Warning, format!("{noun} expires soon"), "credentials");
    };
    let when = text::relative(place.now, end);
    let tone = if end - place.now <= VERY_SOON { Tone::Danger } else { Tone::Warning };
    let verb = if end <= place.now { "expired" } else { "expires" };
    Reason::new(tone, format!("{noun} {verb} {when}"), "credentials")
}

/// A migration that runs.
fn migration(place: &Place, record: &ClientRecord) -> Option<Reason> {
    let own = record.migration.as_ref().filter(|own| own.is_running())?;
    let text = match own.brown_out(place.now) {
        Some(until) => format!("Migration: old credentials refused until {}", text::exact(&until)),
        None => format!("Migration to a {} is running", own.direction.successor().as_str()),
    };
    Some(Reason::new(Tone::Info, text, "migration"))
}

/// The announced end of keys, where apps among `records` have some.
pub(super) fn keys_end(place: &Place, records: &[ClientRecord]) -> Option<KeysEnd> {
    let own = &place.deps.policy.jwt_deadlines;
    let has_keys = |record: &ClientRecord| list::attention(record, place.now).contains(&Attention::JwtCredential);
    if !own.are_set() || !records.iter().any(has_keys) {
        return None;
    }
    let dates = [
        (own.no_new_apps, "applications without a key get none"),
        (own.no_renewal, "applications get no further keys"),
        (own.disabled, "keys are refused"),
    ];
    let dates = dates.into_iter().filter_map(|(at, what)| Some((at?, what))).collect();
    Some(KeysEnd { announcement: own.announcement.clone(), dates })
}
