//! The objects of the API, as they travel. Tests hold every answer against them.

use serde_json::{Map, Value};
use utoipa::ToSchema;

pub mod activity;
pub mod app;
pub mod credential;
pub mod key;
pub mod migration;
pub mod org;
pub mod people;

/// Every schema by its name.
pub fn all() -> Map<String, Value> {
    let mut schemas = Map::new();
    answered::<org::Org>(&mut schemas);
    answered::<app::App>(&mut schemas);
    answered::<app::AppList>(&mut schemas);
    sent::<app::NewApp>(&mut schemas);
    sent::<app::AppChange>(&mut schemas);
    answered::<credential::Credential>(&mut schemas);
    answered::<credential::SecretList>(&mut schemas);
    sent::<credential::SecretWish>(&mut schemas);
    answered::<activity::RequestList>(&mut schemas);
    answered::<activity::RequestWithChecks>(&mut schemas);
    sent::<activity::TokenWish>(&mut schemas);
    answered::<activity::TestToken>(&mut schemas);
    answered::<key::KeyList>(&mut schemas);
    sent::<key::KeyWish>(&mut schemas);
    sent::<key::ServiceCredentialsWish>(&mut schemas);
    answered::<key::ServiceCredentials>(&mut schemas);
    answered::<key::TechnicalAccountList>(&mut schemas);
    sent::<key::AssertionWish>(&mut schemas);
    answered::<key::AssertionReport>(&mut schemas);
    answered::<migration::Migration>(&mut schemas);
    sent::<migration::MigrationWish>(&mut schemas);
    sent::<migration::Completion>(&mut schemas);
    answered::<org::AuthorizationList>(&mut schemas);
    answered::<people::PersonList>(&mut schemas);
    sent::<people::PersonChange>(&mut schemas);
    sent::<people::InvitationWish>(&mut schemas);
    answered::<people::InvitationList>(&mut schemas);
    answered::<people::Trail>(&mut schemas);
    answered::<org::Problem>(&mut schemas);
    schemas
}

/// What is answered may grow.
fn answered<T: ToSchema>(schemas: &mut Map<String, Value>) {
    add::<T>(schemas, false);
}

/// What is sent is closed: a member that nobody knows is refused.
fn sent<T: ToSchema>(schemas: &mut Map<String, Value>) {
    add::<T>(schemas, true);
}

fn add<T: ToSchema>(schemas: &mut Map<String, Value>, closed: bool) {
    let mut found = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut found);
    for (name, schema) in found {
        let mut schema = serde_json::to_value(schema).unwrap_or_default();
        if closed && schema["type"] == "object" {
            schema["additionalProperties"] = Value::Bool(false);
        }
        schemas.entry(name).or_insert(schema);
    }
}
