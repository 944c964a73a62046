//! Postgres's own floor: pgbench updates one row by key, committing synchronously, on the server under test.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use grantor::managed_pg::ManagedPg;
use tokio::process::Command;
use url::Url;

const CLIENTS: &str = "16";
const ROWS: i32 = 10_000;
const SCRIPT: &str = "\\set id random(1, 10000)\nUPDATE bench_rows SET generation = generation + 1, rotated_at = now() WHERE id = :id;\n";

/// Transactions a second.
pub(crate) async fn one_row_update(postgres: &ManagedPg, database: &str, length: Duration) -> anyhow::Result<f64> {
    let pool = sqlx::PgPool::connect_with(postgres.connect_options(database)).await?;
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS bench_rows (id int PRIMARY KEY, generation int NOT NULL, rotated_at timestamptz) WITH (fillfactor = 80)")
        .execute(&pool)
        .await?;
    sqlx::query("INSERT INTO bench_rows SELECT id, 0, NULL FROM generate_series(1, $1) AS id ON CONFLICT DO NOTHING")
        .bind(ROWS)
        .execute(&pool)
        .await?;
    pool.close().await;

    let url: Url = postgres.url(database).parse()?;
    let host = url.query_pairs().find(|(name, _)| name == "host").map(|(_, host)| host.into_owned()).context("no socket directory")?;
    let user = url.query_pairs().find(|(name, _)| name == "user").map_or_else(|| url.username().to_owned(), |(_, user)| user.into_owned());
    let script = tempfile(SCRIPT)?;
    let seconds = length.as_secs().max(1).to_string();
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-c", CLIENTS, "-j", "2", "-T", &seconds, "-h", &host, "-U", &user, "-f"])
        .arg(&script)
        .arg(database)
        .output()
        .await
        .context("pgbench is needed for the floor; it comes with Postgres")?;
    std::fs::remove_file(script)?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "pgbench failed: {}", String::from_utf8_lossy(&output.stderr));
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")).and_then(|line| line.split(' ').next()).context("no tps line")?;
    Ok(rate.parse()?)
}

fn tempfile(content: &str) -> std::io::Result<std::path::PathBuf> {
    let path = std::env::temp_dir().join(format!("grantor-bench-{}.sql", std::process::id()));
    std::fs::write(&path, content)?;
    Ok(path)
}
