//! Why an offer or a coupon does not apply, as a code and in words.

use chrono::{DateTime, Utc};
use huike_pricing::{
    Quote,
    quote::{Gap, Rejected, RejectionCode},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{Naming, SourceView};
use crate::context::Locale;

/// What was looked at and does not apply.
#[derive(Serialize, ToSchema)]
pub(crate) struct RejectionView {
    /// What.
    source: SourceView,
    /// Why.
    code: RejectionCode,
    /// What is missing, where that is an amount or a number of units.
    gap: Option<Gap>,
    /// What shuts it out.
    excluded_by: Option<SourceView>,
    /// When its time comes.
    starts_at: Option<DateTime<Utc>>,
    /// The reason in words.
    #[schema(example = "再买 23.00 元可用")]
    text: String,
}

/// The rejections of a quote.
pub(super) fn rejections(quote: &Quote, naming: &Naming<'_>, locale: Locale) -> Vec<RejectionView> {
    let view = |rejected: &Rejected| RejectionView {
        source: naming.source(rejected.source),
        code: rejected.code,
        gap: rejected.gap,
        excluded_by: rejected.by.and_then(|by| {
            let mut applied = quote.applied.iter().map(|applied| applied.source);
            applied.find(|source| source.offer() == Some(by)).map(|source| naming.source(source))
        }),
        starts_at: rejected.starts_at,
        text: text_of(rejected.code, rejected.gap, locale),
    };
    quote.rejected.iter().map(view).collect()
}

/// The sentence for a code; one with a gap says what is missing.
fn text_of(code: RejectionCode, gap: Option<Gap>, locale: Locale) -> String {
    let (key, missing) = match gap {
        Some(Gap::Amount(amount)) => (format!("rejections.{code}_amount"), amount.to_string()),
        Some(Gap::Quantity(units)) => (format!("rejections.{code}_units"), units.to_string()),
        None => (format!("rejections.{code}"), String::new()),
    };
    let text = crate::_rust_i18n_try_translate(locale.tag(), &key);
    text.map_or_else(|| code.to_string(), |text| rust_i18n::replace_patterns(&text, &["gap"], &[missing]))
}

#[cfg(test)]
mod tests {
    use huike_kernel::Money;

    use super::*;

    #[test]
    fn every_reason_has_words_in_both_languages() {
        for locale in [Locale::Chinese, Locale::English] {
            for code in RejectionCode::ALL {
                let text = text_of(*code, None, locale);
                assert_ne!(text, code.as_str(), "{}: {code}", locale.tag());
                assert_eq!(locale == Locale::English, text.is_ascii(), "{text}");
            }
        }
    }

    #[test]
    fn what_is_missing_stands_in_the_sentence() {
        let gap = Gap::Amount(Money::from_fen(2_300));
        assert_eq!(text_of(RejectionCode::Threshold, Some(gap), Locale::Chinese), "再买 ¥23.00 可用");
        assert_eq!(text_of(RejectionCode::Threshold, Some(Gap::Quantity(2)), Locale::English), "Add 2 more.");
    }
}
