//! The alarm on the rate of spending (支出异常提醒): a template whose redemptions cost far more than usual, or whose
//! budget will be gone long before its time. It tells; it refuses nothing by itself.

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{Money, words};

/// Less than this in an hour is never worth an alarm: ¥100.
pub const ALARM_FEN_MIN: i64 = 10_000;
/// So many times the usual of an hour is far above it.
pub const FAST_TIMES: i64 = 5;
/// What burns a budget early is at least so many times the usual.
pub const EARLY_TIMES: i64 = 2;
/// What burns a budget early of a template that nothing is known of: at least this part of the budget in an hour, 1/10.
pub const EARLY_PART_OF_BUDGET: i64 = 10;
/// Before so many hours nothing is known of what is usual.
pub const KNOWN_HOURS_MIN: i64 = 24;
/// The usual is reckoned over so many hours at most: a week.
pub const KNOWN_HOURS_MAX: i64 = 168;
/// How long a budget that nobody set an end for should last, from any moment on.
pub const LASTING_HOURS: i64 = 24;

words!(
    /// What is done about an alarm of a template; part of its rules, so that it is reviewed with them.
    #[derive(Default)]
    AlarmMode, "alarm mode" {
        /// Nothing is raised: a flash sale is meant to burn.
        Off = "off",
        /// It is raised.
        #[default]
        Raise = "raise",
        /// It is raised, and claims are paused until somebody resumes them.
        Pause = "pause",
    }
);

words!(
    /// Why an alarm was raised.
    AlarmCause, "alarm cause" {
        /// The last hour cost far more than usual.
        Fast = "fast",
        /// A budget will be gone long before its time.
        RunsOut = "runs_out",
    }
);

impl AlarmMode {
    /// Whether it is what a document without a word on it means.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A budget, and how long it should last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lasting {
    /// The budget.
    pub budget: Money,
    /// Spent of it.
    pub spent: Money,
    /// Until when it should last, where somebody said so.
    pub until: Option<DateTime<Utc>>,
}

/// What redemptions of a template have cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spending<'a> {
    /// In the last hour.
    pub last_hour: Money,
    /// In the hours before that which are known.
    pub before: Money,
    /// How many hours those are.
    pub known_hours: i64,
    /// The budgets: in all, and of the day.
    pub budgets: &'a [Lasting],
}

/// An alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpendingAlarm {
    /// The last hour cost far more than usual.
    Fast,
    /// A budget will be gone long before its time.
    RunsOut {
        /// When it will be gone, if it goes on like this.
        at: DateTime<Utc>,
    },
}

impl SpendingAlarm {
    /// Why it is raised.
    pub const fn cause(self) -> AlarmCause {
        match self {
            Self::Fast => AlarmCause::Fast,
            Self::RunsOut { .. } => AlarmCause::RunsOut,
        }
    }

    /// When the budget will be gone.
    pub const fn runs_out_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Fast => None,
            Self::RunsOut { at } => Some(at),
        }
    }
}

impl Spending<'_> {
    /// What an hour usually costs; `None` while too little is known.
    pub fn usual_hour(&self) -> Option<Money> {
        let hours = self.known_hours.min(KNOWN_HOURS_MAX);
        let per_hour = self.before.fen().checked_div(hours).map(Money::from_fen);
        per_hour.filter(|_| hours >= KNOWN_HOURS_MIN)
    }

    fn is_times_usual(&self, times: i64) -> Option<bool> {
        self.usual_hour().map(|usual| self.last_hour.fen() >= usual.fen().saturating_mul(times))
    }

    /// When this budget will be gone, if that is long before its time.
    fn runs_out(&self, of: &Lasting, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let left = of.budget.fen().checked_sub(of.spent.fen()).filter(|left| *left > 0)?;
        let tenth = of.budget.fen().checked_div(EARLY_PART_OF_BUDGET)?;
        if !self.is_times_usual(EARLY_TIMES).unwrap_or(self.last_hour.fen() >= tenth) {
            return None;
        }
        let in_minutes = left.saturating_mul(60).checked_div(self.last_hour.fen())?;
        let at = now.checked_add_signed(TimeDelta::try_minutes(in_minutes)?)?;
        let until = of.until.or_else(|| now.checked_add_signed(TimeDelta::hours(LASTING_HOURS)))?;
        // Before half of the time it should last is over.
        let half = until.signed_duration_since(now).num_minutes().checked_div(2)?;
        (in_minutes < half).then_some(at)
    }
}

/// Whether what a template spends is worth an alarm at this moment.
pub fn decide_spending_alarm(spending: &Spending<'_>, now: DateTime<Utc>) -> Option<SpendingAlarm> {
    if spending.last_hour.fen() < ALARM_FEN_MIN {
        return None;
    }
    if let Some(at) = spending.budgets.iter().filter_map(|budget| spending.runs_out(budget, now)).min() {
        return Some(SpendingAlarm::RunsOut { at });
    }
    spending.is_times_usual(FAST_TIMES)?.then_some(SpendingAlarm::Fast)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::yuan;

    fn now() -> DateTime<Utc> {
        "2026-06-02T04:00:00Z".parse().unwrap()
    }

    fn after(minutes: i64) -> DateTime<Utc> {
        now() + TimeDelta::minutes(minutes)
    }

    /// A week at ¥50 an hour, without a budget.
    fn week(last_hour: &str) -> Spending<'static> {
        Spending { last_hour: yuan(last_hour), before: yuan("8400"), known_hours: 168, budgets: &[] }
    }

    #[test]
    fn five_times_the_usual_is_fast_and_a_lunch_hour_is_not() {
        assert_eq!(decide_spending_alarm(&week("249.99"), now()), None);
        assert_eq!(decide_spending_alarm(&week("250"), now()), Some(SpendingAlarm::Fast));
    }

    #[test]
    fn a_coupon_that_slept_for_a_week_and_wakes_is_fast_from_a_hundred_yuan_on() {
        let asleep = |last_hour| Spending { before: Money::ZERO, ..week(last_hour) };
        assert_eq!(decide_spending_alarm(&asleep("99.99"), now()), None);
        assert_eq!(decide_spending_alarm(&asleep("100"), now()), Some(SpendingAlarm::Fast));
    }

    #[test]
    fn of_a_new_template_nothing_is_usual_yet() {
        let new = Spending { before: yuan("100"), known_hours: 23, ..week("5000") };
        assert_eq!((new.usual_hour(), decide_spending_alarm(&new, now())), (None, None));
    }

    /// What is said of a template in its first hours that spent ¥200 in the last one.
    fn new(budgets: &[Lasting]) -> Option<SpendingAlarm> {
        decide_spending_alarm(&Spending { known_hours: 1, budgets, ..week("200") }, now())
    }

    #[test]
    fn a_budget_that_burns_long_before_its_time_is_told_with_the_moment() {
        let budget = |until| [Lasting { budget: yuan("1000"), spent: yuan("200"), until }];
        // ¥800 are left, ¥200 an hour: four hours.
        let gone = Some(SpendingAlarm::RunsOut { at: after(240) });
        assert_eq!(new(&budget(None)), gone);
        assert_eq!(new(&budget(Some(after(481 + 1)))), gone);
        assert_eq!(new(&budget(Some(after(480)))), None, "that is what was planned");
        let small = [Lasting { budget: yuan("2001"), spent: yuan("1900"), until: None }];
        assert_eq!(new(&small), None, "less than a tenth in an hour");
        let gone = [Lasting { budget: yuan("1000"), spent: yuan("1000"), until: None }];
        assert_eq!(new(&gone), None, "nothing is left to burn");
    }

    #[test]
    fn a_budget_that_comes_to_its_end_at_the_usual_rate_is_no_alarm() {
        let ending = [Lasting { budget: yuan("10000"), spent: yuan("9900"), until: None }];
        let of = |last_hour| {
            decide_spending_alarm(&Spending { before: yuan("16800"), budgets: &ending, ..week(last_hour) }, now())
        };
        assert_eq!(of("199.99"), None);
        assert_eq!(of("200"), Some(SpendingAlarm::RunsOut { at: after(30) }));
    }

    fn money(most: i64) -> impl Strategy<Value = Money> {
        (0..most).prop_map(Money::from_fen)
    }

    fn lasting() -> impl Strategy<Value = Lasting> {
        (money(10_000_000), money(10_000_000), prop::option::of(-60_i64..100_000))
            .prop_map(|(budget, spent, until)| Lasting { budget, spent, until: until.map(after) })
    }

    proptest! {
        #[test]
        fn who_spends_more_is_not_let_off(
            last_hour in money(1_000_000), more in money(1_000_000), before in money(50_000_000), known_hours in 0_i64..400,
            budgets in prop::collection::vec(lasting(), 0..3),
        ) {
            let spending = Spending { last_hour, before, known_hours, budgets: &budgets };
            let faster = Spending { last_hour: Money::from_fen(last_hour.fen() + more.fen()), ..spending };
            let alarm = decide_spending_alarm(&spending, now());
            prop_assert!(alarm.is_none() || decide_spending_alarm(&faster, now()).is_some());
            if let Some(at) = alarm.and_then(SpendingAlarm::runs_out_at) {
                prop_assert!(at >= now());
            }
        }

        #[test]
        fn an_hour_as_any_other_is_never_fast(hour in money(10_000_000), known_hours in 24_i64..168) {
            let before = Money::from_fen(hour.fen() * known_hours);
            let usual = Spending { last_hour: hour, before, known_hours, budgets: &[] };
            prop_assert_eq!(decide_spending_alarm(&usual, now()), None);
        }

        #[test]
        fn no_numbers_are_too_large(numbers in prop::array::uniform5(any::<i64>())) {
            let [last_hour, before, budget, spent, known_hours] = numbers;
            let of = Money::from_fen;
            let budgets = [Lasting { budget: of(budget), spent: of(spent), until: None }];
            let spending = Spending { last_hour: of(last_hour), before: of(before), known_hours, budgets: &budgets };
            let alarm = decide_spending_alarm(&spending, now());
            prop_assert!(last_hour >= ALARM_FEN_MIN || alarm.is_none());
        }
    }
}
