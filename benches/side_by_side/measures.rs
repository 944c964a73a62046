//! What is measured of the server besides its speed.

use anyhow::Context as _;

use crate::server::Bench;

impl Bench {
    /// The server's resident memory in MB: `VmRSS` now, `VmHWM` at its peak so far.
    pub(crate) fn memory(&self, which: &str) -> anyhow::Result<f64> {
        let id = self.process.id().context("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(which)?.strip_prefix(':')).context("no such figure")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// How much of the updates that refreshing made was heap-only. Postgres counts updates when a connection ends, so this is asked
    /// after the server has ended; each redemption is one that is not, for it leaves the index of the codes that wait.
    pub(crate) async fn heap_only_share(&self) -> anyhow::Result<f64> {
        let pool = sqlx::PgPool::connect_with(self.postgres.connect_options(&self.database)).await?;
        let counts = sqlx::query_as("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'authorizations'");
        let (updates, heap_only): (i64, i64) = counts.fetch_one(&pool).await?;
        pool.close().await;
        let refreshes = updates - i64::try_from(self.redeemed)?;
        #[expect(clippy::cast_precision_loss, reason = "counts of some seconds are far below 2^52")]
        Ok(heap_only as f64 / refreshes as f64)
    }
}
