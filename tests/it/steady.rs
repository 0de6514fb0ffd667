//! A server is no larger for having had ten times the people: what it took for a file is given back, and whoever plans and
//! sends works page by page. The real process is looked at, as the kernel counts it.

use serde_json::json;

use crate::connecting::{Meta, connect, send};
use crate::memory::MIB;
use crate::openapi_campaigns::campaign;
use crate::program::{Program, Server, wait_until};

/// What planning and sending may take more for ten times the people.
const MORE_FOR_A_CAMPAIGN: u64 = 16 * MIB;
/// What may be left of an import of ten times the people: pages of the database that are filled up to their limit.
const MORE_FOR_A_FILE: u64 = 24 * MIB;
/// Messages after which sending has shown what it takes: pages of what waits are read, lines and connections stand. More than 80 the
/// stand-in takes only as its clock goes on.
const SENT: u64 = 50;

#[test]
fn ten_times_the_people_take_no_more_memory() {
    let [few, many] = [50_000, 500_000].map(taken);
    let told = format!("few: {few:?}, many: {many:?}");
    // Where the kernel does not tell there is nothing to compare.
    if many.idle == 0 {
        return;
    }
    assert!(many.after_import <= few.after_import + MORE_FOR_A_FILE, "{told}");
    assert!(many.of_campaign <= few.of_campaign + MORE_FOR_A_CAMPAIGN, "{told}");
}

/// Bytes that a server has.
#[derive(Debug)]
struct Taken {
    idle: u64,
    after_import: u64,
    /// What it took more at most while it planned and sent.
    of_campaign: u64,
}

fn taken(people: u32) -> Taken {
    let (program, meta) = (Program::new(), Meta::new(""));
    let server = program.serve(&["--graph-url", meta.url(), "--sync-every", "0"]);
    connect(&server);
    let idle = server.memory_bytes("VmRSS:");
    let mut file = "exid,wpNumber,permission\n".to_owned();
    (0..people).for_each(|at| file += &format!("e{at},+90532{:07},1\n", 1_000_000 + at));
    let import = server.import("name=people.csv", file.as_bytes());
    assert_eq!(import["counts"]["created"], people);
    let after_import = server.memory_bytes("VmRSS:");

    server.forget_peak();
    assert_eq!(send(&server, "POST", "/campaigns", &campaign("Many")).status, 201);
    assert_eq!(send(&server, "POST", "/campaigns/c1/preflight", &json!({})).status, 202);
    wait_until("a plan", || now(&server)["state"] == "frozen");
    assert_eq!(now(&server)["plan"]["sendable"], people);
    assert_eq!(send(&server, "POST", "/campaigns/c1/start", &json!({})).status, 200);
    wait_until("sending", || now(&server)["stand"]["accepted"].as_u64().is_some_and(|sent| sent >= SENT));
    let of_campaign = server.memory_bytes("VmHWM:").saturating_sub(after_import);
    Taken { idle, after_import, of_campaign }
}

fn now(server: &Server) -> serde_json::Value {
    server.get("/api/v1/campaigns/c1").json()
}
