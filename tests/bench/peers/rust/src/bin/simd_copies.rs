//! simd-csv's records, unescaped and copied: what takes the csv crate's place one to one.

use std::fs::File;
use std::time::Instant;

use consentry_bench_peers::{path, print_rows};
use simd_csv::{ByteRecord, ReaderBuilder};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut reader = ReaderBuilder::with_capacity(1 << 18).from_reader(File::open(path())?);
    let (mut record, mut rows) = (ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record)? {
        rows += 1;
    }
    print_rows(rows, start);
    Ok(())
}
