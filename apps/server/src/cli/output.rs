//! What commands print.

use std::io::{self, ErrorKind, StdoutLock, Write};

/// Standard output. Whoever closed the other end, as `head` does, has read enough: that is no failure, and it does not
/// change what the command found.
pub(super) struct Output(StdoutLock<'static>);

/// Opens it.
pub(super) fn stdout() -> Output {
    Output(io::stdout().lock())
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        read_enough(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        read_enough(self.0.flush(), ())
    }
}

fn read_enough<T>(written: io::Result<T>, all: T) -> io::Result<T> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(all),
        written => written,
    }
}
