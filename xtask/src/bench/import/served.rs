//! `consentry serve` and those who ask it: as little HTTP as it takes, so that what is measured is the server.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::contest::value;
use crate::run::{Outcome, Trouble, not_started};
use crate::tree;

/// The line that tells where the server listens.
const LISTENING: &str = "listening on http://";
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server, killed when this value goes.
pub(super) struct Server {
    child: Child,
    pub(super) address: String,
    /// When its process was started.
    pub(super) started: Instant,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub(super) fn start(data: &Path) -> Outcome<Server> {
        let mut command = Command::new(tree::binary());
        command
            .args(["serve", "--no-sign-in", "--port", "0", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().map_err(|error| not_started(&command, &error))?;
        let words = child.stderr.take();
        let mut server = Server { child, address: String::new(), started };
        let mut lines =
            words.into_iter().flat_map(|words| BufReader::new(words).lines()).map_while(Result::ok);
        let mut said = String::new();
        for line in lines.by_ref() {
            said = line;
            if let Some(address) = said.strip_prefix(LISTENING) {
                address.clone_into(&mut server.address);
                break;
            }
        }
        // What it says later is read, too, or it would wait for that at some point.
        thread::spawn(move || lines.for_each(drop));
        if server.address.is_empty() {
            let cure = "run `consentry serve` by itself and read all it says.";
            return Err(Trouble::new(format!("`consentry serve` did not start: {said}"), cure));
        }
        Ok(server)
    }

    /// Ends it as a power cut would.
    pub(super) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Somebody who asks it.
    pub(super) fn client(&self) -> Outcome<Client> {
        Client::of(&self.address).map_err(|error| broken(&error))
    }

    /// Sends a file and gives the path of its import, which has only begun by then.
    pub(super) fn begin_import(&self, file: &Path) -> Outcome<String> {
        let mut client = self.client()?;
        let (status, document) =
            client.send_file("/api/v1/imports?name=bench.csv", file).map_err(|error| broken(&error))?;
        let import = value(&document, "import").filter(|_| status == 202).ok_or_else(|| {
            let cure = "this is a bug of the server or of xtask/src/bench/import/served.rs.";
            Trouble::new(format!("the server did not take a file: {status} {document}"), cure)
        })?;
        Ok(format!("/api/v1/imports/{import}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// How far an import is.
pub(super) struct Stand {
    /// Rows that are kept; none before the first.
    pub(super) rows_done: u64,
    pub(super) ended: bool,
    pub(super) document: String,
}

/// One connection, kept open.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Client {
    pub(super) fn of(address: &str) -> io::Result<Client> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Client { stream: BufReader::new(stream), host: address.to_owned() })
    }

    /// Status and text of an answer.
    pub(super) fn get(&mut self, path: &str) -> io::Result<(u16, String)> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.host);
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.answer()
    }

    pub(super) fn stand(&mut self, import: &str) -> Outcome<Stand> {
        let (_, document) = self.get(import).map_err(|error| broken(&error))?;
        let applying = value(&document, "phase") == Some("applying");
        let rows_done = value(&document, "rows_done").filter(|_| applying);
        let rows_done = rows_done.and_then(|rows| rows.parse().ok()).unwrap_or(0);
        let ended = value(&document, "finished_at").is_some();
        Ok(Stand { rows_done, ended, document })
    }

    fn send_file(&mut self, path: &str, file: &Path) -> io::Result<(u16, String)> {
        let mut file = File::open(file)?;
        let (host, bytes) = (&self.host, file.metadata()?.len());
        let head = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {bytes}\r\n\r\n");
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes())?;
        io::copy(&mut file, stream)?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<(u16, String)> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut bytes = 0;
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let Some((name, value)) = line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                bytes = value.trim().parse().map_err(|_| io::ErrorKind::InvalidData)?;
            }
        }
        let mut body = vec![0; bytes];
        self.stream.read_exact(&mut body)?;
        Ok((status.ok_or(io::ErrorKind::InvalidData)?, String::from_utf8_lossy(&body).into_owned()))
    }
}

/// Looks how far an import is until `enough`, and gives the last look.
pub(super) fn watch(server: &Server, import: &str, mut enough: impl FnMut(&Stand) -> bool) -> Outcome<Stand> {
    /// Seldom enough to disturb nobody.
    const PAUSE: Duration = Duration::from_millis(50);
    let mut client = server.client()?;
    loop {
        let stand = client.stand(import)?;
        if stand.ended || enough(&stand) {
            return Ok(stand);
        }
        thread::sleep(PAUSE);
    }
}

pub(super) fn broken(error: &io::Error) -> Trouble {
    Trouble::new(
        format!("the server does not answer: {error}"),
        "run `consentry serve` by itself and read all it says.",
    )
}
