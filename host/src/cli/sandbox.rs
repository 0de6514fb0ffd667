//! `consentry serve --sandbox`: the stand-in for Meta's API beside the product.

use crate::clock::{Clock as _, SystemClock};
use crate::sandbox::{Options, Pace, Running, Sandbox, Scenario, example};

use super::{Failure, ServeArgs};

/// Starts it, and tells where it is and how to come in.
pub(super) fn start(args: &ServeArgs) -> Result<Running, Failure> {
    let scenario = match &args.scenario {
        None => Scenario::default(),
        Some(path) => {
            let refused = |cause: String| Failure::Refused(format!("scenario `{}`: {cause}", path.display()));
            let text = std::fs::read_to_string(path).map_err(|cause| refused(cause.to_string()))?;
            Scenario::parse(&text).map_err(refused)?
        }
    };
    let pace = Pace::Running(scenario.speed);
    // Beside the product's own port, so that it is known in advance where that is.
    let port = if args.port == 0 { 0 } else { args.port.saturating_add(1) };
    let options = Options { port, scenario, start_ms: SystemClock.now().0, pace };
    let running = Sandbox::start(options).map_err(|cause| {
        Failure::Refused(format!(
            "the sandbox cannot listen on 127.0.0.1:{port}: {cause}. Choose another --port"
        ))
    })?;
    eprintln!(
        "sandbox of Meta's API on {}, token {}, account {}",
        running.base_url,
        example::TOKEN,
        example::WABA_ID
    );
    Ok(running)
}
