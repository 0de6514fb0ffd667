//! What Meta counts in a text: characters, words, emoji; and which way it runs.

/// Which way a text runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Left to right.
    LeftToRight,
    /// Right to left.
    RightToLeft,
}

impl Direction {
    /// The word on the wire and in HTML: `ltr` or `rtl`.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::LeftToRight => "ltr",
            Direction::RightToLeft => "rtl",
        }
    }
}

/// Where a word of ASCII stands first. Plainer than the search of the standard library: texts are short, pages download it.
pub(super) fn find(text: &str, word: &str) -> Option<usize> {
    let (bytes, word) = (text.as_bytes(), word.as_bytes());
    bytes.windows(word.len()).position(|window| window[0] == word[0] && window == word)
}

/// Words with this between them.
pub(super) fn joined(words: &mut dyn Iterator<Item = &str>, between: &str) -> String {
    let mut all = String::new();
    for (place, word) in words.enumerate() {
        all.push_str(if place > 0 { between } else { "" });
        all.push_str(word);
    }
    all
}

/// Length in characters (code points).
pub(super) fn chars(text: &str) -> usize {
    text.chars().count()
}

/// The direction of the first letter that has one.
pub(super) fn direction(text: &str) -> Option<Direction> {
    text.chars().find_map(|ch| match ch as u32 {
        0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x10800..=0x10fff | 0x1e800..=0x1efff => {
            Some(Direction::RightToLeft)
        }
        _ if ch.is_alphabetic() => Some(Direction::LeftToRight),
        _ => None,
    })
}

/// Whether the character is drawn as a picture by itself (Unicode: `Emoji_Presentation`). Others, such as ✓ and ★, are
/// text unless a variation selector asks for the picture.
fn is_pictograph(ch: char) -> bool {
    matches!(ch as u32,
        0x231a | 0x231b | 0x23e9..=0x23ec | 0x23f0 | 0x23f3 | 0x25fd | 0x25fe | 0x2614 | 0x2615 | 0x2648..=0x2653
        | 0x267f | 0x2693 | 0x26a1 | 0x26aa | 0x26ab | 0x26bd | 0x26be | 0x26c4 | 0x26c5 | 0x26ce | 0x26d4 | 0x26ea
        | 0x26f2 | 0x26f3 | 0x26f5 | 0x26fa | 0x26fd | 0x2705 | 0x270a | 0x270b | 0x2728 | 0x274c | 0x274e
        | 0x2753..=0x2755 | 0x2757 | 0x2795..=0x2797 | 0x27b0 | 0x27bf | 0x2b1b | 0x2b1c | 0x2b50 | 0x2b55
        | 0x1f004 | 0x1f0cf | 0x1f18e | 0x1f191..=0x1f19a | 0x1f1e6..=0x1f1ff | 0x1f201 | 0x1f21a | 0x1f22f
        | 0x1f232..=0x1f236 | 0x1f238..=0x1f23a | 0x1f250 | 0x1f251 | 0x1f300..=0x1f64f | 0x1f680..=0x1f6ff
        | 0x1f7e0..=0x1f7eb | 0x1f7f0 | 0x1f90c..=0x1f9ff | 0x1fa70..=0x1faff)
}

fn is_emoji_style(ch: char) -> bool {
    ch == '\u{fe0f}' || ch == '\u{20e3}'
}

/// Whether there is any emoji in it.
pub(super) fn has_emoji(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(|ch| is_pictograph(ch) || is_emoji_style(ch))
}

/// Emoji as people count them: a family, a flag, a hand with its skin are one each.
pub(super) fn emoji_count(text: &str) -> usize {
    let (mut count, mut joined, mut half_flag, mut last) = (0, false, false, ' ');
    if text.is_ascii() {
        return 0;
    }
    for ch in text.chars() {
        let is_flag = ('\u{1f1e6}'..='\u{1f1ff}').contains(&ch);
        let is_skin = ('\u{1f3fb}'..='\u{1f3ff}').contains(&ch);
        if is_flag {
            half_flag = !half_flag;
            count += usize::from(half_flag);
        } else {
            half_flag = false;
            let turned = is_emoji_style(ch) && !is_pictograph(last) && !is_emoji_style(last);
            count += usize::from((is_pictograph(ch) && !joined && !is_skin) || turned);
        }
        joined = ch == '\u{200d}';
        last = ch;
    }
    count
}

/// A punctuation mark, a symbol or an emoji: what does not make a word.
pub(super) fn is_mark(ch: char) -> bool {
    !ch.is_alphanumeric() && !ch.is_whitespace()
}

/// Takes no room and is not seen.
pub(super) fn is_invisible(ch: char) -> bool {
    matches!(ch, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}')
}

/// How many words a text has, its variables among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Words with letters or digits in them, variables by their names; Thai and Lao by seven characters.
    pub(super) count: usize,
    /// What stands between spaces, as words were counted where templates were refused. In scripts that are written without
    /// spaces each character counts: nobody outside knows how Meta counts them.
    pub(super) generous: usize,
}

/// Counts words; what is not seen does not count. Between two of the pieces stands a variable: for one count it parts
/// words, for the other it is a letter. `names` is how many different ones there are.
pub(super) fn words<'t>(pieces: impl Iterator<Item = &'t str>, names: usize) -> Words {
    let (mut word, mut token) = (Word::default(), Token::default());
    let (mut count, mut tokens, mut thai) = (0, 0, 0_usize);
    for (place, piece) in pieces.enumerate() {
        if place > 0 {
            count += word.end();
            token.has_more = true;
            token.is_begun = true;
        }
        for ch in piece.chars() {
            if ch.is_ascii_alphanumeric() {
                word.has_letters = true;
                token.has_more = true;
                token.is_begun = true;
            } else if ch.is_whitespace() {
                count += word.end();
                tokens += token.end();
            } else if ch.is_ascii() {
                token.is_begun = true;
            } else if !is_invisible(ch) {
                let is_letter = ch.is_alphanumeric();
                token.is_begun = true;
                if is_ideograph(ch) {
                    token.ideographs += 1;
                } else {
                    token.has_more |= is_letter;
                }
                if matches!(ch, '\u{e00}'..='\u{eff}') {
                    thai += 1;
                    count += word.end();
                } else {
                    word.has_letters |= is_letter;
                }
            }
        }
    }
    let count = count + word.end() + thai.div_ceil(7) + names;
    let tokens = tokens + token.end();
    Words { count, generous: if thai > 0 { count.max(tokens) } else { tokens } }
}

/// A word that is being read.
#[derive(Default)]
struct Word {
    has_letters: bool,
}

impl Word {
    fn end(&mut self) -> usize {
        usize::from(std::mem::take(self).has_letters)
    }
}

/// What stands between spaces, while it is being read.
#[derive(Default)]
struct Token {
    is_begun: bool,
    ideographs: usize,
    has_more: bool,
}

impl Token {
    fn end(&mut self) -> usize {
        let Token { is_begun, ideographs, has_more } = std::mem::take(self);
        ideographs + usize::from(is_begun && (has_more || ideographs == 0))
    }
}

/// Chinese, Japanese, Khmer, Burmese.
fn is_ideograph(ch: char) -> bool {
    matches!(ch as u32, 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff
        | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_counted_as_people_see_them() {
        for (text, count) in [
            ("", 0),
            ("plain * # 1", 0),
            ("🎉", 1),
            ("👨‍👩‍👧‍👦", 1),
            ("🇹🇷🇩🇪", 2),
            ("👍🏽", 1),
            ("1️⃣ ❤️", 2),
            ("🎉🎉", 2),
            ("✓ ★ ❶ ☀", 0),
            ("✔️ ☀️", 2),
        ] {
            assert_eq!(emoji_count(text), count, "{text}");
            assert_eq!(has_emoji(text), count > 0, "{text}");
        }
    }

    #[test]
    fn words_are_counted_by_script() {
        let both = |text: &str| {
            let Words { count, generous } = words([text].into_iter(), 0);
            (count, generous)
        };
        assert_eq!(both("Hello, dear  friend!"), (3, 3));
        assert_eq!(both("a \u{200b}b -- c"), (3, 4), "marks alone are a word to some");
        assert_eq!(both("สวัสดีครับ"), (2, 2), "ten characters of Thai");
        assert_eq!(both("您的订单已经发货"), (1, 8));
        assert_eq!(words(["order#", " now"].into_iter(), 1), Words { count: 3, generous: 2 });
    }

    #[test]
    fn the_first_letter_decides_the_direction() {
        assert_eq!(direction("12 مرحبا hello"), Some(Direction::RightToLeft));
        assert_eq!(direction("* Hello مرحبا"), Some(Direction::LeftToRight));
        assert_eq!(direction("123 🎉"), None);
    }
}
