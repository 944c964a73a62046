//! The server under test: a release binary on a Postgres of its own, with apps and tokens made through its doors.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use grantor::managed_pg::{ManagedPg, Options};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::load::{Connection, Load, post};
use crate::machines::{Signed, Signer};
use crate::report;

/// The API, and two that differ from it only in their algorithm.
const APIS: &str = r#"
[[apis]]
identifier = "https://es.bench.test"
name = "ES256"
scopes = [{ name = "es", title = "Bench" }]

[[apis]]
identifier = "https://ed.bench.test"
name = "EdDSA"
algorithm = "EdDSA"
scopes = [{ name = "ed", title = "Bench" }]

[[apis]]
identifier = "https://rs.bench.test"
name = "RS256"
algorithm = "RS256"
scopes = [{ name = "rs", title = "Bench" }]

[log]
level = "warn"

[metrics]
address = ""

[lifetimes]
code = 600

[limits]
authorization_requests_per_minute = 4000000
token_requests_per_second = 0
"#;

const VERIFIER: &str = "bench-verifier-bench-verifier-bench-verifier";
const CALLBACK: &str = "https://app.bench.test/callback";

/// An app and how it authenticates.
struct App {
    client_id: String,
    basic: String,
}

/// The running server with its apps.
pub(crate) struct Bench {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its Postgres.
    pub(crate) postgres: ManagedPg,
    /// Its database.
    pub(crate) database: String,
    /// Itself.
    pub(crate) process: Child,
    /// Codes that were redeemed, and answered.
    pub(crate) redeemed: usize,
    folder: PathBuf,
    machine: App,
    signer: Option<Signer>,
    web: App,
    cookies: String,
    /// The address of the list of apps.
    pub(crate) apps_page: String,
    /// The living refresh token of each connection.
    families: Vec<String>,
    /// One that was used.
    spent: Option<String>,
    hot: String,
}

impl Bench {
    /// Starts Postgres and server, registers apps, signs a person in and opens a family for each connection.
    pub(crate) async fn start(connections: usize) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("grantor-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let postgres = ManagedPg::start(Options::new(folder.join("postgres"))).await?;
        let database = "grantor".to_owned();
        postgres.create_database_if_absent(&database).await?;
        std::fs::write(folder.join("bench.toml"), APIS)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let process = spawn(&folder, &postgres.url(&database), port).await?;
        let empty = App { client_id: String::new(), basic: String::new() };
        let mut bench = Self {
            address,
            postgres,
            database,
            process,
            redeemed: 0,
            folder,
            machine: App { ..empty },
            signer: None,
            web: App { client_id: String::new(), basic: String::new() },
            cookies: String::new(),
            apps_page: String::new(),
            families: Vec::new(),
            spent: None,
            hot: String::new(),
        };
        bench.prepare(connections).await?;
        // Signing in hashed passwords; memory is measured without that, so the server starts anew.
        bench.restart().await?;
        Ok(bench)
    }

    async fn prepare(&mut self, connections: usize) -> anyhow::Result<()> {
        let dev: Value = serde_json::from_slice(&std::fs::read(self.folder.join("data/dev.json"))?)?;
        let text = |pointer: &str| {
            dev.pointer(pointer).and_then(Value::as_str).map(str::to_owned).with_context(|| format!("dev.json has no {pointer}"))
        };
        let manager = App::new(&text("/apps/manager/client_id")?, &text("/apps/manager/client_secret")?);
        let manage = self.token(&manager, "grant_type=client_credentials&scope=apps:write,credentials:write,introspect").await?;
        let apps = format!("/api/v1/orgs/{}/apps", text("/org/slug")?);
        let machine = json!({ "kind": "m2m", "name": "Bench machine", "scopes": ["es", "ed", "rs", "introspect"] });
        self.machine = self.register(&apps, &manage, &machine).await?;
        let signer = Signer::generate(&text("/issuer")?, &self.machine.client_id, &text("/org/id")?)?;
        for jwk in signer.jwks() {
            self.api(&format!("{apps}/{}/keys", self.machine.client_id), &manage, &json!({ "key": jwk })).await?;
        }
        self.signer = Some(signer);
        let web = json!({ "kind": "web", "name": "Bench web", "redirect_uris": [CALLBACK], "scopes": ["es"],
            "refresh_tokens": { "retry_window": 0 } });
        self.web = self.register(&apps, &manage, &web).await?;
        let spare = json!({ "kind": "m2m", "name": "Spare", "scopes": ["es"] });
        while self.usage(&apps, &manage).await? < 10 {
            self.register(&apps, &manage, &spare).await?;
        }
        self.apps_page = format!("/orgs/{}/apps", text("/org/slug")?);
        self.sign_in(&text("/users/owner/email")?, &text("/users/owner/password")?).await?;
        let codes = self.mint_codes(connections).await?;
        for code in codes {
            let answer = self.redeem_one(&code).await?;
            self.families.push(member(&answer, "refresh_token")?);
        }
        self.hot = self.token(&self.machine, "grant_type=client_credentials&scope=es").await?;
        Ok(())
    }

    async fn register(&self, path: &str, token: &str, app: &Value) -> anyhow::Result<App> {
        let answer = self.api(path, token, app).await?;
        Ok(App::new(&member(&answer, "client_id")?, &member(&answer, "client_secret")?))
    }

    /// Makes something by the management API; the answer's body.
    async fn api(&self, path: &str, token: &str, body: &Value) -> anyhow::Result<Vec<u8>> {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = Connection::open(self.address).await?.send(request.as_bytes()).await?;
        ensure!(answer.status == 201, "{path} answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        Ok(answer.body)
    }

    /// How many apps the org has.
    async fn usage(&self, apps: &str, token: &str) -> anyhow::Result<u64> {
        let org = apps.trim_end_matches("/apps");
        let request = format!("GET {org} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n");
        let answer = Connection::open(self.address).await?.send(request.as_bytes()).await?;
        let org: Value = serde_json::from_slice(&answer.body)?;
        org.pointer("/apps/used").and_then(Value::as_u64).with_context(|| format!("no number of apps in {org}"))
    }

    async fn token(&self, app: &App, form: &str) -> anyhow::Result<String> {
        let answer = Connection::open(self.address).await?.send(&app.post("/token", form)).await?;
        ensure!(answer.status == 200, "/token answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        member(&answer.body, "access_token")
    }

    /// Signs in and approves once, by the forms; afterwards the approval is remembered.
    async fn sign_in(&mut self, email: &str, password: &str) -> anyhow::Result<()> {
        let browser = reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build()?;
        let mut url = format!("http://{}{}", self.address, self.authorize_path());
        let mut cookies = std::collections::BTreeMap::new();
        let mut form: Option<Vec<(String, String)>> = None;
        for _ in 0..8 {
            let request = match form.take() {
                Some(form) => browser.post(&url).form(&form),
                None => browser.get(&url),
            };
            let answer = request.send().await?;
            for cookie in answer.headers().get_all("set-cookie") {
                let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                cookies.insert(name.to_owned(), value.to_owned());
            }
            if let Some(location) = answer.headers().get("location") {
                let location = location.to_str()?;
                if location.starts_with(CALLBACK) {
                    self.cookies = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
                    return Ok(());
                }
                url = format!("http://{}{}", self.address, location.trim_start_matches(&format!("http://{}", self.address)));
                continue;
            }
            let page = answer.text().await?;
            let (action, mut fields) = form_with_password_or_decision(&page).context("neither a login nor a consent page")?;
            fields.extend([("email".into(), email.into()), ("password".into(), password.into()), ("decision".into(), "allow".into())]);
            url = action.map_or(url, |action| format!("http://{}{action}", self.address));
            form = Some(fields);
        }
        bail!("signing in led in circles")
    }

    /// A request of the signed-in person.
    pub(crate) fn get(&self, path: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {}\r\n\r\n", self.cookies).into_bytes()
    }

    pub(crate) fn authorize_path(&self) -> String {
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
        let client = &self.web.client_id;
        format!(
            "/authorize?client_id={client}&redirect_uri={CALLBACK}&response_type=code&scope=es&state=s&code_challenge={challenge}&code_challenge_method=S256"
        )
    }

    /// Codes of the remembered approval.
    pub(crate) async fn mint_codes(&self, count: usize) -> anyhow::Result<Vec<String>> {
        let request = self.get(&self.authorize_path());
        let mut connection = Connection::open(self.address).await?;
        let mut codes = Vec::with_capacity(count);
        for _ in 0..count {
            let answer = connection.send(&request).await?;
            let location = answer.location.with_context(|| format!("/authorize answered {}", answer.status))?;
            let url: url::Url = location.parse()?;
            let code = url.query_pairs().find(|(name, _)| name == "code").with_context(|| format!("no code in {location}"))?;
            codes.push(code.1.into_owned());
        }
        Ok(codes)
    }

    fn redemption(&self, code: &str) -> Vec<u8> {
        self.web.post("/token", &format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&code_verifier={VERIFIER}"))
    }

    async fn redeem_one(&mut self, code: &str) -> anyhow::Result<Vec<u8>> {
        let answer = Connection::open(self.address).await?.send(&self.redemption(code)).await?;
        ensure!(answer.status == 200, "redeeming answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        self.redeemed += 1;
        Ok(answer.body)
    }

    /// Redemptions a second.
    pub(crate) async fn redeem(&mut self, codes: &[String]) -> anyhow::Result<f64> {
        let requests: Vec<Vec<u8>> = codes.iter().map(|code| self.redemption(code)).collect();
        self.redeemed += codes.len();
        Load { address: self.address, connections: self.families.len(), length: Duration::ZERO }.work_off(&requests).await
    }

    /// Grants by assertions, each of which works once.
    pub(crate) fn bearer_requests(&self, signed: Signed, count: usize) -> anyhow::Result<Vec<Vec<u8>>> {
        let forms = self.signer()?.bearer_forms(signed, count)?;
        Ok(forms.iter().map(|form| post("/token", "", form)).collect())
    }

    /// Grants to a client that authenticates by assertions.
    pub(crate) fn client_requests(&self, signed: Signed, count: usize) -> anyhow::Result<Vec<Vec<u8>>> {
        let forms = self.signer()?.client_forms(signed, count)?;
        Ok(forms.iter().map(|form| post("/token", "", form)).collect())
    }

    /// An exchange that may be repeated.
    pub(crate) fn exchange_request(&self) -> anyhow::Result<Vec<u8>> {
        Ok(self.machine.post("/ims/exchange/jwt", &format!("jwt_token={}", self.signer()?.exchange_assertion()?)))
    }

    fn signer(&self) -> anyhow::Result<&Signer> {
        self.signer.as_ref().context("the server is not prepared")
    }

    /// The three signature algorithms with their goals.
    pub(crate) fn client_credentials(&self) -> [(&'static str, f64, Vec<u8>); 3] {
        let request = |scope| self.machine.post("/token", &format!("grant_type=client_credentials&scope={scope}"));
        [
            ("client_credentials ES256", 0.35, request("es")),
            ("client_credentials EdDSA", 0.45, request("ed")),
            ("client_credentials RS256", 0.0, request("rs")),
        ]
    }

    /// Refreshes a second; each connection follows its own chain.
    pub(crate) async fn refresh(&mut self, load: Load) -> anyhow::Result<f64> {
        let chains = self.families.iter().map(|token| {
            let (first, basic) = (token.clone(), self.web.basic.clone());
            move |last: Option<&[u8]>| {
                let token = last.map_or_else(|| Ok(first.clone()), |body| member(body, "refresh_token"))?;
                Ok(post("/token", &basic, &format!("grant_type=refresh_token&refresh_token={token}")))
            }
        });
        let (rate, ends) = load.chains(chains).await?;
        self.spent = self.families.first().cloned();
        self.families = ends.iter().map(|body| member(body, "refresh_token")).collect::<anyhow::Result<_>>()?;
        Ok(rate)
    }

    /// A token used long ago must be refused, or the figures above mean nothing.
    pub(crate) async fn replay_is_refused(&self) -> anyhow::Result<()> {
        let token = self.spent.as_deref().context("nothing was refreshed")?;
        let request = self.web.post("/token", &format!("grant_type=refresh_token&refresh_token={token}"));
        let answer = Connection::open(self.address).await?.send(&request).await?;
        ensure!(answer.status == 400 && member(&answer.body, "error")? == "invalid_grant", "a replay was not refused");
        Ok(())
    }

    /// Introspects one token again and again.
    pub(crate) fn introspection_of_one(&self) -> Vec<u8> {
        self.machine.post("/introspect", &format!("token={}", self.hot))
    }

    /// Introspects fresh tokens once each.
    pub(crate) async fn introspection_of_many(&self, count: usize) -> anyhow::Result<f64> {
        let request = self.machine.post("/token", "grant_type=client_credentials&scope=es");
        let mut connection = Connection::open(self.address).await?;
        let mut requests = Vec::with_capacity(count);
        for _ in 0..count {
            let token = member(&connection.send(&request).await?.body, "access_token")?;
            requests.push(self.machine.post("/introspect", &format!("token={token}")));
        }
        Load { address: self.address, connections: self.families.len(), length: Duration::ZERO }.work_off(&requests).await
    }

    /// Median milliseconds from start to the first ready answer, with the database migrated already.
    pub(crate) async fn start_times(&mut self) -> anyhow::Result<f64> {
        let mut times = Vec::new();
        for _ in 0..5 {
            times.push(self.restart().await?.as_secs_f64() * 1_000.0);
        }
        Ok(report::median(&times))
    }

    /// Ends the server and starts it again; how long it took to be ready.
    async fn restart(&mut self) -> anyhow::Result<Duration> {
        self.end().await?;
        let started = Instant::now();
        self.process = spawn(&self.folder, &self.postgres.url(&self.database), self.address.port()).await?;
        Ok(started.elapsed())
    }

    async fn end(&mut self) -> anyhow::Result<()> {
        if let Some(id) = self.process.id() {
            Command::new("kill").arg(id.to_string()).status().await?;
        }
        self.process.wait().await?;
        Ok(())
    }

    /// Ends server and Postgres and removes their data.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.end().await?;
        self.postgres.stop().await?;
        Ok(std::fs::remove_dir_all(&self.folder)?)
    }
}

impl App {
    fn new(client_id: &str, client_secret: &str) -> Self {
        let basic = format!("Authorization: Basic {}\r\n", BASE64_STANDARD.encode(format!("{client_id}:{client_secret}")));
        Self { client_id: client_id.to_owned(), basic }
    }

    fn post(&self, path: &str, form: &str) -> Vec<u8> {
        post(path, &self.basic, form)
    }
}

async fn spawn(folder: &std::path::Path, database_url: &str, port: u16) -> anyhow::Result<Child> {
    let mut process = Command::new(env!("CARGO_BIN_EXE_grantor"))
        .args(["dev", "--port", &port.to_string(), "--data-dir"])
        .arg(folder.join("data"))
        .arg("--config")
        .arg(folder.join("bench.toml"))
        .env("DATABASE_URL", database_url)
        .env("GRANTOR__SERVER__DRAIN_DELAY", "0")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(process.stdout.take().context("no output")?).lines();
    while let Some(line) = lines.next_line().await? {
        if line.starts_with("grantor is ready at") {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(process);
        }
    }
    bail!("the server ended before it was ready")
}

fn member(body: &[u8], name: &str) -> anyhow::Result<String> {
    let value: Value = serde_json::from_slice(body)?;
    value.get(name).and_then(Value::as_str).map(str::to_owned).with_context(|| format!("no {name} in {value}"))
}

/// A form's target, if it names one, and its hidden fields.
type Form = (Option<String>, Vec<(String, String)>);

/// The page's form that asks for a password or a decision.
fn form_with_password_or_decision(page: &str) -> Option<Form> {
    let html = scraper::Html::parse_document(page);
    let select = |css: &'static str| scraper::Selector::parse(css).expect("a selector");
    let form = html.select(&select("form:has([name=password]), form:has([name=decision])")).next()?;
    let hidden = select("input[type=hidden]");
    let field = |input: scraper::ElementRef| Some((input.attr("name")?.to_owned(), input.attr("value").unwrap_or_default().to_owned()));
    Some((form.attr("action").map(str::to_owned), form.select(&hidden).filter_map(field).collect()))
}
