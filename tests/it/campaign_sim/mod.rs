//! Campaigns under everything that can go wrong, in a world where time is a number: the machine, the post and the stores are the
//! real ones; Meta, the clock, processes and their deaths are made up. Whatever happens, nobody gets a message twice, nothing
//! starts after a durable opt-out, nobody gets more than a campaign's cap allows, no second holds more than a number may, and in the end everything has its outcome.
//!
//! `CONSENTRY_SIM_SEEDS=from..to` chooses histories, `CONSENTRY_SIM_SENDS` goes on until so many messages were sent.
#![expect(
    clippy::print_stderr,
    reason = "whoever runs many histories sees how many, and what stood where when one went wrong"
)]

mod ending;
pub(crate) mod fused;
mod meta;
pub(crate) mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::product::Kind;
use world::{Tally, World};

/// Histories of a normal run.
const SEEDS: u64 = 60;
/// Histories in which something went wrong once: a request left after its turn; a campaign was stopped and let go while its
/// host stood still.
const KEPT: [u64; 2] = [16, 2869];
/// One of so many histories is lived on a disk.
const ON_DISK: u64 = 15;

#[test]
fn nobody_is_written_to_twice_or_after_an_opt_out_whatever_happens() {
    let told = std::env::var("CONSENTRY_SIM_SEEDS").ok();
    let (from, to) = told
        .as_deref()
        .and_then(|told| told.split_once(".."))
        .map_or((0, SEEDS), |(from, to)| (from.parse().unwrap(), to.parse().unwrap()));
    let sends: Option<u64> = std::env::var("CONSENTRY_SIM_SENDS").ok().map(|sends| sends.parse().unwrap());
    let mut sum = Tally::default();
    let kept = KEPT.into_iter().filter(|_| told.is_none());
    for seed in (from..sends.map_or(to, |_| u64::MAX)).chain(kept) {
        let kind = if seed % ON_DISK == ON_DISK - 1 { Kind::Sqlite } else { Kind::Memory };
        let lived = catch_unwind(AssertUnwindSafe(|| {
            let mut world = World::new(seed, kind);
            world.live();
            world.judge()
        }));
        let Ok(tally) = lived else {
            panic!("it went wrong with seed {seed}: CONSENTRY_SIM_SEEDS={seed}..{}", seed + 1)
        };
        sum.add(&tally);
        if sends.is_some_and(|sends| sum.sends >= sends) {
            eprintln!("seeds {from} to {seed}: {sum:?}");
            break;
        }
    }
    assert!(
        told.is_some() || sum.sends > 0 && sum.unknown > 0 && sum.opt_outs > 0 && sum.capped > 0,
        "{sum:?}"
    );
    eprintln!("{sum:?}");
}

#[test]
fn all_numbers_and_hosts_together_reach_no_more_people_in_a_day_than_they_may_and_nearly_as_many() {
    const WORLDS: u64 = 12;
    let (mut used, mut allowed) = (0, 0);
    for seed in 0..WORLDS {
        let kind = if seed % ON_DISK == ON_DISK - 1 { Kind::Sqlite } else { Kind::Memory };
        let mut world = World::new(seed, kind);
        let most = world.limit_people();
        world.live();
        let tally = world.judge();
        // Where there are fewer to write to, it does not show what could be used.
        if tally.sends > 2 * most {
            (used, allowed) = (used + tally.most_today, allowed + most);
        }
    }
    eprintln!("{used} of {allowed}");
    assert!(allowed > 0 && used * 100 >= allowed * 97, "{used} of {allowed} were used");
}
