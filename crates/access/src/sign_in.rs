//! Sign-in names, passwords and the state of a member of staff. Hashing is not here.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::AccessError;

huike_kernel::words! {
    /// Whether a member of staff may sign in.
    StaffState, "staff state" {
        /// May.
        Active = "active",
        /// May not; sessions end at once.
        Disabled = "disabled",
    }
}

impl StaffState {
    /// Refused for a disabled member of staff. To be asked only once the password was right, so that a stranger learns nothing.
    pub fn decide_sign_in(self) -> Result<(), AccessError> {
        match self {
            Self::Active => Ok(()),
            Self::Disabled => Err(AccessError::StaffDisabled),
        }
    }
}

/// A sign-in name (登录名): one spelling, lower case, so that two people never differ by a capital.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Login(String);

impl Login {
    /// The name, lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Login {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        let name = text.trim().to_ascii_lowercase();
        let fits = (3..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b))
            && name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if fits { Ok(Self(name)) } else { Err(AccessError::LoginInvalid) }
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Login {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

const PASSWORD_CHARS_MIN: usize = 10;
/// A bound, because hashing costs time in proportion.
const PASSWORD_CHARS_MAX: usize = 128;

/// The first that are tried, among those long enough, in lower case.
const COMMON: [&str; 30] = [
    "0123456789",
    "1234567890",
    "0987654321",
    "9876543210",
    "1234512345",
    "1122334455",
    "1357924680",
    "12345678910",
    "123456789a",
    "a123456789",
    "aa123456789",
    "abc123456789",
    "abcdefghij",
    "abcd123456",
    "password12",
    "password123",
    "password1234",
    "passw0rd123",
    "p@ssw0rd123",
    "qwertyuiop",
    "qwerty12345",
    "qwerty123456",
    "1qaz2wsx3edc",
    "1q2w3e4r5t",
    "woaini1314",
    "woaini1314520",
    "5201314520",
    "iloveyou123",
    "administrator",
    "huike123456",
];

/// Decides whether a password is good enough: long rather than odd, and not one of the first that are tried.
pub fn decide_password(login: &Login, password: &str) -> Result<(), AccessError> {
    let chars = password.chars().count();
    if chars < PASSWORD_CHARS_MIN {
        return Err(AccessError::PasswordTooShort { min: PASSWORD_CHARS_MIN });
    }
    if chars > PASSWORD_CHARS_MAX {
        return Err(AccessError::PasswordTooLong { max: PASSWORD_CHARS_MAX });
    }
    let folded = password.trim().to_lowercase();
    if folded == login.as_str() {
        return Err(AccessError::PasswordIsLogin);
    }
    if COMMON.contains(&folded.as_str()) || is_one_character(&folded) {
        return Err(AccessError::PasswordCommon);
    }
    Ok(())
}

fn is_one_character(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next();
    chars.all(|c| Some(c) == first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn login(text: &str) -> Login {
        text.parse().unwrap()
    }

    #[test]
    fn a_login_has_one_spelling() {
        assert_eq!(login(" Chen.Fang "), login("chen.fang"));
        assert_eq!(serde_json::to_string(&login("13812345678")).unwrap(), "\"13812345678\"");
    }

    #[test]
    fn odd_logins_are_refused() {
        for text in ["", "ab", "-abc", "chen fang", "陈芳芳", "a\u{200b}bc", &"a".repeat(65)] {
            assert_eq!(text.parse::<Login>(), Err(AccessError::LoginInvalid), "{text:?}");
        }
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        let chen = login("chenfang2026");
        assert_eq!(decide_password(&chen, "short"), Err(AccessError::PasswordTooShort { min: 10 }));
        assert_eq!(decide_password(&chen, &"长".repeat(129)), Err(AccessError::PasswordTooLong { max: 128 }));
        assert_eq!(decide_password(&chen, "ChenFang2026"), Err(AccessError::PasswordIsLogin));
        assert_eq!(decide_password(&chen, "Password123"), Err(AccessError::PasswordCommon));
        assert_eq!(decide_password(&chen, "aaaaaaaaaaaa"), Err(AccessError::PasswordCommon));
        assert_eq!(decide_password(&chen, "          "), Err(AccessError::PasswordCommon));
        assert_eq!(decide_password(&chen, "白日依山尽黄河入海流"), Ok(()), "ten characters, not ten bytes");
    }

    #[test]
    fn the_list_of_common_passwords_holds_only_what_is_long_enough_to_matter() {
        for common in COMMON {
            assert!(common.chars().count() >= PASSWORD_CHARS_MIN, "{common}");
            assert_eq!(common, common.to_lowercase());
        }
    }

    #[test]
    fn a_disabled_member_of_staff_does_not_sign_in() {
        assert_eq!(StaffState::Active.decide_sign_in(), Ok(()));
        assert_eq!(StaffState::Disabled.decide_sign_in(), Err(AccessError::StaffDisabled));
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused_without_a_panic(text in ".{0,140}") {
            let _ = text.parse::<Login>();
            let _ = decide_password(&login("anybody"), &text);
        }
    }
}
