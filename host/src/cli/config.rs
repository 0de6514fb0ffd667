//! `consentry config check`: whether a server would start with what `consentry.toml` and the surroundings say, and where each
//! value comes from. Reads, and changes nothing.

use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Subcommand};
use serde_json::{Value, json};

use super::{Cli, Command, Done, Failure, print};
use crate::config;

/// Variables that are no option: secrets, which do not belong on a command line, and where compiled code is kept.
const OTHER_VARIABLES: [&str; 12] = [
    "CONSENTRY_APP_SECRET",
    "CONSENTRY_CACHE",
    "CONSENTRY_CONFIG",
    "CONSENTRY_EDGE_SECRET",
    "CONSENTRY_NUMBER",
    "CONSENTRY_OIDC_CLIENT_SECRET",
    "CONSENTRY_PIN",
    "CONSENTRY_SECRET_KEY",
    "CONSENTRY_SECRET_KEY_NEXT",
    "CONSENTRY_TOKEN",
    "CONSENTRY_TEST_DATABASE_URL",
    "CONSENTRY_WABA",
];

#[derive(Args)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Judge the settings that `consentry serve` would start with: unknown keys and variables, values of the wrong kind, files
    /// that cannot be read. Shows what each value is and where it comes from.
    Check,
}

pub(super) fn run(args: &ConfigArgs, cli: &Cli, json: bool) -> Result<Done, Failure> {
    let ConfigCommand::Check = args.command;
    let from_file = config::keys(&cli.config).map_err(|error| Failure::Refused(error.to_string()))?;
    let command = config::apply(Cli::command(), &cli.config);
    let command = command.map_err(|error| Failure::Refused(error.to_string()))?;
    let unknown = unknown_variables(&command);
    if !unknown.is_empty() {
        let text = format!(
            "no option is named by the variable{} {}: see `consentry serve --help` for those there are, or take it away",
            if unknown.len() == 1 { "" } else { "s" },
            unknown.join(", ")
        );
        return Err(Failure::Refused(text));
    }
    let refused = |error: clap::Error| Failure::Refused(error.to_string().trim_end().to_owned());
    let matches = command.clone().try_get_matches_from(["consentry", "serve"]).map_err(refused)?;
    let settings = settings(&command, &matches, &from_file);
    let parsed = Cli::from_arg_matches(&matches).map_err(refused)?;
    if let Command::Serve(serve) = &parsed.command {
        let options = serve.options()?;
        crate::http::may_listen(&options).map_err(|error| Failure::Refused(error.to_string()))?;
        if let Some(path) = &serve.scenario {
            let readable = std::fs::File::open(path);
            readable.map_err(|cause| Failure::Refused(format!("scenario: `{}`: {cause}", path.display())))?;
        }
    }
    let document = json!({
        "config": cli.config.exists().then(|| cli.config.display().to_string()),
        "settings": settings,
    });
    print(json, &document, shown)
}

fn shown(document: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut out = String::new();
    for setting in document["settings"].as_array().into_iter().flatten() {
        let [name, value, from] = ["name", "value", "from"].map(|field| text(&setting[field]));
        out += &format!("{name:<22} {value:<34} {from}\n");
    }
    out + "good: a server would start with these settings\n"
}

/// Every option of the server that has a value: its name, the value, and where that comes from.
fn settings(command: &clap::Command, matches: &clap::ArgMatches, from_file: &[String]) -> Vec<Value> {
    let Some((_, of_serve)) = matches.subcommand() else { return Vec::new() };
    let serve = command.find_subcommand("serve");
    let all = command.get_arguments().chain(serve.into_iter().flat_map(clap::Command::get_arguments));
    let mut found = Vec::new();
    for arg in all.filter(|arg| !arg.is_hide_set()) {
        let (Some(name), id) = (arg.get_long(), arg.get_id().as_str()) else { continue };
        let Ok(Some(raw)) = of_serve.try_get_raw(id) else { continue };
        let values: Vec<String> = raw.map(|value| value.to_string_lossy().into_owned()).collect();
        let from = match of_serve.value_source(id) {
            Some(ValueSource::EnvVariable) => {
                arg.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
            }
            Some(ValueSource::DefaultValue) if from_file.iter().any(|key| key == name) => "file".to_owned(),
            Some(ValueSource::DefaultValue) => "default".to_owned(),
            _ => continue,
        };
        // An address of a database may hold a password.
        let value = if arg.is_hide_env_values_set() { "(set)".to_owned() } else { values.join(",") };
        found.push(json!({ "name": name, "value": value, "from": from }));
    }
    found
}

/// Variables that look as if they were meant for us and are read by nobody: most often a slip of the pen.
fn unknown_variables(command: &clap::Command) -> Vec<String> {
    let mut known: Vec<String> = OTHER_VARIABLES.map(str::to_owned).to_vec();
    name_variables(command, &mut known);
    let mut unknown: Vec<String> = std::env::vars_os()
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .filter(|name| name.starts_with("CONSENTRY_") && !known.contains(name))
        .collect();
    unknown.sort();
    unknown
}

fn name_variables(command: &clap::Command, known: &mut Vec<String>) {
    let own = command.get_arguments().filter_map(|arg| arg.get_env());
    known.extend(own.map(|name| name.to_string_lossy().into_owned()));
    command.get_subcommands().for_each(|sub| name_variables(sub, known));
}
