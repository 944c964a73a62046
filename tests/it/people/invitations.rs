//! M12: invitations are single-use, bound to address and org, and never open an account that exists.

use axum::http::Method;
use grantor::model::membership::Role;
use serde_json::json;
use time::Duration;
use tokio::task::JoinSet;

use crate::kit::browser::{Browser, Page};
use crate::kit::world::{ISSUER, PASSWORD, World};
use crate::people::{act, link, mailing, people_token, read_mail, signed_in};

const NEW: &str = "four unrelated words here";

async fn invite(browser: &mut Browser, email: &str, role: &str) -> Page {
    act(browser, "invitations", &[("email", email), ("role", role)]).await
}

/// The path of the link that the page shows once.
fn shown(page: &Page) -> String {
    let start = page.answer.body.find(&format!("{ISSUER}/invitations/")).unwrap_or_else(|| panic!("no link: {}", page.answer.body));
    page.answer.body[start + ISSUER.len()..].split('"').next().expect("a link").to_owned()
}

async fn sign_up(browser: &mut Browser, path: &str) -> Page {
    let page = browser.open(path).await;
    browser.submit(&page, "new_password", &[("name", "Sam Ortiz"), ("new_password", NEW)]).await
}

async fn owned() -> (World, Browser) {
    let world = World::new().await;
    world.person(Role::Owner).await;
    let browser = signed_in(&world, "owner").await;
    (world, browser)
}

#[tokio::test]
async fn m12_without_mail_the_link_is_shown_once_and_makes_one_account() {
    let (world, mut owner) = owned().await;
    let page = invite(&mut owner, "Sam@Acme.test", "developer").await;
    assert_eq!((page.answer.status.as_u16(), page.answer.header("cache-control")), (201, "no-store"));
    let path = shown(&page);
    assert!(!owner.open("/orgs/acme/people").await.answer.body.contains(&path), "never again");

    let mut sam = Browser::new(&world);
    let offer = sam.open(&path).await;
    assert!(offer.answer.body.contains("acme Inc.") && offer.answer.body.contains("sam@acme.test"));
    let refused = sam.submit(&offer, "new_password", &[("name", ""), ("new_password", "short")]).await;
    assert_eq!(refused.answer.status.as_u16(), 422);
    let done = sign_up(&mut sam, &path).await;
    assert_eq!(done.url, "/orgs/acme/apps", "signed in, and where they belong");
    assert_eq!(sam.open("/account").await.url, "/account");
    assert_eq!(Browser::new(&world).open(&path).await.answer.status.as_u16(), 404, "used");
    assert_eq!(world.words("select role from memberships where role <> 'owner'").await, ["developer"]);
    let trail = world.words("select action from audit_events where action like 'invitation.%' order by id").await;
    assert_eq!(trail, ["invitation.create", "invitation.accept"]);
}

#[tokio::test]
async fn m12_an_account_that_exists_signs_in_and_keeps_its_password() {
    let (world, mut owner) = owned().await;
    let globex = world.org("globex").await;
    world.person_of(&globex, "kim", Role::Member).await;
    let path = shown(&invite(&mut owner, "kim@globex.test", "admin").await);

    let mut stranger = Browser::new(&world);
    let page = stranger.open(&path).await;
    assert!(page.form("new_password").is_none(), "no account is made or changed: {}", page.answer.body);
    let forged = stranger.post(&path, &[("csrf", "x"), ("name", "Mallory"), ("new_password", NEW)]).await;
    assert_eq!(forged.answer.status.as_u16(), 403);
    assert_eq!(
        owner.open(&path).await.form_to("/logout").map(|(action, _)| action),
        Some("/logout".to_owned()),
        "another person is told so"
    );
    let own = owner.open(&path).await;
    let (_, fields) = own.form_to("/logout").expect("the form");
    let csrf = fields.iter().find(|(name, _)| name == "csrf").expect("a token").1.clone();
    assert_eq!(owner.post(&path, &[("csrf", &csrf)]).await.answer.status.as_u16(), 403);
    assert_eq!(world.count("select count(*) from memberships").await, 2);

    let mut kim = Browser::new(&world);
    kim.sign_in("kim@globex.test").await;
    let page = kim.open(&path).await;
    let (action, fields) = page.form("csrf").expect("a button");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    kim.post(&action, &fields).await;
    assert_eq!(
        world.words("select m.role from memberships m join orgs o on o.id = m.org_id where o.slug = 'acme' order by 1").await,
        ["admin", "owner"]
    );
    let again = Browser::new(&world).sign_in("kim@globex.test").await;
    assert_eq!(again.answer.status.as_u16(), 200, "the password {PASSWORD} is still theirs");
}

#[tokio::test]
async fn m12_links_expire_are_replaced_and_taken_back() {
    let (world, mut owner) = owned().await;
    let first = shown(&invite(&mut owner, "sam@acme.test", "member").await);
    assert_eq!(invite(&mut owner, "sam@acme.test", "member").await.answer.status.as_u16(), 422, "one open invitation for an address");
    assert_eq!(invite(&mut owner, "owner@acme.test", "member").await.answer.status.as_u16(), 422, "already in");
    let id = world.words("select id::text from invitations").await.remove(0);
    let second = shown(&act(&mut owner, &format!("invitations/{id}/resend"), &[]).await);
    let mut sam = Browser::new(&world);
    assert_eq!(sam.open(&first).await.answer.status.as_u16(), 404, "replaced");
    let open = sam.open(&second).await;
    assert_eq!(open.answer.status.as_u16(), 200);
    act(&mut owner, &format!("invitations/{id}/revoke"), &[]).await;
    let late = sam.submit(&open, "new_password", &[("name", "Sam"), ("new_password", NEW)]).await;
    assert_eq!(late.answer.status.as_u16(), 404, "taken back while the form was open");
    let third = shown(&invite(&mut owner, "sam@acme.test", "member").await);
    world.pass(Duration::days(7));
    assert_eq!(sam.open(&third).await.answer.status.as_u16(), 404, "too old");
    let mut owner = signed_in(&world, "owner").await;
    assert_eq!(invite(&mut owner, "sam@acme.test", "member").await.answer.status.as_u16(), 201, "an expired one is in nobody's way");
}

#[tokio::test]
async fn m12_of_many_uses_of_one_link_over_two_servers_one_succeeds() {
    let world = World::in_real_time().await;
    world.person(Role::Owner).await;
    let (a, b) = tokio::join!(world.process(), world.process());
    let mut owner = signed_in(&a, "owner").await;
    let path = shown(&invite(&mut owner, "sam@acme.test", "member").await);
    let mut running = JoinSet::new();
    let mut open = Vec::new();
    for number in 0..8 {
        let mut browser = Browser::new(if number % 2 == 0 { &a } else { &b });
        open.push((browser.open(&path).await, browser));
    }
    for (page, mut browser) in open {
        running.spawn(async move { browser.submit(&page, "new_password", &[("name", "Sam"), ("new_password", NEW)]).await.url });
    }
    let ended = running.join_all().await;
    assert_eq!(ended.iter().filter(|url| **url != path).count(), 1, "{ended:?}");
    assert_eq!(world.count("select count(*) from memberships").await, 2);
    assert_eq!(world.count("select count(*) from audit_events where action = 'invitation.accept'").await, 1);
}

#[tokio::test]
async fn an_invitation_goes_by_mail_and_its_link_is_shown_to_nobody() {
    let world = mailing().await;
    world.person(Role::Owner).await;
    let mut owner = signed_in(&world, "owner").await;
    let page = invite(&mut owner, "sam@acme.test", "admin").await;
    assert_eq!(page.url, "/orgs/acme/people?done=invited");
    assert!(!page.answer.body.contains("/invitations/") || !page.answer.body.contains(&format!("{ISSUER}/invitations/")));
    assert_eq!(world.count("select count(*) from mails where position('sam@'::bytea in sealed) > 0").await, 0, "sealed at rest");
    let mails = read_mail(&world).await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("To: sam@acme.test") && mails[0].contains("owner@acme.test invites you"), "{}", mails[0]);
    let path = link(&mails[0], "/invitations/");
    assert_eq!(sign_up(&mut Browser::new(&world), &path).await.url, "/orgs/acme/apps");
    assert!(read_mail(&world).await.is_empty(), "sent once");
    assert_eq!(world.count("select count(*) from mails").await, 0);
}

#[tokio::test]
async fn addresses_that_would_begin_a_header_or_another_recipient_are_refused() {
    let (world, mut owner) = owned().await;
    for email in ["sam@acme.test\r\nBcc: eve@x.test", "sam@acme.test,eve@x.test", "<sam@acme.test>", "\"a b\"@acme.test", "sam", ""] {
        assert_eq!(invite(&mut owner, email, "member").await.answer.status.as_u16(), 422, "{email:?}");
    }
    assert_eq!(world.count("select count(*) from invitations").await, 0);
}

#[tokio::test]
async fn m5_who_loses_a_role_or_leaves_takes_along_what_they_invited_to() {
    let (world, mut owner) = owned().await;
    let admin = world.person(Role::Admin).await;
    let mut browser = signed_in(&world, "admin").await;
    let (strong, weak) =
        (shown(&invite(&mut browser, "a@acme.test", "admin").await), shown(&invite(&mut owner, "b@acme.test", "admin").await));
    act(&mut owner, &format!("{}/role", admin.id), &[("role", "member")]).await;
    assert_eq!(Browser::new(&world).open(&strong).await.answer.status.as_u16(), 404);
    assert_eq!(Browser::new(&world).open(&weak).await.answer.status.as_u16(), 200, "others' invitations stay");
}

#[tokio::test]
async fn the_api_invites_lists_and_takes_back() {
    let world = World::new().await;
    let token = people_token(&world).await;
    let people = "/api/v1/orgs/acme/people";
    let made = world.api(Method::POST, people, &token, Some(&json!({ "email": "sam@acme.test", "role": "developer" }))).await.expect(201);
    assert!(made.text("link").starts_with(&format!("{ISSUER}/invitations/")));
    assert!(made.header("location").ends_with(&made.text("id")));
    world.api(Method::POST, people, &token, Some(&json!({ "email": "x@acme.test", "role": "owner" }))).await.expect(403);
    let list = world.api(Method::GET, &format!("{people}/invitations"), &token, None).await.expect(200);
    assert!(!list.body.contains("link") && list.body.contains("sam@acme.test"), "{}", list.body);
    world.api(Method::POST, &format!("{people}/invitations/{}/resend", made.text("id")), &token, None).await.expect(200);
    world.api(Method::DELETE, &format!("{people}/invitations/{}", made.text("id")), &token, None).await.expect(204);
    world.api(Method::DELETE, &format!("{people}/invitations/{}", made.text("id")), &token, None).await.expect(404);
}

#[tokio::test]
async fn names_that_people_chose_begin_no_header_and_no_markup() {
    let world = mailing().await;
    world.person(Role::Owner).await;
    let mut owner = signed_in(&world, "owner").await;
    world.sql("UPDATE orgs SET name = E'Acme\\r\\nBcc: eve@evil.test\\r\\n\\r\\n<b>bold</b>'").await;
    assert_eq!(invite(&mut owner, "sam@acme.test", "member").await.url, "/orgs/acme/people?done=invited");
    let mail = read_mail(&world).await.remove(0);
    let begins = |word: &str| mail.lines().filter(|line| line.to_lowercase().starts_with(word)).count();
    assert_eq!((begins("bcc:"), begins("cc:"), begins("to:"), begins("subject:"), begins("from:")), (0, 0, 1, 1, 1), "{mail}");
    let (_, html) = mail.split_once("Content-Type: text/html").expect("a part with markup");
    assert!(mail.contains("To: sam@acme.test") && html.contains("&lt;b&gt;bold"), "{mail}");
    assert_eq!(html.matches("<b>").count(), 1, "our own: {mail}");
}

#[tokio::test]
async fn m12_a_link_is_good_for_its_own_purpose_only() {
    let world = mailing().await;
    world.person(Role::Owner).await;
    let mut owner = signed_in(&world, "owner").await;
    invite(&mut owner, "sam@acme.test", "member").await;
    let mut browser = Browser::new(&world);
    let page = browser.open("/forgot").await;
    browser.submit(&page, "email", &[("email", "owner@acme.test")]).await;
    let mails = read_mail(&world).await;
    let secret = |path: &str| {
        let mail = mails.iter().find(|mail| mail.contains(path)).expect("the mail");
        link(mail, path).trim_start_matches(path).to_owned()
    };
    let (invitation, reset) = (secret("/invitations/"), secret("/set-password/"));
    for (path, fits) in [("/invitations/", &invitation), ("/set-password/", &reset)] {
        let other = if fits == &invitation { &reset } else { &invitation };
        assert_eq!(Browser::new(&world).open(&format!("{path}{fits}")).await.answer.status.as_u16(), 200, "{path}");
        assert_eq!(Browser::new(&world).open(&format!("{path}{other}")).await.answer.status.as_u16(), 404, "{path}");
        let mut thief = Browser::new(&world);
        thief.plant("__Host-grantor_session", fits);
        assert!(thief.open("/account").await.url.starts_with("/login"), "no link is a cookie");
    }
}

#[tokio::test]
async fn m12_whoever_came_in_another_way_uses_the_link_up_and_keeps_their_role() {
    let (world, mut owner) = owned().await;
    let globex = world.org("globex").await;
    let kim = world.person_of(&globex, "kim", Role::Member).await;
    let path = shown(&invite(&mut owner, "kim@globex.test", "admin").await);
    let mut connection = world.deps.db.acquire().await.expect("a connection");
    grantor::db::memberships::insert(&mut connection, world.org.id, kim.id, Role::Developer, world.now()).await.expect("a member");
    drop(connection);
    let mut browser = Browser::new(&world);
    browser.sign_in("kim@globex.test").await;
    let page = browser.open(&path).await;
    browser.submit(&page, "csrf", &[]).await;
    assert_eq!(browser.open(&path).await.answer.status.as_u16(), 404, "used");
    assert_eq!(
        world.words("select role from memberships m join orgs o on o.id = m.org_id where slug = 'acme' order by 1").await,
        ["developer", "owner"]
    );
}

#[tokio::test]
async fn an_org_invites_a_hundred_times_a_day_by_page_and_api_together() {
    let world = World::new().await;
    world.person(Role::Owner).await;
    let token = people_token(&world).await;
    let people = "/api/v1/orgs/acme/people";
    let wish = |number: u32| json!({ "email": format!("p{number}@acme.test"), "role": "member" });
    for number in 1..=100 {
        world.api(Method::POST, people, &token, Some(&wish(number))).await.expect(201);
    }
    let refused = world.api(Method::POST, people, &token, Some(&wish(101))).await.expect(429);
    assert!(!refused.header("retry-after").is_empty());
    let id = world.words("select id::text from invitations limit 1").await.remove(0);
    let again = world.api(Method::POST, &format!("{people}/invitations/{id}/resend"), &token, None).await;
    again.expect(429);
    let mut owner = signed_in(&world, "owner").await;
    let page = invite(&mut owner, "one-more@acme.test", "member").await.answer;
    assert_eq!(page.status.as_u16(), 429);
    world.pass(Duration::DAY);
    let mut owner = signed_in(&world, "owner").await;
    assert_eq!(invite(&mut owner, "one-more@acme.test", "member").await.answer.status.as_u16(), 201, "the next day");
}
