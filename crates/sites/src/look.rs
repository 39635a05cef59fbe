//! What a site looks like and offers: colours, links, the banner, the blocks of its page, its modules.

use std::{collections::BTreeMap, fmt, str::FromStr};

use huike_kernel::Text;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{SettingKey, SettingValue, SitesError};

/// Why a text is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct Malformed(&'static str);

/// A text newtype that is read through its own check wherever it comes from.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $want:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                let check: fn(&str) -> Option<String> = $check;
                check(text).map(Self).ok_or(Malformed($want))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

checked_text!(
    /// A colour, `#RRGGBB` in capitals.
    Colour,
    "a colour such as \"#E1251B\"",
    |text| {
        let digits = text.strip_prefix('#')?;
        let fits = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| text.to_ascii_uppercase())
    }
);

checked_text!(
    /// Where a picture or a page is: `https://…`, or a path on this server. Nothing that runs, nothing that hides its host.
    Link,
    "an https address or a path beginning with one slash",
    |text| {
        let clean = text.len() <= 500 && text.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\`{}|^".contains(&b));
        let local = text.starts_with('/') && !text.starts_with("//");
        (clean && (local || has_plain_host(text))).then(|| text.to_owned())
    }
);

checked_text!(
    /// One or more font names, as a style sheet lists them: letters, digits, spaces, dashes, commas.
    Font,
    "font names",
    |text| {
        let name = text.trim();
        let fits = (1..=100).contains(&name.chars().count())
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | ','));
        fits.then(|| name.to_owned())
    }
);

/// Whether the text is `https://` with a host and no user name: `https://brand.cn@evil.example` shows one host and visits another.
fn has_plain_host(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_host_byte = |b: u8| b.is_ascii_alphanumeric() || b".-:".contains(&b);
    authority.bytes().all(is_host_byte) && authority.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

/// The picture on top of a page (横幅).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Banner {
    /// The picture.
    pub image: Link,
    /// Where a tap leads.
    #[serde(default)]
    pub link: Option<Link>,
    /// What the picture says, for those who cannot see it.
    #[serde(default)]
    pub alt: Option<Text<60>>,
}

huike_kernel::words! {
    /// A block of a site's page (页面模块).
    PageBlock, "page block" {
        /// The picture on top.
        Banner = "banner",
        /// A line of news.
        Notice = "notice",
        /// Coupons to claim.
        Coupons = "coupons",
        /// Campaigns that are on.
        Campaigns = "campaigns",
        /// Goods.
        Products = "products",
        /// Stores near by.
        Stores = "stores",
        /// The member card.
        Membership = "membership",
    }
}

/// The blocks of a page, top to bottom, each at most once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<PageBlock>")]
pub struct Blocks(Vec<PageBlock>);

impl Blocks {
    /// The blocks, top to bottom.
    pub fn as_slice(&self) -> &[PageBlock] {
        &self.0
    }
}

impl TryFrom<Vec<PageBlock>> for Blocks {
    type Error = Malformed;

    fn try_from(blocks: Vec<PageBlock>) -> Result<Self, Malformed> {
        let mut sorted = blocks.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != blocks.len() {
            return Err(Malformed("each block at most once"));
        }
        Ok(Self(blocks))
    }
}

huike_kernel::words! {
    /// A part of the product that a site may switch on or off (功能开关).
    Module, "module" {
        /// Coupons.
        Coupons = "coupons",
        /// Membership tiers.
        Membership = "membership",
        /// Points.
        Points = "points",
        /// Two-level distribution.
        Distribution = "distribution",
        /// Group-buy.
        GroupBuy = "group_buy",
        /// Flash sale.
        FlashSale = "flash_sale",
    }
}

/// Which modules are on. What is not mentioned is off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Modules(BTreeMap<Module, bool>);

impl Modules {
    /// Whether the module is on.
    pub fn is_on(&self, module: Module) -> bool {
        self.0.get(&module).copied().unwrap_or(false)
    }

    /// These switches, and where they are silent the others.
    #[must_use]
    pub fn over(&self, base: &Self) -> Self {
        let mut switches = base.0.clone();
        switches.extend(self.0.iter().map(|(module, on)| (*module, *on)));
        Self(switches)
    }
}

impl FromIterator<(Module, bool)> for Modules {
    fn from_iter<I: IntoIterator<Item = (Module, bool)>>(switches: I) -> Self {
        Self(switches.into_iter().collect())
    }
}

/// The look that a blueprint proposes and a launch form chooses. What is absent stays inherited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SiteLook {
    /// The second colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent_colour: Option<Colour>,
    /// The picture on top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banner: Option<Banner>,
    /// A line below the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slogan: Option<Text<60>>,
    /// The order of the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Blocks>,
    /// What is switched on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modules: Option<Modules>,
}

impl SiteLook {
    /// This look, and where it is silent the other. Modules are taken switch by switch.
    #[must_use]
    pub fn over(&self, base: &Self) -> Self {
        let modules = match (&self.modules, &base.modules) {
            (Some(mine), Some(theirs)) => Some(mine.over(theirs)),
            (mine, theirs) => mine.as_ref().or(theirs.as_ref()).cloned(),
        };
        Self {
            accent_colour: self.accent_colour.as_ref().or(base.accent_colour.as_ref()).cloned(),
            banner: self.banner.as_ref().or(base.banner.as_ref()).cloned(),
            slogan: self.slogan.as_ref().or(base.slogan.as_ref()).cloned(),
            blocks: self.blocks.as_ref().or(base.blocks.as_ref()).cloned(),
            modules,
        }
    }

    /// The keys this look decides.
    pub fn keys(&self) -> Vec<SettingKey> {
        let present = [
            (SettingKey::AccentColour, self.accent_colour.is_some()),
            (SettingKey::Banner, self.banner.is_some()),
            (SettingKey::Slogan, self.slogan.is_some()),
            (SettingKey::Blocks, self.blocks.is_some()),
            (SettingKey::Modules, self.modules.is_some()),
        ];
        present.into_iter().filter_map(|(key, is_there)| is_there.then_some(key)).collect()
    }

    /// The value this look gives to the key, if any.
    pub fn value(&self, key: SettingKey) -> Result<Option<SettingValue>, SitesError> {
        match key {
            SettingKey::AccentColour => key.encode(self.accent_colour.as_ref()),
            SettingKey::Banner => key.encode(self.banner.as_ref()),
            SettingKey::Slogan => key.encode(self.slogan.as_ref()),
            SettingKey::Blocks => key.encode(self.blocks.as_ref()),
            SettingKey::Modules => key.encode(self.modules.as_ref()),
            _ => Ok(None),
        }
    }
}
