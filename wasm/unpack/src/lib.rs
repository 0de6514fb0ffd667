//! Carries the unpacking into pages. Decides nothing: it only moves bytes.
//!
//! It is a module apart from the engine, so that nobody downloads it whose file is plain text. It must not name the
//! core: text comes out here and goes to the engine like any other. zstd stays packed: hardly anybody brings it to a
//! page, everybody would download its decoder, and what to do the engine says.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use consentry_unpack::{Form, Gunzip, Trouble, Workbook, needs_password};
use wasm_bindgen::prelude::*;

/// Bytes given out at once.
const PIECE_BYTES: usize = 256 << 10;

#[wasm_bindgen]
extern "C" {
    /// The bytes of a file, wherever the page has them.
    pub type Source;

    /// Fills `into` from `at` on, and tells how many bytes there were; throws when they cannot be read.
    #[wasm_bindgen(method, catch)]
    fn read(this: &Source, at: f64, into: &mut [u8]) -> Result<u32, JsValue>;
}

/// Gives the text of a packed file, piece by piece.
#[wasm_bindgen]
pub struct Unpacker {
    form: Form,
    text: Option<Box<dyn Read>>,
    state: Rc<State>,
}

/// What a reader that is deep inside a decoder still has to tell.
#[derive(Default)]
struct State {
    bytes: Cell<f64>,
    thrown: RefCell<Option<JsValue>>,
}

#[wasm_bindgen]
impl Unpacker {
    /// `head` is the beginning of the file, [`head_bytes`] of it or all; `size` is its length. Throws a sentence for
    /// people when the file is packed and gives no text, or whatever the source threw.
    #[wasm_bindgen(constructor)]
    pub fn new(head: &[u8], source: Source, size: f64) -> Result<Unpacker, JsValue> {
        let state = Rc::new(State::default());
        let mut bytes = Bytes { source, size: size as u64, at: 0, state: state.clone() };
        let form = Form::of(head);
        let text = match form {
            Form::Plain | Form::Zstd => Ok(None),
            Form::Gzip => Ok(Some(Box::new(Gunzip::new(bytes)) as Box<dyn Read>)),
            Form::Workbook => Workbook::open(bytes).map(|workbook| Some(Box::new(workbook) as Box<dyn Read>)),
            Form::Compound => needs_password(&mut bytes).and_then(|trouble| match trouble {
                Some(trouble) => Err(trouble.into()),
                None => Ok(None),
            }),
        };
        match text {
            Ok(text) => Ok(Unpacker { form, text, state }),
            Err(error) => Err(thrown(&error, &state)),
        }
    }

    /// False when the file is what it is: then its own bytes go to the engine.
    #[wasm_bindgen(getter)]
    pub fn packed(&self) -> bool {
        self.text.is_some()
    }

    /// True when the text comes out of a workbook, and so is UTF-8 with commas.
    #[wasm_bindgen(getter)]
    pub fn workbook(&self) -> bool {
        self.form == Form::Workbook
    }

    /// Bytes of the file read so far.
    #[wasm_bindgen(getter)]
    pub fn position(&self) -> f64 {
        self.state.bytes.get()
    }

    /// The next piece of text; empty at the end. Throws like the constructor.
    pub fn take(&mut self) -> Result<Vec<u8>, JsValue> {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        if let Some(text) = &mut self.text {
            let read = text.take(PIECE_BYTES as u64).read_to_end(&mut piece);
            read.map_err(|error| thrown(&error, &self.state))?;
        }
        Ok(piece)
    }
}

/// How many bytes of a file its form is told by.
#[wasm_bindgen(js_name = headBytes)]
pub fn head_bytes() -> usize {
    consentry_unpack::limits::HEAD_BYTES
}

/// What is thrown: the source's own words, a sentence about the data, or an error.
fn thrown(error: &io::Error, state: &State) -> JsValue {
    match (state.thrown.take(), Trouble::of(error)) {
        (Some(thrown), _) => thrown,
        (None, Some(trouble)) => JsValue::from_str(&trouble.to_string()),
        (None, None) => JsError::new(&error.to_string()).into(),
    }
}

/// The source as decoders want it.
struct Bytes {
    source: Source,
    size: u64,
    at: u64,
    state: Rc<State>,
}

impl Read for Bytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.source.read(self.at as f64, into) {
            Ok(bytes) => {
                let bytes = (bytes as usize).min(into.len());
                self.at += bytes as u64;
                self.state.bytes.set(self.state.bytes.get() + bytes as f64);
                Ok(bytes)
            }
            Err(value) => {
                self.state.thrown.replace(Some(value));
                Err(io::Error::other("the source threw"))
            }
        }
    }
}

impl Seek for Bytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(by) => (self.size, by),
            SeekFrom::Current(by) => (self.at, by),
        };
        self.at = base.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
