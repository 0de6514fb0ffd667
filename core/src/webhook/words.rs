//! What a whole message means when it is one of the words by which people opt out or in again. The words are data
//! (`core/words.tsv`, folded at build time); a tenant adds its own. A word within a longer message means nothing: "do not stop"
//! is no opt-out.

use super::fold::fold;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// The sign that people send in place of a word.
const STOP_SIGN: char = '\u{1f6d1}';

/// What a tenant adds to what everybody has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Further words, phrases and payloads of buttons that opt out.
    pub stop_words: Vec<String>,
    /// Further ones that opt in again.
    pub start_words: Vec<String>,
}

/// What people want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Not to be written to.
    Stop,
    /// To be written to again.
    Start,
}

/// A tenant's words, folded once for many messages.
#[derive(Clone, Debug, Default)]
pub struct Words {
    stop: Vec<String>,
    start: Vec<String>,
}

impl Words {
    /// Prepares a tenant's own words.
    pub fn new(options: &Options) -> Words {
        let folded = |words: &[String]| {
            words.iter().map(|word| folded(word)).filter(|word| !word.is_empty()).collect()
        };
        Words { stop: folded(&options.stop_words), start: folded(&options.start_words) }
    }

    /// What a whole message means, if it is nothing but such a word: in any case, with or without diacritics, punctuation,
    /// emoji and courtesies, said once or again and again.
    pub fn meaning(&self, text: &str) -> Option<Meaning> {
        let whole = folded(text);
        if whole.is_empty() {
            let only_signs = !text.chars().any(char::is_alphanumeric);
            return (only_signs && text.contains(STOP_SIGN)).then_some(Meaning::Stop);
        }
        let bare = once(without_courtesies(&whole));
        // Where a word is in both lists, nobody is written to.
        let is = |own: &[String], all: &[(&str, &str)]| {
            [whole.as_str(), bare].iter().any(|said| own.iter().any(|word| word == said) || listed(all, said))
        };
        if is(&self.stop, &STOP) {
            return Some(Meaning::Stop);
        }
        is(&self.start, &START).then_some(Meaning::Start)
    }
}

/// What a whole message means by the words that everybody has.
///
/// ```
/// use consentry_core::webhook::{Meaning, meaning};
/// assert_eq!(meaning("İPTAL!"), Some(Meaning::Stop));
/// assert_eq!(meaning("Please stop 🙏"), Some(Meaning::Stop));
/// assert_eq!(meaning("do not stop"), None);
/// ```
pub fn meaning(text: &str) -> Option<Meaning> {
    Words::default().meaning(text)
}

fn listed(words: &[(&str, &str)], said: &str) -> bool {
    words.binary_search_by(|(word, _)| (*word).cmp(said)).is_ok()
}

fn folded(text: &str) -> String {
    fold(text, CHARS_MAX, &|ch| {
        if ch.is_ascii() {
            return Some(ch);
        }
        match BASES.binary_search_by(|(of, _)| of.cmp(&ch)) {
            Ok(at) => Some(BASES[at].1).filter(|base| *base != '\0'),
            Err(_) => Some(ch),
        }
    })
}

/// Without "please" and "thank you" at either end, in any language.
fn without_courtesies(mut text: &str) -> &str {
    loop {
        let stripped = COURTESY.iter().find_map(|(word, _)| {
            let rest = text.strip_prefix(word).and_then(|rest| rest.strip_prefix(' '));
            rest.or_else(|| text.strip_suffix(word).and_then(|rest| rest.strip_suffix(' ')))
        });
        match stripped {
            Some(rest) => text = rest,
            None => return text,
        }
    }
}

/// "stop stop stop" is "stop".
fn once(text: &str) -> &str {
    match text.split_once(' ') {
        Some((first, rest)) if rest.split(' ').all(|word| word == first) => first,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        let lines =
            include_str!("../../words.tsv").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| {
            let mut fields = line.split('\t');
            (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap())
        })
    }

    #[test]
    fn every_word_of_the_list_means_what_the_list_says_however_it_is_written() {
        for (language, means, phrase) in list() {
            let expected = match means {
                "stop" => Meaning::Stop,
                "start" => Meaning::Start,
                _ => continue,
            };
            let capital = phrase.to_uppercase();
            for said in [
                phrase,
                &capital,
                &format!("  {phrase}!!! 🙏🏽"),
                &format!("«{capital}»."),
                &format!("{phrase} 🛑"),
            ] {
                assert_eq!(meaning(said), Some(expected), "{language}: {said}");
            }
        }
    }

    #[test]
    fn turkish_letters_with_and_without_their_dots() {
        for said in [
            "iptal",
            "İPTAL",
            "IPTAL",
            "ıptal",
            "İptal",
            "i\u{307}ptal",
            "dur",
            "DUR",
            "çık",
            "CIK",
            "Çıkış",
            "cikis",
        ] {
            assert_eq!(meaning(said), Some(Meaning::Stop), "{said}");
        }
    }

    #[test]
    fn words_in_a_sentence_mean_nothing() {
        for said in [
            "",
            " ",
            "do not stop",
            "bus stop",
            "stop by tomorrow",
            "where is the stop?",
            "start with the blue one",
            "👍",
            "I will cancel my order tomorrow",
            "dur bakalım",
            "1",
            "2",
            "yes",
            "no",
            "ok",
            "s",
            "st",
            "stopp1",
            "🛑 road works",
        ] {
            assert_eq!(meaning(said), None, "{said}");
        }
        assert_eq!(meaning(&"stop ".repeat(1000)), None, "what is too long is no word");
    }

    #[test]
    fn signs_courtesies_and_repetition_change_nothing() {
        for said in [
            "🛑",
            "🛑🛑🛑",
            "stop stop STOP",
            "Please, stop. Thanks!",
            "lütfen durdur",
            "ＳＴＯＰ",
            "s\u{301}top",
            "STOP\u{200d}",
        ] {
            assert_eq!(meaning(said), Some(Meaning::Stop), "{said}");
        }
    }

    #[test]
    fn a_tenant_has_words_of_its_own_and_a_stop_wins() {
        let words = Words::new(&Options {
            stop_words: vec!["Genug jetzt".into(), "PAYLOAD_OUT".into(), "go".into(), "…".into()],
            start_words: vec!["go".into(), "weiter so".into()],
        });
        assert_eq!(words.meaning("genug JETZT."), Some(Meaning::Stop));
        assert_eq!(words.meaning("payload_out"), Some(Meaning::Stop));
        assert_eq!(words.meaning("Weiter so!"), Some(Meaning::Start));
        assert_eq!(words.meaning("go"), Some(Meaning::Stop));
        assert_eq!(words.meaning("stop"), Some(Meaning::Stop));
        assert_eq!(words.meaning(""), None);
    }

    #[test]
    fn no_word_is_in_both_lists_and_the_letters_are_sorted() {
        assert!(STOP.iter().all(|(word, _)| !listed(&START, word)));
        assert!(BASES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
