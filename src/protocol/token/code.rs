//! Why an authorization code could not be redeemed.
//!
//! The guarded UPDATE of `db::authorizations::redeem` has said no (or was not tried). The checks, in order:
//!
//! | check | outcome |
//! |---|---|
//! | it belongs to another client | refuse; nothing ends (H3) |
//! | the authorization has ended | refuse |
//! | it was redeemed by this very request, whose answer from the database was lost | resume |
//! | it was redeemed before | end the family, refuse (H4, RFC 6749 §4.1.2) |
//! | app, org, user or membership not in force | refuse (H9) |
//! | it has expired | refuse (H2) |
//! | redirect URI differs, or is missing where no challenge stands in for it | end it, refuse (H6) |
//! | verifier wrong, missing, or sent without a challenge | end it, refuse (D4, D5, D7) |
//! | none of these | redeem: the facts changed meanwhile, try again |

use time::OffsetDateTime;

use crate::model::authorization::{Authorization, AuthorizationFacts, EndCause};
use crate::model::ids::ClientKey;
use crate::model::refusal::Refusal;
use crate::protocol::explain::redact::{self, instant};
use crate::protocol::token::{bad_standing, ended, invalid_grant};

/// A genuine code as an authenticated client presented it.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// By whom.
    pub client: ClientKey,
    /// `redirect_uri`, if sent.
    pub redirect_uri: Option<&'a str>,
    /// The S256 challenge of the verifier, if one was sent.
    pub challenge: Option<&'a str>,
    /// Whether the database's answer to an earlier attempt of this request was lost.
    pub repeated: bool,
    /// When.
    pub now: OffsetDateTime,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Every check passes: redeem it.
    Redeem,
    /// This request has redeemed it already: answer.
    Resume,
    /// End the family for this cause, commit, then refuse.
    End(EndCause, Refusal),
    /// Refuse and change nothing.
    Refuse(Refusal),
}

/// Names what `presented` deserves.
pub fn decide(facts: &AuthorizationFacts, presented: &Presented<'_>) -> Decision {
    let row = &facts.authorization;
    if row.client != presented.client {
        return Decision::Refuse(invalid_grant("the code belongs to another app").with("a code of this app", "a code of another app"));
    }
    if row.end.is_some() {
        return Decision::Refuse(ended(row));
    }
    if row.generation > 0 {
        let ours = presented.repeated && row.generation == 1 && row.redeemed_at == Some(presented.now);
        return if ours && facts.standing.is_good() {
            Decision::Resume
        } else {
            Decision::End(
                EndCause::CodeReplay,
                invalid_grant("the code was used before; its tokens are revoked").with("a code that is redeemed once", used(row)),
            )
        };
    }
    if let Some(cause) = bad_standing(facts.standing) {
        return Decision::Refuse(invalid_grant(cause));
    }
    if presented.now >= row.code_expires_at {
        let came = format!("it came at {}", instant(presented.now));
        return Decision::Refuse(
            invalid_grant("the code has expired").with(format!("redeemed before {}", instant(row.code_expires_at)), came),
        );
    }
    match mismatch(row.redirect_uri.as_deref(), row.code_challenge.as_deref(), presented) {
        Some(cause) => Decision::End(EndCause::CodeMismatch, compared(invalid_grant(cause), row, presented)),
        None => Decision::Redeem,
    }
}

/// How the request differs from what the code is bound to. Plain comparisons: nobody gains by timing a hash of their own input.
fn mismatch(redirect_uri: Option<&str>, challenge: Option<&str>, presented: &Presented<'_>) -> Option<&'static str> {
    match presented.redirect_uri {
        Some(sent) if redirect_uri != Some(sent) => return Some("redirect_uri differs from the one of the authorization request"),
        None if challenge.is_none() => return Some("redirect_uri is missing"),
        Some(_) | None => {}
    }
    match (challenge, presented.challenge) {
        (Some(_), None) => Some("code_verifier is missing"),
        (None, Some(_)) => Some("code_verifier was sent, yet the authorization request had no code_challenge"),
        (Some(bound), Some(sent)) if bound != sent => Some("code_verifier does not match the code_challenge"),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

/// When it was redeemed.
fn used(row: &Authorization) -> String {
    row.redeemed_at.map_or("a code that was redeemed".to_owned(), |at| format!("a code that was redeemed at {}", instant(at)))
}

/// Both sides of a mismatch; of challenges only the beginning, which is enough to tell them apart.
fn compared(refusal: Refusal, row: &Authorization, presented: &Presented<'_>) -> Refusal {
    let same_uri = presented.redirect_uri.is_none() || row.redirect_uri.as_deref() == presented.redirect_uri;
    if !same_uri || (presented.redirect_uri.is_none() && row.code_challenge.is_none()) {
        let shown = |uri: Option<&str>| uri.map_or("nothing".to_owned(), |uri| redact::uri_beside(uri, row.redirect_uri.as_deref()));
        return refusal.with(shown(row.redirect_uri.as_deref()), shown(presented.redirect_uri));
    }
    let begins = |challenge: &str| challenge.chars().take(6).collect::<String>();
    let bound = row.code_challenge.as_deref();
    let expected = bound.map_or("no code_verifier".to_owned(), |bound| format!("a code_verifier whose S256 hash begins {}", begins(bound)));
    let came = presented.challenge.map_or("no code_verifier".to_owned(), |sent| format!("one whose hash begins {}", begins(sent)));
    refusal.with(expected, came)
}

/// Whether a `code_verifier` has the shape of RFC 7636 §4.1; others are refused before hashing (D6).
pub fn check_verifier(verifier: &str) -> Result<(), Refusal> {
    let is_unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    if (43..=128).contains(&verifier.len()) && verifier.bytes().all(is_unreserved) {
        Ok(())
    } else {
        Err(invalid_grant("code_verifier is not 43 to 128 unreserved characters"))
    }
}
