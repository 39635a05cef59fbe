//! Closed sets of words: an enum whose one spelling serves code, JSON and the database.

/// The text is no word of the set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not a {set}")]
pub struct UnknownWord {
    /// The set, as its type is called.
    pub set: &'static str,
    /// What was read.
    pub word: String,
}

/// Defines an enum of unit variants with `ALL`, `as_str`, `Display`, `FromStr` and serde over one spelling.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant,)+
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

        // Written out: the derive of utoipa does not see a rename that comes out of a macro.
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let words = Self::ALL.iter().map(|word| word.as_str());
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .enum_values(Some(words))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::word::UnknownWord { set: stringify!($name), word: word.to_owned() }),
                }
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use crate::coupon::CouponState;

    #[test]
    fn a_word_has_one_spelling_everywhere() {
        for state in CouponState::ALL {
            assert_eq!(state.as_str().parse::<CouponState>().unwrap(), *state);
            assert_eq!(serde_json::to_string(state).unwrap(), format!("{:?}", state.as_str()));
        }
        assert!("Issued".parse::<CouponState>().is_err());
    }

    #[cfg(feature = "openapi")]
    #[test]
    fn the_schema_spells_words_as_json_does() {
        let schema = serde_json::to_value(<CouponState as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["enum"][0], "unclaimed");
    }
}
