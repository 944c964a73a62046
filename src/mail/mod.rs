//! Sending mail: by SMTP, or into a folder where somebody develops or tests. An edge of the house, like chance and time.

mod letter;

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use uuid::Uuid;

use crate::model::user::Email;
use crate::secret::Secret;

pub use letter::Letter;

/// How long one conversation with the mail server may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte, port 465.
    Tls,
    /// TLS by STARTTLS, refused without it, port 587.
    StartTls,
    /// None: only for a mail server on this very machine.
    None,
}

/// Where a mail server is and who we are there.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Host name; its certificate must be for it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// User and password, if it asks for them.
    pub credentials: Option<(String, Secret<String>)>,
}

/// What sends mail.
#[derive(Debug, Clone)]
pub struct Mailer {
    way: Way,
    from: Option<Mailbox>,
}

#[derive(Debug, Clone)]
enum Way {
    Off,
    Folder(PathBuf),
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It will never be: something in it, or its address, is refused.
    #[error("refused: {0}")]
    Refused(String),
    /// Perhaps later.
    #[error("not sent: {0}")]
    Later(String),
}

impl Mailer {
    /// Sends nothing.
    pub const fn off() -> Self {
        Self { way: Way::Off, from: None }
    }

    /// Writes each mail into a file of `folder`, which is made when it is missing.
    pub fn folder(folder: PathBuf, from: &str) -> Result<Self, Error> {
        Ok(Self { way: Way::Folder(folder), from: Some(sender(from)?) })
    }

    /// Sends by a mail server; connects when first used.
    pub fn smtp(smtp: &Smtp, from: &str) -> Result<Self, Error> {
        let refused = |error: lettre::transport::smtp::Error| Error::Refused(error.to_string());
        let builder = match smtp.security {
            Security::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&smtp.host).map_err(refused)?,
            Security::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&smtp.host).map_err(refused)?,
            Security::None => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host),
        };
        let mut builder = builder.port(smtp.port).timeout(Some(PATIENCE));
        if let Some((user, password)) = &smtp.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().clone()));
        }
        Ok(Self { way: Way::Smtp(Box::new(builder.build())), from: Some(sender(from)?) })
    }

    /// Sends `letter` to `to`; `id` names the file, where files are written.
    pub async fn send(&self, id: Uuid, to: &Email, letter: &Letter) -> Result<(), Error> {
        let message = match (&self.way, &self.from) {
            (Way::Off, _) | (_, None) => return Err(Error::Refused("mail is off".to_owned())),
            (_, Some(from)) => message(from, to, letter)?,
        };
        match &self.way {
            Way::Off => Ok(()),
            Way::Folder(folder) => {
                let later = |error: std::io::Error| Error::Later(format!("{}: {error}", folder.display()));
                tokio::fs::create_dir_all(folder).await.map_err(later)?;
                tokio::fs::write(folder.join(format!("{id}.eml")), message.formatted()).await.map_err(later)
            }
            Way::Smtp(transport) => transport
                .send(message)
                .await
                .map(|_| ())
                .map_err(|error| if error.is_permanent() { Error::Refused(error.to_string()) } else { Error::Later(error.to_string()) }),
        }
    }
}

/// Whether `from` can be the sender of mail: `Grantor <grantor@example.com>` or an address alone.
pub fn is_sender(from: &str) -> bool {
    sender(from).is_ok()
}

fn sender(from: &str) -> Result<Mailbox, Error> {
    if from.chars().any(char::is_control) {
        return Err(Error::Refused("the sender has control characters".to_owned()));
    }
    from.parse().map_err(|_| Error::Refused(format!("`{from}` is no sender; write it as Grantor <grantor@example.com>")))
}

/// Nothing that people typed can begin a header or another recipient: the address is parsed, and a subject is one line.
fn message(from: &Mailbox, to: &Email, letter: &Letter) -> Result<lettre::Message, Error> {
    let refused = |what: &str| Error::Refused(what.to_owned());
    let address: Address = to.as_str().parse().map_err(|_| refused("no mail goes to such an address"))?;
    if letter.subject.chars().any(char::is_control) {
        return Err(refused("a subject is one line"));
    }
    lettre::Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, address))
        .subject(letter.subject.as_str())
        .multipart(MultiPart::alternative_plain_html(letter.text(), letter.html()))
        .map_err(|error| Error::Refused(error.to_string()))
}

#[cfg(test)]
mod tests;
