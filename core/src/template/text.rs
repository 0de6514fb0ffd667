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

/// Whether the character is drawn as a picture by itself.
fn is_pictograph(ch: char) -> bool {
    matches!(ch as u32,
        0x1f000..=0x1faff | 0x2600..=0x27bf | 0x231a | 0x231b | 0x2328 | 0x23cf | 0x23e9..=0x23f3 | 0x23f8..=0x23fa
        | 0x25fd | 0x25fe | 0x2b05..=0x2b07 | 0x2b1b | 0x2b1c | 0x2b50 | 0x2b55 | 0x3030 | 0x303d | 0x3297 | 0x3299)
}

fn is_emoji_style(ch: char) -> bool {
    ch == '\u{fe0f}' || ch == '\u{20e3}'
}

/// Whether there is any emoji in it.
pub(super) fn has_emoji(text: &str) -> bool {
    text.chars().any(|ch| is_pictograph(ch) || is_emoji_style(ch))
}

/// Emoji as people count them: a family, a flag, a hand with its skin are one each.
pub(super) fn emoji_count(text: &str) -> usize {
    let (mut count, mut joined, mut half_flag, mut last) = (0, false, false, ' ');
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

/// How many words a text without variables has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Words between spaces; Thai and Lao by seven characters.
    pub(super) count: usize,
    /// The same, but scripts that are written without spaces also by their characters: nobody outside knows how Meta
    /// counts them.
    pub(super) generous: usize,
}

/// Counts words as Meta's editor does: what is not seen does not count.
pub(super) fn words(text: &str) -> Words {
    let (mut count, mut thai, mut ideographs) = (0, 0, 0);
    let mut in_word = false;
    for ch in text.chars().filter(|ch| !is_invisible(*ch)) {
        let unspaced = matches!(ch as u32, 0x0e00..=0x0eff);
        if unspaced {
            thai += 1;
            in_word = false;
        } else if ch.is_whitespace() {
            in_word = false;
        } else if !in_word && ch.is_alphanumeric() {
            in_word = true;
            count += 1;
        }
        ideographs += usize::from(matches!(ch as u32,
            0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff));
    }
    let count = count + usize::div_ceil(thai, 7);
    Words { count, generous: count + ideographs / 2 }
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
        ] {
            assert_eq!(emoji_count(text), count, "{text}");
            assert_eq!(has_emoji(text), count > 0, "{text}");
        }
    }

    #[test]
    fn words_are_counted_by_script() {
        assert_eq!(words("Hello, dear  friend!").count, 3);
        assert_eq!(words("a \u{200b}b -- c").count, 3);
        assert_eq!(words("สวัสดีครับ").count, 2, "ten characters of Thai");
        assert_eq!(words("您的订单已经发货").count, 1);
        assert_eq!(words("您的订单已经发货").generous, 5);
    }

    #[test]
    fn the_first_letter_decides_the_direction() {
        assert_eq!(direction("12 مرحبا hello"), Some(Direction::RightToLeft));
        assert_eq!(direction("* Hello مرحبا"), Some(Direction::LeftToRight));
        assert_eq!(direction("123 🎉"), None);
    }
}
