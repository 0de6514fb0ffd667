//! What a person will see, as data, and the request that sends it. Draws nothing: the panel, a terminal and a test read
//! the same [`Preview`].

mod cards;
mod drawn;
pub mod markup;
mod message;
mod taps;
mod text;
mod values;
mod watch;

pub use drawn::{Buttons, Drawn, DrawnButton, DrawnCard, DrawnHeader, Preview, Request};
pub use message::preview;
pub(crate) use message::{OTP_CHARS_MAX, VALUES_BYTES_MAX, of_view, watched};
pub(crate) use taps::{COUPON_CHARS_MAX, PAYLOAD_CHARS_MAX, encoded};
pub(crate) use text::FILLED_BYTES_MAX;
pub use text::{DrawnBlock, DrawnSpan, Source};
pub(crate) use watch::Watch;
