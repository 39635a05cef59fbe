//! The life of a template (券模板) and of its versions: the two graphs, and the decisions that walk them.
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

use huike_kernel::Text;

use huike_kernel::words;

/// Why somebody rejected, killed, voided or undid: a sentence that others will read.
pub type Reason = Text<200>;

words!(
    /// Where a template stands.
    TemplateState, "template state" {
        /// 草稿: its first version is being written.
        Draft = "draft",
        /// 审核中: its first version waits for a reviewer.
        InReview = "in_review",
        /// 已通过: its first version may be published.
        Approved = "approved",
        /// 投放中: it can be claimed.
        Live = "live",
        /// 已暂停: it cannot be claimed for now; coupons people hold are honoured.
        Paused = "paused",
        /// 已结束: it can never be claimed again; coupons people hold are honoured.
        Ended = "ended",
    }
);

words!(
    /// Where one version of a template's rules stands.
    VersionState, "version state" {
        /// Being written; the only state in which rules change.
        Draft = "draft",
        /// Waiting for a reviewer.
        InReview = "in_review",
        /// Frozen, not yet published.
        Approved = "approved",
        /// The one coupons are issued under.
        Live = "live",
        /// A later version took its place.
        Superseded = "superseded",
    }
);

impl TemplateState {
    /// The whole graph. A template ends from `approved` too: what was approved but no longer wanted must have a way out.
    pub const fn may_become(self, next: Self) -> bool {
        use TemplateState::{Approved, Draft, Ended, InReview, Live, Paused};
        matches!(
            (self, next),
            (Draft, InReview)
                | (InReview, Draft | Approved)
                | (Approved | Paused, Live | Ended)
                | (Live, Paused | Ended)
        )
    }
}

impl TemplateState {
    /// Whether a template in this state may have a newest version in that one: they walk together until the first
    /// publication, and apart from then on.
    pub const fn may_hold(self, newest: VersionState) -> bool {
        match self {
            Self::Draft => matches!(newest, VersionState::Draft),
            Self::InReview => matches!(newest, VersionState::InReview),
            Self::Approved => matches!(newest, VersionState::Draft | VersionState::InReview | VersionState::Approved),
            Self::Live | Self::Paused | Self::Ended => !matches!(newest, VersionState::Superseded),
        }
    }
}

impl VersionState {
    /// The whole graph.
    pub const fn may_become(self, next: Self) -> bool {
        use VersionState::{Approved, Draft, InReview, Live, Superseded};
        matches!(
            (self, next),
            (Draft, InReview) | (InReview, Draft | Approved) | (Approved, Live | Superseded) | (Live, Superseded)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_walks_only_the_edges_of_its_graph() {
        let graph = [
            ("draft", "in_review"),
            ("in_review", "draft"),
            ("in_review", "approved"),
            ("approved", "live"),
            ("approved", "ended"),
            ("live", "paused"),
            ("live", "ended"),
            ("paused", "live"),
            ("paused", "ended"),
        ];
        for from in TemplateState::ALL {
            for to in TemplateState::ALL {
                assert_eq!(from.may_become(*to), graph.contains(&(from.as_str(), to.as_str())), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn a_version_walks_only_the_edges_of_its_graph() {
        let graph = [
            ("draft", "in_review"),
            ("in_review", "draft"),
            ("in_review", "approved"),
            ("approved", "live"),
            ("approved", "superseded"),
            ("live", "superseded"),
        ];
        for from in VersionState::ALL {
            for to in VersionState::ALL {
                assert_eq!(from.may_become(*to), graph.contains(&(from.as_str(), to.as_str())), "{from} -> {to}");
            }
        }
    }
}
