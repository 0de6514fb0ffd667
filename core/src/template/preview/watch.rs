//! For whoever wants to see the texts of a message while it is written.

/// Is shown each text with its values in place: where it stands, and how many characters it may have. A type of its own and
/// nothing that is asked for while it runs, so that pages, where nobody watches, do not download it.
pub(crate) trait Watch {
    fn see(&mut self, at: &str, text: &str, chars_max: usize);
}

impl Watch for () {
    fn see(&mut self, _: &str, _: &str, _: usize) {}
}
