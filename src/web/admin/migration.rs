//! `/orgs/{slug}/apps/{client_id}/migration`: from keys to a client secret or back (R36-R46).

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::flows::clients::Error;
use crate::flows::clients::migrate::{self, Review, Started, Wish};
use crate::model::client::ClientRecord;
use crate::model::credential::{Credential, CredentialKind};
use crate::model::jwt_deadlines::JwtDeadlines;
use crate::model::migration::{ActsAs, Checks, Direction, Migration, Obstacle, Proof, Shown};
use crate::web::admin::lasting::Lasting;
use crate::web::admin::place::{Place, Post, page_error, sentence};
use crate::web::admin::show::header;
use crate::web::extract::recent::RecentlyAuthenticated;
use crate::web::pages::error::PageError;
use crate::web::views::apps::show::header::Tab;
use crate::web::views::apps::show::migration::{CompleteValues, Deadlines, MigrationPage, Offer, Running, Stage, StartValues, Way};
use crate::web::views::apps::show::secret_once::SecretOncePage;
use crate::web::views::form::{Choice, FieldError, Form};
use crate::web::views::layout::Notice;

/// How much of a thumbprint people see.
const THUMBPRINT_SHOWN: usize = 13;

/// The choice of the app itself, where whom the new credential acts as is to be chosen.
const ITSELF: &str = "app";

/// How far it is.
pub(super) async fn show(place: Place) -> Result<Response, PageError> {
    Ok(page(&place).await?.into_response())
}

/// Starts, and shows a new secret this once.
pub(super) async fn start(
    Lasting { post: Post { place, fields }, is_late, .. }: Lasting<RecentlyAuthenticated<Post>>,
) -> Result<Response, PageError> {
    let values =
        StartValues { public_key: fields.text("public_key").to_owned(), technical_account: fields.text("technical_account").to_owned() };
    if is_late {
        return Ok(MigrationPage { start: Form::new(values), ..page(&place).await? }.into_response());
    }
    let public_key = match Direction::parse(fields.text("direction")) {
        Some(Direction::KeyToSecret) => None,
        Some(Direction::SecretToKey) => Some(values.public_key.clone()),
        None => return Err(PageError::new(StatusCode::BAD_REQUEST)),
    };
    let acts_as = match values.technical_account.as_str() {
        "" => None,
        ITSELF => Some(ActsAs::App),
        id => Some(ActsAs::Account(id.parse().map_err(|_| PageError::new(StatusCode::BAD_REQUEST))?)),
    };
    let wish = Wish { public_key, note: String::new(), acts_as };
    match migrate::start(&place.deps, &place.access, place.client_id(), wish, place.now).await {
        Ok(Started { review, client_secret: Some(secret), .. }) => {
            let page = SecretOncePage {
                layout: place.layout(),
                header: header(&place, &review.record),
                client_secret: Some(secret),
                app_is_new: false,
                then: Tab::Migration,
                issuer: place.deps.policy.issuer.clone(),
            };
            Ok((StatusCode::CREATED, page).into_response())
        }
        Ok(_) => Ok(place.to_app("migration", "migration-started")),
        Err(Error::Invalid(errors)) => {
            let errors = errors.into_iter().map(|error| FieldError::new(error.field, error.message)).collect();
            let page = MigrationPage { start: Form::refused(values, errors), ..page(&place).await? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(Error::Migration(Obstacle::SubjectsDiffer)) => {
            let error = FieldError::new("technical_account", "Choose whom the new credential acts as.");
            let page = MigrationPage { start: Form::refused(values, vec![error]), ..page(&place).await? };
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error) => refused(&place, error).await,
    }
}

/// Back to how it was.
pub(super) async fn cancel(RecentlyAuthenticated(Post { place, .. }): RecentlyAuthenticated<Post>) -> Result<Response, PageError> {
    match migrate::cancel(&place.deps, &place.access, place.client_id(), place.now).await {
        Ok(_) => Ok(place.to_app("migration", "migration-cancelled")),
        Err(error) => refused(&place, error).await,
    }
}

/// For good, once the name is typed and the review passed or overridden.
pub(super) async fn complete(RecentlyAuthenticated(Post { place, fields }): RecentlyAuthenticated<Post>) -> Result<Response, PageError> {
    let values = CompleteValues { confirm_name: fields.text("confirm_name").to_owned(), overridden: fields.get("override").is_some() };
    let wish = (values.confirm_name.as_str(), values.overridden);
    match migrate::complete(&place.deps, &place.access, place.client_id(), wish, place.now).await {
        Ok(_) => Ok(place.to_app("migration", "migration-completed")),
        Err(Error::NameMismatch) => {
            let page = page(&place).await?;
            let error = FieldError::new("confirm_name", format!("Type the name exactly: {}.", page.header.mark.name));
            let page = MigrationPage { complete: Form::refused(values, vec![error]), ..page };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(Error::Migration(Obstacle::ChecksNotPassed(_))) => {
            let error = FieldError::new("override", "The review has not passed. Wait, or tick the box to complete all the same.");
            let page = MigrationPage { complete: Form::refused(values, vec![error]), ..page(&place).await? };
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error) => refused(&place, error).await,
    }
}

/// Refuses the old credentials on trial.
pub(super) async fn begin_brown_out(Post { place, .. }: Post) -> Result<Response, PageError> {
    brown_out(&place, true, "brown-out").await
}

/// Lets them work again.
pub(super) async fn end_brown_out(Post { place, .. }: Post) -> Result<Response, PageError> {
    brown_out(&place, false, "brown-out-ended").await
}

async fn brown_out(place: &Place, on: bool, done: &str) -> Result<Response, PageError> {
    match migrate::set_brown_out(&place.deps, &place.access, place.client_id(), on, place.now).await {
        Ok(_) => Ok(place.to_app("migration", done)),
        Err(error) => refused(place, error).await,
    }
}

/// The page again with the reason on top, where the reason is how things stand.
async fn refused(place: &Place, error: Error) -> Result<Response, PageError> {
    match error {
        Error::Migration(_) | Error::SecretLimitReached { .. } | Error::LastCredential => {
            let page = MigrationPage { layout: place.layout_with(Notice::failure(sentence(&error))), ..page(place).await? };
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        error => Err(page_error(error)),
    }
}

async fn page(place: &Place) -> Result<MigrationPage, PageError> {
    let review = migrate::review(&place.deps, &place.access, place.client_id(), place.now).await.map_err(page_error)?;
    Ok(MigrationPage {
        layout: place.layout(),
        header: header(place, &review.record).at(Tab::Migration),
        deadlines: deadlines(&review.record, &place.deps.policy.jwt_deadlines),
        stage: stage(place, &review),
        start: Form::default(),
        complete: Form::default(),
    })
}

const fn way(direction: Direction) -> Way {
    match direction {
        Direction::KeyToSecret => Way::KeyToSecret,
        Direction::SecretToKey => Way::SecretToKey,
    }
}

fn stage(place: &Place, review: &Review) -> Stage {
    match (&review.record.migration, review.checks) {
        (Some(migration), Some(checks)) => Stage::Running(Box::new(running(place, &review.record, migration, checks))),
        (Some(migration), None) => Stage::Done(way(migration.direction), migration.finished_at.unwrap_or(migration.started_at)),
        (None, _) if review.possible.is_empty() => Stage::Nothing,
        (None, _) => {
            Stage::Offer(review.possible.iter().map(|(direction, subjects)| offer(&review.record, *direction, subjects)).collect())
        }
    }
}

/// A direction, with the choice of whom the new credential acts as where there is one.
fn offer(record: &ClientRecord, direction: Direction, subjects: &[ActsAs]) -> Offer {
    let choice = |subject: &ActsAs| match subject {
        ActsAs::App => Choice::new(ITSELF, "The application itself"),
        ActsAs::Account(id) => {
            Choice::new(id.to_string(), record.technical_account(*id).map_or_else(|| id.to_string(), |own| own.subject.clone()))
        }
    };
    let nobody = std::iter::once(Choice::new("", "Choose…"));
    let subjects = if subjects.len() > 1 { nobody.chain(subjects.iter().map(choice)).collect() } else { Vec::new() };
    Offer { way: way(direction), subjects }
}

fn running(place: &Place, record: &ClientRecord, migration: &Migration, checks: Checks) -> Running {
    let is_new = |own: &&Credential| own.id == migration.new_credential;
    let old = |own: &&Credential| migration.leaves(Shown::Credential(own));
    let mut old_names: Vec<String> = record.credentials.iter().filter(old).map(name).collect();
    if migration.direction.old() == Proof::Key {
        old_names.extend(record.client.profile.jwks_uri.clone());
    }
    Running {
        way: way(migration.direction),
        started_at: migration.started_at,
        old_has_paired: migration.direction.old() == Proof::Key && record.credentials.iter().any(|own| own.paired_key.is_some()),
        old_names,
        old_last_token: checks.old_last_token_at,
        new_name: record.credentials.iter().find(is_new).map(name).unwrap_or_default(),
        new_last_token: checks.new_last_token_at,
        new_is_ahead: checks.new_is_ahead,
        old_is_quiet: checks.old_is_quiet,
        quiet_from: checks.quiet_from,
        brown_out_until: migration.brown_out(place.now),
        brown_out_seconds: place.deps.policy.lifetimes.brown_out.whole_seconds(),
    }
}

/// The end of a secret, or the beginning of a key's thumbprint.
fn name(credential: &Credential) -> String {
    match &credential.kind {
        CredentialKind::Secret { hint, .. } => format!("grs_…{hint}"),
        CredentialKind::Key(key) => format!("{}…", key.thumbprint.chars().take(THUMBPRINT_SHOWN).collect::<String>()),
    }
}

/// What the operator announced, for apps that have keys.
fn deadlines(record: &ClientRecord, own: &JwtDeadlines) -> Option<Deadlines> {
    let has_keys = record.client.profile.jwks_uri.is_some() || record.credentials.iter().any(|own| Proof::of(own) == Proof::Key);
    if !has_keys || !own.are_set() {
        return None;
    }
    let dates = [
        (own.no_new_apps, "applications without a key get none"),
        (own.no_renewal, "applications get no further keys, and no new ones of a key set that they publish count"),
        (own.disabled, "keys are refused"),
    ];
    let dates = dates.into_iter().filter_map(|(at, what)| Some((at?, what))).collect();
    Some(Deadlines { announcement: own.announcement.clone(), dates })
}
