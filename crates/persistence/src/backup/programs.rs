//! Finds and runs the programs of PostgreSQL that make and read its backups.

use std::{
    ffi::OsStr,
    io::Read,
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use super::{BackupError, address::split_password};

/// How often a running program is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Where Debian and Red Hat keep one folder for each version.
const FOLDERS: [(&str, &str); 2] = [("/usr/lib/postgresql", "bin"), ("/usr", "bin")];

/// A program of PostgreSQL that is there.
#[derive(Debug, Clone)]
pub(super) struct Program {
    name: &'static str,
    path: PathBuf,
}

impl Program {
    /// The oldest one that is not older than the server, for a newer one may say things that an older server does not
    /// know; of several the first in the PATH.
    pub(super) fn find(name: &'static str, major: u32) -> Result<Self, BackupError> {
        let found: Vec<(u32, PathBuf)> = candidates(name).into_iter().filter_map(with_version).collect();
        let good = found.iter().filter(|(version, _)| *version >= major);
        match good.min_by_key(|(version, _)| *version) {
            Some((_, path)) => Ok(Self { name, path: path.clone() }),
            None => Err(BackupError::NoProgram { program: name, major, found: described(&found) }),
        }
    }

    /// A call of it that speaks English and reads nothing.
    pub(super) fn call<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Call {
        let mut command = Command::new(&self.path);
        command.args(arguments).env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        Call { name: self.name, command }
    }
}

/// A call of a program.
pub(super) struct Call {
    name: &'static str,
    command: Command,
}

impl Call {
    /// With the database of the URL.
    pub(super) fn on(mut self, url: &str) -> Self {
        let (url, password) = split_password(url);
        self.command.arg(format!("--dbname={url}")).env("PGAPPNAME", "huike");
        if let Some(password) = password {
            self.command.env("PGPASSWORD", password);
        }
        self
    }

    /// With a file to read.
    pub(super) fn of(mut self, file: &Path) -> Self {
        self.command.arg(file);
        self
    }

    /// Runs it to its end and hands over what it printed.
    pub(super) fn read(mut self) -> Result<String, BackupError> {
        let output = self.command.stdout(Stdio::piped()).output().map_err(|error| self.failed(&error.to_string()))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(self.failed(&String::from_utf8_lossy(&output.stderr))),
        }
    }

    /// Runs it to its end, and looks up now and then. Told to break off, it kills the program.
    pub(super) fn run(mut self, look: &mut dyn FnMut() -> ControlFlow<()>) -> Result<(), BackupError> {
        let mut child = self.command.spawn().map_err(|error| self.failed(&error.to_string()))?;
        let complaints = child.stderr.take();
        let complaints = thread::spawn(move || {
            let mut text = String::new();
            // What cannot be read is not said; the exit code counts.
            let _read = complaints.map(|mut stream| stream.read_to_string(&mut text));
            text
        });
        let ended = wait(&mut child, look);
        let complaints = complaints.join().unwrap_or_default();
        match ended {
            Some(status) if status.success() => Ok(()),
            Some(_) => Err(self.failed(&complaints)),
            None => Err(BackupError::Stopped),
        }
    }

    fn failed(&self, complaints: &str) -> BackupError {
        BackupError::Program(self.name, complaints.trim().to_owned())
    }
}

/// Waits for the end. `None` if it was broken off, or cannot be waited for.
fn wait(child: &mut Child, look: &mut dyn FnMut() -> ControlFlow<()>) -> Option<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().ok()? {
            return Some(status);
        }
        if look().is_break() {
            drop(child.kill());
            drop(child.wait());
            return None;
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Every place where the program may be.
fn candidates(name: &str) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for (parent, below) in FOLDERS {
        let entries = std::fs::read_dir(parent).into_iter().flatten().filter_map(Result::ok);
        folders.extend(entries.map(|entry| entry.path().join(below)));
    }
    let files = folders.into_iter().map(|folder| folder.join(name));
    files.filter(|file| file.is_file()).collect()
}

fn with_version(path: PathBuf) -> Option<(u32, PathBuf)> {
    let output = Command::new(&path).arg("--version").stdin(Stdio::null()).output().ok()?;
    Some((major_in(&String::from_utf8_lossy(&output.stdout))?, path))
}

/// 15 of `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_in(text: &str) -> Option<u32> {
    let version = text.split_once("(PostgreSQL)")?.1.trim_start();
    version.split(|sign: char| !sign.is_ascii_digit()).next()?.parse().ok()
}

fn described(found: &[(u32, PathBuf)]) -> String {
    if found.is_empty() {
        return "and not found".to_owned();
    }
    let found: Vec<String> = found.iter().map(|(version, path)| format!("{version} in {}", path.display())).collect();
    format!("(found {})", found.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_off_what_programs_say_of_themselves() {
        assert_eq!(major_in("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_in("pg_restore (PostgreSQL) 18beta2"), Some(18));
        assert_eq!(major_in("pg_dump 15"), None);
    }

    #[test]
    fn a_program_that_is_not_there_is_named_with_the_line_that_brings_it() {
        let error = Program::find("pg_dance", 15).unwrap_err().to_string();
        assert_eq!(
            error,
            "pg_dance of PostgreSQL 15 or newer is needed and not found: apt-get install postgresql-client-15"
        );
        let old = BackupError::NoProgram {
            program: "pg_dump",
            major: 16,
            found: described(&[(13, "/usr/bin/pg_dump".into())]),
        };
        assert!(old.to_string().contains("needed (found 13 in /usr/bin/pg_dump): apt-get"), "{old}");
    }
}
