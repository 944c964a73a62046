//! Nothing that people typed begins a header, another recipient, or markup.

use crate::mail::{Error, Letter, Mailer, is_sender, message, sender};
use crate::model::user::Email;

fn letter(subject: &str) -> Letter {
    Letter {
        subject: subject.to_owned(),
        paragraphs: vec!["Acme <script>alert(1)</script> & sons\r\nBcc: eve@example.com".to_owned()],
        link: Some(("Open".to_owned(), "https://auth.example.test/x?a=1&b=\"2\"".to_owned())),
        afterwards: Vec::new(),
        signature: "Grantor".to_owned(),
    }
}

#[test]
fn a_subject_with_a_line_break_is_refused() {
    let from = sender("Grantor <grantor@example.com>").expect("a sender");
    let to = Email::parse("ada@example.com").expect("an address");
    for subject in ["Hello\r\nBcc: eve@example.com", "Hello\nX: y", "Hello\0"] {
        assert!(matches!(message(&from, &to, &letter(subject)), Err(Error::Refused(_))), "{subject:?}");
    }
    let sent = String::from_utf8(message(&from, &to, &letter("Für Łukasz: 😀")).expect("a message").formatted()).expect("ASCII");
    let head = sent.split("\r\n\r\n").next().expect("a head");
    assert!(head.contains("To: ada@example.com") && !head.to_lowercase().contains("bcc"), "{head}");
}

#[test]
fn addresses_that_mean_more_than_one_are_not_mailed_to() {
    for address in [
        "ada@example.com,eve@example.com",
        "\"ada eve\"@example.com",
        "ada@example.com>bcc:eve@example.com",
        "a(b)@example.com",
        "ädä@example.com",
    ] {
        assert!(Email::parse(address).is_none_or(|email| !email.is_deliverable()), "{address}");
    }
    assert!(Email::parse("Ada.Moreau+tag@Example.com").is_some_and(|email| email.is_deliverable()));
}

#[test]
fn what_people_chose_is_text_in_both_forms() {
    let letter = letter("Hello");
    assert!(!letter.text().contains("\nBcc"), "{}", letter.text());
    let html = letter.html();
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;") && html.contains("a=1&amp;b=&quot;2&quot;"), "{html}");
}

#[test]
fn a_sender_is_a_mailbox() {
    assert!(is_sender("Grantor <grantor@example.com>") && is_sender("grantor@example.com"));
    assert!(!is_sender("grantor") && !is_sender("a@b.example\r\nBcc: eve@example.com") && !is_sender(""));
    assert!(Mailer::folder("/nowhere".into(), "nobody").is_err());
}
