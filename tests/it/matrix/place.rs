//! Two orgs with the same things in them, and addresses that lead to one's own, to the other's, or to nothing.

use grantor::db;
use grantor::flows::{development, orgs};
use grantor::model::audit::{Actor, Origin};
use grantor::model::client::{Client, ClientKind};
use grantor::model::ids::{InvitationId, OrgId, TechnicalAccountId};
use grantor::model::invitation::Invitation;
use grantor::model::membership::Role;
use grantor::model::org::Org;
use grantor::model::technical_account::TechnicalAccount;
use grantor::model::user::{Email, User};
use grantor::secret::Digest;
use uuid::Uuid;

use crate::kit::browser::Browser;
use crate::kit::http::Answer;
use crate::kit::world::{App, World};
use crate::matrix::table::Row;

/// An id that nothing has.
pub(crate) const NOTHING: &str = "01890000-0000-7000-8000-000000000000";
/// A client id that no app has.
const NOBODY: &str = "zzzzzzzzzzzzzzzzzzzzzzzzzz";

/// Where an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    Own,
    ForeignOrg,
    UnknownOrg,
    ForeignApp,
    UnknownApp,
    ForeignId,
    UnknownId,
}

/// The world with the other org.
pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) other: Org,
    theirs: App,
    outsider: User,
    insider: User,
    /// What the apps made here are called and say; their kind's own words if nothing.
    words: Option<String>,
}

/// A filled address with what was filled in.
pub(crate) struct Address {
    pub(crate) path: String,
    filled: Vec<(String, String)>,
}

impl Place {
    pub(crate) async fn new(insider: User, world: World, other: Org, outsider: User) -> Self {
        world.sql("UPDATE orgs SET app_limit = 5000").await;
        let theirs = world.app_of(other.id, ClientKind::Web, |_| ()).await;
        Self { world, other, theirs, outsider, insider, words: None }
    }

    /// Lets everything that is made from here on say `words`.
    pub(crate) fn saying(mut self, words: &str) -> Self {
        self.words = Some(words.to_owned());
        self
    }

    /// The address of `row` in the eyes of somebody of `acme`. What is one's own is made for each address anew.
    pub(crate) async fn address(&self, row: &Row, aim: Aim) -> Address {
        self.address_for(row, aim, self.insider.email.as_str()).await
    }

    /// The same in the eyes of this very person.
    pub(crate) async fn address_for(&self, row: &Row, aim: Aim, email: &str) -> Address {
        let own = match aim {
            Aim::Own | Aim::ForeignId | Aim::UnknownId => Some(self.own_app(row).await),
            _ => None,
        };
        let (org, app) = match aim {
            Aim::ForeignOrg => (self.other.slug.as_str(), Some(&self.theirs)),
            Aim::UnknownOrg => ("nowhere", None),
            Aim::ForeignApp => ("acme", Some(&self.theirs)),
            Aim::UnknownApp => ("acme", None),
            Aim::Own | Aim::ForeignId | Aim::UnknownId => ("acme", own.as_ref()),
        };
        let mut address = Address { path: row.path.clone(), filled: Vec::new() };
        let parts: Vec<&str> = row.path.split('/').collect();
        for (at, part) in parts.iter().enumerate() {
            let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else { continue };
            let value = match name {
                "slug" | "org" => org.to_owned(),
                "client_id" => app.map_or(NOBODY.to_owned(), |app| app.client_id.clone()),
                _ => self.id(parts[at - 1], aim, app, email).await,
            };
            address.path = address.path.replacen(&format!("{{{name}}}"), &value, 1);
            address.filled.push((format!("{{{name}}}"), value));
        }
        if row.path.ends_with("/apps/new") {
            address.path.push_str("?kind=web");
        }
        address
    }

    /// An app of `acme` to which what `row` does can be done: a living one cannot be restored, and a logo is shown once there is one.
    async fn own_app(&self, row: &Row) -> App {
        let words = self.words.clone();
        let say = move |client: &mut Client| {
            let Some(words) = words else { return };
            client.profile.name.clone_from(&words);
            client.profile.description.clone_from(&words);
        };
        let app = self.world.app_with(ClientKind::Web, say).await;
        let key = app.key.0;
        if row.path.ends_with("/restore") {
            self.run(format!("UPDATE clients SET deleted_at = created_at WHERE id = '{key}'")).await;
        }
        if row.path.ends_with("/logo") {
            let digest = format!("{:0>64}", key.simple().to_string());
            self.run(format!(
                "INSERT INTO client_logos (client_id, org_id, digest, png, created_at)
                     SELECT id, org_id, '{digest}', '\\x89', created_at FROM clients WHERE id = '{key}';
                 UPDATE clients SET logo_digest = '{digest}' WHERE id = '{key}'"
            ))
            .await;
        }
        app
    }

    /// Writes what no flow has a verb for.
    async fn run(&self, statement: String) {
        assert_eq!(self.world.refused_sql(&statement).await, None, "{statement}");
        self.world.deps.clients.forget_all();
    }

    /// The id of a thing called `kind` at the aim. What is one's own or of the other org is really there.
    async fn id(&self, kind: &str, aim: Aim, app: Option<&App>, email: &str) -> String {
        let (org, app) = match aim {
            Aim::UnknownOrg | Aim::UnknownApp | Aim::UnknownId => return NOTHING.to_owned(),
            Aim::Own => (&self.world.org, app.unwrap_or(&self.theirs)),
            _ => (&self.other, &self.theirs),
        };
        let user = if aim == Aim::Own { self.user(email).await } else { self.outsider.clone() };
        match kind {
            "credentials" | "secrets" => {
                self.world.record(app).await.credentials.iter().find(|own| own.is_secret()).expect("its secret").id.to_string()
            }
            "keys" => self.world.key(app).await.id.to_string(),
            "authorizations" | "tries" => self.authorization(org.id, app, &user).await,
            "development" => self.development_token(org, &user).await,
            "accounts" | "technical-accounts" => self.technical_account(org.id, app).await,
            "invitations" => self.invitation(org.id).await,
            "activity" | "requests" => self.request(app).await,
            "sessions" => self.session(&user).await,
            "people" if aim == Aim::Own => {
                let name = format!("p{}", self.world.count("SELECT count(*) FROM users").await);
                self.world.person_of(org, &name, Role::Member).await.id.to_string()
            }
            "people" => user.id.to_string(),
            other => panic!("make one of {other} in Place::id, so that the matrix tries more than made-up ids"),
        }
    }

    async fn user(&self, email: &str) -> User {
        let mut connection = self.world.deps.db.acquire().await.expect("a connection");
        let email = Email::parse(email).expect("an address");
        db::users::find_by_email(&mut connection, &email).await.expect("people are read").expect("somebody")
    }

    fn uuid(&self) -> Uuid {
        self.world.deps.entropy.uuid(self.world.now())
    }

    async fn development_token(&self, org: &Org, user: &User) -> String {
        let origin = Origin { actor: Actor::Anonymous, ip: None, request_id: None };
        // Whoever may not have one has another's in front of them.
        let role = self.world.words("SELECT user_id::text || role FROM memberships").await;
        let is_member = role.contains(&format!("{}member", user.id));
        let owner = if is_member { self.user(&format!("owner@{}.test", org.slug)).await } else { user.clone() };
        let access = orgs::enter_as_user(&self.world.deps, &owner, &org.slug, &origin).await.expect("their own org");
        let scopes = ["projects:read".to_owned()];
        // Nobody may have many at a time.
        let before = "UPDATE authorizations SET ended_at = created_at, end_cause = 'revoked_by_user'
             WHERE ended_at IS NULL AND client_id IN (SELECT id FROM clients WHERE development)";
        self.world.sql(before).await;
        let wish = development::Wish { scopes: &scopes, lifetime: 3_600, auth_time: self.world.now() };
        development::issue(&self.world.deps, &access, &wish, self.world.now()).await.expect("a token").authorization.to_string()
    }

    async fn technical_account(&self, org: OrgId, app: &App) -> String {
        let id = self.uuid();
        let (name, at) = (format!("{}@techacct.auth.example.test", id.simple()), self.world.now());
        let account = TechnicalAccount { id: TechnicalAccountId(id), subject: name.clone(), email: name, created_at: at, created_by: None };
        let mut connection = self.world.deps.db.acquire().await.expect("a connection");
        db::technical_accounts::insert(&mut connection, org, app.key, &account).await.expect("an account is added");
        self.world.deps.clients.forget_all();
        id.to_string()
    }

    async fn invitation(&self, org: OrgId) -> String {
        let (id, now) = (self.uuid(), self.world.now());
        let email = Email::parse(&format!("{}@elsewhere.test", id.simple())).expect("an address");
        let expires_at = now + time::Duration::days(1);
        let invitation = Invitation {
            id: InvitationId(id),
            org,
            email,
            role: Role::Member,
            invited_by: None,
            created_at: now,
            sent_at: now,
            expires_at,
        };
        let mut digest = [0; 32];
        digest[..16].copy_from_slice(id.as_bytes());
        let mut connection = self.world.deps.db.acquire().await.expect("a connection");
        db::invitations::insert(&mut connection, &invitation, &Digest::new(digest)).await.expect("an invitation is added");
        id.to_string()
    }

    /// The reference id of a request of the app that was refused.
    async fn request(&self, app: &App) -> String {
        let scope = self.words.as_deref().unwrap_or("no:such");
        let answer = self.world.token(app, &[("grant_type", "client_credentials"), ("scope", scope)]).await;
        self.world.deps.traces.flush(&self.world.deps.db).await.expect("traces are written");
        answer.header("x-request-id").to_owned()
    }

    /// A session in another browser.
    async fn session(&self, user: &User) -> String {
        let all = "SELECT id::text FROM browser_sessions";
        let before = self.world.words(all).await;
        Browser::new(&self.world).sign_in(user.email.as_str()).await;
        let after = self.world.words(all).await;
        after.into_iter().find(|id| !before.contains(id)).expect("the session just begun")
    }

    async fn authorization(&self, org: OrgId, app: &App, user: &User) -> String {
        let all = "SELECT id::text FROM authorizations";
        let before = self.world.words(all).await;
        if org == self.world.org.id {
            self.world.approved(app, user).await;
        } else {
            let elsewhere = World { org: self.other.clone(), ..self.world.clone() };
            elsewhere.approved(app, user).await;
        }
        let after = self.world.words(all).await;
        after.into_iter().find(|id| !before.contains(id)).expect("the authorization just made")
    }
}

impl Address {
    /// An address without names to hide.
    pub(crate) fn plain(path: String) -> Self {
        Self { path, filled: Vec::new() }
    }

    /// The body without what names this very request and address.
    pub(crate) fn without_names(&self, answer: &Answer) -> String {
        let mut body = answer.body.replace(answer.header("x-request-id"), "{request_id}");
        for (name, value) in &self.filled {
            body = body.replace(value, name);
        }
        body
    }
}
