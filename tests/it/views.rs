//! What people see: each page's sample as recorded, and what holds for every page.

use askama::Template as _;
use grantor::web::views::{
    account::{apps::ConnectedAppsPage, show::AccountPage},
    api_reference::ApiReferencePage,
    apps::{
        choose::ChooseKindPage,
        create::CreateAppPage,
        deleted::DeletedAppsPage,
        list::AppsPage,
        quota::QuotaPage,
        review::ReviewPage as NewAppReviewPage,
        show::{
            activity::{ActivityPage, request::RequestPage},
            credentials::{CredentialsPage, check::CheckPage, keys::AddKeyPage, service::ServiceOncePage},
            migration::MigrationPage,
            quickstart::QuickstartPage,
            secret_once::SecretOncePage,
            settings::{SettingsPage, review::ReviewPage},
            tried::TriedPage,
        },
    },
    audit::AuditPage,
    consent::{answered::ConsentAnsweredPage, confirm::ConfirmPage, outsider::OutsiderPage, show::ConsentPage},
    development::{issued::IssuedPage, tokens::TokensPage},
    errors::{authorize::AuthorizeErrorPage, page::ErrorPage, reference::ErrorReferencePage},
    home::HomePage,
    invitations::accept::InvitationPage,
    logged_out::LoggedOutPage,
    login::LoginPage,
    passwords::{forgot::ForgotPage, set::SetPasswordPage},
    people::{invited::InvitedPage, list::PeoplePage},
    reauthenticate::ReauthenticatePage,
};

mod brand;
mod colours;
mod consent;
mod every_page;

macro_rules! pages {
    ($($name:literal => $page:expr,)*) => { vec![$(($name, $page.render().expect("a sample renders"))),*] };
}

/// Every sample by its name.
#[expect(clippy::too_many_lines, reason = "a table")]
fn pages() -> Vec<(&'static str, String)> {
    pages! {
        "login" => LoginPage::sample(),
        "login_branded" => LoginPage::sample_branded(),
        "login_kept" => LoginPage::sample_kept(),
        "login_refused" => LoginPage::sample_refused(),
        "logged_out" => LoggedOutPage::sample(),
        "audit" => AuditPage::sample(),
        "audit_nothing_found" => AuditPage::sample_nothing_found(),
        "audit_refused" => AuditPage::sample_refused(),
        "people" => PeoplePage::sample(),
        "people_refused" => PeoplePage::sample_refused(),
        "people_nothing_found" => PeoplePage::sample_nothing_found(),
        "people_invited" => InvitedPage::sample(),
        "development" => TokensPage::sample(),
        "development_empty" => TokensPage::sample_empty(),
        "development_refused" => TokensPage::sample_refused(),
        "development_issued" => IssuedPage::sample(),
        "invitation" => InvitationPage::sample(),
        "invitation_refused" => InvitationPage::sample_refused(),
        "invitation_join" => InvitationPage::sample_join(),
        "invitation_sign_in" => InvitationPage::sample_sign_in(),
        "invitation_other" => InvitationPage::sample_other(),
        "invitation_spent" => InvitationPage::sample_spent(),
        "forgot" => ForgotPage::sample(),
        "forgot_noted" => ForgotPage::sample_noted(),
        "forgot_no_mail" => ForgotPage::sample_no_mail(),
        "forgot_throttled" => ForgotPage::sample_throttled(),
        "reauthenticate" => ReauthenticatePage::sample(),
        "reauthenticate_wrong" => ReauthenticatePage::sample_wrong(),
        "reauthenticate_upload" => ReauthenticatePage::sample_upload(),
        "set_password" => SetPasswordPage::sample(),
        "set_password_refused" => SetPasswordPage::sample_refused(),
        "set_password_spent" => SetPasswordPage::sample_spent(),
        "home" => HomePage::sample(),
        "home_empty" => HomePage::sample_empty(),
        "consent" => ConsentPage::sample(),
        "consent_again" => ConsentPage::sample_again(),
        "consent_confirm" => ConfirmPage::sample(),
        "consent_confirm_wrong" => ConfirmPage::sample_wrong(),
        "consent_answered" => ConsentAnsweredPage::sample(),
        "consent_outsider" => OutsiderPage::sample(),
        "consent_expired" => ConsentAnsweredPage::sample_expired(),
        "error" => ErrorPage::sample(),
        "error_unavailable" => ErrorPage::sample_unavailable(),
        "error_throttled" => ErrorPage::sample_throttled(),
        "error_authorize" => AuthorizeErrorPage::sample(),
        "error_authorize_outsider" => AuthorizeErrorPage::sample_outsider(),
        "api_reference" => ApiReferencePage::sample(),
        "error_reference" => ErrorReferencePage::sample(),
        "account" => AccountPage::sample(),
        "account_refused" => AccountPage::sample_refused(),
        "account_apps" => ConnectedAppsPage::sample(),
        "account_apps_empty" => ConnectedAppsPage::sample_empty(),
        "apps" => AppsPage::sample(),
        "apps_empty" => AppsPage::sample_empty(),
        "apps_developer" => AppsPage::sample_developer(),
        "apps_empty_developer" => AppsPage::sample_empty_developer(),
        "apps_nothing_found" => AppsPage::sample_nothing_found(),
        "apps_all_well" => AppsPage::sample_all_well(),
        "apps_further" => AppsPage::sample_further(),
        "apps_deleted" => DeletedAppsPage::sample(),
        "apps_deleted_full" => DeletedAppsPage::sample_full(),
        "apps_deleted_none" => DeletedAppsPage::sample_empty(),
        "app_choose" => ChooseKindPage::sample(),
        "app_create" => CreateAppPage::sample(),
        "app_create_refused" => CreateAppPage::sample_refused(),
        "app_create_limits" => CreateAppPage::sample_limits(),
        "app_create_m2m" => CreateAppPage::sample_m2m(),
        "app_review" => NewAppReviewPage::sample(),
        "app_review_m2m" => NewAppReviewPage::sample_m2m(),
        "app_quota" => QuotaPage::sample(),
        "app_quota_kept" => QuotaPage::sample_kept(),
        "app_settings" => SettingsPage::sample(),
        "app_settings_conflict" => SettingsPage::sample_conflict(),
        "app_settings_refused" => SettingsPage::sample_refused(),
        "app_settings_logo_refused" => SettingsPage::sample_logo_refused(),
        "app_settings_review" => ReviewPage::sample(),
        "app_settings_wrong_name" => SettingsPage::sample_wrong_name(),
        "app_settings_lapsed" => SettingsPage::sample_lapsed(),
        "app_settings_read_only" => SettingsPage::sample_read_only(),
        "app_credentials" => CredentialsPage::sample(),
        "app_credentials_full" => CredentialsPage::sample_full(),
        "app_credentials_refused" => CredentialsPage::sample_refused(),
        "app_credentials_spa" => CredentialsPage::sample_spa(),
        "app_credentials_keys" => CredentialsPage::sample_keys(),
        "app_credentials_read_only" => CredentialsPage::sample_read_only(),
        "app_credentials_system" => CredentialsPage::sample_system(),
        "app_credentials_migrating" => CredentialsPage::sample_migrating(),
        "app_add_key" => AddKeyPage::sample(),
        "app_add_key_refused" => AddKeyPage::sample_refused(),
        "app_assertion" => CheckPage::sample(),
        "app_assertion_refused" => CheckPage::sample_refused(),
        "app_assertion_expired" => CheckPage::sample_expired(),
        "app_assertion_accepted" => CheckPage::sample_accepted(),
        "service_once" => ServiceOncePage::sample(),
        "service_once_overlap" => ServiceOncePage::sample_overlap(),
        "app_migration" => MigrationPage::sample(),
        "app_migration_refused" => MigrationPage::sample_start_refused(),
        "app_migration_subjects" => MigrationPage::sample_subjects(),
        "app_migration_running" => MigrationPage::sample_running(),
        "app_migration_ready" => MigrationPage::sample_ready(),
        "app_migration_brown_out" => MigrationPage::sample_brown_out(),
        "app_migration_wrong_name" => MigrationPage::sample_wrong_name(),
        "app_migration_done" => MigrationPage::sample_done(),
        "app_migration_nothing" => MigrationPage::sample_nothing(),
        "app_activity" => ActivityPage::sample(),
        "app_activity_waiting" => ActivityPage::sample_waiting(),
        "app_activity_missed" => ActivityPage::sample_missed(),
        "app_request" => RequestPage::sample(),
        "app_request_waiting" => RequestPage::sample_waiting(),
        "app_quickstart" => QuickstartPage::sample(),
        "app_quickstart_spa" => QuickstartPage::sample_spa(),
        "app_quickstart_m2m" => QuickstartPage::sample_m2m(),
        "app_quickstart_refused" => QuickstartPage::sample_refused(),
        "app_tried" => TriedPage::sample(),
        "app_tried_denied" => TriedPage::sample_denied(),
        "app_tried_machine" => TriedPage::sample_machine(),
        "secret_once" => SecretOncePage::sample(),
        "secret_once_further" => SecretOncePage::sample_further(),
        "secret_once_public" => SecretOncePage::sample_public(),
    }
}

#[test]
fn each_page_looks_as_recorded() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/views");
    settings.set_prepend_module_to_snapshot(false);
    settings.add_filter(r"\.[0-9a-f]{16}\.(css|js|svg)", ".[hash].$1");
    settings.add_filter(r#"(?s)<svg class="sprite".*?</svg>"#, "[icons]");
    settings.add_filter(r#"(?s)<svg class="rosette".*?</svg>"#, "[rosette]");
    settings.add_filter(r"\n\s*\n+", "\n");
    let mut framed = settings.clone();
    // The frame is the same everywhere; the start page shows it.
    framed.add_filter(r#"(?s)<header class="top">.*?</header>"#, "[header]");
    framed.add_filter(r#"(?s)<footer class="bottom">.*?</footer>"#, "[footer]");
    for (name, html) in pages() {
        let settings = if name == "home" { &settings } else { &framed };
        settings.bind(|| insta::assert_snapshot!(name, html));
    }
}
