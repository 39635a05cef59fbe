//! What all jobs share. The work itself stands with the capability it belongs to.

use chrono::TimeDelta;

/// How long a worker holds a job without a sign of life. Every chunk of its work is one.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);
