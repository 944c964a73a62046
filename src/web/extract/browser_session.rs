//! Who looks at a page: the browser by its own cookie, the person by the session cookie.
//!
//! The two are apart on purpose. The browser's cookie binds what was begun before anybody signed in (an authorization request, a
//! sign-in form); the session's is new at every sign-in.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use time::OffsetDateTime;

use crate::flows::account::login::find_session;
use crate::flows::{account, authorize};
use crate::model::audit::{Actor, Origin};
use crate::model::browser_session::BrowserSession;
use crate::model::membership::{Membership, Role};
use crate::secret::Secret;
use crate::web::brand;
use crate::web::context::RequestContext;
use crate::web::extract::csrf;
use crate::web::pages::error::PageError;
use crate::web::pages::return_to::ReturnTo;
use crate::web::views::layout::{self, Brand, Layout, OrgLink, Section, Theme};
use crate::web::{AppState, paths};

/// The longest cookie value that is looked at; ours are shorter.
const COOKIE_LENGTH: usize = 128;

/// A browser, and the session that it holds.
#[derive(Clone)]
pub struct Browser {
    /// The browser's own cookie.
    pub cookie: Option<String>,
    /// The session cookie, if it opened a session.
    pub session_cookie: Option<String>,
    /// The living session.
    pub session: Option<BrowserSession>,
    /// The colour theme chosen.
    pub theme: Theme,
    /// As the browser names itself.
    pub user_agent: String,
    /// The instant of this request.
    pub now: OffsetDateTime,
    /// Where it came from.
    pub ip: Option<IpAddr>,
    /// The reference id.
    pub request_id: String,
    /// Whose server it is, for the frame of pages.
    brand: Brand,
}

impl FromRequestParts<AppState> for Browser {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        let context = parts.extensions.get::<RequestContext>().cloned().expect("the router puts a context into every request");
        let jar = CookieJar::from_headers(&parts.headers);
        let secure = app.deps.policy.secure_cookies;
        let cookie = |name: &str| jar.get(name).map(Cookie::value).filter(|value| is_ours(value)).map(str::to_owned);
        let session_cookie = cookie(session_name(secure));
        let session = match &session_cookie {
            Some(value) => find_session(&app.deps, value, context.now).await?,
            None => None,
        };
        Ok(Self {
            cookie: cookie(browser_name(secure)),
            session_cookie: session_cookie.filter(|_| session.is_some()),
            session,
            theme: theme(&parts.headers),
            user_agent: parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned(),
            now: context.now,
            ip: context.ip,
            request_id: context.request_id,
            brand: brand::of(&app.deps.policy),
        })
    }
}

/// The theme that the cookie names.
pub fn theme(headers: &HeaderMap) -> Theme {
    CookieJar::from_headers(headers).get("theme").map_or(Theme::System, |cookie| Theme::from_cookie(cookie.value()))
}

fn is_ours(value: &str) -> bool {
    (1..=COOKIE_LENGTH).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

const fn browser_name(secure: bool) -> &'static str {
    if secure { "__Host-grantor_browser" } else { "grantor_browser" }
}

const fn session_name(secure: bool) -> &'static str {
    if secure { "__Host-grantor_session" } else { "grantor_session" }
}

fn set_cookie(name: &'static str, value: String, secure: bool) -> HeaderValue {
    let cookie = Cookie::build((name, value)).path("/").http_only(true).secure(secure).same_site(SameSite::Lax).build();
    HeaderValue::from_str(&cookie.to_string()).expect("names and values of our cookies are letters, digits, - and _")
}

/// The header that hands out a session cookie (O1).
pub fn set_session(app: &AppState, cookie: &Secret<String>) -> HeaderValue {
    let secure = app.deps.policy.secure_cookies;
    set_cookie(session_name(secure), cookie.expose().clone(), secure)
}

/// The name of the session cookie, and the pair as a browser sends it back.
pub fn cookie_pair(app: &AppState, cookie: &Secret<String>) -> (&'static str, String) {
    let name = session_name(app.deps.policy.secure_cookies);
    (name, format!("{name}={}", cookie.expose()))
}

/// The header that takes the session cookie away.
///
/// # Panics
/// Never: a removal holds no foreign text.
pub fn clear_session(app: &AppState) -> HeaderValue {
    let secure = app.deps.policy.secure_cookies;
    let mut cookie = Cookie::build((session_name(secure), "")).path("/").http_only(true).secure(secure).same_site(SameSite::Lax).build();
    cookie.make_removal();
    HeaderValue::from_str(&cookie.to_string()).expect("a removal holds no foreign text")
}

impl Browser {
    /// The browser's own cookie; a new one, with the header that hands it out, if it has none.
    pub fn bind(&self, app: &AppState) -> (String, Option<HeaderValue>) {
        if let Some(cookie) = &self.cookie {
            return (cookie.clone(), None);
        }
        let minted = authorize::Browser::mint_cookie(&app.deps).expose().clone();
        let secure = app.deps.policy.secure_cookies;
        let header = set_cookie(browser_name(secure), minted.clone(), secure);
        (minted, Some(header))
    }

    /// As flows see it; a browser without a cookie owns no request.
    pub fn facts(&self, cookie: &str) -> authorize::Browser {
        authorize::Browser::with_cookie(cookie, self.session.clone())
    }

    /// Who acts, for the audit trail.
    pub fn origin(&self) -> Origin {
        let actor = self
            .session
            .as_ref()
            .map_or(Actor::Anonymous, |session| Actor::User { id: session.user.id, email: session.user.email.to_string() });
        Origin { actor, ip: self.ip, request_id: Some(self.request_id.clone()) }
    }

    /// The frame of a page for nobody in particular; `csrf` is what its forms carry.
    pub fn layout(&self, csrf: String) -> Layout {
        Layout {
            csrf,
            theme: self.theme,
            signed_in: None,
            org: None,
            section: Section::Elsewhere,
            notice: None,
            request_id: self.request_id.clone(),
            now: self.now,
            brand: self.brand.clone(),
            development: false,
            session_ends_in: None,
        }
    }
}

/// A browser with what the frame of a page shows of its person.
#[derive(Clone)]
pub struct Visitor {
    /// The browser.
    pub browser: Browser,
    /// The person's orgs; none when nobody is signed in.
    pub memberships: Vec<Membership>,
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        let browser = Browser::from_request_parts(parts, app).await?;
        let memberships = match &browser.session {
            Some(session) => account::list_memberships(&app.deps, session.user.id).await?,
            None => Vec::new(),
        };
        Ok(Self { browser, memberships })
    }
}

impl Visitor {
    /// The frame of a page.
    pub fn layout(&self, app: &AppState, section: Section) -> Layout {
        let (cookie, session) = (self.browser.session_cookie.as_deref(), self.browser.session.as_ref());
        let csrf = cookie.zip(session).map(|(cookie, session)| csrf::signed(app, cookie, &session.user)).unwrap_or_default();
        let session_ends_in = session.map(|session| (session.ends_at() - self.browser.now).whole_seconds());
        let signed_in = self.browser.session.as_ref().map(|session| layout::SignedIn {
            name: session.user.name.clone(),
            email: session.user.email.to_string(),
            orgs: self.memberships.iter().map(org_link).collect(),
        });
        Layout { signed_in, section, session_ends_in, development: app.deps.policy.development.tokens, ..self.browser.layout(csrf) }
    }
}

/// An org as the navigation shows it.
pub fn org_link(membership: &Membership) -> OrgLink {
    OrgLink { slug: membership.org.slug.clone(), name: membership.org.name.clone(), role: role_of(membership.role) }
}

/// A role as views name it.
pub const fn role_of(role: Role) -> layout::Role {
    match role {
        Role::Owner => layout::Role::Owner,
        Role::Admin => layout::Role::Admin,
        Role::Developer => layout::Role::Developer,
        Role::Member => layout::Role::Member,
    }
}

/// A signed-in person; whoever is not is sent to sign in and comes back.
#[derive(Clone)]
pub struct SignedIn {
    /// The living session.
    pub session: BrowserSession,
    /// The session cookie, to which forms are bound.
    pub cookie: String,
    /// Browser and orgs.
    pub visitor: Visitor,
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, app).await.map_err(PageError::into_response)?;
        match (visitor.browser.session.clone(), visitor.browser.session_cookie.clone()) {
            (Some(session), Some(cookie)) => Ok(Self { session, cookie, visitor }),
            _ => Err(Redirect::to(&sign_in_path(app, parts)).into_response()),
        }
    }
}

/// Where to sign in and come back from. A form post does not come back as one: its page does, and the sign-in page says that nothing
/// was saved.
fn sign_in_path(app: &AppState, parts: &Parts) -> String {
    if matches!(parts.method, Method::GET | Method::HEAD) {
        return paths::login_to(parts.uri.path_and_query().map_or("/", |path| path.as_str()));
    }
    let page = ReturnTo::came_from(&parts.headers, &app.deps.policy.issuer_origin());
    // What an earlier redirect told is not told again.
    let page = page.split_once("?done=").map_or(page.as_str(), |(path, _)| path);
    format!("{}&unsaved=true", paths::login_to(page))
}

impl SignedIn {
    /// The frame of a page.
    pub fn layout(&self, app: &AppState, section: Section) -> Layout {
        self.visitor.layout(app, section)
    }

    /// Who acts, for the audit trail.
    pub fn origin(&self) -> Origin {
        self.visitor.browser.origin()
    }

    /// The instant of this request.
    pub fn now(&self) -> OffsetDateTime {
        self.visitor.browser.now
    }

    /// The person's place in the org called `slug`.
    pub fn membership(&self, slug: &str) -> Option<&Membership> {
        self.visitor.memberships.iter().find(|membership| membership.org.slug == slug)
    }
}
