//! Values of settings: JSON that has passed the check of its key.

use huike_kernel::{Money, Paragraph, Text, read_exact_json};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::SettingKey;
use crate::{Banner, Blocks, Colour, Font, Link, Modules, OrderRules, PricingRules, SitesError};

/// A value that has passed the check of its key, in the one spelling the key gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SettingValue(Value);

impl SettingValue {
    /// The JSON, as stored and sent.
    pub const fn as_json(&self) -> &Value {
        &self.0
    }

    /// The JSON, as stored and sent.
    pub fn into_json(self) -> Value {
        self.0
    }

    /// The value as the type its key stands for, such as [`Colour`] for `main_colour`.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.0)
    }

    pub(super) fn default_of(key: SettingKey) -> Self {
        Self(match key {
            SettingKey::BrandName => json!("惠客"),
            SettingKey::MainColour => json!("#E1251B"),
            SettingKey::AccentColour => json!("#FF7A00"),
            SettingKey::Font => json!("system-ui"),
            SettingKey::Logo
            | SettingKey::AfterSalesPolicy
            | SettingKey::PrivacyTerms
            | SettingKey::LegalTerms
            | SettingKey::Banner
            | SettingKey::Slogan => Value::Null,
            SettingKey::Blocks => json!(["banner", "coupons", "stores"]),
            SettingKey::Modules => json!({ "coupons": true }),
            SettingKey::ReviewPolicy => json!({ "kind": "required" }),
            SettingKey::UnredeemWindow => json!({ "kind": "same_day" }),
            SettingKey::Pricing => PricingRules::default_json(),
            SettingKey::Orders => OrderRules::default_json(),
        })
    }
}

/// How long a redemption may be undone at the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum UnredeemWindow {
    /// Until the local day of the redemption ends.
    SameDay {},
    /// For so many minutes, at most a week of them.
    Minutes {
        /// How many.
        minutes: u32,
    },
}

const MINUTES_OF_WEEK: u32 = 7 * 24 * 60;

/// The shape of a review policy. What it means is decided in `huike-access`, which reads the same JSON.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum ReviewPolicyShape {
    Required {},
    AboveAmount { amount: Money },
    SelfPublish { budget_cap: Money },
}

impl SettingKey {
    /// Takes a value for this key in, or says what is wrong with it.
    pub fn read(self, value: &Value) -> Result<SettingValue, SitesError> {
        match self {
            Self::BrandName => self.check::<Text<30>>(value, |_| Ok(())),
            Self::MainColour | Self::AccentColour => self.check::<Colour>(value, |_| Ok(())),
            Self::Font => self.check::<Font>(value, |_| Ok(())),
            Self::Logo => self.check::<Option<Link>>(value, |_| Ok(())),
            Self::AfterSalesPolicy | Self::PrivacyTerms | Self::LegalTerms => {
                self.check::<Option<Paragraph<10_000>>>(value, |_| Ok(()))
            }
            Self::Banner => self.check::<Option<Banner>>(value, |_| Ok(())),
            Self::Slogan => self.check::<Option<Text<60>>>(value, |_| Ok(())),
            Self::Blocks => self.check::<Blocks>(value, |_| Ok(())),
            Self::Modules => self.check::<Modules>(value, |_| Ok(())),
            Self::ReviewPolicy => self.check(value, check_review_policy),
            Self::UnredeemWindow => self.check(value, check_unredeem_window),
            Self::Pricing => self.check::<PricingRules>(value, PricingRules::check),
            Self::Orders => self.check::<OrderRules>(value, |rules| rules.check()),
        }
    }

    /// A typed value for this key, through the same check.
    pub(crate) fn encode<T: Serialize>(self, value: Option<&T>) -> Result<Option<SettingValue>, SitesError> {
        let Some(value) = value else {
            return Ok(None);
        };
        let json = serde_json::to_value(value).map_err(|error| self.invalid(error.to_string()))?;
        self.read(&json).map(Some)
    }

    fn check<T: Serialize + DeserializeOwned>(
        self,
        value: &Value,
        sense: fn(&T) -> Result<(), &'static str>,
    ) -> Result<SettingValue, SitesError> {
        let typed: T = read_exact_json(value.clone()).map_err(|error| self.invalid(error.to_string()))?;
        sense(&typed).map_err(|reason| self.invalid(reason.to_owned()))?;
        let spelled = serde_json::to_value(&typed).map_err(|error| self.invalid(error.to_string()))?;
        Ok(SettingValue(spelled))
    }

    fn invalid(self, reason: String) -> SitesError {
        SitesError::SettingInvalid { key: self, reason }
    }
}

fn check_review_policy(policy: &ReviewPolicyShape) -> Result<(), &'static str> {
    match policy {
        ReviewPolicyShape::AboveAmount { amount } | ReviewPolicyShape::SelfPublish { budget_cap: amount }
            if amount.is_negative() =>
        {
            Err("an amount is not negative")
        }
        _ => Ok(()),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature of every such check")]
fn check_unredeem_window(window: &UnredeemWindow) -> Result<(), &'static str> {
    match window {
        UnredeemWindow::Minutes { minutes } if !(1..=MINUTES_OF_WEEK).contains(minutes) => {
            Err("1 to 10080 minutes, which is a week")
        }
        _ => Ok(()),
    }
}
