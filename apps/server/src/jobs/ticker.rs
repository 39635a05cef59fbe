//! A thread that does one small thing again and again, for what must not wait for a long job.

use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::JoinHandle,
    time::Duration,
};

/// The running thread; dropping it does the thing once more and waits for that.
pub(super) struct Ticker {
    name: &'static str,
    wake: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(super) fn start(
        name: &'static str,
        every: Duration,
        mut tick: impl FnMut() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (wake, told) = mpsc::channel();
        let keep_ticking = move || {
            loop {
                let stops = told.recv_timeout(every) == Err(RecvTimeoutError::Disconnected);
                tick();
                if stops {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(keep_ticking)?;
        Ok(Self { name, wake: Some(wake), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.wake.take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(thread = self.name, "the thread {} panicked", self.name);
        }
    }
}

/// Whether something that is tried again and again fails: told once when that begins and once when it is over, not each
/// time for as long as the database is away.
#[derive(Debug, Default)]
pub(super) struct Outage(AtomicBool);

impl Outage {
    /// It failed; true the first time.
    pub(super) fn begins(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }

    /// It went well; true if it had failed before.
    pub(super) fn ends(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_once_when_it_begins_and_once_when_it_is_over() {
        let outage = Outage::default();
        assert!(!outage.ends(), "nothing was wrong");
        let told = [outage.begins(), outage.begins(), outage.begins(), outage.ends(), outage.ends(), outage.begins()];
        assert_eq!(told, [true, false, false, true, false, true]);
    }

    #[test]
    fn the_thing_is_done_again_and_again_and_once_more_at_the_end() {
        let (tell, told) = mpsc::channel();
        let hour = Duration::from_secs(3_600);
        let often = Ticker::start("often", Duration::from_millis(1), {
            let tell = tell.clone();
            move || tell.send("often").unwrap()
        })
        .unwrap();
        assert_eq!([told.recv(), told.recv(), told.recv()], [Ok("often"); 3]);
        drop(often);
        let seldom = Ticker::start("seldom", hour, move || tell.send("seldom").unwrap()).unwrap();
        drop(seldom);
        assert_eq!(told.iter().filter(|it| *it == "seldom").count(), 1);
    }
}
