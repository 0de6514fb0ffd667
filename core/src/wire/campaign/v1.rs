//! Version 1 of what a campaign is: the document that people write, in the panel, in a file or through the API. Additions
//! are free, changes are breaking. What is decided about it is in [`crate::campaign`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A campaign as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// What people call it.
    pub name: String,
    /// The WhatsApp Business account it is sent from, for example `a1`.
    pub account: String,
    /// Phone number ids at Meta that send it; people are dealt out evenly over them. All numbers of the account that can
    /// send where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
    /// What is sent: one message, or several that are tried against each other.
    pub messages: Vec<Message>,
    /// To whom.
    #[serde(default)]
    pub audience: Audience,
    /// Percent of the audience that gets nothing, so that there is something to compare with; 0 to 50.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub control_percent: u8,
    /// When it begins and ends.
    #[serde(default, skip_serializing_if = "is_default")]
    pub schedule: Schedule,
    /// Hours in which nobody is written to, by the clock of the number's country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// Seconds after which Meta is to give up what it could not deliver. Meta takes them from the template: the preflight warns
    /// where it says otherwise, and nothing of this is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u32>,
    /// How fast it goes; as fast as the numbers may where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
    /// How many messages of campaigns one person gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Cap>,
    /// When it stops by itself.
    #[serde(default)]
    pub brake: Brake,
    /// Whether addresses of buttons are led over this server, so that taps are counted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub track_links: bool,
}

/// One message of a campaign.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Name of the template.
    pub template: String,
    /// Its language.
    pub language: String,
    /// Its share of the people; all shares together are 100.
    #[serde(default = "all")]
    pub share_percent: u8,
    /// What stands for each variable, by the names that `preview` takes: `1`, `first_name`, `header.1`, `header.media`,
    /// `button.0`, `card.0.body.1`, `offer.expires_ms`.
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
}

/// What stands for a variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Value {
    /// An attribute of the person's profile; also `exid`, `email`, `msisdn` and `wpNumber`.
    Attribute {
        /// Its name.
        name: String,
        /// What stands there when the person has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
    },
    /// The same for everybody. For a place, a product and what a button does it may be an object or a list, as JSON.
    Text(String),
    /// A file that was uploaded to the account.
    Media {
        /// Its id at Meta.
        id: String,
        /// When Meta forgets it, RFC 3339; thirty days after the upload.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<String>,
    },
    /// A file that Meta fetches.
    Link(String),
}

/// Who gets it: everybody who opted in, as far as conditions say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audience {
    /// Those for whom this holds; everybody where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<Condition>,
    /// But none for whom this holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude: Option<Condition>,
}

/// What may hold for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// Each of these.
    All(Vec<Condition>),
    /// At least one of these.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// What a saved segment says.
    Segment(String),
    /// Something about an attribute.
    Attribute(AttributeIs),
    /// The number is of one of these countries, by ISO code (`TR`).
    Country(Vec<String>),
    /// The consent that stands came with one of these imports (`i3`).
    Import(Vec<String>),
    /// One of these words is among the tags of the person: the attribute `tags`, divided by `,` or `;`.
    Tag(Vec<String>),
    /// What became of the last message to the person.
    LastMessage(LastMessage),
    /// How long ago the consent that stands was given.
    ConsentAge(Age),
}

/// Something about an attribute of a person: exactly one member is there. Texts compare without case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeIs {
    /// Its name; also `exid`, `email` and `msisdn`.
    pub name: String,
    /// It is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Vec<String>>,
    /// It has this in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// It begins with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<String>,
    /// It is a number or a day (`2026-11-23`) and not below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<String>,
    /// It is a number or a day and not above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<String>,
    /// Whether there is one at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
}

/// What became of the last message to a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastMessage {
    /// One of `none`, `accepted`, `sent`, `delivered`, `read`, `replied`, `clicked`, `failed`, `unknown`; any of these.
    pub status: Vec<String>,
    /// Only messages of so many days; older ones count as `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
}

/// How long ago.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Age {
    /// At least so many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_min: Option<u32>,
    /// At most so many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_max: Option<u32>,
}

/// When a campaign begins and ends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// When it begins: `2026-11-27T10:00[Europe/Istanbul]`, or RFC 3339 with an offset. At once where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    /// When whoever was not written to yet is left out, in the same forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<String>,
}

/// Hours of a day in which nobody is written to, by the clock of the number's country. In a country with several times it
/// is quiet while it is in any of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// `21:00`.
    pub from: String,
    /// `09:00`; before `from` where it ends on the next day.
    pub until: String,
}

/// How fast a campaign goes. One of the two is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pace {
    /// Messages a second over all numbers together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages_per_s: Option<u32>,
    /// In packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<Packages>,
}

/// So many messages, then a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packages {
    /// Messages in a package, over all numbers together.
    pub messages: u32,
    /// Minutes from the beginning of one package to that of the next.
    pub every_minutes: u32,
}

/// How many messages of campaigns one person gets in so many days; whoever had as many is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// Messages.
    pub messages: u32,
    /// Days.
    pub days: u32,
}

/// When a campaign stops by itself, once enough messages were answered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Brake {
    /// Percent of messages that failed.
    pub failed_percent: f64,
    /// Percent of people who opted out after it.
    pub opted_out_percent: f64,
    /// Percent of messages that Meta kept from people because there were too many (131048, 131049, 131064).
    pub limited_percent: f64,
    /// Messages before which nothing is concluded.
    pub after_messages: u32,
}

impl Default for Brake {
    fn default() -> Brake {
        Brake { failed_percent: 25.0, opted_out_percent: 5.0, limited_percent: 30.0, after_messages: 200 }
    }
}

/// A segment: a condition under a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// For whom it holds.
    pub condition: Condition,
}

fn all() -> u8 {
    100
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(value: &u8) -> bool {
    *value == 0
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
