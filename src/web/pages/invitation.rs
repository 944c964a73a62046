//! `/invitations/{link}`: joining an org. The link is shown to whoever holds it; only its address can accept it (M12).

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use crate::flows::account::MINIMUM_CHARACTERS;
use crate::flows::people::accept::{self, Accepted, NewAccount, Problem};
use crate::model::org::Org;
use crate::web::extract::browser_session::{Browser, role_of, set_session};
use crate::web::extract::csrf;
use crate::web::extract::fields::Fields;
use crate::web::oauth::authorize::with_cookie;
use crate::web::pages::error::PageError;
use crate::web::views::form::{FieldError, Form};
use crate::web::views::invitations::accept::{InvitationPage, Offer, Step};
use crate::web::{AppState, paths};

/// This area's routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/invitations/{link}", get(show).post(take))
}

async fn show(State(app): State<AppState>, browser: Browser, Path(link): Path<String>) -> Result<Response, PageError> {
    page(&app, &browser, &link, Form::default()).await
}

async fn page(app: &AppState, browser: &Browser, link: &str, form: Form<String>) -> Result<Response, PageError> {
    let offer = accept::find(&app.deps, link, browser.now).await?;
    let (cookie, set_cookie) = browser.bind(app);
    let path = paths::invitation(link);
    let step = match (&offer, &browser.session) {
        (Some(offer), Some(own)) if own.user.email == offer.invitation.email => Step::Join,
        (Some(_), Some(own)) => Step::SwitchAccount { signed_in_as: own.user.email.to_string(), return_to: path },
        (Some(offer), None) if offer.has_account => Step::SignIn(paths::login_to(&path)),
        _ => Step::SignUp,
    };
    // Signing out is a form of the session; everything else here belongs to the browser.
    let token = if let (Step::SwitchAccount { .. }, Some(session)) = (&step, &browser.session_cookie) {
        csrf::token(app, csrf::FORM, session)
    } else {
        csrf::token(app, csrf::INVITATION, &cookie)
    };
    let status = match &offer {
        None => StatusCode::NOT_FOUND,
        Some(_) if form.is_refused() => StatusCode::UNPROCESSABLE_ENTITY,
        Some(_) => StatusCode::OK,
    };
    let offer =
        offer.map(|offer| Offer { org: offer.org.name, email: offer.invitation.email.to_string(), role: role_of(offer.invitation.role) });
    let page = InvitationPage { layout: browser.layout(token), offer, step, form, minimum_length: MINIMUM_CHARACTERS };
    Ok(with_cookie((status, page).into_response(), set_cookie))
}

async fn take(State(app): State<AppState>, browser: Browser, Path(link): Path<String>, fields: Fields) -> Result<Response, PageError> {
    csrf::check(&app, csrf::INVITATION, browser.cookie.as_deref(), &fields)?;
    let (origin, now) = (browser.origin(), browser.now);
    let accepted = if let Some(own) = &browser.session {
        accept::join(&app.deps, &link, own, &origin, now).await?
    } else {
        let password = fields.secret("new_password");
        let new = NewAccount { name: fields.text("name"), password: &password, user_agent: &browser.user_agent };
        accept::sign_up(&app.deps, &link, &new, &origin, now).await?
    };
    match accepted {
        Accepted::Joined(org) => Ok(welcome(&org)),
        Accepted::Made(org, session) => Ok(with_cookie(welcome(&org), Some(set_session(&app, &session.cookie)))),
        // The page as it is now says what to do instead.
        Accepted::Spent | Accepted::OtherAddress | Accepted::SignInFirst => page(&app, &browser, &link, Form::default()).await,
        Accepted::Refused(problems) => {
            let errors = problems.into_iter().map(field_error).collect();
            page(&app, &browser, &link, Form::refused(fields.text("name").to_owned(), errors)).await
        }
    }
}

fn field_error(problem: Problem) -> FieldError {
    match problem {
        Problem::Name => FieldError::new("name", "Write your name, up to 200 characters."),
        Problem::Password(problem) => FieldError::new("new_password", problem.text()),
    }
}

/// The root leads on from there: who sees apps goes to the org, who does not to the own account.
fn welcome(_: &Org) -> Response {
    Redirect::to(paths::HOME).into_response()
}
