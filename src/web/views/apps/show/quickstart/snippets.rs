//! The programs themselves. Each runs as it stands, with nothing but environment variables to set.

use askama::Template;

use crate::web::views::apps::kind::AppKind;
use crate::web::views::apps::show::quickstart::values::{Filled, Values};

/// A program of one or more files.
#[derive(Debug, Clone)]
pub struct Snippet {
    /// Its id on the page and for scripts that run it.
    pub key: &'static str,
    /// What it is written with.
    pub title: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// `code` where a person signs in, `machine` where none does, `data` for a file that a product reads.
    pub flow: &'static str,
    /// What to install first; empty for nothing.
    pub install: &'static str,
    /// How to run it; empty for a file that is not run.
    pub run: &'static str,
    /// Its files, in the order to read them.
    pub files: Vec<File>,
}

/// One file of it.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: String,
}

macro_rules! texts {
    ($($name:ident $path:tt;)+) => {$(
        #[derive(Template)]
        #[template(path = $path, escape = "none")]
        struct $name<'f> { v: &'f Filled }
    )+};
}

texts! {
    CurlMachine "apps/show/quickstart/curl_machine.txt";
    CurlCode "apps/show/quickstart/curl_code.txt";
    CurlKey "apps/show/quickstart/curl_key.txt";
    NodeMachine "apps/show/quickstart/node_machine.txt";
    NodeCode "apps/show/quickstart/node_code.txt";
    Passport "apps/show/quickstart/passport.txt";
    AuthlibMachine "apps/show/quickstart/authlib_machine.txt";
    AuthlibCode "apps/show/quickstart/authlib_code.txt";
    SpringPom "apps/show/quickstart/spring_pom.txt";
    SpringYaml "apps/show/quickstart/spring_yaml.txt";
    SpringCode "apps/show/quickstart/spring_code.txt";
    SpringMachine "apps/show/quickstart/spring_machine.txt";
    GoMachine "apps/show/quickstart/go_machine.txt";
    GoCode "apps/show/quickstart/go_code.txt";
    RustCargo "apps/show/quickstart/rust_cargo.txt";
    RustMachine "apps/show/quickstart/rust_machine.txt";
    RustCode "apps/show/quickstart/rust_code.txt";
    BrowserHtml "apps/show/quickstart/browser_html.txt";
    BrowserServer "apps/show/quickstart/browser_server.txt";
    DestinationCode "apps/show/quickstart/destination_code.txt";
    DestinationMachine "apps/show/quickstart/destination_machine.txt";
}

fn file(name: &'static str, text: &impl Template) -> File {
    File { name, text: text.render().unwrap_or_default() }
}

/// The programs that fit the app.
pub(super) fn of(values: &Values) -> Vec<Snippet> {
    let filled = &Filled::of(values);
    match values.kind {
        AppKind::Web => code(filled),
        AppKind::Spa => browser(filled),
        AppKind::M2m => machine(filled, values),
    }
}

fn code(v: &Filled) -> Vec<Snippet> {
    let snippet = |key, title, about, (install, run), files| Snippet { key, title, about, flow: "code", install, run, files };
    vec![
        snippet(
            "curl",
            "curl",
            "The code flow by hand, step by step.",
            ("", "bash quickstart.sh"),
            vec![file("quickstart.sh", &CurlCode { v })],
        ),
        snippet(
            "oauth4webapi",
            "Node.js",
            "With oauth4webapi, which checks every answer.",
            ("npm install oauth4webapi", "node quickstart.mjs"),
            vec![file("quickstart.mjs", &NodeCode { v })],
        ),
        snippet(
            "passport",
            "PassportJS",
            "An Express application with passport-oauth2.",
            ("npm install express express-session passport passport-oauth2", "node quickstart.mjs"),
            vec![file("quickstart.mjs", &Passport { v })],
        ),
        snippet(
            "authlib",
            "Python",
            "With Authlib and requests.",
            ("pip install Authlib requests", "python3 quickstart.py"),
            vec![file("quickstart.py", &AuthlibCode { v })],
        ),
        snippet(
            "spring",
            "Java",
            "A Spring Boot application with Spring Security.",
            ("", "mvn -q spring-boot:run"),
            vec![
                file("pom.xml", &SpringPom { v }),
                file("src/main/resources/application.yaml", &SpringYaml { v }),
                file("src/main/java/com/example/Quickstart.java", &SpringCode { v }),
            ],
        ),
        snippet(
            "go",
            "Go",
            "With golang.org/x/oauth2.",
            ("go mod init quickstart && go get golang.org/x/oauth2", "go run ."),
            vec![file("main.go", &GoCode { v })],
        ),
        snippet(
            "rust",
            "Rust",
            "With the crate oauth2.",
            ("", "cargo run --quiet"),
            vec![file("Cargo.toml", &RustCargo { v }), file("src/main.rs", &RustCode { v })],
        ),
        destination(file("destination.json", &DestinationCode { v })),
    ]
}

fn browser(v: &Filled) -> Vec<Snippet> {
    vec![
        Snippet {
            key: "browser",
            title: "Browser",
            about: "The code flow with PKCE in a page, without a library; the second file serves the page on your machine.",
            flow: "code",
            install: "",
            run: "node server.mjs",
            files: vec![file("index.html", &BrowserHtml { v }), file("server.mjs", &BrowserServer { v })],
        },
        Snippet {
            key: "curl",
            title: "curl",
            about: "The code flow by hand, step by step.",
            flow: "code",
            install: "",
            run: "bash quickstart.sh",
            files: vec![file("quickstart.sh", &CurlCode { v })],
        },
    ]
}

fn machine(v: &Filled, values: &Values) -> Vec<Snippet> {
    let snippet = |key, title, about, (install, run), files| Snippet { key, title, about, flow: "machine", install, run, files };
    let mut all =
        vec![snippet("curl", "curl", "One request.", ("", "bash quickstart.sh"), vec![file("quickstart.sh", &CurlMachine { v })])];
    if values.has_rsa_key {
        let about = "Signed with a private key in place of a secret.";
        all.push(snippet("curl-key", "curl with a key", about, ("", "bash quickstart.sh"), vec![file("quickstart.sh", &CurlKey { v })]));
    }
    all.extend([
        snippet(
            "oauth4webapi",
            "Node.js",
            "With oauth4webapi, which checks every answer.",
            ("npm install oauth4webapi", "node quickstart.mjs"),
            vec![file("quickstart.mjs", &NodeMachine { v })],
        ),
        snippet(
            "authlib",
            "Python",
            "With Authlib and requests.",
            ("pip install Authlib requests", "python3 quickstart.py"),
            vec![file("quickstart.py", &AuthlibMachine { v })],
        ),
        snippet(
            "spring",
            "Java",
            "With Spring Security.",
            ("", "mvn -q compile exec:java -Dexec.mainClass=com.example.Quickstart"),
            vec![file("pom.xml", &SpringPom { v }), file("src/main/java/com/example/Quickstart.java", &SpringMachine { v })],
        ),
        snippet(
            "go",
            "Go",
            "With golang.org/x/oauth2.",
            ("go mod init quickstart && go get golang.org/x/oauth2", "go run ."),
            vec![file("main.go", &GoMachine { v })],
        ),
        snippet(
            "rust",
            "Rust",
            "With the crate oauth2.",
            ("", "cargo run --quiet"),
            vec![file("Cargo.toml", &RustCargo { v }), file("src/main.rs", &RustMachine { v })],
        ),
        destination(file("destination.json", &DestinationMachine { v })),
    ]);
    all
}

fn destination(file: File) -> Snippet {
    Snippet {
        key: "destination-sdk",
        title: "Destination SDK",
        about: "The authorization part of a destination configuration for Adobe Experience Platform; put the secret in place of its name.",
        flow: "data",
        install: "",
        run: "",
        files: vec![file],
    }
}
