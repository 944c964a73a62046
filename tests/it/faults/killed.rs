//! Servers that die by `kill -9`, at any moment.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;

use crate::kit::grants::refresh_token;
use crate::kit::world::World;

#[tokio::test]
async fn i16_f1_a_retry_after_kill_9_gets_the_same_successor_and_a_replay_is_still_one() {
    let world = World::in_real_time().await;
    let (app, user) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let first = refresh_token(&world.family(&app, &user).await);

    let server = world.process().await;
    let lost = refresh_token(&server.refresh(&app, &first).await.expect(200).json());
    server.kill().await;
    let server = world.process().await;
    let second = refresh_token(&server.refresh(&app, &first).await.expect(200).json());
    assert_eq!(second, lost);
    let third = refresh_token(&server.refresh(&app, &second).await.expect(200).json());
    server.kill().await;

    let server = world.process().await;
    server.refresh(&app, &first).await.expect_error(400, "invalid_grant");
    server.refresh(&app, &third).await.expect_error(400, "invalid_grant");
    assert_eq!(world.count("select count(*) from audit_events where action = 'authorization.reuse'").await, 1);
}

#[tokio::test]
async fn f1_i5_no_family_is_stranded_by_servers_killed_in_the_middle_of_refreshes() {
    let world = World::in_real_time().await;
    let (app, user) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let mut families = Vec::new();
    for _ in 0..8 {
        families.push(refresh_token(&world.family(&app, &user).await));
    }
    let mut server = world.process().await;
    for _ in 0..4 {
        let mut running = tokio::task::JoinSet::new();
        for (number, token) in families.iter().cloned().enumerate() {
            let (door, app) = ((*server).clone(), app.clone());
            running.spawn(async move { (number, door.refresh(&app, &token).await) });
        }
        // The first answer is out, others are on their way, and the rest has not begun.
        let mut answers = vec![running.join_next().await.expect("eight run").expect("it does not panic")];
        server.kill().await;
        answers.extend(running.join_all().await);
        for (number, answer) in answers {
            assert!([200, 502].contains(&answer.status.as_u16()), "{} {}", answer.status, answer.body);
            if answer.status.as_u16() == 200 {
                families[number] = refresh_token(&answer.json());
            }
        }
        server = world.process().await;
    }
    for token in &families {
        server.refresh(&app, token).await.expect(200);
    }
    assert_eq!(world.count("select count(*) from authorizations where ended_at is null").await, 8);
}
