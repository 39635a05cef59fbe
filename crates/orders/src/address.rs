//! Addresses that stand in the catalogue for others to open.

use url::Url;

/// The most characters of an address.
const ADDRESS_CHARS_MAX: usize = 500;

/// The house never loads what an address names; it is for the screens of others. So it must be one that is safe to put into
/// a page: https, a host with a name, no password.
pub(crate) fn is_sound_address(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    text.len() <= ADDRESS_CHARS_MAX
        && !text.chars().any(|c| c.is_control() || c.is_whitespace() || "\"'<>\\".contains(c))
        && text.starts_with("https://")
        && url.host_str().is_some_and(|host| host.contains('.'))
        && url.username().is_empty()
        && url.password().is_none()
}
