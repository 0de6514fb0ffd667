//! What goes wrong on purpose.

use axum::response::Response;

use super::answer::{Refusal, gateway_page, respond};
use super::config::FaultRecord;
use super::state::State;

/// An answer without anything behind it.
pub(crate) type Instead = Box<dyn FnOnce(&str) -> Response + Send>;

/// What is answered without anything being done.
pub(crate) fn instead_of_answer(fault: &FaultRecord) -> Option<Instead> {
    if let Some(status) = fault.html {
        return Some(Box::new(move |_| gateway_page(status)));
    }
    let code = fault.code?;
    Some(Box::new(move |trace| {
        let refusal = Refusal::sending(code, format!("The scenario answers this call with {code}"));
        respond(&Err(refusal), trace)
    }))
}

/// The first fault that waits for this route.
pub(crate) fn take_fault(state: &mut State, route: &str) -> Option<FaultRecord> {
    let fits = |fault: &FaultRecord| {
        let (method, edge) = fault.route.split_once(' ').unwrap_or(("*", fault.route.as_str()));
        let (own_method, own_edge) = route.split_once(' ').unwrap_or(("", route));
        (method == "*" || method == own_method) && (edge == "*" || edge == own_edge)
    };
    let at = state.faults.iter().position(fits)?;
    let fault = state.faults[at].clone();
    if fault.times <= 1 {
        state.faults.remove(at);
    } else {
        state.faults[at].times -= 1;
    }
    Some(fault)
}
