//! What the database itself promises, and SQLite can be asked to prove.

use super::{Check, Invariant};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "DB",
        name: "integrity_check",
        what: "SQLite finds its file sound, every index complete and every CHECK kept",
        check: Check::SqliteOnly(
            "SELECT NULL AS subject, integrity_check AS detail FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        ),
    },
    Invariant {
        id: "DB",
        name: "foreign_key_check",
        what: "every foreign key of SQLite leads to a row",
        check: Check::SqliteOnly(
            "SELECT NULL AS subject, \"table\" || ' refers to a missing row of ' || \"parent\" AS detail
             FROM pragma_foreign_key_check",
        ),
    },
];
