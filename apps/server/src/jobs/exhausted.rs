//! Templates whose whole budget is used: the next claim is refused, and shortly after the template is paused, so that
//! staff see it and customers are not offered what nobody can have.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use huike_kernel::TemplateId;

/// The refusal of a claim that the budget as a whole has no money for.
const BUDGET_EXHAUSTED: &str = "coupon_budget_exhausted";

/// How long after the first refusal the template is paused: whoever came in the same rush hears the real reason.
const PAUSED_AFTER: Duration = Duration::from_secs(5);

/// Templates of which a claim was refused for want of money, each since when.
#[derive(Debug, Default)]
pub struct ExhaustedTemplates(Mutex<BTreeMap<TemplateId, Instant>>);

impl ExhaustedTemplates {
    /// Notes a refusal of that code, if it was for the budget as a whole.
    pub fn note(&self, template: TemplateId, code: &str) {
        if code == BUDGET_EXHAUSTED {
            self.noted().entry(template).or_insert_with(Instant::now);
        }
    }

    /// Those that are to be paused now.
    pub(super) fn take_due(&self) -> Vec<TemplateId> {
        let mut noted = self.noted();
        let due: Vec<TemplateId> =
            noted.iter().filter(|(_, since)| since.elapsed() >= PAUSED_AFTER).map(|(template, _)| *template).collect();
        noted.retain(|template, _| !due.contains(template));
        due
    }

    fn noted(&self) -> MutexGuard<'_, BTreeMap<TemplateId, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
