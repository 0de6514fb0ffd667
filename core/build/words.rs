//! The words people opt out and in with, folded, and the letters beneath letters with marks.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

#[path = "../src/webhook/fold.rs"]
mod fold;

/// Longest phrase, in characters.
const CHARS_MAX: usize = 60;
/// Blocks whose letters are compared without their marks: Latin, Greek, Cyrillic, Hebrew, Arabic. Elsewhere a mark makes
/// another letter.
const BLOCKS: [std::ops::RangeInclusive<u32>; 6] =
    [0xc0..=0x24f, 0x300..=0x36f, 0x370..=0x52f, 0x591..=0x6ff, 0x1e00..=0x1eff, 0x1f00..=0x1fff];
/// Letters that stand for another without being it with a mark.
const SAME: [(char, char); 14] = [
    ('ı', 'i'),
    ('ø', 'o'),
    ('ł', 'l'),
    ('đ', 'd'),
    ('ð', 'd'),
    ('ħ', 'h'),
    ('æ', 'a'),
    ('œ', 'o'),
    ('ς', 'σ'),
    ('ى', 'ي'),
    ('ی', 'ي'),
    ('ک', 'ك'),
    ('ة', 'ه'),
    ('ß', 's'),
];

/// `BASES`: letters with marks and what is beneath them, `\0` for nothing. `STOP`, `START`, `COURTESY`: folded phrases,
/// sorted, with their languages.
pub(crate) fn table(list: &str) -> String {
    let bases = bases();
    let base = |ch: char| match bases.get(&ch) {
        Some('\0') => None,
        other => Some(other.copied().unwrap_or(ch)),
    };
    let mut out = format!("static BASES: [(char, char); {}] = [", bases.len());
    for (ch, base) in &bases {
        let _ = write!(out, "({ch:?}, {base:?}),");
    }
    out += "];\n";
    for (name, meaning) in [("STOP", "stop"), ("START", "start"), ("COURTESY", "courtesy")] {
        let mut phrases: BTreeMap<String, &str> = BTreeMap::new();
        for (at, line) in list.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fields: Vec<&str> = line.split('\t').collect();
            let [language, of, phrase] = fields[..] else {
                panic!("words.tsv, line {}: not three fields", at + 1)
            };
            assert!(["stop", "start", "courtesy"].contains(&of), "words.tsv, line {}: `{of}`", at + 1);
            if of == meaning {
                let folded = fold::fold(phrase, CHARS_MAX, &base);
                assert!(!folded.is_empty(), "words.tsv, line {}: nothing is left of `{phrase}`", at + 1);
                phrases.entry(folded).or_insert(language);
            }
        }
        let _ = write!(out, "static {name}: [(&str, &str); {}] = [", phrases.len());
        for (phrase, language) in phrases {
            let _ = write!(out, "({phrase:?}, {language:?}),");
        }
        out += "];\n";
    }
    let _ = writeln!(out, "const CHARS_MAX: usize = {CHARS_MAX};");
    out
}

fn bases() -> BTreeMap<char, char> {
    let mut bases: BTreeMap<char, char> = SAME.into_iter().collect();
    for ch in BLOCKS.into_iter().flatten().filter_map(char::from_u32) {
        if is_combining_mark(ch) {
            bases.insert(ch, '\0');
            continue;
        }
        // Capitals have been lowered before.
        let mut letters = ch.nfkd().filter(|part| !is_combining_mark(*part)).flat_map(char::to_lowercase);
        if let (Some(letter), None) = (letters.next(), letters.next())
            && letter != ch
            && !ch.is_uppercase()
        {
            let letter = SAME.iter().find(|(of, _)| *of == letter).map_or(letter, |(_, same)| *same);
            bases.entry(ch).or_insert(letter);
        }
    }
    bases
}
