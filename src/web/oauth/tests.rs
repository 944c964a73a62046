//! What may stand in a query.

use crate::web::oauth::check_query;

#[test]
fn g10_r49_a17_oauth_parameters_in_the_query_are_refused() {
    for query in ["client_secret=x", "a=b&client_id=x", "client%5Fsecret=x", "grant_type=", "token=x"] {
        assert!(check_query(Some(query)).is_err(), "{query}");
    }
}

#[test]
fn r88_r89_other_queries_are_ignored() {
    for query in [None, Some(""), Some("tenant=acme"), Some("v=2&x")] {
        assert!(check_query(query).is_ok(), "{query:?}");
    }
}
