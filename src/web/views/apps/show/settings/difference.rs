//! Two versions of an application's settings beside each other, in words.

use crate::web::views::apps::fields::AppValues;
use crate::web::views::text;

/// A setting that two versions have in different ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What people call it.
    pub label: &'static str,
    /// One version: each line a value of its own.
    pub one: Vec<String>,
    /// The other one.
    pub other: Vec<String>,
}

/// Every setting in which the two differ, in the order of the form.
pub fn differences(one: &AppValues, other: &AppValues) -> Vec<Difference> {
    let pairs = told(one).into_iter().zip(told(other));
    pairs.filter(|((_, one), (_, other))| one != other).map(|((label, one), (_, other))| Difference { label, one, other }).collect()
}

/// Every setting in words.
fn told(values: &AppValues) -> Vec<(&'static str, Vec<String>)> {
    let line = |text: &str| vec![if text.trim().is_empty() { "empty".to_owned() } else { text.trim().to_owned() }];
    let list = |items: Vec<String>| if items.is_empty() { vec!["none".to_owned()] } else { items };
    let switch = |on: bool| vec![if on { "on" } else { "off" }.to_owned()];
    let uris = values.redirect_uris.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let mut scopes = values.scopes.clone();
    scopes.sort();
    vec![
        ("Name", line(&values.name)),
        ("Description", line(&values.description)),
        ("Redirect URIs", list(uris)),
        ("Also accept http://localhost", switch(values.allow_localhost)),
        ("Require PKCE", switch(values.require_pkce)),
        ("Scopes", list(scopes)),
        ("Access token lifetime", vec![span(&values.access_token_lifetime)]),
        ("Refresh tokens", vec![way(&values.refresh_tokens).to_owned()]),
        ("Rotate refresh tokens", switch(values.rotation)),
        ("Retry window", vec![span(&values.retry_window)]),
        ("Absolute limit", vec![span(&values.absolute_lifetime)]),
        ("Idle limit", vec![span(&values.idle_lifetime)]),
        ("Allow the password grant", switch(values.allow_password_grant)),
        ("Answer as Workfront does", switch(values.compat_workfront)),
        ("Accept the token endpoint as audience", switch(values.compat_token_endpoint_audience)),
        ("Milliseconds at /ims/exchange/jwt", switch(values.compat_exchange_milliseconds)),
        ("Page about the application", line(&values.description_url)),
        ("Privacy policy", line(&values.privacy_policy_url)),
        ("Terms of service", line(&values.terms_of_service_url)),
        ("Developer name", line(&values.developer_name)),
        ("Developer email", line(&values.developer_email)),
    ]
}

fn way(word: &str) -> &'static str {
    match word {
        "never" => "never",
        "offline_access" => "only when it asks for offline_access",
        _ => "always",
    }
}

fn span(seconds: &str) -> String {
    match seconds.trim().parse::<i64>() {
        Ok(0) => "none".to_owned(),
        Ok(seconds) => text::span(seconds),
        Err(_) => "no expiration".to_owned(),
    }
}
