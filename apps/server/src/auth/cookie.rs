//! The cookie of the panel.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use chrono::TimeDelta;

/// How the cookie is set. Over https it is bound to this very host; over plain http (development, or behind a proxy
/// that speaks https) a browser would refuse that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookiePolicy {
    secure: bool,
}

impl CookiePolicy {
    /// `secure` when customers and staff come over https.
    pub const fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// The cookie's name.
    pub const fn name(self) -> &'static str {
        if self.secure { "__Host-huike_session" } else { "huike_session" }
    }

    /// A cookie with the token.
    pub fn make(self, token: &str, lasts: TimeDelta) -> Cookie<'static> {
        Cookie::build(self.name(), token.to_owned())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .max_age(Duration::seconds(lasts.num_seconds()))
            .finish()
    }

    /// A cookie that takes the token away.
    pub fn remove(self) -> Cookie<'static> {
        self.make("", TimeDelta::zero())
    }
}
