//! Heads of the audit chain that were kept elsewhere: the one thing that tells whether the newest links were taken off, or
//! the whole chain was made anew.

use std::{io::Write, str::FromStr};

use huike_persistence::{Db, StoreError, audit_seals};
use huike_trust::{Digest, Head, MalformedDigest, MalformedHead};

use super::{CliError, output};

/// A head as somebody kept it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeptHead {
    /// With its number, as the log tells it.
    Numbered(Head),
    /// The hash alone.
    Hash(Digest),
}

/// Whether the chain goes through a head.
pub(super) struct HeadFound {
    kept: KeptHead,
    /// The link that was found.
    link: Option<Head>,
    /// Where the chain ends.
    end: Head,
}

impl FromStr for KeptHead {
    type Err = MalformedHead;

    fn from_str(text: &str) -> Result<Self, MalformedHead> {
        if text.contains(':') {
            return text.parse().map(Self::Numbered);
        }
        text.parse().map(Self::Hash).map_err(|error: MalformedDigest| error.into())
    }
}

impl KeptHead {
    /// Looks it up in the chain.
    pub(super) fn look_for(&self, db: &mut Db) -> Result<HeadFound, StoreError> {
        let link = match self {
            Self::Numbered(head) => audit_seals::find_link(db, head.seq)?,
            Self::Hash(hash) => audit_seals::find_hash(db, *hash)?,
        };
        Ok(HeadFound { kept: *self, link, end: audit_seals::head(db)? })
    }
}

impl HeadFound {
    fn is_in_the_chain(&self) -> bool {
        match (self.kept, self.link) {
            (KeptHead::Numbered(kept), Some(link)) => kept == link,
            (KeptHead::Hash(_), link) => link.is_some(),
            (KeptHead::Numbered(_), None) => false,
        }
    }

    fn words(&self) -> String {
        match (self.kept, self.link) {
            _ if self.is_in_the_chain() => {
                let link = self.link.map(|link| link.to_string()).unwrap_or_default();
                format!("the audit chain goes through {link}, and ends at {}", self.end)
            }
            (KeptHead::Numbered(kept), Some(link)) => {
                format!("the audit chain does not go through {kept}: its link is {link}")
            }
            (KeptHead::Numbered(kept), None) => {
                format!("the audit chain does not go through {kept}: it ends at {}", self.end)
            }
            (KeptHead::Hash(hash), _) => format!("the audit chain does not go through {hash}: it ends at {}", self.end),
        }
    }
}

/// Says of each head whether the chain goes through it; an error where it does not.
pub(super) fn tell_heads(found: &[HeadFound]) -> Result<(), CliError> {
    let mut out = output::stdout();
    for head in found {
        writeln!(out, "{}", head.words())?;
    }
    match found.iter().filter(|head| !head.is_in_the_chain()).count() {
        0 => Ok(()),
        missing => Err(CliError::AuditHeadMissing { missing }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_kept_with_its_number_or_without() {
        let hash = "ab".repeat(32);
        let digest: Digest = hash.parse().unwrap();
        assert_eq!(format!("7:{hash}").parse(), Ok(KeptHead::Numbered(Head { seq: 7, hash: digest })));
        assert_eq!(hash.parse(), Ok(KeptHead::Hash(digest)));
        for wrong in ["", "7", "7:", ":ab", &format!("0:{hash}"), &format!("-1:{hash}"), &hash[1..]] {
            assert!(wrong.parse::<KeptHead>().is_err(), "{wrong}");
        }
    }
}
