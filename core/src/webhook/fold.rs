//! Words as they are compared: without case, marks, punctuation and emoji. Used by the build script as well, so that the
//! words of the list and the words of people are folded by the same code.

/// A text folded: words of letters and digits, parted by single spaces. `base` gives the letter beneath a letter with marks,
/// and `None` for a mark. What would be longer than `chars_max` is no word and gives nothing.
pub(crate) fn fold(text: &str, chars_max: usize, base: &dyn Fn(char) -> Option<char>) -> String {
    let (mut folded, mut chars, mut gap) = (String::new(), 0, false);
    for ch in text.chars().flat_map(char::to_lowercase) {
        let ch = if ('\u{ff01}'..='\u{ff5e}').contains(&ch) { half_width(ch) } else { ch };
        // Apostrophes stand within words, and marks on letters.
        if matches!(ch, '\'' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}' | '\u{200c}' | '\u{200d}' | '\u{640}')
        {
            continue;
        }
        let Some(ch) = base(ch) else { continue };
        if !is_of_a_word(ch) {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap) && !folded.is_empty() {
            folded.push(' ');
            chars += 1;
        }
        folded.push(ch);
        chars += 1;
        if chars > chars_max {
            return String::new();
        }
    }
    folded
}

/// Letters and digits, and the signs that are half a syllable in scripts of South and South-East Asia.
fn is_of_a_word(ch: char) -> bool {
    ch.is_alphanumeric()
        || matches!(ch, '\u{900}'..='\u{dff}' | '\u{e30}'..='\u{e4e}' | '\u{eb0}'..='\u{ece}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17d3}')
            && !matches!(ch, '\u{964}' | '\u{965}' | '\u{104a}' | '\u{104b}')
}

fn half_width(ch: char) -> char {
    char::from_u32(ch as u32 - 0xfee0).unwrap_or(ch).to_ascii_lowercase()
}
