//! Counts what goes in and what comes out, and tells the world's errors from the data's.

use std::io::{self, Read};

use crate::Trouble;
use crate::limits::{RATIO_FREE_BYTES, RATIO_MAX};

/// The packed bytes, counted. When an error comes out of a decoder, this knows whether the source was at fault.
pub(crate) struct Packed<R> {
    source: R,
    pub(crate) bytes: u64,
    /// What the source said when it failed. Decoders would wrap it so deeply that nobody finds it again.
    failed: Option<io::Error>,
}

impl<R> Packed<R> {
    pub(crate) fn new(source: R) -> Packed<R> {
        Packed { source, bytes: 0, failed: None }
    }

    /// The error to pass on when a decoder over this gave one: the source's own, or else trouble with the data.
    pub(crate) fn blame(&mut self, trouble: impl FnOnce() -> Trouble) -> io::Error {
        self.failed.take().unwrap_or_else(|| trouble().into())
    }
}

impl<R: Read> Read for Packed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.source.read(into) {
                Ok(bytes) => {
                    self.bytes += bytes as u64;
                    return Ok(bytes);
                }
                // Not every decoder would try again.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let kind = error.kind();
                    self.failed = Some(error);
                    return Err(kind.into());
                }
            }
        }
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
