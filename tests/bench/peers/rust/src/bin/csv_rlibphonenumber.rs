//! The csv crate and rlibphonenumber, a port of libphonenumber: the best peer whose verdicts are right.

use std::time::Instant;

use consentry_bench_peers::{NUMBER_COLUMN, PERMISSION_COLUMN, Tally, packed, path, with_plus};
use rlibphonenumber::PHONE_NUMBER_UTIL;

fn main() -> Result<(), csv::Error> {
    let start = Instant::now();
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_path(path())?;
    let (mut record, mut tally, mut room) = (csv::ByteRecord::new(), Tally::default(), String::new());
    while reader.read_byte_record(&mut record)? {
        let cell = std::str::from_utf8(&record[NUMBER_COLUMN]).unwrap_or("");
        let number = PHONE_NUMBER_UTIL.parse(with_plus(cell, &mut room), None).ok();
        let number = number.filter(|number| PHONE_NUMBER_UTIL.is_valid_number(number));
        let number = number.map(|number| {
            let zeros = match number.italian_leading_zero {
                Some(true) => number.number_of_leading_zeros.unwrap_or(1),
                _ => 0,
            };
            packed(number.country_code as u64, zeros as u64, number.national_number)
        });
        tally.row(number, &record[PERMISSION_COLUMN]);
    }
    tally.print(start);
    Ok(())
}
