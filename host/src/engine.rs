//! The judge in its sandbox: `plugin.wasm` in wasmtime, with no imports, bounded memory and a deadline on every
//! call. A trap costs one check, never the process. Knows no store.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use consentry_core::campaign::preflight::{Batch, Verdicts};
use consentry_core::limits::{CHUNK_BYTES_MAX, NUMBER_CELL_CHARS_MAX, TEMPLATE_BYTES_MAX, WEBHOOK_BYTES_MAX};
use consentry_core::rows::Rows;
use consentry_core::wire::campaign::batch;
use consentry_core::wire::campaign::preflight::v1::{Fault, Ready};
use consentry_core::wire::{rows, v1};
use sha2::{Digest as _, Sha256};
use wasmtime::{
    Config, InstancePre, Linker, Memory, Module, Store, StoreLimits, StoreLimitsBuilder, TypedFunc,
};

/// The engine this build ships.
pub static PLUGIN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/plugin.wasm"));

/// The export that names the version of the ABI spoken here.
const ABI: &str = "consentry_abi_v1";
/// How often the deadline is looked at.
const TICK: Duration = Duration::from_millis(100);

/// Instances that are kept for the next webhook, and how large each may be, in bytes.
const IDLE_MAX: usize = 16;
const IDLE_BYTES_MAX: usize = 16 << 20;

/// What one check may use before it is broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineLimits {
    /// Linear memory, in bytes: the set of repeated numbers, buffers, and room.
    pub memory_bytes_max: usize,
    /// Time of one call, in steps of 100 ms. A call judges at most [`CHUNK_BYTES_MAX`], so a long one is a fault.
    pub call_time_max: Duration,
}

impl Default for EngineLimits {
    fn default() -> EngineLimits {
        EngineLimits { memory_bytes_max: 1 << 30, call_time_max: Duration::from_secs(20) }
    }
}

impl EngineLimits {
    /// Ticks until the deadline. The first may come at once, so there is one more than the time asks for.
    fn ticks(&self) -> u64 {
        (self.call_time_max.as_millis() / TICK.as_millis()) as u64 + 1
    }
}

/// What goes wrong with an engine or in it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The bytes are no engine.
    #[error("this is no engine: {0}")]
    Unusable(String),
    /// The engine broke off; the check is lost, the process is not.
    #[error("the engine stopped in `{call}`: {cause}")]
    Trapped {
        /// Which call.
        call: &'static str,
        /// What wasmtime said.
        cause: String,
    },
    /// The engine answered with something that cannot be an answer.
    #[error("the engine answered `{call}` with nonsense: {cause}")]
    Nonsense {
        /// Which call.
        call: &'static str,
        /// What was wrong.
        cause: String,
    },
    /// The options cannot be followed.
    #[error("{}", .0.message)]
    Options(v1::Failure),
    /// A campaign cannot be sent to anybody as it is: what is wrong with each of its messages.
    #[error("the campaign cannot be sent as it is: {}", first(.0))]
    Terms(Vec<Vec<Fault>>),
}

fn first(faults: &[Vec<Fault>]) -> String {
    let error = faults.iter().flatten().find(|fault| fault.severity == "error");
    error.map(|fault| format!("{}: {}", fault.path, fault.message)).unwrap_or_default()
}

/// What else a check gives out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Emit {
    /// Accepted rows.
    pub rows: bool,
    /// Every diagnostic, as JSON lines.
    pub diagnostics: bool,
    /// Rejected rows, as CSV.
    pub rejects: bool,
}

/// A compiled engine, ready to judge any number of files side by side.
pub struct Engine {
    pre: InstancePre<StoreLimits>,
    limits: EngineLimits,
    sha256: String,
    about: v1::Engine,
    /// Instances that have read a webhook and can read the next one.
    idle: Mutex<Vec<Check>>,
}

impl Engine {
    /// Compiles the engine, or takes the compiled one from `cache`, a folder only this program writes to.
    pub fn load(wasm: &[u8], cache: Option<&Path>) -> Result<Engine, EngineError> {
        Engine::load_within(wasm, cache, EngineLimits::default())
    }

    /// The same with limits of the caller's choice.
    pub fn load_within(
        wasm: &[u8],
        cache: Option<&Path>,
        limits: EngineLimits,
    ) -> Result<Engine, EngineError> {
        let mut config = Config::new();
        config.epoch_interruption(true).wasm_simd(true).max_wasm_stack(512 << 10);
        let runtime = wasmtime::Engine::new(&config).map_err(unusable)?;
        let sha256 = hex(&Sha256::digest(wasm));
        let module = compiled(&runtime, wasm, &sha256, cache)?;
        if let Some(import) = module.imports().next() {
            return Err(EngineError::Unusable(format!("it wants `{}` from its host", import.name())));
        }
        if module.get_export(ABI).is_none() {
            return Err(EngineError::Unusable(format!("it does not speak `{ABI}`")));
        }
        let pre = Linker::new(&runtime).instantiate_pre(&module).map_err(unusable)?;
        tick(&runtime);
        let mut engine = Engine { pre, limits, sha256, about: v1::Engine::default(), idle: Mutex::default() };
        let mut check = engine.instantiate()?;
        let about = check.call("consentry_describe")?;
        engine.about =
            v1::Engine { sha256: Some(engine.sha256.clone()), ..check.json("consentry_describe", about)? };
        Ok(engine)
    }

    /// Version, hash and number metadata.
    pub fn about(&self) -> &v1::Engine {
        &self.about
    }

    /// SHA-256 of the engine's bytes, in hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Begins to judge a file.
    pub fn check(&self, options: &v1::Options, emit: Emit) -> Result<Check, EngineError> {
        let mut check = self.instantiate()?;
        let options = serde_json::to_vec(options).map_err(|error| nonsense("options", error))?;
        check.write(&options)?;
        let bits = u32::from(emit.rows) | u32::from(emit.diagnostics) << 1 | u32::from(emit.rejects) << 2;
        let begin = check.func::<u32, u64>("consentry_check_begin")?;
        check.set_deadline();
        let answer =
            begin.call(&mut check.store, bits).map_err(|error| trapped("consentry_check_begin", error))?;
        match answer >> 32 {
            0 => Ok(check),
            _ => Err(EngineError::Options(check.json("consentry_check_begin", answer)?)),
        }
    }

    /// What one number cell says, in any accepted spelling.
    pub fn number(&self, cell: &str) -> Result<v1::Number, EngineError> {
        let mut check = self.instantiate()?;
        // No number is that long; a longer text is no number whatever follows.
        let cell: String = cell.chars().take(NUMBER_CELL_CHARS_MAX + 1).collect();
        check.write(cell.as_bytes())?;
        let answer = check.call("consentry_number")?;
        check.json("consentry_number", answer)
    }

    /// What is wrong with a template, as the JSON of `wire::template::v1::lint`.
    pub fn lint(&self, document: &[u8]) -> Result<Vec<u8>, EngineError> {
        self.document("consentry_lint", document)
    }

    /// A template as a person sees it and as it is sent, as the JSON of `wire::template::v1::preview`.
    pub fn preview(&self, request: &[u8]) -> Result<Vec<u8>, EngineError> {
        self.document("consentry_preview", request)
    }

    /// What is heard in a webhook's body of up to [`WEBHOOK_BYTES_MAX`], as the JSON of `wire::webhook::v1::read`. `options`
    /// are those of `wire::webhook::v1::Options`, as JSON.
    pub fn read_webhook(&self, options: &[u8], body: &[u8]) -> Result<Vec<u8>, EngineError> {
        const CALL: &str = "consentry_read_webhook";
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut check = idle.map_or_else(|| self.instantiate(), Ok)?;
        check.write(&[options, &body[..body.len().min(WEBHOOK_BYTES_MAX)]].concat())?;
        let read = check.func::<u32, u64>(CALL)?;
        check.set_deadline();
        let answer = read
            .call(&mut check.store, u32::try_from(options.len()).unwrap_or(u32::MAX))
            .map_err(|error| trapped(CALL, error))?;
        let told = check.read(CALL, answer)?.to_vec();
        // Nothing of one webhook matters to the next, and making an instance costs more than reading. One that broke off, or
        // that has grown, is not used again.
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX && check.memory.data_size(&check.store) <= IDLE_BYTES_MAX {
            idle.push(check);
        }
        Ok(told)
    }

    /// Begins to judge the people of a campaign on these terms, which are the JSON of
    /// `wire::campaign::preflight::v1::Terms`.
    pub fn preflight(&self, terms: &[u8]) -> Result<Preflight, EngineError> {
        const CALL: &str = "consentry_preflight_begin";
        let mut check = self.instantiate()?;
        check.write(terms)?;
        let answer = check.call(CALL)?;
        let ready: Ready = check.json(CALL, answer)?;
        if !ready.is_ready {
            return Err(EngineError::Terms(
                ready.messages.into_iter().map(|message| message.faults).collect(),
            ));
        }
        Ok(Preflight { check, ready, packed: Vec::new() })
    }

    fn document(&self, verb: &'static str, document: &[u8]) -> Result<Vec<u8>, EngineError> {
        let mut check = self.instantiate()?;
        // What is longer than a template can be is refused by its length, whatever it says.
        check.write(&document[..document.len().min(TEMPLATE_BYTES_MAX + 1)])?;
        let answer = check.call(verb)?;
        Ok(check.read(verb, answer)?.to_vec())
    }

    fn instantiate(&self) -> Result<Check, EngineError> {
        let limits = StoreLimitsBuilder::new()
            .memory_size(self.limits.memory_bytes_max)
            .instances(1)
            .tables(1)
            .memories(1)
            .trap_on_grow_failure(true)
            .build();
        let mut store = Store::new(self.pre.module().engine(), limits);
        store.limiter(|limits| limits);
        store.set_epoch_deadline(self.limits.ticks());
        let instance = self.pre.instantiate(&mut store).map_err(|error| trapped("start", error))?;
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| EngineError::Unusable("it shows no memory".into()))?;
        let input = instance.get_typed_func(&mut store, "consentry_input").map_err(unusable)?;
        let feed = instance.get_typed_func(&mut store, "consentry_check_feed").map_err(unusable)?;
        Ok(Check { store, instance, memory, input, feed, limits: self.limits, engine: self.about.clone() })
    }
}

/// One file being judged.
pub struct Check {
    store: Store<StoreLimits>,
    instance: wasmtime::Instance,
    memory: Memory,
    input: TypedFunc<u32, u32>,
    feed: TypedFunc<(), ()>,
    limits: EngineLimits,
    engine: v1::Engine,
}

impl Check {
    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        for chunk in bytes.chunks(CHUNK_BYTES_MAX) {
            self.write(chunk)?;
            self.set_deadline();
            self.feed.call(&mut self.store, ()).map_err(|error| trapped("consentry_check_feed", error))?;
        }
        Ok(())
    }

    /// Rows accepted since the last call.
    pub fn take_rows(&mut self) -> Result<Rows, EngineError> {
        let answer = self.call("consentry_take_rows")?;
        rows::decode(self.read("consentry_take_rows", answer)?)
            .map_err(|malformed| nonsense("consentry_take_rows", malformed.0))
    }

    /// Every diagnostic since the last call, one JSON document a line.
    pub fn take_diagnostics(&mut self) -> Result<Vec<u8>, EngineError> {
        let answer = self.call("consentry_take_diagnostics")?;
        self.read("consentry_take_diagnostics", answer).map(<[u8]>::to_vec)
    }

    /// Rejected rows since the last call, as CSV.
    pub fn take_rejects(&mut self) -> Result<Vec<u8>, EngineError> {
        let answer = self.call("consentry_take_rejects")?;
        self.read("consentry_take_rejects", answer).map(<[u8]>::to_vec)
    }

    /// Row counts so far.
    pub fn progress(&mut self) -> Result<v1::Counts, EngineError> {
        let answer = self.call("consentry_progress")?;
        self.json("consentry_progress", answer)
    }

    /// Ends the file and gives its report. What the last record brought can still be taken.
    pub fn finish(&mut self) -> Result<v1::Report, EngineError> {
        let answer = self.call("consentry_check_finish")?;
        let report: v1::Report = self.json("consentry_check_finish", answer)?;
        Ok(v1::Report { engine: self.engine.clone(), ..report })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        self.set_deadline();
        let length = u32::try_from(bytes.len()).map_err(|error| nonsense("consentry_input", error))?;
        let address =
            self.input.call(&mut self.store, length).map_err(|error| trapped("consentry_input", error))?;
        self.memory
            .write(&mut self.store, address as usize, bytes)
            .map_err(|_| nonsense("consentry_input", "an address outside its memory"))
    }

    fn call(&mut self, name: &'static str) -> Result<u64, EngineError> {
        let func = self.func::<(), u64>(name)?;
        self.set_deadline();
        func.call(&mut self.store, ()).map_err(|error| trapped(name, error))
    }

    fn func<P, R>(&mut self, name: &'static str) -> Result<TypedFunc<P, R>, EngineError>
    where
        P: wasmtime::WasmParams,
        R: wasmtime::WasmResults,
    {
        self.instance.get_typed_func(&mut self.store, name).map_err(unusable)
    }

    fn read(&self, call: &'static str, answer: u64) -> Result<&[u8], EngineError> {
        let (address, length) = ((answer & 0xFFFF_FFFF) as usize, (answer >> 32) as usize);
        let memory = self.memory.data(&self.store);
        memory.get(address..address + length).ok_or_else(|| nonsense(call, "an answer outside its memory"))
    }

    fn json<T: serde::de::DeserializeOwned>(
        &self,
        call: &'static str,
        answer: u64,
    ) -> Result<T, EngineError> {
        serde_json::from_slice(self.read(call, answer)?).map_err(|error| nonsense(call, error))
    }

    fn set_deadline(&mut self) {
        self.store.set_epoch_deadline(self.limits.ticks());
    }
}

/// The people of a campaign being judged.
pub struct Preflight {
    check: Check,
    ready: Ready,
    packed: Vec<u8>,
}

impl Preflight {
    /// Which attributes it wants of each person, how the values of each message are packed, and what there is to remark.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Judges people, in the order of the batch, however many they are. Their columns are those of [`Preflight::ready`].
    pub fn judge(&mut self, people: &Batch) -> Result<Verdicts, EngineError> {
        const CALL: &str = "consentry_preflight_judge";
        let (mut all, mut from) = (Verdicts::default(), 0);
        while from < people.len() {
            let (mut to, mut bytes) = (from, 0);
            while to < people.len() && (to == from || bytes < CHUNK_BYTES_MAX) {
                bytes += batch::bytes_of(people, to);
                to += 1;
            }
            self.packed.clear();
            batch::encode(people, from..to, &mut self.packed);
            self.check.write(&self.packed)?;
            let answer = self.check.call(CALL)?;
            let some = batch::decode_verdicts(self.check.read(CALL, answer)?)
                .map_err(|malformed| nonsense(CALL, malformed.0))?;
            let is_known = |message: &u8| usize::from(*message) < self.ready.messages.len();
            if some.len() != to - from || !some.message.iter().all(is_known) {
                return Err(nonsense(CALL, "verdicts on other people or messages"));
            }
            all.append(some);
            from = to;
        }
        Ok(all)
    }
}

/// Moves the epoch on for as long as the engine lives.
fn tick(runtime: &wasmtime::Engine) {
    let weak = runtime.weak();
    std::thread::spawn(move || {
        while let Some(runtime) = weak.upgrade() {
            runtime.increment_epoch();
            drop(runtime);
            std::thread::sleep(TICK);
        }
    });
}

/// Cache files are the SHA-256 of what follows, then the compiled module.
const CACHE_HASH_BYTES: usize = 32;

fn compiled(
    runtime: &wasmtime::Engine,
    wasm: &[u8],
    sha256: &str,
    cache: Option<&Path>,
) -> Result<Module, EngineError> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let Some(folder) = cache else { return Module::new(runtime, wasm).map_err(unusable) };
    // The key holds what decides whether compiled code fits this build of wasmtime.
    let mut key = DefaultHasher::new();
    runtime.precompile_compatibility_hash().hash(&mut key);
    let path = folder.join(format!("{sha256}-{:016x}.cwasm", key.finish()));
    if let Some(module) = fs::read(&path).ok().and_then(|bytes| cached(runtime, &bytes)) {
        return Ok(module);
    }
    let module = Module::new(runtime, wasm).map_err(unusable)?;
    if let Ok(bytes) = module.serialize() {
        // A cache that cannot be written costs two seconds at the next start and nothing else.
        let _ = store_cache(folder, &path, &bytes);
    }
    Ok(module)
}

fn cached(runtime: &wasmtime::Engine, bytes: &[u8]) -> Option<Module> {
    let (hash, code) = bytes.split_at_checked(CACHE_HASH_BYTES)?;
    if Sha256::digest(code).as_slice() != hash {
        return None;
    }
    // SAFETY: `deserialize` asks for bytes that `serialize` gave. The folder is this program's own, the hash shows
    // that the file is whole, and wasmtime itself refuses code of another version or configuration. A damaged file
    // is tested to be compiled anew.
    #[expect(unsafe_code, reason = "loading compiled code is what the cache is for")]
    unsafe { Module::deserialize(runtime, code) }.ok()
}

fn store_cache(folder: &Path, path: &Path, code: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let mut file = fs::File::create(&part)?;
    file.write_all(&Sha256::digest(code))?;
    file.write_all(code)?;
    file.sync_all()?;
    fs::rename(part, path)
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[expect(clippy::needless_pass_by_value, reason = "this is the shape that `map_err` takes")]
fn unusable(error: wasmtime::Error) -> EngineError {
    EngineError::Unusable(format!("{error:#}"))
}

#[expect(clippy::needless_pass_by_value, reason = "an error ends here, and `map_err` gives it away")]
fn trapped(call: &'static str, error: wasmtime::Error) -> EngineError {
    let cause = match error.downcast_ref::<wasmtime::Trap>() {
        Some(wasmtime::Trap::Interrupt) => "it took longer than a call may take".to_owned(),
        Some(trap) => trap.to_string(),
        None => format!("{error:#}"),
    };
    EngineError::Trapped { call, cause }
}

fn nonsense(call: &'static str, cause: impl std::fmt::Display) -> EngineError {
    EngineError::Nonsense { call, cause: cause.to_string() }
}
