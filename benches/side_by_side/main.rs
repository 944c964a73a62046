//! Grantor beside its floors, in one run: every figure is a ratio to something measured in the same rounds.
//!
//! `cargo bench` (or `cargo bench -- --rounds 3 --seconds 1` for a quick look) starts a Postgres, a release server and a floor
//! server, and prints each workload's median ratio with its spread. An answer other than 200 voids the cell.

mod floor;
mod load;
mod machines;
mod measures;
mod pages;
mod pgbench;
mod report;
mod server;
mod signatures;

use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;

use crate::load::Load;
use crate::machines::Signed;
use crate::report::Report;
use crate::server::Bench;

/// How the rounds are run.
#[derive(Debug, Parser)]
struct Arguments {
    /// Rounds; the median of their ratios is the figure.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each workload in a round.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Keep-alive connections.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Authorization codes redeemed in a round.
    #[arg(long, default_value_t = 4_000)]
    codes: usize,
    /// Assertions shown in a round, of each kind.
    #[arg(long, default_value_t = 6_000)]
    assertions: usize,
    /// Serve the floor on this port (the bench starts itself so).
    #[arg(long, hide = true)]
    floor: Option<u16>,
    /// What `cargo bench` passes; means nothing here.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Runtime::new()?;
    match arguments.floor {
        Some(port) => runtime.block_on(floor::serve(port)),
        None => runtime.block_on(run(&arguments)),
    }
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let length = Duration::from_secs_f64(arguments.seconds);
    let floor = floor::Floor::start().await.context("the floor server does not start")?;
    let mut bench = Bench::start(arguments.connections).await.context("the server does not start")?;
    let idle = bench.memory("VmRSS")?;
    let mut report = Report::default();
    round(arguments, Duration::from_millis(500), &floor, &mut bench, &mut Report::default()).await.context("warm-up")?;
    for number in 1..=arguments.rounds {
        report::say(format_args!("round {number} of {}", arguments.rounds))?;
        round(arguments, length, &floor, &mut bench, &mut report).await?;
    }
    bench.replay_is_refused().await?;
    report.ratios()?;
    let loaded = bench.memory("VmHWM")?;
    report::say(format_args!("memory of the server: idle {idle:.1} MB, peak {loaded:.1} MB (P8: <= 15 and <= 40)"))?;
    let starts = bench.start_times().await?;
    let share = bench.heap_only_share().await?;
    report::say(format_args!("heap-only share of the updates that refreshing made: {share:.3} (P2: >= 0.99)"))?;
    report::say(format_args!("start to ready on a migrated database, median of 5: {starts:.0} ms (P9: <= 80)"))?;
    bench.stop().await
}

async fn round(
    arguments: &Arguments,
    length: Duration,
    floor: &floor::Floor,
    bench: &mut Bench,
    report: &mut Report,
) -> anyhow::Result<()> {
    let load = |address| Load { address, connections: arguments.connections, length };
    let form = load(floor.address).repeat(&floor::Floor::form_request()).await?;
    report.floor("axum form floor", form);
    for (name, target, request) in bench.client_credentials() {
        report.cell(name, "axum form floor", form, target, load(bench.address).repeat(&request).await?);
    }
    report.cell_of_signatures("client_credentials RS256 / signatures", 0.75, signatures::rs256_per_second());

    assertions(arguments, load(bench.address), bench, report).await?;

    let update = pgbench::one_row_update(&bench.postgres, &bench.database, length).await?;
    report.floor("pgbench one-row UPDATE", update);
    let refresh = bench.refresh(load(bench.address)).await?;
    report.cell("refresh with rotation", "pgbench one-row UPDATE", update, 0.55, refresh);
    let codes = bench.mint_codes(arguments.codes).await?;
    let redeemed = bench.redeem(&codes).await?;
    report.cell("code redemption with PKCE", "pgbench one-row UPDATE", update, 0.50, redeemed);

    let json = load(floor.address).repeat(&floor::Floor::json_request()).await?;
    report.floor("axum JSON floor", json);
    let hot = bench.introspection_of_one();
    report.cell("introspection, cached", "axum JSON floor", json, 0.50, load(bench.address).repeat(&hot).await?);
    let cold = bench.introspection_of_many(10_000).await?;
    report.cell("introspection, uncached", "axum JSON floor", json, 0.25, cold);

    let consent = bench.consent_page().await?;
    let page = load(floor.address).repeat(&floor::Floor::page_request(consent.length)).await?;
    report.floor("axum static page", page);
    report.cell("consent page", "axum static page", page, 0.50, bench.pages(load(bench.address), &consent).await?);
    let list = bench.list_page().await?;
    let page = load(floor.address).repeat(&floor::Floor::page_request(list.length)).await?;
    report.cell("list of ten apps", "axum static page", page, 0.0, bench.pages(load(bench.address), &list).await?);
    report.page_lengths(consent.length, list.length);
    Ok(())
}

/// Machines that sign, beside what the signatures alone cost. An assertion that may be used once is also a row that is written.
async fn assertions(arguments: &Arguments, load: Load, bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let kinds = [
        (Signed::Es256, "verify ES256 + sign ES256", "jwt-bearer, ES256 key", "private_key_jwt, ES256 key"),
        (Signed::Rs256, "verify RS256 + sign ES256", "jwt-bearer, RS256 key", "private_key_jwt, RS256 key"),
    ];
    for (signed, floor, bearer, client) in kinds {
        let rate = signatures::verified_and_signed_per_second(signed);
        report.floor(floor, rate);
        let grants = bench.bearer_requests(signed, arguments.assertions)?;
        report.cell(bearer, floor, rate, 0.0, load.work_off(&grants).await?);
        let clients = bench.client_requests(signed, arguments.assertions)?;
        report.cell(client, floor, rate, 0.0, load.work_off(&clients).await?);
        if signed == Signed::Rs256 {
            report.cell("exchange, RS256 key, used again", floor, rate, 0.0, load.repeat(&bench.exchange_request()?).await?);
        }
    }
    Ok(())
}
