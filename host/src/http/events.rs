//! What was heard, over HTTP: page by page, live, and what became of a message.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use consentry_core::matching::E164;
use consentry_core::time::UnixMs;
use futures_util::stream::{self, Stream};

use crate::inbox::MOVED_AWAY;
use crate::store::TenantId;
use crate::store::inbox::{Filter, KeptEvent};
use crate::wire::inbox::v1::{DeliveryDocument, EdgeDocument, EventEntry, EventsDocument, HearingDocument};

use super::App;
use super::people::{Asked, params};
use super::problem::{Problem, blocking};

const T: TenantId = TenantId::DEFAULT;
/// Events of a page where nobody says how many.
const PAGE: usize = 50;
const PAGE_MAX: usize = 500;
/// Events told at once to whoever watches.
const LIVE_TOGETHER: usize = 500;
/// Another host may have taken something in.
const LOOKED_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// Longest id that is asked for, in bytes.
const ID_BYTES_MAX: usize = 1024;

const FILTERS: [&str; 4] = ["kind", "number", "user_id", "message_id"];

pub(super) async fn list(State(app): State<App>, asked: Asked) -> Result<Json<EventsDocument>, Problem> {
    let params = params(asked, &[&FILTERS[..], &["before", "limit"]].concat())?;
    let limit = whole(&params, "limit")?.map_or(PAGE, |limit| usize::try_from(limit).unwrap_or(PAGE_MAX));
    if limit == 0 || limit > PAGE_MAX {
        return Err(invalid(format!("`limit` is from 1 to {PAGE_MAX}")));
    }
    let before = whole(&params, "before")?;
    let answer = blocking(move || {
        let filter = Filter { before, ..filter(&app, &params)? };
        let mut kept = app.intake.inbox.history(T, &filter, limit + 1)?;
        let more = kept.len() > limit;
        kept.truncate(limit);
        let next = kept.last().filter(|_| more).map(|last| last.seq);
        Ok(EventsDocument {
            events: kept.iter().filter(|kept| is_told(kept)).map(EventEntry::of).collect(),
            next,
        })
    });
    Ok(Json(answer.await?))
}

/// Everything after a place, and then whatever comes, until nobody listens.
pub(super) async fn live(
    State(app): State<App>,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let params = params(asked, &[&FILTERS[..], &["after"]].concat())?;
    // A page that comes back says what it has seen.
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let after = match (seen, whole(&params, "after")?) {
        (Some(seen), _) => Some(seen),
        (None, after) => after,
    };
    let (of, told) = (app.clone(), app.intake.watch());
    let (filter, after) = blocking(move || {
        let newest = || {
            Ok::<_, Problem>(
                of.intake.inbox.history(T, &Filter::default(), 1)?.first().map_or(0, |event| event.seq),
            )
        };
        let after = after.map_or_else(newest, Ok)?;
        Ok((filter(&of, &params)?, after))
    })
    .await?;
    let watching = Watching { app, filter, after, told, waiting: Vec::new() };
    let events = stream::unfold(watching, |mut watching| async {
        let kept = watching.next().await?;
        let event = Event::default().id(kept.seq.to_string()).event("event");
        let event =
            event.json_data(EventEntry::of(&kept)).unwrap_or_else(|_| Event::default().event("fault"));
        Some((Ok(event), watching))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

struct Watching {
    app: App,
    filter: Filter,
    after: u64,
    told: tokio::sync::watch::Receiver<u64>,
    /// What was found, the next one last.
    waiting: Vec<KeptEvent>,
}

impl Watching {
    async fn next(&mut self) -> Option<KeptEvent> {
        loop {
            while let Some(next) = self.waiting.pop() {
                self.after = next.seq;
                if is_told(&next) {
                    return Some(next);
                }
            }
            // Whatever comes while it looks wakes it again.
            self.told.borrow_and_update();
            let (inbox, filter) =
                (self.app.intake.inbox.clone(), Filter { after: Some(self.after), ..self.filter.clone() });
            let found = blocking(move || Ok(inbox.history(T, &filter, LIVE_TOGETHER)?)).await;
            // The reader comes back, and says what it has seen.
            self.waiting = found.ok()?;
            self.waiting.reverse();
            if self.waiting.is_empty() {
                match tokio::time::timeout(LOOKED_AGAIN_AFTER, self.told.changed()).await {
                    Ok(Ok(())) | Err(_) => {}
                    Ok(Err(_)) => return None,
                }
            }
        }
    }
}

pub(super) async fn status(State(app): State<App>, asked: Asked) -> Result<Json<HearingDocument>, Problem> {
    params(asked, &[])?;
    let answer = blocking(move || Ok(HearingDocument::of(&app.intake.inbox.counts(T)?, edge(&app))));
    Ok(Json(answer.await?))
}

/// How it goes with the edge worker, where there is one.
pub(super) fn edge(app: &App) -> Option<EdgeDocument> {
    let state = app.hearing.edge();
    let trouble = state.trouble().map(str::to_owned);
    state.url.map(|url| EdgeDocument {
        url,
        connected: trouble.is_none() && state.pulled_at_ms.is_some(),
        drained: state.drained,
        last_pulled_at: state.pulled_at_ms.map(|at| UnixMs(at).to_string()),
        trouble,
    })
}

pub(super) async fn delivery(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<DeliveryDocument>, Problem> {
    let Path(id) = id.map_err(|error| Problem::bad_request("path-invalid", error.body_text()))?;
    if id.len() > ID_BYTES_MAX {
        return Err(Problem::not_found("no message has an id of that length"));
    }
    let answer = blocking(move || {
        let delivery = app.intake.inbox.delivery(T, &id)?;
        let none = || Problem::not_found("nothing was told of a message with this id");
        Ok(DeliveryDocument::of(&id, &delivery.ok_or_else(none)?))
    });
    Ok(Json(answer.await?))
}

/// Whether it is an event of its own, and not the trail of another.
fn is_told(kept: &KeptEvent) -> bool {
    kept.kind != MOVED_AWAY
}

fn filter(app: &App, params: &HashMap<String, String>) -> Result<Filter, Problem> {
    let text = |name: &str| params.get(name).map(String::as_str).filter(|text| !text.is_empty());
    if FILTERS.iter().any(|name| text(name).is_some_and(|text| text.len() > ID_BYTES_MAX)) {
        return Err(invalid(format!("no filter is longer than {ID_BYTES_MAX} bytes")));
    }
    let number = match text("number") {
        None => None,
        Some(cell) => {
            let none = || invalid("`number` is no number with its country code, like `+905301112233`");
            let number = app.importer.engine.number(cell)?.digits.and_then(E164::from_digits);
            Some(number.ok_or_else(none)?.identity().digits())
        }
    };
    Ok(Filter {
        kinds: text("kind").into_iter().flat_map(|kinds| kinds.split(',')).map(str::to_owned).collect(),
        number,
        user: text("user_id").map(str::to_owned),
        message_id: text("message_id").map(str::to_owned),
        ..Filter::default()
    })
}

fn whole(params: &HashMap<String, String>, name: &str) -> Result<Option<u64>, Problem> {
    let Some(text) = params.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    // Places are kept as signed integers.
    let whole = text.parse::<u64>().ok().filter(|whole| i64::try_from(*whole).is_ok());
    whole.map(Some).ok_or_else(|| invalid(format!("`{name}` is a whole number")))
}

fn invalid(text: impl Into<String>) -> Problem {
    Problem::bad_request("query-invalid", text)
}
