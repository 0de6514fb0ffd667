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
        // The panel's downloads are held to the same cells.
        const CELLS: &str = include_str!("../../../tests/fixtures/safe-cells.json");
        let cells: Vec<(String, String)> = serde_json::from_str(CELLS).unwrap();
        for (cell, safe) in cells {
            assert_eq!(excel_safe(&cell), safe);
        }
        assert_eq!(excel_safe("+905301112233"), "'+905301112233");
    }
}
