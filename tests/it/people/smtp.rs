//! Mail by SMTP: who gets it, what is tried again, what is given up, and what never travels in the open.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::Method;
use grantor::flows::Deps;
use grantor::flows::mails::deliver::deliver;
use grantor::mail::{Mailer, Security, Smtp};
use grantor::model::membership::Role;
use serde_json::json;
use time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::kit::browser::Browser;
use crate::kit::world::World;
use crate::people::{anonymous, mailing, people_token};

/// A mail server that hears everything and answers recipients as it was told to.
#[derive(Clone, Default)]
struct MailServer {
    port: u16,
    /// Lines of every conversation.
    heard: Arc<Mutex<Vec<String>>>,
    /// Answers to the next recipients; those after them are accepted.
    answers: Arc<Mutex<Vec<&'static str>>>,
}

impl MailServer {
    async fn start(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let answers = answers.iter().rev().copied().collect();
        let server = Self { port, answers: Arc::new(Mutex::new(answers)), ..Self::default() };
        let doors = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = doors.clone();
                tokio::spawn(async move { server.talk(stream).await });
            }
        });
        server
    }

    /// One conversation (RFC 5321), as far as a client without extensions leads it. Nobody answers who has hung up.
    async fn talk(&self, stream: TcpStream) -> Option<()> {
        let (lines, mut answers) = stream.into_split();
        let mut lines = BufReader::new(lines).lines();
        answers.write_all(b"220 mail.test\r\n").await.ok()?;
        let mut in_letter = false;
        while let Some(line) = lines.next_line().await.ok()? {
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(line.clone());
            let answer = match (in_letter, line.get(..4).unwrap_or_default()) {
                (true, _) if line == "." => "250 kept",
                (true, _) => continue,
                (false, "DATA") => "354 go on",
                (false, "RCPT") => self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or("250 known"),
                (false, "QUIT") => "221 bye",
                (false, _) => "250 good",
            };
            in_letter = answer.starts_with("354");
            answers.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        Some(())
    }

    fn lines(&self, beginning: &str) -> Vec<String> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().filter(|line| line.starts_with(beginning)).cloned().collect()
    }

    fn deps(&self, world: &World, security: Security) -> Deps {
        let smtp = Smtp { host: "127.0.0.1".to_owned(), port: self.port, security, credentials: None };
        let mailer = Mailer::smtp(&smtp, "Grantor <grantor@example.test>").expect("a mailer");
        (*world.deps).clone().with_mailer(mailer)
    }
}

async fn waiting(world: &World) -> i64 {
    world.count("SELECT count(*) FROM mails").await
}

async fn invite(world: &World, token: &str, email: &str) {
    let wish = json!({ "email": email, "role": "member" });
    world.api(Method::POST, "/api/v1/orgs/acme/people", token, Some(&wish)).await.expect(201);
}

#[tokio::test]
async fn a_mail_goes_to_one_recipient_and_is_refused_for_now_or_for_good() {
    let world = mailing().await;
    let token = people_token(&world).await;
    let server = MailServer::start(&["451 come back", "250 known", "550 nobody"]).await;
    let deps = server.deps(&world, Security::None);
    invite(&world, &token, "sam@acme.test").await;
    deliver(&deps, world.now()).await.expect("the line is read");
    assert_eq!(waiting(&world).await, 1, "refused for now");
    deliver(&deps, world.now()).await.expect("the line is read");
    assert_eq!(server.lines("RCPT").len(), 1, "not tried again at once");
    world.pass(Duration::seconds(30));
    deliver(&deps, world.now()).await.expect("the line is read");
    assert_eq!(waiting(&world).await, 0);
    assert_eq!(server.lines("MAIL").last().map(String::as_str), Some("MAIL FROM:<grantor@example.test>"));
    assert_eq!(server.lines("RCPT TO:<sam@acme.test>").len(), 2);
    assert_eq!(server.lines("To: ").len(), 1, "one letter was handed over");

    invite(&world, &token, "gone@acme.test").await;
    deliver(&deps, world.now()).await.expect("the line is read");
    assert_eq!((waiting(&world).await, server.lines("DATA").len()), (0, 1), "refused for good");
}

#[tokio::test]
async fn f26_a_mail_server_that_is_down_delays_mail_and_changes_no_answer() {
    let world = mailing().await;
    world.person(Role::Member).await;
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let port = nobody.local_addr().expect("an address").port();
    drop(nobody);
    let down = MailServer { port, ..MailServer::default() }.deps(&world, Security::None);
    let mut pages = Vec::new();
    for email in ["member@acme.test", "nobody@acme.test"] {
        let mut browser = Browser::new(&world);
        let page = browser.open("/forgot").await;
        let noted = browser.submit(&page, "email", &[("email", email)]).await;
        pages.push((noted.answer.status.as_u16(), anonymous(&noted)));
        deliver(&down, world.now()).await.expect("trouble with mail is nobody else's");
    }
    assert_eq!((pages[0].0, &pages[0]), (200, &pages[1]));
    assert_eq!(waiting(&world).await, 1, "the letter waits");
    let server = MailServer::start(&[]).await;
    world.pass(Duration::seconds(30));
    deliver(&server.deps(&world, Security::None), world.now()).await.expect("the line is read");
    assert_eq!((waiting(&world).await, server.lines("RCPT")), (0, vec!["RCPT TO:<member@acme.test>".to_owned()]));

    invite(&world, &people_token(&world).await, "sam@acme.test").await;
    world.pass(Duration::days(7));
    deliver(&server.deps(&world, Security::None), world.now()).await.expect("the line is read");
    assert_eq!((waiting(&world).await, server.lines("RCPT").len()), (0, 1), "a link that has expired is not sent");
}

#[tokio::test]
async fn a_mail_server_that_offers_no_tls_gets_no_link() {
    let world = mailing().await;
    let token = people_token(&world).await;
    let server = MailServer::start(&[]).await;
    invite(&world, &token, "sam@acme.test").await;
    deliver(&server.deps(&world, Security::StartTls), world.now()).await.expect("the line is read");
    assert!(server.lines("MAIL").is_empty() && server.lines("DATA").is_empty(), "nothing travels in the open");
}

#[tokio::test]
async fn of_two_servers_one_sends_each_mail() {
    let world = mailing().await;
    let other = world.second().await;
    let token = people_token(&world).await;
    for number in 0..30 {
        invite(&world, &token, &format!("p{number}@acme.test")).await;
    }
    let server = MailServer::start(&[]).await;
    let (one, two) = (server.deps(&world, Security::None), server.deps(&other, Security::None));
    let (first, second) = tokio::join!(deliver(&one, world.now()), deliver(&two, world.now()));
    assert_eq!(first.expect("sent") + second.expect("sent"), 30);
    let recipients = server.lines("RCPT");
    assert_eq!((recipients.len(), recipients.into_iter().collect::<BTreeSet<_>>().len()), (30, 30));
}
