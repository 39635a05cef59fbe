//! The rule card (使用规则): the rules in plain words, shown before the claim, restrictions in bold.
//!
//! The card is generated from the rules and from nothing else, so that what is shown is what runs. Which sentences a
//! card has is decided once, in `phrase`; each language then says them.

mod en;
mod phrase;
mod words;
mod zh;

use chrono::NaiveDate;
use huike_kernel::{TimeWindow, Zone};
use serde::Serialize;

use phrase::{Phrase, phrases};
pub use words::{discount_in_zhe, money_on_screen};

pub use crate::calendar::Locale;
use crate::rules::TemplateRules;

/// A rule card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleCard {
    /// What the coupon gives: 满¥200.00减¥30.00.
    pub title: String,
    /// The rules, most important first.
    pub lines: Vec<Line>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Line {
    /// The words.
    pub text: String,
    /// Whether it restricts: to be shown in bold.
    pub strong: bool,
}

/// What the words depend on besides the rules.
#[derive(Debug, Clone, Copy)]
pub struct CardContext<'a> {
    /// The zone of the site that shows the card.
    pub zone: Zone,
    /// The site's local day: moments of its year are written without the year.
    pub today: NaiveDate,
    /// The window of the coupon, when somebody holds it already.
    pub usable: Option<TimeWindow>,
    /// Names of the units in the scope, in its order; may be empty when they are too many to name.
    pub included: &'a [String],
    /// Names of the units taken out again.
    pub excluded: &'a [String],
}

/// Writes the rule card in one language.
pub fn rule_card(rules: &TemplateRules, context: &CardContext<'_>, locale: Locale) -> RuleCard {
    let say = |phrase: &Phrase<'_>| match locale {
        Locale::Zh => zh::say(phrase, context),
        Locale::En => en::say(phrase, context),
    };
    let title = match locale {
        Locale::Zh => zh::title(&rules.effect),
        Locale::En => en::title(&rules.effect),
    };
    let lines =
        phrases(rules, context).iter().map(|phrase| Line { text: say(phrase), strong: phrase.restricts() }).collect();
    RuleCard { title, lines }
}

#[cfg(test)]
mod tests;
