//! Counts what goes in and what comes out, and tells the world's errors from the data's.

use std::io::{self, Read};

use crate::Trouble;
use crate::limits::{RATIO_FREE_BYTES, RATIO_MAX};

/// The packed bytes, counted. When an error comes out of a decoder, this knows whether the source was at fault.
pub(crate) struct Packed<R> {
    source: R,
    pub(crate) bytes: u64,
    failed: bool,
}

impl<R> Packed<R> {
    pub(crate) fn new(source: R) -> Packed<R> {
        Packed { source, bytes: 0, failed: false }
    }

    /// The error to pass on when a decoder over this gave one: the source's own, or else trouble with the data.
    pub(crate) fn blame(&self, error: io::Error, trouble: impl FnOnce() -> Trouble) -> io::Error {
        if self.failed || Trouble::of(&error).is_some() { error } else { trouble().into() }
    }
}

impl<R: Read> Read for Packed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into);
        match &read {
            Ok(bytes) => self.bytes += *bytes as u64,
            // Interrupted reads are tried again by whoever reads.
            Err(error) => self.failed = error.kind() != io::ErrorKind::Interrupted,
        }
        read
    }
}

/// What may still come out of a packed file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    what: &'static str,
    bytes: u64,
    bytes_max: u64,
}

impl Budget {
    /// `what` is named in messages, as in "the sheet".
    pub(crate) fn new(what: &'static str, bytes_max: u64) -> Budget {
        Budget { what, bytes: 0, bytes_max }
    }

    /// Takes `bytes` that came out of `packed` bytes so far.
    pub(crate) fn take(&mut self, bytes: usize, packed: u64) -> Result<(), Trouble> {
        self.bytes += bytes as u64;
        let what = self.what;
        if self.bytes > self.bytes_max {
            return Err(too_much(what, self.bytes_max));
        }
        if self.bytes > RATIO_FREE_BYTES && self.bytes / RATIO_MAX > packed {
            return Err(Trouble::new(format!(
                "Unpacked, {what} has more than {RATIO_MAX} times its packed size, which no list of people has. Unpack \
                 it yourself, look at what is inside, and give that file."
            )));
        }
        Ok(())
    }
}

/// The trouble of something that is larger than its limit.
pub(crate) fn too_much(what: &str, bytes_max: u64) -> Trouble {
    Trouble::new(format!(
        "Unpacked, {what} has more than {} MiB, the most that is read. Split the file, or save the list as “CSV UTF-8”.",
        bytes_max >> 20
    ))
}
