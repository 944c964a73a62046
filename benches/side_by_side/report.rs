//! What is printed: ratios with medians and spreads, and whether the machine was quiet enough to believe them.

use std::fmt::Arguments;
use std::io::{Write as _, stdout};

/// Collects cells round by round.
#[derive(Default)]
pub(crate) struct Report {
    floors: Vec<(&'static str, Vec<f64>)>,
    cells: Vec<Row>,
    /// Bytes of the consent page and of the list.
    pages: (usize, usize),
}

struct Row {
    name: &'static str,
    floor: &'static str,
    target: f64,
    rates: Vec<f64>,
    ratios: Vec<f64>,
}

impl Report {
    /// Notes a floor's rate.
    pub(crate) fn floor(&mut self, name: &'static str, rate: f64) {
        match self.floors.iter_mut().find(|(known, _)| *known == name) {
            Some((_, rates)) => rates.push(rate),
            None => self.floors.push((name, vec![rate])),
        }
    }

    /// Notes a workload's rate beside its floor of the same round.
    pub(crate) fn cell(&mut self, name: &'static str, floor: &'static str, floor_rate: f64, target: f64, rate: f64) {
        let index = self.cells.iter().position(|row| row.name == name).unwrap_or_else(|| {
            self.cells.push(Row { name, floor, target, rates: Vec::new(), ratios: Vec::new() });
            self.cells.len() - 1
        });
        self.cells[index].rates.push(rate);
        self.cells[index].ratios.push(rate / floor_rate);
    }

    /// Notes how near the RS256 workload of this round came to what the cores can sign.
    pub(crate) fn cell_of_signatures(&mut self, name: &'static str, target: f64, per_second: f64) {
        let rate = self.cells.iter().find(|row| row.name == "client_credentials RS256").and_then(|row| row.rates.last().copied());
        if let Some(rate) = rate {
            self.cell(name, "cores x signatures", per_second, target, rate);
        }
    }

    /// Notes how long the consent page and the list are.
    pub(crate) fn page_lengths(&mut self, consent: usize, list: usize) {
        self.pages = (consent, list);
    }

    /// Prints the table.
    pub(crate) fn ratios(&self) -> std::io::Result<()> {
        for (name, rates) in &self.floors {
            let allowed = if name.starts_with("pgbench") { 1.3 } else { 1.5 };
            let noisy = if spread(rates) > allowed { "  NOISY: do not quote" } else { "" };
            writeln!(stdout(), "floor  {name:<40} {:>9.0}/s  spread {:.2}{noisy}", median(rates), spread(rates))?;
        }
        for row in &self.cells {
            let ratio = median(&row.ratios);
            let verdict = if ratio >= row.target { "met" } else { "below" };
            writeln!(
                stdout(),
                "       {:<40} {:>9.0}/s  {ratio:.2} of {} (spread {:.2}; goal {:.2}: {verdict})",
                row.name,
                median(&row.rates),
                row.floor,
                spread(&row.ratios),
                row.target,
            )?;
        }
        let (consent, list) = self.pages;
        say(format_args!("bytes: consent page {consent} (P5: <= 20 KB), list of ten apps {list}"))
    }
}

/// Prints one line.
pub(crate) fn say(line: Arguments<'_>) -> std::io::Result<()> {
    writeln!(stdout(), "{line}")
}

/// The middle value.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn spread(values: &[f64]) -> f64 {
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(*value), high.max(*value)));
    high / low
}
