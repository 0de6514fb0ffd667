//! Which texts can be e-mail addresses. Deliberately lenient: an address is an identifier here, not a mailbox.

use crate::limits::EMAIL_BYTES_MAX;

/// Whether a trimmed cell can be an address: one local part, `@`, a domain with a dot, no blanks or list marks.
pub(super) fn is_email(cell: &str) -> bool {
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
    use super::*;

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
