//! A person's browser without scripts: keeps cookies, follows redirects inside the server, fills in forms.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use scraper::{ElementRef, Html, Selector};

use crate::kit::http::{Answer, form, pkce, send};
use crate::kit::world::{App, CALLBACK, ISSUER, PASSWORD, World};

/// One browser with its cookies.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
}

/// Where a browser came to.
pub(crate) struct Page {
    /// Path and query of the page; the whole URL when it left the server.
    pub(crate) url: String,
    /// The last answer.
    pub(crate) answer: Answer,
}

impl Browser {
    /// A fresh browser in front of `world`.
    pub(crate) fn new(world: &World) -> Self {
        Self { router: world.router.clone(), cookies: BTreeMap::new() }
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Plants a cookie, as an attacker on a sibling host would.
    pub(crate) fn plant(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// One request, following nothing.
    pub(crate) async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        self.send_bytes(method, path, headers, body.into_bytes()).await
    }

    /// The same with a body that is no text, such as a form with a file.
    pub(crate) async fn send_bytes(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !self.cookies.is_empty() {
            let line: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = send(&self.router, request.body(Body::from(body)).expect("a request")).await;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("a readable cookie");
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("name=value");
            if value.is_empty() || line.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Opens a page and follows redirects until one leaves the server.
    pub(crate) async fn open(&mut self, path: &str) -> Page {
        let answer = self.send(Method::GET, path, &[], String::new()).await;
        self.follow(path.to_owned(), answer).await
    }

    /// Posts a form as its own page would and follows where it leads.
    pub(crate) async fn post(&mut self, path: &str, pairs: &[(&str, &str)]) -> Page {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", ISSUER), ("sec-fetch-site", "same-origin")];
        let answer = self.send(Method::POST, path, &headers, form(pairs)).await;
        self.follow(path.to_owned(), answer).await
    }

    /// Posts a form with a file, as a browser does that was told `multipart/form-data`, and follows where it leads.
    pub(crate) async fn upload(&mut self, path: &str, pairs: &[(&str, &str)], (name, file): (&str, &[u8])) -> Page {
        let mut body = Vec::new();
        for (name, value) in pairs {
            body.extend(format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        let head = format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"x\"\r\nContent-Type: x/x\r\n\r\n");
        body.extend(head.bytes().chain(file.iter().copied()).chain(b"\r\n--limit--\r\n".iter().copied()));
        let headers = [("content-type", "multipart/form-data; boundary=limit"), ("origin", ISSUER), ("sec-fetch-site", "same-origin")];
        let answer = self.send_bytes(Method::POST, path, &headers, body).await;
        self.follow(path.to_owned(), answer).await
    }

    async fn follow(&mut self, mut url: String, mut answer: Answer) -> Page {
        for _ in 0..10 {
            if !answer.status.is_redirection() {
                return Page { url, answer };
            }
            let target = answer.header("location");
            let target = target.strip_prefix(ISSUER).unwrap_or(target).to_owned();
            if !target.starts_with('/') {
                return Page { url: target, answer };
            }
            answer = self.send(Method::GET, &target, &[], String::new()).await;
            url = target;
        }
        panic!("too many redirects, last to {url}")
    }

    /// Fills in the form of `page` that has a field or button called `named` and sends it.
    pub(crate) async fn submit(&mut self, page: &Page, named: &str, values: &[(&str, &str)]) -> Page {
        let (action, mut fields) = page.form(named).unwrap_or_else(|| panic!("no form with {named} on {}: {}", page.url, page.answer.body));
        for (name, value) in values {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        let pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&action, &pairs).await
    }

    /// Registers an app step by step, filling in each field where it is asked for; the page that stops, or that shows the secret.
    pub(crate) async fn register(&mut self, org: &str, kind: &str, values: &[(&str, &str)]) -> Page {
        let mut page = self.open(&format!("/orgs/{org}/apps/new?kind={kind}")).await;
        for _ in 0..4 {
            let Some((action, mut fields)) = page.form("access_token_lifetime") else { break };
            for (name, _) in values.iter().filter(|(name, _)| page.asks_for(name)) {
                fields.retain(|(known, _)| known != name);
            }
            let asked = values.iter().filter(|(name, _)| page.asks_for(name));
            fields.extend(asked.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            let pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            page = self.post(&action, &pairs).await;
            if page.answer.status != 200 {
                break;
            }
        }
        page
    }

    /// Signs in with [`PASSWORD`].
    pub(crate) async fn sign_in(&mut self, email: &str) -> Page {
        let page = self.open("/login").await;
        self.submit(&page, "password", &[("email", email), ("password", PASSWORD)]).await
    }

    /// Opens an authorization URL, signs in and allows where asked; the URL the browser was sent to.
    pub(crate) async fn approve(&mut self, url: &str, email: &str) -> String {
        let mut page = self.open(url).await;
        if page.form("password").is_some() {
            page = self.submit(&page, "password", &[("email", email), ("password", PASSWORD)]).await;
        }
        if page.form("decision").is_some() {
            page = self.submit(&page, "decision", &[("decision", "allow")]).await;
        }
        assert!(page.left(), "stayed at {} ({}): {}", page.url, page.answer.status, page.answer.body);
        page.url
    }
}

impl Page {
    /// Whether the browser was sent away from the server.
    pub(crate) fn left(&self) -> bool {
        self.answer.status.is_redirection()
    }

    /// The text of the page's heading.
    pub(crate) fn heading(&self) -> String {
        let html = Html::parse_document(&self.answer.body);
        html.select(&select("h1")).next().map(|h1| h1.text().collect::<String>().trim().to_owned()).unwrap_or_default()
    }

    /// Whether it has a field of this name for people to fill in.
    pub(crate) fn asks_for(&self, name: &str) -> bool {
        let html = Html::parse_document(&self.answer.body);
        html.select(&select(&format!("[name=\"{name}\"]:not([type=hidden])"))).next().is_some()
    }

    /// The texts of what the selector finds, in order.
    pub(crate) fn texts(&self, css: &str) -> Vec<String> {
        let html = Html::parse_document(&self.answer.body);
        html.select(&select(css)).map(|found| found.text().collect::<String>().trim().to_owned()).collect()
    }

    /// An attribute of the first that the selector finds.
    pub(crate) fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let html = Html::parse_document(&self.answer.body);
        html.select(&select(css)).next().and_then(|found| found.attr(name)).map(str::to_owned)
    }

    /// Target and prefilled fields of the form that has a field or button called `named`.
    pub(crate) fn form(&self, named: &str) -> Option<(String, Vec<(String, String)>)> {
        self.form_where(|form| form.select(&select(&format!("[name=\"{named}\"]"))).next().is_some())
    }

    /// The same of the form that posts to `path`.
    pub(crate) fn form_to(&self, path: &str) -> Option<(String, Vec<(String, String)>)> {
        self.form_where(|form| form.attr("action") == Some(path))
    }

    /// The prefilled fields of every form.
    pub(crate) fn forms(&self) -> Vec<Vec<(String, String)>> {
        let html = Html::parse_document(&self.answer.body);
        let fields = select("input, textarea, select");
        html.select(&select("form")).map(|form| form.select(&fields).filter_map(prefilled).collect()).collect()
    }

    fn form_where(&self, is_it: impl Fn(&ElementRef<'_>) -> bool) -> Option<(String, Vec<(String, String)>)> {
        let html = Html::parse_document(&self.answer.body);
        let form = html.select(&select("form")).find(is_it)?;
        let path = self.url.clone();
        let action = form.attr("action").filter(|action| !action.is_empty()).map_or(path, str::to_owned);
        let fields = form.select(&select("input, textarea, select")).filter_map(prefilled).collect();
        Some((action, fields))
    }

    /// A parameter of the URL the browser was sent to.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        parameter(&self.url, name)
    }
}

/// What a browser would send for an untouched field.
fn prefilled(field: ElementRef<'_>) -> Option<(String, String)> {
    let name = field.attr("name")?.to_owned();
    let value = match (field.value().name(), field.attr("type")) {
        ("input", Some("checkbox" | "radio")) => {
            field.attr("checked")?;
            field.attr("value").unwrap_or("on").to_owned()
        }
        ("input", Some("submit" | "button")) => return None,
        ("input", _) => field.attr("value").unwrap_or_default().to_owned(),
        ("textarea", _) => field.text().collect::<String>().trim_start_matches('\n').to_owned(),
        _ => {
            let options = select("option");
            let chosen =
                field.select(&options).find(|option| option.attr("selected").is_some()).or_else(|| field.select(&options).next())?;
            chosen.attr("value").map_or_else(|| chosen.text().collect(), str::to_owned)
        }
    };
    Some((name, value))
}

/// A parameter of a URL's query.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let url: url::Url = url.parse().expect("a URL");
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

fn select(css: &str) -> Selector {
    Selector::parse(css).expect("a selector")
}

/// `/authorize` with these parameters.
pub(crate) fn authorize_url(pairs: &[(&str, &str)]) -> String {
    format!("/authorize?{}", form(pairs))
}

impl World {
    /// A code for `app`, approved by the person with `email`, bound to the challenge of [`pkce`].
    pub(crate) async fn code(&self, app: &App, email: &str) -> String {
        let (_, challenge) = pkce();
        let url = authorize_url(&[
            ("client_id", &app.client_id),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("state", "s"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let left = Browser::new(self).approve(&url, email).await;
        parameter(&left, "code").unwrap_or_else(|| panic!("no code in {left}"))
    }

    /// The token answer for a fresh code.
    pub(crate) async fn tokens(&self, app: &App, email: &str) -> serde_json::Value {
        let (code, (verifier, _)) = (self.code(app, email).await, pkce());
        let pairs = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK), ("code_verifier", &*verifier)];
        self.token(app, &pairs).await.expect(200).json()
    }
}
