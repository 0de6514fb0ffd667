//! The state machine under the csv crate alone, without its records.

use std::fs::File;
use std::io::Read as _;
use std::time::Instant;

use consentry_bench_peers::{path, print_rows};
use csv_core::{ReadRecordResult, Reader};

fn main() -> std::io::Result<()> {
    let start = Instant::now();
    let mut file = File::open(path())?;
    let (mut reader, mut records) = (Reader::new(), 0_u64);
    let (mut bytes, mut text, mut ends) = (vec![0; 1 << 18], vec![0; 1 << 16], vec![0; 64]);
    let (mut text_filled, mut ends_filled) = (0, 0);
    loop {
        let filled = file.read(&mut bytes)?;
        let mut rest = &bytes[..filled];
        loop {
            let (result, read, written, ended) =
                reader.read_record(rest, &mut text[text_filled..], &mut ends[ends_filled..]);
            rest = &rest[read..];
            text_filled += written;
            ends_filled += ended;
            match result {
                ReadRecordResult::Record => {
                    records += 1;
                    (text_filled, ends_filled) = (0, 0);
                    // Nothing to read means the end of the file to it, and this is only the end of a buffer.
                    if rest.is_empty() && filled > 0 {
                        break;
                    }
                }
                ReadRecordResult::InputEmpty => break,
                ReadRecordResult::End => {
                    print_rows(records.saturating_sub(1), start);
                    return Ok(());
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(std::io::Error::other("a record is longer than this program has room for"));
                }
            }
        }
    }
}
