//! The way back: records that were rejected, written for correction.

use crate::rule::Code;

/// Rejected rows as they stood, plus `code` and `message`, in the delimiter of their file.
pub struct RejectedRows {
    writer: csv::Writer<Vec<u8>>,
    delimiter: u8,
    columns: usize,
}

impl RejectedRows {
    /// Starts with the file's own header.
    pub fn new<'a>(delimiter: u8, header: impl Iterator<Item = &'a str>) -> RejectedRows {
        let header: Vec<&str> = header.collect();
        let mut rejected = RejectedRows { writer: writer(delimiter), delimiter, columns: header.len() };
        rejected.record(header.iter().copied().chain(["code", "message"]));
        rejected
    }

    /// Adds one row. Cells a short row lacks are added, so that code and message stand under their header.
    pub fn row<'a>(&mut self, cells: impl Iterator<Item = &'a str>, errors: &[(Code, String)]) {
        let codes = errors.iter().map(|(code, _)| code.id()).collect::<Vec<_>>().join(" ");
        let messages = errors.iter().map(|(_, message)| message.as_str()).collect::<Vec<_>>().join(" ");
        let cells: Vec<&str> = cells.collect();
        let padding = self.columns.saturating_sub(cells.len());
        let padded = cells.into_iter().chain(std::iter::repeat_n("", padding));
        self.record(padded.chain([codes.as_str(), messages.as_str()]));
    }

    /// The bytes written since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        let full = std::mem::replace(&mut self.writer, writer(self.delimiter));
        full.into_inner().expect("writing to memory does not fail")
    }

    fn record<'a>(&mut self, cells: impl Iterator<Item = &'a str>) {
        self.writer.write_record(cells).expect("writing to memory does not fail");
    }
}

fn writer(delimiter: u8) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new())
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
}
