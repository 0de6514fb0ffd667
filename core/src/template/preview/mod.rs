//! What a person will see, as data, and the request that sends it. Draws nothing: the panel, a terminal and a test read
//! the same [`Preview`].

mod cards;
mod drawn;
pub mod markup;
mod message;
mod taps;
mod text;
mod values;

pub use drawn::{Buttons, Drawn, DrawnButton, DrawnCard, DrawnHeader, Preview, Request};
pub(crate) use message::of_view;
pub use message::preview;
pub use text::{DrawnBlock, DrawnSpan, Source};
