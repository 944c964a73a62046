//! The fields of an app between the form, where everything is text, and the draft that flows check.

use crate::flows::Deps;
use crate::model::client::ClientKind;
use crate::model::client_draft::ClientDraft;
use crate::model::field_error::FieldError;
use crate::web::extract::fields::Fields;
use crate::web::views::apps::fields::{AppValues, ScopeChoice};
use crate::web::views::form;

/// What was typed.
pub(super) fn values(fields: &Fields) -> AppValues {
    let text = |name: &str| fields.text(name).to_owned();
    let is_on = |name: &str| fields.get(name).is_some();
    AppValues {
        name: text("name"),
        description: text("description"),
        redirect_uris: fields.all("redirect_uris").collect::<Vec<_>>().join("\n"),
        scopes: fields.all("scopes").map(str::to_owned).collect(),
        require_pkce: is_on("require_pkce"),
        allow_localhost: is_on("allow_localhost"),
        access_token_lifetime: text("access_token_lifetime"),
        refresh_tokens: text("refresh_tokens"),
        rotation: is_on("rotation"),
        retry_window: text("retry_window"),
        absolute_lifetime: text("absolute_lifetime"),
        idle_lifetime: text("idle_lifetime"),
        allow_password_grant: is_on("allow_password_grant"),
        compat_workfront: is_on("compat_workfront"),
        compat_token_endpoint_audience: is_on("compat_token_endpoint_audience"),
        compat_exchange_milliseconds: is_on("compat_exchange_milliseconds"),
        description_url: text("description_url"),
        privacy_policy_url: text("privacy_policy_url"),
        terms_of_service_url: text("terms_of_service_url"),
        developer_name: text("developer_name"),
        developer_email: text("developer_email"),
    }
}

/// Lays what was typed over `draft`; what the form does not show stays as it is. What is no number becomes one that the rules
/// refuse, at its own field.
pub(super) fn draft(values: &AppValues, kind: ClientKind, draft: ClientDraft) -> ClientDraft {
    let seconds = |text: &str| text.trim().parse::<i64>().unwrap_or(-1);
    let limit = |text: &str| (text != "none").then(|| seconds(text));
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
    let mut draft = ClientDraft {
        name: values.name.clone(),
        description: values.description.clone(),
        scopes: values.scopes.clone(),
        access_token_lifetime: seconds(&values.access_token_lifetime),
        ..draft
    };
    draft.links.description_url = given(&values.description_url);
    draft.links.privacy_policy_url = given(&values.privacy_policy_url);
    draft.links.terms_of_service_url = given(&values.terms_of_service_url);
    draft.links.developer_name = given(&values.developer_name);
    draft.links.developer_email = given(&values.developer_email);
    draft.compat.workfront = values.compat_workfront;
    if kind == ClientKind::M2m {
        draft.compat.exchange_milliseconds = values.compat_exchange_milliseconds;
    }
    if kind.is_confidential() {
        draft.compat.token_endpoint_audience = values.compat_token_endpoint_audience;
        draft.allow_password_grant = values.allow_password_grant;
    }
    if kind.has_users() {
        draft.redirect_uris = lines(&values.redirect_uris).map(|(_, line)| line.to_owned()).collect();
        draft.require_pkce = values.require_pkce;
        draft.allow_localhost = values.allow_localhost;
        draft.refresh_tokens.enabled = values.refresh_tokens != "never";
        draft.refresh_tokens.requires_offline_access = values.refresh_tokens == "offline_access";
        draft.refresh_tokens.rotation = values.rotation;
        draft.refresh_tokens.retry_window = seconds(&values.retry_window);
        draft.refresh_tokens.absolute_lifetime = limit(&values.absolute_lifetime);
        draft.refresh_tokens.idle_lifetime = limit(&values.idle_lifetime);
    }
    draft
}

/// What the fields of an app hold before anybody types.
pub(super) fn values_of(draft: &ClientDraft) -> AppValues {
    let limit = |seconds: Option<i64>| seconds.map_or("none".to_owned(), |seconds| seconds.to_string());
    let refresh = &draft.refresh_tokens;
    let way = match (refresh.enabled, refresh.requires_offline_access) {
        (false, _) => "never",
        (true, true) => "offline_access",
        (true, false) => "always",
    };
    AppValues {
        name: draft.name.clone(),
        description: draft.description.clone(),
        redirect_uris: draft.redirect_uris.join("\n"),
        scopes: draft.scopes.clone(),
        require_pkce: draft.require_pkce,
        allow_localhost: draft.allow_localhost,
        access_token_lifetime: draft.access_token_lifetime.to_string(),
        refresh_tokens: way.to_owned(),
        rotation: refresh.rotation,
        retry_window: refresh.retry_window.to_string(),
        absolute_lifetime: limit(refresh.absolute_lifetime),
        idle_lifetime: limit(refresh.idle_lifetime),
        allow_password_grant: draft.allow_password_grant,
        compat_workfront: draft.compat.workfront,
        compat_token_endpoint_audience: draft.compat.token_endpoint_audience,
        compat_exchange_milliseconds: draft.compat.exchange_milliseconds,
        description_url: draft.links.description_url.clone().unwrap_or_default(),
        privacy_policy_url: draft.links.privacy_policy_url.clone().unwrap_or_default(),
        terms_of_service_url: draft.links.terms_of_service_url.clone().unwrap_or_default(),
        developer_name: draft.links.developer_name.clone().unwrap_or_default(),
        developer_email: draft.links.developer_email.clone().unwrap_or_default(),
    }
}

/// The errors at the fields of the form.
pub(super) fn errors(errors: Vec<FieldError>, values: &AppValues) -> Vec<form::FieldError> {
    let numbers: Vec<usize> = lines(&values.redirect_uris).map(|(number, _)| number).collect();
    let at_field = |error: FieldError| {
        let (field, index) = match error.field.split_once('[') {
            Some((list, rest)) => (list, rest.trim_end_matches(']').parse::<usize>().ok()),
            None => (error.field.as_str(), None),
        };
        let field = match field {
            "refresh_tokens.enabled" => "refresh_tokens",
            other => other.strip_prefix("refresh_tokens.").or_else(|| other.strip_prefix("links.")).unwrap_or(other),
        };
        match index.filter(|_| field == "redirect_uris").and_then(|index| numbers.get(index)) {
            Some(row) => form::FieldError::new(format!("redirect_uri_{row}"), format!("Redirect URI {row}: {}", error.message)),
            None => form::FieldError::new(field, error.message),
        }
    };
    errors.into_iter().map(at_field).collect()
}

/// What a button of the form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// To go on with what was typed.
    Save,
    /// To see the form again, perhaps with a row more or less.
    Edit,
}

/// What the button named `step` asks for, done to `values`.
pub(super) fn step(fields: &Fields, values: &mut AppValues) -> Step {
    match fields.text("step") {
        "" => return Step::Save,
        "add-uri" => values.add_uri(),
        other => {
            if let Some(number) = other.strip_prefix("remove-uri-").and_then(|number| number.parse().ok()) {
                values.remove_uri(number);
            }
        }
    }
    Step::Edit
}

/// The redirect URIs that hold something, with the numbers of their rows. Blanks around one are the paste's, not the URI's.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty()).map(|(index, line)| (index + 1, line))
}

/// The scopes to choose from: those of the management API are for `m2m` only.
pub(super) fn scope_choices(deps: &Deps, kind: ClientKind) -> Vec<ScopeChoice> {
    let management = deps.policy.management_api();
    let apis = deps.policy.apis.iter().filter(|api| kind == ClientKind::M2m || api.identifier != management);
    apis.flat_map(|api| {
        api.scopes.iter().map(|scope| ScopeChoice {
            name: scope.name.clone(),
            title: scope.title.clone(),
            api: api.name.clone(),
            sensitive: scope.sensitive,
        })
    })
    .collect()
}
