//! gzip and zstd: the text as it comes, however many members or frames there are.

use std::io::{self, BufRead as _, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::Trouble;
use crate::budget::{Budget, Packed};
use crate::limits::{PIECE_BYTES, STREAM_TEXT_BYTES_MAX, ZSTD_WINDOW_BYTES_MAX};

/// The text of a gzip file. Reading fails with [`Trouble`] when the file is damaged, cut off or too large.
pub struct Gunzip<R: Read> {
    decoder: MultiGzDecoder<BufReader<Packed<R>>>,
    budget: Budget,
}

impl<R: Read> Gunzip<R> {
    /// Reads a gzip file from its first byte on.
    pub fn new(source: R) -> Gunzip<R> {
        let packed = BufReader::with_capacity(PIECE_BYTES, Packed::new(source));
        Gunzip {
            decoder: MultiGzDecoder::new(packed),
            budget: Budget::new("the file", STREAM_TEXT_BYTES_MAX),
        }
    }
}

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(into);
        let packed = self.decoder.get_mut().get_mut();
        let bytes = read.map_err(|_| packed.blame(|| damaged("gzip")))?;
        self.budget.take(bytes, packed.bytes)?;
        Ok(bytes)
    }
}

/// The text of a zstd file. Reading fails with [`Trouble`] when the file is damaged, cut off, too large, or needs more
/// memory than is given.
pub struct Unzstd<R: Read> {
    source: BufReader<Packed<R>>,
    decoder: FrameDecoder,
    in_frame: bool,
    budget: Budget,
}

impl<R: Read> Unzstd<R> {
    /// Reads a zstd file from its first byte on.
    pub fn new(source: R) -> Unzstd<R> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(ZSTD_WINDOW_BYTES_MAX);
        Unzstd {
            source: BufReader::with_capacity(PIECE_BYTES, Packed::new(source)),
            decoder,
            in_frame: false,
            budget: Budget::new("the file", STREAM_TEXT_BYTES_MAX),
        }
    }

    /// Reads the header of the next frame that holds text; false at the end of the file.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.at_end()? {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    match io::copy(&mut self.source.by_ref().take(length), &mut io::sink()) {
                        Ok(skipped) if skipped == length => {}
                        _ => return Err(self.blame()),
                    }
                }
                Err(FrameDecoderError::WindowSizeTooBig { .. }) => return Err(window_too_large().into()),
                Err(_) => return Err(self.blame()),
            }
        }
        Ok(false)
    }

    fn at_end(&mut self) -> io::Result<bool> {
        let filled = self.source.fill_buf().map(<[u8]>::is_empty);
        filled.map_err(|_| self.blame())
    }

    fn blame(&mut self) -> io::Error {
        self.source.get_mut().blame(|| damaged("zstd"))
    }
}

impl<R: Read> Read for Unzstd<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        while self.in_frame || self.next_frame()? {
            self.in_frame = true;
            if self.decoder.can_collect() > 0 {
                let bytes = self.decoder.read(into)?;
                self.budget.take(bytes, self.source.get_ref().bytes)?;
                return Ok(bytes);
            }
            if !self.decoder.is_finished() {
                let decoded =
                    self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
                decoded.map_err(|_| self.blame())?;
                continue;
            }
            // The decoder computes the checksum and leaves comparing it to us.
            let (told, found) =
                (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum());
            if told.is_some() && told != found {
                return Err(damaged("zstd").into());
            }
            self.in_frame = false;
        }
        Ok(0)
    }
}

fn window_too_large() -> Trouble {
    Trouble::new(format!(
        "The file was packed with zstd so that unpacking takes more than {} MiB of memory. Pack it again without \
         `--long` and `--ultra`.",
        ZSTD_WINDOW_BYTES_MAX >> 20
    ))
}

fn damaged(format: &str) -> Trouble {
    Trouble::new(format!(
        "The file is packed with {format}, and it is damaged or was cut off on its way. Send it again, or unpack it and \
         give what is inside."
    ))
}
