//! `client_jwks`: what apps publish at their `jwks_uri`, as one server fetched it for all.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::model::public_key::{FetchedJwks, FetchedKey, Jwk, KeyAlgorithm, PublicKey};

/// A set as `db::clients` aggregates it into JSON.
#[derive(Deserialize)]
pub(crate) struct JsonSet {
    keys: Vec<JsonKey>,
    #[serde(with = "time::serde::rfc3339::option")]
    fetched_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    attempted_at: Option<OffsetDateTime>,
    problem: Option<String>,
}

/// One key as it stands in the column `keys`: already parsed and checked when it was written.
#[derive(Serialize, Deserialize)]
struct JsonKey {
    kid: Option<String>,
    alg: KeyAlgorithm,
    jwk: Jwk,
    thumbprint: String,
    bits: u16,
}

impl From<JsonSet> for FetchedJwks {
    fn from(set: JsonSet) -> Self {
        let keys = set.keys.into_iter().map(|row| FetchedKey {
            kid: row.kid,
            key: PublicKey {
                algorithm: row.alg,
                jwk: row.jwk,
                thumbprint: row.thumbprint,
                bits: row.bits,
                certificate: None,
                is_current: false,
                revoked_at: None,
            },
        });
        Self { keys: keys.collect(), fetched_at: set.fetched_at, attempted_at: set.attempted_at, problem: set.problem }
    }
}
