//! The address behind proxies, and reference ids.

use super::*;

fn nets(list: &[&str]) -> Vec<IpNet> {
    list.iter().map(|net| net.parse().expect("a network")).collect()
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))).collect()
}

#[test]
fn a8_the_address_is_the_nearest_hop_that_is_not_a_trusted_proxy() {
    let trusted = nets(&["10.0.0.0/8"]);
    let sent = headers(&[("x-forwarded-for", "1.2.3.4, 203.0.113.9, 10.1.1.1")]);
    assert_eq!(forwarded_for(&trusted, &sent), Some("203.0.113.9".parse().expect("an address")));
}

#[test]
fn a8_a_list_that_cannot_be_read_is_not_believed() {
    let sent = headers(&[("x-forwarded-for", "203.0.113.9, <script>")]);
    assert_eq!(forwarded_for(&nets(&["10.0.0.0/8"]), &sent), None);
}

#[test]
fn a_mapped_address_is_compared_in_its_own_family() {
    let mapped: IpAddr = "::ffff:10.2.3.4".parse().expect("an address");
    assert!(is_trusted(&nets(&["10.0.0.0/8"]), mapped.to_canonical()));
}

#[test]
fn a_reference_id_is_short_and_plain() {
    assert!(is_reference_id("abcdef-0123_XYZ"));
    assert!(!is_reference_id("short"));
    assert!(!is_reference_id("has space in it"));
    assert!(!is_reference_id(&"a".repeat(65)));
}
