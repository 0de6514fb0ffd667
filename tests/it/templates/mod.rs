//! What is promised about templates: nothing of a document is lost, Meta's own samples are judged as Meta judges them,
//! repairs repair, previews show what is sent, stencils send what previews show, and nothing that anybody writes takes long or stops the core.

mod checker;
mod fixtures;
mod markup;
mod previews;
mod repairs;
mod stencils;

pub(crate) use previews::values;
