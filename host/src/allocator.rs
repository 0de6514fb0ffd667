//! What large pieces of memory come from, so that a server is as small after an import of a million people as before it.
//!
//! glibc takes large pieces from the system one by one, and gives each back when it is freed: until a program has freed one.
//! From then on pieces of that size, up to 32 MiB, come from heaps that it keeps, one for each of some threads. Here that made
//! a server that idles at 30 MiB keep 90 to 150 MiB after its first large file. Saying from which size on pieces are taken one
//! by one, and how much may lie free at a heap's end, stops that; it costs no time that can be measured, while mimalloc kept
//! more than glibc does unasked. Other C libraries do this by themselves.

/// Pieces of this size and more are given back when they are freed, and heaps keep no more at their end, in bytes. It is what
/// glibc begins with.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const GIVEN_BACK_BYTES: libc::c_int = 128 * 1024;

/// Has freed memory given back for as long as this process lives. What is refused stays as it was: nothing depends on it.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for what in [libc::M_MMAP_THRESHOLD, libc::M_TRIM_THRESHOLD] {
        // SAFETY: it takes two numbers and sets one of glibc's own under glibc's own lock; no memory of ours is named.
        #[expect(unsafe_code, reason = "there is no other way to tell glibc")]
        unsafe {
            libc::mallopt(what, GIVEN_BACK_BYTES);
        }
    }
}
