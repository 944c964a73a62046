//! The inspector: what an app's last requests came to, told to its owner and to nobody else, and never a secret in it.

mod causes;
mod explained;
mod secrecy;
mod test_token;
mod try_out;
mod two_servers;

use axum::http::Method;
use grantor::model::client::{Client, ClientKind};
use serde_json::Value;

use crate::kit::http::Answer;
use crate::kit::world::{App, World};

/// An app of the org that may read apps, and its token.
async fn reader(world: &World, scopes: &str) -> String {
    let manager = world.app_with(ClientKind::M2m, |client| manage(client, scopes)).await;
    world.machine_token(&manager, scopes).await
}

fn manage(client: &mut Client, scopes: &str) {
    client.system = true;
    client.profile.scopes = scopes.split(' ').map(str::to_owned).collect();
}

async fn activity(world: &World, token: &str, app: &App) -> Vec<Value> {
    let path = format!("/api/v1/orgs/acme/apps/{}/activity?limit=100", app.client_id);
    let answer = world.api(Method::GET, &path, token, None).await.expect(200).json();
    answer["requests"].as_array().expect("a list").clone()
}

async fn request(world: &World, token: &str, app: &App, id: &str) -> Answer {
    world.api(Method::GET, &format!("/api/v1/orgs/acme/apps/{}/requests/{id}", app.client_id), token, None).await
}

/// The explanation of the request that `answer` answered.
async fn explain(world: &World, token: &str, app: &App, answer: &Answer) -> Value {
    request(world, token, app, answer.header("x-request-id")).await.expect(200).json()
}

/// The failed check with what was expected and what came.
fn failed(explained: &Value) -> (String, String, String) {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let check = explained["checks"].as_array().and_then(|checks| checks.iter().find(|check| check["result"] == "failed"));
    let check = check.unwrap_or_else(|| panic!("no failed check in {explained}"));
    (word(&check["check"]), word(&check["expected"]), word(&check["came"]))
}
