//! The picture that an authenticator app reads: squares of a QR code, which the page draws.

use qrcodegen::{QrCode, QrCodeEcc};

/// Dark squares as an SVG path on a grid.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Squares on each side, the white margin included.
    pub size: u32,
    /// The path's `d`.
    pub path: String,
}

/// White squares around, as readers need them.
const MARGIN: i32 = 4;

impl Picture {
    /// None for a text that no picture holds.
    pub(super) fn of(text: &str) -> Option<Picture> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let from = x;
                while code.get_module(x, y) {
                    x += 1;
                }
                if x > from {
                    let length = x - from;
                    path += &format!("M{} {}h{length}v1h-{length}z", from + MARGIN, y + MARGIN);
                }
                x += 1;
            }
        }
        Some(Picture { size: u32::try_from(code.size() + 2 * MARGIN).ok()?, path })
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Picture(…)")
    }
}
