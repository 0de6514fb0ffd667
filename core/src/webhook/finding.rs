//! What is odd about a webhook. None of it is a reason to refuse one: it is kept as it came, and these say where to look.

/// One entry of [`RULES`].
#[derive(Debug)]
pub struct Rule {
    /// The code this entry explains.
    pub code: Code,
    /// Stable identifier in JSON and docs.
    pub id: &'static str,
    /// What was found.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it.
    pub cure: &'static str,
}

macro_rules! rules {
    ($($variant:ident $id:literal { $what:literal, $why:literal, $cure:literal })*) => {
        /// Codes of findings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $what] $variant),* }

        /// Every rule, in the order of [`Code`].
        pub static RULES: &[Rule] = &[$(Rule { code: Code::$variant, id: $id, what: $what, why: $why, cure: $cure }),*];
    };
}

rules! {
    BodyUnreadable "body-unreadable" {
        "the body is not JSON",
        "It was signed by the app's secret, so refusing it would only bring it back for seven days.",
        "Look at the event of kind `other`, which keeps its text." }
    ShapeOdd "shape-odd" {
        "a part does not have the shape that it should",
        "Meta's own examples contradict each other; what cannot be placed is kept, but nobody acts on it.",
        "Look at the event it was kept in. If it says something that matters, tell us." }
    FieldUnknown "field-unknown" {
        "the field is not known here",
        "Meta adds fields; what they say is kept, but nobody acts on it.",
        "Nothing, unless you have subscribed to it for a reason." }
    NumberOdd "number-odd" {
        "a number cannot exist in any numbering plan known here",
        "It is used as it stands, so that nobody's opt-out is lost.",
        "Nothing; if it is a real one, the metadata is too old." }
    PersonMissing "person-missing" {
        "nobody is named",
        "Neither number nor user id came with it, so it says nothing about anybody.",
        "Nothing can be done; Meta leaves them out of some kinds." }
    PreferenceUnknown "preference-unknown" {
        "a preference of a person that is not known here",
        "Only `stop`, `resume` and `signup` of marketing messages are understood; nobody is opted in by anything else.",
        "Look at the event it was kept in." }
}

impl Code {
    /// Its entry.
    pub fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }
}

/// One odd thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub code: Code,
    /// JSON pointer into the body.
    pub path: String,
    /// What stood there, clipped.
    pub found: String,
}
