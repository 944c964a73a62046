//! The assertion checker: paste one, learn which check it fails. Nothing is kept, logged or used up.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value};

use crate::flows::assertion::Profile;
use crate::flows::assertion::check::{self, Report, Step};
use crate::model::client::ClientRecord;
use crate::web::admin::credentials::confidential;
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::show::header;
use crate::web::pages::error::PageError;
use crate::web::views::apps::show::credentials::check::{CheckPage, CheckRow, CheckValues, Contents, RefusalFacts, Verdict};
use crate::web::views::apps::show::header::Tab;
use crate::web::views::form::{Choice, FieldError, Form};

/// The empty form.
pub(in crate::web::admin) async fn ask(place: Place) -> Result<Response, PageError> {
    let record = confidential(&place).await?;
    Ok(page(&place, &record, Form::default(), None).into_response())
}

/// The form with every check.
pub(in crate::web::admin) async fn tell(Post { place, fields }: Post) -> Result<Response, PageError> {
    let record = confidential(&place).await?;
    let values = CheckValues { profile: fields.text("profile").to_owned(), assertion: fields.text("assertion").trim().to_owned() };
    let mut errors = Vec::new();
    let profile = doors(&record).find(|profile| profile.as_str() == values.profile);
    if profile.is_none() {
        errors.push(FieldError::new("profile", "Choose an endpoint."));
    }
    if values.assertion.is_empty() {
        errors.push(FieldError::new("assertion", "Paste an assertion."));
    }
    let Some(profile) = profile.filter(|_| errors.is_empty()) else {
        let page = page(&place, &record, Form::refused(values, errors), None);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let asked = (profile, values.assertion.as_str());
    let report = check::check(&place.deps, &place.access, place.client_id(), asked, place.now).await.map_err(page_error)?;
    Ok(page(&place, &record, Form::new(values), Some(verdict(report))).into_response())
}

/// Apps with users only authenticate by assertions.
fn doors(record: &ClientRecord) -> impl Iterator<Item = Profile> {
    let has_users = record.client.kind.has_users();
    Profile::ALL.into_iter().filter(move |profile| !has_users || *profile == Profile::ClientAuthentication)
}

const fn door(profile: Profile) -> &'static str {
    match profile {
        Profile::ClientAuthentication => "Client authentication by private_key_jwt",
        Profile::JwtBearer => "Grant jwt-bearer at /token",
        Profile::WorkfrontExchange => "Exchange at /integrations/oauth2/api/v1/jwt/exchange",
        Profile::ImsExchange => "Exchange at /ims/exchange/jwt",
    }
}

fn page(place: &Place, record: &ClientRecord, form: Form<CheckValues>, verdict: Option<Verdict>) -> CheckPage {
    CheckPage {
        layout: place.layout(),
        header: header(place, record).at(Tab::Credentials),
        form,
        doors: doors(record).map(|profile| Choice::new(profile.as_str(), door(profile))).collect(),
        verdict,
    }
}

fn verdict(report: Report) -> Verdict {
    let is_signed = report.is_signed();
    let json = |members: Map<String, Value>| format!("{:#}", Value::Object(members));
    Verdict {
        door: door(report.profile).to_owned(),
        refusal: report
            .refusal
            .map(|refusal| RefusalFacts { error: refusal.error.as_str().to_owned(), description: refusal.description.to_owned() }),
        steps: report.steps.into_iter().map(row).collect(),
        contents: report.contents.map(|(header, claims)| Contents { header: json(header), claims: json(claims), is_signed }),
    }
}

fn row(step: Step) -> CheckRow {
    CheckRow {
        title: step.check.title().to_owned(),
        result: step.outcome.as_str(),
        expected: step.expected,
        came: step.came,
        cause: step.cause.map(str::to_owned),
        seconds_off: step.seconds_off,
    }
}
