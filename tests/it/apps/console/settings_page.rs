//! The settings tab and the frame of an app's pages: compatibility switches, who may not change anything, a session that ended.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;

use crate::apps::console::signed_in;
use crate::kit::http::form;
use crate::kit::world::{ISSUER, PASSWORD};

#[tokio::test]
async fn compatibility_switches_stand_where_they_apply_and_are_saved() {
    let (world, mut browser) = signed_in(Role::Admin).await;
    let all = ["compat_workfront", "compat_token_endpoint_audience", "compat_exchange_milliseconds"];
    for (kind, applies) in [(ClientKind::Web, &all[..2]), (ClientKind::Spa, &all[..1]), (ClientKind::M2m, &all[..])] {
        let app = world.app(kind).await;
        let page = browser.open(&format!("/orgs/acme/apps/{}/settings", app.client_id)).await;
        let shown: Vec<_> = all.into_iter().filter(|name| page.asks_for(name)).collect();
        assert_eq!(shown, applies, "{kind:?}");
        let sent: Vec<_> = all.iter().map(|name| (*name, "on")).collect();
        assert!(browser.submit(&page, "version", &sent).await.url.ends_with("done=saved"));
        let compat = world.record(&app).await.client.profile.compat;
        let saved = [compat.workfront, compat.token_endpoint_audience, compat.exchange_milliseconds];
        assert_eq!(saved, all.map(|name| applies.contains(&name)), "{kind:?}: none but those that apply");
    }
}

#[tokio::test]
async fn an_app_of_the_server_looks_as_fixed_as_it_is() {
    let (world, mut browser) = signed_in(Role::Owner).await;
    let app = world.app_with(ClientKind::M2m, |client| client.system = true).await;
    for tab in ["settings", "credentials", "activity", "migration"] {
        let page = browser.open(&format!("/orgs/acme/apps/{}/{tab}", app.client_id)).await;
        assert!(page.texts(".message").join(" ").contains("only the operator changes it"), "{tab}");
        let buttons = page.texts("main form[method=post] button:not([hidden])").join(" ");
        assert!(
            ["Save settings", "Add", "Delete", "Start", "Use this picture"].iter().all(|word| !buttons.contains(word) || tab == "settings"),
            "{tab}: {buttons}"
        );
        assert!(page.form("confirm_name").is_none() && page.form("once").is_none(), "{tab}");
    }
    let settings = browser.open(&format!("/orgs/acme/apps/{}/settings", app.client_id)).await;
    assert!(settings.texts("button.primary").is_empty(), "nothing to save");
}

#[tokio::test]
async fn a_developer_is_told_on_every_tab_who_may_change_things() {
    let (world, mut browser) = signed_in(Role::Developer).await;
    let app = world.app(ClientKind::Web).await;
    for tab in ["settings", "credentials", "activity", "migration"] {
        let page = browser.open(&format!("/orgs/acme/apps/{}/{tab}", app.client_id)).await;
        assert!(page.texts(".message").join(" ").contains("can change it"), "{tab}");
    }
}

#[tokio::test]
async fn m8_a_form_that_outlived_its_session_leads_back_to_its_page_and_says_that_nothing_was_saved() {
    let (world, mut browser) = signed_in(Role::Admin).await;
    let app = world.app(ClientKind::Web).await;
    let settings = format!("/orgs/acme/apps/{}/settings", app.client_id);
    world.sql("DELETE FROM browser_sessions").await;
    for (referer, back) in [
        (format!("{ISSUER}{settings}"), settings.as_str()),
        (format!("{ISSUER}{settings}?done=saved"), settings.as_str()),
        ("https://evil.example.test/x".to_owned(), "/"),
        (format!("{ISSUER}//evil.example.test"), "/"),
        (String::new(), "/"),
    ] {
        let kind = "application/x-www-form-urlencoded";
        let headers = [("content-type", kind), ("origin", ISSUER), ("sec-fetch-site", "same-origin"), ("referer", referer.as_str())];
        let answer = browser.send(Method::POST, &settings, &headers, form(&[("csrf", "x")])).await.expect(303);
        let to = answer.header("location").to_owned();
        assert_eq!(to, format!("/login?{}&unsaved=true", form(&[("return_to", back)])), "{referer}");
    }
    let page = browser.open(&format!("/login?{}&unsaved=true", form(&[("return_to", &settings)]))).await;
    assert!(page.answer.body.contains("Your session has ended, nothing was saved. Sign in to go on."));
    let page = browser.submit(&page, "password", &[("email", "admin@acme.test"), ("password", PASSWORD)]).await;
    assert_eq!(page.url, settings);
}
