//! What those rely on who keep the server running: probes, an end that finishes what is under way, metrics that name nobody, a
//! log without people in it, and settings that are judged before they count.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use consentry_host::http::metrics::METRICS;

use crate::program::{Program, Server, wait_until};

const DASHBOARD: &str = include_str!("../../docs/operations/grafana.json");

fn signal(server: &Server, name: &str) {
    let pid = server.pid().to_string();
    let status = Command::new("kill").args([name, &pid]).stdin(Stdio::null()).status().unwrap();
    assert!(status.success());
}

#[test]
fn probes_need_no_credential_and_any_host_name_and_say_nothing_else() {
    let program = Program::new();
    let server = program.serve(&["--sign-in"]);
    for (door, says) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        let answer = server.ask("GET", door, &[("host", "10.1.2.3")], b"");
        assert_eq!((answer.status, answer.text()), (200, says), "{door}");
    }
    assert_eq!(server.get("/api/v1/health").status, 401);
}

#[test]
fn a_request_under_way_is_finished_when_the_server_is_told_to_stop_and_streams_end() {
    let program = Program::new();
    let mut server = program.serve(&["--stop-within", "60"]);
    // Half an upload is under way; somebody listens to events.
    let file = b"wpNumber,permission\n+905301112233,1\n";
    let mut upload = server.connect();
    let head = format!(
        "POST /api/v1/imports?name=a.csv HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n",
        server.address(),
        file.len()
    );
    upload.write_all(head.as_bytes()).unwrap();
    upload.write_all(&file[..10]).unwrap();
    let mut events = server.connect();
    let head = format!("GET /api/v1/events/live HTTP/1.1\r\nhost: {}\r\n\r\n", server.address());
    events.write_all(head.as_bytes()).unwrap();
    assert!(events.read(&mut [0; 64]).unwrap() > 0);
    signal(&server, "-TERM");
    wait_until("nobody new is taken in", || std::net::TcpStream::connect(server.address()).is_err());
    upload.write_all(&file[10..]).unwrap();
    let mut answer = String::new();
    upload.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    let mut rest = Vec::new();
    events.read_to_end(&mut rest).unwrap();
    assert_eq!(server.end(), Some(0));
    // What was accepted is there, and is taken up by whoever starts next.
    let next = program.serve(&[]);
    assert_eq!(next.end_of("i1")["state"], "committed");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let program = Program::new();
    let mut server = program.serve(&["--stop-within", "3600"]);
    let mut upload = server.connect();
    let head =
        format!("POST /api/v1/imports HTTP/1.1\r\nhost: {}\r\ncontent-length: 99\r\n\r\na", server.address());
    upload.write_all(head.as_bytes()).unwrap();
    signal(&server, "-TERM");
    wait_until("nobody new is taken in", || std::net::TcpStream::connect(server.address()).is_err());
    signal(&server, "-INT");
    assert_eq!(server.end(), Some(1));
}

#[test]
fn metrics_are_nowhere_unless_asked_for_and_every_query_of_the_dashboards_names_one() {
    let program = Program::new();
    let (server, said) = program.serve_saying(&["--operations-listen", "127.0.0.1:0"], &[]);
    let at = said.trim().strip_prefix("metrics on http://").unwrap().strip_suffix("/metrics").unwrap();
    server.import("name=people.csv", b"wpNumber,permission\n+905301112233,1\n");
    assert_ne!(server.get("/metrics").text().lines().next(), Some("# HELP consentry_build_info"));
    let mut page = String::new();
    let mut stream = std::net::TcpStream::connect(at).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    stream.read_to_string(&mut page).unwrap();
    for line in [
        "consentry_imports_total{state=\"committed\"} 1",
        "consentry_import_rows_total{outcome=\"created\"} 1",
        "consentry_profiles 1",
        "consentry_http_requests_total{method=\"POST\",route=\"/api/v1/imports\",status=\"202\"} 1",
    ] {
        assert!(page.contains(line), "{line} is not in {page}");
    }
    assert!(!page.contains("905301112233"));
    let mut named = 0;
    for part in DASHBOARD.split("\"expr\": \"").skip(1) {
        let query = part.split("\",\n").next().unwrap();
        for word in query.split(|ch: char| !ch.is_ascii_alphanumeric() && ch != '_') {
            if word.starts_with("consentry_") || word.starts_with("process_") {
                let own = ["_bucket", "_sum", "_count"]
                    .iter()
                    .find_map(|end| word.strip_suffix(end))
                    .unwrap_or(word);
                assert!(METRICS.iter().any(|(name, _, _)| *name == own), "{word} in {query}");
                named += 1;
            }
        }
    }
    assert!(named >= 10, "{named}");
}

#[test]
fn settings_are_judged_and_say_where_they_come_from() {
    let program = Program::new();
    program.write("consentry.toml", "port = 9000\n");
    let ran = program.json(&["config", "check"]);
    let settings = ran["settings"].as_array().unwrap();
    let port = settings.iter().find(|setting| setting["name"] == "port").unwrap();
    assert_eq!((&port["value"], &port["from"]), (&"9000".into(), &"file".into()));
    program.write("consentry.toml", "prot = 9000\n");
    program.run(&["config", "check"]).assert_refused(&["`consentry.toml`", "`prot` is no option"]);
    program.write("consentry.toml", "port = \"many\"\n");
    program.run(&["config", "check"]).assert_refused(&["--port", "many"]);
    program.write("consentry.toml", "listen = \"0.0.0.0\"\n");
    program.run(&["config", "check"]).assert_refused(&["--public-url https://"]);
}
