//! The clock of tests: stands still, and goes forward when told. Served with `--manual-clock` alone.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_kernel::{Clock, ManualClock};
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::{extract::Valid, problem::Problem};

/// What the clock shows, or shall show.
#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Now {
    now: DateTime<Utc>,
}

/// `GET /test/clock`
pub async fn show(clock: Data<ManualClock>) -> Json<Now> {
    Json(Now { now: clock.now() })
}

/// `PUT /test/clock`: an earlier moment changes nothing; the answer says what the clock shows now.
pub async fn set(clock: Data<ManualClock>, wanted: Valid<Now>) -> Result<Json<Now>, Problem> {
    Ok(Json(Now { now: clock.set(wanted.now) }))
}
