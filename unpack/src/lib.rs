//! Opens what a consent file may come wrapped in - a workbook, gzip, zstd - and gives the text inside, so that every
//! shell judges the same bytes.
//!
//! It exists once because a page and the host must unpack alike: the same limits, the same words, the same text down
//! to the byte. It must not judge anything: what it gives is CSV, and what that CSV says is the core's business. It
//! reads through `Read` (and `Seek` for workbooks) and does no I/O of its own.
//!
//! ```
//! use std::io::{Cursor, Read as _};
//! use consentry_unpack::{Form, Gunzip, Workbook};
//!
//! assert_eq!(Form::of(b"wpNumber,permission\n"), Form::Plain);
//! let cut_off = b"\x1F\x8B\x08\0\0\0\0\0\0\x03".as_slice();
//! let failed = Gunzip::new(cut_off).read_to_end(&mut Vec::new()).unwrap_err();
//! assert!(consentry_unpack::Trouble::of(&failed).is_some());
//! assert!(Workbook::open(Cursor::new(b"PK")).is_err());
//! ```
#![forbid(unsafe_code)]

mod budget;
mod form;
pub mod limits;
mod stream;
mod trouble;
mod workbook;

pub use form::Form;
pub use stream::{Gunzip, Unzstd};
pub use trouble::Trouble;
pub use workbook::{Workbook, needs_password};
