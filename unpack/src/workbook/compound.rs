//! OLE containers: only whether a password is what keeps a workbook shut. What is inside is never read.

use std::io::{self, Read, Seek, SeekFrom};

use crate::Trouble;

/// Directory entries looked at; the encrypted package is among the first.
const DIRECTORY_BYTES: u64 = 4096;

/// The trouble of an OLE container that holds a workbook with a password; none when it is anything else, an old
/// workbook for example.
pub fn needs_password<R: Read + Seek>(mut source: R) -> io::Result<Option<Trouble>> {
    let mut header = [0; 512];
    source.seek(SeekFrom::Start(0))?;
    if read_up_to(&mut source, &mut header)? < header.len() {
        return Ok(None);
    }
    // Sectors have 2^shift bytes, and the first comes after the header, which fills one.
    let shift = u16::from_le_bytes([header[0x1E], header[0x1F]]);
    let first = u32::from_le_bytes([header[0x30], header[0x31], header[0x32], header[0x33]]);
    if !matches!(shift, 9 | 12) {
        return Ok(None);
    }
    source.seek(SeekFrom::Start((u64::from(first) + 1) << shift))?;
    let mut directory = Vec::new();
    source.take(DIRECTORY_BYTES).read_to_end(&mut directory)?;
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = directory.windows(name.len()).any(|window| window == name);
    Ok(found.then(|| {
        Trouble::new(
            "The workbook is protected by a password. Open it in Excel, take the password off (File, Info, Protect \
             Workbook, Encrypt with Password), save it, and give that file.",
        )
    }))
}

fn read_up_to(source: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    loop {
        match source.read(&mut into[filled..]) {
            Ok(0) => return Ok(filled),
            Ok(bytes) => filled += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
