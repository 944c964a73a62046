//! Shapes that are looked up and shapes that are not.

use crate::flows::cache::{comparable_origin, is_client_id_shaped};

#[test]
fn only_what_a_client_id_can_be_is_looked_up() {
    assert!(is_client_id_shaped("k3v9q2m7x4t8w1r6z5n0b2c9d7"));
    for hostile in ["", "short", "with space in it", "ünïcödé-id", &"a".repeat(65), "a'; drop table"] {
        assert!(!is_client_id_shaped(hostile), "{hostile}");
    }
}

#[test]
fn r12_an_origin_is_compared_as_a_browser_writes_it() {
    assert_eq!(comparable_origin("https://app.example").as_deref(), Some("https://app.example"));
    assert_eq!(comparable_origin("https://app.example:8443").as_deref(), Some("https://app.example:8443"));
    assert_eq!(comparable_origin("http://127.0.0.1:5173").as_deref(), Some("http://127.0.0.1"));
    assert_eq!(comparable_origin("http://[::1]:5173").as_deref(), Some("http://[::1]"));
    for other in ["null", "", "https://app.example/", "https://APP.example", "https://u@app.example", "file://x", "https://app.example:443"]
    {
        assert_eq!(comparable_origin(other), None, "{other}");
    }
}
