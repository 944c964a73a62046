//! What no route claims.

use axum::http::Method;

use crate::kit::browser::Browser;
use crate::kit::world::World;

#[tokio::test]
async fn an_unknown_address_is_a_page_with_a_way_on() {
    let world = World::new().await;
    let page = Browser::new(&world).open("/no/such/page").await;
    assert_eq!(page.answer.status, 404);
    assert_eq!(page.answer.header("content-type"), "text/html; charset=utf-8");
    assert!(page.answer.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert!(!page.heading().is_empty(), "{}", page.answer.body);
}

#[tokio::test]
async fn k10_an_unknown_address_of_the_management_api_is_a_problem() {
    let world = World::new().await;
    let answer = world.get("/api/v1/no/such/thing").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (404, "application/problem+json"));
}

#[tokio::test]
async fn a23_a_verb_that_a_page_does_not_know_is_405_with_allow() {
    let world = World::new().await;
    let answer = Browser::new(&world).send(Method::TRACE, "/login", &[], String::new()).await;
    assert_eq!(answer.status, 405);
    assert!(answer.header("allow").contains("GET"), "{:?}", answer.headers);
}
