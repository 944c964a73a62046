//! "Why was I signed out?": the one true cause of each end, for the person alone.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::kit::browser::Browser;
use crate::kit::grants::refresh_token;
use crate::kit::http::basic;
use crate::kit::world::World;

/// The text of the page with the connected apps.
async fn told(world: &World, email: &str) -> String {
    let mut browser = Browser::new(world);
    browser.sign_in(email).await;
    let page = browser.open("/account/apps").await.answer.expect(200).body;
    let part = page.split("Why was I signed out?").nth(1).map(|rest| rest.split("</ul>").next().unwrap_or_default().to_owned());
    part.unwrap_or_default()
}

#[tokio::test]
async fn each_end_is_told_with_its_one_true_cause() {
    let world = World::new().await;
    let (app, user) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let email = user.email.as_str();
    assert_eq!(told(&world, email).await, "", "nothing has ended");

    let family = refresh_token(&world.family(&app, &user).await);
    world.post_as("/revoke", Some(&basic(&app)), &[("token", &family)]).await.expect(200);
    assert!(told(&world, email).await.contains("The app itself signed you out."));

    let first = refresh_token(&world.family(&app, &user).await);
    let second = refresh_token(&world.refresh(&app, &first).await.expect(200).json());
    world.refresh(&app, &second).await.expect(200);
    world.pass(Duration::minutes(5));
    world.refresh(&app, &first).await.expect_error(400, "invalid_grant");
    let page = told(&world, email).await;
    assert!(page.contains("came a second time") && page.contains("Security"), "{page}");

    let scopes = "apps:read tokens:revoke";
    let manager = world.app_with(ClientKind::M2m, |client| client.profile.scopes = scopes.split(' ').map(str::to_owned).collect()).await;
    let manager = world.machine_token(&manager, scopes).await;
    world.family(&app, &user).await;
    let path = format!("/api/v1/orgs/acme/apps/{}/authorizations", app.client_id);
    let listed = world.api(Method::GET, &path, &manager, None).await.expect(200).json();
    let id = listed["authorizations"][0]["id"].as_str().expect("an id").to_owned();
    world.api(Method::DELETE, &format!("{path}/{id}"), &manager, None).await.expect(204);
    assert!(told(&world, email).await.contains("An admin of"));

    world.family(&app, &user).await;
    let mut browser = Browser::new(&world);
    browser.sign_in(email).await;
    let page = browser.open("/account/apps").await;
    let action = format!("/account/apps/{}/end", app.client_id);
    let (_, fields) = page.form_to(&action).expect("the button");
    let pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(&action, &pairs).await;
    assert!(told(&world, email).await.contains("You ended it."));

    let other = world.person_of(&world.org, "somebody", Role::Member).await;
    assert_eq!(told(&world, other.email.as_str()).await, "", "it is nobody else's business");
}

#[tokio::test]
async fn an_end_by_time_names_the_limit_that_came_first_and_is_told_for_thirty_days() {
    let world = World::new().await;
    let user = world.person(Role::Member).await;
    let email = user.email.as_str();
    let limited = |absolute, idle| {
        world.app_with(ClientKind::Web, move |client| {
            client.profile.refresh_tokens.absolute_lifetime = absolute;
            client.profile.refresh_tokens.idle_lifetime = idle;
        })
    };
    let (idle, absolute) = (limited(Some(864_000), Some(86_400)).await, limited(Some(86_400), None).await);
    world.family(&idle, &user).await;
    world.pass(Duration::days(2));
    let page = told(&world, email).await;
    assert!(page.contains("had not used it") && !page.contains("lasted as long"), "{page}");
    // A later end by will does not change why it ended.
    world.sql("UPDATE authorizations SET ended_at = created_at + interval '2 days', end_cause = 'password_changed'").await;
    assert!(told(&world, email).await.contains("had not used it"));
    world.family(&absolute, &user).await;
    world.pass(Duration::days(2));
    assert!(told(&world, email).await.contains("lasted as long"));
    world.pass(Duration::days(31));
    assert_eq!(told(&world, email).await, "");
}
