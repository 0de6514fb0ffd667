//! simd-csv's ends of records: quotes are respected, fields are not looked for. Less than any check can do.

use std::fs::File;
use std::time::Instant;

use consentry_bench_peers::{path, print_rows};
use simd_csv::SplitterBuilder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut splitter = SplitterBuilder::with_capacity(1 << 18).from_reader(File::open(path())?);
    print_rows(splitter.count_records()?, start);
    Ok(())
}
