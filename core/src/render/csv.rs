//! Cells that are safe to open in a spreadsheet.

use std::borrow::Cow;

/// A cell that no spreadsheet takes for a formula: `'` in front of `=`, `+`, `-`, `@`, tab and CR.
pub fn excel_safe(cell: &str) -> Cow<'_, str> {
    match cell.as_bytes().first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r') => Cow::Owned(format!("'{cell}")),
        _ => Cow::Borrowed(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed() {
        assert_eq!(excel_safe("+905301112233"), "'+905301112233");
        assert_eq!(excel_safe("=1+1"), "'=1+1");
        assert_eq!(excel_safe("Ayşe"), "Ayşe");
    }
}
