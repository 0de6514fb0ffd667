//! A template compiled once for many people: which values it needs of each, what would be wrong with them, and the request
//! that sends it. What is fixed was checked and written when it was compiled.
//!
//! [`preview`](crate::template::preview()) is the judge of both: a stencil is made by drawing the template with marks for
//! values, and a property test holds the two against each other.

mod compile;
pub mod link;
mod value;

use crate::template::preview::{
    COUPON_CHARS_MAX, OTP_CHARS_MAX, PAYLOAD_CHARS_MAX, VALUES_BYTES_MAX, encoded,
};
use crate::template::{Category, URL_CHARS_MAX};
use crate::time::UnixMs;

use super::problem::{Code, Fault};
use link::{TOKEN_CHARS, is_address};
use value::{Seen, push_escaped};

/// Most values of one message that are different for each person.
pub const VALUES_MAX: usize = 999;

/// What stands for a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// An attribute of the person.
    Attribute {
        /// Its name.
        name: String,
        /// What stands there when the person has none.
        default: Option<String>,
    },
    /// The same for everybody; for a place, a product or what a button does also an object or list, as JSON.
    Text(String),
    /// A file that was uploaded.
    Media {
        /// Its id at Meta.
        id: String,
        /// When Meta forgets it.
        expires_at: Option<UnixMs>,
    },
    /// A file that Meta fetches.
    Link(String),
}

/// One value that is different for each person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The variable's name, as the campaign gives it.
    pub name: String,
    /// The attribute it comes from; none where it is the same for everybody, and a link of each person's own stands for it.
    pub attribute: Option<String>,
    /// What stands there when the person has none.
    pub default: Option<String>,
}

/// A compiled template.
#[derive(Clone, Debug)]
pub struct Stencil {
    wanted: Vec<Wanted>,
    /// What each of them must keep to.
    slots: Vec<Slot>,
    texts: Vec<Text>,
    /// The pieces of the request, from its beginning to where the callback data stands.
    pieces: Vec<Piece>,
    /// What they are made of.
    fixed: String,
    /// Bytes of values that are the same for everybody.
    fixed_bytes: usize,
    category: Category,
    ttl_s: Option<i64>,
    expires_at: Option<UnixMs>,
    /// What stands before the tokens of links that are counted, where they are.
    links: Option<String>,
    faults: Vec<Fault>,
}

/// What one value must keep to, in all the places it stands in.
#[derive(Clone, Debug, Default)]
struct Slot {
    /// It stands in a text: one line, no more than four spaces in a row.
    is_text: bool,
    is_otp: bool,
    is_coupon: bool,
    is_media: bool,
    is_moment: bool,
    is_reply: bool,
    /// It stands in a text where an address is counted.
    may_be_link: bool,
    /// It is where a button of ours leads.
    is_link: bool,
    /// The end of addresses: of each the characters it has without it, and how often it stands there.
    urls: Vec<(usize, usize)>,
    /// How many times it is written where all values together have a limit.
    times: usize,
}

/// A text with values in it.
#[derive(Clone, Debug)]
struct Text {
    /// JSON pointer.
    at: String,
    /// Characters it may have, and those it has without its values.
    chars_max: usize,
    chars: usize,
    /// Which values stand in it, and how often.
    values: Vec<(usize, usize)>,
}

/// A piece of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// This stretch of what is fixed.
    Fixed(usize, usize),
    /// The number it is sent to.
    To,
    /// A value.
    Value(usize),
    /// The same, percent-encoded.
    Address(usize),
    /// A value, or the link that stands for it where it is an address.
    Linked(usize),
    /// The token of the link that stands for it.
    Token(usize),
    /// `"id":"…"` or `"link":"…"`.
    Media(usize),
    /// A whole number.
    Moment(usize),
}

impl Stencil {
    /// What it wants of each person, in the order in which values are packed.
    pub fn wanted(&self) -> &[Wanted] {
        &self.wanted
    }

    /// Where a problem is, by its place: the names of values come first, JSON pointers of texts follow.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.wanted
            .iter()
            .map(|wanted| wanted.name.as_str())
            .chain(self.texts.iter().map(|text| text.at.as_str()))
    }

    /// What stands before the tokens of links that are counted; none where they are not.
    pub fn links(&self) -> Option<&str> {
        self.links.as_deref()
    }

    /// The link of a message that stands for a value, by its place in [`Stencil::wanted`]: whether there is one, and whether it
    /// is a token alone, behind an address that the template has.
    pub fn link(&self, at: usize, value: &str) -> Option<bool> {
        let slot = self.slots.get(at).filter(|_| self.links.is_some())?;
        (slot.is_link || slot.may_be_link && is_address(value)).then_some(slot.is_link)
    }

    /// What is remarkable about the message itself; errors keep it from being compiled.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// What the template is for.
    pub fn is_marketing(&self) -> bool {
        self.category == Category::Marketing
    }

    /// Seconds after which Meta gives up, as the template says. A message cannot say it.
    pub fn ttl_s(&self) -> Option<i64> {
        self.ttl_s
    }

    /// When Meta forgets the first of the files it sends.
    pub fn expires_at(&self) -> Option<UnixMs> {
        self.expires_at
    }

    /// Tells what is wrong with these values, one for each of [`Stencil::wanted`]: a code, and its place in
    /// [`Stencil::places`]. `lengths` is room that is used again.
    pub fn judge(&self, values: &[&str], lengths: &mut Vec<usize>, say: &mut impl FnMut(Code, usize)) {
        lengths.clear();
        let mut bytes = self.fixed_bytes;
        for (at, (slot, value)) in self.slots.iter().zip(values).enumerate() {
            let seen = Seen::of(value);
            // What counts is what is sent.
            let link = self.link(at, value).map(|is_token| self.link_chars(is_token));
            lengths.push(link.unwrap_or(seen.chars));
            bytes = bytes.saturating_add(link.unwrap_or(value.len()).saturating_mul(slot.times));
            if seen.is_blank {
                say(Code::ValueMissing, at);
                continue;
            }
            if slot.is_text && seen.is_spaced {
                say(Code::ValueSpacing, at);
            }
            if slot.is_special() {
                slot.judge(value, seen, &mut |code| say(code, at));
            }
        }
        if bytes > VALUES_BYTES_MAX {
            let longest = (0..values.len()).max_by_key(|at| values[*at].len() * self.slots[*at].times);
            say(Code::ValueTooLong, longest.unwrap_or_default());
        }
        for (place, text) in self.texts.iter().enumerate() {
            let length: usize = text.values.iter().map(|(slot, times)| lengths[*slot] * times).sum();
            if text.chars + length > text.chars_max {
                say(Code::TextTooLong, self.wanted.len() + place);
            }
        }
    }

    /// Writes the body of the request that sends the message to the number with these digits: what
    /// [`preview`](crate::template::preview()) gives as the payload, with the callback data, as one line of JSON. Values are
    /// those of [`Stencil::wanted`], and [`Stencil::judge`] found nothing wrong with them. Where links are counted, `token`
    /// gives the one of each value that has a link, by its place among the values.
    pub fn payload(
        &self,
        values: &[&str],
        token: &dyn Fn(usize) -> String,
        to: u64,
        callback_data: &str,
        out: &mut String,
    ) {
        let value = |slot: usize| values.get(slot).copied().unwrap_or_default();
        for piece in &self.pieces {
            match *piece {
                Piece::Fixed(start, end) => out.push_str(&self.fixed[start..end]),
                Piece::To => {
                    out.push('+');
                    value::push_number(to, out);
                }
                Piece::Value(slot) => push_escaped(value(slot), out),
                Piece::Address(slot) => match encoded(value(slot)) {
                    Some(encoded) => push_escaped(&encoded, out),
                    None => push_escaped(value(slot), out),
                },
                Piece::Linked(slot) => match &self.links {
                    Some(links) if is_address(value(slot)) => {
                        push_escaped(links, out);
                        out.push_str(&token(slot));
                    }
                    _ => push_escaped(value(slot), out),
                },
                Piece::Token(slot) => out.push_str(&token(slot)),
                Piece::Media(slot) => {
                    let is_link = value(slot).contains(':');
                    out.push_str(if is_link { "\"link\":\"" } else { "\"id\":\"" });
                    push_escaped(value(slot), out);
                    out.push('"');
                }
                Piece::Moment(slot) => {
                    value::push_number(value::moment(value(slot)).unwrap_or_default(), out);
                }
            }
        }
        out.push_str(",\"biz_opaque_callback_data\":\"");
        push_escaped(callback_data, out);
        out.push_str("\"}");
    }

    /// How long a link is.
    fn link_chars(&self, is_token: bool) -> usize {
        let before = self.links.as_ref().filter(|_| !is_token);
        TOKEN_CHARS + before.map_or(0, |before| before.chars().count())
    }
}

impl Slot {
    fn is_special(&self) -> bool {
        self.is_otp
            || self.is_coupon
            || self.is_media
            || self.is_moment
            || self.is_reply
            || self.is_link
            || !self.urls.is_empty()
    }

    /// What a value of a special kind must keep to.
    fn judge(&self, value: &str, seen: Seen, say: &mut impl FnMut(Code)) {
        let is_alphanumeric = || value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_long_coupon = self.is_coupon && is_alphanumeric() && value.len() > COUPON_CHARS_MAX;
        if self.is_otp && seen.chars > OTP_CHARS_MAX || is_long_coupon {
            say(Code::ValueTooLong);
        }
        if self.is_coupon && !is_alphanumeric() {
            say(Code::CodeInvalid);
        }
        if self.is_media && !value::is_media(value) {
            say(Code::MediaInvalid);
        }
        if self.is_moment && value::moment(value).is_none() {
            say(Code::ValueShape);
        }
        if self.is_reply && seen.chars > PAYLOAD_CHARS_MAX {
            say(Code::PayloadTooLong);
        }
        if self.is_link && !is_address(value) {
            say(Code::LinkInvalid);
        }
        if !self.urls.is_empty() {
            let encoded = encoded(value);
            let length = encoded.as_ref().map_or(value.len(), String::len);
            let is_too_long = self.urls.iter().any(|(fixed, times)| fixed + length * times > URL_CHARS_MAX);
            if seen.has_break || is_too_long {
                say(Code::UrlInvalid);
            } else if encoded.is_some() {
                say(Code::UrlEncoded);
            }
        }
    }
}
