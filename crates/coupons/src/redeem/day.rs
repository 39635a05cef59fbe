//! A store's day, which finance signs off (日结).

use chrono::{DateTime, NaiveDate, Utc};
use huike_kernel::Zone;

use super::RedeemError;
use crate::error::CouponError;

/// Whether finance may sign a store's local day at this moment: today or any day before. A day signed before its end is
/// closed for the rest of it. That it is not signed already, the guarded write decides.
pub fn decide_sign_day(day: NaiveDate, zone: Zone, now: DateTime<Utc>) -> Result<(), CouponError> {
    if day > zone.local(now).day {
        return Err(RedeemError::DayAhead { day }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_day_is_signed_when_it_has_come_by_the_clock_on_the_stores_wall() {
        let today: NaiveDate = "2026-06-02".parse().unwrap();
        let tomorrow = today.succ_opt().unwrap();
        let sign = |day, minutes| decide_sign_day(day, Zone::default(), samples::minutes_after_noon(minutes));
        assert!(sign(today, 0).is_ok());
        assert!(sign(tomorrow, 719).is_err());
        assert!(sign(tomorrow, 720).is_ok(), "midnight in Shanghai, still yesterday in UTC");
    }
}
