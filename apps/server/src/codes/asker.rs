//! Under whom wrong codes are counted.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use huike_coupons::codes::GuessSubject;
use huike_kernel::NodeId;

use crate::{
    api::{Describe, OperationDoc},
    extract::Principal,
    keys::KeyRing,
    problem::Problem,
    settings::Settings,
};

/// The header in which a client names the device it runs on.
const DEVICE_HEADER: &str = "huike-device";
/// The longest name of a device.
const DEVICE_LENGTH_MAX: usize = 200;

/// Whoever tries a code: from which address, on which device. Kept as keyed digests only.
#[derive(Debug, Clone)]
pub struct Asker {
    ip: Option<String>,
    device: Option<String>,
}

impl Asker {
    /// The subjects of a try that an account makes, and the store it makes it in.
    pub fn subjects(&self, account: &impl Principal, store: Option<NodeId>) -> Vec<(GuessSubject, String)> {
        let known = [
            (GuessSubject::Account, Some(account.principal())),
            (GuessSubject::Device, self.device.clone()),
            (GuessSubject::Ip, self.ip.clone()),
            (GuessSubject::Store, store.map(|store| store.to_string())),
        ];
        known.into_iter().filter_map(|(subject, who)| Some((subject, who?))).collect()
    }

    /// The address, for limits on those who have no account.
    pub fn address(&self) -> &str {
        self.ip.as_deref().unwrap_or("nowhere")
    }
}

impl FromRequest for Asker {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let (Some(keys), Some(settings)) = (request.app_data::<Data<KeyRing>>(), request.app_data::<Data<Settings>>())
        else {
            tracing::error!("the application has no keys or no settings");
            return ready(Err(Problem::internal()));
        };
        let device = request.headers().get(DEVICE_HEADER).map(|device| device.as_bytes());
        ready(Ok(Self {
            ip: settings.trusted_proxies.client(request).digest(keys),
            device: device
                .filter(|device| (1..=DEVICE_LENGTH_MAX).contains(&device.len()))
                .map(|device| keys.digest("device", device)),
        }))
    }
}

impl Describe for Asker {
    fn describe(doc: &mut OperationDoc) {
        doc.header(
            "Huike-Device",
            false,
            "The client's name for the device it runs on; wrong codes are counted under it.",
        );
        doc.refuses(&[429]);
    }
}
