//! Closed sets of words: an enum whose one spelling serves code, JSON, the database and the API.

use crate::{DomainError, ErrorKind};

/// The text is no word of the set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no {set}")]
pub struct UnknownWord {
    /// The set, as people call it.
    pub set: &'static str,
}

impl DomainError for UnknownWord {
    fn code(&self) -> &'static str {
        "word_unknown"
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// Defines an enum of unit variants with `ALL`, `as_str`, `Display`, `FromStr` and serde over one spelling. A crate that
/// uses it has a feature `openapi`, under which the enum has its schema too.
#[macro_export]
macro_rules! words {
    (
        $(#[$meta:meta])* $name:ident, $set:literal
        { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $(
                $(#[$variant_meta])*
                #[serde(rename = $word)]
                #[cfg_attr(feature = "openapi", schema(rename = $word))]
                $variant,
            )+
        }

        impl $name {
            /// Every word of the set, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as JSON and the database spell it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownWord { set: $set }),
                }
            }
        }
    };
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro makes what crates give out")]
mod tests {
    words!(
        /// Two words.
        Answer, "answer" {
            /// 是.
            Yes = "yes",
            /// 否.
            No = "no",
        }
    );

    #[test]
    fn a_word_has_one_spelling_everywhere() {
        for answer in Answer::ALL {
            assert_eq!(answer.as_str().parse::<Answer>().unwrap(), *answer);
            assert_eq!(serde_json::to_string(answer).unwrap(), format!("{:?}", answer.as_str()));
        }
        assert_eq!("Yes".parse::<Answer>().unwrap_err().to_string(), "this is no answer");
    }

    #[cfg(feature = "openapi")]
    #[test]
    fn the_schema_spells_words_as_json_does() {
        let schema = serde_json::to_value(<Answer as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["enum"], serde_json::json!(["yes", "no"]));
        assert_eq!(schema["description"], "Two words.");
    }
}
