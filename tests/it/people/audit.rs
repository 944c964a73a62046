//! M15: who did what to which thing, when, from where and with which outcome; read by page, API and file; never changed.

use axum::http::{Method, StatusCode};
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use serde_json::Value;
use time::Duration;

use crate::kit::browser::Browser;
use crate::kit::grants::{access_token, refresh_token};
use crate::kit::http::{Answer, basic, form};
use crate::kit::world::{ISSUER, World};
use crate::people::{act, signed_in, token};

/// Entries about one app, a second apart, oldest first, whose actor has the number of the entry in its name.
const MANY: &str = "
    INSERT INTO audit_events (id, org_id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id, ip, request_id, detail)
    SELECT ('01890000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, o.id, '2026-02-01Z'::timestamptz + n * interval '1 second',
           'client', 'robot', CASE WHEN n = 7 THEN '=HYPERLINK(\"http://evil.test\")' ELSE 'Robot ' || n END,
           CASE WHEN n % 2 = 0 THEN 'secret.create' ELSE 'client.update' END, 'client', 'app' || n % 3, '192.0.2.7', 'request' || n,
           jsonb_build_object('app', 'The \"app\", ' || n)
    FROM orgs o, generate_series(1, 1200) n WHERE o.slug = 'acme'";

/// A token that reads the trail of `acme`.
async fn reader(world: &World) -> String {
    let change = |client: &mut grantor::model::client::Client| client.profile.scopes = std::iter::once("audit:read".to_owned()).collect();
    let app = world.app_with(ClientKind::M2m, change).await;
    world.machine_token(&app, "audit:read").await
}

async fn read(world: &World, token: &str, query: &str) -> Value {
    world.api(Method::GET, &format!("/api/v1/orgs/acme/audit?{query}"), token, None).await.expect(200).json()
}

fn events(page: &Value) -> &Vec<Value> {
    page["events"].as_array().expect("events")
}

async fn file(browser: &mut Browser, query: &str) -> Answer {
    browser.send(Method::GET, &format!("/orgs/acme/audit?{query}"), &[], String::new()).await
}

#[tokio::test]
async fn m15_the_trail_says_who_when_from_where_and_how_it_went_at_pages_and_at_the_token_endpoint() {
    let world = World::in_real_time().await;
    world.person(Role::Owner).await;
    let member = world.person(Role::Member).await;
    let app = world.app_with(ClientKind::Web, |client| client.profile.refresh_tokens.retry_window = 0).await;
    let door = world.process().await;
    let from = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", "203.0.113.9"), ("origin", ISSUER)];

    let mut owner = signed_in(&door, "owner").await;
    let page = owner.open("/orgs/acme/people").await;
    let role = format!("/orgs/acme/people/{}/role", member.id);
    let changed = owner.send(Method::POST, &role, &from, form(&[("csrf", &token(&page)), ("role", "developer")])).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER);

    let family = world.family(&app, &member).await;
    door.refresh(&app, &refresh_token(&family)).await.expect(200);
    let mut machine = Browser::new(&door);
    let mut as_app = from.to_vec();
    let credentials = basic(&app);
    as_app.push(("authorization", &credentials));
    let old = refresh_token(&family);
    let body = form(&[("grant_type", "refresh_token"), ("refresh_token", &old)]);
    let reused = machine.send(Method::POST, "/token", &as_app, body).await.expect_error(400, "invalid_grant");
    let other = world.family(&app, &member).await;
    let revoked = machine.send(Method::POST, "/revoke", &as_app, form(&[("token", &refresh_token(&other))])).await.expect(200);
    let third = access_token(&world.family(&app, &member).await);
    let ended = machine.send(Method::POST, "/revoke", &as_app, form(&[("token", &third)])).await.expect(200);
    machine.send(Method::POST, "/revoke", &as_app, form(&[("token", &third)])).await.expect(200);

    let reader = reader(&world).await;
    let trail = read(&door, &reader, "").await;
    let (client, person) = (app.client_id.as_str(), member.id.to_string());
    for (action, answer, actor, kind, target, outcome) in [
        ("membership.change_role", &changed, "owner@acme.test", "user", person.as_str(), "done"),
        ("authorization.reuse", &reused, "The web app", "client", "", "refused"),
        ("authorization.revoke", &revoked, "The web app", "client", client, "done"),
        ("access_token.revoke", &ended, "The web app", "client", client, "done"),
    ] {
        let found: Vec<_> = events(&trail).iter().filter(|event| event["action"] == action).collect();
        assert_eq!(found.len(), 1, "{action}: {trail:#}");
        let event = found[0];
        assert_eq!(event["request_id"], answer.header("x-request-id"), "{action}");
        assert_eq!(event["ip"], "203.0.113.9", "{action}");
        assert_eq!((&event["actor"]["label"], &event["actor"]["kind"]), (&Value::from(actor), &Value::from(kind)), "{action}");
        assert_eq!(event["outcome"], outcome, "{action}");
        assert!(target.is_empty() || event["target"]["id"] == target, "{action}: {event}");
        assert!(event["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{action}: in UTC");
    }
}

#[tokio::test]
async fn m15_nobody_changes_or_deletes_an_entry_not_even_by_sql() {
    let world = World::new().await;
    world.sql(MANY).await;
    for statement in [
        "UPDATE audit_events SET actor_label = 'somebody else'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "TRUNCATE orgs CASCADE",
        "INSERT INTO audit_events SELECT * FROM audit_events LIMIT 1 ON CONFLICT (id) DO UPDATE SET actor_label = 'x'",
    ] {
        let refused = sqlx::raw_sql(statement).execute(world.deps.db.pool()).await.expect_err(statement);
        assert!(refused.to_string().contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE actor_label LIKE 'Robot %'").await, 1_199);
}

#[tokio::test]
async fn m9_m15_the_trail_is_read_page_by_page_without_a_gap_and_filtered() {
    let world = World::new().await;
    let reader = reader(&world).await;
    world.sql(MANY).await;
    let (mut seen, mut cursor, mut newest) = (Vec::new(), String::new(), u32::MAX);
    loop {
        let page = read(&world, &reader, &format!("limit=100&actor=robot&cursor={cursor}")).await;
        for event in events(&page) {
            let number = event["request_id"].as_str().and_then(|id| id.strip_prefix("request")).expect("ours").parse().expect("a number");
            assert!(number < newest, "newest first");
            newest = number;
            seen.push(number);
        }
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen.len(), 1_200);
    let count = async |query: &str| events(&read(&world, &reader, &format!("limit=100&{query}")).await).len();
    assert_eq!(count("action=secret.create&from=2026-02-01&to=2026-02-01").await, 100);
    assert_eq!(count("action=secret&app=app1&actor=Robot+4").await, 1);
    assert_eq!(count("action=secre").await, 0, "a noun is whole");
    assert_eq!(count("to=2026-01-31").await, 0);
    assert_eq!(count("app=nothing").await, 0);
    assert_eq!(count("actor=%27+OR+1%3D1+--").await, 0);

    let path = "/api/v1/orgs/acme/audit";
    for wrong in ["from=yesterday", "to=2026-02-30", "cursor=x", "limit=0", "limit=101", "sort=at", "from=0000-01-01"] {
        world.api(Method::GET, &format!("{path}?{wrong}"), &reader, None).await.expect(422);
    }
}

#[tokio::test]
async fn m15_an_org_reads_its_own_trail_and_no_others() {
    let world = World::new().await;
    let reader = reader(&world).await;
    world.sql(MANY).await;
    world.org("globex").await;
    world.person(Role::Owner).await;
    world.sql("INSERT INTO audit_events (id, org_id, at, actor_kind, actor_label, action, target_kind) SELECT gen_random_uuid(), o.id, now(), 'operator', 'foreign', 'org.create', 'org' FROM (SELECT id FROM orgs WHERE slug = 'globex' UNION SELECT NULL) o").await;
    assert!(!read(&world, &reader, "actor=foreign").await.to_string().contains("foreign\""));
    let mut owner = signed_in(&world, "owner").await;
    for format in ["csv", "json"] {
        let all = file(&mut owner, &format!("format={format}")).await.expect(200).body;
        assert!(!all.contains("foreign") && all.contains("Robot 1200"), "{format}");
    }
    let first = read(&world, &reader, "limit=1").await;
    let cursor = first["next_cursor"].as_str().expect("more");
    let globex = world.manager_of_globex().await;
    world.api(Method::GET, &format!("/api/v1/orgs/globex/audit?cursor={cursor}"), &globex, None).await.expect(422);
}

impl World {
    async fn manager_of_globex(&self) -> String {
        let mut connection = self.deps.db.acquire().await.expect("a connection");
        let org = grantor::db::orgs::find_by_slug(&mut connection, "globex").await.expect("read").expect("there").id;
        let scope = || std::iter::once("audit:read".to_owned()).collect();
        let app = self.app_of(org, ClientKind::M2m, |client| client.profile.scopes = scope()).await;
        self.machine_token(&app, "audit:read").await
    }
}

#[tokio::test]
async fn m15_an_export_is_whole_and_no_cell_of_it_is_a_formula() {
    let world = World::new().await;
    let reader = reader(&world).await;
    world.sql(MANY).await;
    world.person(Role::Admin).await;
    let mut admin = signed_in(&world, "admin").await;
    let csv = file(&mut admin, "format=csv&actor=robot").await.expect(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"audit-acme.csv\"");
    assert_eq!(csv.header("cache-control"), "no-store");
    let lines: Vec<&str> = csv.body.split("\r\n").collect();
    assert_eq!(lines[0], "time,actor_kind,actor_id,actor,action,outcome,target_kind,target_id,ip,request_id,detail");
    assert_eq!((lines.len(), lines[1_201]), (1_202, ""), "every entry is one line");
    assert!(lines[1].starts_with("2026-02-01T00:20:00Z,client,robot,Robot 1200,secret.create,done,client,app0,192.0.2.7,request1200,"));
    assert!(lines[1_194].contains(",\"'=HYPERLINK(\"\"http://evil.test\"\")\","), "{}", lines[1_194]);
    assert!(lines[1].ends_with("\"{\"\"app\"\":\"\"The \\\"\"app\\\"\", 1200\"\"}\""), "{}", lines[1]);

    let json = file(&mut admin, "format=json&action=secret").await.expect(200);
    assert_eq!(json.header("content-disposition"), "attachment; filename=\"audit-acme.json\"");
    assert_eq!(events(&json.json()).len(), 600);
    let path = "/api/v1/orgs/acme/audit?actor=robot";
    let bearer = format!("Bearer {reader}");
    let headers = [("authorization", bearer.as_str()), ("accept", "text/csv;q=0.9, application/json;q=0.1")];
    let by_api = Browser::new(&world).send(Method::GET, path, &headers, String::new()).await.expect(200);
    assert_eq!(by_api.body, csv.body, "the same file by the API");
}

#[tokio::test]
async fn m15_the_page_shows_what_changed_and_leads_on() {
    let world = World::new().await;
    world.person(Role::Owner).await;
    let member = world.person(Role::Member).await;
    let mut owner = signed_in(&world, "owner").await;
    world.sql("UPDATE users SET name = '<img src=x onerror=alert(1)>'").await;
    act(&mut owner, &format!("{}/role", member.id), &[("role", "admin")]).await;
    world.sql(MANY).await;
    let page = owner.open("/orgs/acme/audit").await;
    let body = &page.answer.body;
    assert!(body.contains("<code>membership.change_role") && body.contains("<del dir=\"auto\">member</del>"), "{body}");
    assert!(!body.contains("<img src=x"));
    let older = owner.open(&next(body)).await;
    assert!(older.answer.body.contains("Robot 11") && !older.answer.body.contains("<code>membership.change_role"));
    let one = owner.open("/orgs/acme/audit?actor=owner%40acme.test&action=membership").await.answer.body;
    assert!(one.contains("<code>membership.change_role") && !one.contains("<code>user.login"), "{one}");
    let none = owner.open("/orgs/acme/audit?action=nothing").await.answer.body;
    assert!(none.contains("Nothing for this filter"));
    assert_eq!(owner.open("/orgs/acme/audit?from=2026-13-01").await.answer.status.as_u16(), 422);
    assert_eq!(owner.open("/orgs/acme/audit?cursor=x").await.answer.status.as_u16(), 422);
}

/// Where "Older entries" leads.
fn next(body: &str) -> String {
    let start = body.find("/orgs/acme/audit?cursor=").unwrap_or_else(|| panic!("no older entries: {body}"));
    body[start..].split('"').next().expect("an address").replace("&amp;", "&")
}

#[tokio::test]
async fn m15_what_people_do_to_each_other_and_themselves_is_in_the_trail() {
    let world = World::new().await;
    world.person(Role::Owner).await;
    let member = world.person(Role::Member).await;
    let mut owner = signed_in(&world, "owner").await;
    let mut theirs = signed_in(&world, "member").await;
    let steps = [
        (format!("{}/sign-out", member.id), "user.sign_out"),
        (format!("{}/disable", member.id), "user.disable"),
        (format!("{}/enable", member.id), "user.enable"),
        (format!("{}/remove", member.id), "membership.delete"),
    ];
    for (path, action) in steps {
        // Entries of one millisecond have no order.
        world.pass(Duration::seconds(1));
        assert!(act(&mut owner, &path, &[]).await.url.contains("done="), "{path}");
        assert_eq!(newest(&world).await, format!("{action} owner@acme.test"), "{path}");
    }
    assert!(theirs.open("/account").await.url.starts_with("/login"));
    let _second = signed_in(&world, "owner").await;
    world.pass(Duration::seconds(1));
    let page = owner.open("/account").await;
    let csrf = token(&page);
    owner.post("/account/sessions/end-others", &[("csrf", &csrf)]).await;
    assert_eq!(newest(&world).await, "user.end_other_sessions owner@acme.test");
    world.pass(Duration::seconds(1));
    owner.post("/logout", &[("csrf", &csrf)]).await;
    assert_eq!(newest(&world).await, "user.logout owner@acme.test");
    world.pass(Duration::seconds(1));
    let page = owner.open("/login").await;
    owner.submit(&page, "password", &[("email", "owner@acme.test"), ("password", "not it")]).await;
    assert_eq!(newest(&world).await, "user.login_failed anonymous");
}

/// The newest entry of the org: action and actor.
async fn newest(world: &World) -> String {
    world.words("SELECT action || ' ' || actor_label FROM audit_events WHERE org_id IS NOT NULL ORDER BY id DESC LIMIT 1").await.remove(0)
}
