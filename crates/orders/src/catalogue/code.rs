//! The short codes that goods are known by, here and in other systems.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};

/// The most characters of a code.
const CODE_CHARS_MAX: usize = 40;

/// The text is no such code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has 1 to 40 letters and digits of ASCII, with - _ and . between them")]
pub struct CodeMalformed;

/// The code of a product or SKU (货号): 1 to 40 of `A-Z`, `0-9`, `-`, `_` and `.`, beginning and ending with a letter or
/// digit; capitals, so that nobody has to remember how it was typed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ArticleCode(String);

/// The code of a category (分类编码), which offers name it by: as [`ArticleCode`], but in small letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CategoryCode(String);

/// What a scanner reads off a package (条码): 4 to 32 digits and capitals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Barcode(String);

fn is_code(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= CODE_CHARS_MAX
        && ends(text.chars().next())
        && ends(text.chars().next_back())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn article(text: &str) -> Option<String> {
    Some(text.trim().to_ascii_uppercase()).filter(|code| is_code(code))
}

fn category(text: &str) -> Option<String> {
    Some(text.trim().to_ascii_lowercase()).filter(|code| is_code(code))
}

fn barcode(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let fits = (4..=32).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then_some(code)
}

macro_rules! codes {
    ($($name:ident by $read:ident, $min:literal to $max:literal, $example:literal;)+) => {
        $(
            impl $name {
                /// The code.
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl FromStr for $name {
                type Err = CodeMalformed;

                fn from_str(text: &str) -> Result<Self, CodeMalformed> {
                    $read(text).map(Self).ok_or(CodeMalformed)
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

            #[cfg(feature = "openapi")]
            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                    utoipa::openapi::ObjectBuilder::new()
                        .schema_type(utoipa::openapi::schema::SchemaType::new(utoipa::openapi::Type::String))
                        .min_length(Some($min))
                        .max_length(Some($max))
                        .examples([$example])
                        .into()
                }
            }

            #[cfg(feature = "openapi")]
            impl utoipa::ToSchema for $name {
                fn name() -> std::borrow::Cow<'static, str> {
                    std::borrow::Cow::Borrowed(stringify!($name))
                }
            }
        )+
    };
}
codes! {
    ArticleCode by article, 1 to 40, "MILK-1-900G";
    CategoryCode by category, 1 to 40, "milk-powder";
    Barcode by barcode, 4 to 32, "6901234567892";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_however_it_is_typed() {
        assert_eq!(" milk-1.a ".parse::<ArticleCode>().unwrap().as_str(), "MILK-1.A");
        assert_eq!("Milk-Powder".parse::<CategoryCode>().unwrap().as_str(), "milk-powder");
        assert_eq!("6901234567892".parse::<Barcode>().unwrap().as_str(), "6901234567892");
    }

    #[test]
    fn no_code_begins_a_formula_or_hides_something() {
        for text in ["", "-1", "=A1", "+1", "@A", "A-", "A B", "A,B", "奶粉", "A\u{0}", &"A".repeat(41)] {
            assert!(text.parse::<ArticleCode>().is_err(), "{text:?}");
            assert!(text.parse::<CategoryCode>().is_err(), "{text:?}");
        }
        assert!("690-1".parse::<Barcode>().is_err() && "690".parse::<Barcode>().is_err());
    }
}
