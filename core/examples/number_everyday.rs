//! Compares the short cut of `phone::read` with its exact path on cells made for it:
//!
//!     cargo run --release -p consentry-core --example number_everyday -- 20000000 1
//!
//! takes so many cells from this seed. Prints the first disagreements and fails if there is one.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for developers: it prints, and it has arguments"
)]

use consentry_core::phone::{Accept, NumberColumn, NumberOptions, Reading, Region, plan, read, read_exactly};
use std::process::ExitCode;

#[path = "../src/phone/cells.rs"]
mod cells;

/// Disagreements printed before the rest is only counted.
const SHOWN_MAX: usize = 20;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
    let (count, seed) = (arguments.next().unwrap_or(1_000_000), arguments.next().unwrap_or(1));
    let mut cells = cells::Cells::from_seed(seed);
    let (mut everyday, mut accepted, mut disagreements) = (0_u64, 0_u64, 0);
    for _ in 0..count {
        let options = cells.options();
        let Some(cell) = cells.next() else { break };
        let (short, exact) = (read(&cell, &options), read_exactly(&cell, &options));
        if short != exact {
            disagreements += 1;
            if disagreements <= SHOWN_MAX {
                println!("{cell:?} {options:?}\n  short cut {short:?}\n  exact     {exact:?}");
            }
        }
        accepted += u64::from(exact.number.is_some());
        everyday += u64::from(cells::is_everyday(&cell, &exact, &options));
    }
    println!("{count} cells, {accepted} accepted, {everyday} everyday, {disagreements} disagreements");
    if disagreements == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
