//! Which letters the bytes stand for: byte-order marks, UTF-16, code pages. Nothing unreadable is replaced.

include!(concat!(env!("OUT_DIR"), "/code_pages.rs"));

/// How a file's bytes become text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte-order mark. A record that is not UTF-8 may be read as Windows-1254
    /// unless the caller declared UTF-8.
    Utf8 {
        /// Whether the caller said so.
        declared: bool,
    },
    /// UTF-16.
    Utf16 {
        /// Byte order.
        big_endian: bool,
    },
    /// A code page: ASCII below 0x80, a table above.
    Page(&'static Page),
}

/// A single-byte code page.
#[derive(PartialEq, Eq)]
pub struct Page {
    /// Label, lower case.
    pub label: &'static str,
    letters: &'static [char; 128],
}

impl std::fmt::Debug for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.label())
    }
}

impl Encoding {
    /// The encoding with this label (`utf-8`, `utf-16le`, `windows-1254`, `latin5`, …), case ignored.
    pub fn from_label(label: &str) -> Option<Encoding> {
        let label = label.trim().to_ascii_lowercase();
        match label.as_str() {
            "utf-8" | "utf8" => Some(Encoding::Utf8 { declared: true }),
            "utf-16" | "utf-16le" => Some(Encoding::Utf16 { big_endian: false }),
            "utf-16be" => Some(Encoding::Utf16 { big_endian: true }),
            _ => page(&label).map(Encoding::Page),
        }
    }

    /// The label as reports show it.
    pub fn label(self) -> &'static str {
        match self {
            Encoding::Utf8 { .. } => "utf-8",
            Encoding::Utf16 { big_endian: false } => "utf-16le",
            Encoding::Utf16 { big_endian: true } => "utf-16be",
            Encoding::Page(page) => page.label,
        }
    }

    /// What a byte-order mark says, and its length in bytes.
    pub fn from_mark(bytes: &[u8]) -> Option<(Encoding, usize)> {
        match bytes {
            [0xEF, 0xBB, 0xBF, ..] => Some((Encoding::Utf8 { declared: false }, 3)),
            [0xFF, 0xFE, ..] => Some((Encoding::Utf16 { big_endian: false }, 2)),
            [0xFE, 0xFF, ..] => Some((Encoding::Utf16 { big_endian: true }, 2)),
            _ => None,
        }
    }

    /// Every label there is, for error messages.
    pub fn labels() -> impl Iterator<Item = &'static str> {
        ["utf-8", "utf-16le", "utf-16be"].into_iter().chain(CODE_PAGES.iter().map(|page| page.0))
    }
}

/// The page that bytes which are not UTF-8 are read in.
pub fn fallback() -> &'static Page {
    page("windows-1254").expect("build.rs always writes this page")
}

fn page(label: &str) -> Option<&'static Page> {
    static PAGES: [Page; CODE_PAGES.len()] = {
        let mut pages = [const { Page { label: "", letters: &['\0'; 128] } }; CODE_PAGES.len()];
        let mut at = 0;
        while at < CODE_PAGES.len() {
            pages[at] = Page { label: CODE_PAGES[at].0, letters: &CODE_PAGES[at].2 };
            at += 1;
        }
        pages
    };
    let at = CODE_PAGES.iter().position(|(name, aliases, _)| *name == label || aliases.contains(&label))?;
    Some(&PAGES[at])
}

impl Page {
    /// Appends the text of the bytes; false when one of them stands for no letter in this page.
    pub fn decode(&self, bytes: &[u8], out: &mut String) -> bool {
        for &byte in bytes {
            match byte {
                0..0x80 => out.push(char::from(byte)),
                _ => match self.letters[usize::from(byte) - 0x80] {
                    '\0' => return false,
                    letter => out.push(letter),
                },
            }
        }
        true
    }
}

/// Turns UTF-16 into UTF-8 in any chunks. What is no character becomes the byte 0xFF, which no UTF-8 holds,
/// so that the record it stands in is found unreadable instead of silently repaired.
#[derive(Debug, Default)]
pub struct Utf16 {
    half: Option<u8>,
    high: Option<u16>,
}

const UNREADABLE: u8 = 0xFF;

impl Utf16 {
    /// Appends the UTF-8 of the next bytes.
    pub fn feed(&mut self, big_endian: bool, bytes: &[u8], out: &mut Vec<u8>) {
        for &byte in bytes {
            let Some(first) = self.half.take() else {
                self.half = Some(byte);
                continue;
            };
            let unit = if big_endian { [first, byte] } else { [byte, first] };
            self.unit(u16::from_be_bytes(unit), out);
        }
    }

    /// Ends the input.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if self.high.take().is_some() | self.half.take().is_some() {
            out.push(UNREADABLE);
        }
    }

    fn unit(&mut self, unit: u16, out: &mut Vec<u8>) {
        let decoded = match (self.high.take(), unit) {
            (Some(high), 0xDC00..0xE000) => {
                char::from_u32(0x10000 + ((u32::from(high) & 0x3FF) << 10 | u32::from(unit) & 0x3FF))
            }
            (high, _) => {
                if high.is_some() {
                    out.push(UNREADABLE);
                }
                if (0xD800..0xDC00).contains(&unit) {
                    self.high = Some(unit);
                    return;
                }
                char::from_u32(u32::from(unit))
            }
        };
        match decoded {
            Some(letter) => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            None => out.push(UNREADABLE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turkish_letters_are_read_and_holes_are_not() {
        let mut text = String::new();
        assert!(fallback().decode(b"\xD0\xDD\xDE\xF0\xFD\xFE\x80", &mut text));
        assert_eq!(text, "ĞİŞğış€");
        assert!(!fallback().decode(b"\x81", &mut text));
    }

    #[test]
    fn utf16_is_read_in_any_chunks_and_broken_pairs_show() {
        let units: Vec<u16> = "aİ😀".encode_utf16().chain([0xD83D, u16::from(b'x')]).collect();
        for big_endian in [true, false] {
            let bytes: Vec<u8> = units
                .iter()
                .flat_map(|u| if big_endian { u.to_be_bytes() } else { u.to_le_bytes() })
                .collect();
            for size in 1..bytes.len() {
                let (mut utf16, mut out) = (Utf16::default(), Vec::new());
                for chunk in bytes.chunks(size) {
                    utf16.feed(big_endian, chunk, &mut out);
                }
                utf16.finish(&mut out);
                assert_eq!(out, [b"a\xC4\xB0\xF0\x9F\x98\x80".as_slice(), &[UNREADABLE], b"x"].concat());
            }
        }
    }

    #[test]
    fn labels_lead_back_to_their_encoding() {
        for label in Encoding::labels() {
            assert_eq!(Encoding::from_label(label).unwrap().label(), label);
        }
        assert!(Encoding::from_label("ebcdic").is_none());
    }
}
