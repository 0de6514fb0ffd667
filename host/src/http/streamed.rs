//! Long answers, written piece by piece on a thread of their own that waits for the reader. What goes wrong before the first
//! piece is answered as any problem is; later it breaks the answer off, so that nobody takes half of it for the whole.

use std::io::{self, Write};

use axum::body::Body;
use futures_util::stream;
use tokio::sync::mpsc::{Sender, channel};

use super::problem::Problem;

/// Pieces waiting for a slow reader.
const PIECES_MAX: usize = 4;
/// Size of a piece, in bytes.
const PIECE_BYTES: usize = 64 << 10;

type Piece = Result<Vec<u8>, Problem>;
/// A piece that is none says that all were written.
const END: Vec<u8> = Vec::new();

/// What is written, as a body.
pub(super) async fn streamed<E: Into<Problem>>(
    write: impl FnOnce(&mut dyn Write) -> Result<(), E> + Send + 'static,
) -> Result<Body, Problem> {
    let (pieces, mut reader) = channel(PIECES_MAX);
    tokio::task::spawn_blocking(move || {
        let mut out = Pieces { pieces: pieces.clone(), piece: Vec::new() };
        let written = write(&mut out).map_err(Into::into);
        // Where the reader is gone, nobody has to be told of it.
        let written = written.and_then(|()| if pieces.is_closed() { Ok(()) } else { Ok(out.send()?) });
        let _ = pieces.blocking_send(written.map(|()| END));
    });
    let first = match reader.recv().await {
        Some(Err(problem)) => return Err(problem),
        first => first,
    };
    let state = (first, reader);
    Ok(Body::from_stream(stream::unfold(state, async |(first, mut reader)| {
        let piece = match first {
            None => reader.recv().await,
            first => first,
        };
        match piece {
            Some(Ok(piece)) if piece.is_empty() => None,
            Some(Ok(piece)) => Some((Ok(piece), (None, reader))),
            // Whoever wrote has failed, or is gone without a word.
            _ => Some((Err(io::Error::other("the answer could not be finished")), (None, reader))),
        }
    })))
}

struct Pieces {
    pieces: Sender<Piece>,
    piece: Vec<u8>,
}

impl Pieces {
    fn send(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader is gone");
        self.pieces.blocking_send(Ok(std::mem::take(&mut self.piece))).map_err(gone)
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    /// Whoever writes a header and then fails has flushed it on its way out: nothing leaves before a piece is full.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
