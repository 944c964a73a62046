//! A22: what cannot be read is refused; what can be read is not changed.

use proptest::prelude::*;

use crate::web::extract::fields::{Fields, Malformed};

#[test]
fn a22_bytes_that_are_no_text_are_refused() {
    for wrong in ["a=%ff", "a=%ED%A0%80", "a=%C0%AF", "a=%00", "%00=a", "a=%", "a=%4", "a=%zz", "a=%+1"] {
        assert_eq!(Fields::decode(wrong.as_bytes()).map(Fields::into_pairs), Err(Malformed), "{wrong}");
    }
    assert!(Fields::decode(b"a=\xff").is_err());
}

#[test]
fn pairs_keep_their_order_and_repeats() {
    let fields = Fields::decode(b"a=1&b=x+y%2B&a=2&&c&=d").expect("well formed");
    assert_eq!(fields.all("a").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!((fields.get("a"), fields.get("b"), fields.get("c")), (None, Some("x y+"), Some("")));
}

proptest! {
    #[test]
    fn any_text_survives_encoding(pairs in prop::collection::vec(("[^\0]{0,8}", "[^\0]{0,20}"), 1..4)) {
        let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let decoded = Fields::decode(encoded.as_bytes()).expect("well formed").into_pairs();
        prop_assert_eq!(decoded, pairs);
    }

    #[test]
    fn any_bytes_are_decided(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = Fields::decode(&bytes);
    }
}
