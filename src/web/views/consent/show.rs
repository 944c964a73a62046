//! The consent page (E1): who asks, for what, for how long, and where one is sent.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    layout::Layout,
    mark::{AppMark, OutsideLink, ScopeLine},
    text,
};

/// Asks. Posts `csrf` and `decision` (`allow` or `deny`) to `/consent/{id}`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "consent/show.html")]
pub struct ConsentPage {
    /// The frame; `layout.signed_in` must be present.
    pub layout: Layout,
    /// Id of the pending authorization request.
    pub id: String,
    /// Value of the hidden field `csrf` of the form that answers; it is good for this request only.
    pub csrf: String,
    /// The app that asks.
    pub app: AppMark,
    /// What the app says about itself; may be empty.
    pub description: String,
    /// Name of the org that registered it.
    pub org_name: String,
    /// Whether the operator vouches for the app.
    pub verified: bool,
    /// What is asked for, in the order of the request; the page puts the sensitive ones first.
    pub scopes: Vec<ScopeLine>,
    /// Host of the redirect URI (`portal.example.com`), or the private-use scheme of a native app.
    pub redirect_host: String,
    /// How long the permission lasts.
    pub lasts: Lasts,
    /// Why the person is asked although there was an approval before; empty = asked for the first time.
    pub reasons: Vec<AskReason>,
    /// A page about the app.
    pub about: Option<OutsideLink>,
    /// The app's privacy policy.
    pub privacy_policy: Option<OutsideLink>,
    /// The app's terms.
    pub terms_of_service: Option<OutsideLink>,
}

/// How long a permission lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// Only as long as one access token: seconds.
    OneToken(i64),
    /// With refresh tokens.
    Refreshable {
        /// Seconds until it ends whatever happens; `None` = never by itself.
        absolute: Option<i64>,
        /// Seconds without use after which it ends; `None` = never by itself.
        idle: Option<i64>,
    },
}

impl Lasts {
    /// The sentence shown.
    pub fn text(&self) -> String {
        match *self {
            Self::OneToken(seconds) => format!("For {}, then it has to ask again.", text::span(seconds)),
            Self::Refreshable { absolute: None, idle: None } => "Until you end it.".into(),
            Self::Refreshable { absolute: None, idle: Some(idle) } => {
                format!("Until you end it, or until it has not been used for {}.", text::span(idle))
            }
            Self::Refreshable { absolute: Some(most), idle: Some(idle) } if idle < most => {
                format!("For {}, or until it has not been used for {}.", text::span(most), text::span(idle))
            }
            Self::Refreshable { absolute: Some(most), idle: _ } => format!("For {}, or until you end it.", text::span(most)),
        }
    }
}

/// Why an earlier approval is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskReason {
    /// It asks for more than was approved; the new scopes carry `is_new`.
    NewScopes,
    /// The app asked to have it confirmed (`prompt=consent`).
    AppAsked,
    /// An app on a device or in a browser cannot prove who it is (E7).
    Unproven,
    /// Name, logo, redirect URIs or scopes of the app changed (E8).
    AppChanged,
}

impl AskReason {
    /// The sentence shown.
    pub fn text(&self) -> &'static str {
        match self {
            Self::NewScopes => "It asks for more than you allowed before. What is new is marked.",
            Self::AppAsked => "You allowed it before; the app asks you to confirm it again.",
            Self::Unproven => "You allowed it before; this kind of app cannot prove who it is, so we ask every time.",
            Self::AppChanged => "You allowed it before; its registration has changed since then.",
        }
    }
}

impl ConsentPage {
    /// What the app publishes about itself, in the words of links.
    pub fn links(&self) -> Vec<(&'static str, &OutsideLink)> {
        let all = [("what it is", &self.about), ("privacy policy", &self.privacy_policy), ("terms of service", &self.terms_of_service)];
        all.into_iter().filter_map(|(words, link)| link.as_ref().map(|link| (words, link))).collect()
    }

    /// The scopes as the page lists them.
    pub fn ordered_scopes(&self) -> Vec<&ScopeLine> {
        ScopeLine::sensitive_first(&self.scopes)
    }

    /// A first question.
    pub fn sample() -> Self {
        Self {
            layout: Layout { org: None, ..Layout::sample() },
            id: "0198f3c2-9b10-7d21-8f00-52c1a7e90b44".into(),
            csrf: "sample-csrf".into(),
            app: AppMark::sample(),
            description: "Publishes approved files to our brand site.".into(),
            org_name: "Acme Studios".into(),
            verified: true,
            scopes: ScopeLine::samples(),
            redirect_host: "portal.acme.example".into(),
            lasts: Lasts::Refreshable { absolute: Some(15_552_000), idle: Some(2_592_000) },
            reasons: Vec::new(),
            about: OutsideLink::new("https://acme.example/brand-portal"),
            privacy_policy: OutsideLink::new("https://acme.example/privacy"),
            terms_of_service: OutsideLink::new("https://acme.example/terms"),
        }
    }

    /// Asked again for more.
    pub fn sample_again() -> Self {
        let mut scopes = ScopeLine::samples();
        scopes[1].is_new = true;
        Self { scopes, reasons: vec![AskReason::NewScopes], description: String::new(), verified: false, ..Self::sample() }
    }
}
