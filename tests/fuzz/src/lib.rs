//! What the targets share: how a fuzzer's bytes become choices and a text.
//!
//! The first [`CHOICE_BYTES`] choose how the rest is read, and zeros always choose "as it stands, with the default
//! options". So any file behind that many zeros is a seed, which is how `cargo xtask fuzz` makes its seeds. Nothing
//! here judges anything.

/// Bytes in front of the text. The xtask puts as many before each seed.
pub const CHOICE_BYTES: usize = 8;

/// From here on bytes stand for words, if words are chosen.
const WORDS_FROM: u8 = 0x80;

/// A fuzzer's bytes, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    choices: [u8; CHOICE_BYTES],
    /// What is behind the choices.
    pub text: &'a [u8],
}

impl<'a> Input<'a> {
    /// `None` when there are too few bytes to choose anything.
    pub fn of(data: &'a [u8]) -> Option<Input<'a>> {
        let (choices, text) = data.split_first_chunk()?;
        Some(Input { choices: *choices, text })
    }

    /// The choice at this place, below `end`.
    pub fn below(&self, at: usize, end: usize) -> usize {
        usize::from(self.choices[at]) % end
    }

    /// One bit of the choice at this place.
    pub fn flag(&self, at: usize, bit: u8) -> bool {
        self.choices[at] >> bit & 1 == 1
    }

    /// The text with a word in the place of each byte from 0x80 on, so that one mutation writes what a fuzzer would
    /// seldom come upon letter by letter.
    pub fn with_words(&self, words: &[&str]) -> Vec<u8> {
        let mut text = Vec::with_capacity(2 * self.text.len());
        for byte in self.text {
            match byte.checked_sub(WORDS_FROM) {
                Some(word) => text.extend_from_slice(words[usize::from(word) % words.len()].as_bytes()),
                None => text.push(*byte),
            }
        }
        text
    }

    /// Places at which to cut so many bytes, ascending, both ends among them; the choice at `at` decides where.
    pub fn cuts(&self, at: usize, len: usize) -> Vec<usize> {
        let seed = usize::from(self.choices[at]) + 1;
        let mut cuts: Vec<usize> = [31, 89, 151, 211].iter().map(|prime| seed * prime % (len + 1)).collect();
        cuts.extend([0, len]);
        cuts.sort_unstable();
        cuts
    }
}

/// The bytes so often that they come to at least `bytes_min`; none stay none.
pub fn repeated(bytes: &[u8], bytes_min: usize) -> Vec<u8> {
    bytes.repeat(bytes_min.checked_div(bytes.len()).map_or(0, |times| times + 1))
}
