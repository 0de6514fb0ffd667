//! The csv crate and the phonenumber crate. Its cache of compiled patterns is smaller than the world: with many
//! countries in one file it compiles them over and over.

use std::time::Instant;

use consentry_bench_peers::{NUMBER_COLUMN, PERMISSION_COLUMN, Tally, packed, path, with_plus};

fn main() -> Result<(), csv::Error> {
    let start = Instant::now();
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_path(path())?;
    let (mut record, mut tally, mut room) = (csv::ByteRecord::new(), Tally::default(), String::new());
    while reader.read_byte_record(&mut record)? {
        let cell = std::str::from_utf8(&record[NUMBER_COLUMN]).unwrap_or("");
        let number = phonenumber::parse(None, with_plus(cell, &mut room)).ok();
        let number = number.filter(phonenumber::is_valid).map(|number| {
            let national = number.national();
            packed(u64::from(number.code().value()), u64::from(national.zeros()), national.value())
        });
        tally.row(number, &record[PERMISSION_COLUMN]);
    }
    tally.print(start);
    Ok(())
}
