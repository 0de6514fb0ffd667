//! Why a person of an audience gets no message, or should be looked at first: one table, from which docs and texts are
//! rendered, as from [`crate::rule::RULES`].

pub use crate::rule::Severity;

/// One entry of [`RULES`].
#[derive(Debug)]
pub struct Rule {
    /// The code this entry explains.
    pub code: Code,
    /// Stable identifier in JSON, CLI and docs.
    pub id: &'static str,
    /// An error keeps the message from the person; a warning keeps nothing.
    pub severity: Severity,
    /// What was found.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it.
    pub cure: &'static str,
    /// What Meta would answer, where that is known; 0 where it is not.
    pub meta: u32,
}

macro_rules! rules {
    ($($variant:ident $id:literal $severity:ident $meta:literal { $what:literal, $why:literal, $cure:literal })*) => {
        /// The code of a problem. New codes are added at the end.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Code { $(#[doc = $what] $variant),* }

        /// Every rule, in the order of [`Code`].
        pub static RULES: &[Rule] = &[$(Rule {
            code: Code::$variant, id: $id, severity: Severity::$severity,
            what: $what, why: $why, cure: $cure, meta: $meta,
        }),*];
    };
}

rules! {
    ValueMissing "value-missing" Error 132000 {
        "the person has no value for a variable, and there is no default",
        "Meta refuses a message with a value that is missing or empty.",
        "Give the variable a default, or leave out whoever has no such attribute." }
    TextTooLong "text-too-long" Error 132005 {
        "with the person's values a text is longer than it may be",
        "A body may have 1,024 characters, a header 60, with all values in place.",
        "Shorten the values, or the template." }
    UrlInvalid "url-invalid" Error 132018 {
        "the end of an address has a line break or a tab in it, or makes it longer than 2,000 characters",
        "Such an address opens nothing, and Meta refuses it.",
        "Correct the attribute: it is only the end of the address, behind what the template has." }
    ValueSpacing "value-spacing" Error 132018 {
        "a value has a line break, a tab or more than four spaces in a row",
        "Meta refuses the message.",
        "Write the value in one line." }
    ValueTooLong "value-too-long" Error 132018 {
        "a value is longer than it may be: a one-time code 15 characters, a coupon code 20, all values together a mebibyte",
        "Meta refuses the message.",
        "Shorten the value." }
    CodeInvalid "code-invalid" Error 132018 {
        "a coupon code has more in it than letters and digits",
        "Meta refuses the message.",
        "Use letters a to z and digits." }
    MediaInvalid "media-invalid" Error 132012 {
        "what stands for the header's file is neither the id of an upload nor an https link",
        "Meta fetches the link itself, or finds the file by the id that its upload gave.",
        "Upload the file, or give a link that anybody can open." }
    ValueShape "value-shape" Error 132012 {
        "a value is not of the kind that belongs there",
        "The end of an offer is a time in Unix milliseconds; places, products and lists are objects, the same for everybody.",
        "Give the variable what it needs." }
    NoConsent "no-consent" Error 131050 {
        "the person has not opted in",
        "Nobody is written to who did not say yes.",
        "Leave the person out, or import the consent that there is." }
    Capped "capped" Error 0 {
        "the person got as many messages of campaigns lately as the campaign allows",
        "Whoever gets too much blocks the sender, and Meta counts that.",
        "Wait, or allow more messages." }
    CountryClosed "country-closed" Error 131049 {
        "marketing to numbers of the United States is not delivered",
        "Meta has not delivered any since April 2025.",
        "Leave them out, or use a template of another category if it is another kind of message." }
    SenderItself "sender-itself" Error 131021 {
        "the number is one of those that send the campaign",
        "A number cannot write to itself.",
        "Leave your own numbers out." }
    NumberTypeUnlikely "number-type-unlikely" Warning 131026 {
        "numbers of this kind hardly ever have WhatsApp",
        "A pager, a premium-rate or a satellite number seldom is somebody's WhatsApp; the message will probably fail.",
        "Nothing to do, if the number is right." }
    MediaExpired "media-expired" Error 131053 {
        "Meta has forgotten the header's file before the campaign begins",
        "An upload is kept for thirty days.",
        "Upload the file again." }
    MediaExpires "media-expires" Warning 131053 {
        "Meta forgets the header's file before the campaign ends",
        "An upload is kept for thirty days; messages after that fail.",
        "Upload the file again shortly before the campaign begins, or end it earlier." }
    UrlEncoded "url-encoded" Warning 0 {
        "the end of an address was percent-encoded",
        "Since 2026 Meta takes no other characters there.",
        "Nothing to do if the page is found under it." }
    PayloadTooLong "payload-too-long" Warning 131009 {
        "what a quick reply sends back is longer than 128 characters",
        "Meta may refuse the message.",
        "Shorten it." }
    NotInTime "not-in-time" Warning 0 {
        "the campaign ends before everybody can be reached",
        "At the pace of its numbers, within Meta's limit and outside of quiet hours, the time does not suffice.",
        "End it later, send it faster or with more numbers, or to fewer people." }
    Quiet "quiet" Warning 0 {
        "it is quiet where the person is when the campaign begins",
        "The campaign's quiet hours go by the clock of the number's country.",
        "Nothing to do: the message goes out when they are over." }
    ValueUnknown "value-unknown" Warning 132000 {
        "the template has no variable of this name",
        "The value would never be seen.",
        "Check the spelling: body variables are `1` or `first_name`, others `header.1`, `button.0`, `card.0.1`." }
    TemplateNotSendable "template-not-sendable" Warning 132001 {
        "the template is not approved",
        "Only an approved template can be sent.",
        "Wait for Meta's review, or choose another template." }
    TemplateUnreadable "template-unreadable" Error 0 {
        "the template is not a document that can be read, has no name or language, or more variables than can be filled",
        "Nothing can be sent with it.",
        "Pull the templates of the account again." }
    TtlElsewhere "ttl-elsewhere" Warning 0 {
        "the template does not have the time after which the campaign wants Meta to give up",
        "Meta takes that time from the template, `message_send_ttl_seconds`, and not from a message.",
        "Set it in the template, or leave it out of the campaign." }
    TermsInvalid "terms-invalid" Error 0 {
        "what the campaign asks for cannot be followed",
        "Nobody can be judged by it.",
        "Name 1 to 100 messages whose shares come to 100 percent, and the numbers that send them." }
    LinkInvalid "link-invalid" Error 0 {
        "where the button is to lead is not a whole address",
        "The button opens the address of the server, which leads on from there; it can only lead to what begins with http:// or https:// and a host.",
        "Correct the attribute, or give it a default that is an address." }
    LinkUncounted "link-uncounted" Warning 0 {
        "taps on this are not counted",
        "Where a button leads is part of what Meta approved. It is counted only if the approved address is that of this server with /l/{{1}} behind it.",
        "Nothing to do; or submit the template with such a button, or put the address into a variable of the text." }
}

impl Code {
    /// The entry of this code.
    pub fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }

    /// The code with this number, as it crosses borders.
    pub fn of_number(number: u8) -> Option<Code> {
        RULES.get(usize::from(number)).map(|rule| rule.code)
    }

    /// Whether it keeps the message from the person.
    pub fn is_error(self) -> bool {
        self.rule().severity == Severity::Error
    }
}

/// Something that is wrong with a message of a campaign before any person is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which rule spoke.
    pub code: Code,
    /// The name of a value, or a JSON pointer into the template.
    pub path: String,
    /// What stood there, clipped.
    pub found: String,
    /// What is wrong in words, and how to cure it.
    pub message: String,
}

impl Fault {
    /// A fault in the rule's own words.
    pub fn new(code: Code, path: impl Into<String>, found: &str) -> Fault {
        let rule = code.rule();
        let mut what = rule.what.chars();
        let first: String = what.next().map(char::to_uppercase).into_iter().flatten().collect();
        let message = format!("{first}{}. {}", what.as_str(), rule.cure);
        Fault { code, path: path.into(), found: crate::diagnostic::clip(found), message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_their_places_and_texts_are_sentences() {
        for (at, rule) in RULES.iter().enumerate() {
            assert_eq!((rule.code as usize, Code::of_number(at as u8)), (at, Some(rule.code)));
            assert!(
                rule.why.ends_with('.') && rule.cure.ends_with('.') && !rule.what.ends_with('.'),
                "{}",
                rule.id
            );
        }
        assert_eq!(Code::of_number(RULES.len() as u8), None);
    }
}
