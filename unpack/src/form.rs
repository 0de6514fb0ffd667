//! What form a file has, told by its first bytes and never by its name.

use crate::limits::{STREAM_BYTES_MIN, WORKBOOK_BYTES_MIN};

/// What form a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing that is unpacked here.
    Plain,
    /// A zip archive, which a workbook (.xlsx) is.
    Workbook,
    /// An OLE container: an old workbook (.xls), or a new one with a password.
    Compound,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl Form {
    /// The form of a file that begins with `head`: its first [`HEAD_BYTES`](crate::limits::HEAD_BYTES), or all of it.
    ///
    /// A file too short to hold anything is not unpacked; what is wrong with it, the core says.
    pub fn of(head: &[u8]) -> Form {
        match head {
            [b'P', b'K', 3, 4, ..] if head.len() >= WORKBOOK_BYTES_MIN => Form::Workbook,
            [0xD0, 0xCF, 0x11, 0xE0, ..] => Form::Compound,
            [0x1F, 0x8B, 8, ..] if head.len() >= STREAM_BYTES_MIN => Form::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] if head.len() >= STREAM_BYTES_MIN => Form::Zstd,
            // Frames that decoders pass over; some packers begin with one.
            [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] if head.len() >= STREAM_BYTES_MIN => Form::Zstd,
            _ => Form::Plain,
        }
    }

    /// Bytes that no shell takes for text: what stands for a file of this form when it gives none. Empty for a plain
    /// file, which always gives its text.
    pub fn mark(self) -> &'static [u8] {
        match self {
            Form::Plain => b"",
            Form::Workbook => b"PK\x03\x04",
            Form::Compound => b"\xD0\xCF\x11\xE0",
            Form::Gzip => b"\x1F\x8B",
            Form::Zstd => b"\x28\xB5\x2F\xFD",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_unless_there_are_too_few() {
        let long = |magic: &[u8]| [magic, &[0; 256]].concat();
        assert_eq!(Form::of(&long(b"PK\x03\x04")), Form::Workbook);
        assert_eq!(Form::of(&long(b"\xD0\xCF\x11\xE0")), Form::Compound);
        assert_eq!(Form::of(&long(b"\x1F\x8B\x08")), Form::Gzip);
        assert_eq!(Form::of(&long(b"\x28\xB5\x2F\xFD")), Form::Zstd);
        assert_eq!(Form::of(&long(b"\x53\x2A\x4D\x18")), Form::Zstd);
        for short in [b"PK\x03\x04".as_slice(), b"\x1F\x8B\x08", b"\x28\xB5\x2F\xFD", b"PK", b""] {
            assert_eq!(Form::of(short), Form::Plain);
        }
        assert_eq!(Form::of(&long(b"wpNumber,permission\n")), Form::Plain);
    }
}
