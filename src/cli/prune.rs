//! `grantor prune`: clean-up now.

use crate::app;
use crate::cli::{Failure, Global, Outcome, output};
use crate::flows::prune::{Bounds, Cursor, prune};
use crate::settings::Purpose;

pub(crate) async fn run(global: &Global) -> Outcome {
    let loaded = global.prepare(Purpose::Operate, Vec::new())?;
    let settings = loaded.settings.clone();
    let deps = app::deps(loaded, app::database(&settings, settings.database.url.expose())?)?;
    let bounds = Bounds { batch: settings.jobs.prune_batch.into(), batches: u32::MAX };
    let pruned = prune(&deps, &mut Cursor::default(), bounds, deps.clock.now()).await?;
    for (what, count) in &pruned.deleted {
        output::line(format!("{count:>10}  {what}"))?;
    }
    if pruned.busy_elsewhere {
        let why = "another server is deleting expired rows right now; what is above was done, run `grantor prune` again for the rest";
        return Err(Failure::Failed(anyhow::anyhow!(why)));
    }
    Ok(())
}
