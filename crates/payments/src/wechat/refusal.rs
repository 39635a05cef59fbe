//! What an answer that is no success means: was it done, may it have been, will it ever be?

use hyper::StatusCode;
use serde::Deserialize;

use crate::{Refusal, Trouble, WriteError};

/// The longest word of the provider's that is passed on.
const CODE_CHARS_MAX: usize = 64;

#[derive(Deserialize)]
struct ErrorBody {
    code: String,
}

/// The provider's word for what is wrong, if the body holds one.
pub(super) fn code_of(body: &[u8]) -> Option<String> {
    let ErrorBody { code } = serde_json::from_slice(body).ok()?;
    let is_word = (1..=CODE_CHARS_MAX).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    is_word.then_some(code)
}

/// Decides what an answer other than 200 and 204 means.
pub(super) fn decide_failure(status: StatusCode, code: Option<String>) -> WriteError {
    let failed = WriteError::Unknown(Trouble::ProviderFailed { status: status.as_u16() });
    if status == StatusCode::TOO_MANY_REQUESTS {
        return WriteError::NotDone(Trouble::Busy);
    }
    // 202 is "taken down, not done"; whoever redirects us is not whom we asked; 5xx may have done it before it fell over. A
    // refusal without a reason may come from something between us and the provider.
    let Some(code) = code.filter(|_| status.is_client_error()) else {
        return failed;
    };
    match code.as_str() {
        "FREQUENCY_LIMITED" | "FREQUENCY_LIMIT_EXCEED" | "RATELIMIT_EXCEEDED" => WriteError::NotDone(Trouble::Busy),
        "NOT_ENOUGH" => WriteError::NotDone(Trouble::OutOfFunds),
        "SIGN_ERROR" | "NO_AUTH" | "MCH_NOT_EXISTS" | "APPID_MCHID_NOT_MATCH" | "ACCOUNT_ERROR" => {
            WriteError::NotDone(Trouble::NotAuthorised { code })
        }
        "SYSTEM_ERROR" | "SYSTEMERROR" | "BANK_ERROR" | "BANKERROR" | "USERPAYING" => failed,
        "ORDERPAID" | "ORDER_PAID" => WriteError::Refused(Refusal::AlreadyPaid),
        "ORDER_CLOSED" | "ORDERCLOSED" => WriteError::Refused(Refusal::Closed),
        "OUT_TRADE_NO_USED" => WriteError::Refused(Refusal::IdReused),
        "ORDER_NOT_EXIST" | "ORDERNOTEXIST" | "RESOURCE_NOT_EXISTS" => WriteError::Refused(Refusal::Absent),
        _ if status == StatusCode::UNAUTHORIZED => WriteError::NotDone(Trouble::NotAuthorised { code }),
        _ => WriteError::Refused(Refusal::Other { code }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_refusal_has_its_meaning() {
        let unknown = |status| WriteError::Unknown(Trouble::ProviderFailed { status });
        let other = |code: &str| WriteError::Refused(Refusal::Other { code: code.to_owned() });
        let denied = |code: &str| WriteError::NotDone(Trouble::NotAuthorised { code: code.to_owned() });
        for (status, code, expected) in [
            (202, Some("USERPAYING"), unknown(202)),
            (302, None, unknown(302)),
            (400, Some("PARAM_ERROR"), other("PARAM_ERROR")),
            (400, Some("INVALID_REQUEST"), other("INVALID_REQUEST")),
            (400, Some("ORDER_CLOSED"), WriteError::Refused(Refusal::Closed)),
            (400, Some("ORDERPAID"), WriteError::Refused(Refusal::AlreadyPaid)),
            (400, None, unknown(400)),
            (401, Some("SIGN_ERROR"), denied("SIGN_ERROR")),
            (401, Some("NEVER_HEARD_OF"), denied("NEVER_HEARD_OF")),
            (403, Some("NOT_ENOUGH"), WriteError::NotDone(Trouble::OutOfFunds)),
            (403, Some("OUT_TRADE_NO_USED"), WriteError::Refused(Refusal::IdReused)),
            (403, Some("USER_ACCOUNT_ABNORMAL"), other("USER_ACCOUNT_ABNORMAL")),
            (404, Some("ORDER_NOT_EXIST"), WriteError::Refused(Refusal::Absent)),
            (429, None, WriteError::NotDone(Trouble::Busy)),
            (429, Some("FREQUENCY_LIMITED"), WriteError::NotDone(Trouble::Busy)),
            (403, Some("RATELIMIT_EXCEEDED"), WriteError::NotDone(Trouble::Busy)),
            (500, Some("SYSTEM_ERROR"), unknown(500)),
            (502, Some("NOT_ENOUGH"), unknown(502)),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(decide_failure(status, code.map(str::to_owned)), expected, "{status} {code:?}");
        }
    }

    #[test]
    fn only_a_word_of_theirs_is_a_reason() {
        assert_eq!(code_of(br#"{"code":"PARAM_ERROR","message":"x"}"#).as_deref(), Some("PARAM_ERROR"));
        for body in ["", "<html>", "{}", r#"{"code":1}"#, r#"{"code":""}"#, r#"{"code":"openid oUpF8"}"#] {
            assert_eq!(code_of(body.as_bytes()), None, "{body}");
        }
    }

    proptest! {
        /// The one mistake that costs money: to believe that nothing was done when something may have been.
        #[test]
        fn a_server_that_fell_over_is_never_believed_to_have_done_nothing(status in 500..600_u16, code in proptest::option::of("[A-Z_]{1,20}")) {
            let decided = decide_failure(StatusCode::from_u16(status).unwrap(), code);
            prop_assert_eq!(decided, WriteError::Unknown(Trouble::ProviderFailed { status }));
        }
    }
}
