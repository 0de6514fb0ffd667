//! Files to Meta and from there, against the stand-in over real connections that break: nothing is sent twice that arrived,
//! what is fetched is what was described, and the token goes nowhere else. And what Meta says of an app holds for all of it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use consentry_host::gateway::meta::media::File;
use consentry_host::gateway::{Action, Credentials, Gateway, Graph, Settings, Target, Trouble};
use consentry_host::sandbox::example::{APP_ID, APP_SECRET, NUMBER_ID, SECOND_NUMBER_ID, TOKEN, WABA_ID};
use consentry_host::secret::Secret;
use serde_json::{Value, json};

use crate::connecting::Meta;
use crate::far_end::{FarEnd, Reply};

const SETTINGS: Settings = Settings {
    connect_wait: Duration::from_secs(5),
    answer_wait: Duration::from_secs(20),
    upload_wait: Duration::from_secs(20),
    answer_bytes_max: 1 << 20,
    read_retries: 2,
    retry_pause: Duration::from_millis(1),
};
/// More than any buffer on the way holds.
const BYTES: usize = 4 << 20;

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn credentials() -> Credentials {
    Credentials { token: Secret::new(TOKEN), app_secret: Some(Secret::new(APP_SECRET)) }
}

fn graph_at(gateway: &Arc<Gateway>, url: &str) -> Graph {
    gateway.graph(&Target::new(url, "v26.0").unwrap(), credentials())
}

fn graph(meta: &Meta) -> Graph {
    graph_at(&Gateway::new(SETTINGS), meta.url())
}

/// A picture, as far as anybody looks.
fn picture() -> File {
    let bytes: Vec<u8> = (0..BYTES).map(|at| (at * 31 % 251) as u8).collect();
    File { name: "summer.png".into(), kind: "image/png".into(), bytes: bytes.into() }
}

/// Uploads the picture while things go wrong; the handle, and how many calls it took.
fn upload(faults: &[Value]) -> (Result<String, Trouble>, u64, Meta) {
    let meta = Meta::new("");
    faults.iter().for_each(|fault| meta.fault(fault));
    let handle = wait(graph(&meta).upload_sample(APP_ID, &picture()));
    let state = meta.ask("GET", "/_sandbox/state", &Value::Null);
    assert_eq!(state["faults"], json!([]), "everything went wrong that was to");
    (handle, calls(&meta), meta)
}

/// How often the stand-in was asked for anything of Meta's.
fn calls(meta: &Meta) -> u64 {
    meta.ask("GET", "/_sandbox/state", &Value::Null)["calls"]["all"].as_u64().unwrap()
}

#[test]
fn an_upload_that_breaks_off_goes_on_where_it_broke_off() {
    let part = |bytes: usize| json!({"route": "POST upload", "body_bytes": bytes});
    // Begun, sent, asked how far it came, sent: for each break two calls more.
    for (faults, calls) in [
        (vec![], 2),
        (vec![part(1_000_000)], 4),
        (vec![part(0)], 4),
        (vec![part(1_000_000), part(1_000_000), part(2_194_303)], 8),
        // All of it arrived, and only the handle was lost.
        (vec![json!({"route": "POST upload", "cut": "after"})], 4),
        (vec![json!({"route": "POST upload", "cut": "before"})], 4),
        (
            vec![
                part(7),
                json!({"route": "GET upload", "cut": "after"}),
                json!({"route": "POST upload", "html": 502}),
            ],
            7,
        ),
        // Even the question goes unanswered for a while.
        (vec![part(7), json!({"route": "GET upload", "cut": "after", "times": 3})], 7),
        (vec![json!({"route": "POST uploads", "cut": "after"})], 3),
    ] {
        let (handle, seen, _) = upload(&faults);
        // A byte too many or in another place is refused, so a handle means that it is the file.
        let handle = handle.unwrap_or_else(|trouble| panic!("{faults:?}: {trouble}"));
        assert!(handle.starts_with("4::") && seen == calls, "{faults:?}: {seen} calls");
    }
}

#[test]
fn an_upload_that_never_arrives_is_given_up() {
    let (lost, calls, _) = upload(&[json!({"route": "POST upload", "body_bytes": 10, "times": 7})]);
    assert!(matches!(lost, Err(Trouble::Unknown(..))), "{lost:?}");
    assert_eq!(calls, 1 + 7 + 6);
    // What Meta refuses is not tried again.
    let (refused, calls, _) = upload(&[json!({"route": "POST upload", "code": 190})]);
    assert_eq!((refused.unwrap_err().action(), calls), (Action::StopToken, 2));
    // A place beyond the end is none.
    let server = FarEnd::new(|request, _| match request.method.as_str() {
        "POST" if request.path.ends_with("uploads") => Reply::Json(200, json!({"id": "upload:1"})),
        "POST" => Reply::Nothing,
        _ => Reply::Json(200, json!({"file_offset": BYTES + 1})),
    });
    let lost = wait(graph_at(&Gateway::new(SETTINGS), &server.url()).upload_sample("1", &picture()));
    assert!(matches!(lost, Err(Trouble::Unknown(..))), "{lost:?}");
    let asked = &server.seen()[2];
    assert_eq!(
        (asked.method.as_str(), asked.header("authorization")),
        ("GET", Some(&*format!("OAuth {TOKEN}")))
    );
}

#[test]
fn media_are_fetched_and_deleted() {
    let meta = Meta::new("");
    let (graph, file) = (graph(&meta), picture());
    wait(async {
        let id = graph.upload_media(NUMBER_ID, &file).await.unwrap();
        // Larger than any other answer may be.
        let (media, bytes) = graph.fetch_media(&id).await.unwrap();
        assert_eq!((media.kind.as_str(), media.bytes), ("image/png", BYTES));
        assert!(bytes == file.bytes);
        // The connection breaks off in the middle of asking, and it is asked again.
        meta.fault(&json!({"route": "GET node", "cut": "after"}));
        graph.fetch_media(&id).await.unwrap();
        graph.delete_media(&id).await.unwrap();
        let gone = graph.fetch_media(&id).await.unwrap_err();
        assert_eq!((gone.action(), gone.said().unwrap().subcode), (Action::Fix, Some(33)));
        assert!(matches!(graph.delete_media(&id).await, Err(Trouble::Refused(_))));
    });
}

#[test]
fn an_address_that_has_ended_is_asked_for_anew_and_once() {
    let meta = Meta::new("");
    let graph = graph(&meta);
    let id = wait(graph.upload_media(NUMBER_ID, &picture())).unwrap();
    // The answer with the address takes longer than the address lasts.
    meta.fault(&json!({"route": "GET node", "slow_ms": 301_000}));
    let fetched = std::thread::scope(|scope| {
        scope.spawn(|| {
            // In small steps until it is asked again: what is asked for then must not end before it is used.
            while calls(&meta) < 3 {
                meta.advance(10_000);
            }
        });
        wait(graph.fetch_media(&id))
    });
    assert_eq!((fetched.unwrap().1.len(), calls(&meta)), (BYTES, 3));
    let server = FarEnd::new(|request, _| match request.path.as_str() {
        "/7" => {
            let url = format!("http://{}/v26.0/file", request.header("host").unwrap());
            Reply::Json(
                200,
                json!({"url": url, "mime_type": "image/png", "sha256": "0".repeat(64), "file_size": 3}),
            )
        }
        _ => Reply::Json(404, json!({})),
    });
    let gone = wait(graph_at(&Gateway::new(SETTINGS), &server.url()).fetch_media("7")).unwrap_err();
    assert_eq!((gone.said().unwrap().status, server.seen().len()), (404, 4));
}

#[test]
fn what_is_fetched_is_what_was_described_from_meta_itself() {
    let elsewhere = FarEnd::always(200, &json!("abc"));
    let location: &'static str = Box::leak(format!("location: {}\r\n", elsewhere.url()).into_boxed_str());
    // SHA-256 of `abc`, by another program.
    let right = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let base64 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
    let fetch = |url: Option<String>, sha256: &str, size: usize, reply: fn() -> Reply| {
        let (sha256, redirected) = (sha256.to_owned(), reply);
        let server = FarEnd::new(move |request, _| match request.path.as_str() {
            "/7" => {
                let own = format!("http://{}/v26.0/file", request.header("host").unwrap());
                let url = url.clone().unwrap_or(own);
                let body =
                    json!({"url": url, "mime_type": "text/plain", "sha256": sha256, "file_size": size});
                Reply::Json(200, body)
            }
            _ => redirected(),
        });
        let fetched = wait(graph_at(&Gateway::new(SETTINGS), &server.url()).fetch_media("7"));
        (fetched.map(|(_, bytes)| bytes), server.seen())
    };
    let abc: fn() -> Reply = || Reply::Text(200, "", "text/plain", "abc".into());
    for sha256 in [right, &right.to_uppercase(), base64] {
        let (fetched, seen) = fetch(None, sha256, 3, abc);
        assert_eq!(&fetched.unwrap()[..], b"abc");
        assert_eq!(seen[1].header("authorization"), Some(&*format!("Bearer {TOKEN}")));
        assert_eq!(seen[1].value("appsecret_proof"), None, "the address stays as it is");
    }
    let unknown = |sha256: &str, size: usize, reply: fn() -> Reply| {
        let (fetched, _) = fetch(None, sha256, size, reply);
        assert!(matches!(fetched, Err(Trouble::Unknown(..))), "{sha256} {size}: {fetched:?}");
    };
    unknown(&right.replace('a', "b"), 3, abc);
    unknown(right, 4, abc);
    unknown(right, 2, abc);
    unknown("", 3, abc);
    unknown("nonsense", 3, abc);
    unknown(right, 3, || Reply::Half("ab".into()));
    let (large, seen) = fetch(None, right, (100 << 20) + 1, abc);
    assert!(matches!(large, Err(Trouble::NotSent(_))) && seen.len() == 1, "{large:?}");
    for url in [elsewhere.url(), "https://evil.example/file".into(), "file:///etc/passwd".into()] {
        let (fetched, seen) = fetch(Some(url.clone()), right, 3, abc);
        assert!(matches!(&fetched, Err(Trouble::NotSent(why)) if why.contains("none")), "{url}: {fetched:?}");
        assert_eq!(seen.len(), 1);
    }
    let server = FarEnd::new(move |request, _| match request.path.as_str() {
        "/7" => {
            let url = format!("http://{}/v26.0/file", request.header("host").unwrap());
            Reply::Json(200, json!({"url": url, "mime_type": "text/plain", "sha256": right, "file_size": 3}))
        }
        _ => Reply::Text(302, location, "text/plain", String::new()),
    });
    let redirected = wait(graph_at(&Gateway::new(SETTINGS), &server.url()).fetch_media("7"));
    assert!(matches!(redirected, Err(Trouble::Refused(_))), "{redirected:?}");
    assert!(elsewhere.seen().is_empty(), "the token went elsewhere");
}

#[test]
fn too_much_for_an_app_is_too_much_for_all_its_accounts() {
    let meta = Meta::new("[[waba]]\nid = \"77\"\nname = \"Second Shop\"\n");
    let gateway = Gateway::new(SETTINGS);
    let of_app = |id: Option<&str>| graph_at(&gateway, meta.url()).of_app(id);
    wait(async {
        let (own, others) = (of_app(Some(APP_ID)), of_app(Some("99")));
        assert_eq!(own.waba("77").await.unwrap().name, "Second Shop");
        // The account alone.
        meta.fault(&json!({"route": "GET phone_numbers", "code": 80007}));
        assert_eq!(own.phone_numbers(WABA_ID).await.unwrap_err().action(), Action::Wait);
        assert!(
            matches!(own.phone_numbers(WABA_ID).await, Err(Trouble::NotSent(why)) if why.contains("account's"))
        );
        own.phone_numbers("77").await.unwrap();
        // The app.
        meta.fault(&json!({"route": "GET phone_numbers", "code": 4}));
        let refused = own.phone_numbers("77").await.unwrap_err();
        assert!(refused.said().unwrap().cure().contains("none of its accounts"), "{refused}");
        let before = calls(&meta);
        let held_back = |outcome: Result<(), Trouble>| {
            assert!(
                matches!(&outcome, Err(Trouble::NotSent(why)) if why.contains("this app's")),
                "{outcome:?}"
            );
        };
        held_back(own.waba("77").await.map(drop));
        held_back(own.upload_media(SECOND_NUMBER_ID, &picture()).await.map(drop));
        held_back(of_app(Some(APP_ID)).fetch_media("1").await.map(drop));
        assert_eq!(calls(&meta), before, "nothing was asked");
        others.waba("77").await.unwrap();
        of_app(None).waba("77").await.unwrap();
    });

    // Meta's own counts: of the app in one header, of the account in the other.
    let told = |header: &'static str| {
        let server =
            FarEnd::new(move |_, _| Reply::Text(200, header, "application/json", "{\"data\":[]}".into()));
        let gateway = Gateway::new(SETTINGS);
        let graph = graph_at(&gateway, &server.url()).of_app(Some("1"));
        wait(async {
            graph.subscribed_apps("5").await.unwrap();
            let again = [graph.subscribed_apps("5").await.is_ok(), graph.subscribed_apps("6").await.is_ok()];
            assert!(graph_at(&gateway, &server.url()).of_app(Some("2")).subscribed_apps("7").await.is_ok());
            again
        })
    };
    assert_eq!(
        told("x-app-usage: {\"call_count\":100,\"total_time\":3,\"total_cputime\":1}\r\n"),
        [false, false]
    );
    assert_eq!(
        told("x-app-usage: {\"call_count\":99,\"total_time\":3,\"total_cputime\":1}\r\n"),
        [true, true]
    );
    let account =
        "x-business-use-case-usage: {\"5\":[{\"call_count\":100,\"estimated_time_to_regain_access\":0}]}\r\n";
    assert_eq!(told(account), [false, true]);
}
