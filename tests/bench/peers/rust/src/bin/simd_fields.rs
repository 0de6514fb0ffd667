//! simd-csv's ends of fields, nothing copied: the bare split that every check needs.

use std::fs::File;
use std::time::Instant;

use consentry_bench_peers::{path, print_rows};
use simd_csv::ZeroCopyReaderBuilder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut reader = ZeroCopyReaderBuilder::with_capacity(1 << 18).from_reader(File::open(path())?);
    let mut rows = 0;
    while reader.read_byte_record()?.is_some() {
        rows += 1;
    }
    print_rows(rows, start);
    Ok(())
}
