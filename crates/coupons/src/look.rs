//! How a card looks (卡面): stored with a version, shown to the customer as it was previewed.

use std::{fmt, str::FromStr};

use huike_kernel::Text;
use serde::{Deserialize, Deserializer, Serialize, de};

const PICTURE_MAX: usize = 500;

/// The look of a coupon's card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Look {
    /// The main colour; the site's accent colour when not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "#e4572e"))]
    pub colour: Option<Colour>,
    /// The logo; the brand's when not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "/media/logo.png"))]
    pub logo: Option<Picture>,
    /// One line under the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 30, example = "新客专享"))]
    pub slogan: Option<Text<30>>,
    /// The picture behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "/media/baby.jpg"))]
    pub background: Option<Picture>,
    /// Whether the time left is counted down on the card.
    pub countdown: bool,
}

/// A colour: `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Colour(String);

/// Where a picture is: a path on this server or an https address. Nothing else, so that no look can run a script or
/// mix plain http into a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Picture(String);

/// Why a colour or a picture is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// Not six hexadecimal digits after `#`.
    #[error("a colour is written #rrggbb")]
    Colour,
    /// Neither a path on this server nor an https address, or too long.
    #[error("a picture is a path beginning with / or an https address, without spaces, of at most 500 characters")]
    Picture,
}

impl FromStr for Colour {
    type Err = LookError;

    fn from_str(text: &str) -> Result<Self, LookError> {
        let digits = text.strip_prefix('#').ok_or(LookError::Colour)?;
        let sound = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if sound { Ok(Self(text.to_ascii_lowercase())) } else { Err(LookError::Colour) }
    }
}

impl FromStr for Picture {
    type Err = LookError;

    fn from_str(text: &str) -> Result<Self, LookError> {
        // `//host` and `/\host` would leave this server.
        let local = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
        let remote =
            text.strip_prefix("https://").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
        let plain =
            text.len() <= PICTURE_MAX && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>`".contains(&byte));
        if plain && (local || remote) { Ok(Self(text.to_owned())) } else { Err(LookError::Picture) }
    }
}

macro_rules! text_of_a_look {
    ($name:ident) => {
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
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
text_of_a_look!(Colour);
text_of_a_look!(Picture);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_six_hexadecimal_digits() {
        assert_eq!("#E4572e".parse::<Colour>().unwrap().as_str(), "#e4572e");
        for text in ["e4572e", "#fff", "#e4572g", "red", "#e4572e;background:url(x)"] {
            assert_eq!(text.parse::<Colour>(), Err(LookError::Colour), "{text}");
        }
    }

    #[test]
    fn pictures_are_ours_or_https() {
        for text in ["/media/logo.png", "https://cdn.example.com/a.jpg?v=2"] {
            assert_eq!(text.parse::<Picture>().unwrap().as_str(), text);
        }
        for text in ["javascript:alert(1)", "http://a.cn/x.png", "//evil.cn/x", "/\\evil.cn", "https://", "/a b", ""] {
            assert_eq!(text.parse::<Picture>(), Err(LookError::Picture), "{text}");
        }
    }

    #[test]
    fn a_look_takes_no_other_field() {
        let look: Look = serde_json::from_str(r##"{"colour":"#E4572E","countdown":true}"##).unwrap();
        assert!(look.countdown && look.logo.is_none());
        assert!(serde_json::from_str::<Look>(r#"{"font":"Comic Sans"}"#).is_err());
    }
}
