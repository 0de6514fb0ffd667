//! The way back: records that were rejected, written for correction.

use crate::rule::Code;

/// Rejected rows as they stood, plus `code` and `message`, in the delimiter of their file.
pub struct RejectedRows {
    bytes: Vec<u8>,
    delimiter: u8,
    columns: usize,
}

impl RejectedRows {
    /// Starts with the file's own header.
    pub fn new<'a>(delimiter: u8, header: impl Iterator<Item = &'a str>) -> RejectedRows {
        let mut rejected = RejectedRows { bytes: Vec::new(), delimiter, columns: 0 };
        rejected.columns = rejected.cells(header);
        rejected.last(&["code"], &["message"]);
        rejected
    }

    /// Adds one row. Cells a short row lacks are added, so that code and message stand under their header.
    pub fn row<'a>(&mut self, cells: impl Iterator<Item = &'a str>, errors: &[(Code, String)]) {
        let written = self.cells(cells);
        self.bytes.resize(self.bytes.len() + self.columns.saturating_sub(written), self.delimiter);
        let codes: Vec<&str> = errors.iter().map(|(code, _)| code.id()).collect();
        let messages: Vec<&str> = errors.iter().map(|(_, message)| message.as_str()).collect();
        self.last(&codes, &messages);
    }

    /// The bytes written since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Writes cells, each with a delimiter behind it, and says how many.
    fn cells<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> usize {
        let mut written = 0;
        for cell in cells {
            self.cell(cell);
            self.bytes.push(self.delimiter);
            written += 1;
        }
        written
    }

    /// Ends a record.
    fn last(&mut self, codes: &[&str], messages: &[&str]) {
        self.cell(&codes.join(" "));
        self.bytes.push(self.delimiter);
        self.cell(&messages.join(" "));
        self.bytes.push(b'\n');
    }

    /// Quoted where a reader would end the cell too early. Written by hand, because every page downloads this.
    fn cell(&mut self, cell: &str) {
        let ends_cells = |byte: u8| matches!(byte, b'"' | b'\r' | b'\n') || byte == self.delimiter;
        if !cell.bytes().any(ends_cells) {
            return self.bytes.extend_from_slice(cell.as_bytes());
        }
        self.bytes.push(b'"');
        for byte in cell.bytes() {
            self.bytes.extend(std::iter::repeat_n(byte, 1 + usize::from(byte == b'"')));
        }
        self.bytes.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejected_rows_keep_their_cells_and_say_why() {
        let mut rejected = RejectedRows::new(b';', ["number", "permission"].into_iter());
        let errors = [
            (Code::NumberMissing, "no number.".to_owned()),
            (Code::PermissionMissing, "no; none.".to_owned()),
        ];
        rejected.row(["a;b"].into_iter(), &errors);
        let first = String::from_utf8(rejected.take()).unwrap();
        assert_eq!(
            first,
            "number;permission;code;message\n\"a;b\";;number-missing permission-missing;\"no number. no; none.\"\n"
        );
        rejected.row(["", "3"].into_iter(), &[]);
        assert_eq!(rejected.take(), b";3;;\n");
    }

    proptest::proptest! {
        #[test]
        fn the_records_are_those_that_the_csv_crate_writes(
            records in proptest::collection::vec(proptest::collection::vec("[ab\"\r\n,; ğ]{0,5}", 2), 0..4),
        ) {
            let mut theirs = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
            theirs.write_record(["a", "b", "code", "message"]).unwrap();
            let mut ours = RejectedRows::new(b';', ["a", "b"].into_iter());
            for record in &records {
                theirs.write_record(record.iter().map(String::as_str).chain(["number-missing", "a \"b\""])).unwrap();
                let errors = [(Code::NumberMissing, "a \"b\"".to_owned())];
                ours.row(record.iter().map(String::as_str), &errors);
            }
            proptest::prop_assert_eq!(ours.take(), theirs.into_inner().unwrap());
        }
    }
}
