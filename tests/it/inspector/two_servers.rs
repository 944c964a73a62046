//! What one server answered, another explains.

use grantor::model::client::ClientKind;

use crate::inspector::{explain, failed, reader};
use crate::kit::world::{App, World};

#[tokio::test]
async fn a_request_that_one_server_answered_is_explained_by_another() {
    let world = World::new().await;
    let other = world.second().await;
    let (token, app) = (reader(&world, "apps:read").await, world.app(ClientKind::M2m).await);
    let wrong = App { secret: "not-the-secret".to_owned(), ..app.clone() };
    let refused = other.token(&wrong, &[("grant_type", "client_credentials")]).await.expect_error(401, "invalid_client");
    let answered = other.token(&app, &[("grant_type", "client_credentials")]).await.expect(200);
    // As its job does every second.
    other.deps.traces.flush(&other.deps.db).await.expect("traces are written");
    assert_eq!(failed(&explain(&world, &token, &app, &refused).await).0, "secret");
    assert_eq!(explain(&world, &token, &app, &answered).await["outcome"], "answered");

    // Both write of the same app at once; nothing is lost or told twice.
    for server in [&world, &other] {
        server.token(&app, &[("grant_type", "client_credentials")]).await.expect(200);
    }
    let (one, two) = tokio::join!(world.deps.traces.flush(&world.deps.db), other.deps.traces.flush(&other.deps.db));
    assert_eq!((one.expect("written"), two.expect("written")), (1, 1));
    assert_eq!(
        world.count("select count(*) from request_traces where outcome = 'answered' and endpoint = 'token'").await,
        4,
        "with the reader's own"
    );
}
