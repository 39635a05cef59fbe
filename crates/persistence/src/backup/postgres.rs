//! Backups of PostgreSQL: archives of pg_dump, in its own format.

use std::{ops::ControlFlow, path::Path};

use diesel::{
    QueryableByName, RunQueryDsl,
    pg::PgConnection,
    select, sql_query,
    sql_types::{BigInt, Text},
};

use super::{BackupError, Tell, archive::Facts, copy_text::rows, file::Partial, programs::Program};
use crate::{StoreError, secret_keys::WrappedKey};

const DUMP: &str = "pg_dump";
const RESTORE: &str = "pg_restore";
/// What pg_dump and pg_restore say on a full disk.
const DISK_FULL: [&str; 2] = ["No space left on device", "File too large"];

#[diesel::declare_sql_function]
extern "SQL" {
    /// The value of a setting in this session.
    fn current_setting(name: Text) -> Text;
}

/// 15 of 150018.
pub(super) fn major_of(server: &mut PgConnection) -> Result<u32, BackupError> {
    let number: String = select(current_setting("server_version_num")).get_result(server).map_err(StoreError::from)?;
    let number: u32 = number.parse().map_err(|error| StoreError::corrupt("server_version_num", error))?;
    Ok(number / 10_000)
}

/// Dumps the database into the file.
pub(super) fn write(url: &str, major: u32, partial: &Partial, tell: Tell<'_>) -> Result<(), BackupError> {
    let file = format!("--file={}", partial.path().display());
    let call = Program::find(DUMP, major)?.call(["--format=custom", "--no-owner", "--no-privileges", &file]).on(url);
    call.run(&mut || tell(partial.bytes())).map_err(|error| of_full_disk(error, partial.path()))
}

/// Reads the whole archive once, to the end.
pub(super) fn check(file: &Path, major: u32) -> Result<(), BackupError> {
    let call = Program::find(RESTORE, major)?.call(["--file=-"]).of(file);
    call.run(&mut || ControlFlow::Continue(())).map_err(|error| of_archive(error, file))
}

/// What there is to know of the archive before it is restored.
pub(super) fn read(file: &Path, major: u32) -> Result<Facts, BackupError> {
    let program = Program::find(RESTORE, major)?;
    let table = |name: &str| {
        let call = program.call(["--data-only", "--file=-", &format!("--table={name}")]).of(file);
        call.read().map_err(|error| of_archive(error, file))
    };
    let applied = rows(&table("__diesel_schema_migrations")?, &["version"]);
    let mut applied: Vec<String> = applied.into_iter().flatten().collect();
    applied.sort();
    if applied.is_empty() {
        return Err(BackupError::NoBackup(file.to_owned()));
    }
    let keys = rows(&table("secret_key")?, &["purpose", "number", "wrapped"]);
    let keys = keys.into_iter().map(|row| wrapped_key(&row)).collect::<Option<Vec<_>>>();
    let mut keys = keys.ok_or_else(|| BackupError::Broken(file.to_owned(), "its keys cannot be read".to_owned()))?;
    keys.sort_by(|one, other| (&one.purpose, one.number).cmp(&(&other.purpose, other.number)));
    Ok(Facts { applied, keys })
}

fn wrapped_key(row: &[String]) -> Option<WrappedKey> {
    let [purpose, number, wrapped] = row else { return None };
    let digits = wrapped.strip_prefix("\\x")?.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    Some(WrappedKey {
        purpose: purpose.clone(),
        number: number.parse().ok()?,
        wrapped: digits.chunks(2).map(byte).collect::<Option<Vec<_>>>()?,
    })
}

/// Restores the archive, all or nothing.
pub(super) fn restore(file: &Path, url: &str, major: u32, tell: Tell<'_>) -> Result<(), BackupError> {
    let arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"];
    let call = Program::find(RESTORE, major)?.call(arguments).on(url).of(file);
    call.run(&mut || tell(0)).map_err(|error| of_archive(error, file))
}

#[derive(QueryableByName)]
struct Relation {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// Something that lies where the backup is to go.
pub(super) fn find_in_the_way(server: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let query = "SELECT relname::text AS name, count(*) OVER () AS total FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
        ORDER BY relkind DESC, relname LIMIT 1";
    let found: Vec<Relation> = sql_query(query).load(server)?;
    Ok(found.into_iter().next().map(|it| format!("{}, one of {} relations,", it.name, it.total)))
}

fn of_full_disk(error: BackupError, file: &Path) -> BackupError {
    match error {
        BackupError::Program(_, complaint) if DISK_FULL.iter().any(|words| complaint.contains(words)) => {
            BackupError::DiskFull(file.to_owned())
        }
        other => other,
    }
}

/// What the archive's reader complains about is most often the archive.
fn of_archive(error: BackupError, file: &Path) -> BackupError {
    match error {
        BackupError::Program(program, complaint) => {
            BackupError::Broken(file.to_owned(), format!("{program} says: {complaint}"))
        }
        other => other,
    }
}
