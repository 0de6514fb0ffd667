//! The table of everything that can be said about a template. Longer than most files because it is one table: docs, the
//! TypeScript union and the panel's texts are rendered from it, as from [`crate::rule::RULES`].
//!
//! An error is what Meta documents or is known to refuse; a warning is what its own editor complains about, what reviewers
//! dislike, or what only the field reports.

use crate::rule::Severity;

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The template itself, as it is submitted.
    Template,
    /// The values it is sent with.
    Send,
}

/// One entry of [`RULES`].
#[derive(Debug)]
pub struct Rule {
    /// The code this entry explains.
    pub code: Code,
    /// Stable identifier in JSON, CLI and docs.
    pub id: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// The template, or what it is sent with.
    pub scope: Scope,
    /// What was found.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it.
    pub cure: &'static str,
    /// What Meta answers, where that is known: the sub-code of a creation, or the code of a send; 0 where it is not.
    pub meta: u32,
}

macro_rules! rules {
    ($($variant:ident $id:literal $severity:ident $scope:ident $meta:literal { $what:literal, $why:literal, $cure:literal })*) => {
        /// The code of a finding about a template. New codes are added at the end of their scope.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Code { $(#[doc = $what] $variant),* }

        /// Every rule, in the order of [`Code`].
        pub static RULES: &[Rule] = &[$(Rule {
            code: Code::$variant, id: $id, severity: Severity::$severity, scope: Scope::$scope,
            what: $what, why: $why, cure: $cure, meta: $meta,
        }),*];
    };
}

rules! {
    TemplateUnreadable "template-unreadable" Error Template 0 {
        "the text is not a JSON document that can be read",
        "A missing comma or a curly quotation mark is enough for Meta to refuse the request.",
        "Correct the place named here." }
    TemplateShape "template-shape" Error Template 0 {
        "a part of the template is not of the kind that belongs there",
        "Meta refuses the request as a whole.",
        "Compare it with a template that Meta lists." }
    NameInvalid "name-invalid" Error Template 0 {
        "the name is not made of small letters, digits and underscores, at most 512",
        "Name and language together are how a template is found; Meta takes nothing else.",
        "Use small letters a to z, digits and `_`." }
    NameTaken "name-taken" Error Template 2388024 {
        "there is a template of this name in this language already",
        "Name and language are unique in an account.",
        "Edit the existing template, or choose another name." }
    NameBeingDeleted "name-being-deleted" Error Template 2388023 {
        "a template of this name in this language is being deleted",
        "Meta keeps the name of a deleted template for about four weeks.",
        "Choose another name, for example with a number at the end." }
    LanguageUnknown "language-unknown" Error Template 0 {
        "the language is not one that templates can have",
        "Meta takes its own list of languages, written like `tr` or `en_US`.",
        "Choose a language of the list." }
    LanguageDoubtful "language-doubtful" Warning Template 0 {
        "Meta's own list does not have this language",
        "Some clients offer it all the same; it may be refused.",
        "Prefer the language without its country." }
    CategoryUnknown "category-unknown" Error Template 0 {
        "the category is not MARKETING, UTILITY or AUTHENTICATION",
        "Older categories such as TRANSACTIONAL or OTP are no longer taken.",
        "Choose UTILITY for what a person expects after an order, AUTHENTICATION for codes, MARKETING for everything else." }
    FormatUnknown "format-unknown" Error Template 0 {
        "the parameter format is neither POSITIONAL nor NAMED",
        "It says whether variables are numbers or names.",
        "Write POSITIONAL for {{1}}, NAMED for {{first_name}}." }
    TtlRange "ttl-range" Error Template 0 {
        "the time a message may wait is outside of what its category allows",
        "AUTHENTICATION takes 30 to 900 seconds, UTILITY 30 to 43,200, MARKETING 43,200 to 2,592,000; -1 means 30 days, but not for MARKETING.",
        "Choose a value in the range, or leave it out." }
    TtlMarketing "ttl-marketing" Warning Template 0 {
        "the time a marketing message may wait counts only in the Marketing Messages API",
        "The Cloud API ignores it.",
        "Send through the Marketing Messages API, or leave it out." }
    ComponentUnknown "component-unknown" Warning Template 0 {
        "this kind of component or button is not known here",
        "It is kept as it is, shown, and not judged.",
        "Check the spelling; if Meta has added it, nothing is lost." }
    ComponentRepeated "component-repeated" Error Template 0 {
        "this component stands twice",
        "A template has one header, one body, one footer and one list of buttons.",
        "Remove one of them." }
    ComponentNotAllowed "component-not-allowed" Error Template 0 {
        "this component or button does not belong into a template of this kind",
        "Each category and each special kind of template has its own set of parts.",
        "Remove it, or choose another category." }
    BodyMissing "body-missing" Error Template 0 {
        "there is no body",
        "The body is the message; every template needs one.",
        "Add a body." }
    TextMissing "text-missing" Error Template 0 {
        "there is no text where one is needed",
        "Meta refuses empty headers, bodies, footers and labels.",
        "Write the text, or remove the part." }
    TextTooLong "text-too-long" Error Template 2388040 {
        "the text is longer than it may be",
        "Phones show only so much.",
        "Shorten it." }
    HeaderVariables "header-variables" Error Template 2388047 {
        "a header has more than one variable",
        "One is all that Meta allows there.",
        "Keep one, and move the others into the body." }
    HeaderPlain "header-plain" Error Template 2388047 {
        "a header has a line break, an emoji, an asterisk or other markup",
        "Headers are drawn bold as they stand.",
        "Write one plain line." }
    FooterPlain "footer-plain" Error Template 2388073 {
        "a footer has a variable, a line break or an emoji",
        "Footers are the same for everybody, one plain line.",
        "Move it into the body." }
    BodySpacing "body-spacing" Warning Template 2388072 {
        "the body has more than two line breaks, more than four spaces or a tab in a row",
        "Meta's own editor refuses it.",
        "Leave one empty line between paragraphs." }
    BodyEmoji "body-emoji" Warning Template 0 {
        "the body has very many emoji",
        "Meta says that their number may be limited; its editor stops at 10, in UTILITY at 6.",
        "Keep a few." }
    VariableMalformed "variable-malformed" Error Template 0 {
        "the braces of a variable do not match, or what stands between them cannot be one",
        "People would see the braces.",
        "Write {{1}} or {{first_name}}: two braces on each side, no spaces, no # $ %." }
    VariableSingleBrace "variable-single-brace" Warning Template 0 {
        "something in single braces looks like a variable",
        "Only two braces make a variable; people would see it as it stands.",
        "Write two braces on each side, if a variable is meant." }
    VariableName "variable-name" Error Template 0 {
        "the name of a variable is not small letters, digits and underscores, a letter first, at most 32",
        "Meta refuses others.",
        "Rename it, for example `first_name`." }
    VariableSequence "variable-sequence" Error Template 0 {
        "the variables are not numbered 1, 2, 3 … without a gap",
        "Meta counts parameters by these numbers.",
        "Number them anew from 1 in each part." }
    VariablesMixed "variables-mixed" Error Template 0 {
        "numbered and named variables stand in one template, or not those of its parameter format",
        "A template is sent with the one or the other.",
        "Choose one way, and set the parameter format to it." }
    VariableAtEdge "variable-at-edge" Error Template 2388299 {
        "the body begins or ends with a variable",
        "Meta wants fixed words around it, so that people know what they read.",
        "Put words before and after it." }
    VariableAtEdgeMarks "variable-at-edge-marks" Warning Template 2388299 {
        "only punctuation or emoji stand outside of the first or last variable",
        "Some report that Meta refuses this; it prints such templates in its own pages.",
        "Put words before and after it." }
    VariablesAdjacent "variables-adjacent" Error Template 0 {
        "two variables stand side by side with nothing in between",
        "Nobody could tell where one value ends.",
        "Put words between them, or make them one." }
    VariablesNear "variables-near" Warning Template 0 {
        "only spaces stand between two variables",
        "Reviewers may take them for side by side.",
        "Put words between them, or make them one." }
    VariableRatio "variable-ratio" Error Template 2388293 {
        "there are too many variables for so few words",
        "Meta refuses templates that could say anything: about three words for each variable and one more are needed.",
        "Add fixed words, or remove variables." }
    VariableRatioTight "variable-ratio-tight" Warning Template 2388293 {
        "there are hardly enough words for so many variables",
        "No template that Meta prints has fewer than four words for each variable.",
        "Add a few fixed words." }
    VariableLineStart "variable-line-start" Warning Template 0 {
        "a line begins with a variable",
        "Some report that reviewers refuse it.",
        "Put a word before it." }
    ExampleMissing "example-missing" Error Template 0 {
        "a variable or a media header has no example",
        "Reviewers read examples; without them Meta refuses the template.",
        "Give an example of what will stand there." }
    ExampleUnused "example-unused" Warning Template 0 {
        "there are more examples than variables",
        "A variable may have been forgotten.",
        "Remove the example, or add the variable." }
    ExamplePlaceholder "example-placeholder" Warning Template 0 {
        "an example is a placeholder itself",
        "Reviewers cannot tell what will stand there.",
        "Write a value as a person would read it." }
    ExampleNotHandle "example-not-handle" Error Template 0 {
        "the example of a media header is not the handle of an upload",
        "Meta takes neither a link nor a media id here; a handle begins with `4::`.",
        "Upload the file as a header sample and use the handle that comes back." }
    ButtonCount "button-count" Error Template 0 {
        "there are more buttons than allowed, in all or of one kind",
        "At most 10 in all, two URL, one phone number, one code.",
        "Remove some." }
    ButtonGroups "button-groups" Error Template 0 {
        "quick replies and other buttons stand mixed",
        "Phones show quick replies as a group.",
        "Put all quick replies together, before or after the others." }
    ButtonField "button-field" Error Template 0 {
        "a button lacks what it needs to work, or has too much of it",
        "Meta refuses the template.",
        "Complete it." }
    ButtonLabelsRepeat "button-labels-repeat" Warning Template 0 {
        "two buttons have the same label",
        "People and reports cannot tell them apart.",
        "Give each a label of its own." }
    ButtonLabelPlain "button-label-plain" Warning Template 0 {
        "a label has a variable, a line break, an emoji or markup",
        "Labels are shown as they stand; Meta's editor refuses most of this.",
        "Write a few plain words." }
    UrlInvalid "url-invalid" Error Template 0 {
        "the address of a button is not one that a phone can open",
        "It must be a whole address with a host.",
        "Write it as https://example.com/path." }
    UrlVariable "url-variable" Error Template 0 {
        "the variable of an address is not one at its very end",
        "Meta allows one, and only as the last thing.",
        "Move it to the end." }
    UrlNotHttps "url-not-https" Warning Template 0 {
        "the address is not https",
        "Phones warn of it, and reviewers refuse many.",
        "Use an address that begins with https." }
    UrlShortener "url-shortener" Warning Template 0 {
        "the address belongs to a link shortener",
        "People cannot see where it leads; Meta refuses many.",
        "Use the full address." }
    UrlWhatsapp "url-whatsapp" Warning Template 0 {
        "the address leads to WhatsApp itself",
        "Meta's editor refuses wa.me links in buttons.",
        "Use a quick reply or a phone number button." }
    PhoneInvalid "phone-invalid" Error Template 0 {
        "the phone number of a button is not one",
        "At most 20 digits with country code.",
        "Write it as +905301112233." }
    PhoneLeadingZero "phone-leading-zero" Warning Template 0 {
        "the phone number has a 0 after its country code",
        "Meta removes it; some networks need it, most do not.",
        "Check the number by calling it." }
    CodeTooLong "code-too-long" Error Template 0 {
        "the code of a button is longer than it may be",
        "20 characters, in a limited-time offer 15.",
        "Use a shorter code." }
    CodeLong "code-long" Warning Template 0 {
        "the code of a button is longer than 15 characters",
        "Meta's pages differ: some say 15, some say 20.",
        "Use a shorter code." }
    CodeCharacters "code-characters" Warning Template 0 {
        "the code has something other than letters and digits",
        "It would be refused when it is sent.",
        "Use letters and digits only." }
    OtpButton "otp-button" Error Template 0 {
        "an authentication template has exactly one button, and it gives the code",
        "Nothing else is allowed there.",
        "Add one OTP button and remove others." }
    OtpApp "otp-app" Error Template 0 {
        "the app that takes the code is not named as it must be",
        "One-tap and zero-tap need 1 to 5 apps: a package of two or more parts, and a signature hash of 11 characters.",
        "Give package name and signature hash of your Android app." }
    OtpTerms "otp-terms" Error Template 0 {
        "the terms of zero-tap are not accepted",
        "Meta wants them accepted in the template.",
        "Set zero_tap_terms_accepted to true, if you accept them." }
    OtpExpiry "otp-expiry" Error Template 0 {
        "a code is valid for 1 to 90 minutes",
        "Meta writes the footer itself from this number.",
        "Choose a number from 1 to 90." }
    AuthText "auth-text" Error Template 0 {
        "an authentication template has texts of its own",
        "Meta writes body and footer itself, in every language.",
        "Remove the text; choose only the security line and the minutes." }
    FlowReference "flow-reference" Error Template 0 {
        "a flow button names no flow, or more than one way",
        "Exactly one of flow_id, flow_name and flow_json is needed.",
        "Keep one of them." }
    CarouselCards "carousel-cards" Error Template 0 {
        "a carousel has 2 to 10 cards",
        "Phones draw no others.",
        "Add or remove cards." }
    CarouselDiffers "carousel-differs" Error Template 0 {
        "a card is not built like the first one",
        "All cards have the same parts: the same header, a text on all or on none, the same buttons.",
        "Give it the parts of the first card." }
    CarouselCard "carousel-card" Error Template 0 {
        "a card lacks a part or has one that does not belong there",
        "A card has a picture, a video or a product, perhaps a text, and one or two buttons.",
        "Complete the card." }
    BodyTaken "body-taken" Error Template 0 {
        "another template has the same body and footer",
        "Meta refuses a copy under another name.",
        "Use the existing template, or change the text." }
    UtilityPromotional "utility-promotional" Warning Template 0 {
        "a utility template uses words of advertising",
        "Meta approves it as MARKETING then, at another price.",
        "Remove the words, or choose MARKETING." }
    SensitiveAsked "sensitive-asked" Warning Template 0 {
        "the text seems to ask for a card number, an identity number or a password",
        "Meta refuses templates that ask for such data.",
        "Ask for it elsewhere, or say it in other words." }
    TemplateNotSendable "template-not-sendable" Warning Send 132001 {
        "the template is not approved",
        "Only an approved template can be sent.",
        "Wait for Meta's review, or edit it." }
    ValueMissing "value-missing" Error Send 132000 {
        "there is no value for a variable",
        "Meta refuses the message.",
        "Give a value, or a default for people who have none." }
    ValueUnknown "value-unknown" Warning Send 132000 {
        "the template has no variable of this name",
        "The value would never be seen.",
        "Check the spelling: body variables are `1` or `first_name`, others `header.1`, `button.0`, `card.0.1`." }
    ValueSpacing "value-spacing" Error Send 132018 {
        "a value has a line break, a tab or more than four spaces in a row",
        "Meta refuses the message.",
        "Write the value in one line." }
    ValueTooLong "value-too-long" Error Send 132005 {
        "with its values the text is longer than it may be",
        "Meta refuses the message.",
        "Shorten the value, or the template." }
    ValueEncoded "value-encoded" Warning Send 0 {
        "the end of an address was percent-encoded",
        "Since 2026 Meta takes no other characters there.",
        "Nothing to do if the page is found under it." }
    CodeInvalid "code-invalid" Error Send 132018 {
        "a code is not 1 to 20 letters and digits, or a password longer than 15 characters",
        "Meta refuses the message.",
        "Use a shorter code of letters and digits." }
    MediaInvalid "media-invalid" Error Send 132012 {
        "the header needs a media id or an https link",
        "Meta fetches the link itself, or finds the file by the id that its upload gave.",
        "Upload the file, or give a link that anybody can open." }
    ValueShape "value-shape" Error Send 132012 {
        "a value is not of the kind that belongs there",
        "A place needs latitude and longitude, a product its ids, an offer the time of its end.",
        "Give the parts named here." }
    PayloadTooLong "payload-too-long" Warning Send 131009 {
        "what a quick reply sends back is longer than 128 characters",
        "Meta may refuse the message.",
        "Shorten it." }
}

impl Code {
    /// The stable identifier, for example `variable-at-edge`.
    pub fn id(self) -> &'static str {
        self.rule().id
    }

    /// The table entry.
    pub fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }

    /// Whether Meta refuses what was found.
    pub fn is_error(self) -> bool {
        self.rule().severity == Severity::Error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_documented_unique_and_in_its_place() {
        let mut seen: std::collections::HashSet<_> = crate::rule::RULES.iter().map(|rule| rule.id).collect();
        for (at, rule) in RULES.iter().enumerate() {
            assert_eq!(rule.code as usize, at);
            assert!(seen.insert(rule.id), "{} twice", rule.id);
            for text in [rule.what, rule.why, rule.cure] {
                assert!(text.len() > 10, "{}: {text:?} says too little", rule.id);
            }
        }
    }
}
