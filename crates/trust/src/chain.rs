//! The chain: each link hashes its row together with the hash of the link before it, so that no row can be changed,
//! taken out or put in without every later hash being another.

use std::{fmt, str::FromStr};

use huike_kernel::AuditId;
use serde::Serialize;

use crate::{AuditEntry, Digest, MalformedDigest};

/// What the hash of a link is over says which rules made it.
const FORMAT: &str = "huike.audit.1";

/// A place in the chain: how many rows are sealed up to it, and the hash that stands for all of them. Whoever keeps one
/// elsewhere can tell later whether the rows up to it are still the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the last link.
    pub seq: i64,
    /// Its hash.
    pub hash: Digest,
}

/// The seal of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Its number; the first is one.
    pub seq: i64,
    /// The hash of the link before; zeros for the first.
    pub prev: Digest,
    /// The hash over row, number and `prev`.
    pub hash: Digest,
}

/// Where a chain does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// Numbers are missing, or not in order.
    #[error("the link after {after} has the number {found}")]
    Gap {
        /// The last number that was right.
        after: i64,
        /// The number that follows.
        found: i64,
    },
    /// It does not follow the link that stands before it.
    #[error("it follows another link than the one before it")]
    PreviousDiffers,
    /// The row is not the one that was sealed.
    #[error("the row is not the one that was sealed")]
    HashDiffers,
    /// The row is gone.
    #[error("the sealed row is gone")]
    RowMissing,
    /// The payload is not the one that the digest was made of.
    #[error("the payload is not the one that was written")]
    PayloadDiffers,
    /// The chain ends before a link that somebody knows of.
    #[error("there is no such link any more")]
    LinkMissing,
    /// The link is not the one that somebody knows of.
    #[error("the link has another hash than the one that was kept")]
    KnownDiffers,
}

impl ChainFault {
    /// One word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Gap { .. } => "gap",
            Self::PreviousDiffers => "previous_differs",
            Self::HashDiffers => "hash_differs",
            Self::RowMissing => "row_missing",
            Self::PayloadDiffers => "payload_differs",
            Self::LinkMissing => "link_missing",
            Self::KnownDiffers => "known_differs",
        }
    }
}

/// What is hashed, under the names a reader of the raw bytes meets.
#[derive(Serialize)]
struct Sealed<'a> {
    format: &'static str,
    seq: i64,
    prev_hash: Digest,
    id: AuditId,
    site_id: String,
    actor_kind: &'static str,
    actor_id: Option<String>,
    action: &'a str,
    subject_kind: &'a str,
    subject_id: &'a str,
    request_id: &'a str,
    occurred_at_us: i64,
    payload_digest: Digest,
}

impl Head {
    /// Where every chain begins.
    pub const START: Self = Self { seq: 0, hash: Digest::ZERO };

    /// Seals the next row.
    pub fn seal(&self, entry: &AuditEntry) -> Result<Link, serde_json::Error> {
        let seq = self.seq.saturating_add(1);
        let hash = Digest::of(&Sealed {
            format: FORMAT,
            seq,
            prev_hash: self.hash,
            id: entry.id,
            site_id: entry.site.to_string(),
            actor_kind: entry.actor.kind(),
            actor_id: entry.actor.id().map(|id| id.to_string()),
            action: &entry.action,
            subject_kind: &entry.subject_kind,
            subject_id: &entry.subject,
            request_id: &entry.request_id,
            occurred_at_us: entry.occurred_at.timestamp_micros(),
            payload_digest: entry.payload_digest,
        })?;
        Ok(Link { seq, prev: self.hash, hash })
    }

    /// Whether the link is the one that seals this row after this head. What is wrong is told in the order in which it
    /// would be looked for: number, link before, row.
    ///
    /// Whoever could not read the row says why instead of it.
    pub fn check(&self, link: &Link, entry: Result<&AuditEntry, ChainFault>) -> Result<(), ChainFault> {
        if Some(link.seq) != self.seq.checked_add(1) {
            return Err(ChainFault::Gap { after: self.seq, found: link.seq });
        }
        if link.prev != self.hash {
            return Err(ChainFault::PreviousDiffers);
        }
        // A row that cannot be written as canonical JSON was never sealed either.
        match self.seal(entry?) {
            Ok(sealed) if sealed.hash == link.hash => Ok(()),
            Ok(_) | Err(_) => Err(ChainFault::HashDiffers),
        }
    }
}

impl Link {
    /// The chain's head once this link is its last.
    pub const fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }
}

/// Seals rows one after the other. The links, in the order of the rows.
pub fn seal_all<'a>(
    head: Head,
    entries: impl IntoIterator<Item = &'a AuditEntry>,
) -> Result<Vec<Link>, serde_json::Error> {
    let mut head = head;
    let seal = |entry| {
        let link = head.seal(entry)?;
        head = link.head();
        Ok(link)
    };
    entries.into_iter().map(seal).collect()
}

/// The text is no head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MalformedHead {
    /// The number.
    #[error("a head is NUMBER:HASH, and the number is at least 1")]
    Seq,
    /// The hash.
    #[error(transparent)]
    Hash(#[from] MalformedDigest),
}

/// `NUMBER:HASH`, as the log and the command line spell it.
impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Head {
    type Err = MalformedHead;

    fn from_str(text: &str) -> Result<Self, MalformedHead> {
        let (seq, hash) = text.split_once(':').ok_or(MalformedHead::Seq)?;
        let seq = seq.parse().ok().filter(|seq| *seq > 0).ok_or(MalformedHead::Seq)?;
        Ok(Self { seq, hash: hash.parse()? })
    }
}
