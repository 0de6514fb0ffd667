//! Campaigns planned over HTTP: on a thread of its own each, with how far it is for whoever watches, and why it failed for
//! whoever asks later. And a campaign as it goes, told live.

use std::collections::HashMap;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use consentry_core::time::UnixMs;
use futures_util::stream::{self, Stream};
use serde_json::json;
use tokio::sync::oneshot;

use crate::campaigns::record::State as Stands;
use crate::campaigns::{self, Campaigns, Kept, Progress, Tending};
use crate::desk::DeskError;
use crate::store::TenantId;
use crate::wire::campaign::v1::{CampaignDocument, ProgressDocument, WaitsDocument};

use super::App;
use super::accounts::path;
use super::body::Documented;
use super::campaigns::{Deed, Named, file_stem};
use super::doors::Asker;
use super::people::{Asked, flag, params};
use super::problem::{Problem, blocking};
use super::streamed::streamed;
use crate::log::log;

const T: TenantId = TenantId::DEFAULT;
/// How long an answer waits for a plan: most that cannot be made are known not to be by then.
const AWAITED: Duration = Duration::from_secs(2);
/// How often it is looked whether something changed.
const LOOKED_EVERY: Duration = Duration::from_millis(250);
/// How often how the messages stand is told at most.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// A time that is longer than any campaign takes, in milliseconds.
const YEAR_MS: f64 = 365.0 * 24.0 * 3600.0 * 1000.0;

/// Plans that are being made by this process, and why others could not be.
pub(super) struct Planning {
    of: Mutex<HashMap<String, Made>>,
    _tends: Sender<()>,
}

enum Made {
    Running(Progress),
    Failed(Problem),
}

impl Planning {
    /// Has campaigns looked after on a thread of its own, for as long as this is there.
    pub(super) fn start(room: &Arc<Campaigns>) -> Arc<Planning> {
        let (tends, ends) = channel();
        let room = room.clone();
        std::thread::spawn(move || Tending::default().run(&room, T, &ends, log));
        Arc::new(Planning { of: Mutex::default(), _tends: tends })
    }

    /// Forgets why a plan could not be made.
    pub(super) fn forget(&self, id: &str) {
        let mut of = self.of();
        if matches!(of.get(id), Some(Made::Failed(_))) {
            of.remove(id);
        }
    }

    fn of(&self) -> MutexGuard<'_, HashMap<String, Made>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn progress(&self, id: &str) -> Option<Progress> {
        match self.of().get(id) {
            Some(Made::Running(progress)) => Some(*progress),
            _ => None,
        }
    }

    fn failed(&self, id: &str) -> Option<Problem> {
        match self.of().get(id) {
            Some(Made::Failed(problem)) => Some(problem.clone()),
            _ => None,
        }
    }

    /// Has something done that makes a plan first. The channel tells when it has ended.
    fn begin(
        self: &Arc<Self>,
        id: &str,
        work: impl FnOnce(&(dyn Fn(Progress) + Sync)) -> Result<Kept, DeskError> + Send + 'static,
    ) -> Result<oneshot::Receiver<()>, Problem> {
        let mut of = self.of();
        if matches!(of.get(id), Some(Made::Running(_))) {
            let text = format!("the plan of `{id}` is being made: watch how far it is in its events");
            return Err(Problem::conflict_of("not-now", text));
        }
        of.insert(id.to_owned(), Made::Running(Progress::default()));
        drop(of);
        let (ended, waits) = oneshot::channel();
        let (planning, id) = (self.clone(), id.to_owned());
        std::thread::spawn(move || {
            let told = |progress| {
                planning.of().insert(id.clone(), Made::Running(progress));
            };
            // Our fault must cost this plan alone.
            let problem = match catch_unwind(AssertUnwindSafe(|| work(&told))) {
                Ok(Ok(_)) => None,
                Ok(Err(error)) => Some(Problem::from(error)),
                Err(_) => Some(Problem::fault(&format!("the plan of {id} could not be made"))),
            };
            match problem {
                None => planning.of().remove(&id),
                Some(problem) => planning.of().insert(id.clone(), Made::Failed(problem)),
            };
            // Whoever waited may be gone.
            let _ = ended.send(());
        });
        Ok(waits)
    }
}

/// Makes the plan, and finds out what is to be known before it is sent.
pub(super) async fn begin(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    id: Named,
    body: Documented,
) -> Result<Response, Problem> {
    let (id, asked) = (path(id)?, Deed::read(&asker, body, &["by"])?);
    find(&app, &id).await?;
    let (room, named) = (app.campaigns.clone(), id.clone());
    let ended = app.planning.begin(&id, move |told| campaigns::freeze(&room, T, &named, &asked.by, told))?;
    answered(app, id, ended, StatusCode::ACCEPTED).await
}

/// Lets a campaign go; a draft is planned first.
pub(super) async fn start(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    id: Named,
    body: Documented,
) -> Result<Response, Problem> {
    let (id, asked) = (path(id)?, Deed::read(&asker, body, &["by", "plan"])?);
    find(&app, &id).await?;
    let (room, named) = (app.campaigns.clone(), id.clone());
    let start = move |told: &(dyn Fn(Progress) + Sync)| {
        campaigns::start(&room, T, &named, asked.plan.as_deref(), &asked.by, told)
    };
    let ended = app.planning.begin(&id, start)?;
    answered(app, id, ended, StatusCode::OK).await
}

/// What stands after a while: why it failed, or the campaign as far as it is.
async fn answered(
    app: App,
    id: String,
    ended: oneshot::Receiver<()>,
    status: StatusCode,
) -> Result<Response, Problem> {
    let has_ended = tokio::time::timeout(AWAITED, ended).await.is_ok();
    if let Some(problem) = app.planning.failed(&id) {
        return Err(problem);
    }
    let kept = find(&app, &id).await?;
    let document = blocking(move || document(&app, &kept)).await?;
    let status = if has_ended { status } else { StatusCode::ACCEPTED };
    let location = [(header::LOCATION, format!("/api/v1/campaigns/{id}"))];
    Ok((status, location, Json(document)).into_response())
}

/// What was found out about the plan.
pub(super) async fn preflight(State(app): State<App>, id: Named) -> Result<Response, Problem> {
    let id = path(id)?;
    let kept = find(&app, &id).await?;
    match kept.record.preflight {
        Some(preflight) => Ok(Json(preflight).into_response()),
        None => Err(app.planning.failed(&id).unwrap_or_else(|| unplanned(&id))),
    }
}

/// The people of the audience who have a problem, or one of them alone.
pub(super) async fn preflight_people(
    State(app): State<App>,
    id: Named,
    asked: Asked,
) -> Result<Response, Problem> {
    let (id, mut params) = (path(id)?, params(asked, &["code", "for_excel"])?);
    let for_excel = flag(&params, "for_excel")?;
    let code = params.remove("code").filter(|code| !code.is_empty());
    if find(&app, &id).await?.record.preflight.is_none() {
        return Err(unplanned(&id));
    }
    let name = format!("attachment; filename=\"{}-problems.csv\"", file_stem(&id));
    let written = streamed(move |out| {
        campaigns::write_problems(&app.campaigns, T, &id, code.as_deref(), for_excel, out).map(drop)
    });
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, written.await?).into_response())
}

fn unplanned(id: &str) -> Problem {
    let text = format!("`{id}` has no plan yet: `POST /api/v1/campaigns/{id}/preflight` makes one");
    Problem::conflict_of("not-planned", text)
}

async fn find(app: &App, id: &str) -> Result<Kept, Problem> {
    let (room, id) = (app.campaigns.clone(), id.to_owned());
    blocking(move || Ok(campaigns::find(&room, T, &id)?)).await
}

/// A campaign as it stands now, with how far its plan is and how its sending goes. It blocks.
pub(super) fn document(app: &App, kept: &Kept) -> Result<CampaignDocument, Problem> {
    let mut document = campaigns::document(&app.campaigns, T, kept)?;
    if let Some(Progress { done, of }) = app.planning.progress(&kept.record.id) {
        document.progress = Some(ProgressDocument { done, of });
    }
    if kept.record.state == Stands::Running {
        let (per_s, waits) = sending(app, kept);
        let left = document.stand.map_or(0, |stand| stand.waiting + stand.under_way);
        // Nobody waits for as many that it would matter.
        if let Some(per_s) = per_s {
            let left_ms = (left as f64 / per_s * 1000.0).min(YEAR_MS);
            let finishes = app.campaigns.desk.clock.now().0 + left_ms as i64;
            (document.per_s, document.finishes_at) = (Some(per_s), Some(UnixMs(finishes).to_string()));
        }
        document.waits = waits;
    }
    document.trouble = app.planning.failed(&kept.record.id).map(|problem| problem.detail().to_owned());
    Ok(document)
}

/// Messages a second that a running campaign sends at most for now, where it sends, and what it waits for.
pub(super) fn sending(app: &App, kept: &Kept) -> (Option<f64>, Option<WaitsDocument>) {
    let (per_s, waits) = app.sender.standing(kept.id());
    let waits = waits.map(|waits| WaitsDocument {
        what: waits.what,
        until: waits.until.map(|until| until.to_string()),
        text: waits.text,
    });
    (Some(per_s).filter(|per_s| *per_s > 0.0), waits)
}

/// Server-sent events: `campaign` whenever it has changed, `progress` while its plan is made, `gone` when it was deleted.
pub(super) async fn events(
    State(app): State<App>,
    id: Named,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let id = path(id)?;
    find(&app, &id).await?;
    let watching = Watching { app, id, epoch: 0, looked: None, told: String::new(), progress: None };
    let events = stream::unfold(Some(watching), async |watching| {
        let mut watching = watching?;
        match watching.next().await {
            Some(event) => Some((Ok(event), Some(watching))),
            None => Some((Ok(Event::default().event("gone").data("{}")), None)),
        }
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

struct Watching {
    app: App,
    id: String,
    /// How often campaigns had changed at the last look.
    epoch: u64,
    looked: Option<Instant>,
    /// What was told last, as it was told.
    told: String,
    progress: Option<ProgressDocument>,
}

impl Watching {
    /// What is to be told next; none when the campaign is gone.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let epoch = self.app.campaigns.signal.epoch();
            let progress = self.app.planning.progress(&self.id);
            let due = self.looked.is_none_or(|looked| looked.elapsed() >= TOLD_EVERY);
            if due || epoch != self.epoch || progress.is_some() {
                (self.epoch, self.looked) = (epoch, Some(Instant::now()));
                match self.look().await {
                    Ok(Some(event)) => return Some(event),
                    Ok(None) => {}
                    Err(problem) if problem.is_not_found() => return None,
                    // Its log has told of it; the next look may be better.
                    Err(_) => {}
                }
            }
            tokio::time::sleep(LOOKED_EVERY).await;
        }
    }

    async fn look(&mut self) -> Result<Option<Event>, Problem> {
        let kept = find(&self.app, &self.id).await?;
        let freezing = kept.record.state == Stands::Freezing;
        let app = self.app.clone();
        let mut document = blocking(move || document(&app, &kept)).await?;
        let progress = document.progress.take();
        let text = serde_json::to_string(&document).unwrap_or_default();
        if text != self.told {
            let event = Event::default().event("campaign").data(&text);
            self.told = text;
            return Ok(Some(event));
        }
        if progress != self.progress && (freezing || progress.is_some()) {
            self.progress = progress;
            let of = progress.unwrap_or_default();
            return Ok(Some(Event::default().event("progress").data(json!(of).to_string())));
        }
        Ok(None)
    }
}
