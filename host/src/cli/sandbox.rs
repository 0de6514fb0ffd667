//! `consentry serve --sandbox`: the stand-in for Meta's API beside the product.

use crate::accounts::Candidate;
use crate::clock::{Clock as _, SystemClock};
use crate::desk::App;
use crate::http::ServeOptions;
use crate::sandbox::{Options, Pace, Running, Sandbox, Scenario, example};
use crate::secret::Secret;

use super::{Failure, ServeArgs};

/// Any configuration will do there.
const CONFIG_ID: &str = "1";

/// Lets the server work with it: its account is connected, its app makes the sign-ups, its webhooks come here.
pub(super) fn connect(options: &mut ServeOptions) {
    let secret = Secret::new(example::APP_SECRET);
    options.sandbox = Some(Candidate {
        target: options.target.clone(),
        token: Secret::new(example::TOKEN),
        app_id: Some(example::APP_ID.to_owned()),
        app_secret: Some(secret.clone()),
        waba_id: Some(example::WABA_ID.to_owned()),
        phone_number_id: Some(example::NUMBER_ID.to_owned()),
        pin: None,
    });
    let id = example::APP_ID.to_owned();
    options.app.get_or_insert(App { id, secret, config_id: Some(CONFIG_ID.to_owned()) });
}

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
