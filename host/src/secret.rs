//! A text that is nobody else's business: it is never shown, not even where everything is, and is overwritten when it is
//! dropped.

use zeroize::Zeroizing;

/// A token, a password, a key as text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps a text; spaces around it came from copying.
    pub fn new(text: &str) -> Secret {
        Secret(Zeroizing::new(text.trim().to_owned()))
    }

    /// The text, for whoever it is meant for.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}
