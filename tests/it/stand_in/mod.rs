//! The stand-in for Meta's API, asked over real HTTP: it must say what Meta documents, or the product would be tested
//! against wishes.

mod accounts;
mod client;
mod review;
mod sending;
mod templates;
mod webhooks;
