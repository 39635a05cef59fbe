//! What is put right after a database was restored from a backup, before it serves.

use huike_persistence::{Db, nodes, sessions};
use serde_json::json;

use crate::{
    Act, UseCaseError, audit,
    record::{self, Change},
};

/// What was put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Sessions that were ended.
    pub sessions_ended: usize,
}

/// Ends every session, because one that was ended after the backup was made would be good again, and notes in the audit
/// log that the log goes back to an earlier moment here. Nothing to do where no brand was begun.
///
/// What waited for its seal when the backup was made is sealed first: nothing may be written after it unsealed.
pub fn after_restore(db: &mut Db, act: &Act<'_>) -> Result<Recovered, UseCaseError> {
    let Some(head) = nodes::find_head(db)? else { return Ok(Recovered::default()) };
    audit::seal_rest(db, act.now)?;
    let sessions_ended = sessions::revoke_all(db, act.now)?;
    let change = Change {
        action: "database.restore",
        subject_kind: "node",
        subject: head.id.to_string(),
        before: json!(null),
        after: json!({ "sessions_ended": sessions_ended }),
    };
    record::audit(db, act, head.id, change)?;
    Ok(Recovered { sessions_ended })
}
