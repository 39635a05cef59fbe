//! Backups of SQLite: a file of its own, made by `VACUUM INTO` on its own connection while others read and write.

use std::{
    fs::File,
    io::{self, Read, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text,
    sqlite::SqliteConnection,
};

use super::{BackupError, READ_AT_ONCE, Tell, archive::Facts, file::Partial};
use crate::{DatabaseUrl, Db, StoreError, migrations, secret_keys};

/// How often the growing file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Writes what the database is at this moment into the file.
pub(super) fn write(db: &mut SqliteConnection, partial: &Partial, tell: Tell<'_>) -> Result<(), BackupError> {
    // SQLite takes writing another file for writing this one.
    db.batch_execute("PRAGMA query_only = OFF").map_err(StoreError::from)?;
    let path = partial.path().to_string_lossy().into_owned();
    let vacuum = sql_query("VACUUM INTO ?").bind::<Text, _>(path);
    let done = thread::scope(|scope| {
        let (ended, end) = channel::<()>();
        scope.spawn(move || {
            while end.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                // One statement cannot be broken off from here; whoever must stop at once ends the process.
                let _told = tell(partial.bytes());
            }
        });
        let done = vacuum.execute(db);
        drop(ended);
        done
    });
    done.map(drop).map_err(|error| BackupError::of_writing(partial.path(), error))
}

/// Copies the backup to where the database is made.
pub(super) fn copy(from: &Path, partial: &mut Partial, tell: Tell<'_>) -> Result<(), BackupError> {
    let mut source = File::open(from).map_err(|error| BackupError::of_file(from, error))?;
    let mut buffer = vec![0; READ_AT_ONCE];
    loop {
        let read = source.read(&mut buffer).map_err(|error| BackupError::of_file(from, error))?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        let to = partial.path().to_owned();
        partial.write_all(bytes).map_err(|error| BackupError::of_file(&to, error))?;
        if tell(partial.bytes()) == ControlFlow::Break(()) {
            return Err(BackupError::Stopped);
        }
    }
}

/// Looks through the whole file, and says what there is to know of it.
pub(super) fn read(file: &Path) -> Result<Facts, BackupError> {
    let header = Header::read(file).map_err(|error| BackupError::of_file(file, error))?;
    if header.has_log {
        let words = "it is a copy of a database file without its log; use `huike backup` to make a backup";
        return Err(BackupError::Broken(file.to_owned(), words.to_owned()));
    }
    // SQLite itself takes what is missing of the last page for zeros.
    if header.length < header.length_wanted {
        let words = format!("it has {} of {} bytes", header.length, header.length_wanted);
        return Err(BackupError::Broken(file.to_owned(), words));
    }
    let broken = |error: &dyn std::fmt::Display| BackupError::Broken(file.to_owned(), error.to_string());
    let connection = SqliteConnection::establish(&unchanging(file)).map_err(|error| broken(&error))?;
    let mut db = Db::Sqlite(connection);
    check(&mut db).map_err(|complaint| broken(&complaint))?;
    let applied = migrations::applied(&mut db).map_err(|error| broken(&error))?;
    if applied.is_empty() {
        return Err(BackupError::NoBackup(file.to_owned()));
    }
    let keys = secret_keys::list(&mut db).map_err(|error| broken(&error))?;
    Ok(Facts { applied, keys })
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    finding: String,
}

/// Every page, every index, every CHECK, every foreign key.
fn check(db: &mut Db) -> Result<(), String> {
    let Db::Sqlite(connection) = db else { return Ok(()) };
    let queries = [
        "SELECT integrity_check AS finding FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        "SELECT \"table\" || ' refers to a missing row of ' || \"parent\" AS finding FROM pragma_foreign_key_check",
    ];
    for query in queries {
        let findings: Vec<Finding> = sql_query(query).load(connection).map_err(|error| error.to_string())?;
        if let Some(first) = findings.first() {
            return Err(format!("{} ({} findings)", first.finding, findings.len()));
        }
    }
    Ok(())
}

/// What the first bytes say (sqlite.org/fileformat2.html, 1.3).
struct Header {
    /// A write-ahead log belongs to the file.
    has_log: bool,
    /// Bytes that are there.
    length: u64,
    /// Bytes that its pages take.
    length_wanted: u64,
}

impl Header {
    fn read(file: &Path) -> io::Result<Self> {
        let mut source = File::open(file)?;
        let mut bytes = [0; 32];
        source.read_exact(&mut bytes)?;
        let [.., size_high, size_low, write_version, _, _, _, _, _, _, _, _, _, p3, p2, p1, p0] = bytes;
        let page = match u64::from(u16::from_be_bytes([size_high, size_low])) {
            // It does not fit into two bytes.
            1 => 65_536,
            size => size,
        };
        let pages = u64::from(u32::from_be_bytes([p3, p2, p1, p0]));
        let (length, length_wanted) = (source.metadata()?.len(), page.saturating_mul(pages));
        Ok(Self { has_log: write_version == 2, length, length_wanted })
    }
}

/// The file as SQLite is told to open it without touching it or anything beside it.
fn unchanging(file: &Path) -> String {
    let mut name = String::from("file:");
    for sign in file.to_string_lossy().chars() {
        match sign {
            '%' => name.push_str("%25"),
            '?' => name.push_str("%3f"),
            '#' => name.push_str("%23"),
            other => name.push(other),
        }
    }
    name.push_str("?immutable=1&mode=ro");
    name
}

/// Opens a database that is being made. Without a write-ahead log, so that it is one file in the end.
pub(super) fn open_new(file: &Path) -> Result<Db, BackupError> {
    let url = DatabaseUrl::Sqlite(file.to_owned());
    let mut connection =
        SqliteConnection::establish(&file.to_string_lossy()).map_err(|error| BackupError::Connection(url, error))?;
    connection
        .batch_execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
        .map_err(StoreError::from)?;
    Ok(Db::Sqlite(connection))
}

/// Something that lies where the database is to be.
pub(super) fn find_in_the_way(database: &Path) -> Option<PathBuf> {
    let beside = |ending: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    ["", "-wal", "-shm", "-journal"].into_iter().map(beside).find(|file| file.exists())
}
