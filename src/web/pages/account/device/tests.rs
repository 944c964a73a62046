//! Browsers in words.

use crate::web::pages::account::device::name;

#[test]
fn browsers_are_named_by_what_sets_them_apart() {
    let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
    assert_eq!(name(chrome), "Chrome on Linux");
    assert_eq!(name(&format!("{chrome} Edg/156.0")), "Edge on Linux");
    assert_eq!(name("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"), "Safari on iPhone");
    assert_eq!(name("<script>"), "An unknown browser");
}
