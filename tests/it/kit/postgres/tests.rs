//! The kit's own tests: databases are migrated, apart from each other, and cheap enough to have by the dozen.

use sqlx::{ConnectOptions, Connection};

use crate::kit::postgres::{PREFIX, database, migrations};

#[tokio::test]
async fn each_test_gets_a_migrated_database_of_its_own() {
    let (one, other) = tokio::join!(database(), database());
    assert_ne!(one.url, other.url);
    let mut connection = one.options.connect().await.expect("the database accepts connections");
    let applied: i64 =
        sqlx::query_scalar("select count(*) from _sqlx_migrations").fetch_one(&mut connection).await.expect("it is migrated");
    let known =
        migrations().await.expect("the migrations are readable").iter().filter(|one| !one.migration_type.is_down_migration()).count();
    assert_eq!(usize::try_from(applied), Ok(known));
    sqlx::raw_sql("create table left_behind ()").execute(&mut connection).await.expect("the role may create tables");
    connection.close().await.expect("the server says goodbye");

    let pool = other.pool().await;
    let seen: Option<String> = sqlx::query_scalar("select to_regclass('left_behind')::text").fetch_one(&pool).await.expect("it answers");
    assert_eq!(seen, None);
}

#[tokio::test]
async fn a_database_nobody_holds_is_dropped() {
    let kept = database().await;
    let dropped = database().await;
    let name = dropped.name.clone();
    assert!(name.starts_with(PREFIX));
    drop(dropped);
    let pool = kept.pool().await;
    let exists = "select exists (select from pg_database where datname = $1)";
    // The sweeper works on its own thread; the server tells when it is through.
    let patience = std::time::Instant::now();
    while sqlx::query_scalar::<_, bool>(exists).bind(&name).fetch_one(&pool).await.expect("it answers") {
        assert!(patience.elapsed().as_secs() < 30, "{name} is still there");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn twenty_databases_at_once() {
    let databases = (0..20).map(|_| tokio::spawn(database()));
    let mut urls = Vec::new();
    let mut held = Vec::new();
    for database in databases.collect::<Vec<_>>() {
        let database = database.await.expect("the clone succeeds");
        urls.push(database.url.clone());
        held.push(database);
    }
    urls.sort();
    urls.dedup();
    assert_eq!(urls.len(), 20);
}
