//! Pages that one comes to by several steps: each is fed on the way and looked at at its end.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use serde_json::json;

use crate::hostile::{annotate, app_that_says, assert_page, assert_says, packs, question, rename};
use crate::kit::browser::{Browser, Page};
use crate::kit::grants::refresh_token;
use crate::kit::http::{basic, form};
use crate::kit::signer::Pair;
use crate::kit::world::{App, CALLBACK, ISSUER, World};

/// A world in which everything says `words`, with its owner in front of it.
struct Stage {
    world: World,
    owner: Browser,
    app: App,
    words: String,
}

impl Stage {
    async fn set(words: String) -> Self {
        let world = World::new().await;
        world.person(Role::Owner).await;
        let app = app_that_says(&world, &words).await;
        rename(&world, &words).await;
        annotate(&world, &words).await;
        let mut owner = Browser::new(&world);
        owner.sign_in("owner@acme.test").await;
        Self { world, owner, app, words }
    }

    fn at(&self, tab: &str) -> String {
        format!("/orgs/acme/apps/{}/{tab}", self.app.client_id)
    }

    async fn open(&mut self, tab: &str) -> Page {
        let path = self.at(tab);
        self.owner.open(&path).await
    }

    /// Asserts that the page is what was meant, says what it was fed, and is harmless.
    #[track_caller]
    fn shows(&self, page: &Page, status: u16) {
        assert_eq!(page.answer.status.as_u16(), status, "{}: {}", page.url, page.answer.body);
        assert_page(page);
        assert_says(page, &self.words);
    }

    /// A machine app that says the same.
    async fn machine(&self) -> App {
        let words = self.words.clone();
        self.world.app_with(ClientKind::M2m, move |client| client.profile.name = words).await
    }

    async fn csrf(&mut self) -> String {
        let page = self.owner.open("/account").await;
        let (_, fields) = page.form("csrf").expect("a form");
        fields.into_iter().find(|(name, _)| name == "csrf").expect("a token").1
    }
}

#[tokio::test]
async fn e9_every_step_of_a_new_app_says_what_was_typed_as_text() {
    for words in packs() {
        let mut stage = Stage::set(words.clone()).await;
        let link = format!("https://app.example.test/?{}", form(&[("x", &words)]));
        let typed = [("name", &*words), ("description", &*words), ("developer_email", &*words), ("privacy_policy_url", &*link)];
        let mut page = stage.owner.open("/orgs/acme/apps/new?kind=web").await;
        let refused = stage.owner.submit(&page, "name", &typed).await;
        stage.shows(&refused, 422);
        // What cannot be seen is refused; the rest goes on to the end.
        let seen: String = words.chars().filter(|c| !matches!(c, '\u{200b}'..='\u{202e}' | '\u{feff}')).collect();
        let typed = [("name", &*seen), ("description", &*seen), ("developer_name", &*seen), ("privacy_policy_url", &*link)];
        for fields in [&typed[..], &[("redirect_uris", CALLBACK)], &[]] {
            page = stage.owner.submit(&page, "access_token_lifetime", fields).await;
            assert_eq!(page.answer.status, 200, "{}", page.answer.body);
            assert_page(&page);
            assert_says(&page, &seen);
        }
        let made = stage.owner.submit(&page, "once", &[]).await;
        assert_eq!(made.answer.status, 201, "{}", made.answer.body);
        assert_page(&made);
        assert_says(&made, &seen);
    }
}

#[tokio::test]
async fn e9_a_full_org_and_what_it_deleted_are_text() {
    for words in packs() {
        let mut stage = Stage::set(words).await;
        let step = stage.owner.open("/orgs/acme/apps/new?kind=web").await;
        stage.world.sql("UPDATE orgs SET app_limit = 1").await;
        let full = stage.owner.open("/orgs/acme/apps/new").await;
        assert_page(&full);
        assert_says(&full, &stage.words);
        let mut page = step;
        for fields in [&[("name", "Kept <b>")][..], &[("redirect_uris", CALLBACK)], &[], &[]] {
            page = stage.owner.submit(&page, "access_token_lifetime", fields).await;
            assert_page(&page);
        }
        let settings = stage.open("settings").await;
        let words = stage.words.clone();
        assert_page(&stage.owner.submit(&settings, "confirm_name", &[("confirm_name", &words)]).await);
        let deleted = stage.owner.open("/orgs/acme/apps/deleted").await;
        stage.shows(&deleted, 200);
    }
}

#[tokio::test]
async fn e9_what_is_shown_once_says_notes_and_names_as_text() {
    for words in packs() {
        let mut stage = Stage::set(words).await;
        let tab = stage.open("credentials").await;
        let secret = stage.owner.submit(&tab, "others_end_in", &[("note", "<img src=x onerror=alert(1)>")]).await;
        stage.shows(&secret, 201);
        let app = stage.machine().await;
        let (path, csrf) = (format!("/orgs/acme/apps/{}/credentials/service", app.client_id), stage.csrf().await);
        let service = stage.owner.post(&path, &[("csrf", &csrf), ("note", "'><svg/onload=alert(1)>")]).await;
        stage.shows(&service, 201);
        annotate(&stage.world, &stage.words).await;
        let tab = stage.owner.open(path.trim_end_matches("/service")).await;
        stage.shows(&tab, 200);
        let start: String = stage.words.chars().take(20).collect();
        assert!(tab.texts(".note, td, p, li, dd, h3").concat().contains(&start), "the note is there");
    }
}

#[tokio::test]
async fn e9_a_conflict_and_what_is_told_before_saving_are_text() {
    for words in packs() {
        let mut stage = Stage::set(words.clone()).await;
        let member = stage.world.person(Role::Member).await;
        stage.world.family(&stage.app, &member).await;
        let settings = stage.open("settings").await;
        let good = [("redirect_uris", CALLBACK), ("developer_email", ""), ("name", "Seen"), ("description", "")];
        let good: Vec<_> =
            good.into_iter().chain([("developer_name", ""), ("description_url", ""), ("terms_of_service_url", "")]).collect();
        let shorter: Vec<_> = good.iter().copied().chain([("idle_lifetime", "3600")]).collect();
        let review = stage.owner.submit(&settings, "version", &shorter).await;
        assert!(review.answer.body.contains("Before you save"), "{}", review.answer.body);
        stage.shows(&review, 200);
        assert_eq!(stage.world.refused_sql("UPDATE clients SET version = 7").await, None);
        stage.world.deps.clients.forget_all();
        let conflict = stage.owner.submit(&settings, "version", &good).await;
        stage.shows(&conflict, 409);
    }
}

#[tokio::test]
async fn e9_a_try_is_text_on_every_leg() {
    for words in packs() {
        let mut stage = Stage::set(words.clone()).await;
        let quickstart = stage.open("quickstart").await;
        let refused = stage.owner.submit(&quickstart, "scope", &[("scope", &words)]).await;
        stage.shows(&refused, 422);
        let consent = stage.owner.submit(&quickstart, "scope", &[]).await;
        stage.shows(&consent, 200);
        let tried = stage.owner.submit(&consent, "decision", &[("decision", "allow")]).await;
        stage.shows(&tried, 200);
        let app = stage.machine().await;
        let quickstart = stage.owner.open(&format!("/orgs/acme/apps/{}/quickstart", app.client_id)).await;
        assert_page(&stage.owner.submit(&quickstart, "scope", &[("scope", &words)]).await);
        let token = stage.owner.submit(&quickstart, "scope", &[("scope", "projects:read")]).await;
        stage.shows(&token, 200);
    }
}

#[tokio::test]
async fn e9_who_is_invited_reads_text() {
    for words in packs() {
        let mut stage = Stage::set(words).await;
        let csrf = stage.csrf().await;
        let fields = [("csrf", &*csrf), ("email", "new@acme.test"), ("role", "member")];
        let invited = stage.owner.post("/orgs/acme/people/invitations", &fields).await;
        stage.shows(&invited, 201);
        let link = invited.answer.body.split(&format!("{ISSUER}/invitations/")).nth(1).and_then(|rest| rest.split('"').next());
        let invitation = Browser::new(&stage.world).open(&format!("/invitations/{}", link.expect("a link"))).await;
        stage.shows(&invitation, 200);
        let other = stage.owner.open(&invitation.url).await;
        stage.shows(&other, 200);
    }
}

#[tokio::test]
async fn e9_development_tokens_are_listed_as_text() {
    for words in packs() {
        let mut stage = Stage::set(words.clone()).await;
        let csrf = stage.csrf().await;
        let wrong = [("csrf", &*csrf), ("scopes", &*words), ("lifetime", &*words)];
        assert_page(&stage.owner.post("/orgs/acme/development", &wrong).await);
        let fields = [("csrf", &*csrf), ("scopes", "projects:read"), ("lifetime", "3600")];
        let issued = stage.owner.post("/orgs/acme/development", &fields).await;
        stage.shows(&issued, 201);
        let listed = stage.owner.open("/orgs/acme/development").await;
        stage.shows(&listed, 200);
    }
}

#[tokio::test]
async fn e9_a_question_that_is_over_or_not_for_one_is_text() {
    for words in packs() {
        let mut stage = Stage::set(words.clone()).await;
        let url = question(&stage.app);
        let asked = stage.owner.open(&url).await;
        stage.shows(&asked, 200);
        stage.owner.submit(&asked, "decision", &[("decision", "deny")]).await;
        let answered = stage.owner.open(&asked.url).await;
        stage.shows(&answered, 409);
        let globex = stage.world.org("globex").await;
        stage.world.person_of(&globex, "kim", Role::Member).await;
        let mut outsider = Browser::new(&stage.world);
        outsider.sign_in("kim@globex.test").await;
        let page = outsider.open(&url).await;
        stage.shows(&page, 403);
        let login = Browser::new(&stage.world).open(&url).await;
        stage.shows(&login, 200);
    }
}

#[tokio::test]
async fn e9_why_one_was_signed_out_is_text() {
    for words in packs() {
        let stage = Stage::set(words).await;
        let owner = stage.world.person_of(&stage.world.org, "second", Role::Owner).await;
        let token = refresh_token(&stage.world.family(&stage.app, &owner).await);
        stage.world.post_as("/revoke", Some(&basic(&stage.app)), &[("token", &token)]).await.expect(200);
        let mut browser = Browser::new(&stage.world);
        browser.sign_in("second@acme.test").await;
        let page = browser.open("/account/apps").await;
        assert!(page.answer.body.contains("Why was I signed out?"), "{}", page.answer.body);
        stage.shows(&page, 200);
    }
}

#[tokio::test]
async fn e9_the_inspector_shows_what_a_request_said_as_text() {
    for words in packs() {
        let mut stage = Stage::set(words.clone()).await;
        let mut answers = Vec::new();
        for fields in [
            &[("grant_type", "client_credentials"), ("scope", &*words)][..],
            &[("grant_type", &*words)],
            &[("grant_type", "authorization_code"), ("code", &*words), ("redirect_uri", &*words)],
            &[("grant_type", "refresh_token"), ("refresh_token", &*words), ("resource", &*words)],
        ] {
            answers.push(stage.world.token(&stage.app, fields).await);
        }
        let elsewhere = form(&[("redirect_uri", &format!("https://elsewhere.test/?{words}"))]);
        let url = question(&stage.app).replace(&form(&[("redirect_uri", CALLBACK)]), &elsewhere);
        answers.push(stage.world.get(&url).await.expect(400));
        answers.push(stage.world.get(&format!("{}&{}", question(&stage.app), form(&[("scope", &words), ("prompt", &words)]))).await);
        stage.world.deps.traces.flush(&stage.world.deps.db).await.expect("traces are written");
        for answer in answers {
            let page = stage.open(&format!("activity/{}", answer.header("x-request-id"))).await;
            stage.shows(&page, 200);
        }
        let list = stage.open("activity").await;
        stage.shows(&list, 200);
        let found = stage.open(&format!("activity?{}", form(&[("ref", &words)]))).await;
        assert_page(&found);
    }
}

#[tokio::test]
async fn e9_a_checked_assertion_is_text() {
    for words in packs() {
        let mut stage = Stage::set(words.clone()).await;
        let app = stage.machine().await;
        stage.world.signer(&app, Pair::P256).await;
        let check = format!("/orgs/acme/apps/{}/credentials/check", app.client_id);
        let page = stage.owner.open(&check).await;
        let header = json!({ "alg": "ES256", "typ": words, "kid": words, "x5t": words }).to_string();
        let wrong = json!({ "alg": words, "typ": "JWT" }).to_string();
        let claims = json!({ "iss": words, "sub": words, "aud": words, "jti": words, "exp": words, words.clone(): words }).to_string();
        for assertion in [Pair::P256.get().jws(&header, &claims), Pair::P256.get().jws(&wrong, &claims), words.clone()] {
            for profile in ["client_assertion", "jwt_bearer", "workfront_exchange", "ims_exchange", &*words] {
                let told = stage.owner.submit(&page, "assertion", &[("assertion", &assertion), ("profile", profile)]).await;
                assert_page(&told);
                assert_says(&told, &words);
            }
        }
    }
}
