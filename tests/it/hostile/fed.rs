//! Every page of `docs/ROUTES.md`, fed: a new page is opened here without being named, and fails until it says what it was fed, or is
//! listed among those that repeat nothing.

use crate::hostile::{annotate, assert_page, assert_says, packs, rename};
use crate::kit::browser::Page;
use crate::matrix::pages::{Person, place};
use crate::matrix::place::Aim;
use crate::matrix::table::{Row, Who, rows};

/// What people fill in anywhere, and what forms carry along.
const FIELDS: [&str; 28] = [
    "name",
    "description",
    "description_url",
    "privacy_policy_url",
    "terms_of_service_url",
    "developer_name",
    "developer_email",
    "redirect_uris",
    "scopes",
    "scope",
    "note",
    "key",
    "public_key",
    "jwks_uri",
    "technical_account",
    "assertion",
    "profile",
    "format",
    "document",
    "client_secret",
    "direction",
    "confirm_name",
    "email",
    "role",
    "lifetime",
    "kind",
    "version",
    "step",
];

/// Pages that say nothing of orgs, people or apps beyond what everybody knows, or that only fill a part of another.
const SAYS_NOTHING: [&str; 1] = ["/orgs/{slug}/apps/{client_id}/activity/newest"];

fn of_people() -> impl Iterator<Item = Row> {
    rows().into_iter().filter(|row| matches!(row.who, Who::Role(_) | Who::SignedIn))
}

#[tokio::test]
async fn e9_every_page_of_the_table_says_what_it_was_fed_as_text() {
    for words in packs() {
        let place = place().await.saying(&words);
        rename(&place.world, &words).await;
        let mut owner = Person::sign_in(&place.world, "owner@acme.test").await;
        for row in of_people().filter(|row| !row.changes()) {
            let address = place.address_for(&row, Aim::Own, "owner@acme.test").await;
            annotate(&place.world, &words).await;
            let answer = owner.send(&row, &address).await;
            let page = Page { url: format!("{} ({})", row.path, address.path), answer };
            assert_page(&page);
            if page.answer.status == 200 && !SAYS_NOTHING.contains(&row.path.as_str()) {
                assert_says(&page, &words);
            }
        }
    }
}

#[tokio::test]
async fn e9_every_form_of_the_table_answers_what_it_was_fed_as_text() {
    for words in packs() {
        let place = place().await.saying(&words);
        rename(&place.world, &words).await;
        let mut owner = Person::sign_in(&place.world, "owner@acme.test").await;
        for row in of_people().filter(Row::changes) {
            let sent: Vec<(&str, &str)> = row.sent.split('&').filter_map(|pair| pair.split_once('=')).collect();
            let all: Vec<_> = FIELDS.iter().map(|name| (*name, words.as_str())).collect();
            let rest: Vec<_> = all.iter().filter(|(name, _)| sent.iter().all(|(own, _)| own != name)).chain(&sent).copied().collect();
            for fields in [all, rest] {
                let address = place.address_for(&row, Aim::Own, "owner@acme.test").await;
                let answer = owner.send_fields(&row, &address, &fields).await;
                assert_page(&Page { url: format!("{} ({})", row.path, address.path), answer });
            }
        }
    }
}
