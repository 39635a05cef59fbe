//! What must never be seen, and settings that are not in order.

use std::sync::Arc;

use huike_kernel::SystemClock;
use huike_payments::{
    PaymentProvider,
    testing::{API_V3_KEY, FakeWechat, Mischief, SystemRandom},
    wechat::{HOSTS, PlatformTrust, PublicKey, SettingsError, WechatPay, WechatSettings, own_tls},
};

use crate::{Stage, ask};

#[tokio::test]
async fn keys_payers_and_signatures_never_show_themselves() {
    let stage = Stage::new();
    let ask = ask(1, 100);
    let prompt = stage.pay.create(&ask).await.unwrap();
    stage.fake.next([Mischief::WrongSignature]);
    let error = stage.pay.create(&ask).await.unwrap_err();
    let shown = format!("{:?} {:?} {ask:?} {prompt:?} {error:?} {error}", stage.fake.settings(), stage.pay);
    let key = include_str!("../../src/testing/keys/merchant.key.pem").lines().nth(1).unwrap();
    for secret in [key, API_V3_KEY, "oUpF8", "PRIVATE KEY", "prepay_id"] {
        assert!(!shown.contains(secret), "{secret} shows in {shown}");
    }
}

#[test]
fn settings_that_are_not_in_order_are_refused_at_once() {
    let fake = FakeWechat::start(Arc::new(SystemClock));
    let good = fake.settings();
    let key = |id: &str, pem: &str| PlatformTrust {
        public_key: Some(PublicKey { id: id.to_owned(), pem: pem.to_owned() }),
        certificates: true,
    };
    let nobody = PlatformTrust { public_key: None, certificates: false };
    let pem = include_str!("../../src/testing/keys/public_key.pub.pem");
    for (settings, error) in [
        (WechatSettings { merchant_id: String::new(), ..good.clone() }, SettingsError::IdInvalid("merchant_id")),
        (
            WechatSettings { merchant_id: "1\",x=\"".to_owned(), ..good.clone() },
            SettingsError::IdInvalid("merchant_id"),
        ),
        (WechatSettings { app_id: "wx/../".to_owned(), ..good.clone() }, SettingsError::IdInvalid("app_id")),
        (
            WechatSettings { merchant_serial: "A\n".to_owned(), ..good.clone() },
            SettingsError::IdInvalid("merchant_serial"),
        ),
        (WechatSettings { merchant_key_pem: pem.into(), ..good.clone() }, SettingsError::MerchantKeyInvalid),
        (WechatSettings { api_v3_key: "short".into(), ..good.clone() }, SettingsError::ApiKeyInvalid),
        (WechatSettings { platform: key("PUB_KEY_ID_1", "nothing"), ..good.clone() }, SettingsError::PublicKeyInvalid),
        (WechatSettings { platform: key("", pem), ..good.clone() }, SettingsError::IdInvalid("public_key")),
        (WechatSettings { platform: nobody, ..good.clone() }, SettingsError::NobodyTrusted),
        (WechatSettings { hosts: vec![], ..good.clone() }, SettingsError::NoHost),
    ] {
        let made = WechatPay::new(&settings, own_tls().unwrap(), Arc::new(SystemClock), Arc::new(SystemRandom));
        assert_eq!(made.unwrap_err(), error);
    }
}

#[test]
fn wechat_pays_own_hosts_are_two_and_encrypted() {
    let hosts: Vec<String> = WechatSettings::own_hosts().iter().map(ToString::to_string).collect();
    assert_eq!(hosts, HOSTS);
}
