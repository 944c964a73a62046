//! Pages: every role in the own and in another org.

use axum::http::Method;
use grantor::model::membership::Role;

use crate::kit::browser::Browser;
use crate::kit::http::{Answer, form};
use crate::kit::world::{ISSUER, World};
use crate::matrix::is_allowed;
use crate::matrix::place::{Address, Aim, NOTHING, Place};
use crate::matrix::table::{Row, Who, rows};

/// A signed-in browser with the token of its forms.
#[derive(Clone)]
pub(crate) struct Person {
    browser: Browser,
    csrf: String,
    email: String,
}

impl Person {
    pub(crate) async fn sign_in(world: &World, email: &str) -> Self {
        let mut browser = Browser::new(world);
        browser.sign_in(email).await;
        let page = browser.open("/account").await;
        let (_, fields) = page.form("csrf").expect("a form with a token");
        let csrf = fields.into_iter().find(|(name, _)| name == "csrf").expect("the token").1;
        Self { browser, csrf, email: email.to_owned() }
    }

    pub(crate) async fn send(&mut self, row: &Row, address: &Address) -> Answer {
        let csrf = self.csrf.clone();
        send(&mut self.browser, row, &address.path, &csrf, &[("origin", ISSUER)]).await
    }

    /// The same with other fields in the form.
    pub(crate) async fn send_fields(&mut self, row: &Row, address: &Address, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf.clone();
        let fields: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        let headers = [("origin", ISSUER), ("content-type", "application/x-www-form-urlencoded")];
        self.browser.send(row.method.clone(), &address.path, &headers, form(&fields)).await
    }
}

async fn send(browser: &mut Browser, row: &Row, path: &str, csrf: &str, extra: &[(&str, &str)]) -> Answer {
    let mut headers = extra.to_vec();
    let mut body = String::new();
    if row.changes() {
        let mut fields = vec![("csrf", csrf)];
        fields.extend(row.sent.split('&').filter_map(|pair| pair.split_once('=')));
        body = form(&fields);
        headers.push(("content-type", "application/x-www-form-urlencoded"));
    }
    browser.send(row.method.clone(), path, &headers, body).await
}

fn is_sign_in(answer: &Answer) -> bool {
    answer.status == 303 && answer.header("location").starts_with("/login")
}

pub(crate) async fn place() -> Place {
    let world = World::new().await;
    for role in Role::ALL {
        world.person(role).await;
    }
    let other = world.org("globex").await;
    let outsider = world.person_of(&other, "owner", Role::Owner).await;
    let insider = world.person_of(&world.org, "user", Role::Member).await;
    Place::new(insider, world, other, outsider).await
}

fn pages_of_orgs() -> impl Iterator<Item = (Row, Role)> {
    rows().into_iter().filter_map(|row| match row.who {
        Who::Role(role) => Some((row, role)),
        _ => None,
    })
}

/// `first` and `second` answer alike, with 404.
async fn alike(place: &Place, person: &mut Person, row: &Row, first: Aim, second: Aim) {
    let (foreign, unknown) = (place.address(row, first).await, place.address(row, second).await);
    let (theirs, nothing) = (person.send(row, &foreign).await, person.send(row, &unknown).await);
    let what = format!("{} {} {first:?}", person.email, row.method);
    assert_eq!((theirs.status.as_u16(), nothing.status.as_u16()), (404, 404), "{what} {} {}", foreign.path, unknown.path);
    assert_eq!(foreign.without_names(&theirs), unknown.without_names(&nothing), "{what} {}", foreign.path);
}

#[tokio::test]
async fn m4_every_page_of_an_org_by_every_role_in_the_own_and_in_another_org() {
    let place = place().await;
    let mut people = Vec::new();
    for role in Role::ALL {
        people.push((role, Person::sign_in(&place.world, &format!("{}@acme.test", role.as_str())).await));
    }
    for (row, least) in pages_of_orgs() {
        for (role, person) in &mut people {
            let address = place.address_for(&row, Aim::Own, &person.email).await;
            let answer = person.send(&row, &address).await;
            let what = format!("{role:?} {} {}: {} {}", row.method, address.path, answer.status, answer.header("location"));
            if *role < least {
                assert_eq!(answer.status, 403, "{what}");
            } else {
                assert!(is_allowed(answer.status, false) && !is_sign_in(&answer), "{what} {}", answer.body);
                if row.has("client_id") {
                    alike(&place, person, &row, Aim::ForeignApp, Aim::UnknownApp).await;
                }
                if row.parameters().count() > 2 {
                    alike(&place, person, &row, Aim::ForeignId, Aim::UnknownId).await;
                }
            }
            alike(&place, person, &row, Aim::ForeignOrg, Aim::UnknownOrg).await;
        }
    }
}

#[tokio::test]
async fn m4_every_page_of_an_org_by_nobody_and_by_an_apps_token() {
    let place = place().await;
    let token = place.world.manager_token("globex").await;
    for (row, _) in pages_of_orgs() {
        let address = place.address(&row, Aim::Own).await;
        let mut nobody = Browser::new(&place.world);
        let answer = send(&mut nobody, &row, &address.path, "", &[]).await;
        assert!(is_sign_in(&answer), "nobody {} {}: {}", row.method, address.path, answer.status);
        let answer = send(&mut nobody, &row, &address.path, "", &[("authorization", &token)]).await;
        assert!(is_sign_in(&answer), "a token {} {}: {}", row.method, address.path, answer.status);
    }
}

#[tokio::test]
async fn e16_m8_every_form_of_a_signed_in_person_needs_its_token_and_its_own_site() {
    let place = place().await;
    let mut owner = Person::sign_in(&place.world, "owner@acme.test").await;
    for row in rows().into_iter().filter(|row| row.method == Method::POST && matches!(row.who, Who::Role(_) | Who::SignedIn)) {
        let address = place.address(&row, Aim::Own).await;
        let forged = send(&mut owner.browser, &row, &address.path, "forged", &[("origin", ISSUER)]).await;
        assert_eq!(forged.status, 403, "without its token: {}", address.path);
        let csrf = owner.csrf.clone();
        let foreign = send(&mut owner.browser, &row, &address.path, &csrf, &[("sec-fetch-site", "cross-site")]).await;
        assert_eq!(foreign.status, 403, "from another site: {}", address.path);
    }
}

#[tokio::test]
async fn m4_every_page_of_a_person_is_theirs_alone() {
    let place = place().await;
    Person::sign_in(&place.world, "owner@globex.test").await;
    let session = "SELECT s.id::text FROM browser_sessions s JOIN users u ON u.id = s.user_id WHERE u.email = 'owner@globex.test'";
    let session = place.world.words(session).await.pop().expect("the other's session");
    for row in rows().into_iter().filter(|row| row.who == Who::SignedIn) {
        let address = place.address(&row, Aim::UnknownId).await;
        let answer = send(&mut Browser::new(&place.world), &row, &address.path, "", &[]).await;
        assert!(is_sign_in(&answer), "nobody {} {}: {}", row.method, address.path, answer.status);
        for email in ["member@acme.test", "owner@acme.test"] {
            let mut person = Person::sign_in(&place.world, email).await;
            let answer = person.send(&row, &address).await;
            assert!(is_allowed(answer.status, true) && !is_sign_in(&answer), "{email} {} {}: {}", row.method, address.path, answer.status);
            if row.has("id") {
                let foreign = Address::plain(address.path.replace(NOTHING, &session));
                let theirs = person.send(&row, &foreign).await;
                assert_eq!(
                    (answer.status, answer.header("location")),
                    (theirs.status, theirs.header("location")),
                    "{email} {}",
                    foreign.path
                );
            }
        }
    }
    let still = place.world.words("SELECT id::text FROM browser_sessions WHERE ended_at IS NULL").await;
    assert!(still.contains(&session), "nobody ended the other's session");
}
