//! `consentry.toml`: a default for every option of the command line.

use std::path::Path;

use clap::Command;
use toml::Table;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("`{path}` cannot be read: {cause}")]
    Unreadable {
        /// Its path.
        path: String,
        /// Why.
        cause: String,
    },
    /// A key is no option.
    #[error(
        "`{path}`: `{key}` is no option; options are named as on the command line, without the dashes in front"
    )]
    Unknown {
        /// Its path.
        path: String,
        /// The key.
        key: String,
    },
}

/// Options that somebody answers for each time anew.
const NEVER_STANDING: [&str; 3] = ["override-opt-outs", "reason", "undo"];

/// Options of a command that mean something else there than where they may stand: attributes with their values.
const NEVER_STANDING_OF: [(&str, &str); 1] = [("profile", "attribute")];

/// The keys of the file; none where it is not there.
pub fn keys(path: &Path) -> Result<Vec<String>, ConfigError> {
    Ok(read(path)?.unwrap_or_default().into_iter().map(|(key, _)| key).collect())
}

fn read(path: &Path) -> Result<Option<Table>, ConfigError> {
    let unreadable = |cause: String| ConfigError::Unreadable { path: path.display().to_string(), cause };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    text.parse().map(Some).map_err(|error: toml::de::Error| unreadable(error.to_string()))
}

/// Makes the file's values the defaults of all commands that have such an option. The command line and
/// `CONSENTRY_…` variables win. A file that is not there is no error.
pub fn apply(mut command: Command, path: &Path) -> Result<Command, ConfigError> {
    let Some(table) = read(path)? else { return Ok(command) };
    for (key, value) in table {
        let values = match value {
            toml::Value::String(text) => vec![text],
            toml::Value::Array(items) => items.iter().map(plain).collect(),
            other => vec![plain(&other)],
        };
        let (next, known) = default(command, &key, &values);
        if !known {
            return Err(ConfigError::Unknown { path: path.display().to_string(), key });
        }
        command = next;
    }
    Ok(command)
}

fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(truth) => truth.to_string(),
        // No option takes anything else, and each says so in its own words.
        other => other.type_str().to_owned(),
    }
}

fn default(mut command: Command, key: &str, values: &[String]) -> (Command, bool) {
    let mut known = false;
    if NEVER_STANDING.contains(&key) {
        return (command, false);
    }
    let ids: Vec<_> = command
        .get_arguments()
        .filter(|arg| arg.get_long() == Some(key))
        .map(|arg| arg.get_id().clone())
        .collect();
    for id in ids {
        known = true;
        let values = values.to_vec();
        command = command.mut_arg(id, move |arg| arg.default_values(values));
    }
    let subcommands: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in subcommands {
        if NEVER_STANDING_OF.contains(&(name.as_str(), key)) {
            continue;
        }
        let values = values.to_vec();
        let mut found = false;
        command = command.mut_subcommand(name, |sub| {
            let (sub, known) = default(sub, key, &values);
            found = known;
            sub
        });
        known |= found;
    }
    (command, known)
}
