//! Other programs' processes: whom to run them as, and signals to them.

use std::{fs, path::PathBuf};

use rustix::process::{Pid, Resource, Rlimit, geteuid, kill_process, prlimit};

pub use rustix::process::Signal;

/// Sends a signal to a process by its id. One that has gone by itself is no fault.
pub(crate) fn send(process: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        let _gone = kill_process(pid, signal);
    }
}

/// From now on no file of the process may grow past so many bytes, or as far as the hard limit allows.
pub(crate) fn limit_files(process: u32, bytes: Option<u64>) {
    let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
    // The hard limit stays, so that the soft one can be lifted again.
    prlimit(pid, Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}

/// Whether a signal has stopped it.
pub(crate) fn is_stopped(process: u32) -> bool {
    status(process).is_some_and(|(state, _parent)| state == "T")
}

/// Those that it has started, by their ids.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| status(*id).is_some_and(|(_state, of)| of == parent)).collect()
}

/// State and parent: the first two words after the name, which is in brackets and may hold anything.
fn status(process: u32) -> Option<(String, u32)> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_name, words) = line.rsplit_once(')')?;
    let mut words = words.split_whitespace();
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
}

/// An account of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    pub user: u32,
    pub group: u32,
}

impl Account {
    /// PostgreSQL refuses to run as root: there it runs as somebody else. `None` is whoever we are.
    pub(crate) fn to_run_as() -> Option<Self> {
        if !geteuid().is_root() {
            return None;
        }
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let found = ["postgres", "huike-test", "nobody"].iter().find_map(|name| Self::named(&accounts, name));
        Some(
            found.unwrap_or_else(|| panic!("PostgreSQL does not run as root, and there is no user postgres or nobody")),
        )
    }

    fn named(accounts: &str, wanted: &str) -> Option<Self> {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(wanted))?;
        let mut numbers = line.split(':').skip(2).filter_map(|field| field.parse().ok());
        Some(Self { user: numbers.next()?, group: numbers.next()? })
    }
}

/// The folder of PostgreSQL's programs: in the `PATH`, or where Debian puts them; the newest version wins.
pub(crate) fn find_programs() -> Option<PathBuf> {
    let whole = |folder: &PathBuf| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    std::env::split_paths(&path).chain(versions.into_iter().rev().map(|(_, folder)| folder)).find(whole)
}
