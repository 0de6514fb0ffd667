//! What is promised of the people of a campaign before it begins: each problem is found and named, people are dealt out as
//! the campaign says and always alike, and the sandbox says what the core says.

mod people;
mod sandboxed;
