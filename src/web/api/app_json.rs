//! An app in the words of the management API, both ways.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::flows::clients::list::attention;
use crate::model::client::{ClientRecord, Links};
use crate::model::client_draft::{ClientDraft, RefreshDraft};
use crate::model::credential::{Credential, CredentialKind};
use crate::model::field_error::FieldError;
use crate::web::api::members::{Members, Sent};
use crate::web::paths;

/// Members of an app that nobody can choose.
const READ_ONLY: [&str; 15] = [
    "client_id",
    "kind",
    "logo_url",
    "verified_at",
    "verification_lapsed_at",
    "created_at",
    "updated_at",
    "last_used_at",
    "credentials",
    "status",
    "attention",
    "system",
    "version",
    "deleted_at",
    "org",
];

/// An instant as RFC 3339 in UTC.
pub(super) fn instant(at: OffsetDateTime) -> Value {
    at.format(&Rfc3339).map_or(Value::Null, Value::String)
}

/// An instant or `null`.
pub(super) fn instant_or_null(at: Option<OffsetDateTime>) -> Value {
    at.map_or(Value::Null, instant)
}

/// An app with all that may be known about it, never a secret.
pub(super) fn app(record: &ClientRecord, issuer: &str, now: OffsetDateTime) -> Value {
    let client = &record.client;
    let profile = &client.profile;
    json!({
        "client_id": client.client_id,
        "kind": client.kind,
        "name": profile.name,
        "description": profile.description,
        "redirect_uris": profile.redirect_uris,
        "scopes": profile.scopes,
        "require_pkce": profile.require_pkce,
        "access_token_lifetime": profile.access_token_lifetime,
        "refresh_tokens": profile.refresh_tokens,
        "allow_password_grant": profile.allow_password_grant,
        "allow_localhost": profile.allow_localhost,
        "jwks_uri": profile.jwks_uri,
        "compat": profile.compat,
        "links": profile.links,
        "logo_url": client.logo.as_deref().map(|digest| format!("{issuer}{}", paths::logo(digest))),
        "verified_at": instant_or_null(client.verification.verified_at()),
        "verification_lapsed_at": instant_or_null(client.verification.lapsed_at()),
        "created_at": instant(client.created_at),
        "updated_at": instant(client.updated_at),
        "last_used_at": instant_or_null(client.last_used_at),
        "credentials": record.credentials.iter().map(|own| credential(own, now)).collect::<Vec<_>>(),
        "status": client.status(),
        "attention": attention(record, now),
        "system": client.system,
        "version": client.version,
    })
}

/// A credential's dates and note, never its value (R28, R51).
pub(super) fn credential(credential: &Credential, now: OffsetDateTime) -> Value {
    let last_use = credential.last_use;
    let mut shown = json!({
        "id": credential.id,
        "note": credential.note,
        "created_at": instant(credential.created_at),
        "created_by": credential.created_by,
        "expires_at": instant_or_null(credential.expires_at),
        "last_used_at": instant_or_null(last_use.map(|last| last.at)),
        "last_used_grant_type": last_use.and_then(|last| last.grant_type),
        "expiry_warning": credential.expiry_warning(now),
        "technical_account": credential.technical_account,
        "status": status(credential, now),
    });
    match &credential.kind {
        CredentialKind::Secret { hint, .. } => {
            shown["kind"] = json!("secret");
            shown["hint"] = json!(hint);
        }
        CredentialKind::Key(key) => {
            shown["kind"] = json!("key");
            shown["algorithm"] = json!(key.algorithm);
            shown["thumbprint"] = json!(key.thumbprint);
            shown["bits"] = json!(key.bits);
            shown["jwk"] = json!(key.jwk);
            shown["current"] = json!(key.is_current);
            shown["revoked_at"] = instant_or_null(key.revoked_at);
            shown["certificate"] = key.certificate.as_ref().map_or(Value::Null, |own| {
                json!({
                    "subject": own.subject,
                    "not_before": instant(own.not_before),
                    "not_after": instant(own.not_after),
                    "sha256": own.sha256,
                })
            });
        }
    }
    shown
}

fn status(credential: &Credential, now: OffsetDateTime) -> &'static str {
    let key = credential.key();
    if key.is_some_and(|key| key.revoked_at.is_some()) {
        "revoked"
    } else if key.and_then(|key| key.certificate.as_ref()).is_some_and(|own| now < own.not_before) {
        "not_yet_valid"
    } else if credential.is_live(now) {
        "active"
    } else {
        "expired"
    }
}

/// The `ETag` of an app.
pub(super) fn etag(record: &ClientRecord) -> String {
    format!("\"v{}\"", record.client.version)
}

/// Lays what was sent over `draft`, as RFC 7396 merges: what is absent stays, `null` goes back to `defaults`.
pub(super) fn merge(mut draft: ClientDraft, defaults: ClientDraft, sent: Map<String, Value>) -> Result<ClientDraft, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut members = Members::new(sent, "", &mut errors);
    members.take("name", &mut draft.name, defaults.name);
    members.take("description", &mut draft.description, defaults.description);
    members.take("redirect_uris", &mut draft.redirect_uris, defaults.redirect_uris);
    members.take("scopes", &mut draft.scopes, defaults.scopes);
    members.take("require_pkce", &mut draft.require_pkce, defaults.require_pkce);
    members.take("allow_localhost", &mut draft.allow_localhost, defaults.allow_localhost);
    members.take("access_token_lifetime", &mut draft.access_token_lifetime, defaults.access_token_lifetime);
    members.take("jwks_uri", &mut draft.jwks_uri, defaults.jwks_uri);
    members.take("allow_password_grant", &mut draft.allow_password_grant, defaults.allow_password_grant);
    match members.object("refresh_tokens") {
        Sent::Object(object) => merge_refresh(&mut draft.refresh_tokens, defaults.refresh_tokens, object, members.errors()),
        Sent::Null => draft.refresh_tokens = defaults.refresh_tokens,
        Sent::Nothing => {}
    }
    match members.object("compat") {
        Sent::Object(object) => {
            let mut compat = Members::new(object, "compat.", members.errors());
            compat.take("workfront", &mut draft.compat.workfront, defaults.compat.workfront);
            let (ours, theirs) = (&mut draft.compat, defaults.compat);
            compat.take("token_endpoint_audience", &mut ours.token_endpoint_audience, theirs.token_endpoint_audience);
            compat.take("exchange_milliseconds", &mut ours.exchange_milliseconds, theirs.exchange_milliseconds);
            compat.finish(&[]);
        }
        Sent::Null => draft.compat = defaults.compat,
        Sent::Nothing => {}
    }
    match members.object("links") {
        Sent::Object(object) => merge_links(&mut draft.links, object, members.errors()),
        Sent::Null => draft.links = Links::default(),
        Sent::Nothing => {}
    }
    members.finish(&READ_ONLY);
    if errors.is_empty() { Ok(draft) } else { Err(errors) }
}

fn merge_refresh(draft: &mut RefreshDraft, defaults: RefreshDraft, sent: Map<String, Value>, errors: &mut Vec<FieldError>) {
    let mut members = Members::new(sent, "refresh_tokens.", errors);
    members.take("enabled", &mut draft.enabled, defaults.enabled);
    members.take("requires_offline_access", &mut draft.requires_offline_access, defaults.requires_offline_access);
    members.take("rotation", &mut draft.rotation, defaults.rotation);
    members.take("retry_window", &mut draft.retry_window, defaults.retry_window);
    members.take("absolute_lifetime", &mut draft.absolute_lifetime, None);
    members.take("idle_lifetime", &mut draft.idle_lifetime, None);
    members.finish(&[]);
}

fn merge_links(links: &mut Links, sent: Map<String, Value>, errors: &mut Vec<FieldError>) {
    let mut members = Members::new(sent, "links.", errors);
    members.take("description_url", &mut links.description_url, None);
    members.take("privacy_policy_url", &mut links.privacy_policy_url, None);
    members.take("terms_of_service_url", &mut links.terms_of_service_url, None);
    members.take("developer_name", &mut links.developer_name, None);
    members.take("developer_email", &mut links.developer_email, None);
    members.finish(&[]);
}
