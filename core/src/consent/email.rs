//! Which texts can be e-mail addresses. Deliberately lenient: an address is an identifier here, not a mailbox.

use crate::limits::EMAIL_BYTES_MAX;

/// Whether a trimmed cell can be an address: one local part, `@`, a domain with a dot, no blanks or list marks.
pub(super) fn is_email(cell: &str) -> bool {
    is_everyday(cell.as_bytes()) || is_any(cell)
}

/// Addresses as nearly all are: letters, digits, `.`, `_`, `-` and `+`, then `@` and a domain. False says nothing.
pub(super) fn is_everyday(cell: &[u8]) -> bool {
    let mut at = None;
    // Whether a part begins here, so that it cannot begin with a dot.
    let mut begins = true;
    let mut dots = 0;
    for (place, byte) in cell.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => begins = false,
            b'_' | b'+' | b'-' if at.is_none() => begins = false,
            b'.' if !begins => {
                begins = true;
                dots += usize::from(at.is_some());
            }
            b'@' if at.is_none() && !begins => {
                at = Some(place);
                begins = true;
            }
            _ => return false,
        }
    }
    // With at most 63 bytes after it, no label of the domain is too long.
    let sizes_fit = |at: usize| (1..=64).contains(&at) && cell.len() - at <= 64;
    !begins && dots > 0 && at.is_some_and(sizes_fit)
}

fn is_any(cell: &str) -> bool {
    let Some((local, domain)) = cell.rsplit_once('@') else { return false };
    let ok = |ch: char| {
        !ch.is_whitespace()
            && !ch.is_control()
            && !matches!(ch, '@' | ',' | ';' | ':' | '<' | '>' | '(' | ')' | '"')
    };
    let label = |label: &str| {
        let inner = |ch: char| ch.is_ascii_alphanumeric() || ch == '-' || (!ch.is_ascii() && ok(ch));
        (1..=63).contains(&label.len())
            && label.chars().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    cell.len() <= EMAIL_BYTES_MAX
        && (1..=64).contains(&local.len())
        && local.chars().all(ok)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_short_cut_takes_nothing_else(cell in "[ab1._+@-]{0,12}", long in 0usize..80) {
            prop_assert!(!is_everyday(cell.as_bytes()) || is_any(&cell), "{}", cell);
            let cell = format!("{}@{}.co", "a".repeat(long), cell);
            prop_assert!(!is_everyday(cell.as_bytes()) || is_any(&cell), "{}", cell);
        }
    }

    #[test]
    fn addresses_and_others() {
        for good in [
            "a@b.co",
            "user1@example.com",
            "ayşe@örnek.com.tr",
            "o'neil+tag@x-y.info",
            "a!#$%&'*/=?^_`{|}~@b.co",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "", "a", "a@", "@b.co", "a@b", "a@b..co", "a b@c.co", "a@b@c.co", "a@-b.co", "a,b@c.co",
            ".a@b.co", "a@b.co.",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(!is_email(&format!("a@{}.co", "b".repeat(64))));
    }
}
