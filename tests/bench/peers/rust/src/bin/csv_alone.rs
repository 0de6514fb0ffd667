//! The csv crate alone, each record into one it keeps: what splitting costs most programs today.

use std::time::Instant;

use consentry_bench_peers::{path, print_rows};

fn main() -> Result<(), csv::Error> {
    let start = Instant::now();
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_path(path())?;
    let (mut record, mut rows) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record)? {
        rows += 1;
    }
    print_rows(rows, start);
    Ok(())
}
