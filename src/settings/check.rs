//! What is refused although it could be read: unsafe values, values out of range, APIs that contradict each other.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use ipnet::IpNet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

use crate::model::brand::{Accent, AccentFault};
use crate::model::policy::Metascope;
use crate::model::scope::{OFFLINE_ACCESS, is_scope_token};
use crate::settings::issuer::check_issuer;
use crate::settings::policy::MANAGEMENT_SCOPES;
use crate::settings::problem::{Problem, Problems};
use crate::settings::root_key::{WeakRootKey, parse_root_keys};
use crate::settings::{Loaded, MailSecurity, MailTransport, Purpose};

impl Loaded {
    /// Refuses what would be unsafe or meaningless for `purpose`, everything at once.
    pub fn check(&self, purpose: Purpose) -> Result<(), Problems> {
        let mut problems = Vec::new();
        self.check_identity(purpose, &mut problems);
        self.check_addresses(&mut problems);
        self.check_ranges(&mut problems);
        self.check_jwt_deadlines(&mut problems);
        self.check_mail(&mut problems);
        self.check_apis(&mut problems);
        self.check_metascopes(&mut problems);
        self.check_fetching(purpose, &mut problems);
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    fn check_identity(&self, purpose: Purpose, problems: &mut Vec<Problem>) {
        let settings = &self.settings;
        let needed = matches!(purpose, Purpose::Serve | Purpose::Operate);
        if needed || !settings.issuer.is_empty() {
            let loopback_http = purpose != Purpose::Serve;
            problems.extend(check_issuer(&settings.issuer, loopback_http).err().map(|what| self.problem("issuer", what)));
        }
        match parse_root_keys(settings.root_key.expose()) {
            Err(WeakRootKey::Missing) if !needed => {}
            Err(weak) => problems.push(self.problem("root_key", weak.to_string())),
            Ok(_) => {}
        }
        let url = settings.database.url.expose();
        if url.is_empty() {
            if purpose != Purpose::Dev {
                problems.push(
                    self.problem("database.url", "no database is set; set DATABASE_URL to postgres://user:password@host:5432/database"),
                );
            }
        } else if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            problems.push(self.problem("database.url", "only Postgres is supported; write postgres://user:password@host:5432/database"));
        }
        self.check_brand(problems);
    }

    fn check_brand(&self, problems: &mut Vec<Problem>) {
        let settings = &self.settings;
        if settings.brand_name.trim().is_empty() || settings.brand_name.chars().count() > 60 {
            problems.push(self.problem("brand_name", "must have 1 to 60 characters"));
        }
        if !settings.brand_logo.is_empty()
            && let Err(error) = std::fs::metadata(&settings.brand_logo)
        {
            let what =
                format!("the file {} cannot be read ({error}); name a PNG, JPEG, WebP or GIF, or leave it empty", settings.brand_logo);
            problems.push(self.problem("brand_logo", what));
        }
        let accent = &settings.brand_accent;
        match Accent::parse(accent) {
            Err(AccentFault::NotAColour) if !accent.is_empty() => {
                problems.push(self.problem("brand_accent", format!("`{accent}` is no colour; write it as #0b5cad, or leave it empty")));
            }
            Err(AccentFault::TooPale { contrast, darker }) => {
                let what = format!(
                    "`{accent}` cannot be read on light pages: its contrast is {contrast:.1} : 1 and must be at least 4.5 : 1 (WCAG 2.2, \
                     1.4.3); choose a darker colour, such as #{}",
                    darker.hex()
                );
                problems.push(self.problem("brand_accent", what));
            }
            _ => {}
        }
    }

    fn check_addresses(&self, problems: &mut Vec<Problem>) {
        for text in &self.settings.server.trusted_proxies {
            if parse_network(text).is_none() {
                let what = format!("`{text}` is neither an address nor a network; write it as 10.0.0.0/8");
                problems.push(self.problem("server.trusted_proxies", what));
            }
        }
        let metrics = &self.settings.metrics.address;
        if !metrics.is_empty() && metrics.parse::<SocketAddr>().is_err() {
            let what = format!("`{metrics}` is no address with a port; write it as 127.0.0.1:9464, or leave it empty for no metrics");
            problems.push(self.problem("metrics.address", what));
        }
    }

    fn check_mail(&self, problems: &mut Vec<Problem>) {
        let mail = &self.settings.mail;
        let mut say = |key: &str, what: &str| problems.push(self.problem(key, what));
        if mail.transport == MailTransport::Off {
            return;
        }
        if !mail.from.contains('@') || mail.from.chars().any(char::is_control) {
            say("mail.from", "mail needs a sender; write it as Grantor <grantor@example.com>");
        }
        match mail.transport {
            MailTransport::File if mail.folder.is_empty() => say("mail.folder", "name the folder into which mails are written"),
            MailTransport::Smtp if mail.host.is_empty() => say("mail.host", "name the mail server, as smtp.example.com"),
            _ => {}
        }
        let local = ["localhost", "127.0.0.1", "::1"].contains(&mail.host.as_str());
        if mail.transport == MailTransport::Smtp && mail.security == MailSecurity::None && !local {
            say("mail.security", "links that open accounts must not travel in the open; choose \"tls\" or \"starttls\"");
        }
        if mail.user.is_empty() != mail.password.expose().is_empty() {
            say("mail.password", "give user and password, or neither");
        }
    }

    fn check_ranges(&self, problems: &mut Vec<Problem>) {
        let (server, database) = (&self.settings.server, &self.settings.database);
        let (lifetimes, limits, jobs) = (&self.settings.lifetimes, &self.settings.limits, &self.settings.jobs);
        let year = 31_536_000;
        let oauth = &self.settings.oauth;
        let ranges: [(&str, i64, i64, i64); 38] = [
            ("oauth.assertion_lifetime", oauth.assertion_lifetime.into(), 30, 86_400),
            ("oauth.exchange_assertion_lifetime", oauth.exchange_assertion_lifetime.into(), 60, 604_800),
            ("oauth.assertion_skew", oauth.assertion_skew.into(), 0, 60),
            ("server.max_connections", server.max_connections.into(), 1, 1_000_000),
            ("server.header_timeout", server.header_timeout.into(), 1, 300),
            ("server.max_header_bytes", server.max_header_bytes.into(), 8_192, 1_048_576),
            ("server.drain_delay", server.drain_delay.into(), 0, 300),
            ("server.shutdown_timeout", server.shutdown_timeout.into(), 1, 600),
            ("database.max_connections", database.max_connections.into(), 0, 1_000),
            ("database.acquire_timeout", database.acquire_timeout.into(), 1, 60),
            ("database.statement_timeout", database.statement_timeout.into(), 1, 300),
            ("database.migration_lock_timeout", database.migration_lock_timeout.into(), 1, 3_600),
            ("lifetimes.code", lifetimes.code.into(), 10, 600),
            ("lifetimes.authorization_request", lifetimes.authorization_request.into(), 60, 86_400),
            ("lifetimes.session_idle", lifetimes.session_idle.into(), 60, year),
            ("lifetimes.session_absolute", lifetimes.session_absolute.into(), 60, year),
            ("lifetimes.password_link", lifetimes.password_link.into(), 300, 2_592_000),
            ("lifetimes.password_reset", lifetimes.password_reset.into(), 300, 86_400),
            ("lifetimes.invitation", lifetimes.invitation.into(), 3_600, 2_592_000),
            ("lifetimes.reauthentication", lifetimes.reauthentication.into(), 60, 86_400),
            ("lifetimes.restore_app", lifetimes.restore_app.into(), 0, year),
            ("lifetimes.signing_key_lead", lifetimes.signing_key_lead.into(), 0, 2_592_000),
            ("lifetimes.idempotency", lifetimes.idempotency.into(), 3_600, 2_592_000),
            ("lifetimes.ended_rows", lifetimes.ended_rows.into(), 86_400, 10 * year),
            ("lifetimes.brown_out", lifetimes.brown_out.into(), 10, 86_400),
            ("limits.apps_per_org", limits.apps_per_org.into(), 0, 10_000),
            ("limits.secrets_per_app", limits.secrets_per_app.into(), 1, 100),
            ("limits.requests_per_browser", limits.requests_per_browser.into(), 1, 1_000),
            ("limits.password_hashes", limits.password_hashes.into(), 0, 256),
            ("limits.login_attempts_per_account", limits.login_attempts_per_account.into(), 1, 1_000),
            ("limits.login_attempts_per_ip", limits.login_attempts_per_ip.into(), 1, 1_000_000),
            ("limits.login_window", limits.login_window.into(), 10, 86_400),
            ("keys.per_app", self.settings.keys.per_app.into(), 1, 100),
            ("keys.technical_accounts_per_org", self.settings.keys.technical_accounts_per_org.into(), 0, 10_000),
            ("development.token_lifetime", self.settings.development.token_lifetime.into(), 300, 86_400),
            ("jobs.last_use_interval", jobs.last_use_interval.into(), 1, 5),
            ("jobs.prune_interval", jobs.prune_interval.into(), 10, 86_400),
            ("jobs.prune_batch", jobs.prune_batch.into(), 1, 10_000),
        ];
        for (key, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                problems.push(self.problem(key, format!("{value} is out of range; choose {least} to {most}")));
            }
        }
        if !(1..=1_000_000).contains(&limits.password_failures_per_client) {
            problems.push(self.problem("limits.password_failures_per_client", "out of range; choose 1 to 1000000"));
        }
        if !(1..=300).contains(&jobs.keyring_interval) {
            problems.push(self.problem("jobs.keyring_interval", "out of range; choose 1 to 300"));
        }
    }

    /// How key sets of apps are read; `grantor serve` reads none from its own machine.
    fn check_fetching(&self, purpose: Purpose, problems: &mut Vec<Problem>) {
        let keys = &self.settings.keys;
        let ranges: [(&str, u32, u32, u32); 5] = [
            ("keys.fetch_timeout", keys.fetch_timeout, 1, 30),
            ("keys.fetch_max_bytes", keys.fetch_max_bytes, 1_024, 1_048_576),
            ("keys.fetch_pause", keys.fetch_pause, 1, 3_600),
            ("keys.fetch_max_age", keys.fetch_max_age, 60, 604_800),
            ("keys.fetch_trusted_for", keys.fetch_trusted_for, 60, 2_592_000),
        ];
        for (key, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                problems.push(self.problem(key, format!("{value} is out of range; choose {least} to {most}")));
            }
        }
        if keys.fetch_trusted_for < keys.fetch_max_age {
            problems.push(self.problem("keys.fetch_trusted_for", "is shorter than keys.fetch_max_age; choose as long or longer"));
        }
        if keys.fetch_loopback && purpose == Purpose::Serve {
            let what = "is for development only: an app's admin could make the server ask its own neighbours; leave it out";
            problems.push(self.problem("keys.fetch_loopback", what));
        }
    }

    /// Each date is readable, and they come in the order A, B, C.
    fn check_jwt_deadlines(&self, problems: &mut Vec<Problem>) {
        let deadlines = &self.settings.jwt_deadlines;
        let dates = [("no_new_apps", &deadlines.no_new_apps), ("no_renewal", &deadlines.no_renewal), ("disabled", &deadlines.disabled)];
        let mut latest = None;
        for (name, text) in dates {
            let key = format!("jwt_deadlines.{name}");
            match parse_instant(text) {
                Err(NotAnInstant) => {
                    let what = format!("`{text}` is no instant; write it as 2027-01-31T00:00:00Z, or leave it empty");
                    problems.push(self.problem(&key, what));
                }
                Ok(Some(at)) if latest.is_some_and(|before| at < before) => {
                    problems
                        .push(self.problem(&key, "comes before the step that precedes it; the order is no_new_apps, no_renewal, disabled"));
                }
                Ok(at) => latest = at.or(latest),
            }
        }
        if deadlines.announcement.chars().count() > 500 {
            problems.push(self.problem("jwt_deadlines.announcement", "must have at most 500 characters"));
        }
    }

    fn check_metascopes(&self, problems: &mut Vec<Problem>) {
        let known = |name: &str| self.settings.apis.iter().flat_map(|api| &api.scopes).any(|scope| scope.name == name);
        for text in &self.settings.oauth.metascopes {
            match Metascope::parse(text) {
                None => problems.push(self.problem("oauth.metascopes", format!("`{text}` cannot be read; write name=scope scope"))),
                Some(read) => problems.extend(
                    read.scopes
                        .iter()
                        .filter(|name| !known(name))
                        .map(|name| self.problem("oauth.metascopes", format!("scope `{name}` of `{text}` belongs to no API"))),
                ),
            }
        }
    }

    fn check_apis(&self, problems: &mut Vec<Problem>) {
        let mut identifiers = BTreeSet::from([format!("{}/api/v1", self.settings.issuer)]);
        let mut scopes: BTreeSet<&str> = MANAGEMENT_SCOPES.iter().map(|scope| scope.0).chain([OFFLINE_ACCESS, "openid"]).collect();
        let mut say = |what: String| problems.push(self.problem("apis", what));
        for api in &self.settings.apis {
            let identifier = &api.identifier;
            let has_space = identifier.contains(|sign: char| sign.is_whitespace() || sign.is_control());
            if has_space || !Url::parse(identifier).is_ok_and(|url| url.fragment().is_none()) {
                say(format!(
                    "identifier `{identifier}` must be an absolute URI without a fragment (RFC 8707 §2), as https://api.example.com"
                ));
            }
            if !identifiers.insert(identifier.clone()) {
                say(format!("identifier `{identifier}` is taken; each API needs its own"));
            }
            if api.name.trim().is_empty() || api.scopes.is_empty() {
                say(format!("API `{identifier}` needs a name and at least one scope"));
            }
            if let Some(weakness) = api.introspection_secret.as_ref().and_then(|secret| weakness(secret.expose())) {
                say(format!(
                    "introspection_secret of `{identifier}` {weakness}; make one with `openssl rand -hex 32`, or leave the key out"
                ));
            }
            for scope in &api.scopes {
                let name = &scope.name;
                if !is_scope_token(name) {
                    say(format!(
                        "scope `{name}` must be 1 to 128 visible ASCII characters without blank, comma, quote and backslash (RFC 6749 §3.3)"
                    ));
                }
                if !scopes.insert(name) {
                    say(format!("scope `{name}` is taken by another API or by the server; scope names are unique over all APIs"));
                }
                if scope.title.trim().is_empty() {
                    say(format!("scope `{name}` needs a title: it is what people read when they are asked to allow it"));
                }
            }
        }
    }
}

/// Why `secret` is none, never with the secret: who guesses it sees whether tokens are alive and whose they are.
fn weakness(secret: &str) -> Option<String> {
    let mut distinct: Vec<char> = secret.chars().collect();
    let length = distinct.len();
    distinct.sort_unstable();
    distinct.dedup();
    match () {
        () if length < 32 => Some(format!("has {length} characters and must have at least 32")),
        () if !secret.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Some("has characters that are not visible ASCII (RFC 6749 §A.2)".to_owned())
        }
        // 32 random hex digits have fewer than 8 distinct ones about once in 10^6 draws; typed patterns often do.
        () if distinct.len() < 8 => Some("repeats the same few characters, so it can be guessed".to_owned()),
        () => None,
    }
}

/// Text that is neither empty nor an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAnInstant;

/// An instant as RFC 3339; empty = none.
pub(super) fn parse_instant(text: &str) -> Result<Option<OffsetDateTime>, NotAnInstant> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    OffsetDateTime::parse(text.trim(), &Rfc3339).map(Some).map_err(|_| NotAnInstant)
}

/// An address or a network.
pub(super) fn parse_network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}
