//! How to read a file, decided from its first bytes: encoding, `sep=` line, delimiter.

use crate::csv::encoding::{Encoding, Utf16, fallback};
use crate::csv::{Reader, Record};
use crate::limits::{SNIFF_BYTES, SNIFF_ROWS};

use super::header::Columns;
use super::options::CheckOptions;

/// Delimiters tried, most usual first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How to read the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sniffed {
    pub encoding: Encoding,
    /// Bytes of the byte-order mark.
    pub mark_bytes: usize,
    /// Bytes of the `sep=` line after the mark, in UTF-8; 0 when there is none.
    pub sep_bytes: usize,
    /// Found, or declared.
    pub delimiter: u8,
}

/// Looks at the first [`SNIFF_BYTES`] of a file. `Err` says, for people, why it is no text.
pub(super) fn sniff(head: &[u8], options: &CheckOptions) -> Result<Sniffed, &'static str> {
    let head = &head[..head.len().min(SNIFF_BYTES)];
    let marked = Encoding::from_mark(head);
    let encoding = match (options.encoding, marked) {
        (None, None) => Encoding::Utf8 { declared: false },
        (None, Some((marked, _))) => marked,
        (Some(declared), None) => declared,
        // Which of the two byte orders it is, the mark knows best.
        (Some(Encoding::Utf16 { .. }), Some((marked @ Encoding::Utf16 { .. }, _))) => marked,
        (Some(declared), Some((marked, _))) if declared.label() == marked.label() => declared,
        (Some(_), Some(_)) => {
            return Err(
                "The file begins with the mark of another encoding than the one declared. Leave the \
                        declaration out, or correct it.",
            );
        }
    };
    let mark_bytes = marked.map_or(0, |(_, bytes)| bytes);
    if !matches!(encoding, Encoding::Utf16 { .. }) {
        binary(head).map_or(Ok(()), Err)?;
    }

    let mut text = Vec::new();
    match encoding {
        Encoding::Utf16 { big_endian } => Utf16::default().feed(big_endian, &head[mark_bytes..], &mut text),
        _ => text.extend_from_slice(&head[mark_bytes..]),
    }
    let separator = sep_line(&text);
    let delimiter = options.delimiter.or(separator.map(|(delimiter, _)| delimiter));
    let sep_bytes = separator.map_or(0, |(_, bytes)| bytes);
    let rest = &text[sep_bytes..];
    Ok(Sniffed {
        encoding,
        mark_bytes,
        sep_bytes,
        delimiter: delimiter.unwrap_or_else(|| find_delimiter(rest, head.len() < SNIFF_BYTES, options)),
    })
}

fn binary(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"PK\x03\x04") {
        return Some("This is a zip archive or an Excel workbook, not a CSV file. Save it as “CSV UTF-8”.");
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0") {
        return Some("This is an old Excel workbook (.xls), not a CSV file. Save it as “CSV UTF-8”.");
    }
    if head.starts_with(b"\x1F\x8B") || head.starts_with(b"\x28\xB5\x2F\xFD") {
        return Some("This file is compressed. Unpack it first.");
    }
    if head.starts_with(b"%PDF") {
        return Some("This is a PDF, not a CSV file. Export the table as “CSV UTF-8”.");
    }
    let nuls = head.iter().filter(|b| **b == 0).count();
    if nuls * 4 > head.len() && nuls > 2 {
        return Some(
            "This looks like UTF-16 without a byte-order mark, or like no text at all. \
             Declare the encoding `utf-16le` or save it as “CSV UTF-8”.",
        );
    }
    None
}

/// The delimiter a first line `sep=;` declares, and the length of that line with its end.
fn sep_line(text: &[u8]) -> Option<(u8, usize)> {
    let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter, rest @ ..] = text else { return None };
    let end = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        [] => 0,
        _ => return None,
    };
    DELIMITERS.contains(delimiter).then_some((*delimiter, 5 + end))
}

/// The delimiter that makes most of the header known; among equals, the one that gives most rows as many cells.
fn find_delimiter(text: &[u8], whole_file: bool, options: &CheckOptions) -> u8 {
    let score = |delimiter: u8| {
        let mut headers: Option<Vec<String>> = None;
        let (mut rows, mut even) = (0, 0);
        let mut each = |record: Record<'_>| {
            if record.is_blank() || rows > SNIFF_ROWS {
                return;
            }
            rows += 1;
            match &headers {
                None => headers = Some(record.cells().map(cell_text).collect()),
                Some(header) => even += usize::from(header.len() == record.width() && record.width() > 1),
            }
        };
        let mut reader = Reader::new(delimiter, 1);
        reader.feed(text, &mut each);
        if whole_file {
            reader.finish(&mut each);
        }
        let headers = headers.unwrap_or_default();
        (Columns::known_roles(&headers, options), even)
    };
    // max_by_key keeps the last of equals, and the most usual delimiter should win.
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| score(*delimiter)).unwrap_or(b',')
}

/// A header cell for comparing names: readable in one of the two encodings, or as good as that gets.
fn cell_text(cell: &[u8]) -> String {
    match std::str::from_utf8(cell) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let mut text = String::new();
            fallback().decode(cell, &mut text);
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> u8 {
        sniff(text.as_bytes(), &CheckOptions::default()).unwrap().delimiter
    }

    #[test]
    fn the_header_decides_and_rows_break_ties() {
        assert_eq!(delimiter("wpNumber;permission\n+90,1;1\n"), b';');
        assert_eq!(delimiter("exid\twpNumber\tpermission\n1\t2\t3\n"), b'\t');
        assert_eq!(delimiter("a|b,c\n1|2\n3|4\n"), b'|');
        assert_eq!(delimiter("sep=;\r\nwpNumber,x;permission\n"), b';');
        assert_eq!(delimiter("\"wp,Number\",permission"), b',');
        assert_eq!(delimiter(""), b',');
    }

    #[test]
    fn what_is_no_text_is_named() {
        for bytes in [b"PK\x03\x04".as_slice(), b"\x1F\x8B\x08", b"%PDF-1.7", b"w\0p\0N\0u\0m\0"] {
            assert!(sniff(bytes, &CheckOptions::default()).is_err());
        }
        assert!(sniff(b"wpNumber,permission\n+90\0,1\n", &CheckOptions::default()).is_ok());
    }
}
