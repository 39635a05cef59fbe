//! The catalogue: every setting there is.

use super::value::SettingValue;

huike_kernel::words! {
    /// A setting (设置项).
    SettingKey, "setting" {
        /// The brand's name (品牌名称): up to 30 characters.
        BrandName = "brand_name",
        /// The logo: a link, or null.
        Logo = "logo",
        /// The main colour (主色): `#RRGGBB`.
        MainColour = "main_colour",
        /// The font: names as in a style sheet.
        Font = "font",
        /// The after-sales policy (售后政策): up to 10 000 characters, or null.
        AfterSalesPolicy = "after_sales_policy",
        /// The privacy terms (隐私政策): up to 10 000 characters, or null.
        PrivacyTerms = "privacy_terms",
        /// The legal terms (法律条款): up to 10 000 characters, or null.
        LegalTerms = "legal_terms",
        /// The second colour (辅助色): `#RRGGBB`.
        AccentColour = "accent_colour",
        /// The picture on top of the page: see [`crate::Banner`], or null.
        Banner = "banner",
        /// The line below the name: up to 60 characters, or null.
        Slogan = "slogan",
        /// The order of the page: see [`crate::Blocks`].
        Blocks = "blocks",
        /// What is switched on: see [`crate::Modules`].
        Modules = "modules",
        /// Who needs a second person (审核策略). A security setting: it has its own permission, see
        /// [`SettingKey::write_permission`].
        ReviewPolicy = "review_policy",
        /// How long a redemption may be undone at the counter (撤销时限): see [`crate::UnredeemWindow`].
        UnredeemWindow = "unredeem_window",
        /// How carts are priced (价格规则): see [`crate::PricingRules`].
        Pricing = "pricing",
        /// How orders are taken (订单规则): see [`crate::OrderRules`].
        Orders = "orders",
    }
}

impl SettingKey {
    /// Whether only the head decides, until it unlocks the key. So a brand looks and promises the same everywhere at first.
    pub const fn is_locked_by_default(self) -> bool {
        matches!(
            self,
            Self::BrandName
                | Self::Logo
                | Self::MainColour
                | Self::Font
                | Self::AfterSalesPolicy
                | Self::PrivacyTerms
                | Self::LegalTerms
        )
    }

    /// Whether a store may have a value of its own: what its page shows, but no rule and no promise.
    pub const fn is_for_stores(self) -> bool {
        matches!(self, Self::AccentColour | Self::Banner | Self::Slogan | Self::Blocks)
    }

    /// The permission it takes to override the key or to give the override up.
    ///
    /// The review policy decides who needs a second person. If the right to change a slogan were enough to change it, whoever
    /// creates coupons could first allow themselves to publish them.
    pub const fn write_permission(self) -> &'static str {
        match self {
            Self::ReviewPolicy => "review_policy.set",
            _ => "setting.write",
        }
    }

    /// The permission it takes to lock the key or unlock it, apart for the same reason.
    pub const fn lock_permission(self) -> &'static str {
        match self {
            Self::ReviewPolicy => "review_policy.set",
            _ => "setting.lock",
        }
    }

    /// The value where no node has set one.
    pub fn default_value(self) -> SettingValue {
        SettingValue::default_of(self)
    }
}
