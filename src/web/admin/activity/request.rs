//! `/orgs/{slug}/apps/{client_id}/activity/{request_id}`

use axum::response::{IntoResponse as _, Response};

use crate::flows::traces::{Step, read, steps};
use crate::model::check::Check;
use crate::model::request_trace::Fault;
use crate::web::admin::activity::row;
use crate::web::admin::place::{Place, page_error};
use crate::web::admin::show::header;
use crate::web::pages::error::PageError;
use crate::web::views::apps::show::activity::request::{Fix, RequestPage, StepRow};
use crate::web::views::apps::show::header::Tab;

/// One request with every check.
pub(in crate::web::admin) async fn show(place: Place) -> Result<Response, PageError> {
    let id: String = place.id()?;
    let (record, trace) = read::find(&place.deps, &place.access, place.client_id(), &id).await.map_err(page_error)?;
    let fault = trace.fault();
    let page = RequestPage {
        layout: place.layout(),
        header: header(&place, &record).at(Tab::Activity),
        row: row(&trace),
        method: trace.method.map(|method| method.as_str().to_owned()).unwrap_or_default(),
        cause: fault.map(|fault| fault.cause.clone()).unwrap_or_default(),
        steps: steps(&trace).iter().map(|step| line(*step, fault)).collect(),
        fix: fault.and_then(|fault| fix(fault.check)),
    };
    Ok(page.into_response())
}

fn line(step: Step, fault: Option<&Fault>) -> StepRow {
    let contrast = fault.filter(|fault| fault.check == step.check).and_then(|fault| fault.contrast.clone());
    let (expected, came) = contrast.map(|both| (both.expected, both.came)).unwrap_or_default();
    StepRow { title: step.check.title().to_owned(), result: step.result.as_str(), expected, came }
}

/// The setting that a check reads, if one can be set right there.
const fn fix(check: Check) -> Option<Fix> {
    let (label, path) = match check {
        Check::RedirectUriRegistered | Check::RedirectUriSame | Check::RedirectUriSent => ("Redirect URIs", "settings#redirect_uris"),
        Check::ScopeAllowed | Check::ScopeShape | Check::Resource | Check::MayIntrospect | Check::MetaScopes => {
            ("Scopes", "settings#scopes")
        }
        Check::Pkce | Check::Verifier | Check::VerifierShape => ("Require PKCE", "settings#redirect_uris"),
        Check::RefreshEnabled | Check::HasRefreshToken => ("Refresh tokens", "settings#refresh_tokens"),
        Check::NotExpired | Check::Unused => ("Limits of tokens", "settings#refresh_tokens"),
        Check::PasswordAllowed => ("Settings", "settings"),
        Check::ClientEnabled | Check::PartiesStand => ("Enable it", "settings#danger"),
        Check::ProofFits
        | Check::Secret
        | Check::AssertionKey
        | Check::AssertionSignature
        | Check::AssertionAlgorithm
        | Check::CredentialInUse => ("Credentials", "credentials"),
        Check::WellFormed
        | Check::AuthorizationHeader
        | Check::OneMethod
        | Check::SameClient
        | Check::ClientNamed
        | Check::Parameters
        | Check::GrantKnown
        | Check::GrantAllowed
        | Check::CodeGenuine
        | Check::TokenGenuine
        | Check::ResponseType
        | Check::AssertionReadable
        | Check::AssertionAudience
        | Check::AssertionIssuer => ("How it is done", "quickstart"),
        _ => return None,
    };
    Some(Fix { label, path })
}
