//! The promises under trouble: our own trouble is 503 with `Retry-After` in the form the door speaks, never words that make
//! clients drop good credentials; and what was acknowledged stays true.

mod away;
mod broken;
mod killed;
mod lost_answers;
mod private_pg;
mod refused_writes;
mod scarce;
mod wire;

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::model::user::User;

use crate::kit::browser::Browser;
use crate::kit::grants::{access_token, refresh_token};
use crate::kit::http::{Answer, basic};
use crate::kit::world::{App, World};

/// What clients and people hold when trouble begins.
struct Holdings {
    user: User,
    web: App,
    robot: App,
    code: String,
    refresh: String,
    access: String,
    management: String,
    browser: Browser,
}

impl Holdings {
    async fn of(world: &World) -> Self {
        let user = world.person(Role::Owner).await;
        let web = world.app(ClientKind::Web).await;
        let robot = world
            .app_with(ClientKind::M2m, |client| {
                client.system = true;
                let scopes = ["apps:read", "apps:write", "introspect", "projects:read", "files:read"];
                client.profile.scopes = scopes.into_iter().map(str::to_owned).collect();
            })
            .await;
        let family = world.family(&web, &user).await;
        let mut browser = Browser::new(world);
        browser.sign_in(user.email.as_str()).await;
        Self {
            code: world.approved(&web, &user).await,
            refresh: refresh_token(&family),
            access: access_token(&family),
            management: world.machine_token(&robot, "apps:read apps:write").await,
            user,
            web,
            robot,
            browser,
        }
    }

    async fn introspect(&self, world: &World) -> Answer {
        world.post_as("/introspect", Some(&basic(&self.robot)), &[("token", &self.access)]).await
    }

    async fn revoke(&self, world: &World) -> Answer {
        world.post_as("/revoke", Some(&basic(&self.web)), &[("token", &self.refresh)]).await
    }

    async fn list_apps(&self, world: &World) -> Answer {
        world.api(Method::GET, "/api/v1/orgs/acme/apps", &self.management, None).await
    }
}

/// Our own trouble as an OAuth client reads it (RFC 6749 §5.2, decisions: "our own trouble").
#[track_caller]
fn expect_trouble(answer: Answer) -> Answer {
    let answer = answer.expect_error(503, "temporarily_unavailable");
    says_when_to_come_back(&answer);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("www-authenticate"), "", "nobody is asked for other credentials");
    answer
}

/// The same as a person reads it.
#[track_caller]
fn expect_trouble_page(answer: &Answer) {
    assert_eq!(answer.status.as_u16(), 503, "{}", answer.body);
    says_when_to_come_back(answer);
    assert!(answer.header("content-type").starts_with("text/html"), "{}", answer.header("content-type"));
    assert_eq!(answer.header("set-cookie"), "", "nobody is logged out");
}

/// The same as a caller of the management API reads it (RFC 9457).
#[track_caller]
fn expect_trouble_problem(answer: &Answer) {
    assert_eq!(answer.status.as_u16(), 503, "{}", answer.body);
    says_when_to_come_back(answer);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(answer.text("type").ends_with("unavailable"), "{}", answer.body);
}

#[track_caller]
fn says_when_to_come_back(answer: &Answer) {
    let seconds: u32 = answer.header("retry-after").parse().expect("Retry-After is a number of seconds");
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(!answer.header("x-request-id").is_empty());
}
