//! The life of a template (券模板) and of its versions: the decisions that walk the two graphs of [`huike_kernel::life`].
//!
//! The first version and the template walk together: `draft → in_review → approved → live`. Rules are frozen once
//! approved; a change to a template is a new version that walks alone, while the template stays live under the old one
//! and coupons already issued keep the version they were issued under.
//!
//! What is not here: who may act. That two people are needed, or one is enough, is the access crate's to say.

mod decide;
mod error;

pub use decide::{
    PublishFacts, Step, TemplateEvent, TemplateFacts, decide_approve, decide_edit_draft, decide_end, decide_exhausted,
    decide_kill, decide_lift_kill, decide_new_version, decide_pause, decide_publish, decide_reject, decide_resume,
    decide_self_publish, decide_submit, decide_withdraw,
};
pub use error::TemplateError;

pub use huike_kernel::{LifeState as TemplateState, VersionState};

use huike_kernel::Text;

/// Why somebody rejected, killed, voided or undid: a sentence that others will read.
pub type Reason = Text<200>;
