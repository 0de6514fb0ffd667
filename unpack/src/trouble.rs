//! What is wrong with a packed file, in words for people: the fault of the data, never of the disk or the network.

use std::{fmt, io};

/// Why a packed file gives no text. One or two sentences: the cause, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble(String);

impl Trouble {
    /// The trouble behind an error of reading, if the data is at fault. Any other error is the world's.
    pub fn of(error: &io::Error) -> Option<&Trouble> {
        error.get_ref()?.downcast_ref()
    }

    /// Trouble in the words of a shell, which has limits of its own.
    pub fn new(text: impl Into<String>) -> Trouble {
        Trouble(text.into())
    }

    /// A part of a workbook that cannot be understood.
    pub(crate) fn damaged(part: &str, why: &str) -> Trouble {
        let part = clip(part);
        Trouble(format!(
            "The workbook is damaged: {why} (in its part `{part}`). Open it in Excel or LibreOffice, save it again as \
             .xlsx, and give that file."
        ))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Trouble {}

impl From<Trouble> for io::Error {
    fn from(trouble: Trouble) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, trouble)
    }
}

/// Text of strangers in a message: short, and on one line.
pub(crate) fn clip(text: &str) -> String {
    const CHARS_MAX: usize = 64;
    let mut clipped: String = text.chars().filter(|ch| !ch.is_control()).take(CHARS_MAX + 1).collect();
    if clipped.chars().count() > CHARS_MAX {
        clipped.pop();
        clipped.push('…');
    }
    clipped
}
