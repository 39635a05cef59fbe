//! As much of PostgreSQL's protocol as it takes to see a COMMIT and its answer.
//!
//! Only the simple protocol: that is how Diesel sends `BEGIN`, `COMMIT` and `ROLLBACK`.

use std::io::{self, Read};

/// A message's kind is one byte, then comes its length, which counts itself.
const LENGTH_BYTES: usize = 4;
/// "May we speak TLS?" and "GSSAPI?", asked before anything else.
const ENCRYPTION_ASKS: [u32; 2] = [80_877_103, 80_877_104];

/// The first message of a connection; it has no kind.
pub(super) enum Opening {
    /// A question that is answered with one byte, and another opening follows.
    Encryption,
    /// Anything else, as it came.
    Start(Vec<u8>),
}

/// Reads the first message.
pub(super) fn read_opening(from: &mut impl Read) -> io::Result<Opening> {
    let bytes = read_counted(from, Vec::new())?;
    let code = bytes.get(LENGTH_BYTES..2 * LENGTH_BYTES).and_then(|code| code.try_into().ok()).map(u32::from_be_bytes);
    let encryption = code.is_some_and(|code| ENCRYPTION_ASKS.contains(&code));
    Ok(if encryption { Opening::Encryption } else { Opening::Start(bytes) })
}

/// One message, as it came.
pub(super) struct Frame(Vec<u8>);

impl Frame {
    /// Reads the next message.
    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut kind = [0];
        from.read_exact(&mut kind)?;
        read_counted(from, kind.to_vec()).map(Self)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn kind(&self) -> u8 {
        self.0.first().copied().unwrap_or_default()
    }

    fn text(&self) -> String {
        let body = self.0.get(1 + LENGTH_BYTES..).unwrap_or_default();
        String::from_utf8_lossy(body.strip_suffix(&[0]).unwrap_or(body)).into_owned()
    }

    /// A client asks to commit, alone or after other statements.
    pub(super) fn asks_to_commit(&self) -> bool {
        let is_commit = |statement: &str| ["commit", "end"].contains(&statement.trim().to_lowercase().as_str());
        self.kind() == b'Q' && self.text().split(';').any(is_commit)
    }

    /// The server says that it has committed.
    pub(super) fn says_committed(&self) -> bool {
        self.kind() == b'C' && self.text() == "COMMIT"
    }

    /// The server has answered everything that it was asked.
    pub(super) fn says_ready(&self) -> bool {
        self.kind() == b'Z'
    }
}

/// Reads a length and what it counts, behind what has been read already.
fn read_counted(from: &mut impl Read, mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut length = [0; LENGTH_BYTES];
    from.read_exact(&mut length)?;
    bytes.extend(length);
    let counted = usize::try_from(u32::from_be_bytes(length)).unwrap_or_default();
    let rest = counted.checked_sub(LENGTH_BYTES).ok_or(io::ErrorKind::InvalidData)?;
    let wanted = bytes.len() + rest;
    from.take(rest.try_into().unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    if bytes.len() == wanted { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, text: &str) -> Frame {
        let length = u32::try_from(LENGTH_BYTES + text.len() + 1).unwrap().to_be_bytes();
        let bytes = [&[kind], &length[..], text.as_bytes(), &[0]].concat();
        Frame::read(&mut bytes.as_slice()).unwrap()
    }

    #[test]
    fn a_commit_is_seen_alone_and_behind_other_statements() {
        assert!(frame(b'Q', "COMMIT").asks_to_commit());
        assert!(frame(b'Q', "SELECT 1; COMMIT").asks_to_commit());
        assert!(frame(b'Q', " commit ;").asks_to_commit());
        assert!(!frame(b'Q', "SELECT 'committed'").asks_to_commit());
        assert!(!frame(b'Q', "ROLLBACK").asks_to_commit());
        assert!(!frame(b'P', "COMMIT").asks_to_commit());
    }

    #[test]
    fn the_answer_to_a_commit_is_seen() {
        assert!(frame(b'C', "COMMIT").says_committed());
        assert!(!frame(b'C', "ROLLBACK").says_committed());
        assert!(!frame(b'C', "SELECT 1").says_committed());
    }

    #[test]
    fn a_message_that_breaks_off_is_no_message() {
        let whole = frame(b'Q', "COMMIT").0;
        assert!(Frame::read(&mut &whole[..whole.len() - 1]).is_err());
        assert!(Frame::read(&mut [b'Q', 0, 0, 0, 3].as_slice()).is_err());
    }
}
