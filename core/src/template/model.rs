//! What a template consists of: a view over the document that came, so that nothing of it is ever lost. Reads Meta's forms
//! of creating and of listing, in small and in capital letters.

use crate::json::{self, Json};
use crate::limits::TEMPLATE_BYTES_MAX;

use super::text::find;

/// A template, kept as it came.
#[derive(Clone, Debug)]
pub struct Template<'a> {
    document: Json<'a>,
}

/// Why bytes are no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Line, counted from 1; 0 when it is no question of a place.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// What is wrong, in words.
    pub why: String,
}

impl<'a> Template<'a> {
    /// Reads a document of at most [`TEMPLATE_BYTES_MAX`] bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Template<'a>, Unreadable> {
        parse(bytes).map(Template::new)
    }

    /// A template that has been read already.
    pub fn new(document: Json<'a>) -> Template<'a> {
        Template { document }
    }

    /// Everything that came.
    pub fn document(&self) -> &Json<'a> {
        &self.document
    }

    /// The document again, members in their order and numbers with their digits.
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = json::Writer::default();
        out.json(&self.document);
        out.finish().into_bytes()
    }

    /// What is in it.
    pub fn view(&self) -> View<'_> {
        View::of(&self.document)
    }
}

/// Reads any JSON document within the limits.
pub(crate) fn parse(bytes: &[u8]) -> Result<Json<'_>, Unreadable> {
    if bytes.len() > TEMPLATE_BYTES_MAX {
        let why = format!("it is longer than {TEMPLATE_BYTES_MAX} bytes");
        return Err(Unreadable { line: 0, column: 0, why });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(document) = std::str::from_utf8(bytes).ok().and_then(json::read) {
        return Ok(document);
    }
    // This one says what is wrong with the rest.
    serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        let why = text[..find(&text, " at line ").unwrap_or(text.len())].to_owned();
        Unreadable { line: error.line(), column: error.column(), why }
    })
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident $word:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$item])* $variant,)* /// A word that is not known here; it is kept in the document.
            Unknown }

        impl $name {
            /// By its word, in small or capital letters.
            pub fn of(word: &str) -> $name {
                $(if word.eq_ignore_ascii_case($word) { return $name::$variant; })*
                $name::Unknown
            }

            /// The word as Meta writes it; `UNKNOWN` for those that are not known.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* $name::Unknown => "UNKNOWN" }
            }
        }
    };
}

words! {
    /// What a template is for.
    Category {
        /// Everything that is not one of the others.
        Marketing "MARKETING"
        /// What a person expects after something they did.
        Utility "UTILITY"
        /// One-time codes.
        Authentication "AUTHENTICATION"
    }
}

words! {
    /// How variables are called.
    Format {
        /// `{{1}}`.
        Positional "POSITIONAL"
        /// `{{first_name}}`.
        Named "NAMED"
    }
}

words! {
    /// A part of a template.
    ComponentKind {
        /// Above the text: a line, a medium, a place or a product.
        Header "HEADER"
        /// The message.
        Body "BODY"
        /// Small print.
        Footer "FOOTER"
        /// What can be tapped.
        Buttons "BUTTONS"
        /// A counting clock and a code.
        Offer "LIMITED_TIME_OFFER"
        /// Cards side by side.
        Carousel "CAROUSEL"
        /// Asks whether calling is welcome.
        CallPermission "CALL_PERMISSION_REQUEST"
    }
}

words! {
    /// What a header shows.
    HeaderKind {
        /// One line.
        Text "TEXT"
        /// A picture.
        Image "IMAGE"
        /// A film.
        Video "VIDEO"
        /// A short film that plays by itself.
        Gif "GIF"
        /// A file.
        Document "DOCUMENT"
        /// A place on a map.
        Location "LOCATION"
        /// A product of a catalog.
        Product "PRODUCT"
    }
}

words! {
    /// What a button does.
    ButtonKind {
        /// Sends its label back.
        QuickReply "QUICK_REPLY"
        /// Opens a page.
        Url "URL"
        /// Calls a number.
        PhoneNumber "PHONE_NUMBER"
        /// Copies a code.
        CopyCode "COPY_CODE"
        /// Gives a one-time code.
        Otp "OTP"
        /// Opens a form.
        Flow "FLOW"
        /// Opens the catalog.
        Catalog "CATALOG"
        /// Shows several products.
        Products "MPM"
        /// Shows one product.
        Product "SPM"
        /// Calls on WhatsApp.
        VoiceCall "VOICE_CALL"
        /// Asks for the number.
        ContactInfo "REQUEST_CONTACT_INFO"
        /// Shows an order to be paid.
        OrderDetails "ORDER_DETAILS"
        /// Asks for a payment.
        Payment "PAYMENT_REQUEST"
        /// Opens an app.
        App "APP"
    }
}

/// What a template says of itself.
#[derive(Clone, Debug)]
pub struct View<'d> {
    /// Name, or empty.
    pub name: &'d str,
    /// Language code, or empty.
    pub language: &'d str,
    /// Category.
    pub category: Category,
    /// How variables are called; positional where nothing is said.
    pub format: Format,
    /// Seconds a message may wait for its phone.
    pub ttl: Option<i64>,
    /// Meta's word for its state, where Meta lists it.
    pub status: Option<&'d str>,
    /// True when Meta listed it: it has an id.
    pub is_listed: bool,
    /// True when its texts come from Meta's library and are not in the document.
    pub is_from_library: bool,
    /// Its parts, in their order.
    pub components: Vec<Component<'d>>,
    document: &'d Json<'d>,
}

/// One part, and where it stands.
#[derive(Clone, Debug)]
pub struct Component<'d> {
    /// JSON pointer.
    pub at: String,
    /// What it is.
    pub kind: ComponentKind,
    /// What a header shows; a text where nothing is said.
    pub header: HeaderKind,
    /// Text of a header, body or footer.
    pub text: Option<&'d str>,
    /// Buttons, if it is a list of them.
    pub buttons: Vec<Button<'d>>,
    /// Cards of a carousel.
    pub cards: Vec<Card<'d>>,
    /// As it came.
    pub value: &'d Json<'d>,
}

/// Examples of the variables of a text.
#[derive(Clone, Debug, Default)]
pub struct Examples<'d> {
    /// Names and their examples.
    pub named: Vec<(&'d str, &'d str)>,
    /// Those of the numbers from 1 on, where they are texts.
    pub numbered: &'d [Json<'d>],
}

impl<'d> Examples<'d> {
    /// The numbers that have a text, with it.
    pub fn numbers(&self) -> impl Iterator<Item = (usize, &'d str)> + use<'d> {
        self.numbered.iter().zip(1..).filter_map(|(text, number)| Some((number, text.as_text()?)))
    }

    /// The first of all, the named ones before the numbered.
    pub fn first(&self) -> Option<&'d str> {
        self.named.first().map(|(_, text)| *text).or_else(|| self.numbers().next().map(|(_, text)| text))
    }
}

/// One button, and where it stands.
#[derive(Clone, Debug)]
pub struct Button<'d> {
    /// JSON pointer.
    pub at: String,
    /// What it does.
    pub kind: ButtonKind,
    /// Its label.
    pub text: Option<&'d str>,
    /// As it came.
    pub value: &'d Json<'d>,
}

/// A card of a carousel.
#[derive(Clone, Debug)]
pub struct Card<'d> {
    /// JSON pointer.
    pub at: String,
    /// Its parts.
    pub components: Vec<Component<'d>>,
}

impl<'d> View<'d> {
    /// Looks at a document.
    pub fn of(document: &'d Json<'d>) -> View<'d> {
        let text = |name: &str| document.get(name).and_then(Json::as_text);
        View {
            name: text("name").unwrap_or_default(),
            // A message names its language as an object, a template as a text.
            language: text("language").unwrap_or_default(),
            category: text("category").map_or(Category::Unknown, Category::of),
            format: text("parameter_format").map_or(Format::Positional, Format::of),
            ttl: document.get("message_send_ttl_seconds").and_then(Json::as_whole),
            status: text("status"),
            is_listed: document.get("id").is_some(),
            is_from_library: document.get("library_template_name").is_some(),
            components: components(document, ""),
            document,
        }
    }

    /// The first part of a kind.
    pub fn part(&self, kind: ComponentKind) -> Option<&Component<'d>> {
        self.components.iter().find(|component| component.kind == kind)
    }

    /// All buttons of the message itself, not those of cards.
    pub fn buttons(&self) -> impl Iterator<Item = &Button<'d>> {
        self.components.iter().flat_map(|component| &component.buttons)
    }

    /// Everything that came.
    pub fn document(&self) -> &'d Json<'d> {
        self.document
    }

    /// A member of the document.
    pub fn member(&self, name: &str) -> Option<&'d Json<'d>> {
        self.document.get(name)
    }
}

fn components<'d>(of: &'d Json<'d>, at: &str) -> Vec<Component<'d>> {
    let list = of.get("components").and_then(Json::as_list).unwrap_or_default();
    list.iter()
        .enumerate()
        .map(|(place, value)| Component::of(value, format!("{at}/components/{place}")))
        .collect()
}

impl<'d> Component<'d> {
    fn of(value: &'d Json<'d>, at: String) -> Component<'d> {
        let text = |name: &str| value.get(name).and_then(Json::as_text);
        let kind = text("type").map_or(ComponentKind::Unknown, ComponentKind::of);
        let list = |name: &str| value.get(name).and_then(Json::as_list).unwrap_or_default();
        let (mut buttons, mut cards) = (Vec::new(), Vec::new());
        if kind == ComponentKind::Buttons {
            let listed = list("buttons").iter().enumerate();
            buttons.extend(listed.map(|(place, value)| Button::of(value, format!("{at}/buttons/{place}"))));
        }
        if kind == ComponentKind::Carousel {
            cards.extend(list("cards").iter().enumerate().map(|(place, card)| {
                let at = format!("{at}/cards/{place}");
                // A card has no cards: whatever nests deeper is not looked into.
                let mut components = components(card, &at);
                components.iter_mut().for_each(|component| component.cards.clear());
                Card { at, components }
            }));
        }
        let header = text("format").map_or(HeaderKind::Text, HeaderKind::of);
        Component { at, kind, header, text: text("text"), buttons, cards, value }
    }

    /// Examples of the variables of its text, by number from 1 or by name.
    pub fn examples(&self) -> Examples<'d> {
        let Some(example) = self.value.get("example") else { return Examples::default() };
        let (plain, named) = match self.kind {
            ComponentKind::Header => ("header_text", "header_text_named_params"),
            _ => ("body_text", "body_text_named_params"),
        };
        let mut found = Vec::new();
        for param in example.get(named).and_then(Json::as_list).unwrap_or_default() {
            let text = |name: &str| param.get(name).and_then(Json::as_text);
            found.extend(text("param_name").zip(text("example")));
        }
        // `[["Sam"]]` for a body, `["Sam"]` for a header; both are met in both, and a bare text for one.
        let mut list = match example.get(plain) {
            Some(one @ Json::Text(_)) => std::slice::from_ref(one),
            other => other.and_then(Json::as_list).unwrap_or_default(),
        };
        if let Some(inner) = list.first().and_then(Json::as_list) {
            list = inner;
        }
        Examples { named: found, numbered: list }
    }

    /// Where the example of a named variable says its name, as a JSON pointer.
    pub fn example_name_at(&self, name: &str) -> Option<String> {
        let list = match self.kind {
            ComponentKind::Header => "header_text_named_params",
            _ => "body_text_named_params",
        };
        let params = self.value.get("example")?.get(list)?.as_list()?;
        let is_it = |param: &Json<'_>| param.get("param_name").and_then(Json::as_text) == Some(name);
        Some(format!("{}/example/{list}/{}/param_name", self.at, params.iter().position(is_it)?))
    }

    /// The handle or address that stands as the example of a media header.
    pub fn media_example(&self) -> Option<&'d str> {
        let handle = self.value.get("example")?.get("header_handle")?;
        handle.as_list().and_then(|list| list.first()).unwrap_or(handle).as_text()
    }

    /// A member of the part as it came.
    pub fn member(&self, name: &str) -> Option<&'d Json<'d>> {
        self.value.get(name)
    }
}

impl<'d> Button<'d> {
    fn of(value: &'d Json<'d>, at: String) -> Button<'d> {
        let text = |name: &str| value.get(name).and_then(Json::as_text);
        let kind = text("type").map_or(ButtonKind::Unknown, ButtonKind::of);
        Button { at, kind, text: text("text"), value }
    }

    /// A member that is a text.
    pub fn member(&self, name: &str) -> Option<&'d str> {
        self.value.get(name).and_then(Json::as_text)
    }

    /// Its example, written as a text or as a list of one.
    pub fn example(&self) -> Option<&'d str> {
        let example = self.value.get("example")?;
        example.as_list().and_then(|list| list.first()).unwrap_or(example).as_text()
    }

    /// Whether it gives a one-time code: Meta lists such a button as one that opens an address.
    pub fn gives_code(&self) -> bool {
        let is_listed = || {
            let address = self.member("url").unwrap_or_default();
            self.kind == ButtonKind::Url && find(address, "whatsapp.com/otp/code/").is_some()
        };
        self.kind == ButtonKind::Otp || is_listed()
    }
}
