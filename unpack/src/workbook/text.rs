//! Text of a workbook on its way into CSV: escapes undone, line breaks taken out, quotes put where needed.

/// Undoes the escapes that stand for characters XML cannot hold: `_x000D_` is a carriage return, `_x005F_` the
/// underscore of a text that looks like an escape.
pub(super) fn unescape(text: &mut String, from: usize) {
    // Nearly no text has one, and looking for one byte costs nearly nothing.
    if !text.as_bytes()[from..].contains(&b'_') {
        return;
    }
    let Some(first) = text[from..].find("_x") else { return };
    let (mut kept, mut at) = (text[..from + first].to_owned(), from + first);
    while let Some(next) = text[at..].find("_x") {
        kept.push_str(&text[at..at + next]);
        at += next;
        if let Some(ch) = escaped(&text[at..]) {
            kept.push(ch);
            at += 7;
        } else {
            kept.push_str("_x");
            at += 2;
        }
    }
    kept.push_str(&text[at..]);
    *text = kept;
}

/// The character of an escape at the beginning of the text.
fn escaped(text: &str) -> Option<char> {
    let bytes = text.as_bytes().get(..7)?;
    let hex = &bytes[2..6];
    if bytes[6] != b'_' || !hex.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let value = u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
    // No text holds a NUL, and half a surrogate pair is no character.
    char::from_u32(value).filter(|ch| *ch != '\0')
}

/// Appends a cell as CSV. `first` says that the file begins with it: there it must not look like a byte-order mark or
/// a `sep=` line, which are no cells.
pub(super) fn write_cell(cell: &str, first: bool, out: &mut Vec<u8>) {
    let special = |byte: u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
    let misread = first && (cell.starts_with('\u{feff}') || cell.get(..4).is_some_and(is_sep));
    if !misread && !cell.bytes().any(special) {
        return out.extend_from_slice(cell.as_bytes());
    }
    out.push(b'"');
    let mut bytes = cell.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => out.extend_from_slice(b"\"\""),
            b'\r' if bytes.peek() == Some(&b'\n') => {}
            b'\r' | b'\n' => out.push(b' '),
            other => out.push(other),
        }
    }
    out.push(b'"');
}

fn is_sep(head: &str) -> bool {
    head.eq_ignore_ascii_case("sep=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once() {
        for (cell, text) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x0041__x0042_", "AB"),
            ("_x00zz_ _x12", "_x00zz_ _x12"),
            ("_xD83D_ _x0000_", "_xD83D_ _x0000_"),
            ("İ_x0130_", "İİ"),
            ("_x004İ_", "_x004İ_"),
        ] {
            let mut found = cell.to_owned();
            unescape(&mut found, 0);
            assert_eq!(found, text);
        }
        let mut tail = "_x0041_ _x0041_".to_owned();
        unescape(&mut tail, 7);
        assert_eq!(tail, "_x0041_ A", "what stands before is left alone");
    }

    #[test]
    fn a_cell_never_breaks_its_line() {
        let written = |cell: &str, first: bool| {
            let mut out = Vec::new();
            write_cell(cell, first, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written("plain", true), "plain");
        assert_eq!(written("a,b", false), "\"a,b\"");
        assert_eq!(written("say \"hi\"", false), "\"say \"\"hi\"\"\"");
        assert_eq!(written("a\r\nb\nc\rd", false), "\"a b c d\"");
        assert_eq!((written("sep=;", true), written("sep=;", false)), ("\"sep=;\"".into(), "sep=;".into()));
        assert_eq!(written("\u{feff}exid", true), "\"\u{feff}exid\"");
    }
}
