//! Carries SQLite's requests to a [`Disk`]. It is the default file system of the process, so that the product opens its
//! database as it always does; what lies in the folder of no [`Disk`] goes to the file system that was the default.

#![expect(unsafe_code, reason = "SQLite knows file systems as tables of C functions")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use rusqlite::ffi;

use super::sharing::Shared;
use super::{Disk, Done, FileId};

/// Disks that were attached, by the beginning of the names of their files.
static DISKS: Mutex<Vec<(String, Weak<Disk>)>> = Mutex::new(Vec::new());
/// The file system that was the default.
static ORIGINAL: OnceLock<Original> = OnceLock::new();
static NEXT_HANDLE: AtomicU64 = AtomicU64::new(0);

struct Original(*mut ffi::sqlite3_vfs);

// SAFETY: SQLite's own file systems live as long as the process and are made for use by all threads.
unsafe impl Send for Original {}
// SAFETY: as above.
unsafe impl Sync for Original {}

/// An open file as SQLite holds it: a table of functions, and what is ours behind it.
#[repr(C)]
struct Handle {
    base: ffi::sqlite3_file,
    opened: *mut Opened,
}

/// A handle of ours.
struct Opened {
    disk: Arc<Disk>,
    file: FileId,
    handle: u64,
    shared: Option<Arc<Shared>>,
}

/// Makes a disk known to SQLite.
pub(super) fn attach(disk: &Arc<Disk>) {
    ORIGINAL.get_or_init(become_default);
    let folder = disk.folder().to_str().expect("names of temporary folders are text").to_owned() + "/";
    let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    disks.retain(|(_, disk)| disk.strong_count() > 0);
    disks.push((folder, Arc::downgrade(disk)));
}

fn become_default() -> Original {
    // SAFETY: finding the default takes no name. What is found is a table that stays; a copy of it is as good with the
    // functions that look at files replaced, for the others do not look at the table they are called with. The copy is
    // never freed.
    unsafe {
        ffi::sqlite3_initialize();
        let original = ffi::sqlite3_vfs_find(std::ptr::null());
        let own = Box::leak(Box::new(*original));
        own.szOsFile = own.szOsFile.max(size_of::<Handle>() as c_int);
        own.zName = c"disk-of-a-test".as_ptr();
        own.pNext = null_mut();
        own.xOpen = Some(open);
        own.xDelete = Some(delete);
        own.xAccess = Some(access);
        own.xFullPathname = Some(full_path);
        assert_eq!(ffi::sqlite3_vfs_register(own, 1), ffi::SQLITE_OK);
        Original(original)
    }
}

fn original() -> *mut ffi::sqlite3_vfs {
    ORIGINAL.get().expect("it is kept before anything is opened by way of ours").0
}

/// The name, if it lies on one of our disks.
///
/// # Safety
/// `name` is null or a C string.
unsafe fn ours<'a>(name: *const c_char) -> Option<(Arc<Disk>, &'a str)> {
    if name.is_null() {
        return None;
    }
    // SAFETY: as promised above.
    let name = unsafe { CStr::from_ptr(name) }.to_str().ok()?;
    let disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    let (_, disk) = disks.iter().find(|(folder, _)| name.starts_with(folder.as_str()))?;
    Some((disk.upgrade()?, name))
}

fn code(done: Done<()>) -> c_int {
    done.err().unwrap_or(ffi::SQLITE_OK)
}

// SAFETY of everything below: SQLite calls these functions as its documentation says, with pointers that are good for the
// call, and with files that `open` has opened and `close` has not closed.

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: see above; the memory behind `file` is as large as both file systems need it, and unless there are methods
    // in it, nothing is closed.
    unsafe {
        let Some((disk, name)) = ours(name) else {
            let open = (*original()).xOpen.expect("every file system opens files");
            return open(original(), name, file, flags, out_flags);
        };
        (*file).pMethods = std::ptr::null();
        let is_journal = flags & (ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_WAL) != 0;
        let id = match disk.open(name, flags & ffi::SQLITE_OPEN_CREATE != 0, is_journal) {
            Ok(id) => id,
            Err(code) => return code,
        };
        let handle = NEXT_HANDLE.fetch_add(1, Ordering::Relaxed);
        let opened = Box::new(Opened { disk, file: id, handle, shared: None });
        let base = ffi::sqlite3_file { pMethods: &raw const METHODS };
        file.cast::<Handle>().write(Handle { base, opened: Box::into_raw(opened) });
        if !out_flags.is_null() {
            *out_flags = flags;
        }
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: see above.
    unsafe {
        match ours(name) {
            Some((disk, name)) => code(disk.delete(name, sync_folder != 0)),
            None => {
                let delete = (*original()).xDelete.expect("every file system deletes files");
                delete(original(), name, sync_folder)
            }
        }
    }
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: see above.
    unsafe {
        let Some((disk, name)) = ours(name) else {
            let access = (*original()).xAccess.expect("every file system looks for files");
            return access(original(), name, flags, out);
        };
        let answer = disk.find(name).map(|length| {
            // SQLite's own file systems say that an empty file does not exist.
            *out = c_int::from(length.is_some_and(|bytes| flags != ffi::SQLITE_ACCESS_EXISTS || bytes > 0));
        });
        code(answer)
    }
}

unsafe extern "C" fn full_path(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    bytes: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: see above; `out` has room for as many bytes as said.
    unsafe {
        if ours(name).is_none() {
            let full = (*original()).xFullPathname.expect("every file system knows full names");
            return full(original(), name, bytes, out);
        }
        let with_end = CStr::from_ptr(name).to_bytes_with_nul();
        if with_end.len() > bytes as usize {
            return ffi::SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(with_end.as_ptr().cast(), out, with_end.len());
        ffi::SQLITE_OK
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// What is ours behind a file.
///
/// # Safety
/// The file was opened by [`open`], and nobody else uses it during the call.
unsafe fn opened<'a>(file: *mut ffi::sqlite3_file) -> &'a mut Opened {
    // SAFETY: as promised above.
    unsafe { &mut *(*file.cast::<Handle>()).opened }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: see above; nothing is called with this file any more.
    let mut opened = unsafe { Box::from_raw((*file.cast::<Handle>()).opened) };
    leave_shared(&mut opened);
    // After a crash there is nothing to unlock.
    let _ = opened.disk.with(opened.file, |file| {
        file.locks.lower(opened.handle, ffi::SQLITE_LOCK_NONE);
        Ok(())
    });
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, into: *mut c_void, bytes: c_int, at: i64) -> c_int {
    // SAFETY: see above; `into` has room for as many bytes as said.
    let (opened, into) =
        unsafe { (opened(file), std::slice::from_raw_parts_mut(into.cast::<u8>(), bytes as usize)) };
    code(opened.disk.with(opened.file, |file| {
        if file.content.read(at as usize, into) { Ok(()) } else { Err(ffi::SQLITE_IOERR_SHORT_READ) }
    }))
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    bytes: c_int,
    at: i64,
) -> c_int {
    // SAFETY: see above; `from` holds as many bytes as said.
    let (opened, from) =
        unsafe { (opened(file), std::slice::from_raw_parts(from.cast::<u8>(), bytes as usize)) };
    code(opened.disk.write(opened.file, at as usize, from))
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, bytes: i64) -> c_int {
    // SAFETY: see above.
    let opened = unsafe { opened(file) };
    code(opened.disk.truncate(opened.file, bytes as usize))
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: see above.
    let opened = unsafe { opened(file) };
    code(opened.disk.sync(opened.file))
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: see above.
    let (opened, out) = unsafe { (opened(file), &mut *out) };
    code(opened.disk.with(opened.file, |file| {
        *out = file.content.len() as i64;
        Ok(())
    }))
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: see above.
    let opened = unsafe { opened(file) };
    code(opened.disk.with(opened.file, |file| file.locks.raise(opened.handle, level)))
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: see above.
    let opened = unsafe { opened(file) };
    code(opened.disk.with(opened.file, |file| {
        file.locks.lower(opened.handle, level);
        Ok(())
    }))
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: see above.
    let (opened, out) = unsafe { (opened(file), &mut *out) };
    code(opened.disk.with(opened.file, |file| {
        *out = c_int::from(file.locks.are_reserved());
        Ok(())
    }))
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

/// As SQLite's own file systems say of every disk: it then relies on no more than they do.
unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    bytes: c_int,
    make: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: see above.
    let (opened, out) = unsafe { (opened(file), &mut *out) };
    *out = null_mut();
    let shared = match &opened.shared {
        Some(shared) => shared.clone(),
        None => {
            let shared = opened.disk.with(opened.file, |file| {
                let shared = file.shared.upgrade().unwrap_or_default();
                file.shared = Arc::downgrade(&shared);
                Ok(shared)
            });
            match shared {
                Ok(shared) => opened.shared.insert(shared).clone(),
                Err(code) => return code,
            }
        }
    };
    // The region stays where it is as long as this handle has its share.
    if let Some(region) = shared.region(region as usize, bytes as usize, make != 0) {
        *out = region.as_ptr().cast_mut().cast();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    slot: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: see above.
    let opened = unsafe { opened(file) };
    let Some(shared) = &opened.shared else { return ffi::SQLITE_IOERR_SHMLOCK };
    let slots = ((1_u32 << count) - 1) << slot;
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        shared.unlock(opened.handle, slots);
        return ffi::SQLITE_OK;
    }
    let exclusive = flags & ffi::SQLITE_SHM_EXCLUSIVE != 0;
    code(opened.disk.with(opened.file, |_| shared.lock(opened.handle, slots, exclusive)))
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    std::sync::atomic::fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: see above.
    leave_shared(unsafe { opened(file) });
    ffi::SQLITE_OK
}

fn leave_shared(opened: &mut Opened) {
    if let Some(shared) = opened.shared.take() {
        shared.unlock(opened.handle, u32::MAX);
    }
}
