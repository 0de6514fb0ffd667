//! The job every peer does, so that only what reads and what judges differs between them.
//!
//! Split the file, judge the WhatsApp number and the permission of each row, find repeated numbers, keep row and
//! column of each fault, count by kind. Nothing is taken from Consentry: a peer is what somebody would write today
//! with what the registry offers.

use std::collections::HashSet;
use std::time::Instant;

/// Where the two cells stand that are judged.
pub const NUMBER_COLUMN: usize = 3;
/// See [`NUMBER_COLUMN`].
pub const PERMISSION_COLUMN: usize = 4;

/// What is wrong with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There is no valid number in the cell.
    Number,
    /// Neither 1 nor 2.
    Permission,
}

/// Where a fault is.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Records from 1, the header not counted.
    pub row: u64,
    /// Columns from 0.
    pub column: usize,
    /// What is wrong there.
    pub kind: Kind,
}

/// The report on a file.
#[derive(Debug, Default)]
pub struct Tally {
    rows: u64,
    valid: u64,
    repeated: u64,
    opt_in: u64,
    faults: Vec<Fault>,
    seen: HashSet<u64>,
}

impl Tally {
    /// Takes one row: its number as one integer when it is valid, and its permission cell.
    pub fn row(&mut self, number: Option<u64>, permission: &[u8]) {
        self.rows += 1;
        let permitted = matches!(permission, b"1" | b"2");
        match number {
            None => self.fault(NUMBER_COLUMN, Kind::Number),
            Some(number) => {
                self.valid += 1;
                let again = !self.seen.insert(number);
                self.repeated += u64::from(again && permitted);
            }
        }
        match permission {
            b"1" => self.opt_in += 1,
            b"2" => {}
            _ => self.fault(PERMISSION_COLUMN, Kind::Permission),
        }
    }

    /// Prints the line that the bench reads.
    pub fn print(&self, start: Instant) {
        let of = |kind| self.faults.iter().filter(|fault| fault.kind == kind).count();
        let last = self.faults.last().map_or((0, 0), |fault| (fault.row, fault.column));
        println!(
            "{{\"rows\":{},\"seconds\":{},\"valid\":{},\"repeated\":{},\"opt_in\":{},\"number_faults\":{},\
             \"permission_faults\":{},\"last_fault_row\":{},\"last_fault_column\":{}}}",
            self.rows,
            start.elapsed().as_secs_f64(),
            self.valid,
            self.repeated,
            self.opt_in,
            of(Kind::Number),
            of(Kind::Permission),
            last.0,
            last.1,
        );
    }

    fn fault(&mut self, column: usize, kind: Kind) {
        self.faults.push(Fault { row: self.rows, column, kind });
    }
}

/// Prints the line of a program that only splits: how many records it saw, the header not counted.
pub fn print_rows(rows: u64, start: Instant) {
    println!("{{\"rows\":{rows},\"seconds\":{}}}", start.elapsed().as_secs_f64());
}

/// The file named on the command line.
///
/// # Panics
/// When there is none.
pub fn path() -> std::path::PathBuf {
    std::env::args_os().nth(1).expect("usage: PROGRAM FILE").into()
}

/// `00` at the beginning read as `+`, which libphonenumber only does for a country. Nearly all cells come back as
/// they are.
pub fn with_plus<'a>(cell: &'a str, room: &'a mut String) -> &'a str {
    let Some(rest) = cell.strip_prefix("00") else { return cell };
    room.clear();
    room.push('+');
    room.push_str(rest);
    room
}

/// Calling code, leading zeros and national digits in one integer.
pub fn packed(calling_code: u64, leading_zeros: u64, national: u64) -> u64 {
    // National digits are at most fifteen, and such numbers have short calling codes and no zeros.
    calling_code << 53 ^ leading_zeros << 50 ^ national
}
