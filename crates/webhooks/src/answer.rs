//! What came back from a receiver, and what follows from it.

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::words;

use crate::next_attempt;

words!(
    /// Why a delivery got no answer that counts: kept with the attempt, and shown to whoever looks into it.
    Fault, "webhook fault" {
        /// The URL, which was good once, may not be called any more.
        UrlRefused = "url_refused",
        /// The name has no address.
        NameUnknown = "name_unknown",
        /// The name leads to an address that may not be called.
        AddressRefused = "address_refused",
        /// Nobody listens there.
        ConnectFailed = "connect_failed",
        /// The certificate, or what was said before it, is not in order.
        TlsFailed = "tls_failed",
        /// The connection broke, or what came is not HTTP.
        AnswerBroken = "answer_broken",
        /// It took too long.
        TimedOut = "timed_out",
        /// The endpoint has no secret that can be opened, so nothing was sent.
        SecretSealed = "secret_sealed",
    }
);

/// What came of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The receiver answered.
    Status {
        /// With this HTTP status.
        code: u16,
        /// And asked to be left alone for so long.
        retry_after: Option<TimeDelta>,
    },
    /// There was no answer.
    Failed(Fault),
}

/// What becomes of the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has it.
    Delivered,
    /// Another attempt, not before then.
    RetryAt(DateTime<Utc>),
    /// That was the last attempt. Staff may replay it.
    Parked,
    /// The receiver wants no more from us, now or ever: the endpoint is to be disabled.
    Gone,
}

impl Answer {
    /// The HTTP status, where there was an answer.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Status { code, .. } => Some(*code),
            Self::Failed(_) => None,
        }
    }

    /// Why there was none.
    pub const fn fault(&self) -> Option<Fault> {
        match self {
            Self::Status { .. } => None,
            Self::Failed(fault) => Some(*fault),
        }
    }
}

/// Decides what becomes of a delivery: 2xx is delivered, 410 is the end of the endpoint, and everything else, redirects too, is
/// another attempt while there are any left. `failed_before` counts the attempts before this one; a receiver may lengthen a
/// wait, never shorten it: one that always says "in a second" would use up its attempts in ten.
pub fn decide_verdict(answer: &Answer, failed_before: u32, seed: u64, now: DateTime<Utc>) -> Verdict {
    let asked = match answer {
        Answer::Status { code: 200..=299, .. } => return Verdict::Delivered,
        Answer::Status { code: 410, .. } => return Verdict::Gone,
        Answer::Status { retry_after, .. } => *retry_after,
        Answer::Failed(_) => None,
    };
    let Some(wait) = next_attempt(failed_before.saturating_add(1), seed) else {
        return Verdict::Parked;
    };
    let wait = asked.map_or(wait, |asked| asked.max(wait));
    now.checked_add_signed(wait).map_or(Verdict::Parked, Verdict::RetryAt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::back_off::SCHEDULE;

    fn now() -> DateTime<Utc> {
        "2026-11-22T08:00:00Z".parse().unwrap()
    }

    fn verdict(code: u16, failed_before: u32) -> Verdict {
        decide_verdict(&Answer::Status { code, retry_after: None }, failed_before, 100, now())
    }

    #[test]
    fn every_2xx_delivers_410_ends_and_nothing_else_does_either() {
        for code in 100..=599 {
            let wanted = match code {
                200..=299 => Verdict::Delivered,
                410 => Verdict::Gone,
                _ => Verdict::RetryAt(now() + SCHEDULE[0]),
            };
            assert_eq!(verdict(code, 0), wanted, "{code}");
        }
    }

    #[test]
    fn ten_attempts_and_no_more() {
        for (failed_before, wait) in (0..).zip(SCHEDULE) {
            assert_eq!(verdict(500, failed_before), Verdict::RetryAt(now() + wait));
        }
        assert_eq!(verdict(500, 9), Verdict::Parked);
        assert_eq!(verdict(204, 9), Verdict::Delivered);
        assert_eq!(decide_verdict(&Answer::Failed(Fault::TimedOut), 9, 0, now()), Verdict::Parked);
    }

    #[test]
    fn a_receiver_may_lengthen_a_wait_but_not_shorten_it() {
        let after = |seconds, failed_before| {
            let retry_after = Some(TimeDelta::seconds(seconds));
            decide_verdict(&Answer::Status { code: 503, retry_after }, failed_before, 100, now())
        };
        assert_eq!(after(3_600, 0), Verdict::RetryAt(now() + TimeDelta::hours(1)));
        assert_eq!(after(1, 4), Verdict::RetryAt(now() + SCHEDULE[4]));
        assert_eq!(after(1, 9), Verdict::Parked);
    }

    #[test]
    fn no_moment_is_too_late_to_decide() {
        let last = DateTime::<Utc>::MAX_UTC;
        assert_eq!(decide_verdict(&Answer::Failed(Fault::TimedOut), 0, 0, last), Verdict::Parked);
    }
}
