//! What a process says while it runs.

use std::{
    io::{BufRead, BufReader, Read},
    sync::{Arc, Mutex, mpsc},
    thread::JoinHandle,
};

/// Lines that tell of a defect, but for those with one of the excused words in them.
pub(crate) fn faults(log: &str, excused: &[&str]) -> Vec<String> {
    let tells = |line: &&str| line.contains("panicked at") || line.contains("ERROR");
    let counts = |line: &&str| !excused.iter().any(|word| line.contains(word));
    log.lines().filter(tells).filter(counts).map(str::to_owned).collect()
}

/// Reads a stream to its end, so that the process never waits for a reader.
#[derive(Debug)]
pub(crate) struct Reader {
    kept: Arc<Mutex<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    /// Reads from now on, and tells what follows the words `listening on`.
    pub(crate) fn of(stream: impl Read + Send + 'static, address: Option<mpsc::Sender<String>>) -> Self {
        let kept = Arc::new(Mutex::new(String::new()));
        let lines = Arc::clone(&kept);
        let thread = std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if let (Some(tell), Some(base)) = (&address, line.strip_prefix("listening on ")) {
                    drop(tell.send(base.to_owned()));
                }
                let mut lines = lines.lock().unwrap();
                lines.push_str(&line);
                lines.push('\n');
            }
        });
        Self { kept, thread: Some(thread) }
    }

    /// What has been said so far.
    pub(crate) fn text(&self) -> String {
        self.kept.lock().unwrap().clone()
    }

    /// What was said to the end; the process has ended.
    pub(crate) fn finish(&mut self) -> String {
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        self.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_and_errors_are_found_and_what_is_excused_is_not() {
        let log = "INFO fine\nthread 'a' panicked at src/b.rs\nERROR disk is full\nERROR other";
        assert_eq!(faults(log, &["disk is full"]), ["thread 'a' panicked at src/b.rs", "ERROR other"]);
    }
}
