//! The product as its users meet it: the real binary, in a folder of its own, from the command line and over HTTP.
//!
//! `cargo xtask build` makes the binary; tests that need it say so when it is not there.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use consentry_host::engine::{Engine, PLUGIN};
use serde_json::Value;
use tempfile::TempDir;

/// The published sample.
pub(crate) const SAMPLE: &str = include_str!("../vectors/check/permission-zero/published-sample/input.csv");
/// How long anything here may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The engine this build ships, loaded once per process and compiled once per checkout.
pub(crate) fn engine() -> Arc<Engine> {
    static ENGINE: LazyLock<Arc<Engine>> =
        LazyLock::new(|| Arc::new(Engine::load(PLUGIN, Some(&engine_cache())).unwrap()));
    ENGINE.clone()
}

fn engine_cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("engine")
}

/// The binary: as the caller says, or where cargo puts it beside the tests.
fn binary() -> PathBuf {
    let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("consentry"));
    let path = std::env::var_os("CONSENTRY_BIN").map(PathBuf::from).or_else(beside).unwrap();
    assert!(path.is_file(), "{} is not there: run `cargo xtask build`", path.display());
    path
}

/// Waits for something another process does. There is nothing to be told by, so this looks again and again.
pub(crate) fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < PATIENCE, "{what} did not happen within {} s", PATIENCE.as_secs());
        std::thread::yield_now();
    }
}

/// The binary in a working folder of its own.
pub(crate) struct Program {
    folder: TempDir,
}

/// A command that has ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    pub(crate) fn new() -> Program {
        Program { folder: TempDir::new().unwrap() }
    }

    /// A place in the working folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The data folder that commands use when they are not told of another.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("consentry-data")
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// A command about to run, free of what the surroundings say to the product.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CONSENTRY_"))
        {
            command.env_remove(name);
        }
        command.args(args).current_dir(self.folder.path()).env("CONSENTRY_CACHE", engine_cache());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).spawn().unwrap())
    }

    /// Runs a command to its end with this on its standard input.
    pub(crate) fn run_with_input(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // Whoever refuses early closes the pipe; what it says is looked at by the test.
        let _ = stdin.write_all(input);
        drop(stdin);
        Ran::of(child)
    }

    /// Runs a command that must succeed, and gives its document.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let ran = self.run(&[args, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
        ran.json()
    }

    /// Starts the server on a free port; it is killed when the value is dropped.
    pub(crate) fn serve(&self, args: &[&str]) -> Server {
        self.serve_saying(args, &[]).0
    }

    /// The same, with these variables set.
    pub(crate) fn serve_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Server {
        self.serve_saying(args, variables).0
    }

    /// Starts the server, and gives what it said before it listened.
    pub(crate) fn serve_saying(&self, args: &[&str], variables: &[(&str, &str)]) -> (Server, String) {
        // Most tests are about something else than who may do it.
        let open: &[&str] = if args.contains(&"--sign-in") { &[] } else { &["--no-sign-in"] };
        let mut command = self.command(&[&["serve", "--port", "0"], open, args].concat());
        let mut child = command.envs(variables.iter().copied()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut server = Server { address: String::new(), child, log };
        let mut said = String::new();
        let mut line = String::new();
        while server.log.read_line(&mut line).unwrap() > 0 {
            if let Some(address) = line.trim().strip_prefix("listening on http://") {
                address.clone_into(&mut server.address);
                return (server, said);
            }
            said += &std::mem::take(&mut line);
        }
        panic!("the server did not start: {said}");
    }
}

impl Ran {
    pub(crate) fn of(child: Child) -> Ran {
        let output = child.wait_with_output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output as the one JSON document it must be.
    pub(crate) fn json(&self) -> Value {
        let document = self.stdout.strip_suffix('\n').expect("a document ends its line");
        assert!(!document.contains('\n'), "more than one line: {document}");
        serde_json::from_str(document).unwrap_or_else(|error| panic!("{error}: {document}\n{}", self.stderr))
    }

    /// Asserts a refusal that names all of these, and nothing on standard output.
    pub(crate) fn assert_refused(&self, says: &[&str]) {
        assert_eq!((self.code, self.stdout.as_str()), (2, ""), "{}", self.stderr);
        for text in says {
            assert!(self.stderr.contains(text), "`{text}` is not in: {}", self.stderr);
        }
    }
}

/// A running server.
pub(crate) struct Server {
    address: String,
    child: Child,
    /// Kept open, so that the server can always write to it.
    log: BufReader<ChildStderr>,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Server {
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has ended by itself; its exit code, if a signal did not end it.
    pub(crate) fn end(&mut self) -> Option<i32> {
        let mut code = None;
        wait_until("the server ended", || {
            code = self.child.try_wait().unwrap();
            code.is_some()
        });
        code.unwrap().code()
    }

    /// What the kernel says of its memory; 0 where it does not tell.
    pub(crate) fn memory_bytes(&self, field: &str) -> u64 {
        crate::memory::bytes_of(&self.child.id().to_string(), field).unwrap_or(0)
    }

    /// Has the kernel forget the most that it had so far.
    pub(crate) fn forget_peak(&self) {
        // Where that cannot be, there is nothing that was counted.
        let _ = std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5");
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &[], b"")
    }

    pub(crate) fn post(&self, target: &str, body: &[u8]) -> Answer {
        self.ask("POST", target, &[], body)
    }

    /// One request on a connection of its own. `headers` come instead of those of the same name.
    pub(crate) fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = self.connect();
        let length = body.len().to_string();
        let usual = [("host", self.address.as_str()), ("connection", "close"), ("content-length", &length)];
        let mut head = format!("{method} {target} HTTP/1.1\r\n");
        for (name, value) in usual.iter().filter(|(name, _)| !headers.iter().any(|(own, _)| own == name)) {
            head += &format!("{name}: {value}\r\n");
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        // A server may answer before it has read everything, and close.
        let _ = stream.write_all(body);
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes);
        Answer::parse(&bytes).unwrap_or_else(|| panic!("{method} {target}: no answer, {read:?}"))
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Posts a file for import and follows its events to the end.
    pub(crate) fn import(&self, query: &str, file: &[u8]) -> Value {
        let accepted = self.post(&format!("/api/v1/imports?{query}"), file);
        assert_eq!(accepted.status, 202, "{}", accepted.text());
        self.end_of(accepted.json()["import"].as_str().unwrap())
    }

    /// The final document of an import.
    pub(crate) fn end_of(&self, import: &str) -> Value {
        self.get(&format!("/api/v1/imports/{import}/events")).events().pop().unwrap().1
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    /// Reads an answer as it came; none when it was broken off.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Answer> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| {
            line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let mut answer =
            Answer { status, headers: lines.filter_map(header).collect(), body: bytes[end + 4..].into() };
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = unchunked(&answer.body)?;
        }
        Some(answer)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Server-sent events: name and data.
    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        assert_eq!(self.header("content-type"), Some("text/event-stream"), "{}", self.text());
        let event = |block: &str| {
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            Some((field("event:")?.to_owned(), serde_json::from_str(field("data:")?).ok()?))
        };
        self.text().split("\n\n").filter_map(event).collect()
    }

    /// Asserts that this is a problem document with this status and code, whose detail contains the text.
    pub(crate) fn assert_problem(&self, status: u16, code: &str, detail: &str) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.text());
        let problem = self.json();
        assert_eq!((self.status, &problem["code"]), (status, &Value::from(code)), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
        for key in ["type", "title"] {
            assert!(problem[key].is_string(), "{problem}");
        }
    }
}

/// The content of a chunked body; none when it was broken off.
fn unchunked(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let end = body.windows(2).position(|window| window == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).ok()?, 16).ok()?;
        let chunk = body.get(end + 2..end + 2 + length)?;
        if length == 0 {
            return Some(content);
        }
        content.extend_from_slice(chunk);
        body = body.get(end + 2 + length + 2..)?;
    }
}

/// A text as it may stand in a query.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            _ => out += &format!("%{byte:02X}"),
        }
        out
    })
}
