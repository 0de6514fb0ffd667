//! The bytes out of the page cache into the process and nothing else: no program that reads is faster.

use std::fs::File;
use std::io::Read as _;
use std::time::Instant;

use consentry_bench_peers::path;

fn main() -> std::io::Result<()> {
    let start = Instant::now();
    let mut file = File::open(path())?;
    let (mut bytes, mut total) = (vec![0; 1 << 18], 0);
    loop {
        let filled = file.read(&mut bytes)?;
        if filled == 0 {
            break;
        }
        total += std::hint::black_box(&bytes[..filled]).len();
    }
    println!("{{\"bytes\":{total},\"seconds\":{}}}", start.elapsed().as_secs_f64());
    Ok(())
}
