//! A PostgreSQL for the tests: a server of this checkout's own, which nobody else reaches and which keeps nothing.
//!
//! It listens on a socket in a folder that only its user may enter, so that a server whose superuser needs no password is
//! no door for others on the machine, and so that no port has to be free. It must never be what a figure is measured on:
//! it writes as if disks never failed.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::{Outcome, Trouble, ask, file_trouble, run, step};
use crate::setup::install_debian;
use crate::tree;

/// Tells tests where the server is. Whoever sets it before has a server, and none is started.
pub(crate) const URL_VARIABLE: &str = "CONSENTRY_TEST_DATABASE_URL";
const DATABASE: &str = "consentry_test";
const SUPERUSER: &str = "postgres";
/// Who may run it when we are root, which it refuses to run as; the first that this machine knows.
const SERVANTS: [&str; 2] = ["postgres", "nobody"];
/// Where Debian keeps what it does not put on the PATH, a folder for each version.
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";
/// The name the server gives its socket, for the port it does not listen on.
const SOCKET: &str = ".s.PGSQL.5432";
/// Longer paths of sockets are cut off or refused; macOS has the lowest limit.
const SOCKET_PATH_BYTES_MAX: usize = 103;
/// What differs from a server's own idea: nothing is to outlive the tests, and many of them come at once.
const SETTINGS: [&str; 5] =
    ["fsync=off", "full_page_writes=off", "max_connections=200", "listen_addresses=''", "timezone=UTC"];

/// A server that answers. One that was started for this value ends with it.
pub(crate) struct Postgres {
    url: String,
    stopped_at_the_end: Option<Server>,
}

impl Postgres {
    /// What [`URL_VARIABLE`] is to be.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Leaves it running after this value is gone.
    pub(crate) fn leave_running(mut self) {
        self.stopped_at_the_end = None;
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(server) = &self.stopped_at_the_end
            && !server.stop()
        {
            println!("  PostgreSQL did not stop; its data and log are in {}", server.folder.display());
        }
    }
}

/// Where a server for the tests comes from.
pub(crate) enum Source {
    /// [`URL_VARIABLE`] names one already.
    Named(String),
    /// This checkout's own, by the folder of PostgreSQL's programs.
    Own(PathBuf),
}

impl Source {
    /// What this machine has, or why it has nothing, which is no failure. `install` says whether PostgreSQL may be
    /// installed.
    pub(crate) fn find(install: bool) -> Result<Source, String> {
        if let Ok(url) = std::env::var(URL_VARIABLE) {
            return Ok(Source::Named(url));
        }
        if cfg!(not(unix)) {
            return Err(format!("our own server needs Unix sockets; {URL_VARIABLE} may name another"));
        }
        programs(install).map(Source::Own)
    }

    /// A server that answers. Our own is started when it does not run.
    pub(crate) fn ready(self) -> Outcome<Postgres> {
        let programs = match self {
            Source::Named(url) => return Ok(Postgres { url, stopped_at_the_end: None }),
            Source::Own(programs) => programs,
        };
        let server = Server::find(programs)?;
        let url = url(&server.data());
        if server.runs() {
            println!("  PostgreSQL runs already and is left running; `cargo xtask postgres --stop` ends it");
            return Ok(Postgres { url, stopped_at_the_end: None });
        }
        step("PostgreSQL for the tests", "a few seconds", || server.start())?;
        Ok(Postgres { url, stopped_at_the_end: Some(server) })
    }
}

/// Ends the server of this checkout, if it runs.
pub(crate) fn stop() -> Outcome {
    let Ok(programs) = programs(false) else { return Ok(()) };
    let server = Server::find(programs)?;
    if !server.runs() || server.stop() {
        return Ok(());
    }
    Err(Trouble::new(
        "PostgreSQL did not stop",
        format!("read {}, and end it by the id in data/postmaster.pid beside it.", server.log().display()),
    ))
}

struct Server {
    /// `initdb`, `pg_ctl`, `createdb`.
    programs: PathBuf,
    /// The data, with the socket in it, and the log.
    folder: PathBuf,
    /// Who runs it, when that is not us.
    servant: Option<Servant>,
}

impl Server {
    /// The server of this checkout, running or not.
    fn find(programs: PathBuf) -> Outcome<Server> {
        let servant = if id(&["-u"]) == Some(0) { Some(Servant::find()?) } else { None };
        let folder = folder(servant.as_ref());
        Ok(Server { programs, folder, servant })
    }

    fn runs(&self) -> bool {
        self.data().is_dir() && ask(self.pg_ctl("status").args(["--silent"])).is_some()
    }

    /// Starts it with nothing in it: what an earlier run left behind could be of another version, or half of something.
    fn start(&self) -> Outcome {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).map_err(file_trouble(&self.folder))?;
        }
        make_private(&self.folder, self.servant.as_ref())?;
        let cure =
            format!("read what it says above; its log, if it came so far, is {}.", self.log().display());
        let mut initdb = self.program("initdb");
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--username", SUPERUSER]);
        run(initdb.arg("--pgdata").arg(self.data()).stdout(Stdio::null()), &cure)?;

        let settings: String = SETTINGS.iter().flat_map(|setting| ["-c ", setting, " "]).collect();
        let mut start = self.pg_ctl("start");
        start.args(["--silent", "--wait", "--log"]).arg(self.log());
        // The socket lies in the data, where the server runs: named from here, a path with spaces would be taken apart.
        start.args(["--options", &format!("{settings}-k .")]);
        // Nothing of ours may stay open in it, or whoever reads our output waits for its end.
        run(start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()), &cure)?;

        let mut createdb = self.program("createdb");
        createdb.args(["--username", SUPERUSER, "--host"]).arg(self.data()).arg(DATABASE);
        let created = run(&mut createdb, &cure);
        if created.is_err() {
            self.stop();
        }
        created
    }

    /// Ends it without waiting for those who are connected; false when it did not end.
    fn stop(&self) -> bool {
        ask(self.pg_ctl("stop").args(["--silent", "--wait", "--mode=fast"])).is_some()
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn pg_ctl(&self, verb: &str) -> Command {
        let mut command = self.program("pg_ctl");
        command.arg(verb).arg("--pgdata").arg(self.data());
        command
    }

    /// One of its programs, run by whoever runs the server and deaf to what somebody's shell says about other servers.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(&self.folder);
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("PG") {
                command.env_remove(variable);
            }
        }
        if let Some(servant) = &self.servant {
            servant.runs(&mut command);
        }
        command
    }
}

/// The user who runs the server when we are root.
struct Servant {
    user: u32,
    group: u32,
}

impl Servant {
    fn find() -> Outcome<Servant> {
        let known = |name: &&str| Some(Servant { user: id(&["-u", name])?, group: id(&["-g", name])? });
        SERVANTS.iter().find_map(known).ok_or_else(|| {
            Trouble::new(
                "PostgreSQL does not run as root, and this machine knows no user `postgres`",
                format!("run the tests as another user, or let {URL_VARIABLE} name a server."),
            )
        })
    }

    #[cfg(unix)]
    fn runs(&self, command: &mut Command) {
        use std::os::unix::process::CommandExt as _;
        command.uid(self.user).gid(self.group);
    }

    #[cfg(not(unix))]
    fn runs(&self, _command: &mut Command) {}

    /// Whether it may enter a folder, which takes every folder on the way.
    fn may_enter(&self, folder: &Path) -> bool {
        let mut command = Command::new("test");
        command.arg("-x").arg(folder);
        self.runs(&mut command);
        ask(&mut command).is_some()
    }
}

/// In the checkout; where the servant may not go there, or the socket's path would be too long, in the machine's
/// temporary folder.
fn folder(servant: Option<&Servant>) -> PathBuf {
    let near = tree::own().join("postgres");
    let short = near.join("data").join(SOCKET).as_os_str().len() <= SOCKET_PATH_BYTES_MAX;
    if short && servant.is_none_or(|servant| servant.may_enter(&tree::own())) {
        return near;
    }
    // Another checkout has another server.
    let mut checkout = DefaultHasher::new();
    tree::root().hash(&mut checkout);
    std::env::temp_dir().join(format!("consentry-postgres-{:016x}", checkout.finish()))
}

/// Makes a folder that is new and that nobody else may look into.
fn make_private(folder: &Path, servant: Option<&Servant>) -> Outcome {
    if let Some(above) = folder.parent() {
        fs::create_dir_all(above).map_err(file_trouble(above))?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(file_trouble(folder))?;
    #[cfg(unix)]
    if let Some(servant) = servant {
        std::os::unix::fs::chown(folder, Some(servant.user), Some(servant.group))
            .map_err(file_trouble(folder))?;
    }
    Ok(())
}

/// Where its programs are, or why they are nowhere.
fn programs(install: bool) -> Result<PathBuf, String> {
    let found = || on_path().or_else(newest_of_debian);
    if let Some(programs) = found() {
        return Ok(programs);
    }
    if !install {
        return Err("PostgreSQL is not installed, and `--quick` installs nothing".to_owned());
    }
    step("PostgreSQL, for the tests of its store", "about 1 minute", || install_debian(&["postgresql"]))
        .map_err(|trouble| trouble.cause().to_owned())?;
    found()
        .ok_or_else(|| "PostgreSQL was installed, but its programs are not where Debian has them".to_owned())
}

/// The folder that the PATH's `initdb` is really in: Debian and Homebrew put links there, and not of every program.
fn on_path() -> Option<PathBuf> {
    let initdb = fs::canonicalize(tree::on_path("initdb")?).ok()?;
    initdb.parent().map(Path::to_owned).filter(|folder| is_whole(folder))
}

fn newest_of_debian() -> Option<PathBuf> {
    newest(fs::read_dir(DEBIAN_VERSIONS).ok()?.filter_map(|entry| Some(entry.ok()?.path().join("bin"))))
}

/// Of folders like `15/bin`, the one with the highest version that has all the programs.
fn newest(folders: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let version = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    folders.filter(|folder| is_whole(folder)).max_by_key(version)
}

fn is_whole(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "createdb"].iter().all(|program| folder.join(program).is_file())
}

/// Where clients find the server whose socket is in this folder.
fn url(folder: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let host: String = folder
        .to_string_lossy()
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("postgresql://{SUPERUSER}@{host}/{DATABASE}")
}

/// A number that `id` tells.
fn id(args: &[&str]) -> Option<u32> {
    ask(Command::new("id").args(args))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn socket_folder_survives_in_a_url() {
        let url = url(Path::new("/ö x/a-b/data"));
        assert_eq!(url, "postgresql://postgres@%2F%C3%B6%20x%2Fa-b%2Fdata/consentry_test");
    }

    #[test]
    fn newest_version_counts_as_a_number_and_must_be_whole() {
        let root = std::env::temp_dir().join(format!("consentry-newest-{}", std::process::id()));
        let bin = |version: &str, programs: &[&str]| {
            let bin = root.join(version).join("bin");
            fs::create_dir_all(&bin).unwrap();
            for program in programs {
                fs::write(bin.join(program), "").unwrap();
            }
            bin
        };
        let all = ["initdb", "pg_ctl", "createdb"];
        let folders = [bin("9", &all), bin("15", &all), bin("16", &["psql"])];
        assert_eq!(newest(folders.clone().into_iter()), Some(folders[1].clone()));
        fs::remove_dir_all(&root).unwrap();
    }
}
