//! What `log.level` may say.

use tracing::Level;

use crate::app::logging::filter;

#[test]
fn a_bare_level_is_about_us_and_hears_of_libraries_only_their_trouble() {
    let filter = filter("debug").expect("a level");
    assert!(filter.would_enable("grantor::flows::token", &Level::DEBUG));
    assert!(!filter.would_enable("grantor::flows::token", &Level::TRACE));
    assert!(filter.would_enable("sqlx::query", &Level::WARN));
    assert!(!filter.would_enable("sqlx::query", &Level::INFO));
}

#[test]
fn directives_name_targets_with_their_levels() {
    let filter = filter("info, sqlx=off").expect("directives");
    assert!(filter.would_enable("hyper", &Level::INFO));
    assert!(!filter.would_enable("sqlx::query", &Level::ERROR));
}

#[test]
fn what_would_silence_the_log_by_mistake_is_refused() {
    for level in ["loud", "info,grantor", "grantor=loud", "[request]=debug", "info,[request{id=1}]=trace", "", "info,"] {
        let error = filter(level).expect_err(level).to_string();
        assert!(error.contains("`log.level` cannot be read") && error.contains("info,sqlx=warn"), "{level}: {error}");
    }
}
